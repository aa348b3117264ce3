"""The calendar of a class: its lessons by weekday and hour, with holidays and make-up working days known."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlmodel import col
from sqlmodel import select as pick

from app import clock
from app.db.database import Transaction
from app.errors import InvalidInputError, RuleError
from app.models.attendance import Attendance
from app.models.base import parse_draft
from app.models.hours import overlap
from app.models.training import (
    AS_PLANNED,
    CANCELLED,
    FINISHED,
    LESSON_CANCELLED,
    Lesson,
    LessonDraft,
    LessonNote,
    LessonNoteDraft,
    TrainingClass,
)
from app.services.training.scope import actor_name, get_class
from app.services.workdays import HOLIDAY, MAKE_UP, day_kind
from app.texts import _

LONGEST = timedelta(days=550)
"""A plan that is not full after so long stops there: the slots are too few for the hours."""


@dataclass(frozen=True)
class PlannedLesson:
    """A lesson as it would be planned."""

    held_on: date
    starts: str
    ends: str
    hours: float


@dataclass(frozen=True)
class SkippedDay:
    """A day of the pattern on which there is no lesson, and why."""

    day: date
    why: str


@dataclass(frozen=True)
class CalendarPlan:
    """What a pattern of weekdays gives. ``short``: class hours of the course that found no place before the end."""

    lessons: tuple[PlannedLesson, ...]
    skipped: tuple[SkippedDay, ...]
    short: float


@dataclass(frozen=True)
class LessonLine:
    """One lesson of a class. ``note_count``: notes that were written of it."""

    id: str
    number: int
    held_on: date
    starts: str
    ends: str
    hours: float
    kind: str | None
    topic: str | None
    room: str | None
    trainer_name: str | None
    state: str
    moved_from: date | None
    changed_why: str | None
    note_count: int


@dataclass(frozen=True)
class Clash:
    """Another lesson in the same room, or by the same trainer, at the same hour. A warning, never a refusal."""

    held_on: date
    starts: str
    ends: str
    class_title: str
    text: str


def propose(
    tx: Transaction,
    *,
    start_on: date,
    slots: Sequence[Mapping[str, Any]],
    hours: float | None = None,
    count: int | None = None,
    end_on: date | None = None,
) -> CalendarPlan:
    """Return the lessons that a pattern gives from ``start_on`` on, until the hours, the count or the end is reached.

    Statutory holidays are left out, and weekend slots on make-up working days too: people are at work then.
    """
    lessons: list[PlannedLesson] = []
    skipped: list[SkippedDay] = []
    left = hours if hours is not None else float("inf")
    last = min(end_on or date.max, start_on + LONGEST)
    for day, slot in _days(start_on, last, slots):
        if left <= 0 or (count is not None and len(lessons) >= count):
            break
        kind = day_kind(tx, day)
        if kind in (HOLIDAY, MAKE_UP):
            why = _("法定节假日") if kind == HOLIDAY else _("调休上班日")
            skipped.append(SkippedDay(day, why))
            continue
        lessons.append(PlannedLesson(day, slot["from"], slot["to"], min(float(slot["hours"]), left)))
        left -= float(slot["hours"])
    return CalendarPlan(tuple(lessons), tuple(dict.fromkeys(skipped)), max(0.0, left) if hours is not None else 0.0)


def _days(start_on: date, last: date, slots: Sequence[Mapping[str, Any]]) -> Iterator[tuple[date, Mapping[str, Any]]]:
    day = start_on
    while slots and day <= last:
        for slot in sorted(slots, key=lambda each: str(each["from"])):
            if day.isoweekday() in slot["weekdays"]:
                yield day, slot
        day += timedelta(days=1)


def plan_lessons(
    tx: Transaction, class_id: str, lessons: Sequence[PlannedLesson], *, room: str | None = None
) -> list[Lesson]:
    """Put lessons into a class, numbered on by date; it ends with the last of them. ``room``: not the class's place.

    Raises:
        RuleError: the class is over or cancelled.
        InvalidInputError: by field.
    """
    tx.act("class.lessons")
    held_class = get_class(tx, class_id)
    check_alive(held_class)
    return add_lessons(tx, held_class, lessons, room=room)


def add_lessons(
    tx: Transaction, held_class: TrainingClass, lessons: Sequence[PlannedLesson], *, room: str | None = None
) -> list[Lesson]:
    """Add lessons within another act, and number all lessons of the class anew by date."""
    trainer = held_class.trainers[0] if held_class.trainers else {}
    made = []
    for place, plan in enumerate(lessons, 1):
        values = {
            "class_id": held_class.id,
            "number": place,
            "held_on": plan.held_on,
            "starts": plan.starts,
            "ends": plan.ends,
            "hours": plan.hours,
            "room": (room or held_class.place or "")[:60],
            "trainer_id": trainer.get("staff_id"),
            "trainer_name": trainer.get("name"),
        }
        made.append(tx.add(Lesson.from_draft(parse_draft(LessonDraft, values))))
    renumber(tx, held_class)
    return made


def renumber(tx: Transaction, held_class: TrainingClass) -> None:
    """Give the lessons their numbers by date and hour, cancelled ones too. The class spans from first to last.

    Sign-up ends with the last lesson to come: the district refuses a class with a later deadline, and all of the act.
    """
    tx.flush()
    rows = sorted(lessons_of(tx, held_class.id), key=lambda row: (row.held_on, row.starts, row.id))
    for place, row in enumerate(rows, 1):
        if row.number != place:
            row.number = place
    live = [row for row in rows if row.state == AS_PLANNED]
    if live:
        span = {"start_on": live[0].held_on, "end_on": live[-1].held_on}
        if held_class.enrol_until is not None and held_class.enrol_until > span["end_on"] >= clock.today():
            span["enrol_until"] = span["end_on"]
        tx.change(held_class, span)


def lessons_of(tx: Transaction, class_id: str) -> list[Lesson]:
    """Return the rows of a class's lessons, in order."""
    statement = (
        pick(Lesson)
        .where(col(Lesson.class_id) == class_id, col(Lesson.deleted_at).is_(None))
        .order_by(col(Lesson.number), col(Lesson.id))
    )
    return list(tx.session.exec(statement).all())


