"""Who of a class's list has a seat: the rule by which the district decides, also used to say what it will likely be."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.models.training import DROPPED, QUEUE, SEAT


@dataclass(frozen=True)
class Claim:
    """One enrolment as the rule sees it; ``order``: when it reached the district (its first revision)."""

    id: str
    state: str
    seat: str | None
    ahead: bool
    order: int
    live: bool = True


def decide_seats(seats: int | None, claims: Sequence[Claim]) -> dict[str, str | None]:
    """Return the seat of each enrolment: confirmed, on the waiting list, or none for who left.

    A confirmed seat is never taken away again. Free ones go to those put ahead first, then in the order of arrival. A
    class that never said how many it takes has a seat for everybody.
    """
    found: dict[str, str | None] = {claim.id: None for claim in claims}
    there = [claim for claim in claims if claim.live and claim.state != DROPPED]
    holding = [claim for claim in there if claim.seat == SEAT]
    free = len(there) if seats is None else max(0, seats - len(holding))
    found.update({claim.id: SEAT for claim in holding})
    waiting = sorted((claim for claim in there if claim.seat != SEAT), key=lambda claim: (not claim.ahead, claim.order))
    for place, claim in enumerate(waiting):
        found[claim.id] = SEAT if place < free else QUEUE
    return found
