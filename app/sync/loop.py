"""Synchronises in the background: at the start, soon after a change, every few minutes; backs off when it cannot."""

import logging
import random
import threading
from collections.abc import Callable

from app import clock
from app.db.database import Database
from app.errors import AppError
from app.sync.engine import SyncEngine, SyncReport
from app.sync.listening import Listener

log = logging.getLogger(__name__)

CHANGE_SECONDS = 1.0
ATTACHMENT_SECONDS = 0.5
FIRST_RETRY, LAST_RETRY = 5.0, 300.0


class SyncLoop:
    """One thread that runs the engine. What to do next follows from the last report and from the tables alone.

    ``on_report`` holds callables that receive each report, on the loop's thread; those of ``on_progress`` are told how
    many records of a feed are here and there while a new counter fetches it.
    """

    def __init__(
        self,
        database: Database,
        *,
        every: Callable[[], float] = lambda: 180.0,
        ca: str | None = None,
        engine: SyncEngine | None = None,
    ) -> None:
        self._database = database
        self._every = every
        self._wake = threading.Condition()
        self._stop = self._held = False
        self._due: float = clock.monotonic()
        self._not_before = self._due
        self._failures = 0
        self._engine = engine or SyncEngine(
            database, ca=ca, progress=self._tell_progress, stopping=lambda: self._stop or self._held
        )
        self._thread = threading.Thread(target=self._work, name="sync", daemon=True)
        self._listener = Listener(database, self._hear, busy=lambda: self.running, ca=ca)
        self.on_report: list[Callable[[SyncReport], object]] = []
        self.on_progress: list[Callable[[int, int], object]] = []
        self.running = False

    def start(self) -> None:
        """Start; the first run comes at once."""
        self._database.on_commit.append(self._on_commit)
        self._thread.start()
        self._listener.start()

    def poke(self) -> None:
        """Synchronise now: somebody asked for it. Where the district said when to come back, not before that."""
        self._held = False
        self._hurry(0.0)

    def hold(self) -> None:
        """Stop after the present page and rest until somebody asks or the program starts again; nothing is lost."""
        self._held = True

    def _tell_progress(self, *told: int) -> None:
        """Pass on how many records are here, and how many there will be."""
        for listener in tuple(self.on_progress):
            listener(*told[-2:])

    def _hear(self) -> None:
        """Take word from the district that it has something new; while it does not answer, patience stands."""
        if self._failures == 0:
            self._hurry(0.0)

    def stop(self, timeout: float = 30.0) -> None:
        """End after the present step; nothing is lost."""
        with self._wake:
            self._stop = True
            self._wake.notify_all()
        if self._on_commit in self._database.on_commit:
            self._database.on_commit.remove(self._on_commit)
        self._listener.stop()
        if self._thread.is_alive():
            self._thread.join(timeout)
        self._engine.close()

    def _on_commit(self, _touched: frozenset[str]) -> None:
        if threading.current_thread() is not self._thread and self._failures == 0:
            self._hurry(CHANGE_SECONDS)

    def _hurry(self, seconds: float) -> None:
        with self._wake:
            self._due = min(self._due, max(clock.monotonic() + seconds, self._not_before))
            self._wake.notify_all()

    def _work(self) -> None:
        while True:
            with self._wake:
                while not self._stop and (left := self._due - clock.monotonic()) > 0:
                    self._wake.wait(left)
                if self._stop:
                    return
                self._due = clock.monotonic() + LAST_RETRY
            report = self._run()
            wait = self._pause(report)
            with self._wake:
                # A change that came during the run made the due time earlier than this: it stays.
                ended = clock.monotonic()
                self._not_before = ended + (report.retry_after or 0.0 if report.error is not None else 0.0)
                self._due = max(min(self._due, ended + wait), self._not_before)

    def _run(self) -> SyncReport:
        if self._held:
            return SyncReport()
        self.running = True
        try:
            report = self._engine.run_once()
        except AppError as problem:
            log.warning("sync stopped: %s", problem.code)
            report = SyncReport(error=(problem.code, problem.text))
        except Exception as problem:
            log.exception("sync failed")
            report = SyncReport(error=("bug", type(problem).__name__))
        finally:
            self.running = False
        for listener in tuple(self.on_report):
            listener(report)
        return report

    def _pause(self, report: SyncReport) -> float:
        """Return seconds until the next run: the usual time, or longer and longer after failures, with jitter.

        Where the district said when to come back, it is then: it spreads its callers itself.
        """
        if report.error is None:
            self._failures = 0
            if report.attachments_left:
                return ATTACHMENT_SECONDS
            return float(self._every() * random.uniform(0.9, 1.1))
        self._failures += 1
        if report.locked_out or report.error[0] == "sync.not_joined":
            return max(self._every(), LAST_RETRY)
        if report.retry_after is not None:
            return report.retry_after
        return min(FIRST_RETRY * 2.0 ** min(self._failures - 1, 10), LAST_RETRY) * random.uniform(0.5, 1.0)
