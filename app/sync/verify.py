"""After push and pull both sides must hold the same: digests, and fetching again what differs.

The running digest (tally.py) follows what was applied and costs nothing to compare. It is not to be trusted for ever: a
row may rot underneath. So everything is counted anew from the rows at each start, once a day, whenever somebody asks
for a run, and whenever the running digest differs from the district's.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from app import clock
from app.db.database import Database, Transaction
from app.db.direct import fetch, run_many
from app.db.inserts import table_of, utc_text
from app.models.registry import find_type
from app.sync.apply import apply_entries
from app.sync.protocol import Entry, digest_of, hex_digest
from app.sync.pulling import known_cursors
from app.sync.rows import Key
from app.sync.tally import drop_marks, keep_running, running
from app.sync.transport import ProblemAnswer, Transport

log = logging.getLogger(__name__)

PAGE = 1000
SUSPECTS = 50
"""As many records are fetched one by one; where more differ, the feed is read through once."""


def local_revs(tx: Transaction, feed: str) -> dict[Key, int]:
    """Return {(type, id): revision} of what this device holds of a feed, from the rows themselves."""
    return {
        (name, record_id): rev for name, rows in _held(tx, feed) for record_id, _mark, rev in rows if rev is not None
    }


def _held(tx: Transaction, feed: str) -> Iterator[tuple[str, Sequence[Any]]]:
    """Yield the records of a feed by type: (id, revision it came at, that of the row; None where that is not there)."""
    connection = tx.session.connection()
    for (name,) in fetch(connection, "SELECT DISTINCT record_type FROM feed_record WHERE feed = ?", (feed,)):
        kind = find_type(name)
        own, join = "m.rev", ""
        if kind is not None:
            own, join = "r.rev", f' LEFT JOIN "{table_of(kind.model).name}" r ON r.id = m.record_id'
        query = f"SELECT m.record_id, m.rev, {own} FROM feed_record m{join} WHERE m.feed = ? AND m.record_type = ?"  # noqa: S608
        yield name, fetch(connection, query, (feed, name))


def count_feed(tx: Transaction, feed: str) -> "Counted":
    """Return {type: (count, digest)} of a feed, counted from the rows."""
    counted = {}
    for name, rows in _held(tx, feed):
        revs = [(name, record_id, rev) for record_id, _mark, rev in rows if rev is not None]
        if revs:
            counted[name] = (len(revs), hex_digest(digest_of(revs)))
    return counted


Counted = dict[str, tuple[int, str]]
"""{type: (count, digest)}"""


def compare_feed(
    database: Database,
    feed: str,
    types: Mapping[str, Any],
    *,
    recount: bool = True,
    fresh: dict[str, Counted] | None = None,
) -> bool:
    """Tell whether this device holds what the district's digest says.

    Without ``recount`` by the running digest, and by a fresh count only where that differs. ``fresh`` takes up a count
    that agrees, for ``note_compared`` to keep; without it, it is kept at once.
    """
    theirs = {
        str(kind): (item.get("count"), item.get("digest")) for kind, item in types.items() if item.get("count", 0)
    }
    with database.read() as tx:
        kept = running(tx, feed)
        if kept == theirs and not recount:
            return True
        counted = count_feed(tx, feed)
    if counted == theirs and fresh is not None:
        fresh[feed] = counted
    elif counted != kept:
        with database.write(None) as tx:
            keep_running(tx, feed, counted)
    return counted == theirs


def note_compared(database: Database, found: Mapping[str, tuple[int, bool]], fresh: Mapping[str, Counted]) -> None:
    """Note what the comparison of each feed came to, and what was counted for it.

    ``found``: at which cursor, and whether both sides were equal. Of a feed that moved since, nothing is known.
    """
    if not found:
        return
    with database.write(None) as tx:
        at, now = known_cursors(tx), utc_text(clock.now())
        still = {feed: equal for feed, (seq, equal) in found.items() if at.get(feed, seq) == seq}
        for feed in still.keys() & fresh.keys():
            if running(tx, feed) != fresh[feed]:
                keep_running(tx, feed, fresh[feed])
        run_many(tx.session.connection(), _NOTE, [(now, equal, feed) for feed, equal in still.items()])


_NOTE = "UPDATE cursor SET verified_at = ?, agreed = ? WHERE feed = ?"


def repair_feed(database: Database, transport: Transport, epoch: str, feed: str, types: Mapping[str, Any]) -> int:
    """Fetch again the records of a feed that differ; return how many. Unsent work is not touched.

    What can be told from here alone is fetched record by record; where that is not enough, the feed is read once.
    """
    repaired = _fetch_suspects(database, transport, epoch, feed)
    if repaired and compare_feed(database, feed, types):
        return repaired
    return repaired + _read_through(database, transport, epoch, feed)


def _fetch_suspects(database: Database, transport: Transport, epoch: str, feed: str) -> int:
    """Fetch the few records whose row is not at the revision at which they came."""
    with database.read() as tx:
        wrong = [
            ((name, record_id), mark) for name, rows in _held(tx, feed) for record_id, mark, rev in rows if rev != mark
        ]
    if not 0 < len(wrong) <= SUSPECTS:
        return 0
    found = []
    for key, mark in wrong:
        page = transport.pull(epoch, {feed: mark - 1}, 1)
        found += [entry for entry in page.entries if (entry.type, entry.id) == key and not entry.removed]
    return _take(database, feed, found)


def _read_through(database: Database, transport: Transport, epoch: str, feed: str) -> int:
    """Read a feed as it stands, once, and take what differs; forget what the district does not have in it."""
    with database.read() as tx:
        mine = local_revs(tx, feed)
    seen: set[Key] = set()
    repaired = 0
    for entries in _as_it_stands(transport, epoch, feed):
        seen.update((entry.type, entry.id) for entry in entries)
        repaired += _take(database, feed, [entry for entry in entries if mine.get((entry.type, entry.id)) != entry.rev])
    stray = [key for key in mine if key not in seen]
    if stray:
        with database.write(None) as tx:
            drop_marks(tx, feed, stray)
        for kind, record_id in stray:
            log.info("feed %s does not hold %s %s", feed, kind, record_id)
    return repaired + len(stray)


def _take(database: Database, feed: str, entries: Sequence[Entry]) -> int:
    if not entries:
        return 0
    with database.write(None) as tx:
        done = apply_entries(tx, entries, force=True, as_of_now=True)
    for entry in entries:
        log.info("repaired %s %s of feed %s", entry.type, entry.id, feed)
    return done


def _as_it_stands(transport: Transport, epoch: str, feed: str) -> Iterator[Sequence[Entry]]:
    """Yield a feed's records as they stand, page by page; all at once from a server that has no snapshots."""
    after, more = 0, True
    try:
        while more:
            page = transport.snapshot(feed, after, PAGE, epoch)
            yield page.entries
            after, more = page.after, page.more
    except ProblemAnswer as problem:
        if problem.problem != "not_found":
            raise
        yield _replayed(transport, epoch, feed)


def _replayed(transport: Transport, epoch: str, feed: str) -> Sequence[Entry]:
    latest: dict[Key, Entry] = {}
    after, more = 0, True
    while more:
        page = transport.pull(epoch, {feed: after}, PAGE)
        latest.update({(entry.type, entry.id): entry for entry in page.entries})
        after, more = page.cursors[feed], page.more
    return [entry for entry in latest.values() if not entry.removed]
