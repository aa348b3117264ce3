"""A month on the ledgers' screen: how it stands, its close by keyboard, its corrections, opening it again."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from sqlmodel import select

from app.db.database import Actor, Database
from app.ledgers import LEDGERS
from app.ledgers.closing import Readiness
from app.models.blob import WANTED, Blob
from app.models.resident import Resident
from app.ui.ledgers import month, month_state, taking
from app.ui.ledgers.month import CloseCard
from app.ui.ledgers.month_state import Closable
from app.ui.ledgers.screen import LedgersScreen
from app.ui.rights import Rights
from app.ui.taking_out import EXCEL, Wanted
from app.ui.tasks import TaskRunner
from tests.factories import Factory
from tests.ledgers.month_desk import FEW, NOVEMBER, OCTOBER, MonthDesk, set_clock
from tests.ui.desks import Desk
from tests.ui.referral_desk import press

Show = Callable[[], LedgersScreen]


@pytest.fixture(autouse=True)
def _few_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.ledgers.closing.INDICATORS", FEW)


@pytest.fixture
def desk(qapp: QApplication, database: Database, actor: Actor, tmp_path: Path) -> Iterator[Desk]:
    held = Desk(database, actor, tmp_path)
    yield held
    held.runner.close()


@pytest.fixture
def months(desk: Desk) -> MonthDesk:
    """Return a station with one registration in October; it is the third of November."""
    held = MonthDesk(desk.database, desk.actor)
    held.on(date(2026, 10, 20), lambda make: make.registration(make.resident(name="郑阿菊")))
    set_clock(date(2026, 11, 3))
    return held


@pytest.fixture
def show(qtbot: QtBot, desk: Desk, months: MonthDesk) -> Show:
    def opened() -> LedgersScreen:
        screen = LedgersScreen(desk.context)
        qtbot.addWidget(screen)
        screen.resize(1274, 640)
        with qtbot.waitActive(screen):
            screen.show()
            screen.activateWindow()
        screen.refresh()
        screen.kinds.select_key("L02")
        screen.setFocus()
        return screen

    return opened


def last_month(screen: LedgersScreen) -> None:
    press(Qt.Key.Key_PageUp, Qt.KeyboardModifier.ControlModifier)


def key(screen: LedgersScreen) -> None:
    press(Qt.Key.Key_J, Qt.KeyboardModifier.ControlModifier)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Closable]:
    """Say yes to every close; return what the cards showed."""
    seen: list[Closable] = []

    def answer(_parent: object, closable: Closable) -> bool:
        seen.append(closable)
        return True

    monkeypatch.setattr(month, "ask_close", answer)
    return seen


def test_a_month_is_closed_by_its_key_and_says_by_whom(
    show: Show, desk: Desk, months: MonthDesk, asked: list[Closable]
) -> None:
    screen = show()
    this = screen.month.told.text()
    last_month(screen)
    before = (screen.month.told.text(), screen.month.button.isVisible())

    key(screen)

    assert (this, before) == ("还没过完，未结账", ("未结账", True))
    assert [closable.ready.period for closable in asked] == [OCTOBER]
    entry = months.standing(OCTOBER).ledger("L02") or {}
    assert screen.month.told.text() == f"已结账，陶丽华 2026-11-03 10:00，校验值 {entry['sha256'][:12]}…"
    assert "结账时封存" in screen.count.text()
    assert desk.said[-1].text == "2026年10月结账了，台账已封存。"
    assert screen.closing_progress.isHidden() and not screen.closing.under_way


def test_the_month_under_way_is_not_closed_and_says_why(show: Show, desk: Desk, asked: list[Closable]) -> None:
    screen = show()

    key(screen)

    assert "已经过完" in desk.said[-1].text
    assert asked == [] and screen.month.button.isHidden()


def test_a_close_that_is_stopped_changes_nothing(
    show: Show, desk: Desk, months: MonthDesk, asked: list[Closable], monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = show()
    last_month(screen)
    monkeypatch.setattr("app.ledgers.closing.STEP", 1)
    screen.closing.progressed.connect(lambda *_told: press(Qt.Key.Key_Escape))

    key(screen)

    assert "没有结账，什么都没有变" in desk.said[-1].text
    assert screen.month.told.text() == "未结账"
    assert screen.closing_progress.isHidden() and not screen.closing.under_way


def test_a_closed_month_shows_what_was_frozen_and_leads_to_the_person(
    show: Show, desk: Desk, months: MonthDesk
) -> None:
    months.close(OCTOBER)
    [(resident,)] = table(desk, "SELECT id FROM resident")
    months.change(Resident, resident, name="金晓棠")
    screen = show()
    last_month(screen)

    assert screen.table is not None
    [row] = screen.table.rows()
    assert row.line.values[0] == "郑阿菊"
    press(Qt.Key.Key_Return)
    press(Qt.Key.Key_Return)
    assert desk.went == [("resident_file", {"id": resident})]


def table(desk: Desk, query: str) -> Any:
    with desk.database.read() as tx:
        return [tuple(row) for row in tx.sql(query)]


def test_a_closed_month_leaves_as_it_was_closed(
    show: Show, desk: Desk, months: MonthDesk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    months.close(OCTOBER)
    paths = [tmp_path / "a.xlsx", tmp_path / "b.xlsx"]
    monkeypatch.setattr(taking, "ask_export", lambda *_args: Wanted(EXCEL))
    screen = show()
    last_month(screen)
    for path in paths:
        monkeypatch.setattr(taking, "ask_path", lambda *_args, path=path: path)
        screen.main_action()
        set_clock(date(2026, 12, 9))
        months.on(date(2026, 12, 9), lambda make: make.registration())

    assert paths[0].read_bytes() == paths[1].read_bytes()
    sheet = openpyxl.load_workbook(paths[0]).worksheets[0]
    said = "".join(str(cell.value) for line in sheet for cell in line)
    assert (months.standing(OCTOBER).ledger("L02") or {})["sha256"] in said


def test_corrections_of_a_closed_month_stand_under_the_first_open_one(
    show: Show, desk: Desk, months: MonthDesk
) -> None:
    months.close(OCTOBER)
    with desk.database.write(desk.actor) as tx:
        row = Factory(tx).registration()
        row.reg_date = date(2026, 10, 30)
    screen = show()
    panel = screen.corrections

    assert panel.isVisible() and panel.head.text() == "更正以前月份（1 行）"
    assert panel.table is not None
    assert panel.table.rows()[0].cells[:4] == ("2026-10", "补录", date(2026, 10, 30), date(2026, 11, 3))
    assert "*" in str(panel.table.rows()[0].cells[4])
    last_month(screen)
    assert screen.corrections.isHidden()


def test_a_closed_month_is_opened_again_for_a_reason(
    show: Show, desk: Desk, months: MonthDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    months.close(OCTOBER)
    screen = show()
    last_month(screen)
    answers = iter([None, "1"])
    monkeypatch.setattr(month, "ask_reopen", lambda *_args: next(answers))

    key(screen)
    after_no = months.standing(OCTOBER).live
    key(screen)

    assert after_no
    assert screen.month.told.text() == "第 1 次结账，陶丽华 2026-11-03 重新打开：有漏登的要补进这个月"
    assert screen.month.button.text() == "结账"
    assert "原来那次结账仍可查看" in desk.said[-1].text


def test_what_was_frozen_and_is_not_here_says_what_to_do(show: Show, desk: Desk, months: MonthDesk) -> None:
    months.close(OCTOBER)
    with desk.database.write(None) as tx:
        for row in tx.session.exec(select(Blob)).all():
            row.state = WANTED
    screen = show()
    note = screen.corrections.note.text()
    last_month(screen)

    assert "联网同步后再看" in note
    assert "联网同步后再看" in desk.troubles[-1].text
    assert screen.table is None


def test_an_officer_sees_how_a_month_stands_and_closes_none(
    qtbot: QtBot, desk: Desk, months: MonthDesk, asked: list[Closable]
) -> None:
    officer = Actor("0198f3c2-7d10-7c3e-9a55-0000000000ee", "区里", frozenset({"officer"}))
    desk.runner.attach(desk.database, officer)
    screen = LedgersScreen(replace(desk.context, actor=officer))
    qtbot.addWidget(screen)
    screen.refresh()
    screen.filters.take_period(OCTOBER)

    screen._on_month()

    assert screen.month.told.text() == "未结账"
    assert not screen.month.button.isVisibleTo(screen)
    assert asked == [] and "要站长来办" in desk.said[-1].text


def test_several_stations_are_shown_as_they_are_now_and_say_so(show: Show, desk: Desk, months: MonthDesk) -> None:
    months.close(OCTOBER)
    months.on(date(2026, 11, 3), lambda make: make.station(code="330110012002", name="乐业空间"))
    screen = show()
    last_month(screen)

    assert screen.month.told.text().startswith("几个站的记录一起看")
    assert "结账时封存" not in screen.count.text()


def test_the_card_says_what_is_frozen_and_what_she_may_wait_for(qtbot: QtBot, qapp: QApplication) -> None:
    counts = tuple((ledger, 3 if ledger.code == "L02" else 0) for ledger in LEDGERS)
    ready = Readiness(OCTOBER, counts, unsent=3, conflicts=2, earlier_open=(OCTOBER.before(),), round=2)
    card = CloseCard(None, Closable(ready, ()))
    qtbot.addWidget(card)
    card.show()

    assert month_state.rows_words(ready) == f"求职登记台账 3 行，其余 {len(LEDGERS) - 1} 本没有记录"
    assert len(card.warnings) == 3 and "还有 3 笔没送到区里" in card.warnings[1]
    assert card.focusWidget() is card.no
    qtbot.keyClick(card, Qt.Key.Key_F9)
    assert card.result() == 1


def test_a_close_on_the_io_lane_keeps_nobody_waiting(
    qtbot: QtBot, desk: Desk, months: MonthDesk, asked: list[Closable]
) -> None:
    runner = TaskRunner()
    runner.attach(desk.database, desk.actor)
    screen = LedgersScreen(replace(desk.context, runner=runner))
    qtbot.addWidget(screen)
    try:
        with qtbot.waitSignal(screen.closing.changed, timeout=30_000):
            screen.closing.close_month(OCTOBER)
            runner.write(lambda tx: Factory(tx).resident().id)
        qtbot.waitUntil(lambda: not runner.busy, timeout=30_000)
    finally:
        runner.close()

    assert months.standing(OCTOBER).live
    assert months.corrections("L01", NOVEMBER) == []


def test_only_a_supervisor_has_the_key() -> None:
    assert Rights.of({"supervisor"}).may("month.close")
    assert not any(Rights.of({role}).may("month.close") for role in ("clerk", "officer", "trainer", "operator"))
