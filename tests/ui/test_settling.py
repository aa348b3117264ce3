"""The conflict card: one key per choice, a third value by the rules of its field, and undo."""

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from sqlalchemy import insert

from app import clock
from app.db.database import Actor, Database
from app.models.conflict import Conflict
from app.models.resident import Resident
from app.services import conflicts, history
from app.ui.sync_centre.screen import SyncScreen
from tests.ui.test_sync_centre import _act, _join, _screen
from tests.ui.test_vacancies import Window


@pytest.fixture
def window(database: Database, actor: Actor, tmp_path: Path) -> Window:
    return Window(database, actor, tmp_path)


@pytest.fixture
def resident(database: Database, actor: Actor) -> str:
    _op, record_id = _act(database, actor, "resident")
    _join(database)
    return record_id


def _ask(database: Database, record_id: str, field: str, ours: Any, theirs: Any) -> None:
    said = {"act": "resident.edit", "made_at": clock.now().isoformat(), "actor": "?", "device": "d2"}
    row = {
        "id": clock.new_id(), "record_type": "resident", "record_id": record_id, "field": field,
        "ours": {**said, "value": ours}, "theirs": {**said, "value": theirs},
        "standing": "theirs", "state": "open", "created_at": clock.now(), "rev": 1, "extra": {},
    }  # fmt: skip
    with database.write(None) as tx, tx.applying():
        tx.session.connection().execute(insert(Conflict), [row])


def _shown(database: Database, record_id: str, field: str) -> Any:
    with database.read() as tx:
        return getattr(tx.session.get(Resident, record_id), field)


def _open(database: Database) -> int:
    with database.read() as tx:
        return len(conflicts.list_conflicts(tx))


@pytest.mark.parametrize(("key", "value"), [(Qt.Key.Key_1, "19900000008"), (Qt.Key.Key_2, "19900000007")])
def test_one_key_takes_one_value(
    qtbot: QtBot, window: Window, database: Database, resident: str, key: Qt.Key, value: str
) -> None:
    _ask(database, resident, "mobile", "19900000008", "19900000007")
    screen = _screen(qtbot, window)

    qtbot.keyClick(screen, key)

    assert _shown(database, resident, "mobile") == value
    assert screen.conflicts == []
    assert window.said[-1].text == "选定了，没选的那个也留着。"


def test_key_3_opens_a_line_for_a_third_value(
    qtbot: QtBot, window: Window, database: Database, actor: Actor, resident: str
) -> None:
    _ask(database, resident, "mobile", "19900000008", "19900000007")
    screen = _screen(qtbot, window)
    qtbot.keyClick(screen, Qt.Key.Key_3)
    card = screen.conflicts[0]
    assert not card.chooser.form.isHidden()

    card.chooser.form.field("value").set_value("1990000")
    card.chooser.save.click()
    assert _open(database) == 1
    card.chooser.form.field("value").set_value("199 0000 0009")
    card.chooser.save.click()

    assert _shown(database, resident, "mobile") == "19900000009"
    with database.write(actor) as tx:
        history.undo(tx, history.list_done(tx)[0].op)
    assert _open(database) == 1


def test_a_code_is_chosen_from_its_list(qtbot: QtBot, window: Window, database: Database, resident: str) -> None:
    _ask(database, resident, "edu_level", "21", "61")
    screen: SyncScreen = _screen(qtbot, window)
    chooser = screen.conflicts[0].chooser
    chooser.buttons["other"].click()

    chooser.form.field("value").set_value("71")
    chooser.save.click()

    assert _shown(database, resident, "edu_level") == "71"


def test_whether_a_file_lives_has_two_choices(qtbot: QtBot, window: Window, database: Database, resident: str) -> None:
    _ask(database, resident, "deleted_at", "2026-11-20T02:14:00.000Z", None)
    screen = _screen(qtbot, window)
    buttons = screen.conflicts[0].chooser.buttons
    assert [buttons[name].text() for name in ("ours", "theirs")] == ["作废", "恢复"]
    assert buttons["other"].isHidden()

    qtbot.keyClick(screen, Qt.Key.Key_1)

    assert _shown(database, resident, "deleted_at") is not None
