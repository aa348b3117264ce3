"""The list of residents: found by anything, shown masked, opened by Enter."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app import clock
from app.db.database import Actor, Database
from app.models.neighbour import CONFIRMED, NeighbourOp
from app.services import residents
from app.ui.residents.screen import ResidentsScreen
from tests.factories import NOTICE, RESIDENT, fictional_id
from tests.ui.desks import Desk


@pytest.fixture
def desk(database: Database, actor: Actor, tmp_path: Path) -> Desk:
    return Desk(database, actor, tmp_path)


@pytest.fixture
def people(database: Database, actor: Actor) -> dict[str, str]:
    """Register two people, 葛守成 last."""
    ids = {}
    for name, birth in (("单明月", "19860503"), ("葛守成", "19700218")):
        with database.write(actor) as tx:
            values = {**RESIDENT, "name": name, "id_no": fictional_id(birth)}
            ids[name] = residents.register_resident(tx, values, consents=[NOTICE]).id
    return ids


@pytest.fixture
def show(desk: Desk, qtbot: QtBot) -> Callable[[], ResidentsScreen]:
    def make() -> ResidentsScreen:
        screen = ResidentsScreen(desk.context)
        qtbot.addWidget(screen)
        screen.resize(1280, 640)
        screen.show()
        screen.open()
        screen.refresh()
        return screen

    return make


def test_files_touched_last_come_first_and_masked(people: dict[str, str], show: Callable[[], ResidentsScreen]) -> None:
    screen = show()

    assert [hit.name for hit in screen.table.rows()] == ["葛守成", "单明月"]
    shown = screen.table._model.shown(0)
    assert shown[2].startswith("330110********")
    assert (shown[3], shown[4]) == ("199****0003", "溪桥苑 5 幢")


def test_a_file_that_a_neighbour_changed_says_so_until_the_district_confirms_it(
    people: dict[str, str], database: Database, actor: Actor, show: Callable[[], ResidentsScreen], qtbot: QtBot
) -> None:
    edit = {"type": "resident", "id": people["单明月"], "base": 1, "set": {"remark": ["", "要早班"]}}
    body = json.dumps({"act": "resident.edit", "edits": [edit]}, ensure_ascii=False)
    with database.write(actor) as tx:
        tx.session.add(
            NeighbourOp(op="n1", device="d2", seq=1, body=body, proof="", route="lan", received_at=clock.now())
        )

    screen = show()
    before = [screen.table._model.shown(row)[6] for row in range(2)]
    with database.write(actor) as tx:
        tx.session.get_one(NeighbourOp, "n1").state = CONFIRMED
    screen.refresh()
    qtbot.waitUntil(lambda: screen.table._model.shown(1)[6] != "同站未确认", timeout=3000)

    assert (before[0] != "同站未确认", before[1]) == (True, "同站未确认")


def test_typing_finds_by_initials_and_enter_opens_the_file(
    people: dict[str, str], show: Callable[[], ResidentsScreen], desk: Desk, qtbot: QtBot
) -> None:
    screen = show()
    qtbot.keyClicks(screen.filter.line, "smy")
    qtbot.waitUntil(lambda: len(screen.table.rows()) == 1, timeout=3000)
    qtbot.keyClick(screen.filter.line, Qt.Key.Key_Return)

    assert desk.went == [("resident_file", {"id": people["单明月"]})]


def test_enter_right_after_typing_opens_who_was_typed_not_who_stood_there(
    people: dict[str, str], show: Callable[[], ResidentsScreen], desk: Desk, qtbot: QtBot
) -> None:
    screen = show()
    screen.filter.line.setText("单明月")
    qtbot.keyClick(screen.filter.line, Qt.Key.Key_Return)

    assert desk.went == [("resident_file", {"id": people["单明月"]})]


def test_the_arrow_leads_into_the_list_and_f4_matches(
    people: dict[str, str], show: Callable[[], ResidentsScreen], desk: Desk, qtbot: QtBot
) -> None:
    screen = show()
    qtbot.keyClick(screen.filter.line, Qt.Key.Key_Down)
    qtbot.keyClick(screen.table.view, Qt.Key.Key_Down)
    screen.acts()["match"]()
    screen.acts()["edit"]()

    assert desk.went == [("match", {"id": people["单明月"]}), ("register", {"id": people["单明月"]})]


def test_nobody_found_offers_a_new_registration(
    people: dict[str, str], show: Callable[[], ResidentsScreen], desk: Desk
) -> None:
    screen = show()
    screen.filter.set_text("没有此人")
    screen.refresh()
    button = screen.table._empty.button
    assert button is not None
    button.click()

    assert screen.table.rows() == []
    assert desk.went == [("register", {})]


def test_an_empty_station_says_how_to_begin(show: Callable[[], ResidentsScreen]) -> None:
    screen = show()

    assert "还没有居民" in screen.table._empty.accessibleName()
