"""Visits to residents and the follow-ups of what was done for them (domain sheet 2.5, 2.10)."""

from datetime import date, datetime
from typing import Any, ClassVar

from pydantic import model_validator
from sqlmodel import Field

from app import clock
from app.models.base import Draft, FieldError, Record, code_field, codes_field, json_field, ref_field, text_field
from app.texts import _

MET, MET_WITH_NEEDS, FAMILY_ANSWERED, REACHED_BY_PHONE = "01", "02", "03", "08"
"""Outcomes of a visit (VISIT_OUTCOME) in which somebody spoke for the person."""
ANSWERED = frozenset({MET, MET_WITH_NEEDS, FAMILY_ANSWERED})
"""Outcomes that tell how she is placed: her employment status and wish are asked for."""
SPOKEN_TO = frozenset({MET, MET_WITH_NEEDS, REACHED_BY_PHONE})
"""Outcomes in which she herself was spoken to: these count as contact."""

JOBSEEKER, IN_JOB, EMPLOYER, TRAINEE, INTERN, PW_POST, GIG_EMPLOYER = "1", "2", "3", "4", "5", "6", "7"
"""Who is followed up (FU_TARGET)."""
EMPLOYERS = frozenset({EMPLOYER, GIG_EMPLOYER})
WORKING = frozenset({IN_JOB, PW_POST})
"""Targets of whom a follow-up asks whether they are still in the job."""

LEFT, UNREACHABLE = "3", "8"
"""Results of a follow-up (FU_RESULT) that code asks for."""


class VisitDraft(Draft):
    """走访记录: one visit to one person, at her door or otherwise.

    ``resident_id`` is whose state is written down, ``also_met`` the ids of others of the household to whom the same was
    said. ``visitors``: staff ids, one or more. ``policies``: ids of policy cards. ``visited_at`` and ``entered_at``
    differ where a paper was keyed in later (补录); ``late_why`` says why it came late.
    """

    REQUIRED: ClassVar[frozenset[str]] = frozenset(
        {"resident_id", "visit_type", "visited_at", "entered_at", "visitors", "contact_way", "outcome"}
    )

    resident_id: str = ref_field(default=...)
    household_id: str | None = ref_field()
    also_met: list[Any] = json_field()
    visit_type: str = code_field("VISIT_TYPE", default=...)
    visited_at: datetime = Field(index=True)
    entered_at: datetime = Field()
    late_why: str | None = text_field(200)
    visitors: list[Any] = json_field()
    contact_way: str | None = code_field("VISIT_WAY")
    outcome: str = code_field("VISIT_OUTCOME", default=...)
    emp_status_found: str | None = code_field("EMP_STATUS")
    job_wish: str | None = code_field("JOB_WISH")
    needs: list[str] = codes_field("NEED")
    needs_text: str | None = text_field(200)
    policies: list[Any] = json_field()
    services: list[str] = codes_field("SERVICE")
    next_action: str | None = code_field("NEXT_ACTION")
    next_on: date | None = Field(default=None)
    narrative: str | None = text_field(1000)

    @model_validator(mode="after")
    def _rules(self) -> "VisitDraft":
        check_happened("visited_at", self.visited_at, self.entered_at)
        check_ids("visitors", self.visitors, _("走访人员填得不对"))
        check_ids("also_met", self.also_met, _("同时见到的人填得不对"))
        check_ids("policies", self.policies, _("已宣介政策填得不对"))
        if self.outcome in ANSWERED and not self.emp_status_found:
            raise FieldError("emp_status_found", _("见到本人或家属代答的，要写现在的就业状态"))
        if self.outcome == MET_WITH_NEEDS and not (self.needs or self.needs_text):
            raise FieldError("needs", _("有需求的，要写是什么需求"))
        if self.outcome == MET_WITH_NEEDS and not self.next_action:
            raise FieldError("next_action", _("有需求的，要写接下来做什么"))
        if self.outcome == MET_WITH_NEEDS and self.next_on is None:
            raise FieldError("next_on", _("有需求的，要写哪天再办"))
        check_next("next_on", self.next_on, self.visited_at)
        return self


class Visit(VisitDraft, Record, table=True):
    """A visit's row."""

    __tablename__ = "visit"


