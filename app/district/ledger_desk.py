"""Where ledgers are made: aside from the other requests, a few at a time, each until its reader goes.

An answer is a stream of JSON lines. Each is made in a thread of the desk's own and waits there until the reader takes
it; a reader who leaves ends the query, also in the middle of a statement.
"""

import asyncio
import gzip
import logging
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import msgspec
import sqlalchemy as sa

from app import clock
from app.district.problems import ProblemError
from app.district.store import DistrictStore
from app.errors import Cancelled, UserError
from app.texts import _

log = logging.getLogger(__name__)

WORKERS, WAITING = 2, 8
AHEAD = 8
"""How many lines are made before the reader has taken the first of them."""

STALL_SECONDS = 60.0
"""A reader who takes nothing for so long is gone."""

WORKING_SECONDS = 5.0
"""At least so often something is sent, so that the other side knows that it is being worked for."""

STATEMENT_SECONDS = 300

_ENCODE = msgspec.json.Encoder().encode
_READING = (
    "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY",
    f"SET LOCAL statement_timeout = '{STATEMENT_SECONDS}s'",
    "SET LOCAL cursor_tuple_fraction = 1",  # every row is wanted, not the first of them soon
)

Work = Callable[["Run"], None]


class Run:
    """One answer being made. ``put`` sends a line; ``reading`` opens the transaction that it reads in."""

    def __init__(self, store: DistrictStore, send: Callable[[bytes], None]) -> None:
        self.store = store
        self._send = send
        self._gone = threading.Event()
        self._lock = threading.Lock()
        self._busy: sa.Connection | None = None
        self._room = threading.Semaphore(AHEAD)

    def stopped(self) -> bool:
        """Tell whether nobody waits for it any more."""
        return self._gone.is_set()

    def put(self, line: Any) -> None:
        """Send a line, as soon as the reader has taken enough of what came before.

        Raises:
            Cancelled: the reader is gone.
        """
        content = _ENCODE(line) + b"\n"
        until = clock.monotonic() + STALL_SECONDS
        while not self._room.acquire(timeout=0.5):
            if self.stopped() or clock.monotonic() > until:
                raise Cancelled
        if self.stopped():
            raise Cancelled
        self._send(content)

    def taken(self) -> None:
        """Make room for another line."""
        self._room.release()

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Open a transaction that sees one moment, writes nothing and ends when the reader goes."""
        with self.store.engine.connect() as connection, connection.begin():
            if not self.store.sqlite:
                for statement in _READING:
                    connection.exec_driver_sql(statement)
            with self._lock:
                self._busy = connection
            try:
                yield connection
            finally:
                with self._lock:
                    self._busy = None
                if self.stopped():
                    connection.invalidate()  # no other request gets what was meant for this one

    def stop(self) -> None:
        """End it, also in the middle of a statement; from any thread."""
        self._gone.set()
        with self._lock:
            driver: Any = None if self._busy is None else self._busy.connection.dbapi_connection
            if driver is not None:
                driver.interrupt() if self.store.sqlite else driver.cancel()


class Desk:
    """Makes answers in threads of its own, so that no push waits for a ledger."""

    def __init__(self, workers: int = WORKERS, waiting: int = WAITING) -> None:
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="ledger")
        self._most = workers + waiting
        self._open = 0

    async def stream(self, store: DistrictStore, work: Work, *, packed: bool) -> AsyncIterator[bytes]:
        """Yield what ``work`` puts, each line packed by itself if so; the work ends when nobody takes it."""
        loop = asyncio.get_running_loop()
        lines: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._open += 1
        ended = False
        run = Run(store, lambda line: _hand(loop, lines, gzip.compress(line, 1) if packed else line))
        self._pool.submit(_make, run, work, lambda: _hand(loop, lines, None))
        try:
            while True:
                try:
                    line = await asyncio.wait_for(lines.get(), WORKING_SECONDS)
                except TimeoutError:
                    yield gzip.compress(_WORKING) if packed else _WORKING
                    continue
                if line is None:
                    ended = True
                    return
                run.taken()
                yield line
        finally:
            self._open -= 1
            if not ended:
                threading.Thread(target=run.stop, daemon=True).start()  # to tell the database may take a moment

    def admit(self) -> None:
        """See whether there is a place for one more answer.

        Raises:
            ProblemError: 503, enough are being made.
        """
        if self._open >= self._most:
            problem = ProblemError(503, "busy", _("区里正在出好几本台账，请过一会儿再取"))
            problem.headers["Retry-After"] = "10"
            raise problem

    def close(self) -> None:
        """Take no more work."""
        self._pool.shutdown(wait=False, cancel_futures=True)


_WORKING = b'{"working":true}\n'


def _hand(loop: asyncio.AbstractEventLoop, lines: "asyncio.Queue[bytes | None]", line: bytes | None) -> None:
    try:
        loop.call_soon_threadsafe(lines.put_nowait, line)
    except RuntimeError:  # the server has ended
        raise Cancelled from None


def _make(run: Run, work: Work, end: Callable[[], None]) -> None:
    """Do the work; whatever stops it is the last line."""
    try:
        work(run)
    except Cancelled:
        log.info("a ledger was fetched no further")
    except Exception as error:  # noqa: BLE001 - a stream cannot change its status any more: its last line says it
        _tell(run, error)
    finally:
        try:
            end()
        except Cancelled:
            log.info("the server ended before a ledger")


def _tell(run: Run, error: Exception) -> None:
    code, text = "bug", _("区里的服务出了错，已经记下")
    if isinstance(error, UserError):
        code, text = error.code, error.text
    elif isinstance(error, sa.exc.SQLAlchemyError) and not run.stopped():
        code, text = "too_slow", _("区里算得太久，停下了。请缩短期间，或少选几个站点")
        log.warning("a ledger was not made: %s", type(error).__name__)
    elif not run.stopped():
        log.error("unexpected %s", type(error).__name__, exc_info=error)
    try:
        run.put({"problem": code, "detail": text})
    except Cancelled:
        log.info("a ledger was fetched no further")
