"""全区台账 by keyboard, against a real district: fetched, compared, taken out, and without a line."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest
import requests
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from sqlmodel import select

from app import clock
from app.db.database import Actor
from app.errors import Cancelled, OfflineError
from app.ledgers import ledger_named
from app.ledgers.base import Ask
from app.ledgers.comparison import BEST, WORST, Amount, Measure
from app.ledgers.period import month_of
from app.models.registration import ServiceEvent
from app.sync.ledger_fetch import PREPARING, Progress
from app.sync.ledger_office import Office
from app.ui.district_ledgers import state
from app.ui.district_ledgers.screen import DistrictLedgersScreen
from app.ui.ledgers import taking as ledger_taking
from app.ui.screens import open_to
from app.ui.sync_badge import OFFLINE, SyncSummary
from app.ui.taking_out import EXCEL, Wanted
from app.ui.tasks import TaskRunner
from tests.district.live import OTHER, STATION, running
from tests.district.whole_district import STATIONS, Whole, filled
from tests.ui.desks import Desk
from tests.ui.referral_desk import press

OFFICER = Actor("0198f3c2-7d10-7c3e-9a55-0000000000b1", "许禾", frozenset({"officer"}))
Show = Callable[[], DistrictLedgersScreen]


class Door:
    """The edge of the network: the officer's own way to the district."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def office(self) -> Office:
        return self._office


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whole]:
    folder = tmp_path_factory.mktemp("screen")
    with running(f"sqlite:///{folder / 'district.db'}") as live, filled(live, folder) as made:
        yield made


@pytest.fixture
def desk(qapp: QApplication, whole: Whole, tmp_path: Path) -> Iterator[Desk]:
    held = Desk(whole.officer.database, OFFICER, tmp_path)
    held.context = replace(held.context, door=Door(Office(whole.officer.database)))  # type: ignore[arg-type]
    yield held
    held.runner.close()


@pytest.fixture
def show(qtbot: QtBot, desk: Desk) -> Show:
    def opened() -> DistrictLedgersScreen:
        screen = DistrictLedgersScreen(desk.context)
        qtbot.addWidget(screen)
        screen.resize(1274, 640)
        with qtbot.waitActive(screen):
            screen.show()
            screen.activateWindow()
        screen.refresh()
        screen.setFocus()
        return screen

    return opened


@pytest.fixture
def no_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_what: object, **_how: object) -> None:
        raise requests.exceptions.ConnectionError

    monkeypatch.setattr(requests.Session, "request", fail)


def go_to(screen: DistrictLedgersScreen, code: str) -> None:
    """Walk down the list to that ledger."""
    screen.kinds.setFocus()
    press(Qt.Key.Key_Home)
    while screen.title.text() != ledger_named(code).title:
        press(Qt.Key.Key_Down)


def names(screen: DistrictLedgersScreen) -> list[str]:
    assert screen.table is not None
    return [row.standing.name for row in screen.table.rows()]  # type: ignore[attr-defined]


def test_it_is_the_officers() -> None:
    found = {role: [each.name for each in open_to({role})] for role in ("officer", "supervisor", "clerk")}

    assert "district_ledgers" in found["officer"]
    assert "district_ledgers" not in found["supervisor"] + found["clerk"]


def test_stations_stand_side_by_side_and_one_opens_to_its_figures(show: Show) -> None:
    screen = show()

    press(Qt.Key.Key_Return)
    compared = names(screen)
    press(Qt.Key.Key_Return)
    title, figures = screen.title.text(), screen.table
    press(Qt.Key.Key_Escape)

    assert compared == list(STATIONS.values())
    assert title == STATIONS[STATION] and len(figures.rows()) > 20  # type: ignore[union-attr]
    assert names(screen) == compared and "2 个站点，区里" in screen.count.text()


def test_columns_are_those_of_the_block_and_sort_by_number(show: Show) -> None:
    screen = show()
    screen.ask()
    screen.tabs.setFocus()

    press(Qt.Key.Key_Right)
    heads = [screen.table.view.model().headerData(at, Qt.Orientation.Horizontal) for at in range(1, 4)]  # type: ignore
    screen.table.view.sortByColumn(1, Qt.SortOrder.DescendingOrder)  # type: ignore[union-attr]

    assert heads == ["期末登记失业人数", "本期新登记", "本期注销"]
    counts = [row.amount(9).over for row in screen.table.rows()]  # type: ignore[union-attr]
    assert counts == sorted(counts, reverse=True)


def test_a_ledger_of_all_stations_is_fetched_masked_and_opens_the_file(show: Show, desk: Desk) -> None:
    screen = show()
    go_to(screen, "L01")

    before = screen.table
    screen.ask()
    rows = screen.got.preview.rows if screen.got and screen.got.preview else ()
    screen.table.setFocus()  # type: ignore[union-attr]
    press(Qt.Key.Key_Return)

    assert before is None and {row.line.station for row in rows} == {STATION, OTHER}
    assert {row.line.values[0] for row in rows} == set(STATIONS.values())
    assert all("*" in str(row.line.values[1]) for row in rows)
    with desk.database.read() as tx:
        assert [tuple(row) for row in tx.sql("SELECT act, subject_id FROM access_log")] == [("ledger.look", "L01")]
    assert desk.went[-1] == ("resident_file", {"id": rows[0].line.resident_id})


