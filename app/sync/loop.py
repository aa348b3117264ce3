"""Synchronises in the background: at the start, at once after a change, every few minutes; backs off when it cannot.

A change here or word from the district is followed by a quick run: what is pending goes, what is new in the feeds that
were named comes. When it is quiet again, a whole run compares both sides. While a run is under way, further changes
gather and go together in the next.
"""

import logging
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass

from app import clock
from app.db.database import Database
from app.errors import AppError
from app.sync.engine import SyncEngine, SyncReport
from app.sync.listening import Listener, News

log = logging.getLogger(__name__)

SETTLE_SECONDS = 10.0
"""So long after the last quick run, both sides are compared."""
RECOUNT_SECONDS = 24 * 3600.0
"""So often they are compared by counting every row anew: at each start, and then once a day."""
ATTACHMENT_SECONDS = 0.5
FIRST_RETRY, LAST_RETRY = 5.0, 300.0


@dataclass(frozen=True)
class _Task:
    """What to do next: a whole run, or a quick one that takes in this news and sends what was done here."""

    whole: bool
    recount: bool
    news: News
    send: bool = True


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
        self._asked = False
        self._changed = False
        self._news = News()
        self._due = self._regular = self._recount = self._not_before = clock.monotonic()
        self._failures = 0
        self._engine = engine or SyncEngine(
            database, ca=ca, progress=self._tell_progress, stopping=lambda: self._stop or self._held
        )
        self._thread = threading.Thread(target=self._work, name="sync", daemon=True)
        self._listener = Listener(database, self._hear, ca=ca)
        self.on_report: list[Callable[[SyncReport], object]] = []
        self.on_progress: list[Callable[[int, int], object]] = []
        self.running = False

    def start(self) -> None:
        """Start; the first run comes at once."""
        self._database.on_commit.append(self._on_commit)
        self._thread.start()
        self._listener.start()

    def poke(self) -> None:
        """Synchronise now, and compare everything: somebody asked for it.

        Where the district said when to come back, not before that.
        """
        with self._wake:
            self._held = False
            self._asked = True
            self._wake.notify_all()

    def hold(self) -> None:
        """Stop after the present page and rest until somebody asks or the program starts again; nothing is lost."""
        self._held = True

    def _tell_progress(self, _feed: str, here: int, there: int) -> None:
        """Pass on how many records are here, and how many there will be."""
        for listener in tuple(self.on_progress):
            listener(here, there)

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

    def _hear(self, news: News) -> None:
        """Take word from the district that it has something new; while it does not answer, patience stands."""
        with self._wake:
            waiting = self._news.heads
            self._news = News({**waiting, **news.heads}, None if waiting else news.page)
            self._wake.notify_all()

    def _on_commit(self, _touched: frozenset[str]) -> None:
        if threading.current_thread() is not self._thread:
            with self._wake:
                self._changed = True
                self._wake.notify_all()

    def _work(self) -> None:
        while (task := self._next()) is not None:
            self._plan(task, self._run(task))

    def _next(self) -> _Task | None:
        """Wait for something to do; None at the end."""
        with self._wake:
            while not self._stop:
                now = clock.monotonic()
                if self._held:
                    self._wake.wait(LAST_RETRY)
                    continue
                if now < self._not_before:
                    self._wake.wait(self._not_before - now)
                    continue
                if self._asked or now >= self._due:
                    task = _Task(True, self._asked or now >= self._recount, News())
                elif (self._changed or self._news.heads) and self._failures == 0:
                    task = _Task(False, False, self._news, self._changed)
                else:
                    self._wake.wait(self._due - now)
                    continue
                self._asked = self._changed = False
                self._news = News()
                return task
        return None

    def _plan(self, task: _Task, report: SyncReport) -> None:
        """Set when the next whole run is due: the usual time, sooner after a quick one, later after failures."""
        now = clock.monotonic()
        if report.error is not None:
            self._failures += 1
            self._not_before = now + (report.retry_after or 0.0)
            self._due = self._regular = now + self._patience(report, report.error[0])
            return
        self._failures = 0
        if task.whole:
            self._regular = now + self._every() * random.uniform(0.9, 1.1)
            self._due = now + ATTACHMENT_SECONDS if report.attachments_left else self._regular
        elif report.pushed or report.pulled:
            self._due = min(self._due, self._regular, now + SETTLE_SECONDS)
        if task.recount:
            self._recount = now + RECOUNT_SECONDS

    def _patience(self, report: SyncReport, code: str) -> float:
        """Return seconds until the next try after a failure: longer and longer, with jitter.

        Where the district said when to come back, it is then: it spreads its callers itself.
        """
        if report.locked_out or code == "sync.not_joined":
            return max(self._every(), LAST_RETRY)
        if report.retry_after is not None:
            return report.retry_after
        return min(FIRST_RETRY * 2.0 ** min(self._failures - 1, 10), LAST_RETRY) * random.uniform(0.5, 1.0)

    def _run(self, task: _Task) -> SyncReport:
        self.running = True
        try:
            if task.whole:
                report = self._engine.run_once(recount=task.recount)
            else:
                report = self._engine.run_quick(task.news.heads, task.news.page, send=task.send)
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
