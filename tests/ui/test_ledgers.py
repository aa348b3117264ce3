"""The ledgers' screen by keyboard, and the files that it takes out."""

import io
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import msoffcrypto
import openpyxl
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from sqlmodel import select

from app import clock
from app.db.database import Actor, Database
from app.errors import StorageError
from app.ledgers import ledger_named
from app.ledgers.base import Ask
from app.ledgers.period import month_of
from app.ledgers.read import Line
from app.models.registration import ServiceEvent
from app.ui.ledgers import parts, state, taking
from app.ui.ledgers.screen import LedgersScreen
from app.ui.ledgers.taking import ExportDialog, Wanted
from app.ui.rights import Rights
from app.ui.tasks import TaskRunner
from tests.factories import Factory
from tests.ui.desks import Desk
from tests.ui.referral_desk import press, type_in

HEAD = Rights.of({"supervisor"})
REFERRALS, VACANCIES, AUDIT = "L06", "L04", "L25"
Show = Callable[[], LedgersScreen]


@pytest.fixture
def desk(qapp: QApplication, database: Database, actor: Actor, tmp_path: Path) -> Iterator[Desk]:
    held = Desk(database, actor, tmp_path)
    yield held
    held.runner.close()


@pytest.fixture
def referral(desk: Desk) -> Any:
    """Return a referral issued today."""
    with desk.database.write(desk.actor) as tx:
        return Factory(tx).referral()


@pytest.fixture
def show(qtbot: QtBot, desk: Desk) -> Show:
    def opened() -> LedgersScreen:
        screen = LedgersScreen(desk.context)
        qtbot.addWidget(screen)
        screen.resize(1274, 640)
        with qtbot.waitActive(screen):
            screen.show()
            screen.activateWindow()
        screen.refresh()
        screen.setFocus()
        return screen

    return opened


def go_to(screen: LedgersScreen, code: str) -> None:
    """Walk down the list of ledgers to that one."""
    screen.kinds.setFocus()
    press(Qt.Key.Key_Home)
    while screen.title.text() != ledger_named(code).title:
        press(Qt.Key.Key_Down)


def shown(screen: LedgersScreen) -> int:
    assert screen.table is not None
    return len(screen.table.rows())


def fill(field: str, text: str, screen: LedgersScreen) -> None:
    """Type into a filter and leave it by Enter."""
    screen.open_filters()
    screen.filters.focus_field(field)
    QApplication.focusWidget().selectAll()  # type: ignore[union-attr]
    type_in(text)
    press(Qt.Key.Key_Return)


# Looking ------------------------------------------------------------------------------------------------------------


def test_enter_goes_into_the_ledger_and_from_a_row_to_the_person(show: Show, desk: Desk, referral: Any) -> None:
    screen = show()
    go_to(screen, REFERRALS)

    press(Qt.Key.Key_Return)
    press(Qt.Key.Key_Return)

    assert desk.went == [("resident_file", {"id": referral.resident_id})]
    assert "1 行" in screen.count.text()


def test_a_row_about_a_vacancy_leads_to_it(show: Show, desk: Desk, referral: Any) -> None:
    screen = show()
    go_to(screen, VACANCIES)

    press(Qt.Key.Key_Return)
    press(Qt.Key.Key_Return)

    assert desk.went == [("vacancies", {"vacancy": referral.vacancy_id})]
    assert screen.masked.text() == ""


def test_a_month_is_typed_and_an_empty_one_says_so(show: Show, referral: Any) -> None:
    screen = show()
    go_to(screen, REFERRALS)

    fill("month", "202001", screen)

    assert (screen.period.text(), shown(screen)) == ("2020年1月", 0)
    assert screen.table is not None
    assert screen.table._empty.accessibleName().startswith("2020年1月没有记录")


def test_a_month_in_the_future_is_told_at_its_field_and_the_old_one_stays(show: Show, referral: Any) -> None:
    screen = show()
    go_to(screen, REFERRALS)
    before = screen.period.text()

    fill("month", f"{clock.today() + timedelta(days=40):%Y-%m}", screen)

    assert "还没到" in screen.filters.field("month").error()
    assert (screen.period.text(), shown(screen)) == (before, 1)


