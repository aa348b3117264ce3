"""Classes: plan, publish for sign-up, open, postpone, cancel."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from app import clock
from app.db.database import Transaction
from app.errors import InvalidInputError, RuleError
from app.models.attendance import Attendance
from app.models.base import parse_draft
from app.models.training import (
    AS_PLANNED,
    CANCELLED,
    FINISHED,
    OPEN,
    PLANNED,
    RUNNING,
    Course,
    Lesson,
    TrainingClass,
    TrainingClassDraft,
)
from app.services.numbers import TRAINING_CLASS, next_number
from app.services.policy import in_force
from app.services.training.calendar import (
    CalendarPlan,
    PlannedLesson,
    add_lessons,
    check_alive,
    lessons_of,
    propose,
    renumber,
    tell,
)
from app.services.training.scope import get_class
from app.services.training.seats import counts_of
from app.texts import _

_RULE_KEYS = ("attend_percent", "late_minutes", "hour_minutes", "pass_score")


def class_rule(tx: Transaction, on: date) -> dict[str, Any]:
    """Return what counts in a class that starts on that day (share of hours, minutes, scores) and its source."""
    found = {name: in_force(tx, f"training.{name}", on) for name in _RULE_KEYS}
    share = found["attend_percent"]
    rule: dict[str, Any] = {name: int(each.value) for name, each in found.items()}
    rule["source"] = share.source[:200]
    rule["since"] = share.since.isoformat() if share.since else None
    return rule


def plan_class(
    tx: Transaction, values: Mapping[str, Any], *, lessons: Sequence[PlannedLesson] | None = None
) -> TrainingClass:
    """Plan a class of a course with its lessons, by default as the slots give them until the course's hours are full.

    ``title`` is the course's name and ``enrol_until`` the day before the start where nothing else is said.

    Raises:
        InvalidInputError: by field; also when the slots give no lesson before the end.
        RuleError: the course was taken out of the catalogue.
    """
    tx.act("class.plan")
    course = tx.get(Course, values.get("course_id"))
    if not course.active:
        raise RuleError(_("“{name}”已经停办，不能再排班", name=course.name), code="course.stopped")
    filled = {"title": course.name, "end_on": values.get("start_on"), **values}
    draft = parse_draft(
        TrainingClassDraft,
        {**filled, "enrol_until": values.get("enrol_until") or values.get("start_on"), "class_no": "-"},
    )
    chosen = lessons if lessons is not None else _by_slots(tx, course, draft, values.get("end_on"))
    row = TrainingClass.from_draft(draft)
    row.class_no = next_number(tx, TRAINING_CLASS)
    row.rec_no = row.class_no
    row.rule = class_rule(tx, chosen[0].held_on if chosen else draft.start_on)
    tx.add(row)
    add_lessons(tx, row, chosen)
    return row


def _by_slots(
    tx: Transaction, course: Course, draft: TrainingClassDraft, end_on: date | None
) -> tuple[PlannedLesson, ...]:
    plan = preview(tx, course_id=course.id, start_on=draft.start_on, slots=draft.slots, end_on=end_on)
    if not plan.lessons:
        raise InvalidInputError({"slots": _("按这些时段一次课也排不出来，请看日期和星期")})
    return plan.lessons


def preview(
    tx: Transaction, *, course_id: str, start_on: date, slots: Sequence[Mapping[str, Any]], end_on: date | None = None
) -> CalendarPlan:
    """Return the lessons that a new class would get, and the days that are left out."""
    course = tx.get(Course, course_id)
    hours = float(course.hours_total or 0)
    return propose(tx, start_on=start_on, slots=slots, hours=hours, end_on=end_on)


def edit_class(tx: Transaction, class_id: str, values: Mapping[str, Any]) -> TrainingClass:
    """Change a class's facts; another place is news for everybody on the list.

    Raises:
        InvalidInputError: by field; fewer seats than are confirmed.
        RuleError: it is over or cancelled.
    """
    tx.act("class.edit")
    row = get_class(tx, class_id)
    check_alive(row)
    fixed = {"state", "class_no", "course_id", "news", "news_no", "rule"}
    known = row.model_dump(include=set(TrainingClassDraft.model_fields))
    draft = parse_draft(TrainingClassDraft, {**known, **{k: v for k, v in values.items() if k not in fixed}})
    confirmed = counts_of(tx, [class_id])[class_id].confirmed
    if draft.seats is not None and draft.seats < confirmed:
        raise InvalidInputError({"seats": _("已经确认了 {n} 个人，计划人数不能再少", n=confirmed)})
    moved = draft.place != row.place and row.state in (OPEN, RUNNING)
    tx.change(row, draft.model_dump())
    if moved:
        for lesson in lessons_of(tx, class_id):
            if lesson.held_on >= clock.today():
                lesson.room = (draft.place or "")[:60]
        tell(row, _("上课地点改到 {place}", place=draft.place or ""))
    return row


def class_values(tx: Transaction, class_id: str) -> dict[str, Any]:
    """Return a class's fields, as its form shows them.

    Raises:
        NotFoundError: there is no such class.
        NotAllowedError: it is another trainer's.
    """
    return get_class(tx, class_id).model_dump(include=set(TrainingClassDraft.model_fields))


def publish_class(tx: Transaction, class_id: str) -> TrainingClass:
    """Open a planned class for sign-up.

    Raises:
        RuleError: it is not planned, has no lesson, or its deadline is past.
    """
    tx.act("class.publish")
    row = get_class(tx, class_id)
    check_alive(row)
    if row.state != PLANNED:
        raise RuleError(_("“{title}”已经开始报名了", title=row.title), code="class.published")
    if not any(lesson.state == AS_PLANNED for lesson in lessons_of(tx, class_id)):
        raise RuleError(_("还没有排课，先排课再开始报名"), code="class.no_lessons")
    if row.enrol_until is not None and row.enrol_until < clock.today():
        raise RuleError(_("报名截止 {day} 已过，请先改日期", day=row.enrol_until), code="class.deadline")
    row.state = OPEN
    return row


def open_class(tx: Transaction, class_id: str, *, why: str | None = None) -> TrainingClass:
    """Let the class begin (开班): its rule is fixed as the district has it on the first day.

    ``why``: a reason lets a class begin below its minimum.

    Raises:
        RuleError: sign-up was not opened, it has begun, or too few have signed up.
    """
    tx.act("class.open")
    row = get_class(tx, class_id)
    check_alive(row)
    if row.state != OPEN:
        text = _("“{title}”已经开班", title=row.title) if row.state == RUNNING else _("还没开始报名，不能开班")
        raise RuleError(text, code="class.not_open")
    have = counts_of(tx, [class_id])[class_id].expected(row.seats)
    if row.min_open is not None and have < row.min_open and not why:
        text = _("最低 {least} 人才开班，现在 {have} 人；可以延期、取消，或写明原因照开", least=row.min_open, have=have)
        raise RuleError(text, code="class.too_few")
    row.rule = class_rule(tx, row.start_on)
    row.opened_on = clock.today()
    row.state = RUNNING
    if why:
        row.remark = "；".join(part for part in (row.remark, why) if part)[:500]
    return row


def postpone_class(tx: Transaction, class_id: str, start_on: date, why: str) -> TrainingClass:
    """Let what is still to come of a class begin on another day, by the same slots; everybody must be told.

    Lessons that were held or cancelled stay. A deadline for sign-up that is still ahead moves by as many days.

    Raises:
        InvalidInputError: no reason, or the day is past.
        RuleError: it is over or cancelled, or nothing is left of it.
    """
    tx.act("class.postpone")
    row = get_class(tx, class_id)
    check_alive(row)
    today = clock.today()
    if not why:
        raise InvalidInputError({"why": _("延期要写原因")})
    if start_on < today:
        raise InvalidInputError({"start_on": _("不能改到过去的日子")})
    pending = [lesson for lesson in lessons_of(tx, class_id) if lesson.state == AS_PLANNED]
    marked = _marked(tx, class_id)
    pending = [lesson for lesson in pending if lesson.id not in marked]
    if not pending:
        raise RuleError(_("课都上完了，没有可以延期的"), code="class.nothing_left")
    plan = propose(tx, start_on=start_on, slots=row.slots, count=len(pending))
    if len(plan.lessons) < len(pending):
        raise InvalidInputError({"start_on": _("按原来的时段排不下，请先改上课时段")})
    shift = plan.lessons[0].held_on - pending[0].held_on
    if row.state in (PLANNED, OPEN) and row.enrol_until is not None and row.enrol_until >= today:
        # The deadline may never lie behind the end: the class's own days are set by renumber below.
        row.end_on = max(row.end_on, plan.lessons[-1].held_on)
        row.enrol_until = max(today, row.enrol_until + shift)
    _redate(pending, plan.lessons)
    renumber(tx, row)
    first = plan.lessons[0]
    tell(row, _("改到 {day} {starts} 上课，原因：{why}", day=first.held_on.isoformat(), starts=first.starts, why=why))
    return row


def _redate(lessons: Sequence[Lesson], plan: Sequence[PlannedLesson]) -> None:
    for lesson, new in zip(lessons, plan, strict=False):
        if lesson.held_on != new.held_on and lesson.moved_from is None:
            lesson.moved_from = lesson.held_on
        lesson.held_on, lesson.starts, lesson.ends = new.held_on, new.starts, new.ends


def _marked(tx: Transaction, class_id: str) -> set[str]:
    statement = (
        select(col(Attendance.lesson_id))
        .where(col(Attendance.class_id) == class_id, col(Attendance.deleted_at).is_(None))
        .distinct()
    )
    return {row.lesson_id for row in tx.rows(statement)}


def cancel_class(tx: Transaction, class_id: str, why: str) -> TrainingClass:
    """Cancel a class; everybody on the list must be told what to do next.

    Raises:
        InvalidInputError: no reason.
        RuleError: it is over, or cancelled already.
    """
    tx.act("class.cancel")
    row = get_class(tx, class_id)
    if row.state == CANCELLED:
        raise RuleError(_("“{title}”已经取消了", title=row.title), code="class.cancelled")
    if row.state == FINISHED:
        raise RuleError(_("“{title}”已经结业，不能取消", title=row.title), code="class.finished")
    if not why:
        raise InvalidInputError({"ended_why": _("取消要写原因")})
    row.ended_why = why
    row.state = CANCELLED
    row.finished_on = clock.today()
    tell(row, _("“{title}”取消了，原因：{why}。可以改报别的班，本年的补贴次数不算", title=row.title, why=why))
    return row
