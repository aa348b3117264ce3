"""The hall's screen as the program sees it: one at a time, opened by who may, on whichever monitor; it outlives locks.

It shows no person, so it stays while the counter is locked or somebody else signs in, and goes when its window is
closed (Esc, F11), when it is closed from the dashboard, or with the program.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication, QScreen

from app import clock
from app.ledgers.base import Ask
from app.ledgers.board import Memory
from app.ledgers.period import month_of
from app.ui.tasks import TaskRunner

if TYPE_CHECKING:
    from app.ui.hall.window import HallWindow


class HallControl(QObject):
    """Opens and closes the window. ``memory``: figures counted before, the dashboard's and the hall's together."""

    changed = Signal(bool)

    def __init__(self, runner: TaskRunner) -> None:
        super().__init__(runner)
        self._runner = runner
        self.memory = Memory()
        self.window: HallWindow | None = None
        runner.records_changed.connect(self._on_records_changed)
        app = QGuiApplication.instance()
        if isinstance(app, QGuiApplication):
            app.screenAdded.connect(self._on_screen_added)
            app.screenRemoved.connect(self._on_screen_removed)
            app.lastWindowClosed.connect(self.close)

    @property
    def is_open(self) -> bool:
        """Whether the window is there, also while its monitor is unplugged."""
        return self.window is not None

    def open(self, station: str, *, stations: tuple[str, ...] = (), screen: QScreen | None, beside: bool) -> None:
        """Open it on a monitor. ``beside``: it is not the counter's own, so the keyboard stays where it is."""
        from app.ui.hall.window import HallWindow  # with the library of charts: nobody else needs them

        self.close()
        window = HallWindow(self._runner, self.memory, station=station, stations=stations)
        window.closed.connect(self._on_closed)
        self.window = window
        window.show_on(screen, beside=beside)
        self.changed.emit(True)

    def close(self) -> None:
        """Close it."""
        if self.window is not None:
            self.window.close()

    def ask(self, stations: tuple[str, ...] = ()) -> Ask:
        """Return what the hall shows: the month that runs."""
        return Ask(month_of(clock.today()), stations)

    def _on_closed(self) -> None:
        window, self.window = self.window, None
        if window is not None:
            window.deleteLater()
        self.changed.emit(False)

    def _on_records_changed(self, types: frozenset[str]) -> None:
        self.memory.note_change()
        if self.window is not None:
            self.window.note_change()

    def _on_screen_removed(self, screen: QScreen) -> None:
        if self.window is not None:
            self.window.leave(screen)

    def _on_screen_added(self, screen: QScreen) -> None:
        if self.window is not None:
            self.window.come_back(screen)


def hall_of(runner: TaskRunner) -> HallControl:
    """Return the one hall's screen of this program; it lives as long as the runner."""
    found = runner.findChild(HallControl)
    return found if isinstance(found, HallControl) else HallControl(runner)


def other_screens(own: QScreen | None) -> list[QScreen]:
    """Return the monitors beside the one that the counter is on."""
    return [screen for screen in QGuiApplication.screens() if screen is not own]
