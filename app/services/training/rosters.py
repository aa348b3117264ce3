"""Who is on a class's list, what classes somebody is on, and who still has to be told what."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlmodel import col

from app import clock
from app.db import state
from app.db.database import Transaction
from app.errors import NotFoundError
from app.models.attendance import Attendance
from app.models.identity import slip_payload
from app.models.numbered import parse_number
from app.models.training import CANCELLED, OPEN, QUEUE, RUNNING, SEAT, SIGNED_UP, Course, Enrolment, TrainingClass
from app.services.numbers import ENROLMENT
from app.services.training.listing import list_open_classes
from app.services.training.scope import get_class, is_only_trainer
from app.services.training.seats import expected_seats, seat_words, standing
from app.texts import _


@dataclass(frozen=True)
class RosterLine:
    """One person on a class's list.

    ``shown_state``: ENROL_STATE with the district's word; ``seat_text``: 待确认 until it came; ``likely``: the seat
    that is expected meanwhile; ``queue_place``: the place on the waiting list. ``resident_id`` is None for a trainer.
    ``badge``: what her code holds, the number with its check digits.
    """

    id: str
    enrol_no: str
    badge: str
    name: str
    phone: str | None
    target: str | None
    eligibility: str | None
    subsidised: bool
    state: str
    shown_state: str
    seat: str | None
    seat_text: str
    likely: str | None
    queue_place: int | None
    ahead: bool
    enrolled_on: date
    ended_on: date | None
    drop_reason: str | None
    resident_id: str | None
    sent: bool


@dataclass(frozen=True)
class SignUpLine:
    """One class that a resident signed up for, newest first in her file."""

    enrolment_id: str
    enrol_no: str
    class_id: str
    class_no: str
    title: str
    start_on: date
    end_on: date
    place: str | None
    class_state: str
    state: str
    shown_state: str
    seat: str | None
    seat_text: str
    subsidised: bool
    enrolled_on: date
    ended_on: date | None


@dataclass(frozen=True)
class ToTell:
    """Somebody who must be told something, with the sentences to say."""

    enrolment_id: str
    class_id: str
    class_title: str
    name: str
    phone: str | None
    resident_id: str
    texts: tuple[str, ...]


def list_roster(tx: Transaction, class_id: str) -> list[RosterLine]:
    """Return a class's list: who has a seat or awaits the answer, then the waiting list in order, then who left.

    Raises:
        NotFoundError: there is no such class.
        NotAllowedError: it is another trainer's.
    """
    held_class = get_class(tx, class_id)
    likely = expected_seats(tx, class_id, held_class.seats)
    statement = (
        select(Enrolment)
        .where(col(Enrolment.class_id) == class_id, col(Enrolment.deleted_at).is_(None))
        .order_by(col(Enrolment.created_at), col(Enrolment.id))
    )
    rows = list(tx.session.scalars(statement))
    queue = [row.id for row in sorted(rows, key=lambda row: not row.ahead) if likely[row.id] == QUEUE]
    hide = is_only_trainer(tx)
    lines = [_roster_line(row, likely[row.id], queue, hide) for row in rows]
    return sorted(lines, key=_rank)


def _rank(line: RosterLine) -> tuple[int, int]:
    if line.state != SIGNED_UP and line.ended_on is not None and line.drop_reason:
        return 2, 0
    return (1, line.queue_place) if line.queue_place is not None else (0, 0)


def _roster_line(row: Enrolment, likely: str | None, queue: Sequence[str], hide: bool) -> RosterLine:
    return RosterLine(
        id=row.id,
        enrol_no=row.enrol_no,
        badge=slip_payload(row.enrol_no),
        name=row.name,
        phone=row.phone,
        target=row.target,
        eligibility=row.eligibility,
        subsidised=row.subsidised,
        state=row.state,
        shown_state=standing(row.state, row.seat),
        seat=row.seat,
        seat_text=seat_words(row.state, row.seat),
        likely=likely,
        queue_place=queue.index(row.id) + 1 if row.id in queue else None,
        ahead=row.ahead,
        enrolled_on=row.enrolled_on,
        ended_on=row.ended_on,
        drop_reason=row.drop_reason,
        resident_id=None if hide else row.resident_id,
        sent=row.rev > 0,
    )


def list_sign_ups(tx: Transaction, resident_id: str) -> list[SignUpLine]:
    """Return the classes somebody signed up for, newest first."""
    statement: Any = (
        select(
            col(Enrolment.id), col(Enrolment.enrol_no), col(Enrolment.class_id), col(TrainingClass.class_no),
            col(TrainingClass.title), col(TrainingClass.start_on), col(TrainingClass.end_on), col(TrainingClass.place),
            col(TrainingClass.state).label("class_state"), col(Enrolment.state), col(Enrolment.seat),
            col(Enrolment.subsidised), col(Enrolment.enrolled_on), col(Enrolment.ended_on),
        )
        .join(TrainingClass, col(TrainingClass.id) == col(Enrolment.class_id))
        .where(col(Enrolment.resident_id) == resident_id, col(Enrolment.deleted_at).is_(None))
        .order_by(col(Enrolment.enrolled_on).desc(), col(Enrolment.id).desc())
    )  # fmt: skip
    return [
        SignUpLine(
            row.id, row.enrol_no, row.class_id, row.class_no, row.title, row.start_on, row.end_on, row.place,
            row.class_state, row.state, standing(row.state, row.seat), row.seat, seat_words(row.state, row.seat),
            row.subsidised, row.enrolled_on, row.ended_on,
        )
        for row in tx.rows(statement)
    ]  # fmt: skip


def find_by_badge(tx: Transaction, class_id: str, typed: str) -> RosterLine:
    """Return who in this class has the code that was scanned or typed (with or without its check digits).

    Raises:
        RuleError: it is no sign-up number, or its check digits do not fit.
        NotFoundError: nobody in this class has it.
    """
    number = parse_number(typed, ENROLMENT)
    found = next((line for line in list_roster(tx, class_id) if line.enrol_no == number), None)
    if found is None:
        raise NotFoundError(_("这个班里没有报名号 {no}；人在这里的话，用临时签到记名字", no=number))
    return found


def list_to_tell(tx: Transaction, class_id: str | None = None) -> list[ToTell]:
    """Return who has not been told of a seat, a cancelled or postponed class, with what to say; of all classes or one.

    Only people whose file this station has: each station tells its own. Who was called in a lesson knows of her seat.
    """
    called = (
        select(col(Attendance.id))
        .where(col(Attendance.class_id) == col(TrainingClass.id), col(Attendance.enrolment_id) == col(Enrolment.id))
        .exists()
    )
    untold: ColumnElement[bool] = or_(
        col(Enrolment.told_news) < col(TrainingClass.news_no),
        col(Enrolment.seat).is_not(None)
        & col(Enrolment.told_seat).is_distinct_from(col(Enrolment.seat))
        & ~((col(Enrolment.seat) == SEAT) & called),
    )
    statement = (
        select(Enrolment, TrainingClass)
        .join(TrainingClass, col(TrainingClass.id) == col(Enrolment.class_id))
        .where(col(Enrolment.state) == SIGNED_UP, col(Enrolment.deleted_at).is_(None), untold)
        .where(col(TrainingClass.state).in_((OPEN, RUNNING, CANCELLED)))
        .order_by(col(TrainingClass.start_on), col(Enrolment.created_at))
    )
    if class_id is not None:
        statement = statement.where(col(TrainingClass.id) == class_id)
    station = state.station_code(tx.session)
    if station is not None:
        statement = statement.where(or_(col(Enrolment.station_code) == station, col(Enrolment.station_code).is_(None)))
    instead: dict[str, str] = {}
    found = []
    for row, held_class in tx.session.execute(statement).all():
        if held_class.state == CANCELLED and held_class.id not in instead:
            instead[held_class.id] = _other_class(tx, held_class)
        texts = _texts(row, held_class, instead.get(held_class.id, ""))
        about = (row.id, held_class.id, held_class.title, row.name, row.phone, row.resident_id)
        found.append(ToTell(*about, texts))
    return found


def _texts(row: Enrolment, held_class: TrainingClass, instead: str) -> tuple[str, ...]:
    texts = []
    if row.told_news < held_class.news_no and held_class.news:
        texts.append(held_class.news)
    if held_class.state == CANCELLED:
        return (*texts, instead)
    if row.seat is not None and row.told_seat != row.seat:
        if row.seat == SEAT:
            day, place = held_class.start_on, held_class.place or ""
            if day < clock.today():
                texts.append(_("名额确认了，班已经开课，请按课表到{place}上课", place=place))
            else:
                texts.append(_("名额确认了，{day} 到{place}上课", day=day.isoformat(), place=place))
        else:
            texts.append(_("人满了，排在候补；有人退班就按顺序递补，到时再通知"))
    return tuple(texts)


def _other_class(tx: Transaction, held_class: TrainingClass) -> str:
    others = [line for line in list_open_classes(tx, course_ids=[held_class.course_id]) if line.id != held_class.id]
    if not others:
        return _("眼下没有同样的班，开了再通知")
    first = others[0]
    return _("可以改报“{title}”，{day} 开班", title=first.title, day=first.start_on.isoformat())


def note_told(tx: Transaction, enrolment_ids: Sequence[str]) -> int:
    """Note that these people were told everything there is to tell them now; return how many."""
    tx.act("enrolment.tell")
    moment: datetime = clock.now()
    for enrolment_id in enrolment_ids:
        row = tx.get(Enrolment, enrolment_id)
        held_class = tx.get(TrainingClass, row.class_id)
        tx.change(row, {"told_news": held_class.news_no, "told_seat": row.seat, "told_at": moment})
    return len(enrolment_ids)


@dataclass(frozen=True)
class SignUpFacts:
    """Everything that the sign-up slip shows; no ID number, no address."""

    enrol_no: str
    name: str
    phone: str | None
    target: str | None
    subsidised: bool
    seat: str | None
    state: str
    class_no: str
    title: str
    course_name: str
    hours_total: int | None
    provider_name: str | None
    fee: int | None
    place: str | None
    start_on: date
    end_on: date
    slots: tuple[dict[str, Any], ...]
    trainers: tuple[str, ...]
    enrolled_on: date
    cancelled: bool


def sign_up_facts(tx: Transaction, enrolment_id: str) -> SignUpFacts:
    """Return what the sign-up slip shows.

    Raises:
        NotFoundError: there is no such sign-up.
    """
    row = tx.get(Enrolment, enrolment_id)
    held_class = tx.get(TrainingClass, row.class_id)
    course = tx.get(Course, held_class.course_id)
    return SignUpFacts(
        enrol_no=row.enrol_no,
        name=row.name,
        phone=row.phone,
        target=row.target,
        subsidised=row.subsidised,
        seat=row.seat,
        state=row.state,
        class_no=held_class.class_no,
        title=held_class.title,
        course_name=course.name,
        hours_total=course.hours_total,
        provider_name=course.provider_name,
        fee=None if course.free else course.fee,
        place=held_class.place,
        start_on=held_class.start_on,
        end_on=held_class.end_on,
        slots=tuple(held_class.slots),
        trainers=tuple(str(each.get("name")) for each in held_class.trainers),
        enrolled_on=row.enrolled_on,
        cancelled=held_class.state == CANCELLED,
    )
