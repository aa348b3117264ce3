"""Lists of classes, and one class opened: what screens show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, case, func, select
from sqlmodel import col

from app import clock
from app.db.database import Transaction
from app.models.attendance import Attendance
from app.models.training import AS_PLANNED, OPEN, Course, Lesson, TrainingClass
from app.services.training.calendar import LessonLine, list_lessons
from app.services.training.scope import get_class, own_classes
from app.services.training.seats import SeatCounts, counts_of


@dataclass(frozen=True)
class ClassLine:
    """One line of the list of classes. ``next_on``: the next lesson from today on; ``open_to_sign_up`` as of today."""

    id: str
    class_no: str
    title: str
    course_id: str
    course_name: str
    level: str | None
    train_type: str | None
    hours_total: int | None
    start_on: date
    end_on: date
    place: str | None
    trainers: tuple[str, ...]
    seats: int | None
    min_open: int | None
    enrol_until: date | None
    state: str
    counts: SeatCounts
    lesson_count: int
    next_on: date | None
    open_to_sign_up: bool
    rev: int


@dataclass(frozen=True)
class ClassFile:
    """One class opened: its facts, its course's, its lessons."""

    line: ClassLine
    course: Course
    held_class: TrainingClass
    lessons: tuple[LessonLine, ...]

    @property
    def hours_planned(self) -> float:
        """Return the class hours of the lessons that were not cancelled."""
        return sum(lesson.hours for lesson in self.lessons if lesson.state == AS_PLANNED)


_COLUMNS: tuple[Any, ...] = (
    col(TrainingClass.id), col(TrainingClass.class_no), col(TrainingClass.title), col(TrainingClass.course_id),
    col(Course.name).label("course_name"), col(Course.level), col(Course.train_type), col(Course.hours_total),
    col(TrainingClass.start_on), col(TrainingClass.end_on), col(TrainingClass.place), col(TrainingClass.trainers),
    col(TrainingClass.seats), col(TrainingClass.min_open), col(TrainingClass.enrol_until), col(TrainingClass.state),
    col(TrainingClass.rev),
)  # fmt: skip


def list_classes(
    tx: Transaction,
    *,
    states: Sequence[str] | None = None,
    course_id: str | None = None,
    filter_text: str = "",
    ended: bool | None = None,
    limit: int = 300,
) -> list[ClassLine]:
    """Return classes, those that start last first; a trainer gets her own.

    ``ended``: whether the last lesson is past.
    """
    wanted: list[ColumnElement[bool]] = [own_classes(tx)]
    if states is not None:
        wanted.append(col(TrainingClass.state).in_(states))
    if ended is not None:
        past = col(TrainingClass.end_on) < clock.today()
        wanted.append(past if ended else ~past)
    if course_id is not None:
        wanted.append(col(TrainingClass.course_id) == course_id)
    if filter_text:
        pattern = col(TrainingClass.title).contains(filter_text, autoescape=True)
        for column in (col(TrainingClass.class_no), col(TrainingClass.place), col(Course.name)):
            pattern |= column.contains(filter_text, autoescape=True)
        wanted.append(pattern)
    return _lines(tx, wanted, limit)


def count_classes(tx: Transaction) -> dict[tuple[str, bool], int]:
    """Return how many classes there are by (state, whether the last lesson is past); a trainer's own."""
    past = case((col(TrainingClass.end_on) < clock.today(), 1), else_=0).label("past")
    statement = (
        select(col(TrainingClass.state), past, func.count())
        .where(col(TrainingClass.deleted_at).is_(None), own_classes(tx))
        .group_by(col(TrainingClass.state), past)
    )
    return {(state, bool(over)): count for state, over, count in tx.rows(statement)}


def list_open_classes(tx: Transaction, *, course_ids: Sequence[str] | None = None, limit: int = 300) -> list[ClassLine]:
    """Return the classes one may sign up for today, those that start first at the top."""
    wanted: list[ColumnElement[bool]] = [
        col(TrainingClass.state) == OPEN,
        col(TrainingClass.enrol_until) >= clock.today(),
    ]
    if course_ids is not None:
        wanted.append(col(TrainingClass.course_id).in_(course_ids))
    return sorted(_lines(tx, wanted, limit), key=lambda line: (line.start_on, line.title, line.id))


def open_file(tx: Transaction, class_id: str) -> ClassFile:
    """Return one class with its lessons.

    Raises:
        NotFoundError: there is none.
        NotAllowedError: it is another trainer's.
    """
    held_class = get_class(tx, class_id)
    line = _lines(tx, [col(TrainingClass.id) == class_id], 1)[0]
    return ClassFile(line, tx.get(Course, held_class.course_id), held_class, tuple(list_lessons(tx, class_id)))


def marked_counts(tx: Transaction, class_id: str) -> dict[str, int]:
    """Return how many people have a mark in each lesson of a class; lessons without any are left out."""
    person = func.coalesce(col(Attendance.enrolment_id), col(Attendance.walk_in_id))
    statement = (
        select(col(Attendance.lesson_id), func.count(person.distinct()).label("people"))
        .where(col(Attendance.class_id) == class_id, col(Attendance.deleted_at).is_(None))
        .group_by(col(Attendance.lesson_id))
    )
    return {row.lesson_id: row.people for row in tx.rows(statement)}


def _lines(tx: Transaction, wanted: Sequence[ColumnElement[bool]], limit: int) -> list[ClassLine]:
    statement = (
        select(*_COLUMNS)
        .outerjoin(Course, col(Course.id) == col(TrainingClass.course_id))
        .where(col(TrainingClass.deleted_at).is_(None), *wanted)
        .order_by(col(TrainingClass.start_on).desc(), col(TrainingClass.id).desc())
        .limit(limit)
    )
    rows = tx.rows(statement)
    ids = [row.id for row in rows]
    counts, lessons = counts_of(tx, ids), _lesson_facts(tx, ids)
    today = clock.today()
    return [_line(row, counts[row.id], lessons.get(row.id, (0, None)), today) for row in rows]


def _lesson_facts(tx: Transaction, class_ids: Sequence[str]) -> dict[str, tuple[int, date | None]]:
    """Return how many lessons each class has, and when the next one is."""
    ahead = func.min(col(Lesson.held_on)).filter(col(Lesson.held_on) >= clock.today())
    statement = (
        select(col(Lesson.class_id), func.count(), ahead)
        .where(col(Lesson.class_id).in_(class_ids), col(Lesson.state) == AS_PLANNED, col(Lesson.deleted_at).is_(None))
        .group_by(col(Lesson.class_id))
    )
    return {class_id: (count, next_on) for class_id, count, next_on in tx.rows(statement)}


def _line(row: Any, counts: SeatCounts, lessons: tuple[int, date | None], today: date) -> ClassLine:
    return ClassLine(
        id=row.id,
        class_no=row.class_no,
        title=row.title,
        course_id=row.course_id,
        course_name=row.course_name or "",
        level=row.level,
        train_type=row.train_type,
        hours_total=row.hours_total,
        start_on=row.start_on,
        end_on=row.end_on,
        place=row.place,
        trainers=tuple(str(each.get("name") or "") for each in row.trainers if isinstance(each, dict)),
        seats=row.seats,
        min_open=row.min_open,
        enrol_until=row.enrol_until,
        state=row.state,
        counts=counts,
        lesson_count=lessons[0],
        next_on=lessons[1],
        open_to_sign_up=row.state == OPEN and (row.enrol_until is None or row.enrol_until >= today),
        rev=row.rev,
    )
