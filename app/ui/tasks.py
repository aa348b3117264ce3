"""TaskRunner: the only way from the GUI thread to slow work, and back.

Two lanes. The **db lane** is one worker, in order: what was asked first is done first, and a read sees the write before
it. The **io lane** is a few workers: network, PDF, printer. Results come back by one queued signal to the GUI thread,
to bound methods; a result whose widget is gone is dropped.

``app.ui`` touches the database nowhere but here.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import shiboken6
from PySide6.QtCore import QObject, Qt, QTimer, Signal

from app.errors import AppError, BugError, Cancelled, StorageError, UserError
from app.launching import crash
from app.texts import _

if TYPE_CHECKING:
    from app.db.database import Actor, Database, Transaction

T = TypeVar("T")
Done = Callable[[Any], object]
Failed = Callable[[AppError], object]

log = logging.getLogger(__name__)


class Task(Generic[T]):
    """A piece of work under way. ``cancel()`` asks it to stop and drops its result."""

    def __init__(self, work: Callable[[], T], on_done: Done | None, on_error: Failed | None) -> None:
        self.work = work
        self.on_done = on_done
        self.on_error = on_error
        self.cancelled = threading.Event()

    def cancel(self) -> None:
        """Drop the result; long work looks at ``cancelled`` and stops of itself."""
        self.cancelled.set()


@dataclass(frozen=True)
class _Outcome:
    task: Task[Any]
    value: Any = None
    error: AppError | None = None


class _Lane:
    """Daemon threads over one queue; ``finish`` lets them empty it."""

    def __init__(self, name: str, workers: int, run: Callable[[Task[Any]], None]) -> None:
        self._queue: queue.SimpleQueue[Task[Any] | None] = queue.SimpleQueue()
        self._run = run
        self._threads = [
            threading.Thread(target=self._loop, name=f"{name}-{number}", daemon=True) for number in range(workers)
        ]
        for thread in self._threads:
            thread.start()

    def put(self, task: Task[Any]) -> None:
        self._queue.put(task)

    def finish(self, timeout: float | None) -> None:
        """Let the workers empty the queue and end; wait for them so long."""
        for _thread in self._threads:
            self._queue.put(None)
        for thread in self._threads:
            thread.join(timeout)

    def _loop(self) -> None:
        while (task := self._queue.get()) is not None:
            self._run(task)


class TaskRunner(QObject):
    """Run work off the GUI thread and hand its result back on it.

    ``inline`` runs everything at once in the caller's thread: for screen tests.
    """

    records_changed = Signal(frozenset)
    busy_changed = Signal(bool)
    _returned = Signal(object)
    _committed = Signal(frozenset)

    def __init__(self, *, inline: bool = False, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.show_error: Failed = _log_error
        self._inline = inline
        self._database: Database | None = None
        self._actor: Actor | None = None
        self._open = 0
        self._closed = False
        self._changed: frozenset[str] = frozenset()
        self._returned.connect(self._on_returned, Qt.ConnectionType.QueuedConnection)
        self._committed.connect(self._on_committed, Qt.ConnectionType.QueuedConnection)
        self._db_lane = None if inline else _Lane("db", 1, self._run)
        self._io_lane = None if inline else _Lane("io", 3, self._run)

    @property
    def busy(self) -> bool:
        """Tell whether work was handed in whose result is not back yet."""
        return self._open > 0

    @property
    def actor(self) -> Actor | None:
        """Who is signed in; None while locked."""
        return self._actor

    def attach(self, database: Database, actor: Actor | None) -> None:
        """Work on this database, for this person, from now on."""
        if database is not self._database:
            database.on_commit.append(self._tell_committed)
        self._database = database
        self._actor = actor

    def sign_out(self) -> None:
        """Refuse further writes until somebody signs in; work already handed in keeps its actor."""
        self._actor = None

    def read(
        self, work: Callable[[Transaction], T], on_done: Done | None = None, on_error: Failed | None = None
    ) -> Task[T]:
        """Run ``work(tx)`` in a read transaction of the signed-in person on the db lane: a trainer sees her classes."""
        actor = self._actor

        def transact() -> T:
            with self._need_database().read(actor) as tx:
                return work(tx)

        return self._submit(self._db_lane, Task(transact, on_done, on_error))

    def write(
        self,
        work: Callable[[Transaction], T],
        on_done: Done | None = None,
        on_error: Failed | None = None,
        *,
        reason: str | None = None,
    ) -> Task[T]:
        """Run ``work(tx)`` in one write transaction of the signed-in person on the db lane."""
        actor = self._actor
        if self._closed:
            raise BugError("a write after the end would be lost")

        def transact() -> T:
            if actor is None:
                raise UserError(_("电脑已锁上，这一步没有保存。登录后再做一次。"), code="lock.closed")
            with self._need_database().write(actor, reason=reason) as tx:
                return work(tx)

        return self._submit(self._db_lane, Task(transact, on_done, on_error))

    def db(self, work: Callable[[], T], on_done: Done | None = None, on_error: Failed | None = None) -> Task[T]:
        """Run work that opens its own transactions (backup, unlocking, import) on the db lane, in order."""
        return self._submit(self._db_lane, Task(work, on_done, on_error))

    def io(self, work: Callable[[], T], on_done: Done | None = None, on_error: Failed | None = None) -> Task[T]:
        """Run network, printing or file work on the io lane."""
        return self._submit(self._io_lane, Task(work, on_done, on_error))

    def read_aside(
        self, work: Callable[[Transaction], T], on_done: Done | None = None, on_error: Failed | None = None
    ) -> Task[T]:
        """Run ``work(tx)`` in a read transaction on the io lane: what takes long keeps nobody's save waiting.

        It sees what was committed when it begins, not what still waits in the db lane.
        """
        actor = self._actor

        def transact() -> T:
            with self._need_database().read(actor) as tx:
                return work(tx)

        return self._submit(self._io_lane, Task(transact, on_done, on_error))

    def aside(
        self, work: Callable[[Database, Actor], T], on_done: Done | None = None, on_error: Failed | None = None
    ) -> Task[T]:
        """Run work that opens its own transactions for the signed-in person on the io lane: a month's close."""
        actor = self._actor

        def transact() -> T:
            if actor is None:
                raise UserError(_("电脑已锁上，这一步没有保存。登录后再做一次。"), code="lock.closed")
            return work(self._need_database(), actor)

        return self._submit(self._io_lane, Task(transact, on_done, on_error))

    def close(self) -> None:
        """Finish the db lane, give the io lane two seconds, then hand nothing back any more."""
        if self._closed:
            return
        if self._db_lane is not None and self._io_lane is not None:
            self._db_lane.finish(None)
            self._io_lane.finish(2.0)
        self._closed = True
        if self._database is not None and self._tell_committed in self._database.on_commit:
            self._database.on_commit.remove(self._tell_committed)

    def _need_database(self) -> Database:
        if self._database is None:
            raise BugError("no database is attached to the runner")
        return self._database

    def _submit(self, lane: _Lane | None, task: Task[T]) -> Task[T]:
        if self._closed:
            log.warning("asked for work after the end; dropped")
            task.cancel()
            return task
        self._open += 1
        if self._open == 1:
            self.busy_changed.emit(True)
        if lane is None:
            self._on_returned(_outcome(task))
        else:
            lane.put(task)
        return task

    def _run(self, task: Task[Any]) -> None:
        outcome = _outcome(task)
        if not self._closed:
            self._returned.emit(outcome)

    def _on_returned(self, outcome: _Outcome) -> None:
        self._open -= 1
        if self._open == 0:
            self.busy_changed.emit(False)
        task = outcome.task
        if self._closed or task.cancelled.is_set() or isinstance(outcome.error, Cancelled):
            return
        if outcome.error is not None:
            handler = task.on_error if task.on_error is not None and _alive(task.on_error) else self.show_error
            handler(outcome.error)
        elif task.on_done is not None and _alive(task.on_done):
            task.on_done(outcome.value)

    def _tell_committed(self, types: frozenset[str]) -> None:
        """Pass a commit on, from whichever thread made it."""
        if self._closed or not types:
            return
        if self._inline:
            self.records_changed.emit(types)
        else:
            self._committed.emit(types)

    def _on_committed(self, types: frozenset[str]) -> None:
        """Gather the commits of one turn: a pull of many pages refreshes a screen once."""
        if not self._changed:
            QTimer.singleShot(0, self._tell_changed)
        self._changed |= types

    def _tell_changed(self) -> None:
        types, self._changed = self._changed, frozenset()
        self.records_changed.emit(types)


def _outcome(task: Task[Any]) -> _Outcome:
    """Do the work; whatever goes wrong becomes an AppError."""
    if task.cancelled.is_set():
        return _Outcome(task, error=Cancelled())
    try:
        return _Outcome(task, value=task.work())
    except AppError as error:
        return _Outcome(task, error=error)
    except OSError as error:
        log.exception("a file or the network failed")
        failure = StorageError(_("读写文件没有成功，这一步没有保存：{why}", why=error.strerror or ""))
        failure.__cause__ = error
        return _Outcome(task, error=failure)
    except Exception as error:
        log.exception("a task failed")
        bug = BugError(_("程序自己出了错，这一步没有保存。已记下来，可以再试一次。"))
        bug.__cause__ = error
        bug.report = crash.report(error)
        return _Outcome(task, error=bug)


def _alive(callback: Callable[..., object]) -> bool:
    """Tell whether the widget behind a bound method still exists."""
    owner = getattr(callback, "__self__", None)
    return not isinstance(owner, QObject) or shiboken6.isValid(owner)


def _log_error(error: AppError) -> None:
    log.error("an error that no window shows: %s", error.code)
