"""Tells when nobody has touched keyboard or mouse for so long."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QTimer, Signal

from app import clock

if TYPE_CHECKING:
    from PySide6.QtGui import QGuiApplication, QWindow

_TOUCHES = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseMove,
        QEvent.Type.Wheel,
        QEvent.Type.TouchBegin,
        QEvent.Type.TabletPress,
    }
)
LOOK_EVERY_MS = 5_000


class IdleWatch(QObject):
    """Watches the program's windows (not every widget), and looks at the clock: a PC that slept was idle too."""

    idled = Signal()

    def __init__(self, app: QGuiApplication, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._minutes = 0
        self._touched_at = clock.monotonic()
        self._told = True
        self._timer = QTimer(self, interval=LOOK_EVERY_MS)
        self._timer.timeout.connect(self.look)
        app.focusWindowChanged.connect(self._on_window)
        self._on_window(app.focusWindow())

    def start(self, minutes: int) -> None:
        """Watch from now on."""
        self._minutes = minutes
        self.touch()
        self._told = False
        self._timer.start()

    def stop(self) -> None:
        """Watch no longer: it is locked."""
        self._timer.stop()
        self._told = True

    def touch(self) -> None:
        """Count from now."""
        self._touched_at = clock.monotonic()

    def look(self) -> None:
        """Tell, once, if it has been long enough."""
        if not self._told and clock.monotonic() - self._touched_at >= self._minutes * 60:
            self._told = True
            self._timer.stop()
            self.idled.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Note every touch; take nothing away."""
        if event.type() in _TOUCHES:
            self._touched_at = clock.monotonic()
        return False

    def _on_window(self, window: QWindow | None) -> None:
        if window is not None:
            window.removeEventFilter(self)
            window.installEventFilter(self)
