"""A device that loses a feed: its records go from here, and unsent work on them is sealed, never dropped."""

import json
import logging
from typing import Any

from sqlalchemy import delete, select, update
from sqlmodel import col

from app.db.database import Transaction
from app.db.inserts import table_of
from app.models.feed import FeedRecord
from app.models.operation import LOCAL, SEALED, UNSENT, Cursor, Operation, OperationEdit, ServerRow
from app.models.registry import RECORD_TYPES, find_type
from app.models.wire import to_wire
from app.services.attachments import leave_blobs
from app.services.unsent import edits_of
from app.sync.rows import pieces, remove_rows
from app.sync.tally import forget_running

log = logging.getLogger(__name__)


def lost_feeds(tx: Transaction, feeds: tuple[str, ...]) -> tuple[str, ...]:
    """Return the feeds that this device has fetched and may no longer read."""
    return tuple(sorted(feed for feed in tx.session.scalars(select(col(Cursor.feed))) if feed not in feeds))


def leave_feed(tx: Transaction, feed: str, others: tuple[str, ...]) -> tuple[int, int]:
    """Take a feed's records from this device and seal unsent work on them; return how many of each.

    The operations stay in the log. What a sealed operation also did to records of other feeds is fetched again.
    """
    keys = _records_of(tx, feed, others)
    sealed = _seal(tx, keys)
    connection = tx.session.connection()
    with tx.applying():
        remove_rows(tx, keys)
        for piece in pieces(record_id for _name, record_id in keys):
            connection.execute(delete(ServerRow).where(col(ServerRow.record_id).in_(piece)))
        _fetch_again(tx, sealed, keys)
    leave_blobs(tx, feed)
    tx.touched.update(name for name, _record_id in keys)
    connection.execute(delete(FeedRecord).where(col(FeedRecord.feed) == feed))
    connection.execute(delete(Cursor).where(col(Cursor.feed) == feed))
    forget_running(tx)
    tx.session.expire_all()
    log.warning("feed %s is no longer this device's: %d records went, %d acts sealed", feed, len(keys), len(sealed))
    return len(keys), len(sealed)


def _records_of(tx: Transaction, feed: str, others: tuple[str, ...]) -> set[tuple[str, str]]:
    """Return the records that came by a feed, and those made here for it that the district does not have yet."""
    marks = select(col(FeedRecord.record_type), col(FeedRecord.record_id), col(FeedRecord.feed))
    came_by = {(name, record_id): by for name, record_id, by in tx.rows(marks)}
    found = {key for key, by in came_by.items() if by == feed}
    kind_of_feed, _slash, place = feed.partition("/")
    another = any(other.partition("/")[0] == kind_of_feed for other in others)
    for kind in RECORD_TYPES:
        if kind.feed == kind_of_feed:
            table = table_of(kind.model)
            rows = select(table.c.id).where(table.c.station_code == place) if another else select(table.c.id)
            here = {(kind.name, record_id) for (record_id,) in tx.rows(rows)}
            found |= here - set(came_by)
    return found


def _seal(tx: Transaction, keys: set[tuple[str, str]]) -> list[str]:
    query = (
        select(col(Operation.op), col(OperationEdit.record_type), col(OperationEdit.record_id))
        .join(OperationEdit, col(OperationEdit.op) == col(Operation.op))
        .where(col(Operation.origin) == LOCAL, col(Operation.state).in_(UNSENT))
    )
    ops = sorted({op for op, name, record_id in tx.rows(query) if (name, record_id) in keys})
    for op in ops:
        tx.session.connection().execute(update(Operation).where(col(Operation.op) == op).values(state=SEALED))
    return ops


def _fetch_again(tx: Transaction, sealed: list[str], gone: set[tuple[str, str]]) -> None:
    """Let the comparison at the end of the run fetch what sealed operations had changed elsewhere."""
    for start in range(0, len(sealed), 400):
        query = select(col(OperationEdit.record_type), col(OperationEdit.record_id)).where(
            col(OperationEdit.op).in_(sealed[start : start + 400])
        )
        for name, record_id in set(tx.rows(query)) - gone:
            kind = find_type(name)
            if kind is not None:
                table = table_of(kind.model)
                tx.session.connection().execute(update(table).where(table.c.id == record_id).values(rev=0))


def sealed_work(tx: Transaction) -> list[dict[str, Any]]:
    """Return everything that was sealed, as it would have been sent, oldest first."""
    query = (
        select(Operation)
        .where(col(Operation.origin) == LOCAL, col(Operation.state) == SEALED)
        .order_by(col(Operation.seq))
    )
    return [
        {
            "op": row.op,
            "seq": row.seq,
            "act": row.act,
            "actor": row.actor,
            "made_at": to_wire(row.made_at),
            "reason": row.reason,
            "edits": [
                {"type": edit.record_type, "id": edit.record_id, "set": edit.changes} for edit in edits_of(tx, row.op)
            ],
        }
        for row in tx.session.scalars(query)
    ]


def export_sealed(tx: Transaction) -> str:
    """Return the sealed work as a JSON document, for the station head or the district to take over."""
    return json.dumps({"sealed": sealed_work(tx)}, ensure_ascii=False, indent=2) + "\n"
