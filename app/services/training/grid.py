"""The roll-call grid of a class: people by lessons, what stands, how far everybody is; the trail behind each mark."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlmodel import col
from sqlmodel import select as pick

from app.db.database import Transaction
from app.errors import RuleError
from app.models.attendance import PRESENT, Attendance
from app.models.identity import slip_payload
from app.models.marks import Mark, credited, enough, standing_marks, standing_of
from app.models.operation import OperationEdit
from app.models.training import AS_PLANNED, DROPPED, QUEUE, Enrolment, Lesson, TrainingClass
from app.services.history import DoneAct, list_done, undo
from app.services.training.calendar import LessonLine, list_lessons
from app.services.training.classes import class_rule
from app.services.training.marking import MARK_COLUMNS, as_mark
from app.services.training.scope import get_class
from app.texts import _

_MARKS_OF_CLASS = select(*MARK_COLUMNS).where(
    col(Attendance.class_id) == bindparam("class_id"), col(Attendance.deleted_at).is_(None)
)
"""Built once, like the statements of a mark."""


@dataclass(frozen=True)
class Cell:
    """What stands of one person in one lesson. ``count``: marks behind it; ``disagree``: two devices said otherwise."""

    mark: str
    minutes: int | None
    entry: str
    count: int
    disagree: bool
    sent: bool


@dataclass(frozen=True)
class Progress:
    """Class hours of one person: attended, of those held so far, of all; and what can still be missed.

    ``percent``: of what was held so far; ``percent_of_all``: of the whole class. ``lessons_to_miss``: how many more
    lessons may be missed, -1 when the line cannot be reached any more.
    """

    attended: float
    held: float
    total: float
    percent: int | None
    percent_of_all: int
    enough: bool
    lessons_to_miss: int


@dataclass(frozen=True)
class Held:
    """What of a class was held, the same for everybody: hours of each lesson called, and of those still ahead."""

    called: Mapping[str, float]
    ahead: tuple[float, ...]

    @classmethod
    def of(cls, lessons: Iterable[LessonLine], called: frozenset[str]) -> "Held":
        """Sort the lessons: one was held once anybody has a mark in it, cancelled ones never count."""
        planned = [lesson for lesson in lessons if lesson.state == AS_PLANNED]
        ahead = sorted((lesson.hours for lesson in planned if lesson.id not in called), reverse=True)
        return cls({lesson.id: lesson.hours for lesson in planned if lesson.id in called}, tuple(ahead))


@dataclass(frozen=True)
class GridPerson:
    """One row of the grid: somebody on the list, or a walk-in (``walk_in``), with her cells by lesson id."""

    id: str
    name: str
    phone: str | None
    target: str | None
    badge: str
    walk_in: bool
    waiting: bool
    left: bool
    cells: Mapping[str, Cell]
    progress: Progress


@dataclass(frozen=True)
class Grid:
    """The whole roll call. ``rule``: what counts in this class; ``called``: lessons in which anybody has a mark."""

    class_id: str
    class_no: str
    title: str
    state: str
    rule: Mapping[str, Any]
    lessons: tuple[LessonLine, ...]
    people: tuple[GridPerson, ...]
    called: frozenset[str]

    def missing_in(self, lesson_id: str) -> tuple[GridPerson, ...]:
        """Return who is to be called in this lesson and has no mark yet."""
        return tuple(
            each
            for each in self.people
            if lesson_id not in each.cells and not (each.left or each.waiting or each.walk_in)
        )

    def tally(self, lesson_id: str) -> dict[str, int]:
        """Return how many have each mark in a lesson."""
        counts: dict[str, int] = {}
        for each in self.people:
            if lesson_id in each.cells:
                counts[each.cells[lesson_id].mark] = counts.get(each.cells[lesson_id].mark, 0) + 1
        return counts


def load_grid(tx: Transaction, class_id: str) -> Grid:
    """Return a class's whole roll call.

    Raises:
        NotFoundError: there is no such class.
        NotAllowedError: it is another trainer's.
    """
    held_class = get_class(tx, class_id)
    lessons = tuple(list_lessons(tx, class_id))
    cells, called = _cells(tx.rows(_MARKS_OF_CLASS, {"class_id": class_id}))
    rule = rule_of(tx, held_class)
    enrolled, held = _enrolled(tx, class_id), Held.of(lessons, called)
    people = [
        _person(row, found, progress_of(found, held, rule))
        for row in enrolled
        if row.state != DROPPED or row.id in cells
        for found in (cells.get(row.id, {}),)
    ]
    if cells.keys() - {row.id for row in enrolled}:
        people += _walk_ins(tx, class_id, cells, held, rule)
    order = sorted(people, key=lambda each: (each.walk_in, each.left, each.waiting))
    about = (class_id, held_class.class_no, held_class.title, held_class.state)
    return Grid(*about, rule, lessons, tuple(order), called)


def rule_of(tx: Transaction, held_class: TrainingClass) -> dict[str, Any]:
    """Return what counts in a class: what it keeps, or what the district has on its first day."""
    return dict(held_class.rule) if held_class.rule else class_rule(tx, held_class.start_on)


def _enrolled(tx: Transaction, class_id: str) -> Sequence[Any]:
    statement = (
        select(
            col(Enrolment.id), col(Enrolment.enrol_no), col(Enrolment.name), col(Enrolment.phone),
            col(Enrolment.target), col(Enrolment.state), col(Enrolment.seat),
        )
        .where(col(Enrolment.class_id) == class_id, col(Enrolment.deleted_at).is_(None))
        .order_by(col(Enrolment.created_at), col(Enrolment.id))
    )  # fmt: skip
    return tx.rows(statement)


def _cells(rows: Iterable[Any]) -> tuple[dict[str, dict[str, Cell]], frozenset[str]]:
    """Return person → lesson → what stands, and the lessons in which anybody has a mark.

    A whole class is some thousand marks and nearly every cell has one: only of several, the rule is asked which stands.
    """
    found: dict[str, dict[str, Any]] = {}
    several: dict[tuple[str, str], list[Any]] = {}
    for row in rows:
        person, lesson_id = row[2], row[1]
        cells = found.get(person)
        if cells is None:
            cells = found[person] = {}
        before = cells.get(lesson_id)
        if before is None:
            cells[lesson_id] = row
        else:
            several.setdefault((person, lesson_id), [before]).append(row)
    plain: dict[tuple[Any, ...], Cell] = {}
    for cells in found.values():
        for lesson_id, row in cells.items():
            kind = (row[3], row[4], row[5], row[7] > 0)
            cell = plain.get(kind)
            if cell is None:
                cell = plain[kind] = Cell(row[3], row[4], row[5], 1, disagree=False, sent=row[7] > 0)
            cells[lesson_id] = cell
    for (person, lesson_id), marks in several.items():
        stands = standing_of([as_mark(row) for row in marks])
        top = stands.mark
        found[person][lesson_id] = Cell(top.mark, top.minutes, top.entry, stands.tries, stands.disagree, top.rev > 0)
    return found, frozenset[str]().union(*found.values())


def _person(row: Any, cells: Mapping[str, Cell], progress: Progress) -> GridPerson:
    return GridPerson(
        id=row.id,
        name=row.name,
        phone=row.phone,
        target=row.target,
        badge=slip_payload(row.enrol_no),
        walk_in=False,
        waiting=row.seat == QUEUE,
        left=row.state == DROPPED,
        cells=cells,
        progress=progress,
    )


def _walk_ins(
    tx: Transaction,
    class_id: str,
    cells: Mapping[str, Mapping[str, Cell]],
    held: Held,
    rule: Mapping[str, Any],
) -> list[GridPerson]:
    statement = select(col(Attendance.walk_in_id), col(Attendance.walk_in_name), col(Attendance.walk_in_phone)).where(
        col(Attendance.class_id) == class_id,
        col(Attendance.walk_in_id).is_not(None),
        col(Attendance.deleted_at).is_(None),
    )
    names = {row.walk_in_id: (row.walk_in_name, row.walk_in_phone) for row in tx.rows(statement)}
    return [
        GridPerson(
            person, name, phone, None, "", True, False, False, cells[person],
            progress_of(cells[person], held, rule),
        )
        for person, (name, phone) in sorted(names.items())
    ]  # fmt: skip


def progress_of(cells: Mapping[str, Cell], held: Held, rule: Mapping[str, Any]) -> Progress:
    """Return one person's hours."""
    attended, hours_held = 0.0, sum(held.called.values())
    for lesson_id, hours in held.called.items():
        cell = cells.get(lesson_id)
        if cell is not None:
            attended += hours if cell.mark == PRESENT else credited(hours, cell.mark, cell.minutes, rule)
    total = hours_held + sum(held.ahead)
    percent = int(rule["attend_percent"])
    return Progress(
        attended=attended,
        held=hours_held,
        total=total,
        percent=int(attended * 100 // hours_held) if hours_held else None,
        percent_of_all=int(attended * 100 // total) if total else 0,
        enough=enough(attended, total, percent),
        lessons_to_miss=_lessons_to_miss(total * (100 - percent) / 100 - (hours_held - attended), held.ahead),
    )


def _lessons_to_miss(slack: float, ahead: Iterable[float]) -> int:
    """Return how many of the lessons ahead, the longest first, may be missed."""
    if slack < 0:
        return -1
    count = 0
    for hours in ahead:
        if hours > slack:
            break
        slack -= hours
        count += 1
    return count


@dataclass(frozen=True)
class TrailLine:
    """One mark that was ever made of one person in one lesson; ``taken_back``: by an undo; ``stands`` is the one."""

    id: str
    mark: str
    minutes: int | None
    entry: str
    why: str | None
    signed_on: date | None
    signed_at: str | None
    way: str | None
    marked_at: datetime
    marked_by: str
    stands: bool
    taken_back: bool
    sent: bool


def list_trail(tx: Transaction, lesson_id: str, person_id: str) -> list[TrailLine]:
    """Return every mark of one person (an enrolment or a walk-in) in one lesson, newest first, undone ones too."""
    statement = pick(Attendance).where(col(Attendance.lesson_id) == lesson_id)
    statement = statement.where((col(Attendance.enrolment_id) == person_id) | (col(Attendance.walk_in_id) == person_id))
    rows = list(tx.session.exec(statement).all())
    if rows:
        get_class(tx, rows[0].class_id)
    live = [
        Mark(row.id, lesson_id, person_id, row.mark, row.minutes, row.entry, row.corrects, row.rev)
        for row in rows
        if row.deleted_at is None
    ]
    top = standing_marks(live)[person_id, lesson_id].mark.id if live else ""
    rows.sort(key=lambda row: (row.rev or 2**62, row.id), reverse=True)
    return [
        TrailLine(
            row.id, row.mark, row.minutes, row.entry, row.why, row.signed_on, row.signed_at, row.way, row.marked_at,
            row.marked_by_name or "", row.id == top, row.deleted_at is not None, row.rev > 0,
        )
        for row in rows
    ]  # fmt: skip


def undo_mark(tx: Transaction, lesson_id: str, op_id: str | None = None) -> DoneAct:
    """Take back this actor's last roll-call act in a lesson, or the named one; the mark before it stands again.

    Raises:
        RuleError: there is nothing to take back, or the class has ended.
    """
    held_class = _class_of(tx, lesson_id)
    if held_class.finished_on is not None:
        raise RuleError(_("“{title}”已经结业，考勤不能再改", title=held_class.title), code="attendance.finished")
    if op_id is not None:
        return undo(tx, op_id)
    done = [each for each in list_done(tx) if each.act.startswith("attendance.")]
    marks = select(col(Attendance.id)).where(col(Attendance.lesson_id) == lesson_id)
    statement = select(col(OperationEdit.op)).where(
        col(OperationEdit.op).in_([each.op for each in done]), col(OperationEdit.record_id).in_(marks)
    )
    here = {row.op for row in tx.rows(statement)}
    last = next((each for each in done if each.op in here), None)
    if last is None:
        raise RuleError(_("这一课没有可以撤销的点名"), code="undo.nothing")
    return undo(tx, last.op)


def _class_of(tx: Transaction, lesson_id: str) -> TrainingClass:
    return get_class(tx, tx.get(Lesson, lesson_id).class_id)