def test_another_question_forgets_what_was_fetched_and_stations_narrow_it(show: Show) -> None:
    screen = show()
    go_to(screen, "L01")
    screen.ask()
    all_of_them = screen.got.count if screen.got else 0

    screen.stations.set_value((OTHER,))
    screen.stations.value_changed.emit()
    forgotten = screen.got
    screen.ask()

    assert forgotten is None and screen.got is not None and 0 < screen.got.count < all_of_them
    assert STATIONS[OTHER] in screen.count.text()


def test_without_a_line_it_says_since_when_and_shows_what_is_here(show: Show, desk: Desk, no_line: None) -> None:
    desk.set_summary(SyncSummary(state=OFFLINE, offline_since=clock.now() - timedelta(hours=3)))
    screen = show()
    said = screen.banner.accessibleName()

    screen.ask()
    told = screen.banner.accessibleName()
    screen.local.click()

    assert "起连不上区里，3 小时了" in said and "本机有的" in told and not screen.banner.isHidden()
    assert names(screen) == list(STATIONS.values()) and "本机" in screen.count.text()


def test_what_is_here_and_what_the_district_counts_are_the_same(show: Show) -> None:
    screen = show()

    screen.ask()
    far = screen.got.compared if screen.got else None
    screen.look_here()
    near = screen.got.compared if screen.got else None

    assert far is not None and near is not None
    assert (far.measures, far.stations, far.together) == (near.measures, near.stations, near.together)


@pytest.mark.parametrize("source", ["district", "here"])
def test_whole_values_leave_for_a_reason_and_stay_masked_on_screen(
    show: Show, desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, source: str
) -> None:
    path, why = tmp_path / "全区.xlsx", "报区里核对"
    monkeypatch.setattr(ledger_taking, "ask_export", lambda *_what: Wanted(EXCEL, why))
    monkeypatch.setattr(ledger_taking, "ask_path", lambda *_what: path)
    screen = show()
    go_to(screen, "L01")
    (screen.ask if source == "district" else screen.look_here)()

    screen.main_action()

    text = [str(cell.value) for row in openpyxl.load_workbook(path).worksheets[0] for cell in row]
    assert any("含完整个人信息" in each for each in text) and sum("****" in each for each in text) == 0
    assert screen.got is not None and screen.progress.isHidden()
    with desk.database.read() as tx:
        last = tx.session.scalars(select(ServiceEvent).order_by(ServiceEvent.id.desc())).first()  # type: ignore
    assert last.why == why and last.kind == "ledger.export_whole" and "L01" in last.detail


def test_the_comparison_leaves_as_a_table(
    show: Show, desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "对比.xlsx"
    proposed: list[str] = []
    monkeypatch.setattr(ledger_taking, "ask_export", lambda *_what: Wanted(EXCEL))
    monkeypatch.setattr(ledger_taking, "ask_path", lambda _parent, _kind, name: proposed.append(name) or path)
    screen = show()
    screen.main_action()
    refused = desk.said[-1].text
    screen.ask()

    screen.main_action()

    assert "F5" in refused and proposed == [f"站点对比表 全区 {month_of(clock.today()).slug}"]
    table = [[cell.value for cell in row] for row in openpyxl.load_workbook(path).worksheets[0]]
    assert [row[1] for row in table if isinstance(row[0], int)] == [*STATIONS.values(), "合计"]


class SlowOffice(Office):
    """An office whose district takes long: it counts until it is stopped."""

    def ledger(
        self, kind: str, ask: Ask, *, hand: object, told: Callable[[Progress], object], **_how: object
    ) -> object:
        for done in range(10_000):
            told(Progress(PREPARING, done, 10_000))
            hand.wait(0.002)  # type: ignore[attr-defined]
        raise OfflineError("nobody stopped it")


def test_a_fetch_shows_how_far_it_is_and_esc_stops_it(qtbot: QtBot, whole: Whole, tmp_path: Path) -> None:
    desk = Desk(whole.officer.database, OFFICER, tmp_path)
    desk.runner = TaskRunner()
    desk.runner.attach(whole.officer.database, OFFICER)
    door = Door(SlowOffice(whole.officer.database))
    screen = DistrictLedgersScreen(replace(desk.context, runner=desk.runner, door=door))  # type: ignore[arg-type]
    qtbot.addWidget(screen)
    screen.resize(1274, 640)
    with qtbot.waitActive(screen):
        screen.show()
        screen.activateWindow()
    go_to(screen, "L06")

    screen.ask()
    qtbot.waitUntil(lambda: "区里在整理" in screen.progress.accessibleDescription(), timeout=20_000)
    busy = screen.fetching
    press(Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: screen.fetching is None, timeout=20_000)

    assert busy is not None and screen.progress.isHidden() and screen.got is None
    assert "停下了" in desk.said[-1].text
    desk.runner.close()


def test_a_mark_is_a_sign_and_not_only_a_colour() -> None:
    share, count = Measure("D2", "", "", "", True), Measure("A1", "", "", "", False)

    words = [state.figure_words(share, Amount(5, 8), mark) for mark in ("", BEST, WORST)]

    assert words == ["62.5", "★ 62.5", "▽ 62.5"]
    assert state.figure_words(count, Amount(12_345)) == "12,345" and state.figure_words(share, Amount(0, 0)) == "—"
    assert state.figure_key(share, Amount(0, 0)) < state.figure_key(share, Amount(0, 9))
    assert {state.tone_of(mark) for mark in ("", BEST, WORST)} == {"text", "accent_text", "orange"}


def test_reading_here_ends_when_something_else_is_wanted(whole: Whole) -> None:
    with whole.officer.database.read() as tx, pytest.raises(Cancelled):
        state.load_here(tx, ledger=state.comparison_kind(), ask=Ask(month_of(clock.today())), stopped=lambda: True)
