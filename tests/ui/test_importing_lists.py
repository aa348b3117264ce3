"""A list of sign-ups in the import wizard: the class first, each row matched to its file before anything is stored."""

import csv
from dataclasses import dataclass
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.db.database import Actor, Database
from app.services.training import rosters
from app.ui.importing.screen import MAP, REPORT, ImportScreen
from tests.factories import Factory, fictional_id
from tests.ui.desks import Desk

HERE, AWAY = ("郑阿菊", "19760130"), ("毛立根", "19680909")


@dataclass
class Room:
    """A desk with the import screen, two classes open for sign-up, and one person whose file is here."""

    desk: Desk
    screen: ImportScreen
    first: str
    second: str
    file: Path

    def roster(self, class_id: str) -> list[str]:
        with self.desk.database.write(self.desk.actor) as tx:
            return [line.name for line in rosters.list_roster(tx, class_id)]


@pytest.fixture
def room(qtbot: QtBot, database: Database, actor: Actor, tmp_path: Path) -> Room:
    with database.write(actor) as tx:
        make = Factory(tx)
        make.resident(name=HERE[0], id_no=fictional_id(HERE[1]), emp_status="21", mobile="19900000006")
        first, second = make.training_class(title="家政一班").id, make.training_class(title="家政二班").id
    file = tmp_path / "名单.csv"
    with file.open("w", encoding="utf-8-sig", newline="") as out:
        rows = [(name, fictional_id(born), "19900000006") for name, born in (HERE, AWAY, HERE)]
        csv.writer(out).writerows([("姓名", "身份证号", "联系电话"), *rows])
    desk = Desk(database, actor, tmp_path)
    screen = ImportScreen(desk.context)
    for widget in (screen, screen.panel):
        qtbot.addWidget(widget)
    screen.resize(974, 640)
    screen.show()
    return Room(desk, screen, first, second, file)


def test_a_list_needs_its_class_before_it_can_be_imported(room: Room) -> None:
    room.screen.open(kind="enrolments", path=room.file)

    assert room.screen.pages.currentIndex() == MAP
    assert room.screen.held_class.isVisible()
    assert not room.screen.panel.main.isEnabled()
    room.screen.main_action()
    assert "先选报到哪个班" in room.desk.said[-1].text
    assert room.screen.pages.currentIndex() == MAP


def test_the_preview_says_whose_file_is_not_here_and_stores_nothing(room: Room) -> None:
    room.screen.open(kind="enrolments", path=room.file, class_id=room.second)

    assert room.screen.map.table is not None
    here, away, again = room.screen.map.table.rows()
    assert (here.refused, away.refused, again.refused) == (False, True, True)
    assert "先登记再报名" in away.notes
    assert "相同" in again.notes
    assert here.cells[1] == f"{fictional_id(HERE[1])[:6]}********{fictional_id(HERE[1])[-4:]}"
    assert room.roster(room.second) == []


def test_the_list_goes_into_the_chosen_class_and_leads_there(room: Room) -> None:
    room.screen.open(kind="enrolments", path=room.file, class_id=room.second)
    room.screen.main_action()

    report = room.screen.report.report
    assert report is not None
    assert room.screen.pages.currentIndex() == REPORT
    assert (report.read, report.taken_count, report.refused_count) == (3, 1, 2)
    assert (room.roster(room.first), room.roster(room.second)) == ([], [HERE[0]])
    room.screen.main_action()
    assert room.desk.went[-1] == ("class_file", {"id": room.second})


def test_another_kind_of_file_asks_for_no_class(room: Room) -> None:
    room.screen.open(kind="enrolments")
    room.screen.open(kind="vacancies")

    assert not room.screen.held_class.isVisible()
