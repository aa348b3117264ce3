"""Pages of a pull or a snapshot, one ahead: while a page is stored, the next is on its way."""

import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, TypeVar

from app.db.database import Database, Transaction
from app.db.direct import fetch, run
from app.errors import ProtocolError
from app.models.operation import Cursor
from app.sync.apply import apply_entries
from app.sync.protocol import Page
from app.sync.transport import Transport
from app.sync.working_out import work_ahead
from app.texts import _

FIRST_PAGE, GROWTH = 500, 3
"""How many entries the first page has, and how much larger each is than the one before, up to the limit: there is soon
something to store while the next is on its way."""

AHEAD_FROM = 200
"""A shorter page is stored sooner than a thread is worth."""

TURN = 0.0005
"""Seconds for which a thread may go on when another waits for the interpreter (Python's own: 0.005): each statement of
a page lets go of it and wants it back, and would wait as long as it works itself. The screens wait for it no less."""

At = TypeVar("At")
T = TypeVar("T")


class Ahead(Generic[At, T]):
    """Fetches at most one page beforehand, on a thread of its own; what goes wrong is raised where it is wanted."""

    def __init__(self, fetch: Callable[[At], T]) -> None:
        self._fetch = fetch
        self._thread: ThreadPoolExecutor | None = None
        self._coming: Future[T] | None = None

    def __enter__(self) -> "Ahead[At, T]":
        return self

    def __exit__(self, *_problem: object) -> None:
        if self._thread is not None:
            self._thread.shutdown()

    def start(self, at: At) -> None:
        """Send for the page after this place."""
        if self._thread is None:
            sys.setswitchinterval(TURN)
            self._thread = ThreadPoolExecutor(1, "sync-ahead")
        self._coming = self._thread.submit(self._fetch, at)

    def take(self, at: At) -> T:
        """Return the page after this place: the one that was sent for, or fetched now."""
        coming, self._coming = self._coming, None
        return self._fetch(at) if coming is None else coming.result()


def pages(
    transport: Transport,
    epoch: str,
    cursors: Mapping[str, int],
    limit: int,
    *,
    admit: Callable[[Page], object] = lambda _page: None,
    stopping: Callable[[], bool] = lambda: False,
) -> Iterator[Page]:
    """Yield page after page of what came after the cursors, each checked; the caller stores one, then takes the next.

    ``admit`` is asked about each page, and raises where it must not be stored. Nothing else is fetched meanwhile.
    """
    at, more, size = dict(cursors), True, min(limit, FIRST_PAGE)

    def ask(after: dict[str, int]) -> Page:
        page = transport.pull(epoch, after, size)
        if len(page.entries) >= AHEAD_FROM:
            work_ahead(page.entries, history=True)
        return page

    with Ahead[dict[str, int], Page](ask) as ahead:
        while more and not stopping():
            page = ahead.take(at)
            check_page(page, at)
            admit(page)
            at = {feed: page.cursors.get(feed, seq) for feed, seq in at.items()}
            more, size = page.more, min(limit, size * GROWTH)
            if more and len(page.entries) >= AHEAD_FROM:
                ahead.start(at)
            yield page


def store_page(database: Database, page: Page) -> None:
    """Store a page with its cursors in one transaction, or not at all."""
    with database.write(None) as tx:
        apply_entries(tx, page.entries)
        for feed, seq in page.cursors.items():
            keep_cursor(tx, feed, seq, page.heads.get(feed, seq))


def check_page(page: Page, cursors: Mapping[str, int]) -> None:
    """Refuse a page that skips or repeats: feeds are gapless.

    Raises:
        ProtocolError: the pull stops at the page before.
    """
    at = dict(cursors)
    for entry in page.entries:
        if entry.feed not in at or entry.seq != at[entry.feed] + 1:
            raise ProtocolError(_("区里送来的内容缺了一段，停在这里，稍后再取"), code="sync.gap")
        at[entry.feed] = entry.seq
    for feed, seq in page.cursors.items():
        if feed in at and seq != at[feed]:
            raise ProtocolError(_("区里送来的内容缺了一段，停在这里，稍后再取"), code="sync.gap")
    if page.more and not page.entries:
        raise ProtocolError(_("区里的回答看不懂，请稍后再试"))


def fits(page: Page, cursors: Mapping[str, int]) -> bool:
    """Tell whether a page goes on exactly from these cursors."""
    try:
        check_page(page, cursors)
    except ProtocolError:
        return False
    return not page.more and page.cursors.keys() <= cursors.keys()


def read_cursors(tx: Transaction, feeds: tuple[str, ...]) -> dict[str, int]:
    """Return how far each feed was fetched."""
    at = known_cursors(tx)
    return {feed: at.get(feed, 0) for feed in feeds}


def known_cursors(tx: Transaction) -> dict[str, int]:
    """Return how far each feed was fetched that was ever begun."""
    if tx.writable:
        tx.flush()
    return dict(fetch(tx.session.connection(), "SELECT feed, seq FROM cursor"))


def keep_cursor(tx: Transaction, feed: str, seq: int, head: int) -> None:
    """Note how far a feed was fetched; what was found equal before says nothing of the rest."""
    run(tx.session.connection(), _KEEP, (feed, seq, head))


_KEEP = (
    "INSERT INTO cursor (feed, seq, head) VALUES (?, ?, ?) ON CONFLICT (feed) DO UPDATE"
    " SET agreed = CASE WHEN seq = excluded.seq THEN agreed END, seq = excluded.seq, head = excluded.head"
)


def unequal_feeds(database: Database, heads: Mapping[str, int]) -> tuple[str, ...]:
    """Return the feeds that moved, here or there, since both sides were found equal."""
    with database.read() as tx:
        rows = {feed: tx.session.get(Cursor, feed) for feed in heads}
    return tuple(feed for feed, row in rows.items() if row is None or row.seq != heads[feed] or row.agreed is not True)
