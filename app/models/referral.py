"""Referrals, their outcome, and the prints of their slips (domain sheet 2.8)."""

from datetime import date, datetime
from typing import Any, ClassVar

from pydantic import model_validator
from sqlmodel import Field

from app.models.base import Draft, FieldError, Record, code_field, json_field, ref_field, text_field
from app.texts import _


class ReferralDraft(Draft):
    """岗位推荐. ``consent_share``: the person agreed to this employer being told (PIPL 23).

    ``print_sex`` and ``print_phone``: on the letter only if the person agrees. ``wage_agreed`` is fen a month.
    ``place``: whether one of the vacancy's places is hers or she waits for one, in the district's order; it alone
    writes it, and until it did the field is empty.
    """

    REQUIRED: ClassVar[frozenset[str]] = frozenset(
        {
            "slip_no",
            "resident_id",
            "registration_id",
            "vacancy_id",
            "referral_mode",
            "issued_at",
            "issued_by",
            "valid_until",
        }
        | {"consent_share"}
    )

    slip_no: str = Field(max_length=24, index=True)
    resident_id: str = ref_field(default=...)
    registration_id: str | None = ref_field()
    vacancy_id: str = ref_field(default=...)
    match_score: float | None = Field(default=None, ge=0, le=105)
    match_reasons: list[Any] = json_field()
    weights_version: str | None = text_field(20)
    referral_mode: str | None = code_field("REFERRAL_MODE")
    issued_at: datetime = Field()
    issued_by: str | None = text_field(36)
    valid_until: date = Field()
    interview_at: datetime | None = Field(default=None)
    interview_place: str | None = text_field(100)
    consent_share: bool = Field(default=False)
    print_sex: bool = Field(default=False)
    print_phone: bool = Field(default=False)
    state: str = code_field("REF_STATE", default="10", index=True)
    void_reason: str | None = code_field("VOID_REASON")
    outcome: str | None = code_field("REF_OUTCOME")
    outcome_reason: str | None = code_field("REF_FAIL")
    reply_at: datetime | None = Field(default=None)
    reply_way: str | None = code_field("REPLY_WAY")
    reply_by: str | None = text_field(50)
    onboard_date: date | None = Field(default=None)
    contract_type: str | None = code_field("CONTRACT")
    contract_months: int | None = Field(default=None, ge=1, le=600)
    wage_agreed: int | None = Field(default=None, ge=0)
    si_from: str | None = text_field(7)
    trial_until: date | None = Field(default=None)
    place: str | None = code_field("PLACE")

    @model_validator(mode="after")
    def _rules(self) -> "ReferralDraft":
        if self.outcome == "1" and self.onboard_date is None:
            raise FieldError("onboard_date", _("录用了要写上岗日期"))
        if self.outcome in ("3", "4", "5", "6") and not self.outcome_reason:
            raise FieldError("outcome_reason", _("没录用要选原因"))
        return self


class Referral(ReferralDraft, Record, table=True):
    """A referral's row."""

    __tablename__ = "referral"


class SlipPrintDraft(Draft):
    """One print of a slip: the first is the original, later ones are copies with who and why. Append-only."""

    REQUIRED: ClassVar[frozenset[str]] = frozenset({"referral_id", "copy_no", "printed_at", "way"})

    referral_id: str = ref_field(default=...)
    copy_no: int = Field(ge=0)
    printed_at: datetime = Field()
    printed_by: str | None = text_field(36)
    why: str | None = code_field("REPRINT_REASON")
    paper: str | None = text_field(4)
    way: str | None = text_field(20)
    pdf_sha256: str | None = text_field(64)


class SlipPrint(SlipPrintDraft, Record, table=True):
    """A slip print's row."""

    __tablename__ = "slip_print"
