"""Runs the desktop: the window first, heavy imports and the database after its first paint."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication

from app import texts
from app.ui import theme
from app.ui.collecting import GuiCollector
from app.ui.main_window import MainWindow

if TYPE_CHECKING:
    from app.ui.desktop import Desktop
    from app.ui.door import Door

WARM_UP_MS = 300  # a thread that imports takes the time of the page being painted
OpenDoor = Callable[[Path], "Door"]


class Start(QObject):
    """Holds the parts together while the program runs."""

    def __init__(self, root: Path, open_door: OpenDoor, window: MainWindow, *, language: str | None = None) -> None:
        super().__init__(window)
        self._root, self._open_door, self._language = root, open_door, language
        self.window_ = window
        self.desktop: Desktop | None = None
        window.first_painted.connect(self._on_first_painted)
        window.closing.connect(self._on_closing)

    def _on_first_painted(self) -> None:
        QTimer.singleShot(0, self.fill)

    def fill(self) -> None:
        """Open the counter and fill the window."""
        try:
            self._fill()
        finally:
            gc.freeze()  # later collections need not look through what the start made
            self.collector = GuiCollector(self)

    def _fill(self) -> None:
        from app.ui.desktop import Desktop  # after the first paint: this imports every shared part

        door = self._open_door(self._root)
        if self._language is not None and not door.store.fixed("language"):
            door.store.change("language", self._language)
        self.desktop = Desktop(door, parent=self.window_)
        self.desktop.full_screen_requested.connect(self.window_.toggle_full_screen)
        self.window_.show_desktop(self.desktop)
        QTimer.singleShot(WARM_UP_MS, door.warm_up)

    def _on_closing(self) -> None:
        if self.desktop is not None:
            self.desktop.close_down()

    def excepthook(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """Log what nobody caught, without its text, and show it; the event loop goes on."""
        import logging  # already loaded by then

        logging.getLogger("app").critical("uncaught", exc_info=(kind, error, trace))
        if issubclass(kind, KeyboardInterrupt):
            QApplication.quit()
        elif self.desktop is not None:
            self.desktop.messages.show_error(error)
        else:
            sys.__excepthook__(kind, error, trace)


def run(root: Path, *, open_door: OpenDoor, language: str | None = None) -> int:
    """Run the desktop until its window is closed; return the exit status."""
    prepare_input_method()
    texts.set_language(language or "zh_CN")
    running = QApplication.instance()
    app = running or QApplication([*sys.argv[:1], "-style", "fusion"])
    assert isinstance(app, QApplication)
    app.setApplicationName("doorstep")
    app.setDesktopFileName("doorstep")
    theme.apply_theme(app, theme.Theme(dark=theme.system_is_dark(app)), styled=running is None)
    window = MainWindow()
    start = Start(root, open_door, window, language=language)
    sys.excepthook = start.excepthook
    window.show()
    return app.exec()


def prepare_input_method(environ: dict[str, str] | None = None, *, owned: Callable[[], bool] | None = None) -> bool:
    """Make fcitx usable by a pip-installed Qt: through the ibus portal, if somebody offers it on the session bus.

    The wheel brings the ibus plugin alone; with the portal, it reaches fcitx5 too. Returns whether it was set.
    """
    env = os.environ if environ is None else environ
    if not sys.platform.startswith("linux") or env.get("QT_IM_MODULE") not in (None, "", "fcitx", "fcitx5", "ibus"):
        return False
    if "IBUS_USE_PORTAL" in env or not env.get("DBUS_SESSION_BUS_ADDRESS"):
        return False
    if not (owned or _portal_is_owned)():
        return False
    env["QT_IM_MODULE"] = "ibus"
    env["IBUS_USE_PORTAL"] = "1"
    return True


def _portal_is_owned() -> bool:
    """Ask the session bus who owns the ibus portal."""
    from PySide6.QtDBus import QDBusConnection

    bus = QDBusConnection.connectToBus(QDBusConnection.BusType.SessionBus, "doorstep-start")
    try:
        if not bus.isConnected():
            return False
        interface = bus.interface()
        return interface is not None and bool(interface.isServiceRegistered("org.freedesktop.portal.IBus").value())
    finally:
        QDBusConnection.disconnectFromBus("doorstep-start")
