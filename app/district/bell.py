"""Tells waiting counters that a feed grew: one look at the heads a second for all of them together, none when idle.

A waiting counter costs neither a thread nor a database connection. What another process of the server took in is
seen at the next look; what this one took in, at once, and mostly without a look: whoever wrote it says what it was.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence

import sqlalchemy as sa
from starlette.concurrency import run_in_threadpool

from app import clock
from app.db.inserts import table_of
from app.district.problems import ProblemError
from app.district.pull import entries_between, entry_text
from app.district.store import DistrictStore
from app.models.district import FeedHead
from app.sync.protocol import dumps

log = logging.getLogger(__name__)

Admit = Callable[[], str | None]
Grown = tuple[int, list[str]]
"""A head, and the entries that came after it."""
News = Mapping[str, tuple[int, int, Sequence[str]]]
"""{feed: (head before, head after, the entries between as a pull tells them; none where they are many)}"""

LOOK_SECONDS = 1.0
LITTLE = 20
"""As many entries go along with an event; more are fetched by who wants them."""
COMMENT_SECONDS = 12.0
LIFE_SECONDS = 600.0
"""A stream ends after this long, so that a revoked device or a new feed is noticed; the counter asks again."""


class Bell:
    """Watches the heads of all feeds while somebody listens. All of it runs on the server's event loop but ``ring``."""

    def __init__(self, store: DistrictStore) -> None:
        self._store = store
        self._heads: dict[str, int] = {}
        self._grown: dict[str, Grown] = {}
        self._listeners: set[asyncio.Event] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._rung: asyncio.Event | None = None
        self._watch: asyncio.Task[None] | None = None

    @property
    def listening(self) -> int:
        """How many wait."""
        return len(self._listeners)

    def ring(self, news: News | None = None) -> None:
        """Say, from any thread, that something was committed; ``news``: all that it was, where that is known."""
        loop = self._loop
        if loop is not None and self._listeners and not loop.is_closed():
            loop.call_soon_threadsafe(self._hear, news)

    def _hear(self, news: News | None) -> None:
        """Take in what was committed. Where it does not go on from what is known here, the heads are looked at."""
        assert self._rung is not None
        if news is None or any(self._heads.get(feed) != after for feed, (after, _head, _lines) in news.items()):
            self._rung.set()
            return
        for feed, (after, head, lines) in news.items():
            first, held = self._grown.get(feed, (after, []))
            whole = [*held, *lines] if first + len(held) == after else list(lines)
            if len(whole) > LITTLE:
                whole = list(lines)
            self._grown[feed] = (head - len(whole), whole) if lines else (head, [])
            self._heads[feed] = head
        for listener in self._listeners:
            listener.set()

    async def listen(self, heads: Mapping[str, int], admit: Admit | None = None) -> AsyncIterator[str]:
        """Yield an event with ``heads``, then one whenever one of these feeds grows, and comments in between.

        Where ``admit`` is given and little came, what came goes along: one request less for each who waits. ``admit``
        is asked each time; it returns the epoch, or raises for a device that may read no longer.
        """
        told = dict(heads)
        grown = asyncio.Event()
        self._listeners.add(grown)
        self._start()
        end = clock.monotonic() + LIFE_SECONDS
        try:
            yield f"data: {dumps(told)}\n\n"
            while clock.monotonic() < end:
                try:
                    await asyncio.wait_for(grown.wait(), COMMENT_SECONDS)
                except TimeoutError:
                    yield ": still here\n\n"
                    continue
                grown.clear()
                news = {feed: head for feed in told if (head := self._heads.get(feed, 0)) > told[feed]}
                if not news:
                    continue
                page = self._page(news, told) if admit is not None else None
                told.update(news)
                event = f"data: {dumps(news)}\n\n"
                if admit is not None and page is not None:
                    epoch = dumps(await run_in_threadpool(admit))
                    event = f'event: page\ndata: {{"epoch":{epoch},{page}}}\n\n{event}'
                yield event
        except (ProblemError, sa.exc.SQLAlchemyError) as problem:
            log.info("a stream of events ended: %s", type(problem).__name__)  # why, it is told when it asks again
        finally:
            self._listeners.discard(grown)

    def _page(self, news: Mapping[str, int], told: Mapping[str, int]) -> str | None:
        """Return what came since ``told`` as a pull tells it, if all of it is at hand."""
        entries: list[str] = []
        for feed, head in sorted(news.items()):
            first, lines = self._grown.get(feed, (head, []))
            if told[feed] < first:
                return None
            entries += lines[told[feed] - first : head - first]
        heads = dumps(dict(news))
        return f'"entries":[{",".join(entries)}],"cursors":{heads},"heads":{heads},"more":false'

    def _start(self) -> None:
        loop = asyncio.get_running_loop()
        if self._watch is None or self._watch.done() or self._loop is not loop:
            self._loop, self._rung = loop, asyncio.Event()
            self._watch = loop.create_task(self._look())

    async def _look(self) -> None:
        """Look at the heads when rung, or once a second, as long as somebody listens."""
        assert self._rung is not None
        while self._listeners:
            before = dict(self._heads)
            try:
                heads, grown = await run_in_threadpool(self._read, before)
            except sa.exc.SQLAlchemyError as problem:
                log.warning("the heads cannot be read: %s", type(problem).__name__)
                heads, grown = {}, {}
            self._take(before, heads, grown)
            try:
                await asyncio.wait_for(self._rung.wait(), LOOK_SECONDS)
            except TimeoutError:
                continue
            self._rung.clear()

    def _take(self, before: Mapping[str, int], heads: Mapping[str, int], grown: Mapping[str, Grown]) -> None:
        """Take in what a look found; what was heard of meanwhile may be newer."""
        fresh = {feed: head for feed, head in heads.items() if head > self._heads.get(feed, -1)}
        for feed, head in fresh.items():
            goes_on = feed in grown and self._heads.get(feed) == before.get(feed)
            self._grown[feed] = grown[feed] if goes_on else (head, [])
            self._heads[feed] = head
        if fresh:
            for listener in self._listeners:
                listener.set()

    def _read(self, before: Mapping[str, int]) -> tuple[dict[str, int], dict[str, Grown]]:
        """Return the heads, and of feeds that grew a little since ``before`` the entries."""
        table = table_of(FeedHead)
        grown: dict[str, Grown] = {}
        with self._store.read() as connection:
            heads = {row.feed: row.head for row in connection.execute(sa.select(table.c.feed, table.c.head))}
            for feed, head in heads.items():
                after = before.get(feed, head)
                if 0 < head - after <= LITTLE:
                    query = entries_between(feed, after, head, LITTLE)
                    grown[feed] = (after, [entry_text(row) for row in connection.execute(query)])
        return heads, grown
