"""The background sync as the shell sees it: a loop on its own thread, its reports on the GUI thread, one summary."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject, Qt, Signal

from app.models.acts import OFFICER, SUPERVISOR
from app.services import outbox
from app.services.sync_overview import Standing, load_standing
from app.sync.engine import SyncReport
from app.sync.loop import SyncLoop
from app.ui.sync_badge import ALONE, ATTENTION, OFFLINE, REVOKED, SENDING, SYNCED, SyncSummary
from app.ui.tasks import TaskRunner


class BackgroundSync(QObject):
    """Implements ``context.SyncControl``. It goes on while the PC is locked."""

    _reported = Signal(object)
    _fetched = Signal(int, int)

    def __init__(self, loop: SyncLoop, runner: TaskRunner) -> None:
        super().__init__(runner)
        self._loop, self._runner = loop, runner
        self._summary = SyncSummary()
        self._told: Callable[[SyncSummary], object] | None = None
        self._locked_out = False
        self._reading = False
        self._fetching: tuple[int, int] | None = None
        self._fetched.connect(self._on_fetched, Qt.ConnectionType.QueuedConnection)
        self._reported.connect(self._on_reported, Qt.ConnectionType.QueuedConnection)
        loop.on_report.append(self._reported.emit)
        loop.on_progress.append(self._fetched.emit)
        runner.records_changed.connect(self._read)

    def start(self) -> None:
        """Start the loop and read where this device stands."""
        self._loop.start()
        self._read()

    def stop(self) -> None:
        """End after the present step; nothing is lost."""
        self._loop.stop()

    def summary(self) -> SyncSummary:
        """Return the newest known state."""
        return self._summary

    def is_running(self) -> bool:
        """Tell whether something is being sent or fetched this very moment."""
        return self._loop.running

    def sync_now(self) -> None:
        """Sync at once: somebody asked."""
        self._loop.poke()
        self._read()

    def hold(self) -> None:
        """Stop fetching after the present page."""
        self._loop.hold()

    def on_change(self, told: Callable[[SyncSummary], object]) -> None:
        """Call this, on the GUI thread, whenever the state changes; a later call takes the place of an earlier."""
        self._told = told

    def _on_reported(self, report: SyncReport) -> None:
        self._locked_out = report.locked_out
        self._fetching = None
        self._read()

    def _on_fetched(self, here: int, there: int) -> None:
        """Show how far a new counter is; the tables are asked when it is through."""
        self._fetching = (here, there)
        self._tell(replace(self._summary, fetching=self._fetching))

    def _read(self) -> None:
        """Ask the tables; one question at a time is enough."""
        if not self._reading:
            self._reading = True
            self._runner.read(load_standing, self._on_read, self._on_unread)

    def _on_unread(self, _error: object) -> None:
        self._reading = False

    def _on_read(self, found: Standing) -> None:
        self._reading = False
        actor = self._runner.actor
        is_lead = actor is not None and bool(actor.roles & {SUPERVISOR, OFFICER})
        summary = summarise(
            found.summary,
            running=self._loop.running,
            locked_out=self._locked_out,
            handed=found.handed if is_lead else 0,
        )
        notices = tuple((notice.id, notice.text) for notice in found.notices)
        self._tell(replace(summary, fetching=self._fetching, notices=notices))

    def _tell(self, summary: SyncSummary) -> None:
        if summary != self._summary:
            self._summary = summary
            if self._told is not None:
                self._told(summary)


def summarise(found: outbox.SyncSummary, *, running: bool, locked_out: bool, handed: int = 0) -> SyncSummary:
    """Return what the badge says of the tables' account."""
    if not found.joined:
        state = ALONE
    elif locked_out:
        state = REVOKED
    elif found.parked or found.conflicts or handed:
        state = ATTENTION
    elif found.last_error is not None:
        state = OFFLINE
    else:
        state = SENDING if running and found.queued else SYNCED
    return SyncSummary(
        state=state,
        queued=found.queued + found.held,
        parked=found.parked,
        conflicts=found.conflicts,
        last_ok_at=found.last_ok_at,
        offline_since=found.offline_since,
        handed=handed,
    )
