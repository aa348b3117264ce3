"""Starting a feed from nothing: each record as it stands, page by page, without the feed's past.

A page and the cursor it reaches are one transaction, and the cursor is an ordinary one: a run that is cut off goes on
from it, and pull goes on from the last. A cut costs at most the one page that was on its way.
"""

import logging
from collections.abc import Callable

from app.db import state
from app.db.database import Database, Transaction
from app.errors import ProtocolError
from app.models.operation import Cursor
from app.sync.apply import apply_entries
from app.sync.fuse import feed_size
from app.sync.protocol import SnapshotPage
from app.sync.pulling import AHEAD_FROM, Ahead, keep_cursor, read_cursors
from app.sync.transport import ProblemAnswer, Transport
from app.sync.working_out import work_ahead
from app.texts import _

log = logging.getLogger(__name__)

STARTING = "sync_starting_feeds"
"""The feeds that are under way of being started from a snapshot."""

Progress = Callable[[str, int, int], object]
"""Told, after each page that was stored: the feed, how many of its records are here, how many it holds."""


def begin(tx: Transaction, feed: str, head: int, least: int) -> bool:
    """Tell whether a feed is to be fetched as a snapshot: it is empty here and long there, or that is under way."""
    under_way = list(state.get_state(tx.session, STARTING) or ())
    if feed in under_way:
        return True
    row = tx.session.get(Cursor, feed)
    if (row is not None and row.seq > 0) or head <= least:
        return False
    state.set_state(tx.session, STARTING, [*under_way, feed])
    return True


def under_way(tx: Transaction) -> bool:
    """Tell whether a feed is being started from a snapshot."""
    return bool(state.get_state(tx.session, STARTING))


def fetch(
    database: Database,
    transport: Transport,
    epoch: str,
    feed: str,
    *,
    limit: int,
    admit: Callable[[SnapshotPage], object],
    progress: Progress,
    stopping: Callable[[], bool],
) -> int:
    """Fetch the rest of a feed's snapshot; return how many records came.

    ``admit`` is asked about each page before it is stored, and raises where it must not be.
    """
    fetched, more = 0, True
    with database.read() as tx:
        after = read_cursors(tx, (feed,))[feed]

    def ask(at: int) -> SnapshotPage | None:
        return _ask(transport, feed, at, limit, epoch)

    with Ahead(ask) as ahead:
        while more and not stopping():
            page = ahead.take(after)
            if page is None:
                with database.write(None) as tx:
                    _finish(tx, feed)
                break
            check_snapshot(page, feed, epoch, after)
            admit(page)
            after, more = page.after, page.more
            if more and len(page.entries) >= AHEAD_FROM:
                ahead.start(after)
            with database.write(None) as tx:
                count = _store(tx, page)
            fetched += len(page.entries)
            progress(feed, count, max(count, page.total))
    return fetched


def _ask(transport: Transport, feed: str, after: int, limit: int, epoch: str) -> SnapshotPage | None:
    """Fetch a page; None from a server that has no snapshots: pull does it all then."""
    try:
        page = transport.snapshot(feed, after, limit, epoch)
        work_ahead(page.entries, history=False)
        return page
    except ProblemAnswer as problem:
        if problem.problem != "not_found":
            raise
    return None


def _store(tx: Transaction, page: SnapshotPage) -> int:
    """Store a page with the cursor it reaches; return how many records of the feed are here now."""
    apply_entries(tx, page.entries, as_of_now=True)
    keep_cursor(tx, page.feed, page.after, page.head)
    if not page.more:
        _finish(tx, page.feed)
    return feed_size(tx, page.feed)


def _finish(tx: Transaction, feed: str) -> None:
    left = [name for name in state.get_state(tx.session, STARTING) or () if name != feed]
    state.set_state(tx.session, STARTING, left)


def check_snapshot(page: SnapshotPage, feed: str, epoch: str, after: int) -> None:
    """Refuse a page that is of another feed or life, or does not go forward.

    Raises:
        ProtocolError: nothing of it is kept.
    """
    at = after
    for entry in page.entries:
        if entry.feed != feed or entry.rev <= at:
            raise ProtocolError(_("区里送来的内容缺了一段，停在这里，稍后再取"), code="sync.gap")
        at = entry.rev
    wrong = page.feed != feed or page.epoch != epoch or page.after < at or (page.more and page.after <= after)
    if wrong:
        raise ProtocolError(_("区里送来的内容缺了一段，停在这里，稍后再取"), code="sync.gap")
