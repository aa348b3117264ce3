"""Seats of a class as this device knows them: the district's word where it came, else what it will likely be."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlmodel import col

from app.db.database import Transaction
from app.models.codes import code_list
from app.models.seats import Claim, decide_seats
from app.models.training import DROPPED, NOT_PASSED, PASSED, QUEUE, SEAT, Enrolment
from app.texts import _

UNANSWERED = 2**53
"""Order of an enrolment that the district has not numbered: after all that it has."""


@dataclass(frozen=True)
class SeatCounts:
    """How many of a class's list are on it, and what the district said of them."""

    signed_up: int = 0
    confirmed: int = 0
    waiting: int = 0

    @property
    def unanswered(self) -> int:
        """Return how many the district has not decided about."""
        return self.signed_up - self.confirmed - self.waiting

    def expected(self, seats: int | None) -> int:
        """Return how many will have a seat once the district has decided."""
        return self.signed_up if seats is None else min(seats, self.signed_up)


def counts_of(tx: Transaction, class_ids: Sequence[str]) -> dict[str, SeatCounts]:
    """Return the counts of several classes, zeros where nobody signed up."""
    statement = (
        select(col(Enrolment.class_id), col(Enrolment.seat), func.count())
        .where(col(Enrolment.class_id).in_(class_ids), col(Enrolment.state) != DROPPED)
        .where(col(Enrolment.deleted_at).is_(None))
        .group_by(col(Enrolment.class_id), col(Enrolment.seat))
    )
    tally: dict[str, dict[str | None, int]] = {class_id: {} for class_id in class_ids}
    for class_id, seat, count in tx.rows(statement):
        tally[class_id][seat] = count
    return {
        class_id: SeatCounts(sum(found.values()), found.get(SEAT, 0), found.get(QUEUE, 0))
        for class_id, found in tally.items()
    }


def expected_seats(tx: Transaction, class_id: str, seats: int | None) -> dict[str, str | None]:
    """Return what the seat of each enrolment is, or will be as far as this device knows (enrolment id → SEAT code)."""
    statement = (
        select(col(Enrolment.id), col(Enrolment.state), col(Enrolment.seat), col(Enrolment.ahead), col(Enrolment.rev))
        .where(col(Enrolment.class_id) == class_id, col(Enrolment.deleted_at).is_(None))
        .order_by(col(Enrolment.created_at), col(Enrolment.id))
    )
    claims = [
        Claim(row.id, row.state, row.seat, row.ahead, place if row.rev else UNANSWERED + place)
        for place, row in enumerate(tx.rows(statement))
    ]
    return decide_seats(seats, claims)


def standing(state: str, seat: str | None) -> str:
    """Return the ENROL_STATE that is shown: 录取 and 候补 follow from the district's seat."""
    if state in (DROPPED, PASSED, NOT_PASSED):
        return state
    return {SEAT: "20", QUEUE: "30"}.get(seat or "", state)


def seat_words(state: str, seat: str | None) -> str:
    """Return the word on a seat for list and slip: 待确认 until the district said so."""
    if state in (DROPPED, PASSED, NOT_PASSED):
        return code_list("ENROL_STATE").label(state)
    return code_list("SEAT").label(seat) if seat else _("待确认")
