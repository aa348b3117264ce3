"""The real screens 培训 and 班级 in the real shell over a counter's database; notes where they lead to."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app import clock
from app.db.database import Actor, Database
from app.db.transaction import Transaction
from app.models.training import TrainingClass
from app.services.training import classes
from app.ui import theme
from app.ui.messages import Notice
from app.ui.notices import Notices
from app.ui.screens import SCREENS, Screen
from app.ui.shell import Shell
from tests.factories import STAFF_ID, Factory
from tests.ui.desks import Desk

T = TypeVar("T")
OWN = ("training", "class_file")
NOTES = ("today", "residents", "resident_file")
LEADS_TO = ("roll_call", "sign_up", "graduation", "crafts")
NOTE = "tests.ui.counters:NoteScreen"
HEAD = Actor(STAFF_ID, "陶丽华", frozenset({"supervisor", "clerk"}))
TRAINER = Actor("t-1", "何蔚", frozenset({"trainer"}))
MONDAY = date(2026, 9, 21)
"""The day on which these tests play: 中秋 and 国庆 lie ahead, with a worked Saturday on 10-10."""
SLOTS = [{"weekdays": [1, 3, 5], "from": "13:30", "to": "17:00", "hours": 4}]


def screens() -> tuple[Screen, ...]:
    """Return the two real screens, and notes for the others."""
    kept = [screen for screen in SCREENS if screen.name in OWN + NOTES]
    shown = [screen if screen.name in OWN else replace(screen, factory=NOTE) for screen in kept]
    return (*shown, *(Screen(name, name, "clipboard-list", NOTE, under="training") for name in LEADS_TO))


def play_on(day: date) -> None:
    """Let today be that day."""
    clock.shift(timedelta(0))
    noon = datetime(day.year, day.month, day.day, 4, tzinfo=clock.now().tzinfo)
    clock.shift(noon - clock.now())


def planned(make: Factory, **values: Any) -> TrainingClass:
    """Plan a class by slots, from a week ahead; its course has 16 hours unless one is given."""
    course_id = values.pop("course_id", None) or make.course(hours_total=16, hours_theory=4, hours_practice=12).id
    start = values.pop("start_on", clock.today() + timedelta(days=7))
    base = {
        "course_id": course_id, "start_on": start, "slots": SLOTS, "place": "二楼实训室", "seats": 16, "min_open": 2,
        "trainers": [{"staff_id": "t-1", "name": "何蔚"}], "enrol_until": start - timedelta(days=1),
    }  # fmt: skip
    made = classes.plan_class(make.tx, {**base, **values})
    make.tx.flush()
    return made


def published(make: Factory, people: int = 0, **values: Any) -> TrainingClass:
    """Plan a class, open sign-up and sign that many people up."""
    row = planned(make, **values)
    classes.publish_class(make.tx, row.id)
    make.tx.flush()
    for _n in range(people):
        make.enrolment(row)
    return row


class Window(QWidget):
    """The window between sign-in and lock: the real shell, its toasts and its undo, over a counter's ends."""

    def __init__(self, ends: Desk) -> None:
        super().__init__()
        self.ends = ends
        self.notices = Notices(self, ends.messages)
        self.shell = Shell(replace(ends.context, navigate=self._navigate), screens=screens())
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.shell)

    def _navigate(self, name: str, **arguments: object) -> None:
        self.shell.navigate(name, **arguments)


@dataclass
class ClassDesk:
    """What a test holds in its hands. ``said`` and ``troubles``: what was shown."""

    window: Window

    @property
    def said(self) -> list[Notice]:
        """Return the toasts."""
        return self.window.ends.said

    @property
    def troubles(self) -> list[Any]:
        """Return the error cards."""
        return self.window.ends.troubles

    def front(self) -> Any:
        """Return the screen in front."""
        assert self.window.shell.current is not None
        return self.window.shell.current.widget

    def went(self) -> tuple[str, dict[str, object]]:
        """Return where the window went, with the arguments."""
        assert self.window.shell.current is not None
        return self.window.shell.current.screen.name, self.window.shell.current.arguments

    def go(self, name: str, **arguments: object) -> Any:
        """Open a screen."""
        self.window.shell.navigate(name, **arguments)
        return self.front()

    def write(self, work: Callable[[Factory], T]) -> T:
        """Do an act as the head of the station."""
        with self.window.ends.database.write(HEAD) as tx:
            return work(Factory(tx))

    def made(self, work: Callable[[Factory], Any]) -> str:
        """Make a record; return its id."""
        return self.write(lambda make: str(work(make).id))

    def read(self, work: Callable[[Transaction], T]) -> T:
        """Look into the database."""
        with self.window.ends.database.read() as tx:
            return work(tx)

    def row(self, class_id: str) -> TrainingClass:
        """Return a class's row as it is stored."""
        return self.read(lambda tx: tx.get(TrainingClass, class_id).model_copy())


@contextmanager
def desk(
    qtbot: QtBot, database: Database, folder: Path, person: Actor | None = None, *, scale: float = 1.0
) -> Iterator[ClassDesk]:
    """Yield the window of somebody (the head of the station); its runner is inline, its day is ``MONDAY``."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    theme.apply_theme(app, theme.Theme(scale=scale))
    play_on(MONDAY)
    shown = Window(Desk(database, person or HEAD, folder))
    qtbot.addWidget(shown)
    shown.resize(1366, 680)
    shown.show()
    shown.activateWindow()
    qtbot.waitUntil(shown.isActiveWindow)
    yield ClassDesk(shown)


def nameless_in(window: QWidget) -> list[str]:
    """Return the visible controls that a screen reader could not name."""
    controls = (QAbstractButton, QLineEdit, QPlainTextEdit, QAbstractItemView)
    shown = [each for each in window.findChildren(QWidget) if each.isVisibleTo(window) and isinstance(each, controls)]
    return [
        repr(each)
        for each in shown
        if not (each.accessibleName() or (isinstance(each, QAbstractButton) and each.text()))
    ]


CONTROL = Qt.KeyboardModifier.ControlModifier
