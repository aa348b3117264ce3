"""The mass-removal fuse: what would take away much of a feed at once stops before it is applied, and asks (promise 12).

A server that lost its memory, or a mistake at the district, must not empty the counters. Nothing is read from absence
anyway; this guards against removals that were really sent.
"""

import logging
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import func, select
from sqlmodel import col

from app import clock
from app.db import state
from app.db.database import Database, Transaction
from app.db.inserts import table_of
from app.errors import ProtocolError
from app.models.base import parse_draft
from app.models.feed import FeedRecord
from app.models.registration import ServiceEvent, ServiceEventDraft
from app.models.registry import find_type
from app.sync.protocol import Entry, Page
from app.sync.transport import Transport
from app.texts import _

log = logging.getLogger(__name__)

PERCENT, RECORDS = 5, 200
"""More than both of these is asked about."""

ASKED, ALLOWED = "sync_removal_asked", "sync_removal_allowed"
ALLOW = "sync.allow_removal"

Key = tuple[str, str]


class RemovalError(ProtocolError):
    """A pull would remove too much. ``removal``: feed, how many, of how many."""

    code = "sync.removal"

    def __init__(self, feed: str, count: int, total: int) -> None:
        text = _(
            "区里要从这台电脑拿走 {n} 份记录（这一路共 {total} 份），先停住了，什么都没有动。请站长核对；"
            "确实要拿走，用 doorstep sync --allow-removal 放行一次",
            n=count,
            total=total,
        )
        super().__init__(text, code=self.code)
        self.removal = (feed, count, total)


def allow_removal(tx: Transaction) -> None:
    """Let the next pull that would remove much through, once; who did it, and what was asked, leaves a trace.

    Raises:
        NotAllowedError: the actor is no supervisor.
    """
    tx.act(ALLOW)
    asked = removal_asked(tx)
    detail = f"{asked[0]}: {asked[1]}/{asked[2]}" if asked is not None else None
    draft = parse_draft(ServiceEventDraft, {"kind": ALLOW, "happened_at": clock.now(), "detail": detail})
    tx.add(ServiceEvent.model_validate(draft.model_dump()))
    state.set_state(tx.session, ALLOWED, True)


def removal_asked(tx: Transaction) -> tuple[str, int, int] | None:
    """Return what the last pull stopped at: feed, how many records, of how many."""
    asked = state.get_state(tx.session, ASKED)
    return (str(asked[0]), int(asked[1]), int(asked[2])) if asked else None


def removal_allowed(tx: Transaction) -> bool:
    """Tell whether the next one is let through."""
    return bool(state.get_state(tx.session, ALLOWED))


class Fuse:
    """Watches one run. Each feed is measured against what it held when the run began."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._totals: dict[str, int] = {}
        self._gone: dict[str, set[Key]] = {}
        self._scanned: dict[str, int] = {}

    def check_page(self, transport: Transport, epoch: str, page: Page, limit: int) -> None:
        """Look at a page before it is applied; where it removes and more follows, at all that follows too.

        Raises:
            RemovalError: it stops here; nothing of the page may be applied.
        """
        news = [entry for entry in page.entries if entry.seq > self._scanned.get(entry.feed, 0)]
        if not self.check(news):
            return
        cursors, more = dict(page.cursors), page.more
        while more:
            ahead = transport.pull(epoch, cursors, limit)
            self.check(ahead.entries)
            if all(ahead.cursors.get(feed) == seq for feed, seq in cursors.items()):
                break
            cursors, more = dict(ahead.cursors), ahead.more
        self._scanned.update(cursors)

    def check(self, entries: Iterable[Entry]) -> bool:
        """Count what entries would remove of what is here; tell whether they remove anything.

        Raises:
            RemovalError: more than may go without a question.
        """
        entries = tuple(entries)
        if not self._gone and not any(entry.removed or _deleted(entry.values) for entry in entries):
            return False
        latest = {(entry.type, entry.id): entry for entry in entries}
        going = {key: entry for key, entry in latest.items() if entry.removed or _deleted(entry.values)}
        for key, entry in latest.items() if self._gone else ():
            if key not in going:
                self._gone.get(entry.feed, set()).discard(key)
        if not going:
            return False
        with self._database.read() as tx:
            here = _live(tx, going)
            for key in here:
                self._gone.setdefault(going[key].feed, set()).add(key)
            feeds = {going[key].feed for key in here}
            for feed in feeds:
                self._totals.setdefault(feed, feed_size(tx, feed))
        for feed in sorted(feeds):
            self.measure(feed, len(self._gone[feed]), self._totals[feed])
        return bool(here)

    def measure(self, feed: str, count: int, total: int) -> None:
        """Stop, and remember why, where so many of a feed would go.

        Raises:
            RemovalError: nobody has let it through.
        """
        if count <= RECORDS or count * 100 <= total * PERCENT:
            return
        with self._database.write(None) as tx:
            allowed = state.get_state(tx.session, ALLOWED)
            if not allowed:
                state.set_state(tx.session, ASKED, [feed, count, total])
        if not allowed:
            log.warning("feed %s: %d of %d records would go; stopped to ask", feed, count, total)
            raise RemovalError(feed, count, total)


def passed(tx: Transaction) -> None:
    """Note that a run went through: the question is answered, and the leave used up."""
    for key in (ASKED, ALLOWED):
        if state.get_state(tx.session, key):
            state.set_state(tx.session, key, None)


def feed_size(tx: Transaction, feed: str) -> int:
    """Return how many records of a feed are here."""
    query = select(func.count()).select_from(FeedRecord).where(col(FeedRecord.feed) == feed)
    return int(tx.rows(query)[0][0])


def _deleted(values: Mapping[str, Any]) -> bool:
    return values.get("deleted_at") is not None


def _live(tx: Transaction, keys: Iterable[Key]) -> set[Key]:
    """Return those records that are here and not deleted."""
    groups: dict[str, list[str]] = {}
    for kind, record_id in keys:
        groups.setdefault(kind, []).append(record_id)
    found: set[Key] = set()
    for name, ids in groups.items():
        kind_of = find_type(name)
        if kind_of is None:
            continue
        table = table_of(kind_of.model)
        for start in range(0, len(ids), 400):
            query = select(table.c.id).where(table.c.id.in_(ids[start : start + 400]), table.c.deleted_at.is_(None))
            found.update((name, record_id) for (record_id,) in tx.rows(query))
    return found