def test_any_period_takes_the_place_of_the_month(show: Show, referral: Any) -> None:
    screen = show()
    go_to(screen, REFERRALS)
    today = clock.today()

    fill("first", f"{today - timedelta(days=40):%Y%m%d}", screen)
    fill("last", f"{today:%Y%m%d}", screen)

    assert screen.period.text() == f"{today - timedelta(days=40)} 至 {today}"
    assert (shown(screen), screen.filters.field("month").value()) == (1, None)


def test_days_the_wrong_way_round_are_told(show: Show) -> None:
    screen = show()

    fill("first", f"{clock.today():%Y%m%d}", screen)
    fill("last", f"{clock.today() - timedelta(days=3):%Y%m%d}", screen)

    assert "请对调" in screen.filters.field("last").error()
    assert screen.period.text() == month_of(clock.today()).words


def test_the_month_goes_back_and_forth_by_keys_and_no_further_than_today(show: Show, referral: Any) -> None:
    screen = show()
    go_to(screen, REFERRALS)
    this = month_of(clock.today())

    seen = []
    for key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown, Qt.Key.Key_PageDown):
        press(key, Qt.KeyboardModifier.ControlModifier)
        seen.append((screen.period.text(), shown(screen), screen.after.isEnabled()))

    assert seen == [(this.before().words, 0, True), (this.words, 1, False), (this.words, 1, False)]


def test_a_filter_narrows_and_stands_beside_the_count(show: Show, desk: Desk) -> None:
    with desk.database.write(desk.actor) as tx:
        make = Factory(tx)
        for grid in ("G1", "G2", "G2"):
            person = make.resident()
            person.grid_code = grid
            make.registration(person)
    screen = show()
    go_to(screen, "L02")

    fill("grid", "G2", screen)

    assert shown(screen) == 2
    assert screen.count.text().endswith("网格 G2")


def test_escape_puts_the_filters_away_then_goes_back_to_the_list(show: Show, referral: Any) -> None:
    screen = show()
    go_to(screen, REFERRALS)
    screen.open_filters()

    press(Qt.Key.Key_Escape)
    first = screen.shelf.isHidden() and screen.table is not None and screen.table.view.hasFocus()
    press(Qt.Key.Key_Escape)

    assert first
    assert screen.kinds.view.hasFocus()


def test_of_a_hundred_thousand_rows_only_those_on_screen_are_shaped(qtbot: QtBot, qapp: QApplication) -> None:
    shaped: list[Line] = []

    class Pen:
        def cells(self, line: Line) -> list[Any]:
            shaped.append(line)
            return list(line.values)

    ledger = ledger_named(REFERRALS)
    values = ("甲",) * len(ledger.columns)
    rows = tuple(state.Row(n, Line(str(n), None, None, values)) for n in range(1, 100_001))
    pen: Any = Pen()
    table = parts.rows_table(state.Preview(ledger, Ask(month_of(clock.today())), rows, pen, clock.now()))
    qtbot.addWidget(table)
    table.resize(1000, 600)
    table.show()
    qapp.processEvents()

    table.setFocus()
    press(Qt.Key.Key_End)
    qapp.processEvents()

    row = table.current_row()
    assert row is not None and row.number == 100_000
    assert 0 < len(shaped) < 200


# Taking out ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def take(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Path]:
    """Return what answers the two dialogs."""

    def answer(kind: str = taking.EXCEL, why: str = "", name: str = "out", password: str = "") -> Path:
        path = tmp_path / "files" / f"{name}{taking.SUFFIX[kind]}"
        path.parent.mkdir(exist_ok=True)
        monkeypatch.setattr(taking, "ask_export", lambda *_args: Wanted(kind, why, password))
        monkeypatch.setattr(taking, "ask_path", lambda *_args: path)
        return path

    return answer


def traces(desk: Desk) -> list[tuple[str, str | None]]:
    with desk.database.read() as tx:
        return [(each.kind, each.why) for each in tx.session.exec(select(ServiceEvent)) if "ledger" in each.kind]


