"""今日: what is due comes first, opens what it is about, and says why it is here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app import clock
from app.db.database import Actor, Database
from app.services import drafts
from app.services.todos import NOTICE, OVERDUE, SOON, TODAY, Todo
from app.ui.sync_badge import OFFLINE, SyncSummary
from app.ui.today import state
from app.ui.today.screen import TodayScreen
from tests.factories import Factory
from tests.ui.desks import Desk


@pytest.fixture
def desk(database: Database, actor: Actor, tmp_path: Path) -> Desk:
    return Desk(database, actor, tmp_path)


@pytest.fixture
def show(desk: Desk, qtbot: QtBot) -> Callable[[], TodayScreen]:
    def make() -> TodayScreen:
        screen = TodayScreen(desk.context)
        qtbot.addWidget(screen)
        screen.resize(1280, 640)
        screen.show()
        screen.refresh()
        return screen

    return make


@pytest.fixture
def overdue(database: Database, actor: Actor) -> str:
    """Issue a slip three weeks ago that nobody answered; return it."""
    clock.shift(timedelta(days=-21))
    with database.write(actor) as tx:
        referral = Factory(tx).referral().id
    clock.shift(timedelta(0))
    return referral


def test_an_unanswered_slip_leads_to_its_outcome(
    overdue: str, show: Callable[[], TodayScreen], desk: Desk, qtbot: QtBot
) -> None:
    screen = show()
    qtbot.keyClick(screen.table.view, Qt.Key.Key_Return)

    assert desk.went == [("referrals", {"id": overdue})]
    assert screen.badge() == 1


def test_slices_count_and_show_their_own(overdue: str, show: Callable[[], TodayScreen], qtbot: QtBot) -> None:
    screen = show()
    qtbot.keyClick(screen.slices, Qt.Key.Key_Right)
    assert (screen.slices.code(), len(screen.table.rows())) == (OVERDUE, 1)

    qtbot.keyClick(screen.slices, Qt.Key.Key_Right)

    assert (screen.slices.code(), screen.table.rows()) == (TODAY, [])


def test_the_rules_are_told_with_the_figures_in_force(show: Callable[[], TodayScreen]) -> None:
    screen = show()
    assert screen.rules.isHidden()

    screen.why.click()

    assert not screen.rules.isHidden()
    facts = screen._facts
    assert facts is not None
    assert "5 个工作日" in facts.rules[0].text


def test_my_kept_drafts_wait_at_the_right_and_open_where_they_were(
    show: Callable[[], TodayScreen], desk: Desk, database: Database, actor: Actor
) -> None:
    with database.write(actor) as tx:
        drafts.keep_draft(tx, "register", {"name": "冯巧云", "values": {}}, subject="d1")
    with database.write(Actor("another", "方静", frozenset({"clerk"}))) as tx:
        drafts.keep_draft(tx, "register", {"name": "沈以安", "values": {}}, subject="d2")
    screen = show()

    rows = screen.waiting.rows()
    rows[0].click()

    assert len(rows) == 1
    assert desk.went == [("register", {"draft": "d1"})]


def test_a_supervisor_sees_vacancies_that_wait(
    show: Callable[[], TodayScreen], desk: Desk, database: Database, actor: Actor
) -> None:
    with database.write(actor) as tx:
        Factory(tx).vacancy(published=False)
    screen = show()
    screen.waiting.rows()[0].click()

    assert desk.went == [("vacancies", {})]


def test_offline_is_a_quiet_line_with_what_goes_on(show: Callable[[], TodayScreen], desk: Desk) -> None:
    screen = show()
    assert screen.banner.isHidden()

    desk.set_summary(SyncSummary(OFFLINE, queued=47, last_ok_at=clock.now() - timedelta(days=3, hours=4)))
    screen.refresh()

    assert not screen.banner.isHidden()
    assert "3 天 4 小时" in screen.banner.accessibleName()
    assert "47 笔" in screen.banner.accessibleName()


def test_what_i_did_today_is_counted(show: Callable[[], TodayScreen], database: Database, actor: Actor) -> None:
    with database.write(actor) as tx:
        Factory(tx).resident()
    screen = show()

    facts = screen._facts
    assert facts is not None
    assert (facts.mine.served_today, facts.mine.served[-1]) == (1, 1)


@pytest.mark.parametrize(("days", "words"), [(-2, "逾期 2 天"), (0, "今天"), (3, "还有 3 天"), (30, "12 月 24 日")])
def test_when_it_is_due_is_said_in_words(days: int, words: str) -> None:
    todo = Todo("回访", NOTICE, "沈以安", "问在岗", date(2026, 12, 24), days, "referral", "r", "p")

    assert state.due_words(todo) == words


def test_every_kind_of_todo_opens_what_it_is_about() -> None:
    def todo(kind: str) -> Todo:
        return Todo("", SOON, "", "", clock.today(), 1, kind, "r", "p")

    assert state.way_to(todo("referral")) == ("referrals", {"id": "r"})
    assert state.way_to(todo("vacancy")) == ("vacancies", {"vacancy": "r"})
    assert state.way_to(todo("unemp_reg")) == ("resident_file", {"id": "p"})
