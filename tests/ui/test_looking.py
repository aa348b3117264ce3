"""What a screen shows of a person leaves a line in the access log: one a sitting, after it was shown."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app import clock
from app.db.database import Actor, Database
from app.errors import StorageError
from app.services import residents, staff
from app.ui import looking
from app.ui.class_file.screen import ClassFileScreen
from app.ui.resident_file.screen import ResidentFileScreen
from tests.factories import NOTICE, RESIDENT, Factory
from tests.ui.desks import Desk


@pytest.fixture
def desk(qapp: QApplication, database: Database, actor: Actor, tmp_path: Path) -> Iterator[Desk]:
    held = Desk(database, actor, tmp_path)
    yield held
    held.runner.close()


def opened(qtbot: QtBot, desk: Desk, resident_id: str) -> ResidentFileScreen:
    screen = ResidentFileScreen(desk.context)
    qtbot.addWidget(screen)
    screen.open(id=resident_id)
    screen.refresh()
    return screen


def person(desk: Desk) -> str:
    with desk.database.write(desk.actor) as tx:
        return residents.register_resident(tx, dict(RESIDENT), consents=[NOTICE]).id


def looks(desk: Desk) -> list[tuple[Any, ...]]:
    with desk.database.read() as tx:
        rows = tx.sql("SELECT act, subject_type, subject_id, staff_id FROM access_log ORDER BY number")
        return [tuple(row) for row in rows]


def test_opening_a_file_leaves_one_line_and_opening_it_again_soon_none(qtbot, desk):
    resident_id = person(desk)

    screen = opened(qtbot, desk, resident_id)
    screen.refresh()
    opened(qtbot, desk, resident_id)

    assert looks(desk) == [("resident.look", "resident", resident_id, desk.actor.staff_id)]


def test_after_ten_minutes_it_is_another_look(qtbot, desk):
    resident_id = person(desk)
    screen = opened(qtbot, desk, resident_id)

    clock.shift(timedelta(minutes=11))
    screen.refresh()

    assert len(looks(desk)) == 2


def test_a_trainer_who_opens_her_class_leaves_a_line_too(qtbot, desk):
    with desk.database.write(desk.actor) as tx:
        trainer = staff.add_staff(tx, {"name": "蒋老师", "roles": ["trainer"]}).id
    with desk.database.write(desk.actor) as tx:
        class_id = Factory(tx).training_class(trainers=[{"staff_id": trainer, "name": "蒋老师"}]).id
    teacher = Desk(desk.database, Actor(trainer, "蒋老师", frozenset({"trainer"})), desk.database.path.parent)

    for _time in range(2):
        screen = ClassFileScreen(teacher.context)
        qtbot.addWidget(screen)
        screen.open(id=class_id)
        screen.refresh()

    assert looks(desk) == [("class.look", "training_class", class_id, trainer)]
    teacher.runner.close()


def test_a_look_that_cannot_be_kept_is_said_and_the_file_is_shown(qtbot, desk, monkeypatch):
    resident_id = person(desk)

    def full(*_given: object, **_named: object) -> None:
        raise StorageError("磁盘满了", code="storage.full")

    monkeypatch.setattr(looking, "note_look", full)
    screen = opened(qtbot, desk, resident_id)

    assert screen._stack.currentWidget() is screen._file
    assert ["没记下来" in notice.text and "磁盘满了" in notice.text for notice in desk.said] == [True]
    assert desk.troubles == []

    monkeypatch.undo()
    screen.refresh()
    assert len(looks(desk)) == 1