@pytest.mark.parametrize(
    ("kind", "begins"), [(taking.EXCEL, b"PK"), (taking.PDF, b"%PDF-"), (taking.CSV, b"\xef\xbb\xbf")]
)
def test_f9_takes_the_ledger_out_and_leaves_a_trace(
    show: Show, desk: Desk, referral: Any, take: Callable[..., Path], kind: str, begins: bytes
) -> None:
    screen, path = show(), take(kind)
    go_to(screen, REFERRALS)

    screen.main_action()

    assert path.read_bytes().startswith(begins)
    assert desk.said[-1].text == f"导出好了，1 行：{path.name}"
    assert traces(desk) == [("ledger.export", None)]
    assert screen.export.isEnabled() and screen.progress.isHidden() and screen.taking is None


@pytest.mark.parametrize("why", ["", "报区里核对"])
def test_names_leave_whole_only_for_a_reason(
    show: Show, desk: Desk, referral: Any, take: Callable[..., Path], why: str
) -> None:
    screen, path = show(), take(taking.EXCEL, why)
    go_to(screen, REFERRALS)

    screen.main_action()

    cells = [str(cell.value) for line in openpyxl.load_workbook(path).worksheets[0] for cell in line if cell.value]
    assert any("********" in cell for cell in cells) == (not why)
    assert any(why in cell and "含完整个人信息" in cell for cell in cells) == bool(why)
    assert traces(desk) == [("ledger.export_whole", why) if why else ("ledger.export", None)]


def test_a_ledger_behind_a_password_opens_with_it_alone(
    show: Show, desk: Desk, referral: Any, take: Callable[..., Path]
) -> None:
    screen, path = show(), take(taking.EXCEL, password="溪桥-2026-台账")
    go_to(screen, REFERRALS)

    screen.main_action()

    locked, plain = msoffcrypto.OfficeFile(io.BytesIO(path.read_bytes())), io.BytesIO()
    locked.load_key(password="溪桥-2026-台账", verify_password=True)
    locked.decrypt(plain)
    assert openpyxl.load_workbook(plain).worksheets[0].title.startswith("推荐")
    assert "溪桥-2026" not in str(desk.said) + str(Wanted(taking.EXCEL, password="溪桥-2026-台账"))


def test_an_empty_ledger_leaves_as_a_file_that_says_so(show: Show, desk: Desk, take: Callable[..., Path]) -> None:
    screen, path = show(), take(taking.CSV)
    go_to(screen, REFERRALS)

    screen.main_action()

    assert "本期没有记录" in path.read_text("utf-8-sig")
    assert "本期没有记录" in desk.said[-1].text


