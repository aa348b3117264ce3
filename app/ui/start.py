"""Runs the desktop: the window first, heavy imports and the database after its first paint."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from PySide6.QtCore import QLibraryInfo, QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication

from app import texts
from app.errors import AppError, BugError
from app.launching import begin, screen
from app.texts import _
from app.ui import theme
from app.ui.collecting import GuiCollector
from app.ui.main_window import MainWindow

if TYPE_CHECKING:
    from app.launching.begin import Launch
    from app.ui.activation import Activation
    from app.ui.desktop import Desktop
    from app.ui.door import Door

WARM_UP_MS = 300  # a thread that imports takes the time of the page being painted
OpenDoor = Callable[[Path], "Door"]


class Start(QObject):
    """Holds the parts together while the program runs."""

    _crashed = Signal(object)

    def __init__(
        self,
        root: Path,
        open_door: OpenDoor,
        window: MainWindow,
        *,
        language: str | None = None,
        launch: Launch | None = None,
    ) -> None:
        super().__init__(window)
        self._root, self._open_door, self._language, self._launch = root, open_door, language, launch
        self.window_ = window
        self.desktop: Desktop | None = None
        self.activation: Activation | None = None
        self._damaged_settings: Path | None = None
        self._crashed.connect(self._show_crash, Qt.ConnectionType.QueuedConnection)
        if launch is not None:
            launch.crashes.told = self._on_thread_crashed
        window.first_painted.connect(self._on_first_painted)
        window.closing.connect(self._on_closing)

    def _on_first_painted(self) -> None:
        QTimer.singleShot(0, self.fill)

    def fill(self) -> None:
        """Open the counter and fill the window; where that cannot be done, say why and end with 1."""
        try:
            self._fill()
        except AppError as problem:
            begin.refuse(problem)
            QApplication.exit(1)
        except Exception as problem:  # noqa: BLE001 - without a desktop there is nobody else to say it
            self.excepthook(type(problem), problem, problem.__traceback__)
            QApplication.exit(1)
        finally:
            gc.freeze()  # later collections need not look through what the start made
            self.collector = GuiCollector(self)

    def _fill(self) -> None:
        from app.ui.desktop import Desktop  # after the first paint: this imports every shared part

        door = self._open_door(self._root)
        if self._language is not None and not door.store.fixed("language"):
            door.store.change("language", self._language)
        self._damaged_settings = door.store.put_damaged_aside()
        self.desktop = Desktop(door, parent=self.window_)
        self.desktop.full_screen_requested.connect(self.window_.toggle_full_screen)
        self.window_.show_desktop(self.desktop)
        QTimer.singleShot(WARM_UP_MS, door.warm_up)
        QTimer.singleShot(0, self._after_first_page)

    def _after_first_page(self) -> None:
        """Let the next start ring, and tell what the last run left."""
        if self._launch is None or self.desktop is None:
            return
        from app.ui.activation import Activation

        self.activation = Activation(self._launch.only, self.window_)
        crashed, aside = self._launch.crashed_before, self._damaged_settings
        if crashed is not None:
            text = _(
                "已经保存的都在，可以接着办。经过记在 {where}，里面没有个人信息；再出现就转站长。", where=str(crashed)
            )
            self.desktop.messages.tell(_("上次家门口意外停了"), text, "start.crashed")
        elif aside is not None:
            text = _("先用原来的默认设置，资料都在。坏的文件留在 {where}；请到“设置”里看一遍。", where=str(aside))
            self.desktop.messages.tell(_("设置文件坏了"), text, "start.settings")

    def _on_closing(self) -> None:
        if self.activation is not None:
            self.activation.close()
        if self.desktop is not None:
            self.desktop.close_down()

    def excepthook(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """Log and report what nobody caught, without its text, and show it; the event loop goes on."""
        import logging  # already loaded by then

        logging.getLogger("app").critical("uncaught", exc_info=(kind, error, trace))
        if issubclass(kind, KeyboardInterrupt):
            QApplication.quit()
            return
        self._show_crash(_bug_of(error, self._launch.crashes.write(error) if self._launch is not None else None))

    def _on_thread_crashed(self, error: BaseException, report: Path | None) -> None:
        """Come from any thread."""
        self._crashed.emit(_bug_of(error, report))

    def _show_crash(self, bug: BugError) -> None:
        if self.desktop is not None:
            self.desktop.messages.show_error(bug)
        else:
            begin.refuse(BugError(_("程序自己出了错，没有打开。已经保存的都在。{where}", where=bug.report)))


def _bug_of(error: BaseException, report: Path | None) -> BugError:
    """Return what is shown for an error of ours."""
    bug = BugError("uncaught")
    bug.__cause__ = error
    bug.report = str(report) if report is not None else ""
    return bug


def run(root: Path, *, open_door: OpenDoor, language: str | None = None, launch: Launch | None = None) -> int:
    """Run the desktop until its window is closed; return the exit status.

    Raises:
        ExternalError: a system library lacks that windows need.
    """
    texts.set_language(language or "zh_CN")
    running = QApplication.instance()
    if running is None:
        screen.check_library(Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.PluginsPath)))
    app = running or QApplication([*sys.argv[:1], "-style", "fusion"])
    assert isinstance(app, QApplication)
    app.setApplicationName("doorstep")
    app.setDesktopFileName("doorstep")
    theme.apply_theme(app, theme.Theme(dark=theme.system_is_dark(app)), styled=running is None)
    window = MainWindow()
    start = Start(root, open_door, window, language=language, launch=launch)
    sys.excepthook = start.excepthook
    window.show()
    return app.exec()
