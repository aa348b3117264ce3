"""Residents, their households and their consents (domain sheet 2.1, 2.4, 8.1)."""

from datetime import date, datetime
from typing import Any, ClassVar

from pydantic import field_validator, model_validator
from sqlmodel import Field

from app import clock
from app.models.base import Draft, FieldError, Record, code_field, codes_field, json_field, ref_field, text_field
from app.models.identity import check_id_no, check_pwd_cert, normalise_id
from app.models.names import check_name, normalise_name
from app.models.phones import check_mobile
from app.texts import _


class ResidentDraft(Draft):
    """居民基本信息. The ID number is checked by its type; sex and birth date follow from it.

    A female's retirement base (50 or 55) is data, not derivable (domain sheet 4.8).
    """

    REQUIRED: ClassVar[frozenset[str]] = frozenset(
        {
            "name",
            "id_type",
            "id_no",
            "sex",
            "birth_date",
            "edu_level",
            "hukou_region",
            "live_region",
            "mobile",
            "emp_status",
        }
    )

    DERIVED: ClassVar[frozenset[str]] = frozenset({"sex", "birth_date"})

    name: str = Field(max_length=50, index=True)
    id_type: str = code_field("ID_TYPE", default="01")
    id_no: str = Field(max_length=20, index=True)
    sex: str | None = code_field("SEX")
    birth_date: date | None = Field(default=None)
    ethnic: str | None = code_field("ETHNIC")
    edu_level: str | None = code_field("EDU")
    school: str | None = text_field(60)
    graduate_date: date | None = Field(default=None)
    major: str | None = text_field(60)
    politic: str | None = code_field("POLITIC")
    marital: str | None = code_field("MARITAL")
    health: str | None = code_field("HEALTH")
    pwd_cert_no: str | None = text_field(24)
    pwd_type: str | None = code_field("PWD_TYPE")
    pwd_level: str | None = code_field("PWD_LEVEL")
    hukou_type: str | None = code_field("HUKOU")
    hukou_region: str | None = text_field(12)
    hukou_addr: str | None = text_field(100)
    live_region: str | None = text_field(12)
    live_addr: str | None = text_field(100)
    grid_code: str | None = text_field(16)
    residence_permit_no: str | None = text_field(30)
    mobile: str | None = text_field(11, index=True)
    contact2_name: str | None = text_field(50)
    contact2_phone: str | None = text_field(20)
    contact2_relation: str | None = code_field("KIN")
    household_id: str | None = ref_field()
    emp_status: str | None = code_field("EMP_STATUS")
    priority_groups: list[Any] = json_field()
    female_retire_base: str | None = text_field(2)
    ss_card_no: str | None = text_field(9)
    bank_account: str | None = text_field(19)
    geo: dict[str, Any] | None = json_field(default=None)
    consent_id: str | None = ref_field(index=False)
    mismatch_confirmed: bool = Field(default=False)

    @field_validator("name", mode="before")
    @classmethod
    def _name(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        if problem := check_name(value):
            raise ValueError(problem)
        return normalise_name(value)

    @field_validator("id_no", mode="before")
    @classmethod
    def _id_no(cls, value: Any) -> Any:
        return normalise_id(value) if isinstance(value, str) else value

    @field_validator("mobile", mode="before")
    @classmethod
    def _mobile(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        checked = check_mobile(value)
        if checked.text:
            raise ValueError(checked.text)
        return checked.number

    @model_validator(mode="after")
    def _identity(self) -> "ResidentDraft":
        checked = check_id_no(self.id_type, self.id_no, today=clock.today())
        if checked.error:
            raise FieldError("id_no", checked.text)
        # Table classes validate too: set without triggering validation again.
        self.__dict__["id_no"] = checked.number
        for name, derived in (("sex", checked.sex), ("birth_date", checked.birth_on)):
            given = getattr(self, name)
            if derived is None:
                continue
            if given is None:
                self.__dict__[name] = derived
                self.__pydantic_fields_set__.add(name)
            elif given != derived and not self.mismatch_confirmed:
                raise FieldError(name, _("和证件号码带出的不一样，请核对证件；确实如此就勾选“已核对”"))
        if self.female_retire_base not in (None, "50", "55"):
            raise FieldError("female_retire_base", _("退休起算年龄只有 50 或 55"))
        if self.pwd_cert_no and (problem := check_pwd_cert(self.pwd_cert_no, self.id_no)):
            raise FieldError("pwd_cert_no", problem)
        return self


class Resident(ResidentDraft, Record, table=True):
    """A resident's row."""

    __tablename__ = "resident"


class ConsentDraft(Draft):
    """告知同意: which text in which version the person was told, agreed to or withdrew (PIPL 14-17, 23, 29)."""

    REQUIRED: ClassVar[frozenset[str]] = frozenset({"kind", "text_version", "agreed", "told_at"})

    resident_id: str = ref_field(default=...)
    kind: str = code_field("CONSENT_KIND", default=...)
    text_version: str = Field(max_length=20)
    agreed: bool = Field()
    told_at: datetime = Field()
    way: str | None = text_field(20)
    scope: list[Any] = json_field()
    withdrawn_at: datetime | None = Field(default=None)


class Consent(ConsentDraft, Record, table=True):
    """A consent's row."""

    __tablename__ = "consent"


class HouseholdDraft(Draft):
    """家庭, at the level of an address (domain sheet 2.4). Children under 14: counts, no names (PIPL 28)."""

    REQUIRED: ClassVar[frozenset[str]] = frozenset({"house_no", "building", "hukou_household", "has_business_income"})

    house_no: str = Field(max_length=30)
    building: str = Field(max_length=60)
    community: str | None = text_field(40)
    head_name: str | None = text_field(50)
    hukou_household: bool | None = Field(default=None)
    has_business_income: bool | None = Field(default=None)
    dibao_type: str | None = text_field(2)
    needs: list[str] = codes_field("NEED")
    children_under_3: int = Field(default=0, ge=0, le=20)
    children_3_to_6: int = Field(default=0, ge=0, le=20)
    children_7_to_13: int = Field(default=0, ge=0, le=20)


class Household(HouseholdDraft, Record, table=True):
    """A household's row."""

    __tablename__ = "household"


class HouseholdMemberDraft(Draft):
    """A member of a household: a resident with a file, or a name only."""

    REQUIRED: ClassVar[frozenset[str]] = frozenset({"household_id", "relation", "able", "willing", "status_at_check"})

    household_id: str = ref_field(default=...)
    resident_id: str | None = ref_field()
    name: str | None = text_field(50)
    relation: str | None = code_field("KIN")
    able: bool | None = Field(default=None)
    willing: bool | None = Field(default=None)
    status_at_check: str | None = code_field("EMP_STATUS")


class HouseholdMember(HouseholdMemberDraft, Record, table=True):
    """A household member's row."""

    __tablename__ = "household_member"
