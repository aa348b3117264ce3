"""A trainer's day: her lessons of today, what was not called yet, what comes; and finding one of her students."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlmodel import col

from app.db.database import Transaction
from app.models.attendance import Attendance
from app.models.masking import mask_mobile
from app.models.names import full_pinyin, initials
from app.models.training import AS_PLANNED, DROPPED, OPEN, RUNNING, Enrolment, Lesson, TrainingClass
from app.services.training.scope import own_classes
from app.services.training.seats import SeatCounts, counts_of

BACK, AHEAD = timedelta(days=14), timedelta(days=7)
"""Lessons not called stay on the list so long; those to come show so early."""


@dataclass(frozen=True)
class DayLesson:
    """One lesson of the list: of so many ``people``, so many are ``called``."""

    class_id: str
    title: str
    lesson_id: str
    number: int
    held_on: date
    starts: str
    ends: str
    room: str | None
    people: int
    called: int


@dataclass(frozen=True)
class OwnClass:
    """One of her classes that goes on."""

    id: str
    title: str
    place: str | None
    people: int
    end_on: date


@dataclass(frozen=True)
class Student:
    """Somebody on the list of one of her classes; ``note`` tells her from the next, masked."""

    class_id: str
    enrolment_id: str
    name: str
    note: str


def list_day(tx: Transaction, today: date) -> list[DayLesson]:
    """Return today's lessons by hour, then past ones in which nobody was called, then those of the next days."""
    statement = (
        select(
            col(Lesson.class_id), col(TrainingClass.title), col(Lesson.id), col(Lesson.number), col(Lesson.held_on),
            col(Lesson.starts), col(Lesson.ends), col(Lesson.room),
        )
        .join(TrainingClass, col(TrainingClass.id) == col(Lesson.class_id))
        .where(own_classes(tx), col(TrainingClass.state).in_((OPEN, RUNNING)), col(TrainingClass.deleted_at).is_(None))
        .where(col(Lesson.held_on) >= today - BACK, col(Lesson.held_on) <= today + AHEAD)
        .where(col(Lesson.state) == AS_PLANNED, col(Lesson.deleted_at).is_(None))
        .order_by(col(Lesson.held_on), col(Lesson.starts), col(TrainingClass.title))
    )  # fmt: skip
    rows = tx.rows(statement)
    called = _called(tx, [row.id for row in rows])
    counts = counts_of(tx, list({row.class_id for row in rows}))
    lessons = [_day_lesson(row, counts[row.class_id], called.get(row.id, 0)) for row in rows]
    shown = [each for each in lessons if each.held_on >= today or not each.called]
    return sorted(shown, key=lambda each: (each.held_on != today, each.held_on > today))


def _day_lesson(row: Any, counts: SeatCounts, called: int) -> DayLesson:
    return DayLesson(
        class_id=row.class_id,
        title=row.title,
        lesson_id=row.id,
        number=row.number,
        held_on=row.held_on,
        starts=row.starts,
        ends=row.ends,
        room=row.room,
        people=counts.signed_up - counts.waiting,
        called=called,
    )


def _called(tx: Transaction, lesson_ids: list[str]) -> dict[str, int]:
    """Return lesson → how many of the list have a mark; who came by chance does not count."""
    statement = (
        select(col(Attendance.lesson_id), func.count(col(Attendance.enrolment_id).distinct()))
        .where(col(Attendance.lesson_id).in_(lesson_ids), col(Attendance.deleted_at).is_(None))
        .group_by(col(Attendance.lesson_id))
    )
    return {row[0]: row[1] for row in tx.rows(statement)}


def list_own_classes(tx: Transaction) -> list[OwnClass]:
    """Return the classes that are open or go on, those that end first at the top."""
    statement = (
        select(col(TrainingClass.id), col(TrainingClass.title), col(TrainingClass.place), col(TrainingClass.end_on))
        .where(own_classes(tx), col(TrainingClass.state).in_((OPEN, RUNNING)), col(TrainingClass.deleted_at).is_(None))
        .order_by(col(TrainingClass.end_on), col(TrainingClass.title))
    )
    rows = tx.rows(statement)
    counts = counts_of(tx, [row.id for row in rows])
    return [
        OwnClass(row.id, row.title, row.place, counts[row.id].signed_up - counts[row.id].waiting, row.end_on)
        for row in rows
    ]


def find_students(tx: Transaction, typed: str, *, limit: int) -> list[Student]:
    """Find people on the lists of the actor's own classes by name, pinyin, initials or the end of the phone.

    Nothing of a resident's file is looked at: a trainer finds whom she teaches.
    """
    wanted = typed.replace(" ", "").lower()
    if not wanted:
        return []
    statement = (
        select(
            col(Enrolment.class_id),
            col(Enrolment.id),
            col(Enrolment.name),
            col(Enrolment.phone),
            col(TrainingClass.title),
        )
        .join(TrainingClass, col(TrainingClass.id) == col(Enrolment.class_id))
        .where(own_classes(tx), col(TrainingClass.state).in_((OPEN, RUNNING)), col(TrainingClass.deleted_at).is_(None))
        .where(col(Enrolment.state) != DROPPED, col(Enrolment.deleted_at).is_(None))
        .order_by(col(TrainingClass.end_on), col(Enrolment.created_at), col(Enrolment.id))
    )
    found = []
    for row in tx.rows(statement):
        if _fits(wanted, row.name, row.phone):
            note = " · ".join(part for part in (row.title, mask_mobile(row.phone)) if part)
            found.append(Student(row.class_id, row.id, row.name, note))
    return sorted(found, key=lambda each: not each.name.startswith(typed.strip()))[:limit]


def _fits(wanted: str, name: str, phone: str | None) -> bool:
    if wanted.isdigit():
        return len(wanted) >= 4 and bool(phone) and str(phone).endswith(wanted)
    if not wanted.isascii():
        return wanted in name.lower()
    spelled = [each.replace(" ", "") for each in full_pinyin(name)]
    return any(each.startswith(wanted) for each in (*spelled, *initials(name), name.lower()))
