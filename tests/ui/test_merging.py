"""Two files of one person: chosen by key, made one, taken apart; what came late follows."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.db.database import Actor, Database
from app.models.resident import Resident
from app.services import merging, residents
from app.services.merged import find_merged
from app.ui.merging.screen import MergingScreen
from app.ui.resident_file import doing
from app.ui.resident_file.screen import ResidentFileScreen
from tests.factories import RESIDENT, Factory, fictional_id
from tests.ui.test_vacancies import Window


@pytest.fixture
def window(database: Database, actor: Actor, tmp_path: Path) -> Window:
    return Window(database, actor, tmp_path)


@pytest.fixture
def pair(database: Database, actor: Actor) -> tuple[str, str]:
    """Return two files of one person; the second has a registration, another number and phone."""
    with database.write(actor) as tx:
        first = Factory(tx).resident(**{**RESIDENT, "mobile": "19900000011"})
        tx.flush()
        keep = first.id
    with database.write(actor) as tx:
        again = {**RESIDENT, "id_no": fictional_id("19700218", 998), "mobile": "19900000012"}
        make = Factory(tx)
        second = make.resident(**again)
        tx.flush()
        make.registration(second)
        drop = second.id
    return keep, drop


def _screen(qtbot: QtBot, window: Window, **arguments: str) -> MergingScreen:
    screen = MergingScreen(window.context)
    qtbot.addWidget(screen)
    qtbot.addWidget(screen.panel)
    screen.resize(974, 640)
    screen.show()
    screen.open(**arguments)
    screen.refresh()
    return screen


def _file(qtbot: QtBot, window: Window, resident_id: str) -> ResidentFileScreen:
    screen = ResidentFileScreen(window.context)
    qtbot.addWidget(screen)
    qtbot.addWidget(screen.panel)
    screen.resize(974, 680)
    screen.show()
    screen.open(id=resident_id)
    screen.refresh()
    return screen


def _mobile(database: Database, resident_id: str) -> str | None:
    with database.read() as tx:
        row = tx.find(Resident, resident_id)
        return row.mobile if row is not None else None


def test_differences_are_chosen_by_key_and_one_button_makes_one_file(
    qtbot: QtBot, window: Window, database: Database, pair: tuple[str, str]
) -> None:
    keep, drop = pair
    screen = _screen(qtbot, window, keep=keep, drop=drop)
    row = next(row for row in screen.rows if row.row.name == "mobile")

    qtbot.keyClick(row, Qt.Key.Key_2)
    screen.main_action()

    assert _mobile(database, keep) == "19900000012"
    assert _mobile(database, drop) is None
    assert window.went[-1] == ("resident_file", {"id": keep})


def test_the_merge_is_taken_back_by_undo(
    qtbot: QtBot, window: Window, database: Database, pair: tuple[str, str]
) -> None:
    keep, drop = pair
    screen = _screen(qtbot, window, keep=keep, drop=drop)

    screen.main_action()
    window.undo()

    assert _mobile(database, keep) == "19900000011"
    assert _mobile(database, drop) == "19900000012"


def test_swapping_keeps_the_other_file(qtbot: QtBot, window: Window, database: Database, pair: tuple[str, str]) -> None:
    keep, drop = pair
    screen = _screen(qtbot, window, keep=keep, drop=drop)

    qtbot.keyClick(screen, Qt.Key.Key_0)
    screen.main_action()

    assert _mobile(database, keep) is None
    assert _mobile(database, drop) == "19900000011"  # the value chosen before stays chosen


def test_the_other_file_is_looked_for_and_taken_with_enter(qtbot: QtBot, window: Window, pair: tuple[str, str]) -> None:
    keep, drop = pair
    screen = _screen(qtbot, window, drop=drop)
    found = [row.hit.id for row in screen.pick.table.rows()]

    screen.pick.search.submitted.emit("")

    assert found == [keep]
    assert screen.view is not None
    assert (screen.view.keep.id, screen.view.drop.id) == (keep, drop)


def test_a_dropped_file_says_where_it_went_and_is_taken_apart(
    qtbot: QtBot, window: Window, database: Database, pair: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    keep, drop = pair
    with database.write(window.context.actor) as tx:
        merging.merge_files(tx, keep, drop)
    monkeypatch.setattr(doing, "ask_irrevocably", lambda *_args, **_options: "")
    screen = _file(qtbot, window, drop)
    said, shown = screen.went.accessibleName(), screen._stack.currentWidget() is screen.went

    screen.main_action()
    screen.went.split.click()

    assert shown
    assert "已经并到另一份" in said
    assert window.went[-1] == ("resident_file", {"id": keep})
    assert _mobile(database, drop) == "19900000012"
    assert screen._stack.currentWidget() is not screen.went


def test_what_came_late_to_a_dropped_file_follows_with_one_key(
    qtbot: QtBot, window: Window, database: Database, actor: Actor, pair: tuple[str, str]
) -> None:
    keep, drop = pair
    with database.write(actor) as tx:
        merging.merge_files(tx, keep, drop)
    with database.write(actor) as tx:
        residents.record_consent(tx, keep, {"kind": "2", "agreed": True}).resident_id = drop
    screen = _file(qtbot, window, keep)
    offered = screen.notices.buttons

    offered["follow"].click()

    with database.read() as tx:
        merged = find_merged(tx, drop)
    assert merged is not None
    assert merged.late == 0
    assert "follow" not in screen.notices.buttons


def test_the_file_offers_to_merge_and_to_take_apart(
    qtbot: QtBot, window: Window, database: Database, actor: Actor, pair: tuple[str, str]
) -> None:
    keep, drop = pair
    before = _file(qtbot, window, keep).panel.line("unmerge")
    with database.write(actor) as tx:
        merging.merge_files(tx, keep, drop)

    screen = _file(qtbot, window, keep)
    screen.run("merge")

    assert before is None
    assert screen.panel.line("unmerge") is not None
    assert window.went[-1] == ("merging", {"keep": keep})
