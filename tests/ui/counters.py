"""A real counter for screen tests: founded in a temporary folder, its runner inline."""

import atexit
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app import paths
from app.bootstrap import open_counter
from app.counter import Counter
from app.db.database import Actor
from app.ui.context import UiContext
from app.ui.desktop import Desktop
from app.ui.door import Founding
from app.ui.keys import KeyHint
from app.ui.screens import COUNTER, Screen

PIN, CLERK_PIN = "250613", "740926"
FOUNDING = Founding(
    station_name="溪桥社区就业服务站",
    station_code="330110001001",
    county_code="330110",
    street_name="溪桥街道",
    supervisor="陶丽华",
    pin=PIN,
    window_name="2 号窗口",
)


class NoteScreen(QWidget):
    """A screen of the tests' own: remembers what the window did with it."""

    def __init__(self, context: UiContext) -> None:
        super().__init__()
        self.context = context
        self.opened: list[dict[str, object]] = []
        self.refreshed = 0
        self.pressed: list[str] = []
        self.stay = False
        self.panel = QLabel("panel")
        QVBoxLayout(self).addWidget(QLabel("note"))

    def open(self, **arguments: object) -> None:
        self.opened.append(arguments)

    def refresh(self) -> None:
        self.refreshed += 1

    def key_hints(self) -> list[KeyHint]:
        return [KeyHint(("Enter",), "办理")]

    def main_action(self) -> None:
        self.pressed.append("main")

    def acts(self) -> dict[str, object]:
        return {"match": self._match}

    def may_leave(self) -> bool:
        return not self.stay

    def _match(self) -> None:
        self.pressed.append("match")


class PlainScreen(QLabel):
    """A screen that offers nothing but itself."""

    def __init__(self, context: UiContext) -> None:
        super().__init__("plain")


SCREENS = (
    Screen(
        "today", "今日", "calendar-check", "tests.ui.counters:NoteScreen", watches=frozenset({"resident"}), rail="top"
    ),
    Screen("plain", "岗位", "briefcase", "tests.ui.counters:PlainScreen", rail="top"),
    Screen("resident_file", "居民档案", "user-round", "tests.ui.counters:NoteScreen", under="today"),
    Screen("office", "区里", "building-2", "tests.ui.counters:PlainScreen", roles=frozenset({"officer"}), rail="top"),
    Screen("register", "求职登记", "user-round-plus", "tests.ui.counters:NoteScreen", roles=COUNTER, under="today"),
    Screen("settings", "设置", "settings", "app.ui.settings.screen:SettingsScreen", rail="bottom"),
    Screen("about", "关于家门口", "info", "app.ui.about.screen:AboutScreen", under="settings"),
)


@cache
def _template() -> Path:
    """Found one counter for the whole run; the tests work on copies."""
    root = Path(tempfile.mkdtemp(prefix="doorstep-template-"))
    atexit.register(shutil.rmtree, root, ignore_errors=True)
    counter = open_counter(root / "counter", inline=True, environ={})
    counter.found(FOUNDING)
    counter.close()
    shutil.copytree(paths.secrets(), root / "secrets")
    return root


def found(folder: Path) -> Counter:
    """Return a founded, locked counter with a supervisor."""
    shutil.copytree(_template() / "counter", folder, dirs_exist_ok=True)
    shutil.copytree(_template() / "secrets", paths.secrets(), dirs_exist_ok=True)
    return open_counter(folder, inline=True, environ={})


def sign_in(counter: Counter) -> Actor:
    """Sign the supervisor in, without a window."""
    actor = counter.sign_in(counter.people()[0].entry_id, PIN)
    counter.enter(actor)
    return actor


@contextmanager
def desktop(qtbot: QtBot, folder: Path, *, signed_in: bool = True) -> Iterator[Desktop]:
    """Yield the desktop of a founded counter, in a window of the design size."""
    counter = found(folder)
    shown = Desktop(counter, screens=SCREENS)
    qtbot.addWidget(shown)
    shown.resize(1366, 680)
    shown.show()
    shown.activateWindow()
    qtbot.waitUntil(shown.isActiveWindow)
    if signed_in:
        assert shown.sign_in is not None
        for digit in PIN:
            shown.sign_in.take_digit(digit)
    try:
        yield shown
    finally:
        shown.close_down()
