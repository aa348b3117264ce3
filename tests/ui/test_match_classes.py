"""The gap that an open class closes: offered beside the reasons, and one key away."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app.db.database import Actor, Database
from app.services.training import enrolments
from app.ui.match.screen import MatchScreen
from app.ui.match.state import NOT_SUGGESTED, SUGGESTED
from tests.factories import Factory
from tests.training_factory import ELECTRICIAN
from tests.ui.desks import Desk

CERT = "低压电工作业证"


class Gap(Desk):
    """A person who lacks a certificate, the vacancy that asks for it, the class that leads to it."""

    person, class_id = "", ""

    def make(self, *, mandatory: bool = False, signed_up: bool = False, accept_training: bool = True) -> None:
        with self.database.write(self.actor) as tx:
            make = Factory(tx)
            person = make.resident(emp_status="21")
            make.registration(person, accept_training=accept_training)
            make.vacancy(certs_required=[{"name": CERT, "mandatory": mandatory}])
            row = make.training_class(make.course(**ELECTRICIAN), title="低压电工班")
            tx.flush()
            if signed_up:
                enrolments.enrol(tx, row.id, person.id, knowing=("subsidy", "no_phone"))
            self.person, self.class_id = person.id, row.id

    def show(self, qtbot: QtBot, tab: str = SUGGESTED) -> MatchScreen:
        screen = MatchScreen(self.context)
        for widget in (screen, screen.panel):
            qtbot.addWidget(widget)
        screen.show()
        screen.open(id=self.person)
        screen.refresh()
        screen.tabs.set_code(tab)
        screen._on_tab_chosen(tab)
        return screen


@pytest.fixture
def gap(database: Database, actor: Actor, tmp_path: Path) -> Gap:
    return Gap(database, actor, tmp_path)


def words(screen: MatchScreen) -> str:
    return " ".join(label.text() for label in screen.panel.findChildren(QLabel))


def test_a_suggested_vacancy_with_a_gap_offers_its_class(qtbot: QtBot, gap: Gap) -> None:
    gap.make()
    screen = gap.show(qtbot)

    assert f"“低压电工班”结业能考{CERT}" in words(screen)
    screen.acts()["train"]()
    assert gap.went[-1] == ("sign_up", {"id": gap.person, "class_id": gap.class_id})


def test_a_vacancy_that_the_gap_keeps_away_offers_its_class_too(qtbot: QtBot, gap: Gap) -> None:
    gap.make(mandatory=True, accept_training=False)
    screen = gap.show(qtbot, NOT_SUGGESTED)

    assert f"结业能考{CERT}" in words(screen)
    assert screen.panel.offered_class() == gap.class_id


def test_a_class_she_is_on_the_list_of_is_not_offered_again(qtbot: QtBot, gap: Gap) -> None:
    gap.make(signed_up=True)
    screen = gap.show(qtbot)

    assert "已经报了这个班" in words(screen)
    assert "train" not in screen.acts()


def test_who_may_not_sign_up_sees_the_class_and_is_offered_no_key(qtbot: QtBot, gap: Gap) -> None:
    gap.make()
    gap.context = replace(gap.context, actor=Actor("o-1", "区里的人", frozenset({"officer"})))
    screen = gap.show(qtbot)

    assert f"结业能考{CERT}" in words(screen)
    assert "train" not in screen.acts()
