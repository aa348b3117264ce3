"""Employers and their vacancies (domain sheet 2.6, 2.7)."""

from datetime import date, datetime
from typing import Any, ClassVar

from pydantic import field_validator, model_validator
from sqlmodel import Field

from app.models.base import Draft, FieldError, Record, code_field, codes_field, json_field, ref_field, text_field
from app.models.identity import check_uscc
from app.texts import _


class EmployerDraft(Draft):
    """用人单位. One that an import knows by name only has no credit code and stays 待核验."""

    REQUIRED: ClassVar[frozenset[str]] = frozenset(
        {
            "uscc",
            "name",
            "employer_kind",
            "industry",
            "legal_rep",
            "reg_addr",
            "work_addr",
            "contact",
            "phone",
            "licence_valid_to",
        }
        | {"agent_name"}
    )

    uscc: str | None = text_field(18, index=True)
    name: str = Field(max_length=100, index=True)
    employer_kind: str | None = code_field("EMPLOYER_TYPE")
    industry: str | None = code_field("GB4754")
    size: str | None = code_field("SIZE")
    legal_rep: str | None = text_field(50)
    reg_addr: str | None = text_field(200)
    work_addr: str | None = text_field(200)
    geo: dict[str, Any] | None = json_field(default=None)
    contact: str | None = text_field(50)
    phone: str | None = text_field(30)
    licence_valid_to: date | None = Field(default=None)
    agent_name: str | None = text_field(50)
    agent_id_tail: str | None = text_field(4)
    agent_checked: bool = Field(default=False)
    hr_licence_no: str | None = text_field(40)
    dispatch_licence_no: str | None = text_field(40)
    verify_state: str = code_field("VERIFY_STATE", default="10", index=True)
    verified_by: str | None = text_field(36)
    verified_at: datetime | None = Field(default=None)
    credit_flag: str | None = text_field(10)
    si_opened: bool | None = Field(default=None)
    review_due: date | None = Field(default=None)
    name_key: str | None = text_field(100, index=True)

    @field_validator("uscc", mode="before")
    @classmethod
    def _uscc(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        checked = check_uscc(value)
        if checked.error:
            raise ValueError(checked.text)
        return checked.number


class Employer(EmployerDraft, Record, table=True):
    """An employer's row."""

    __tablename__ = "employer"


class VacancyDraft(Draft):
    """招聘登记, with the six elements of 人力资源市场暂行条例 24.

    Deliberately absent: sex, marriage, ethnicity, religion, hukou, age limits, height, weight, sight. What an imported
    text says of them is kept apart in ``legacy_note``, never indexed, never matched on. Pay is in fen per ``pay_unit``.
    """

    REQUIRED: ClassVar[frozenset[str]] = frozenset(
        {
            "employer_id",
            "title",
            "trade",
            "openings",
            "work_form",
            "contract_type",
            "duty",
            "work_place",
            "region",
            "pay_unit",
        }
        | {"pay_min", "pay_max", "hours_day", "days_week", "shift", "si_items", "edu_min", "open_from", "open_to"}
    )

    employer_id: str = ref_field(default=...)
    end_user_id: str | None = ref_field(index=False)
    source: str | None = code_field("VACANCY_SOURCE")
    title: str = Field(max_length=60)
    trade: str | None = text_field(16, index=True)
    trade_confidence: float | None = Field(default=None, ge=0, le=1)
    openings: int | None = Field(default=None, ge=1, le=99999)
    remaining: int | None = Field(default=None, ge=0)
    work_form: str | None = code_field("WORK_FORM")
    contract_type: str | None = code_field("CONTRACT")
    contract_months: int | None = Field(default=None, ge=1, le=600)
    duty: str | None = text_field(4000)
    work_place: str | None = text_field(200)
    region: str | None = text_field(12)
    geo: dict[str, Any] | None = json_field(default=None)
    pay_unit: str | None = code_field("PAY_UNIT")
    pay_min: int | None = Field(default=None, ge=0)
    pay_max: int | None = Field(default=None, ge=0)
    base_pay: int | None = Field(default=None, ge=0)
    pay_note: str | None = text_field(200)
    pay_day: int | None = Field(default=None, ge=1, le=31)
    probation_months: int | None = Field(default=None, ge=0, le=6)
    probation_pay: int | None = Field(default=None, ge=0)
    hours_day: float | None = Field(default=None, ge=0, le=24)
    days_week: float | None = Field(default=None, ge=0, le=7)
    shift: list[str] = codes_field("SHIFT")
    si_items: list[str] = codes_field("SI_ITEM")
    board: str | None = code_field("BOARD")
    edu_min: str | None = text_field(4)
    edu_mandatory: bool = Field(default=False)
    skill_level_min: str | None = code_field("SKILL")
    certs_required: list[Any] = json_field()
    exp_years_min: int | None = Field(default=None, ge=0, le=60)
    other_cond: str | None = text_field(2000)
    minor_ok: bool = Field(default=False)
    forbidden_for_women: str | None = code_field("FORBIDDEN_WOMEN")
    friendly_tags: list[str] = codes_field("FRIENDLY_TAG")
    open_from: date | None = Field(default=None)
    open_to: date | None = Field(default=None)
    review_state: str = code_field("REVIEW", default="20", index=True)
    review_hits: list[Any] = json_field()
    reviewed_by: str | None = text_field(36)
    reviewed_at: datetime | None = Field(default=None)
    published_at: datetime | None = Field(default=None)
    legacy_note: str | None = text_field(2000)
    source_key: str | None = text_field(64, index=True)
    last_referred_at: datetime | None = Field(default=None)

    @model_validator(mode="after")
    def _rules(self) -> "VacancyDraft":
        if self.pay_min is not None and self.pay_max is not None and self.pay_min > self.pay_max:
            raise FieldError("pay_min", _("薪酬下限高于上限"))
        if self.open_from and self.open_to and self.open_to < self.open_from:
            raise FieldError("open_to", _("截止日期早于开始日期"))
        return self


class Vacancy(VacancyDraft, Record, table=True):
    """A vacancy's row."""

    __tablename__ = "vacancy"
