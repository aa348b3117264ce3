"""Whether another station has a file of the same person, as the district found out; nothing else is known of it."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

from app import clock
from app.db.database import Transaction
from app.models.duplicate import DuplicateHint
from app.texts import _

OPEN = "open"


@dataclass(frozen=True)
class Hint:
    """Another station that has a file with the same identity number. ``text``: what a clerk reads."""

    id: str
    station_code: str
    station_name: str | None
    since: datetime | None
    text: str


def hints_of(tx: Transaction, resident_id: str) -> tuple[Hint, ...]:
    """Return the other stations that have a file of this person now, the first known first."""
    statement = (
        select(DuplicateHint)
        .where(col(DuplicateHint.resident_id) == resident_id, col(DuplicateHint.state) == OPEN)
        .where(col(DuplicateHint.deleted_at).is_(None))
        .order_by(col(DuplicateHint.since), col(DuplicateHint.other_station))
    )
    rows = tx.session.exec(statement).all()
    return tuple(Hint(row.id, row.other_station, row.other_name, row.since, hint_text(row)) for row in rows)


def hint_text(hint: DuplicateHint) -> str:
    """Return the sentence of a hint."""
    station = hint.other_name or hint.other_station
    if hint.since is None:
        return _("已在{station}登记", station=station)
    return _("已在{station}登记（区里 {day} 发现）", station=station, day=clock.to_local(hint.since).date())
