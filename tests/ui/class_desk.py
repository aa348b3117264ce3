"""A counter with courses and classes, its real screens 培训 and 班级 in a real window; notes where they lead to."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app import clock
from app.db.transaction import Transaction
from app.models.training import TrainingClass
from app.services.training import classes
from app.ui import theme
from app.ui.desktop import Desktop
from app.ui.messages import Notice, Trouble
from app.ui.screens import SCREENS, Screen
from app.ui.shell import Shell
from tests.factories import Factory
from tests.ui import counters

T = TypeVar("T")
OWN = ("training", "class_file")
NOTES = ("today", "residents", "resident_file")
LEADS_TO = ("roll_call", "sign_up", "graduation", "crafts")
NOTE = "tests.ui.counters:NoteScreen"
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


@dataclass
class ClassDesk:
    """What a test holds in its hands."""

    desktop: Desktop
    said: list[Notice] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)

    @property
    def shell(self) -> Shell:
        assert self.desktop.shell is not None
        return self.desktop.shell

    def front(self) -> Any:
        """Return the screen in front."""
        assert self.shell.current is not None
        return self.shell.current.widget

    def went(self) -> tuple[str, dict[str, object]]:
        """Return where the window went, with the arguments."""
        assert self.shell.current is not None
        return self.shell.current.screen.name, self.shell.current.arguments

    def go(self, name: str, **arguments: object) -> Any:
        """Open a screen."""
        self.shell.navigate(name, **arguments)
        return self.front()

    def write(self, work: Callable[[Factory], T]) -> T:
        """Do an act as whoever is signed in."""
        door: Any = self.desktop._door
        with door.database.write(door.runner.actor) as tx:
            return work(Factory(tx))

    def made(self, work: Callable[[Factory], Any]) -> str:
        """Make a record; return its id."""
        return self.write(lambda make: str(work(make).id))

    def read(self, work: Callable[[Transaction], T]) -> T:
        """Look into the database."""
        door: Any = self.desktop._door
        with door.database.read() as tx:
            return work(tx)

    def row(self, class_id: str) -> TrainingClass:
        """Return a class's row as it is stored."""
        return self.read(lambda tx: tx.get(TrainingClass, class_id).model_copy())


@contextmanager
def desk(qtbot: QtBot, folder: Path) -> Iterator[ClassDesk]:
    """Yield a signed-in desktop of the head of the station; its runner is inline, its day is ``MONDAY``."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    theme.apply_theme(app, theme.Theme())
    play_on(MONDAY)
    shown = Desktop(counters.found(folder), screens=screens())
    qtbot.addWidget(shown)
    shown.resize(1366, 680)
    shown.show()
    shown.activateWindow()
    qtbot.waitUntil(shown.isActiveWindow)
    assert shown.sign_in is not None
    for digit in counters.PIN:
        shown.sign_in.take_digit(digit)
    held = ClassDesk(shown)
    shown.messages.said.connect(held.said.append)
    shown.messages.troubled.connect(held.troubles.append)
    try:
        yield held
    finally:
        shown.close_down()
        theme.apply_theme(app, theme.Theme())


CONTROL = Qt.KeyboardModifier.ControlModifier