def list_lessons(tx: Transaction, class_id: str) -> list[LessonLine]:
    """Return a class's lessons in order.

    Raises:
        NotFoundError: there is no such class.
        NotAllowedError: it is another trainer's.
    """
    get_class(tx, class_id)
    notes = (
        select(func.count())
        .where(col(LessonNote.lesson_id) == col(Lesson.id), col(LessonNote.class_id) == class_id)
        .where(col(LessonNote.deleted_at).is_(None))
        .scalar_subquery()
    )
    names = [name for name in LessonLine.__dataclass_fields__ if name != "note_count"]
    statement = (
        select(*(col(getattr(Lesson, name)) for name in names), notes)
        .where(col(Lesson.class_id) == class_id, col(Lesson.deleted_at).is_(None))
        .order_by(col(Lesson.number), col(Lesson.id))
    )
    return [LessonLine(*row) for row in tx.rows(statement)]


def move_lesson(
    tx: Transaction, lesson_id: str, *, held_on: date, starts: str, ends: str, why: str, room: str | None = None
) -> Lesson:
    """Move a lesson to another day, hour or room; ``warnings_of`` says what speaks against it.

    Raises:
        InvalidInputError: by field.
        RuleError: it is cancelled, the class is over, or people were marked in it already.
    """
    tx.act("lesson.move")
    lesson, held_class = _lesson_to_change(tx, lesson_id)
    if not why:
        raise InvalidInputError({"why": _("调课要写原因")})
    if tx.rows(_marks_in(lesson_id)):
        raise RuleError(_("第 {n} 课已经点过名，不能再调", n=lesson.number), code="lesson.marked")
    known = lesson.model_dump(include=set(LessonDraft.model_fields))
    changed = {"held_on": held_on, "starts": starts, "ends": ends, "changed_why": why, "room": room or lesson.room}
    if held_on != lesson.held_on and lesson.moved_from is None:
        changed["moved_from"] = lesson.held_on
    number = lesson.number
    tx.change(lesson, parse_draft(LessonDraft, {**known, **changed}).model_dump())
    renumber(tx, held_class)
    tell(
        held_class,
        _("第 {n} 课改到 {day} {starts}，原因：{why}", n=number, day=held_on.isoformat(), starts=starts, why=why),
    )
    return lesson


def cancel_lesson(tx: Transaction, lesson_id: str, why: str) -> Lesson:
    """Cancel one lesson; its hours no longer count. Make it up with ``plan_lessons``.

    Raises:
        InvalidInputError: no reason.
        RuleError: it is cancelled already, or people were marked in it.
    """
    tx.act("lesson.cancel")
    lesson, held_class = _lesson_to_change(tx, lesson_id)
    if not why:
        raise InvalidInputError({"why": _("取消要写原因")})
    if tx.rows(_marks_in(lesson_id)):
        raise RuleError(_("第 {n} 课已经点过名，不能取消", n=lesson.number), code="lesson.marked")
    tx.change(lesson, {"state": LESSON_CANCELLED, "changed_why": why})
    text = _("{day} 第 {n} 课取消，原因：{why}", day=lesson.held_on.isoformat(), n=lesson.number, why=why)
    renumber(tx, held_class)
    tell(held_class, text)
    return lesson