def test_an_export_that_is_stopped_leaves_the_old_file_alone(
    show: Show, desk: Desk, referral: Any, take: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    screen, path = show(), take()
    path.write_bytes(b"old")
    go_to(screen, REFERRALS)
    monkeypatch.setattr("app.ledgers.export.STEP", 1)
    told = screen._on_progress

    def stop_at_once(done: int, total: int) -> None:
        told(done, total)
        press(Qt.Key.Key_Escape)

    monkeypatch.setattr(screen, "_on_progress", stop_at_once)
    screen.main_action()

    assert desk.said[-1].text.startswith("停下了，没有留下文件")
    assert (path.read_bytes(), [each.name for each in path.parent.iterdir()]) == (b"old", [path.name])
    assert screen.taking is None and screen.export.isEnabled()


@pytest.mark.parametrize("kind", [taking.EXCEL, taking.PDF])
def test_a_file_open_elsewhere_is_told_and_stays(
    show: Show, desk: Desk, referral: Any, take: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    screen, path = show(), take(kind)
    path.write_bytes(b"old")
    go_to(screen, REFERRALS)

    def held(*_args: object) -> None:
        raise PermissionError(13, "held by another program")

    monkeypatch.setattr("app.ledgers.export.os.replace", held)
    screen.main_action()

    assert "关掉它再导出" in desk.troubles[-1].text
    assert (path.read_bytes(), [each.name for each in path.parent.iterdir()]) == (b"old", [path.name])
    assert screen.export.isEnabled()


def test_without_its_trace_no_file_leaves(
    show: Show, desk: Desk, referral: Any, take: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    screen, path = show(), take()
    go_to(screen, REFERRALS)

    def full(*_args: object, **_more: object) -> None:
        raise StorageError("磁盘满了", code="storage.full")

    monkeypatch.setattr(taking, "note_export", full)
    screen.main_action()

    assert not path.exists()
    assert desk.troubles[-1].text == "磁盘满了"


def test_the_way_out_asks_why_before_it_goes_on_with_whole_names(qtbot: QtBot, qapp: QApplication) -> None:
    dialog = ExportDialog(None, ledger_named(REFERRALS), "2026年11月", HEAD)
    qtbot.addWidget(dialog)
    dialog.show()

    qtbot.keyClick(dialog.kind, Qt.Key.Key_2)
    qtbot.keyClick(dialog.people, Qt.Key.Key_2)
    qtbot.keyClick(dialog, Qt.Key.Key_F9)
    before = dialog.wanted
    qtbot.keyClick(dialog.why, Qt.Key.Key_1)
    qtbot.keyClick(dialog, Qt.Key.Key_F9)

    assert before is None
    assert dialog.wanted == Wanted(taking.PDF, "报区里核对")


def test_a_password_is_typed_twice_and_not_too_short_before_the_dialog_goes_on(
    qtbot: QtBot, qapp: QApplication
) -> None:
    dialog = ExportDialog(None, ledger_named(VACANCIES), "2026年11月", HEAD)
    qtbot.addWidget(dialog)
    dialog.show()

    def answered(password: str, again: str) -> tuple[str, str, Wanted | None]:
        for field, typed in ((dialog.password, password), (dialog.again, again)):
            field.line.clear()
            qtbot.keyClicks(field.line, typed)
        qtbot.keyClick(dialog, Qt.Key.Key_F9)
        return dialog.password.error(), dialog.again.error(), dialog.wanted

    short, other = answered("1234", "1234"), answered("xiqiao-2026", "xiqiao-2025")
    right = answered("xiqiao-2026", "xiqiao-2026")

    assert (bool(short[0]), short[2]) == (True, None)
    assert (other[1], other[2]) == ("两遍不一样，再输一遍", None)
    assert right[2] == Wanted(taking.EXCEL, password="xiqiao-2026")


def test_a_paper_asks_for_no_password(qtbot: QtBot, qapp: QApplication) -> None:
    dialog = ExportDialog(None, ledger_named(VACANCIES), "2026年11月", HEAD)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.keyClicks(dialog.password.line, "1234")

    qtbot.keyClick(dialog.kind, Qt.Key.Key_2)
    qtbot.keyClick(dialog, Qt.Key.Key_F9)

    assert dialog.lock.isHidden()
    assert dialog.wanted == Wanted(taking.PDF)


def test_a_ledger_without_people_asks_nothing_about_names(qtbot: QtBot, qapp: QApplication) -> None:
    dialog = ExportDialog(None, ledger_named(VACANCIES), "2026年11月", HEAD)
    qtbot.addWidget(dialog)
    dialog.show()

    qtbot.keyClick(dialog, Qt.Key.Key_F9)

    assert dialog.people.isHidden()
    assert dialog.wanted == Wanted(taking.EXCEL)


def test_an_export_on_the_io_lane_tells_the_window_how_far_it_is(
    qtbot: QtBot, desk: Desk, referral: Any, take: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.ledgers.export.STEP", 1)
    runner, path, told = TaskRunner(), take(), []
    runner.attach(desk.database, desk.actor)
    context = replace(desk.context, runner=runner)
    task = taking.Taking(
        context, desk.messages, ledger_named(REFERRALS), Ask(month_of(clock.today())), Wanted(taking.EXCEL), path
    )
    task.progressed.connect(lambda done, total: told.append((done, total, threading.current_thread().name)))
    try:
        with qtbot.waitSignal(task.finished):
            task.start()
    finally:
        runner.close()

    assert told[-1][:2] == (1, 1)
    assert {thread for *_count, thread in told} == {threading.current_thread().name}
    assert path.exists()


def test_a_save_does_not_wait_for_a_long_read_aside(qtbot: QtBot, database: Database, actor: Actor) -> None:
    runner = TaskRunner()
    runner.attach(database, actor)
    release, done = threading.Event(), []
    try:
        runner.read_aside(lambda _tx: release.wait(30), lambda _value: done.append("read"))
        runner.write(lambda tx: Factory(tx).resident().id, lambda _value: done.append("saved"))
        qtbot.waitUntil(lambda: done == ["saved"])
        release.set()
        qtbot.waitUntil(lambda: done == ["saved", "read"])
    finally:
        release.set()
        runner.close()
