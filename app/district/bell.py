"""Tells waiting counters that a feed grew: one look at the heads a second for all of them together, none when idle.

A waiting counter costs neither a thread nor a database connection. What another process of the server took in is
seen at the next look; what this one took in, at once.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping

import sqlalchemy as sa
from starlette.concurrency import run_in_threadpool

from app import clock
from app.district.problems import ProblemError
from app.district.pull import entries_between, entry_text
from app.district.store import DistrictStore, table_of
from app.models.district import FeedHead
from app.sync.protocol import dumps

log = logging.getLogger(__name__)

Admit = Callable[[], str | None]

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
        self._grown: dict[str, tuple[int, list[str]]] = {}
        self._listeners: set[asyncio.Event] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._rung: asyncio.Event | None = None
        self._watch: asyncio.Task[None] | None = None

    @property
    def listening(self) -> int:
        """How many wait."""
        return len(self._listeners)

    def ring(self) -> None:
        """Say, from any thread, that something was committed."""
        loop, rung = self._loop, self._rung
        if loop is not None and rung is not None and self._listeners and not loop.is_closed():
            loop.call_soon_threadsafe(rung.set)

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
                if admit is not None and page is not None:
                    yield f'event: page\ndata: {{"epoch":{dumps(await run_in_threadpool(admit))},{page}}}\n\n'
                yield f"data: {dumps(news)}\n\n"
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
            try:
                heads, grown = await run_in_threadpool(self._read)
            except sa.exc.SQLAlchemyError as problem:
                log.warning("the heads cannot be read: %s", type(problem).__name__)
                heads, grown = self._heads, {}
            if heads != self._heads:
                self._heads, self._grown = heads, grown
                for listener in self._listeners:
                    listener.set()
            try:
                await asyncio.wait_for(self._rung.wait(), LOOK_SECONDS)
            except TimeoutError:
                continue
            self._rung.clear()

    def _read(self) -> tuple[dict[str, int], dict[str, tuple[int, list[str]]]]:
        """Return the heads, and of feeds that grew a little since the last look the entries: {feed: (after, lines)}."""
        table = table_of(FeedHead)
        grown: dict[str, tuple[int, list[str]]] = {}
        with self._store.read() as connection:
            heads = {row.feed: row.head for row in connection.execute(sa.select(table.c.feed, table.c.head))}
            for feed, head in heads.items():
                before = self._heads.get(feed, head)
                if 0 < head - before <= LITTLE:
                    query = entries_between(feed, before, head, LITTLE)
                    grown[feed] = (before, [entry_text(row) for row in connection.execute(query)])
        return heads, grown
