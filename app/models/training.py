"""Training: courses, their classes and lessons, and who signed up (domain sheet 2.12).

All of it lives in the district's training feed, which trainers read: an enrolment holds a name and a contact line and
the bare id of the resident's file, nothing else of it. Why somebody may be subsidised is told in the station's feed.
"""

from datetime import date, datetime
from typing import Any, ClassVar

from pydantic import model_validator
from sqlmodel import Field

from app.models.base import Draft, FieldError, Record, code_field, json_field, ref_field, text_field
from app.models.codes import is_occupation
from app.models.hours import minutes_of
from app.texts import _

PLANNED, OPEN, RUNNING, FINISHED, CANCELLED = "10", "20", "30", "40", "50"
"""States of a class (CLASS_STATE)."""

SIGNED_UP, ADMITTED, WAITING, DROPPED, PASSED, NOT_PASSED = "10", "20", "30", "40", "50", "60"
"""States of an enrolment (ENROL_STATE); ADMITTED and WAITING are never stored: they follow from the district's seat."""

SEAT, QUEUE = "1", "2"
"""What the district decides of a seat (SEAT): confirmed, or on the waiting list."""

AS_PLANNED, LESSON_CANCELLED = "10", "30"
CRAFT_TYPE = "9"
"""Free craft classes for people with difficulties: no subsidy, so nobody is asked whether she may have one."""


class CourseDraft(Draft):
    """培训项目. ``fee`` and ``subsidy_amount`` are fen a person.

    ``cert_name`` is what the certificate is called, as vacancies ask for it (低压电工作业证); ``cert_months``: how long
    it is valid. ``provider_name`` is kept beside the reference: a trainer's laptop does not hold employers.
    """

    REQUIRED: ClassVar[frozenset[str]] = frozenset(
        {"name", "trade", "level", "train_type", "hours_total", "hours_theory", "hours_practice", "provider_name"}
        | {"in_catalogue", "free", "assess_way", "cert_type"}
    )

    name: str = Field(max_length=60, index=True)
    trade: str | None = text_field(16, index=True)
    level: str | None = code_field("SKILL")
    train_type: str | None = code_field("TRAIN_TYPE")
    hours_total: int | None = Field(default=None, ge=1, le=5000)
    hours_theory: int | None = Field(default=None, ge=0, le=5000)
    hours_practice: int | None = Field(default=None, ge=0, le=5000)
    provider_id: str | None = ref_field(index=False)
    provider_name: str | None = text_field(100)
    licence_no: str | None = text_field(40)
    in_catalogue: bool | None = Field(default=None)
    subsidy_amount: int | None = Field(default=None, ge=0, le=10_000_000)
    free: bool | None = Field(default=None)
    fee: int | None = Field(default=None, ge=0, le=10_000_000)
    assess_way: str | None = code_field("ASSESS_WAY")
    cert_type: str | None = code_field("CERT_TYPE")
    cert_name: str | None = text_field(60)
    cert_months: int | None = Field(default=None, ge=1, le=600)
    active: bool = Field(default=True)

    @model_validator(mode="after")
    def _rules(self) -> "CourseDraft":
        if self.trade and not is_occupation(self.trade):
            raise FieldError("trade", _("职业（工种）没对上，请从表里选"))
        parts = (self.hours_theory, self.hours_practice)
        if self.hours_total is not None and None not in parts and sum(part or 0 for part in parts) != self.hours_total:
            raise FieldError("hours_total", _("理论课时加实操课时不等于总课时"))
        if self.free is False and not self.fee:
            raise FieldError("fee", _("收费的要写金额"))
        if self.free and self.fee:
            raise FieldError("fee", _("免费的不能再写金额"))
        if self.train_type == CRAFT_TYPE and (self.in_catalogue or self.subsidy_amount):
            raise FieldError("in_catalogue", _("公益手工班没有补贴，不在补贴目录里"))
        if self.subsidy_amount and not self.in_catalogue:
            raise FieldError("subsidy_amount", _("不在补贴目录里的没有补贴标准"))
        return self


class Course(CourseDraft, Record, table=True):
    """A course's row."""

    __tablename__ = "course"


