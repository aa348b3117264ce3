"""Processes that take large pushes, so that one does not hold up the others: each has a processor and a connection.

The server keeps what there is one of: requests, turns, listeners, rulings, counts. A worker gets the bytes of a push
and gives back the text of its answer. It ends when its line does; what it had not committed then never was, and the
counter sends it again (ADR 14).
"""

import gc
import logging
import os
import signal
import struct
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import IO, Any

import msgspec
import sqlalchemy as sa

from app import clock
from app.district.problems import ProblemError
from app.district.push_work import Parcel, Taken, take_parcel
from app.district.store import DistrictStore
from app.district.turns import Turn
from app.errors import StorageError
from app.program import command
from app.texts import _

log = logging.getLogger(__name__)

NAME = "push-worker"
"""The word by which the program is started as a worker."""
LARGE = 8000
"""A body of fewer bytes, as it came, is taken by the server itself: that is sooner done than sent on."""
MOST = 4
PAUSE = 30.0
"""So long, in seconds, no other worker is started after one did not start, or ended within that time."""
STOP_SECONDS = 5.0


class _Begin(msgspec.Struct, frozen=True, tag=True):
    database: str


class _Up(msgspec.Struct, frozen=True, tag=True):
    """The worker takes pushes."""


class _Looked(msgspec.Struct, frozen=True, tag=True):
    """The push was looked at; what comes before it must be written now."""


class _Go(msgspec.Struct, frozen=True, tag=True):
    """What comes before it is written."""


class _Problem(msgspec.Struct, frozen=True, tag=True):
    status: int
    code: str
    detail: str
    extra: dict[str, Any]


class _Failed(msgspec.Struct, frozen=True, tag=True):
    """It could not be taken. ``busy``: the database could not; else it is a fault of the program."""

    busy: bool
    kind: str


class _Job(msgspec.Struct, frozen=True, tag=True):
    """``first``: nothing of its device is under way before it."""

    parcel: Parcel
    first: bool


class _Done(msgspec.Struct, frozen=True, tag=True):
    taken: Taken


class _Line:
    """Carries messages over two pipes, each with its length before it."""

    _encode = msgspec.msgpack.Encoder().encode
    _decode = msgspec.msgpack.Decoder(_Begin | _Up | _Looked | _Go | _Problem | _Failed | _Job | _Done).decode

    def __init__(self, source: IO[bytes], target: IO[bytes]) -> None:
        self._source = source
        self._target = target

    def send(self, message: msgspec.Struct) -> None:
        """Send a message.

        Raises:
            OSError: nobody is there.
        """
        content = self._encode(message)
        self._target.write(struct.pack(">I", len(content)) + content)
        self._target.flush()

    def receive(self) -> Any:
        """Return the next message.

        Raises:
            EOFError: nobody is there.
        """
        head = self._source.read(4)
        if len(head) == 4:
            content = self._source.read(size := struct.unpack(">I", head)[0])
            if len(content) == size:
                return self._decode(content)
        raise EOFError

    def close(self) -> None:
        """Send no more."""
        try:
            self._target.close()
        except OSError:
            log.debug("a worker's line was closed already")


# -- in the worker ----------------------------------------------------------------------------------------------------


def serve() -> int:
    """Take pushes from the server that started this process, until it is gone."""
    for kind in (signal.SIGINT, signal.SIGTERM):  # they are meant for the server, which ends the line when it is ready
        signal.signal(kind, signal.SIG_IGN)
    line = _Line(sys.stdin.buffer, os.fdopen(os.dup(sys.stdout.fileno()), "wb"))
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever prints must not print into an answer
    try:
        store = DistrictStore(line.receive().database)
        freeze_garbage()
        line.send(_Up())
        while True:
            job = line.receive()
            line.send(_answer(store, line, job))
    except (EOFError, OSError):
        return 0


def _answer(store: DistrictStore, line: _Line, job: _Job) -> msgspec.Struct:
    def ready() -> None:
        if not job.first:
            line.send(_Looked())
            line.receive()

    try:
        return _Done(take_parcel(store, job.parcel, ready))
    except ProblemError as problem:
        return _Problem(problem.status, problem.code, problem.detail, problem.extra)
    except (sa.exc.DBAPIError, sa.exc.TimeoutError, StorageError) as problem:
        return _Failed(True, type(problem).__name__)
    except (EOFError, BrokenPipeError):
        raise
    except Exception as problem:
        log.error("unexpected %s", type(problem).__name__, exc_info=problem)
        return _Failed(False, type(problem).__name__)


