"""Signing up for a class, leaving it, going ahead on its waiting list."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlmodel import col

from app import clock
from app.db.database import Transaction
from app.errors import InvalidInputError, RuleError
from app.models.base import parse_draft
from app.models.hours import overlap
from app.models.resident import Resident
from app.models.training import (
    AS_PLANNED,
    CANCELLED,
    DROPPED,
    FINISHED,
    NOT_PASSED,
    OPEN,
    PASSED,
    PLANNED,
    RUNNING,
    SEAT,
    SIGNED_UP,
    EligibilityCheck,
    EligibilityCheckDraft,
    Enrolment,
    EnrolmentDraft,
    Lesson,
    TrainingClass,
)
from app.services.numbers import ENROLMENT, next_number
from app.services.training.eligibility import ELIGIBLE, Eligibility, check
from app.services.training.seats import counts_of
from app.texts import _

CLASH, SUBSIDY, NO_PHONE = "clash", "subsidy", "no_phone"


@dataclass(frozen=True)
class Concern:
    """Something to say before signing up; ``blocks``: it cannot be done, else the person decides knowing it."""

    code: str
    text: str
    blocks: bool


@dataclass(frozen=True)
class SignUpCheck:
    """What the counter shows before signing somebody up. ``places_left``: as far as this device knows, or None."""

    class_id: str
    resident_id: str
    eligibility: Eligibility
    concerns: tuple[Concern, ...]
    places_left: int | None
    waiting_place: int | None

    @property
    def blocks(self) -> tuple[Concern, ...]:
        """Return what cannot be helped."""
        return tuple(each for each in self.concerns if each.blocks)

    @property
    def warnings(self) -> tuple[Concern, ...]:
        """Return what the person has to be told."""
        return tuple(each for each in self.concerns if not each.blocks)


def check_sign_up(
    tx: Transaction, class_id: str, resident_id: str, *, on: date | None = None, late: bool = False
) -> SignUpCheck:
    """Look at everything that speaks for or against signing somebody up, without doing it.

    ``late``: she was there already (a walk-in): deadline and state of the class do not count.

    Raises:
        NotFoundError: there is no such resident or class.
    """
    held_class = tx.get(TrainingClass, class_id)
    resident = tx.get(Resident, resident_id)
    found = check(tx, resident_id, class_id, on=on)
    concerns = [Concern("eligibility." + each.rule, each.text, True) for each in found.blocked]
    concerns += _class_concerns(held_class, on or clock.today(), late)
    concerns += _own_concerns(tx, held_class, resident_id)
    if found.against:
        told = _("；").join(each.text for each in found.against)
        concerns.append(Concern(SUBSIDY, _("能参加，不能算补贴人员：{why}", why=told), False))
    if not _phone_of(resident):
        concerns.append(Concern(NO_PHONE, _("档案里没有电话，开班、改期通知不到"), False))
    counts = counts_of(tx, [class_id])[class_id]
    left = None if held_class.seats is None else max(0, held_class.seats - counts.signed_up)
    place = counts.signed_up - held_class.seats + 1 if held_class.seats is not None and left == 0 else None
    return SignUpCheck(class_id, resident_id, found, tuple(concerns), left, place)


def _class_concerns(held_class: TrainingClass, on: date, late: bool) -> list[Concern]:
    title = held_class.title
    if held_class.state == CANCELLED:
        return [Concern("class", _("“{title}”已经取消，请换一个班", title=title), True)]
    if held_class.state == FINISHED:
        return [Concern("class", _("“{title}”已经结业，请换一个班", title=title), True)]
    if late:
        return []
    if held_class.state == PLANNED:
        return [Concern("class", _("“{title}”还没开始报名", title=title), True)]
    if held_class.state == RUNNING:
        return [Concern("class", _("“{title}”已经开班，请换一个班；人已经在课堂上的用临时签到", title=title), True)]
    if held_class.enrol_until is not None and held_class.enrol_until < on:
        text = _("“{title}”{day} 截止报名，已经过了，请换一个班", title=title, day=held_class.enrol_until.isoformat())
        return [Concern("deadline", text, True)]
    return []


def _own_concerns(tx: Transaction, held_class: TrainingClass, resident_id: str) -> list[Concern]:
    mine = [row for row in _sign_ups(tx, resident_id) if row.state in (SIGNED_UP, PASSED, NOT_PASSED)]
    if any(row.class_id == held_class.id for row in mine):
        return [Concern("twice", _("已经报过“{title}”，不用再报", title=held_class.title), True)]
    others = [row.class_id for row in mine if row.state == SIGNED_UP]
    hit = _clash(tx, held_class.id, others)
    return [Concern(CLASH, hit, False)] if hit else []


def _sign_ups(tx: Transaction, resident_id: str) -> Sequence[Enrolment]:
    statement = select(Enrolment).where(col(Enrolment.resident_id) == resident_id, col(Enrolment.deleted_at).is_(None))
    return tx.session.scalars(statement).all()


def _clash(tx: Transaction, class_id: str, others: Sequence[str]) -> str:
    """Return the sentence on the first lesson of another class that she attends at the same hour."""
    if not others:
        return ""
    columns = (col(Lesson.held_on), col(Lesson.starts), col(Lesson.ends))
    live = (col(Lesson.state) == AS_PLANNED, col(Lesson.deleted_at).is_(None))
    own = tx.rows(select(*columns).where(col(Lesson.class_id) == class_id, *live))
    days: dict[date, list[tuple[str, str]]] = {}
    for row in own:
        days.setdefault(row.held_on, []).append((row.starts, row.ends))
    statement = (
        select(*columns, col(TrainingClass.title))
        .join(TrainingClass, col(TrainingClass.id) == col(Lesson.class_id))
        .where(col(Lesson.class_id).in_(others), col(TrainingClass.state).in_((PLANNED, OPEN, RUNNING)), *live)
        .order_by(col(Lesson.held_on), col(Lesson.starts))
    )
    for row in tx.rows(statement):
        if any(overlap(each, (row.starts, row.ends)) for each in days.get(row.held_on, ())):
            return _(
                "本人 {day} {starts} 在“{title}”也有课，两边时间撞了",
                day=row.held_on.isoformat(),
                starts=row.starts,
                title=row.title,
            )
    return ""


def _phone_of(resident: Resident) -> str | None:
    return resident.mobile or resident.contact2_phone


def enrol(
    tx: Transaction,
    class_id: str,
    resident_id: str,
    *,
    target: str | None = None,
    knowing: Collection[str] = (),
    why: str | None = None,
    late: bool = False,
    on: date | None = None,
) -> Enrolment:
    """Sign somebody up: name and contact as they are now, the checks as they came out, the seat left to the district.

    ``knowing``: codes of the warnings that she was told and takes; ``why``: what she said to that.

    Raises:
        RuleError: signed up already, after the deadline, class not open; or a warning that she was not told
            (code ``enrolment.warning``).
    """
    tx.act("enrolment.add")
    found = check_sign_up(tx, class_id, resident_id, on=on, late=late)
    _refuse_unless_known(found, knowing)
    held_class, resident = tx.get(TrainingClass, class_id), tx.get(Resident, resident_id)
    values = {
        "enrol_no": next_number(tx, ENROLMENT),
        "class_id": class_id,
        "resident_id": resident_id,
        "name": resident.name,
        "phone": _phone_of(resident),
        "enrolled_on": on or clock.today(),
        "target": target or found.eligibility.target,
        "eligibility": found.eligibility.result,
        "subsidised": found.eligibility.result == ELIGIBLE,
        "told_news": held_class.news_no,
    }
    row = tx.add(Enrolment.from_draft(parse_draft(EnrolmentDraft, values)))
    row.rec_no = row.enrol_no
    _keep_check(tx, row, found, [each.code for each in found.warnings], why)
    return row


def _refuse_unless_known(found: SignUpCheck, knowing: Collection[str]) -> None:
    if found.blocks:
        raise RuleError(_("；").join(each.text for each in found.blocks), code=f"enrolment.{found.blocks[0].code}")
    untold = [each for each in found.warnings if each.code not in knowing]
    if untold:
        told = _("；").join(each.text for each in untold)
        raise RuleError(_("{told}。跟本人说清楚，还要报就再按一次", told=told), code="enrolment.warning")


def _keep_check(tx: Transaction, row: Enrolment, found: SignUpCheck, known: list[str], why: str | None) -> None:
    values = {
        "resident_id": row.resident_id,
        "enrolment_id": row.id,
        "class_id": row.class_id,
        "checked_on": found.eligibility.checked_on,
        "result": found.eligibility.result,
        "findings": found.eligibility.as_json(),
        "known": known,
        "why": why,
    }
    tx.add(EligibilityCheck.from_draft(parse_draft(EligibilityCheckDraft, values)))


def drop(tx: Transaction, enrolment_id: str, reason: str, note: str | None = None) -> Enrolment:
    """Take somebody off the list; the district gives the seat to the next one.

    Raises:
        InvalidInputError: no reason.
        RuleError: she has left, or the class has ended for her.
    """
    tx.act("enrolment.drop")
    row = tx.get(Enrolment, enrolment_id)
    if row.state == DROPPED:
        raise RuleError(_("{name} 已经退班了", name=row.name), code="enrolment.dropped")
    if row.state in (PASSED, NOT_PASSED):
        raise RuleError(_("{name} 已经办过结业，不能退班", name=row.name), code="enrolment.ended")
    if not reason:
        raise InvalidInputError({"drop_reason": _("退班要选原因")})
    known = row.model_dump(include=set(EnrolmentDraft.model_fields))
    ended = {"state": DROPPED, "drop_reason": reason, "drop_note": note, "ended_on": clock.today()}
    tx.change(row, parse_draft(EnrolmentDraft, {**known, **ended}).model_dump())
    return row


def promote(tx: Transaction, enrolment_id: str, why: str) -> Enrolment:
    """Put somebody at the head of the waiting list; a confirmed seat is never taken away for it.

    Raises:
        InvalidInputError: no reason.
        RuleError: she has a seat already, or has left.
    """
    tx.act("enrolment.promote")
    row = tx.get(Enrolment, enrolment_id)
    if row.state != SIGNED_UP:
        raise RuleError(_("{name} 已经不在名单上", name=row.name), code="enrolment.ended")
    if row.seat == SEAT:
        raise RuleError(_("{name} 的名额已经确认，不用递补", name=row.name), code="enrolment.seated")
    if not why:
        raise InvalidInputError({"ahead_why": _("提前递补要写原因")})
    tx.change(row, {"ahead": True, "ahead_why": why})
    return row
