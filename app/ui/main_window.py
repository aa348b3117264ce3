"""The window itself: light, so that it is painted before anything slow is imported."""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QCloseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QMainWindow, QWidget

from app.texts import _
from app.ui import theme

DESIGN_SIZE = QSize(1366, 680)


class MainWindow(QMainWindow):
    """An empty window first; ``show_desktop`` fills it."""

    first_painted = Signal()
    closing = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setWindowTitle(_("家门口"))
        self.resize(DESIGN_SIZE)
        self.setMinimumSize(900, 560)
        self._painted = False
        self._was_maximised = False

    def show_desktop(self, desktop: QWidget) -> None:
        """Fill the window."""
        page = desktop.focusWidget()
        self.setCentralWidget(desktop)
        (page or desktop).setFocus()  # the page in front keeps the keyboard: a PIN is typed at once

    @property
    def shell(self) -> QWidget | None:
        """The shell of who is signed in: screens reach it by ``window().shell``, whatever window holds the desktop."""
        return getattr(self.centralWidget(), "shell", None)

    def toggle_full_screen(self) -> None:
        """Go to the full screen and back (F11)."""
        if self.isFullScreen():
            if self._was_maximised:
                self.showMaximized()
            else:
                self.showNormal()
        else:
            self._was_maximised = self.isMaximized()
            self.showFullScreen()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the ground; tell of the first time."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.of(self).color("bg"))
        painter.end()
        if not self._painted:
            self._painted = True
            self.first_painted.emit()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Let the work in hand be finished first."""
        self.closing.emit()
        super().closeEvent(event)
