"""Career guidance and policy introductions: what was said to a person (domain sheet 2.9, 2.11)."""

from datetime import date, datetime
from typing import Any, ClassVar

from pydantic import model_validator
from sqlmodel import Field

from app.models.base import Draft, FieldError, Record, code_field, codes_field, json_field, ref_field, text_field
from app.models.visit import check_happened, check_ids, check_next
from app.texts import _

MOST_PLAN_ITEMS = 6


class GuidanceDraft(Draft):
    """职业指导记录. ``counsellor_id``: a staff id. ``plan_items`` [{what, by: "2026-12-20" or absent}]."""

    REQUIRED: ClassVar[frozenset[str]] = frozenset(
        {"resident_id", "guided_at", "entered_at", "counsellor_id", "form", "topics", "problem", "advice"}
        | {"duration_min"}
    )

    resident_id: str = ref_field(default=...)
    guided_at: datetime = Field(index=True)
    entered_at: datetime = Field()
    late_why: str | None = text_field(200)
    counsellor_id: str | None = ref_field(index=False)
    form: str | None = code_field("GUIDE_FORM")
    topics: list[str] = codes_field("GUIDE_TOPIC")
    assessment_tool: str | None = text_field(60)
    assessment_result: str | None = text_field(200)
    problem: str | None = text_field(500)
    advice: str | None = text_field(1000)
    plan_items: list[Any] = json_field()
    duration_min: int | None = Field(default=None, ge=10, le=240)
    next_on: date | None = Field(default=None)
    satisfaction: int | None = Field(default=None, ge=1, le=5)
    signed: bool | None = Field(default=None)

    @model_validator(mode="after")
    def _rules(self) -> "GuidanceDraft":
        check_happened("guided_at", self.guided_at, self.entered_at)
        if len(self.plan_items) > MOST_PLAN_ITEMS:
            raise FieldError("plan_items", _("就业计划最多 {n} 项", n=MOST_PLAN_ITEMS))
        for item in self.plan_items:
            if not _is_plan(item):
                raise FieldError("plan_items", _("就业计划每项要写做什么，日期按 年-月-日"))
        if self.assessment_result and not self.assessment_tool:
            raise FieldError("assessment_tool", _("写了测评结果，要写用的什么测评"))
        check_next("next_on", self.next_on, self.guided_at)
        return self


def _is_plan(item: Any) -> bool:
    if not isinstance(item, dict) or not isinstance(item.get("what"), str) or not 0 < len(item["what"].strip()) <= 100:
        return False
    by = item.get("by")
    if by is None:
        return True
    try:
        return isinstance(by, str) and len(by) == 10 and date.fromisoformat(by).year >= 2000
    except ValueError:
        return False


class Guidance(GuidanceDraft, Record, table=True):
    """A guidance's row."""

    __tablename__ = "guidance"


class PolicyIntroDraft(Draft):
    """政策宣介: which policy cards were explained to whom, by whom, how. ``policies``: ids of cards."""

    REQUIRED: ClassVar[frozenset[str]] = frozenset(
        {"resident_id", "told_at", "entered_at", "told_by", "way", "policies", "understood", "interested"}
    )

    resident_id: str = ref_field(default=...)
    told_at: datetime = Field(index=True)
    entered_at: datetime = Field()
    late_why: str | None = text_field(200)
    told_by: str | None = ref_field(index=False)
    way: str | None = code_field("INTRO_WAY")
    policies: list[Any] = json_field()
    understood: bool | None = Field(default=None)
    interested: bool | None = Field(default=None)
    next_on: date | None = Field(default=None)
    note: str | None = text_field(200)

    @model_validator(mode="after")
    def _rules(self) -> "PolicyIntroDraft":
        check_happened("told_at", self.told_at, self.entered_at)
        check_ids("policies", self.policies, _("政策填得不对，请从清单里选"))
        check_next("next_on", self.next_on, self.told_at)
        return self


class PolicyIntro(PolicyIntroDraft, Record, table=True):
    """A policy introduction's row."""

    __tablename__ = "policy_intro"
