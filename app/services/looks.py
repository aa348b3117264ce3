"""The access log: who opened whose file or a list with people in it. Written after the page was shown, never before."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlmodel import col

from app import clock
from app.db import state
from app.db.chain import LOOK_COLUMNS, LOOKS, following, head_of, look_text
from app.db.database import Transaction
from app.db.inserts import insert_rows, table_of
from app.models.access_log import LOOKS as KINDS
from app.models.access_log import AccessLine

SITTING = timedelta(minutes=10)
"""Coming back to the same thing within this time is the same look."""


@dataclass(frozen=True)
class Look:
    """What was looked at. ``detail`` names no person: a month, a grid, how many rows."""

    act: str
    subject_type: str
    subject_id: str
    detail: str = ""


def note_look(tx: Transaction, look: Look) -> int | None:
    """Write a look into the access log; return its number, or None where it belongs to a sitting that is there already.

    It is no act: nothing goes to the district but the head of the chain.
    """
    if look.act not in KINDS:
        raise ValueError(f"unknown kind of look: {look.act}")
    now = clock.now()
    if _same_sitting(tx, look):
        return None
    connection = tx.session.connection()
    head = head_of(connection, LOOKS)
    number = head.number + 1
    values = {
        "looked_at": now,
        "staff_id": tx.actor_id,
        "act": look.act,
        "subject_type": look.subject_type,
        "subject_id": look.subject_id[:60],
        "station_code": state.station_code(tx.session),
        "detail": look.detail[:200] or None,
    }
    # The hash is over what the file will hold: the moment is bound by its column's type, all else is text already.
    bind = table_of(AccessLine).c.looked_at.type.dialect_impl(connection.dialect).bind_processor(connection.dialect)
    stored = [bind(values[name]) if bind is not None and name == "looked_at" else values[name] for name in LOOK_COLUMNS]
    chain = following(head.chain, number, look_text(stored))
    insert_rows(connection, table_of(AccessLine), [{**values, "number": number, "chain": chain}])
    return number


def _same_sitting(tx: Transaction, look: Look) -> bool:
    """Tell whether this person looked at this a short while ago; a clock that was set back begins a new sitting."""
    now = clock.now()
    query = select(col(AccessLine.number)).where(
        col(AccessLine.looked_at) > now - SITTING,
        col(AccessLine.looked_at) <= now,
        col(AccessLine.staff_id) == tx.actor_id,
        col(AccessLine.act) == look.act,
        col(AccessLine.subject_type) == look.subject_type,
        col(AccessLine.subject_id) == look.subject_id[:60],
        col(AccessLine.detail).is_(None) if not look.detail else col(AccessLine.detail) == look.detail[:200],
    )
    return bool(tx.rows(query.limit(1)))
