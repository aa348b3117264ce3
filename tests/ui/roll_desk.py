"""A store with a trainer and her class under the real shell: built once, copied for each test."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any, cast

from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app import clock
from app.config import SettingsStore
from app.db.database import Actor, Database, make_engine
from app.db.migrate import migrate
from app.models.identity import slip_payload
from app.services import residents
from app.services.stations import found_station
from app.services.training import classes, marking
from app.services.training.grid import Grid, TrailLine, list_trail, load_grid
from app.ui.context import Found, StationFacts, UiContext
from app.ui.messages import Messages, Notice, Trouble
from app.ui.roll_call.screen import RollCallScreen
from app.ui.shell import Shell
from app.ui.tasks import TaskRunner
from tests.factories import STAFF_ID, Factory
from tests.fixtures_db import KEY, STATION

TRAINER = "何蔚"
CHIEF = Actor(STAFF_ID, "陶丽华", frozenset({"supervisor", "clerk"}))
HERSELF = Actor("0198f3c2-7d10-7c3e-9a55-0000000000f7", TRAINER, frozenset({"trainer"}))
NAMES = ("郑阿菊", "苏玉梅", "李桂芬", "王秀珍", "陈美仙", "徐月琴")
OUTSIDER = "卜守成"
"""A resident on no list: her name may show nowhere to a trainer."""


@dataclass(frozen=True)
class Room:
    """What was built: the class with its lessons (the third is today's) and people, and a class of somebody else."""

    class_id: str
    lessons: tuple[str, ...]
    people: tuple[str, ...]
    badges: tuple[str, ...]
    other_class: str
    other_name: str


@cache
def _template(people: int) -> tuple[Path, Room]:
    """Build a founded store with the class once for the whole run."""
    path = Path(tempfile.mkdtemp(prefix="doorstep-room-")) / "doorstep.db"
    atexit.register(shutil.rmtree, path.parent, ignore_errors=True)
    engine = make_engine(path, KEY)
    migrate(engine)
    engine.dispose()
    database = Database(path, KEY)
    with database.write(CHIEF) as tx:
        found_station(tx, dict(STATION), supervisor=CHIEF.name, staff_id=STAFF_ID)
    with database.write(CHIEF) as tx:
        room = build(Factory(tx), HERSELF.staff_id, people)
    database.close()
    return path, room


def build(make: Factory, trainer: str, people: int) -> Room:
    hers = [{"staff_id": trainer, "name": TRAINER}]
    make.resident(name=OUTSIDER)
    row = make.training_class(lessons=5, start_on=clock.today() - timedelta(days=2), trainers=hers, seats=people)
    signed = [
        make.enrolment(row, make.resident(name=NAMES[n] if n < len(NAMES) else f"学员{_HAN[n // 10]}{_HAN[n % 10]}"))
        for n in range(people)
    ]
    classes.open_class(make.tx, row.id, why="照开")
    other = make.training_class(
        make.course(), lessons=2, trainers=[{"staff_id": "t-2", "name": "林岚"}], title="中式面点"
    )
    stranger = make.enrolment(other, make.resident(name="戎素芳"))
    lessons = make.lessons(row)
    for person in signed:
        marking.mark(make.tx, lessons[0].id, person.id, "1")
    make.tx.flush()
    return Room(
        row.id,
        tuple(each.id for each in lessons),
        tuple(each.id for each in signed),
        tuple(slip_payload(each.enrol_no) for each in (*signed, stranger)),
        other.id,
        "戎素芳",
    )


_HAN = "零一二三四五六七八九"


@dataclass
class RollDesk:
    """What a test holds in its hands: the shell as somebody who signed in has it, on a real store."""

    shell: Shell
    database: Database
    actor: Actor
    room: Room
    runner: TaskRunner
    said: list[Notice] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)

    def front(self) -> tuple[str, Any]:
        """Return the name of the screen in front, and the screen."""
        assert self.shell.current is not None
        return self.shell.current.screen.name, self.shell.current.widget

    def roll(self, lesson: int | None = None) -> RollCallScreen:
        """Open the roll call, at a lesson by its place."""
        more = {} if lesson is None else {"lesson_id": self.room.lessons[lesson]}
        self.shell.navigate("roll_call", id=self.room.class_id, **more)
        return cast("RollCallScreen", self.front()[1])

    def stored(self) -> Grid:
        """Return the class as the store has it."""
        with self.database.read() as tx:
            return load_grid(tx, self.room.class_id)

    def marks(self, lesson: int) -> list[str]:
        """Return the stored marks of a lesson in the order of the list, "" for none."""
        found = {each.id: each.cells.get(self.room.lessons[lesson]) for each in self.stored().people}
        cells = [found[person] for person in self.room.people]
        return [f"{cell.mark}{cell.minutes or ''}" if cell is not None else "" for cell in cells]

    def shown(self, screen: RollCallScreen, lesson: int) -> list[str]:
        """Return the marks of a lesson as the screen shows them."""
        cells = [screen.marker.cell(person, self.room.lessons[lesson]) for person in self.room.people]
        return [f"{cell.mark}{cell.minutes or ''}" if cell is not None else "" for cell in cells]

    def trail(self, lesson: int, person: int) -> list[TrailLine]:
        """Return the trail of a cell."""
        with self.database.read() as tx:
            return list_trail(tx, self.room.lessons[lesson], self.room.people[person])


@contextmanager
def roll_desk(
    qtbot: QtBot, folder: Path, *, as_trainer: bool = True, inline: bool = True, people: int = 6
) -> Iterator[RollDesk]:
    """Yield the shell of the trainer, or of the head of the station; tasks run at once, or on their lanes."""
    source, room = _template(people)
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, folder / "doorstep.db")
    database, actor = Database(folder / "doorstep.db", KEY), HERSELF if as_trainer else CHIEF
    runner = TaskRunner(inline=inline)
    runner.attach(database, actor)
    messages = Messages()
    runner.show_error = messages.show_error
    shells: list[Shell] = []

    def go(name: str, **arguments: object) -> None:
        shells[0].navigate(name, **arguments)

    context = UiContext(
        runner=runner,
        store=SettingsStore(folder / "settings.json"),
        messages=messages,
        navigate=go,
        actor=actor,
        station=StationFacts(STATION["code"], STATION["name"], "3 号电脑"),
        search=_find,
    )
    shell = Shell(context)
    shells.append(shell)
    held = RollDesk(shell, database, actor, room, runner)
    messages.said.connect(held.said.append)
    messages.troubled.connect(held.troubles.append)
    qtbot.addWidget(shell)
    shell.resize(1366, 680)
    with qtbot.waitExposed(shell):
        shell.show()
    QApplication.processEvents()  # the window before may go only now, and takes the keyboard along
    shell.activateWindow()
    qtbot.waitUntil(shell.isActiveWindow)
    try:
        yield held
    finally:
        runner.close()
        database.close()


def _find(tx: Any, words: str, *, limit: int) -> list[Found]:
    return [Found(hit.id, hit.name, "") for hit in residents.search_residents(tx, words, limit=limit)]
