"""After push and pull both sides must hold the same: digests, and fetching again what differs."""

import logging
from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, select

from app.db.database import Database, Transaction
from app.models.feed import FeedRecord
from app.models.registry import find_type
from app.sync.apply import apply_entries
from app.sync.protocol import digest_of, hex_digest
from app.sync.transport import Transport

log = logging.getLogger(__name__)


def local_revs(tx: Transaction, feed: str) -> dict[tuple[str, str], int]:
    """Return {(type, id): revision} of what this device holds of a feed, from the rows themselves."""
    marks = FeedRecord.__table__  # type: ignore[attr-defined]
    found: dict[tuple[str, str], int] = {}
    kinds = [kind for (kind,) in tx.rows(select(marks.c.record_type).where(marks.c.feed == feed).distinct())]
    for name in kinds:
        kind = find_type(name)
        if kind is None:
            query = select(marks.c.record_id, marks.c.rev)
        else:
            table: Any = kind.model.__table__  # type: ignore[attr-defined]
            query = select(marks.c.record_id, table.c.rev).join(table, table.c.id == marks.c.record_id)
        for record_id, rev in tx.rows(query.where(marks.c.feed == feed, marks.c.record_type == name)):
            found[name, record_id] = rev
    return found


def compare_feed(tx: Transaction, feed: str, types: Mapping[str, Any]) -> bool:
    """Tell whether this device holds what the district's digest says."""
    groups: dict[str, list[tuple[str, str, int]]] = {}
    for (kind, record_id), rev in local_revs(tx, feed).items():
        groups.setdefault(kind, []).append((kind, record_id, rev))
    mine = {kind: (len(items), hex_digest(digest_of(items))) for kind, items in groups.items()}
    theirs = {
        str(kind): (item.get("count"), item.get("digest")) for kind, item in types.items() if item.get("count", 0)
    }
    return mine == theirs


def repair_feed(database: Database, transport: Transport, epoch: str, feed: str, page: int) -> int:
    """Fetch again the records of a feed that differ; return how many. Unsent work is not touched."""
    latest: dict[tuple[str, str], int] = {}
    for entries, _cursor in _pages(transport, epoch, feed, page):
        for entry in entries:
            if entry.removed:
                latest.pop((entry.type, entry.id), None)
            else:
                latest[entry.type, entry.id] = entry.rev
    with database.read() as tx:
        mine = local_revs(tx, feed)
    wrong = {key: rev for key, rev in latest.items() if mine.get(key) != rev}
    repaired = 0
    if wrong:
        for entries, _cursor in _pages(transport, epoch, feed, page):
            picked = [entry for entry in entries if wrong.get((entry.type, entry.id)) == entry.rev]
            with database.write(None) as tx:
                repaired += apply_entries(tx, picked, force=True)
    stray = [key for key in mine if key not in latest]
    if stray:
        marks = FeedRecord.__table__  # type: ignore[attr-defined]
        with database.write(None) as tx:
            for kind, record_id in stray:
                tx.session.connection().execute(
                    delete(marks).where(marks.c.record_type == kind, marks.c.record_id == record_id)
                )
    for kind, record_id in [*wrong, *stray]:
        log.info("repaired %s %s of feed %s", kind, record_id, feed)
    return repaired + len(stray)


def _pages(transport: Transport, epoch: str, feed: str, page: int) -> Any:
    cursor = 0
    while True:
        answer = transport.pull(epoch, {feed: cursor}, page)
        yield answer.entries, cursor
        cursor = answer.cursors[feed]
        if not answer.more:
            return
