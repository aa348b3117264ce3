"""Brings the window to the front when the program is started once more on the same data folder."""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Mapping

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from app.launching.instance import Bell, OnlyOne

log = logging.getLogger(__name__)


class Activation(QObject):
    """Waits for the next start on a thread of its own, and raises the window on the GUI thread."""

    _rung = Signal(dict)

    def __init__(self, only: OnlyOne, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._bell: Bell | None = None
        self._rung.connect(self._on_rung, Qt.ConnectionType.QueuedConnection)
        try:
            self._bell = only.listen()
        except OSError:
            log.warning("a second start cannot bring this window to the front")
            return
        threading.Thread(target=self._wait, args=(self._bell,), name="activation", daemon=True).start()

    def _wait(self, bell: Bell) -> None:
        while (said := bell.wait()) is not None:
            self._rung.emit(said)

    def close(self) -> None:
        """Ring no more."""
        if self._bell is not None:
            self._bell.close()
            self._bell = None

    def _on_rung(self, said: dict[str, str]) -> None:
        bring_to_front(self._window, said)


def bring_to_front(window: QWidget, said: Mapping[str, str]) -> None:
    """Show the window over the others, with the keyboard; ``said``: what the desktop gave who was clicked."""
    token = said.get("XDG_ACTIVATION_TOKEN")
    if token:
        os.environ["XDG_ACTIVATION_TOKEN"] = token  # read and cleared by Qt's Wayland plugin
    if window.isMinimized():
        window.setWindowState((window.windowState() & ~Qt.WindowState.WindowMinimized) | Qt.WindowState.WindowActive)
    window.show()
    window.raise_()
    window.activateWindow()
    if sys.platform.startswith("linux") and QGuiApplication.platformName() == "xcb":
        from app.ui.x11_front import ask_window_manager

        ask_window_manager(int(window.winId()), said.get("DESKTOP_STARTUP_ID", ""))
