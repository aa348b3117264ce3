"""Tells waiting counters that a feed grew: one look at the heads a second for all of them together, none when idle.

A waiting counter costs neither a thread nor a database connection. What another process of the server took in is
seen at the next look; what this one took in, at once, and mostly without a look: whoever wrote it says what it was,
and who of those that wait may still read it.
"""

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa
from starlette.concurrency import run_in_threadpool

from app import clock
from app.db.inserts import table_of
from app.district.accounts import Caller
from app.district.problems import ProblemError
from app.district.pull import entries_between, entry_text, reads
from app.district.store import DistrictStore
from app.models.district import FeedHead
from app.sync.protocol import dumps

log = logging.getLogger(__name__)

Admit = Callable[[], str | None]
Grown = tuple[int, list[str]]
"""A head, and the entries that came after it."""
News = Mapping[str, tuple[int, int, Sequence[str]]]
"""{feed: (head before, head after, the entries between as a pull tells them; none where they are many)}"""

MOST_PASSES = 50
"""Of no more who wait is asked, in the transaction that writes what they wait for, whether they may read it."""

LOOK_SECONDS = 1.0
LITTLE = 20
"""As many entries go along with an event; more are fetched by who wants them."""
COMMENT_SECONDS = 12.0
LIFE_SECONDS = 600.0
"""A stream ends after this long, so that a revoked device or a new feed is noticed; the counter asks again."""


@dataclass(frozen=True)
class Passes:
    """Who of those that wait may read, as a transaction saw it at its end. ``asked``: the hashes of their tokens."""

    epoch: str | None
    asked: frozenset[str]
    callers: Mapping[str, Caller]


@dataclass(eq=False)
class _Round:
    """Those who are still to be told of something that was rung; ``over`` is set when nobody is left of them."""

    left: "set[_Listener]" = field(default_factory=set)
    over: threading.Event = field(default_factory=threading.Event)

    def told(self, listener: "_Listener") -> None:
        self.left.discard(listener)
        if not self.left:
            self.over.set()


@dataclass(eq=False)
class _Listener:
    """One who waits. ``told``: the heads that it knows; ``token``: the hash of its token, where entries go along."""

    told: dict[str, int]
    token: str | None
    grown: asyncio.Event = field(default_factory=asyncio.Event)
    passes: Passes | None = None
    rounds: list[_Round] = field(default_factory=list)

    def wake(self, passes: Passes | None) -> None:
        self.passes = passes
        self.grown.set()

    def was_told(self) -> None:
        for each in self.rounds:
            each.told(self)
        self.rounds.clear()

    def epoch(self) -> str | None:
        """Return the epoch if what was written last says that this device may read its feeds; None: ask.

        Raises:
            PassError: it says that the device may not.
        """
        passes = self.passes
        if passes is None or passes.epoch is None or self.token not in passes.asked:
            return None
        caller = passes.callers.get(self.token or "")
        if caller is None or not all(reads(caller, feed) for feed in self.told):
            raise PassError
        return passes.epoch


class PassError(Exception):
    """A device that waits may read no longer."""


class Bell:
    """Watches the heads of all feeds while somebody listens.

    All of it runs on the server's event loop but ``ring`` and ``tokens``.
    """

    def __init__(self, store: DistrictStore) -> None:
        self._store = store
        self._heads: dict[str, int] = {}
        self._grown: dict[str, Grown] = {}
        self._listeners: set[_Listener] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._rung: asyncio.Event | None = None
        self._watch: asyncio.Task[None] | None = None

    @property
    def listening(self) -> int:
        """How many wait."""
        return len(self._listeners)

    def tokens(self, feeds: Collection[str]) -> list[str]:
        """Return, on any thread, the hashes of the tokens of those who wait for one of these feeds, if they are few."""
        wanted = {each.token for each in tuple(self._listeners) if not each.told.keys().isdisjoint(feeds)}
        found = sorted(token for token in wanted if token is not None)
        return found if len(found) <= MOST_PASSES else []

    def ring(self, news: News | None = None, passes: Passes | None = None) -> threading.Event | None:
        """Say, from any thread, that something was committed; ``news``: all that it was, where that is known.

        Return what is set when those who wait were told; None where nobody waits.
        """
        loop = self._loop
        if loop is None or not self._listeners or loop.is_closed():
            return None
        telling = _Round()
        loop.call_soon_threadsafe(self._hear, news, passes, telling)
        return telling.over

    def _hear(self, news: News | None, passes: Passes | None, telling: _Round) -> None:
        """Take in what was committed. Where it does not go on from what is known here, the heads are looked at."""
        assert self._rung is not None
        if news is None or any(self._heads.get(feed) != after for feed, (after, _head, _lines) in news.items()):
            self._rung.set()
            telling.over.set()
            return
        for feed, (after, head, lines) in news.items():
            first, held = self._grown.get(feed, (after, []))
            whole = [*held, *lines] if first + len(held) == after else list(lines)
            if len(whole) > LITTLE:
                whole = list(lines)
            self._grown[feed] = (head - len(whole), whole) if lines else (head, [])
            self._heads[feed] = head
        woken = self._wake(news, passes)
        telling.left = {each for each in woken if not each.rounds}  # one that lags behind is not waited for again
        if not telling.left:
            telling.over.set()
        for listener in telling.left:
            listener.rounds.append(telling)

    def _wake(self, feeds: Collection[str], passes: Passes | None) -> set[_Listener]:
        """Wake those who wait for one of these feeds; return them."""
        found = {each for each in self._listeners if not each.told.keys().isdisjoint(feeds)}
        for listener in found:
            listener.wake(passes)
        return found

    async def listen(
        self, heads: Mapping[str, int], admit: Admit | None = None, token: str | None = None
    ) -> AsyncIterator[str]:
        """Yield an event with ``heads``, then one whenever one of these feeds grows, and comments in between.

        Where ``admit`` is given and little came, what came goes along: one request less for each who waits. ``admit``
        is asked each time, but where the transaction that wrote it looked already; it returns the epoch, or raises for
        a device that may read no longer. ``token``: the hash of this device's token.
        """
        me = _Listener(dict(heads), token if admit is not None else None)
        self._listeners.add(me)
        self._start()
        end = clock.monotonic() + LIFE_SECONDS
        try:
            yield f"data: {dumps(me.told)}\n\n"
            while clock.monotonic() < end:
                try:
                    async with asyncio.timeout(COMMENT_SECONDS):
                        await me.grown.wait()
                except TimeoutError:
                    yield ": still here\n\n"
                    continue
                me.grown.clear()
                if (event := await self._event(me, admit)) is not None:
                    yield event
                me.was_told()
        except (PassError, ProblemError, sa.exc.SQLAlchemyError) as problem:
            log.info("a stream of events ended: %s", type(problem).__name__)  # why, it is told when it asks again
        finally:
            self._listeners.discard(me)
            me.was_told()

    async def _event(self, me: _Listener, admit: Admit | None) -> str | None:
        """Return what one who waits is to be told now, and note it as told."""
        news = {feed: head for feed in me.told if (head := self._heads.get(feed, 0)) > me.told[feed]}
        if not news:
            return None
        page = self._page(news, me.told) if admit is not None else None
        me.told.update(news)
        event = f"data: {dumps(news)}\n\n"
        if admit is None or page is None:
            return event
        epoch = me.epoch()
        if epoch is None:
            epoch = await run_in_threadpool(admit)
        return f'event: page\ndata: {{"epoch":{dumps(epoch)},{page}}}\n\n{event}'

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
        self._wake(fresh, None)

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
