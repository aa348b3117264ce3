"""Attendance marks and assessments: what a trainer writes. Append-only, so nobody's mark is ever lost or asked about.

Of several marks of one person in one lesson the latest operation stands, in the district's order (ADR 0007).
"""

from datetime import date, datetime
from typing import Any, ClassVar

from pydantic import model_validator
from sqlmodel import Field

from app.models.base import Draft, FieldError, Record, code_field, ref_field, text_field
from app.texts import _

PRESENT, LATE, EARLY, ON_LEAVE, ABSENT = "1", "2", "3", "4", "0"
COUNTED = frozenset({PRESENT, LATE, EARLY})
AT_LESSON, KEYED_IN, MADE_UP, CORRECTED = "1", "2", "3", "4"
"""How a mark was entered (ATTEND_ENTRY)."""


class AttendanceDraft(Draft):
    """考勤: one mark of one person in one lesson.

    ``minutes``: late or left early. ``signed_on`` and ``signed_at``: the true day and hour of the sign-in (HH:MM), also
    where the mark is keyed in later. ``corrects``: the mark that stood when this one was made. A walk-in has a name
    and ``walk_in_id`` instead of an enrolment. No fingerprint, no face (PIPL 28).
    """

    REQUIRED: ClassVar[frozenset[str]] = frozenset({"class_id", "lesson_id", "mark", "entry", "marked_at", "signed_on"})

    class_id: str = ref_field(default=...)
    lesson_id: str = ref_field(default=...)
    enrolment_id: str | None = ref_field(index=False)
    walk_in_id: str | None = ref_field(index=False)
    walk_in_name: str | None = text_field(50)
    walk_in_phone: str | None = text_field(20)
    mark: str = code_field("ATTEND_MARK", default=...)
    minutes: int | None = Field(default=None, ge=1, le=600)
    signed_on: date | None = Field(default=None)
    signed_at: str | None = text_field(5)
    way: str | None = code_field("SIGN_WAY")
    entry: str = code_field("ATTEND_ENTRY", default=AT_LESSON)
    why: str | None = text_field(200)
    corrects: str | None = ref_field(index=False)
    marked_at: datetime = Field()
    marked_by_name: str | None = text_field(50)

    @model_validator(mode="after")
    def _rules(self) -> "AttendanceDraft":
        if not self.enrolment_id and not (self.walk_in_id and self.walk_in_name):
            raise FieldError("enrolment_id", _("要说给谁点名"))
        if self.minutes is not None and self.mark not in (LATE, EARLY):
            raise FieldError("minutes", _("只有迟到、早退才记分钟"))
        if self.entry in (MADE_UP, CORRECTED) and not self.why:
            raise FieldError("why", _("补签、更正要写原因"))
        return self


class Attendance(AttendanceDraft, Record, table=True):
    """An attendance mark's row."""

    __tablename__ = "attendance"


class AssessmentDraft(Draft):
    """考核成绩 of one person in one class, 0 to 100. Append-only: the latest stands, like marks."""

    REQUIRED: ClassVar[frozenset[str]] = frozenset({"class_id", "enrolment_id", "passed", "assessed_on"})

    class_id: str = ref_field(default=...)
    enrolment_id: str = ref_field(default=..., index=False)
    theory: float | None = Field(default=None, ge=0, le=100)
    practice: float | None = Field(default=None, ge=0, le=100)
    passed: bool = Field()
    assessed_on: date = Field()
    note: str | None = text_field(200)
    corrects: str | None = ref_field(index=False)
    marked_by_name: str | None = text_field(50)

    @model_validator(mode="after")
    def _scores(self) -> "AssessmentDraft":
        for name in ("theory", "practice"):
            value: Any = getattr(self, name)
            if value is not None and value * 2 != int(value * 2):
                raise FieldError(name, _("分数最小到半分"))
        return self


class Assessment(AssessmentDraft, Record, table=True):
    """An assessment's row."""

    __tablename__ = "assessment"