def freeze_garbage() -> None:
    """Look for garbage only among what requests leave."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


# -- in the server ----------------------------------------------------------------------------------------------------


_GONE = (EOFError, OSError, ValueError, msgspec.MsgspecError)
"""What says that a worker is gone, or says nothing that is understood."""


class _Worker:
    """One worker as the server sees it."""

    def __init__(self, database: str) -> None:
        self.started_at = clock.monotonic()
        self._process = subprocess.Popen(
            [*command("doorstep-district"), NAME], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert self._process.stdin is not None and self._process.stdout is not None
        self._line = _Line(self._process.stdout, self._process.stdin)
        try:
            self._line.send(_Begin(database))
            self._line.receive()
        except _GONE:
            self.stop()
            raise

    @property
    def alive(self) -> bool:
        """Tell whether its process runs."""
        return self._process.poll() is None

    @property
    def pid(self) -> int:
        """The number of its process."""
        return self._process.pid

    def take(self, parcel: Parcel, turn: Turn) -> Any:
        """Return what the worker answers.

        Raises:
            Exception: one of ``_GONE``.
        """
        self._line.send(_Job(parcel, turn.is_first()))
        answer = self._line.receive()
        if isinstance(answer, _Looked):
            turn.wait_to_write()
            self._line.send(_Go())
            answer = self._line.receive()
        return answer

    def stop(self) -> None:
        """Let it end what it has begun, but not for long."""
        self._line.close()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()


class Workers:
    """Starts workers when the first large push comes and hands pushes to them, in the order in which they came.

    Until one is up, and whenever none is, the server takes all by itself. ``most``: no more of them; 0: none ever.
    """

    def __init__(self, database: str, most: int) -> None:
        self._database = database
        self._most = most
        self._lock = threading.Lock()
        self._idle: deque[_Worker] = deque()
        self._waiting: deque[Future[_Worker | None]] = deque()
        self._up: set[_Worker] = set()
        self._starting = 0
        self._not_before = 0.0
        self._closed = False

    @property
    def up(self) -> int:
        """How many take pushes."""
        with self._lock:
            return len(self._up)

    @property
    def pids(self) -> list[int]:
        """The numbers of their processes."""
        with self._lock:
            return [worker.pid for worker in self._up]

    def take(self, parcel: Parcel, turn: Turn) -> Taken | None:
        """Have a worker take a push; None where the server is to take it by itself.

        Raises:
            ProblemError: the push is wrong; nothing of it was applied.
            StorageError: the worker ended under way, or its database did not answer.
        """
        worker = self._worker_for(parcel, turn)
        turn.begin()
        if worker is None:
            return None
        try:
            answer = worker.take(parcel, turn)
        except _GONE:
            log.warning("a worker ended while it took a push")
            self._lose(worker)
            answer = _Failed(busy=True, kind="worker")
        else:
            self._give_back(worker)
        match answer:
            case _Done(taken):
                return taken
            case _Problem(status, code, detail, extra):
                raise ProblemError(status, code, detail, **extra)
            case _Failed(True, kind):
                raise StorageError(_("区里的服务正忙，请稍后再试；什么都没有丢"), code=f"district.{kind}")
            case _:
                raise RuntimeError(f"a worker failed: {answer}")

    def close(self) -> None:
        """End all of them."""
        with self._lock:
            self._closed = True
            workers, self._up = list(self._up), set()
            self._idle.clear()
            waiting, self._waiting = list(self._waiting), deque()
        for each in waiting:
            each.set_result(None)
        for worker in workers:
            worker.stop()

    def _worker_for(self, parcel: Parcel, turn: Turn) -> _Worker | None:
        if not self._most or len(parcel.body) < LARGE:
            return None
        turn.wait_to_begin()
        place: Future[_Worker | None] = Future()
        with self._lock:
            dead = [worker for worker in self._idle if not worker.alive]
            self._idle = deque(worker for worker in self._idle if worker not in dead)
            self._up.difference_update(dead)
            self._start_missing()
            if self._idle:
                place.set_result(self._idle.popleft())
            elif self._up:
                self._waiting.append(place)
            else:
                place.set_result(None)
        for worker in dead:
            log.warning("a worker ended while it was idle")
            worker.stop()
        return place.result()

    def _start_missing(self) -> None:
        """Start the workers that are missing; the lock is held."""
        if self._closed or clock.monotonic() < self._not_before:
            return
        for _n in range(self._most - len(self._up) - self._starting):
            self._starting += 1
            threading.Thread(target=self._start, name="push-worker", daemon=True).start()

    def _start(self) -> None:
        worker = None
        try:
            worker = _Worker(self._database)
        except _GONE as problem:
            log.warning("a worker did not start: %s", type(problem).__name__)
        with self._lock:
            self._starting -= 1
            if worker is None:
                self._not_before = clock.monotonic() + PAUSE
                return
            closed = self._closed
            if not closed:
                self._up.add(worker)
        if closed:
            worker.stop()
        else:
            self._give_back(worker)

    def _give_back(self, worker: _Worker) -> None:
        with self._lock:
            if worker not in self._up:
                return
            if not self._waiting:
                self._idle.append(worker)
                return
            place = self._waiting.popleft()
        place.set_result(worker)

    def _lose(self, worker: _Worker) -> None:
        """Count a worker that is gone as gone; those who wait do not wait for nobody."""
        worker.stop()
        with self._lock:
            self._up.discard(worker)
            if clock.monotonic() - worker.started_at < PAUSE:
                self._not_before = clock.monotonic() + PAUSE
            waiting = []
            if not self._up:
                waiting, self._waiting = list(self._waiting), deque()
            self._start_missing()
        for each in waiting:
            each.set_result(None)


def count_for(store: DistrictStore, wanted: int | None) -> int:
    """Return how many workers a server has. Unless told: one a processor, as far as there is one to spare.

    None on SQLite, where one writes at a time.
    """
    if store.sqlite:
        return 0
    return wanted if wanted is not None else min(MOST, count) if (count := _processors()) > 1 else 0


def _processors() -> int:
    affinity: Callable[[int], set[int]] | None = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity is not None else os.cpu_count() or 1