class TrainingClassDraft(Draft):
    """班期: one run of a course. ``seats`` 计划人数, ``min_open`` 最低开班人数.

    ``slots`` [{weekdays: [1..7], from: "13:30", to: "17:00", hours: 4}]; ``trainers`` [{staff_id, name}].
    ``rule``: what counts in this class, as the district had it on its first day: {attend_percent, late_minutes,
    hour_minutes, pass_score, source, since}; kept here because a trainer's laptop does not hold district parameters.
    ``news``: what everybody on the list must be told last (cancelled, postponed), ``news_no`` how many such there were.
    """

    REQUIRED: ClassVar[frozenset[str]] = frozenset(
        {"class_no", "course_id", "title", "start_on", "end_on", "slots", "place", "trainers", "seats", "min_open"}
        | {"enrol_until"}
    )

    class_no: str = Field(max_length=24, index=True)
    course_id: str = ref_field(default=...)
    title: str = Field(max_length=60)
    start_on: date = Field()
    end_on: date = Field()
    slots: list[Any] = json_field()
    place: str | None = text_field(100)
    trainers: list[Any] = json_field()
    seats: int | None = Field(default=None, ge=1, le=500)
    min_open: int | None = Field(default=None, ge=1, le=500)
    enrol_until: date | None = Field(default=None)
    state: str = code_field("CLASS_STATE", default=PLANNED, index=True)
    approval_no: str | None = text_field(40)
    rule: dict[str, Any] = json_field(default=dict)
    opened_on: date | None = Field(default=None)
    finished_on: date | None = Field(default=None)
    ended_why: str | None = text_field(200)
    news: str | None = text_field(200)
    news_no: int = Field(default=0, ge=0, le=9999)

    @model_validator(mode="after")
    def _rules(self) -> "TrainingClassDraft":
        if self.end_on < self.start_on:
            raise FieldError("end_on", _("结束日期早于开始日期"))
        if self.seats is not None and self.min_open is not None and self.min_open > self.seats:
            raise FieldError("min_open", _("最低开班人数不能多于计划人数"))
        if self.enrol_until is not None and self.enrol_until > self.end_on:
            raise FieldError("enrol_until", _("报名截止晚于结束日期"))
        for slot in self.slots:
            problem = _slot_problem(slot)
            if problem:
                raise FieldError("slots", problem)
        for person in self.trainers:
            if not isinstance(person, dict) or not person.get("name") or len(str(person["name"])) > 50:
                raise FieldError("trainers", _("授课教师要写姓名"))
        if self.state == CANCELLED and not self.ended_why:
            raise FieldError("ended_why", _("取消要写原因"))
        return self


class TrainingClass(TrainingClassDraft, Record, table=True):
    """A class's row."""

    __tablename__ = "training_class"


def _slot_problem(slot: Any) -> str:
    if not isinstance(slot, dict):
        return _("上课时段填得不对")
    weekdays = slot.get("weekdays")
    if not isinstance(weekdays, list) or not weekdays or any(day not in range(1, 8) for day in weekdays):
        return _("上课时段要选星期几")
    start, end = minutes_of(slot.get("from")), minutes_of(slot.get("to"))
    if start is None or end is None:
        return _("上课时间按 时:分 填，比如 13:30")
    if end <= start:
        return _("下课时间早于上课时间")
    hours = slot.get("hours")
    if isinstance(hours, bool) or not isinstance(hours, int | float) or not 0 < hours <= 24:
        return _("每次要写几课时")
    return ""


class LessonDraft(Draft):
    """课次. ``hours`` 课时, in halves at the finest; ``moved_from``: the day it was planned for first.

    Whether it was held shows from its attendance marks: a trainer writes those and not this.
    """

    REQUIRED: ClassVar[frozenset[str]] = frozenset({"class_id", "number", "held_on", "starts", "ends", "hours"})

    class_id: str = ref_field(default=...)
    number: int = Field(ge=1, le=999)
    held_on: date = Field(index=True)
    starts: str = Field(max_length=5)
    ends: str = Field(max_length=5)
    hours: float = Field(ge=0.5, le=24)
    kind: str | None = code_field("LESSON_KIND")
    topic: str | None = text_field(100)
    room: str | None = text_field(60)
    trainer_id: str | None = ref_field(index=False)
    trainer_name: str | None = text_field(50)
    state: str = code_field("LESSON_STATE", default=AS_PLANNED)
    moved_from: date | None = Field(default=None)
    changed_why: str | None = text_field(200)

    @model_validator(mode="after")
    def _rules(self) -> "LessonDraft":
        starts, ends = minutes_of(self.starts), minutes_of(self.ends)
        if starts is None or ends is None:
            raise FieldError("starts" if starts is None else "ends", _("上课时间按 时:分 填，比如 13:30"))
        if ends <= starts:
            raise FieldError("ends", _("下课时间早于上课时间"))
        if self.hours * 2 != int(self.hours * 2):
            raise FieldError("hours", _("课时最小到半课时"))
        if self.state == LESSON_CANCELLED and not self.changed_why:
            raise FieldError("changed_why", _("取消要写原因"))
        return self


