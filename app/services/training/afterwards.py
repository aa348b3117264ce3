"""After training: employed within the district's days or not (D10), and who is due for a follow-up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlmodel import col

from app import clock
from app.db.database import Transaction
from app.models.codes import code_list
from app.models.referral import Referral
from app.models.registration import EmpStatus
from app.models.resident import Resident
from app.models.training import PASSED, Enrolment
from app.services.policy import parameter
from app.services.referrals import HIRED
from app.services.training.scope import get_class

EMPLOYED, NOT_EMPLOYED, STILL_OPEN, NOT_KNOWN = "employed", "not_employed", "still_open", "not_known"


@dataclass(frozen=True)
class AfterLine:
    """What became of one graduate. ``days``: from the end of the class to work; ``how``: employment status or 推荐录用.

    ``outcome``: EMPLOYED within the days, NOT_EMPLOYED, STILL_OPEN until they are over, NOT_KNOWN for other stations'
    people: their file is not here.
    """

    enrolment_id: str
    resident_id: str
    name: str
    ended_on: date
    until: date
    outcome: str
    employed_on: date | None
    days: int | None
    how: str | None


@dataclass(frozen=True)
class AfterClass:
    """The figures of a class: ``percent`` of those whose outcome is known."""

    within_days: int
    lines: tuple[AfterLine, ...]

    @property
    def employed_count(self) -> int:
        """Return how many were employed within the days."""
        return sum(line.outcome == EMPLOYED for line in self.lines)

    @property
    def percent(self) -> int | None:
        """Return their share of all whose time is over or who have work; None while there is nobody."""
        known = [line for line in self.lines if line.outcome in (EMPLOYED, NOT_EMPLOYED)]
        return round(100 * self.employed_count / len(known)) if known else None


def after_class(tx: Transaction, class_id: str, *, on: date | None = None) -> AfterClass:
    """Return what became of those who completed a class, as of a day (today).

    Raises:
        NotFoundError: there is no such class.
    """
    held_class = get_class(tx, class_id)
    day = on or clock.today()
    within = int(parameter(tx, "training.employed_days", held_class.finished_on or day))
    statement = (
        select(col(Enrolment.id), col(Enrolment.resident_id), col(Enrolment.name), col(Enrolment.ended_on))
        .where(col(Enrolment.class_id) == class_id, col(Enrolment.state) == PASSED, col(Enrolment.deleted_at).is_(None))
        .order_by(col(Enrolment.created_at), col(Enrolment.id))
    )
    rows = tx.rows(statement)
    work = _first_work(tx, [row.resident_id for row in rows])
    known = _known_here(tx, [row.resident_id for row in rows])
    lines = []
    for row in rows:
        ended = row.ended_on or held_class.finished_on or held_class.end_on
        until = ended + timedelta(days=within)
        hit = next(((at, how) for at, how in work.get(row.resident_id, ()) if ended <= at <= min(until, day)), None)
        outcome = EMPLOYED if hit else STILL_OPEN if day <= until else NOT_EMPLOYED
        if row.resident_id not in known and hit is None:
            outcome = NOT_KNOWN
        since = (hit[0], (hit[0] - ended).days, hit[1]) if hit else (None, None, None)
        lines.append(AfterLine(row.id, row.resident_id, row.name, ended, until, outcome, *since))
    return AfterClass(within, tuple(lines))


def _first_work(tx: Transaction, people: Sequence[str]) -> dict[str, list[tuple[date, str]]]:
    """Return resident → (day, how) of each time she took up work, earliest first."""
    found: dict[str, list[tuple[date, str]]] = {}
    employed = {item.code for item in code_list("EMP_STATUS") if item.extra.get("counts_as") == "employed"}
    changes = select(col(EmpStatus.resident_id), col(EmpStatus.since), col(EmpStatus.to_status)).where(
        col(EmpStatus.resident_id).in_(people),
        col(EmpStatus.to_status).in_(employed),
        col(EmpStatus.deleted_at).is_(None),
    )
    for resident_id, since, status in tx.rows(changes):
        found.setdefault(resident_id, []).append((since, status))
    hires = select(col(Referral.resident_id), col(Referral.onboard_date)).where(
        col(Referral.resident_id).in_(people),
        col(Referral.outcome) == HIRED,
        col(Referral.onboard_date).is_not(None),
        col(Referral.deleted_at).is_(None),
    )
    for resident_id, onboard in tx.rows(hires):
        found.setdefault(resident_id, []).append((onboard, "referral"))
    return {resident_id: sorted(times) for resident_id, times in found.items()}


def _known_here(tx: Transaction, people: Sequence[str]) -> set[str]:
    return {row.id for row in tx.rows(select(col(Resident.id)).where(col(Resident.id).in_(people)))}


@dataclass(frozen=True)
class FollowUpDue:
    """A graduate to be asked how it went (``fu.training``): so many days after completion."""

    enrolment_id: str
    class_id: str
    resident_id: str
    name: str
    phone: str | None
    due_on: date
    after_days: int


def list_follow_ups(tx: Transaction, *, on: date | None = None, ahead: int = 3, back: int = 7) -> list[FollowUpDue]:
    """Return the follow-ups that are due from ``back`` days ago to ``ahead`` days from now.

    What was asked already is told by the follow-up records (``followups_due``).
    """
    day = on or clock.today()
    found = []
    for after in parameter(tx, "fu.training", day):
        first, last = day - timedelta(days=int(after) + back), day - timedelta(days=int(after) - ahead)
        statement = select(Enrolment).where(
            col(Enrolment.state) == PASSED,
            col(Enrolment.ended_on) >= first,
            col(Enrolment.ended_on) <= last,
            col(Enrolment.deleted_at).is_(None),
        )
        for row in tx.session.scalars(statement):
            assert row.ended_on is not None
            due = row.ended_on + timedelta(days=int(after))
            found.append(FollowUpDue(row.id, row.class_id, row.resident_id, row.name, row.phone, due, int(after)))
    return sorted(found, key=lambda each: (each.due_on, each.name))
