"""One sentence in a small window while a new version is made ready: a process of its own, ends with its input."""

from __future__ import annotations

import os
import sys
import threading

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QApplication, QFrame, QLabel, QVBoxLayout

from app.texts import _
from app.ui import theme


def show_until_closed() -> int:
    """Show the sentence until the other process closes our input, or dies."""
    app = QApplication.instance() or QApplication([*sys.argv[:1], "-style", "fusion"])
    assert isinstance(app, QApplication)
    theme.apply_theme(app, theme.Theme(dark=theme.system_is_dark(app)))
    window = make_window()
    window.show()
    watched = _Input()
    watched.ended.connect(app.quit, Qt.ConnectionType.QueuedConnection)  # counts also before the loop has begun
    threading.Thread(target=watched.wait, daemon=True).start()
    return app.exec()


def make_window() -> QFrame:
    """Return the window."""
    window = QFrame(None, Qt.WindowType.FramelessWindowHint | Qt.WindowType.WindowStaysOnTopHint)
    column = QVBoxLayout(window)
    column.setContentsMargins(40, 28, 40, 28)
    first, second = QLabel(_("正在准备新版本…")), QLabel(_("数据先留一份，再检查新版本，一般不到一分钟。请别关机。"))
    first.setStyleSheet("font-size: 18px; font-weight: 600;")
    for label in (first, second):
        label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column.addWidget(label)
    return window


class _Input(QObject):
    """Our input, until the other process closes it."""

    ended = Signal()

    def wait(self) -> None:
        """Wait for its end."""
        while os.read(0, 4096):
            pass
        self.ended.emit()