class Lesson(LessonDraft, Record, table=True):
    """A lesson's row."""

    __tablename__ = "lesson"


class LessonNoteDraft(Draft):
    """What the trainer writes about a lesson: taught, equipment, incidents. Append-only."""

    REQUIRED: ClassVar[frozenset[str]] = frozenset({"class_id", "lesson_id", "text", "noted_at"})

    class_id: str = ref_field(default=...)
    lesson_id: str = ref_field(default=..., index=False)
    text: str = Field(max_length=500)
    noted_at: datetime = Field()
    noted_by_name: str | None = text_field(50)


class LessonNote(LessonNoteDraft, Record, table=True):
    """A lesson note's row."""

    __tablename__ = "lesson_note"


class EnrolmentDraft(Draft):
    """报名. ``name`` and ``phone`` are snapshots; ``resident_id`` is opaque to whoever lacks the station's feed.

    ``seat`` is the district's: confirmed or on the waiting list, in its own order; until it decided the field is empty.
    ``ahead``: the next free seat goes to her first (with ``ahead_why``). ``told_news`` and ``told_seat``: the last news
    of the class and the last word on the seat that she was told.
    """

    REQUIRED: ClassVar[frozenset[str]] = frozenset(
        {"enrol_no", "class_id", "resident_id", "name", "enrolled_on", "target", "eligibility"}
    )

    enrol_no: str = Field(max_length=24, index=True)
    class_id: str = ref_field(default=...)
    resident_id: str = ref_field(default=...)
    name: str = Field(max_length=50)
    phone: str | None = text_field(20)
    enrolled_on: date = Field()
    target: str | None = code_field("SUBSIDY_TARGET")
    eligibility: str | None = code_field("ELIGIBILITY")
    subsidised: bool = Field(default=False)
    state: str = code_field("ENROL_STATE", default=SIGNED_UP)
    seat: str | None = code_field("SEAT")
    ahead: bool = Field(default=False)
    ahead_why: str | None = text_field(100)
    ended_on: date | None = Field(default=None)
    drop_reason: str | None = code_field("DROP_REASON")
    drop_note: str | None = text_field(200)
    told_news: int = Field(default=0, ge=0, le=9999)
    told_seat: str | None = code_field("SEAT")
    told_at: datetime | None = Field(default=None)

    @model_validator(mode="after")
    def _rules(self) -> "EnrolmentDraft":
        if self.state in (ADMITTED, WAITING):
            raise FieldError("state", _("录取和候补由区里定，站里不填"))
        if self.state == DROPPED and not self.drop_reason:
            raise FieldError("drop_reason", _("退班要选原因"))
        if self.ahead and not self.ahead_why:
            raise FieldError("ahead_why", _("提前递补要写原因"))
        if self.subsidised and self.eligibility != "1":
            raise FieldError("subsidised", _("资格核验没有通过，不能算补贴人员"))
        return self


class Enrolment(EnrolmentDraft, Record, table=True):
    """An enrolment's row."""

    __tablename__ = "enrolment"


class EligibilityCheckDraft(Draft):
    """What was found when somebody signed up: each rule with its sentence, source and value. Append-only.

    In the station's feed: it tells of the resident's file. ``findings`` [{rule, verdict, text, key, value, source,
    since}]; ``why``: the reason given where somebody was signed up in spite of a warning.
    """

    REQUIRED: ClassVar[frozenset[str]] = frozenset({"resident_id", "class_id", "checked_on", "result"})

    resident_id: str = ref_field(default=...)
    enrolment_id: str | None = ref_field()
    class_id: str = ref_field(default=..., index=False)
    checked_on: date = Field()
    result: str = code_field("ELIGIBILITY", default=...)
    findings: list[Any] = json_field()
    known: list[str] = json_field()
    why: str | None = text_field(200)


class EligibilityCheck(EligibilityCheckDraft, Record, table=True):
    """An eligibility check's row."""

    __tablename__ = "eligibility_check"
