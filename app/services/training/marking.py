"""Roll call: one mark of one person in one lesson; made up, keyed in later, corrected, walked in.

Every mark is a row of its own; none is ever changed. What stands is worked out (``app/models/marks.py``).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlmodel import col

from app import clock
from app.db.database import Transaction
from app.errors import InvalidInputError, NotFoundError, RuleError
from app.models.attendance import AT_LESSON, CORRECTED, KEYED_IN, MADE_UP, PRESENT, Attendance, AttendanceDraft
from app.models.base import parse_draft
from app.models.hours import minutes_of
from app.models.marks import Mark, Standing, standing_of
from app.models.training import (
    CANCELLED,
    DROPPED,
    FINISHED,
    LESSON_CANCELLED,
    PLANNED,
    QUEUE,
    Enrolment,
    Lesson,
    TrainingClass,
)
from app.services.training.enrolments import enrol
from app.services.training.scope import actor_name, check_own
from app.texts import _


@dataclass(frozen=True)
class MarkInput:
    """What a key or a line of the paper sheet says of one person."""

    mark: str
    minutes: int | None = None
    signed_at: str | None = None
    way: str | None = None


# Built once: to build a statement costs more than to run it, and a mark must be quick. One look brings lesson, class
# and person.
_PLACE = (
    select(
        col(Lesson.id), col(Lesson.number), col(Lesson.held_on), col(Lesson.state), col(Lesson.class_id),
        col(TrainingClass.state).label("class_state"), col(TrainingClass.title), col(TrainingClass.trainers),
        col(Enrolment.class_id).label("her_class"), col(Enrolment.state).label("her_state"),
        col(Enrolment.name).label("her_name"),
    )
    .join(TrainingClass, col(TrainingClass.id) == col(Lesson.class_id))
    .outerjoin(Enrolment, (col(Enrolment.id) == bindparam("person")) & col(Enrolment.deleted_at).is_(None))
    .where(col(Lesson.id) == bindparam("lesson"), col(Lesson.deleted_at).is_(None))
)  # fmt: skip
_PERSON: Any = select(
    col(Enrolment.class_id).label("her_class"), col(Enrolment.state).label("her_state"),
    col(Enrolment.name).label("her_name"),
).where(col(Enrolment.id) == bindparam("person"), col(Enrolment.deleted_at).is_(None))  # fmt: skip
_WHO = func.coalesce(col(Attendance.enrolment_id), col(Attendance.walk_in_id))
MARK_COLUMNS = (
    col(Attendance.id), col(Attendance.lesson_id), _WHO, col(Attendance.mark), col(Attendance.minutes),
    col(Attendance.entry), col(Attendance.corrects), col(Attendance.rev),
)  # fmt: skip
"""What the rule looks at, in the order of ``Mark``."""

_MARKS_OF_LESSON = select(*MARK_COLUMNS).where(
    col(Attendance.lesson_id) == bindparam("lesson"), col(Attendance.deleted_at).is_(None)
)
_MARKS_OF_CELL = _MARKS_OF_LESSON.where(bindparam("person") == _WHO)


def as_mark(row: Any) -> Mark:
    """Return a row that begins with the mark columns as the rule sees it."""
    return Mark(*row[:8])


def mark(tx: Transaction, lesson_id: str, enrolment_id: str, code: str, **said: Any) -> Attendance | None:
    """Mark one person at the lesson; None where the same mark stands already.

    ``said``: minutes (of 迟 and 早), signed_at (HH:MM), way. On the lesson's day a mark may be replaced freely; later a
    correction wants a reason (``correct``).

    Raises:
        RuleError: the lesson or the class is cancelled, its day has not come, or it was marked on its day.
        InvalidInputError: by field.
        NotAllowedError: it is another trainer's class.
    """
    tx.act("attendance.mark")
    lesson = _lesson(tx, lesson_id, enrolment_id)
    _check_person(lesson, lesson.class_id)
    stands = _standing(tx, lesson_id, enrolment_id)
    given = MarkInput(code, **said)
    if stands is not None and (stands.mark.mark, stands.mark.minutes) == (given.mark, given.minutes):
        return None
    if stands is not None and lesson.held_on < clock.today():
        raise RuleError(_("第 {n} 课已经点过，要改就写原因更正", n=lesson.number), code="attendance.past")
    entry = AT_LESSON if lesson.held_on == clock.today() else KEYED_IN
    return _add(tx, lesson, given, entry, enrolment_id=enrolment_id, corrects=stands.mark.id if stands else None)


def mark_rest(tx: Transaction, lesson_id: str, code: str = PRESENT) -> int:
    """Mark everybody on the list who has no mark yet (其余都到); return how many. One act, taken back at once.

    Raises:
        RuleError: the lesson or the class is cancelled, or its day has not come.
        NotAllowedError: it is another trainer's class.
    """
    tx.act("attendance.mark")
    lesson = _lesson(tx, lesson_id)
    marked = {as_mark(row).person for row in tx.rows(_MARKS_OF_LESSON, {"lesson": lesson_id})}
    left = [person for person in _on_the_list(tx, lesson.class_id) if person not in marked]
    entry = AT_LESSON if lesson.held_on == clock.today() else KEYED_IN
    return _add_many(tx, lesson, {person: MarkInput(code) for person in left}, entry, {})


def enter_sheet(
    tx: Transaction, lesson_id: str, marks: Mapping[str, MarkInput], *, signed_on: date | None = None
) -> int:
    """Key in a paper sign-in sheet (补录), enrolment id → what it says; return how many marks are new.

    ``signed_on``: the true day of the sheet, the lesson's own where nothing else is said. Where somebody has another
    mark already, the sheet's is kept as a correction of it.

    Raises:
        RuleError: the lesson or the class is cancelled, or its day has not come.
        InvalidInputError: by field, or a day to come.
        NotAllowedError: it is another trainer's class.
    """
    tx.act("attendance.enter")
    lesson = _lesson(tx, lesson_id)
    day = signed_on or lesson.held_on
    if day > clock.today():
        raise InvalidInputError({"signed_on": _("签到日期还没到")})
    for person in marks:
        found = tx.rows(_PERSON, {"person": person})
        _check_person(found[0] if found else None, lesson.class_id)
    stands = _all_standing(tx, lesson_id)
    fresh = {
        person: given
        for person, given in marks.items()
        if person not in stands
        or (stands[person].mark.mark, stands[person].mark.minutes) != (given.mark, given.minutes)
    }
    return _add_many(tx, lesson, fresh, KEYED_IN, stands, signed_on=day)


def make_up(
    tx: Transaction, lesson_id: str, enrolment_id: str, why: str, *, signed_at: str | None = None
) -> Attendance:
    """Sign somebody in afterwards who was there and forgot (补签), with the reason.

    Raises:
        InvalidInputError: no reason.
        RuleError: as in ``mark``.
    """
    tx.act("attendance.enter")
    lesson = _lesson(tx, lesson_id, enrolment_id)
    _check_person(lesson, lesson.class_id)
    if not why:
        raise InvalidInputError({"why": _("补签要写原因")})
    stands = _standing(tx, lesson_id, enrolment_id)
    given = MarkInput(PRESENT, signed_at=signed_at)
    corrects = stands.mark.id if stands else None
    return _add(tx, lesson, given, MADE_UP, enrolment_id=enrolment_id, corrects=corrects, why=why)


def correct(
    tx: Transaction, lesson_id: str, enrolment_id: str, code: str, why: str, *, minutes: int | None = None
) -> Attendance:
    """Correct a mark after the lesson; the old one stays in the trail.

    Raises:
        InvalidInputError: no reason, or by field.
        RuleError: there is nothing to correct, or it says so already.
    """
    tx.act("attendance.correct")
    lesson = _lesson(tx, lesson_id, enrolment_id)
    _check_person(lesson, lesson.class_id)
    if not why:
        raise InvalidInputError({"why": _("更正要写原因")})
    stands = _standing(tx, lesson_id, enrolment_id)
    if stands is None:
        raise RuleError(_("第 {n} 课还没点到这个人，直接补录就行", n=lesson.number), code="attendance.unmarked")
    if (stands.mark.mark, stands.mark.minutes) == (code, minutes):
        raise RuleError(_("现在记的就是这个，不用改"), code="attendance.same")
    given = MarkInput(code, minutes)
    return _add(tx, lesson, given, CORRECTED, enrolment_id=enrolment_id, corrects=stands.mark.id, why=why)


def walk_in(
    tx: Transaction, lesson_id: str, name: str, *, phone: str | None = None, walk_in_id: str | None = None
) -> Attendance:
    """Note somebody who came without having signed up; the counter makes a sign-up of it later (``adopt``).

    ``walk_in_id``: of an earlier lesson's walk-in, when the same person comes again.

    Raises:
        InvalidInputError: no name.
        RuleError: as in ``mark``; or marked already.
    """
    tx.act("attendance.mark")
    lesson = _lesson(tx, lesson_id)
    if not name.strip():
        raise InvalidInputError({"walk_in_name": _("要写姓名")})
    person = walk_in_id or clock.new_id()
    if walk_in_id and _standing(tx, lesson_id, walk_in_id) is not None:
        raise RuleError(_("{name} 这一课已经记过了", name=name), code="attendance.same")
    entry = AT_LESSON if lesson.held_on == clock.today() else KEYED_IN
    about = {"walk_in_id": person, "walk_in_name": name.strip(), "walk_in_phone": phone}
    return _add(tx, lesson, MarkInput(PRESENT), entry, **about)


def adopt(
    tx: Transaction,
    class_id: str,
    walk_in_id: str,
    resident_id: str,
    *,
    knowing: Sequence[str] = (),
    why: str | None = None,
) -> Enrolment:
    """Make a sign-up of a walk-in, with her marks; the deadline does not count, she was there.

    Raises:
        NotFoundError: no such walk-in in this class.
        RuleError: as in ``enrol``.
    """
    tx.act("attendance.adopt")
    statement = select(Attendance).where(
        col(Attendance.class_id) == class_id,
        col(Attendance.walk_in_id) == walk_in_id,
        col(Attendance.deleted_at).is_(None),
    )
    rows = {row.id: row for row in tx.session.scalars(statement)}
    if not rows:
        raise NotFoundError(_("这个班里没有这位临时来的人"))
    row = enrol(tx, class_id, resident_id, knowing=knowing, why=why, late=True)
    by_lesson: dict[str, list[Mark]] = {}
    for each in tx.rows(select(*MARK_COLUMNS).where(col(Attendance.id).in_(rows))):
        by_lesson.setdefault(each.lesson_id, []).append(as_mark(each))
    for marks in by_lesson.values():
        old = rows[standing_of(marks).mark.id]
        known = old.model_dump(include=set(AttendanceDraft.model_fields))
        moved = {"enrolment_id": row.id, "walk_in_id": None, "walk_in_name": None, "walk_in_phone": None}
        told = {"entry": KEYED_IN, "why": _("临时签到转来"), "marked_at": clock.now(), "corrects": None}
        tx.add(Attendance.from_draft(parse_draft(AttendanceDraft, {**known, **moved, **told})))
        for gone in marks:
            tx.remove(rows[gone.id], _("转到报名 {no}", no=row.enrol_no))
    return row


def refusal_of(*, number: int, held_on: date, state: str, title: str, class_state: str) -> RuleError | None:
    """Return why nobody can be marked in a lesson today, or None; screens ask it before a key is taken."""
    if state == LESSON_CANCELLED:
        return RuleError(_("第 {n} 课取消了，不能点名；补课请另排一次", n=number), code="attendance.cancelled")
    if class_state == CANCELLED:
        return RuleError(_("“{title}”取消了，不能点名", title=title), code="attendance.class_cancelled")
    if class_state == FINISHED:
        return RuleError(_("“{title}”已经结业，考勤不能再改", title=title), code="attendance.finished")
    if class_state == PLANNED:
        return RuleError(_("“{title}”还没开始报名，不能点名", title=title), code="attendance.planned")
    if held_on > clock.today():
        days = {"day": held_on.isoformat(), "today": clock.today().isoformat()}
        text = _("第 {n} 课是 {day}，还没到。今天是 {today}，不对的话请看电脑的日期", n=number, **days)
        return RuleError(text, code="attendance.early")
    return None


def _lesson(tx: Transaction, lesson_id: str, enrolment_id: str | None = None) -> Any:
    found = tx.rows(_PLACE, {"lesson": lesson_id, "person": enrolment_id})
    if not found:
        raise NotFoundError(_("找不到这次课，可能已经作废"))
    row = found[0]
    check_own(tx, row.trainers)
    refusal = refusal_of(
        number=row.number, held_on=row.held_on, state=row.state, title=row.title, class_state=row.class_state
    )
    if refusal is not None:
        raise refusal
    return row


def _check_person(found: Any, class_id: str) -> None:
    if found is None or found.her_class != class_id:
        raise NotFoundError(_("这个人不在这个班的名单上；人在这里的话，用临时签到记名字"))
    if found.her_state == DROPPED:
        raise RuleError(_("{name} 已经退班，不能点名", name=found.her_name), code="attendance.dropped")


def _on_the_list(tx: Transaction, class_id: str) -> list[str]:
    """Return the enrolments to be called: not those who left, nor those on the waiting list."""
    statement = (
        select(col(Enrolment.id))
        .where(col(Enrolment.class_id) == class_id, col(Enrolment.state) != DROPPED)
        .where(col(Enrolment.seat).is_distinct_from(QUEUE), col(Enrolment.deleted_at).is_(None))
        .order_by(col(Enrolment.created_at), col(Enrolment.id))
    )
    return [row.id for row in tx.rows(statement)]


def _all_standing(tx: Transaction, lesson_id: str) -> dict[str, Standing]:
    people: dict[str, list[Mark]] = {}
    for row in tx.rows(_MARKS_OF_LESSON, {"lesson": lesson_id}):
        found = as_mark(row)
        people.setdefault(found.person, []).append(found)
    return {person: standing_of(marks) for person, marks in people.items()}


def _standing(tx: Transaction, lesson_id: str, person: str) -> Standing | None:
    found = [as_mark(row) for row in tx.rows(_MARKS_OF_CELL, {"lesson": lesson_id, "person": person})]
    return standing_of(found) if found else None


def _values(tx: Transaction, lesson: Any, given: MarkInput, entry: str) -> dict[str, Any]:
    if given.signed_at is not None and minutes_of(given.signed_at) is None:
        raise InvalidInputError({"signed_at": _("签到时间按 时:分 填，比如 13:30")})
    return {
        "class_id": lesson.class_id,
        "lesson_id": lesson.id,
        "mark": given.mark,
        "minutes": given.minutes,
        "signed_at": given.signed_at,
        "signed_on": lesson.held_on,
        "way": given.way,
        "entry": entry,
        "marked_at": clock.now(),
        "marked_by_name": actor_name(tx),
    }


def _add(tx: Transaction, lesson: Any, given: MarkInput, entry: str, **more: Any) -> Attendance:
    draft = parse_draft(AttendanceDraft, {**_values(tx, lesson, given, entry), **more})
    return tx.add(Attendance.from_draft(draft))


def _add_many(
    tx: Transaction,
    lesson: Any,
    marks: Mapping[str, MarkInput],
    entry: str,
    stands: Mapping[str, Standing],
    signed_on: date | None = None,
) -> int:
    rows = []
    for person, given in marks.items():
        before = stands.get(person)
        values = {**_values(tx, lesson, given, entry), "enrolment_id": person}
        values["signed_on"] = signed_on or lesson.held_on
        values["corrects"] = before.mark.id if before else None
        draft = parse_draft(AttendanceDraft, values)
        own = {name: value for name, value in draft.__dict__.items() if value is not None}
        rows.append({**own, "id": clock.new_id()})
    tx.add_rows(Attendance, rows)
    return len(rows)