class FollowupDraft(Draft):
    """回访记录: what became of somebody, asked on a day the district sets or somebody promised.

    ``origin_kind`` and ``origin_id``: the record it belongs to. ``due_on``: the day it was due; one record for one due
    day, however often it was tried. ``tried_on``: days (ISO) on which nobody was reached, ``attempts`` all tries.
    ``reached`` false without ``result``: still to be tried; ``done_at`` is then the last try. ``contract_signed``,
    ``si_paid``, ``wage_paid_ok``: empty where she does not know.
    """

    REQUIRED: ClassVar[frozenset[str]] = frozenset(
        {"target_kind", "origin_kind", "origin_id", "due_on", "done_at", "entered_at", "way", "reached", "attempts"}
    )

    target_kind: str = code_field("FU_TARGET", default=...)
    resident_id: str | None = ref_field()
    employer_id: str | None = ref_field()
    origin_kind: str = code_field("FU_ORIGIN", default=...)
    origin_id: str = ref_field(default=...)
    due_on: date = Field(index=True)
    done_at: datetime = Field(index=True)
    entered_at: datetime = Field()
    late_why: str | None = text_field(200)
    way: str | None = code_field("FU_WAY")
    reached: bool = Field()
    attempts: int = Field(ge=1, le=99)
    tried_on: list[Any] = json_field()
    still_employed: bool | None = Field(default=None)
    contract_signed: bool | None = Field(default=None)
    si_paid: bool | None = Field(default=None)
    wage_paid_ok: bool | None = Field(default=None)
    left_on: date | None = Field(default=None)
    left_why: str | None = text_field(100)
    difficulty: str | None = text_field(200)
    needs: list[str] = codes_field("NEED")
    satisfaction: int | None = Field(default=None, ge=1, le=5)
    result: str | None = code_field("FU_RESULT", index=True)
    next_on: date | None = Field(default=None)

    @model_validator(mode="after")
    def _rules(self) -> "FollowupDraft":
        check_happened("done_at", self.done_at, self.entered_at)
        if self.target_kind in EMPLOYERS and not self.employer_id:
            raise FieldError("employer_id", _("要说回访哪家单位"))
        if self.target_kind not in EMPLOYERS and not self.resident_id:
            raise FieldError("resident_id", _("要说回访谁"))
        check_ids("tried_on", self.tried_on, _("没联系上的日子填得不对"))
        if self.reached:
            self._check_reached()
        elif self.result not in (None, UNREACHABLE):
            raise FieldError("result", _("没联系上的，结果只能是“无法联系”，或者先不填"))
        last = max(self.due_on, clock.to_local(self.done_at).date())
        if self.next_on is not None and self.next_on <= last:
            raise FieldError("next_on", _("下次回访要在这一次之后"))
        return self

    def _check_reached(self) -> None:
        if not self.result or self.result == UNREACHABLE:
            raise FieldError("result", _("联系上了要选结果"))
        if self.target_kind in WORKING and self.still_employed is None:
            raise FieldError("still_employed", _("要问还在不在岗"))
        if self.still_employed is False:
            if self.left_on is None:
                raise FieldError("left_on", _("不在岗了要写离岗日期"))
            if not self.left_why:
                raise FieldError("left_why", _("不在岗了要写为什么"))
        if self.left_on is not None and self.left_on > clock.to_local(self.done_at).date():
            raise FieldError("left_on", _("离岗日期晚于回访那天"))


class Followup(FollowupDraft, Record, table=True):
    """A follow-up's row."""

    __tablename__ = "followup"


def check_happened(field: str, moment: datetime, entered_at: datetime) -> None:
    """Refuse what is said to have happened after it was entered: both are of the same counter's clock."""
    if moment > entered_at:
        raise FieldError(field, _("时间在将来，请改成实际的日期和时间"))


def check_ids(field: str, ids: list[Any], text: str) -> None:
    """Refuse a list that holds anything but short texts."""
    if not all(isinstance(each, str) and 0 < len(each) <= 60 for each in ids):
        raise FieldError(field, text)


def check_next(field: str, day: date | None, moment: datetime) -> None:
    """Refuse a promised day that lies before what it was promised in."""
    if day is not None and day < clock.to_local(moment).date():
        raise FieldError(field, _("下次的日期早于这一次"))