def tell(held_class: TrainingClass, text: str) -> None:
    """Note what everybody on the list must be told; who was not told yet shows in ``telling.list_to_tell``."""
    held_class.news = text[:200]
    held_class.news_no += 1


def warnings_of(
    tx: Transaction, class_id: str | None, lessons: Sequence[PlannedLesson], room: str, trainers: Sequence[Any]
) -> list[Clash]:
    """Return what speaks against these lessons: another class in the room, or the trainer elsewhere, at that hour."""
    days = {lesson.held_on for lesson in lessons}
    names = {str(each.get("name")) for each in trainers}
    statement = (
        select(
            col(Lesson.held_on), col(Lesson.starts), col(Lesson.ends), col(Lesson.room), col(Lesson.trainer_name),
            col(TrainingClass.title),
        )
        .join(TrainingClass, col(TrainingClass.id) == col(Lesson.class_id))
        .where(col(Lesson.held_on).in_(days), col(Lesson.state) == AS_PLANNED, col(Lesson.deleted_at).is_(None))
        .where(col(TrainingClass.state).not_in((CANCELLED, FINISHED)), col(TrainingClass.id) != (class_id or ""))
        .order_by(col(Lesson.held_on), col(Lesson.starts))
    )  # fmt: skip
    found = []
    for row in tx.rows(statement):
        if not any(
            lesson.held_on == row.held_on and overlap((lesson.starts, lesson.ends), (row.starts, row.ends))
            for lesson in lessons
        ):
            continue
        if room and row.room == room:
            text = _("{place} 这个时间有“{title}”", place=room, title=row.title)
        elif row.trainer_name in names:
            text = _("{name} 这个时间在教“{title}”", name=row.trainer_name, title=row.title)
        else:
            continue
        found.append(Clash(row.held_on, row.starts, row.ends, row.title, text))
    return found


def add_note(tx: Transaction, lesson_id: str, text: str) -> LessonNote:
    """Write what the trainer says of a lesson.

    Raises:
        InvalidInputError: nothing was written.
        NotAllowedError: it is another trainer's class.
    """
    tx.act("lesson.note")
    lesson = tx.get(Lesson, lesson_id)
    get_class(tx, lesson.class_id)
    values = {
        "class_id": lesson.class_id,
        "lesson_id": lesson_id,
        "text": text.strip(),
        "noted_at": clock.now(),
        "noted_by_name": actor_name(tx),
    }
    return tx.add(LessonNote.from_draft(parse_draft(LessonNoteDraft, values)))


def list_notes(tx: Transaction, class_id: str, lesson_id: str | None = None) -> list[LessonNote]:
    """Return what was written of a class's lessons, oldest first."""
    get_class(tx, class_id)
    statement = pick(LessonNote).where(col(LessonNote.class_id) == class_id, col(LessonNote.deleted_at).is_(None))
    if lesson_id is not None:
        statement = statement.where(col(LessonNote.lesson_id) == lesson_id)
    return list(tx.session.exec(statement.order_by(col(LessonNote.noted_at), col(LessonNote.id))).all())


def _marks_in(lesson_id: str) -> Any:
    return (
        select(col(Attendance.id))
        .where(col(Attendance.lesson_id) == lesson_id, col(Attendance.deleted_at).is_(None))
        .limit(1)
    )


def _lesson_to_change(tx: Transaction, lesson_id: str) -> tuple[Lesson, TrainingClass]:
    lesson = tx.get(Lesson, lesson_id)
    held_class = get_class(tx, lesson.class_id)
    check_alive(held_class)
    if lesson.state == LESSON_CANCELLED:
        raise RuleError(_("第 {n} 课已经取消了", n=lesson.number), code="lesson.cancelled")
    return lesson, held_class


def check_alive(held_class: TrainingClass) -> None:
    """Refuse changes to a class that is over.

    Raises:
        RuleError: it was cancelled or has ended.
    """
    if held_class.state == CANCELLED:
        raise RuleError(_("“{title}”已经取消，不能再改", title=held_class.title), code="class.cancelled")
    if held_class.state == FINISHED:
        raise RuleError(_("“{title}”已经结业，不能再改", title=held_class.title), code="class.finished")
