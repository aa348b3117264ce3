"""The other roads in the sync centre: offered, found, written and read; the buttons tell what happens."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from app.db.database import Actor, Database
from app.sync.carrying import Brought, Made
from app.sync.lan import LanExchange, LanStatus
from app.sync.roads import Roads
from app.ui.sync_centre import roads
from app.ui.sync_centre.roads import RoadsBox
from tests.ui.test_sync_centre import _join
from tests.ui.test_vacancies import Window


class OpenDoor:
    """The real roads of a real store."""

    def __init__(self, database: Database) -> None:
        self._roads = Roads(database, LanExchange(database))

    def roads(self) -> Roads:
        return self._roads


def _box(qtbot: QtBot, database: Database, actor: Actor, folder: Path) -> tuple[RoadsBox, Window]:
    window = Window(database, actor, folder)
    box = RoadsBox(replace(window.context, door=OpenDoor(database)))  # type: ignore[arg-type]
    qtbot.addWidget(box)
    box.show()
    return box, window


def test_without_the_stations_key_each_road_says_what_to_do(
    qtbot: QtBot, database: Database, actor: Actor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _join(database)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_args: (str(tmp_path / "a.doorstep"), ""))
    box, window = _box(qtbot, database, actor, tmp_path)

    box.offer.click()
    box.write.click()

    assert len(window.troubles) == 2
    assert all(trouble.text for trouble in window.troubles)
    assert not (tmp_path / "a.doorstep").exists()
    assert not box.offer.is_busy
    assert not box.write.is_busy


def test_a_file_that_is_none_is_refused_with_a_sentence(
    qtbot: QtBot, database: Database, actor: Actor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _join(database)
    wrong = tmp_path / "wrong.doorstep"
    wrong.write_text("nothing of ours", "utf-8")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_args: (str(wrong), ""))
    box, window = _box(qtbot, database, actor, tmp_path)

    box.read.click()

    assert len(window.troubles) == 1
    assert box.read.isEnabled()


def test_an_offer_shows_its_code(qtbot: QtBot, database: Database, actor: Actor, tmp_path: Path) -> None:
    box, _window = _box(qtbot, database, actor, tmp_path)

    box._on_changed(LanStatus(offering=True, code="4821-077"))

    assert box.near.code.text() == "连接码 4821-077"
    assert not box.near.code.isHidden()
    assert box.offer.text() == "不给用了"


@pytest.mark.parametrize(
    ("brought", "words"),
    [
        (Brought("answer"), "文件里的这里都有了。"),
        (Brought("answer", answers=12, entries=3), "收好了：区里答复 12 笔，区里的记录 3 份。"),
        (Brought("station", fresh=5, skipped=(("02", "有一笔不认。"),)), "收好了：同站 5 笔。有一笔不认。"),
    ],
)
def test_what_a_file_brought_is_told(brought: Brought, words: str) -> None:
    assert roads.brought_words(brought) == words


def test_what_was_written_says_where_to_take_it() -> None:
    made = Made(7, 2, 4096)

    assert "带到区里收" in roads.written_words(made, station=False)
    assert "同站那台电脑" in roads.written_words(made, station=True)
