"""Jobseeker and unemployment registrations, and the history of employment status (domain sheet 2.2, 2.3, 2.1)."""

from datetime import date, datetime
from typing import Any, ClassVar

from pydantic import model_validator
from sqlmodel import Field

from app.models.base import Draft, FieldError, Record, code_field, codes_field, json_field, ref_field, text_field
from app.models.codes import code_list
from app.texts import _


class RegistrationDraft(Draft):
    """求职登记: one active per person, valid for a time that the district sets, renewable.

    Shapes: ``skills`` [{trade, level, years, note}]; ``certs`` [{type, name, level, no, issued_on, valid_to}];
    ``intents`` [{trade, wage_min (fen a month), form, region, text}], one to three; ``resume`` [{from, to, org, post}];
    ``exclude`` {trades: [], employers: []}.
    """

    REQUIRED: ClassVar[frozenset[str]] = frozenset(
        {
            "resident_id",
            "reg_date",
            "valid_until",
            "person_class",
            "intents",
            "accept_shift",
            "max_commute_km",
            "commute_mode",
        }
        | {"accept_gig", "accept_training", "accept_internship", "accept_pwpost", "publish_consent"}
        | {"guidance_need", "training_need", "startup_need"}
    )

    resident_id: str = ref_field(default=...)
    reg_date: date = Field()
    valid_until: date | None = Field(default=None)
    person_class: str | None = code_field("SEEKER_CLASS")
    work_years: int | None = Field(default=None, ge=0, le=60)
    skills: list[Any] = json_field()
    certs: list[Any] = json_field()
    drive_licence: list[Any] = json_field()
    intents: list[Any] = json_field()
    accept_shift: list[str] = codes_field("SHIFT")
    max_commute_km: float | None = Field(default=None, ge=0, le=200)
    commute_mode: str | None = code_field("COMMUTE_MODE")
    available_from: date | None = Field(default=None)
    accept_gig: bool | None = Field(default=None)
    accept_training: bool | None = Field(default=None)
    accept_internship: bool | None = Field(default=None)
    accept_pwpost: bool | None = Field(default=None)
    board_need: str | None = code_field("BOARD")
    exclude_trades: list[Any] = json_field()
    exclude_employers: list[Any] = json_field()
    constraints: list[str] = codes_field("CONSTRAINT")
    resume: list[Any] = json_field()
    guidance_need: bool | None = Field(default=None)
    training_need: bool | None = Field(default=None)
    startup_need: bool | None = Field(default=None)
    publish_consent: bool | None = Field(default=None)
    status: str = code_field("REG_STATUS", default="10", index=True)

    @model_validator(mode="after")
    def _rules(self) -> "RegistrationDraft":
        if len(self.intents) > 3:
            raise FieldError("intents", _("求职愿望最多 3 个"))
        if len(self.skills) > 6:
            raise FieldError("skills", _("专业技能最多 6 项"))
        for intent in self.intents:
            if not isinstance(intent, dict) or not (intent.get("trade") or intent.get("text")):
                raise FieldError("intents", _("求职愿望要写想做的工种"))
            wage = intent.get("wage_min")
            if wage is not None and (not isinstance(wage, int) or wage < 0):
                raise FieldError("intents", _("月薪要求填数字"))
        if self.valid_until is not None and self.valid_until < self.reg_date:
            raise FieldError("valid_until", _("有效期不能早于登记日期"))
        return self


class Registration(RegistrationDraft, Record, table=True):
    """A jobseeker registration's row."""

    __tablename__ = "registration"


class UnempRegDraft(Draft):
    """失业登记 (就业服务与就业管理规定 61-66): at the place of residence, hukou, insurance or work.

    ``leave_proof_type`` or a signed pledge: registration is finished on the spot either way (domain sheet 5.2).
    """

    REQUIRED: ClassVar[frozenset[str]] = frozenset(
        {"resident_id", "reg_place_basis", "unemp_date", "reg_date", "reg_scope", "unemp_reason"}
    )

    resident_id: str = ref_field(default=...)
    reg_place_basis: str | None = code_field("REG_PLACE_BASIS")
    unemp_date: date = Field()
    reg_date: date = Field()
    reg_scope: str | None = code_field("UNEMP_SCOPE")
    unemp_reason: str | None = code_field("UNEMP_REASON")
    involuntary: bool | None = Field(default=None)
    last_employer: str | None = text_field(100)
    last_uscc: str | None = text_field(18)
    last_trade: str | None = text_field(16)
    last_wage: int | None = Field(default=None, ge=0)
    leave_proof_type: str | None = code_field("LEAVE_PROOF")
    leave_proof_no: str | None = text_field(40)
    si_months: int | None = Field(default=None, ge=0, le=720)
    apply_benefit: bool | None = Field(default=None)
    pledge_signed: bool = Field(default=False)
    dereg_date: date | None = Field(default=None)
    dereg_reason: str | None = code_field("DEREG")
    dereg_evidence: dict[str, Any] | None = json_field(default=None)

    @model_validator(mode="after")
    def _rules(self) -> "UnempRegDraft":
        if self.unemp_date > self.reg_date:
            raise FieldError("unemp_date", _("失业日期不能晚于登记日期"))
        if self.dereg_date is not None and self.dereg_date < self.reg_date:
            raise FieldError("dereg_date", _("注销日期不能早于登记日期"))
        if self.dereg_date is not None and not self.dereg_reason:
            raise FieldError("dereg_reason", _("注销要写原因"))
        if self.reg_scope == "2":
            if not self.last_employer:
                raise FieldError("last_employer", _("从单位失业的，要写失业前单位"))
            if not self.leave_proof_type and not self.pledge_signed:
                raise FieldError("leave_proof_type", _("没有离职证明的，请本人签承诺书"))
        reason = code_list("UNEMP_REASON").get(self.unemp_reason or "")
        if reason is not None and self.involuntary is None and reason.extra.get("involuntary") in ("Y", "N"):
            self.__dict__["involuntary"] = reason.extra["involuntary"] == "Y"
            self.__pydantic_fields_set__.add("involuntary")
        return self


class UnempReg(UnempRegDraft, Record, table=True):
    """An unemployment registration's row."""

    __tablename__ = "unemp_reg"


class EmpStatusDraft(Draft):
    """One change of a person's employment status: from, to, since when, on what evidence. Append-only."""

    REQUIRED: ClassVar[frozenset[str]] = frozenset({"resident_id", "to_status", "since", "source"})

    resident_id: str = ref_field(default=...)
    from_status: str | None = code_field("EMP_STATUS")
    to_status: str = code_field("EMP_STATUS", default=...)
    since: date = Field()
    source: str | None = text_field(40)
    evidence: str | None = text_field(200)


class EmpStatus(EmpStatusDraft, Record, table=True):
    """An employment-status change's row."""

    __tablename__ = "emp_status"


class ServiceEventDraft(Draft):
    """Something that was looked at or done and must leave a trace: a reveal, an export, a sign-in reset. Append-only.

    ``kind`` is an act name; ``subject_type`` and ``subject_id`` say whose record, ``detail`` what of it.
    """

    REQUIRED: ClassVar[frozenset[str]] = frozenset({"kind", "happened_at"})

    kind: str = Field(max_length=40)
    happened_at: datetime = Field()
    subject_type: str | None = text_field(40)
    subject_id: str | None = ref_field()
    detail: str | None = text_field(200)
    why: str | None = text_field(100)


class ServiceEvent(ServiceEventDraft, Record, table=True):
    """A trace's row."""

    __tablename__ = "service_event"
