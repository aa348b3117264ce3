"""The dashboard by keyboard: figures, their rows, the file behind a row; months, stations, charts that come late."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app import clock
from app.db.database import Actor, Database
from app.errors import StorageError
from app.ledgers.board import Cell, Share
from app.ledgers.figures import BLOCKS, Figure
from app.ledgers.indicators import INDICATORS, indicator
from app.ledgers.period import month_of
from app.ui.charts import library
from app.ui.dashboard import state
from app.ui.dashboard.filters import ScreenDialog
from app.ui.dashboard.rows import DENOMINATOR
from app.ui.dashboard.screen import DashboardScreen
from app.ui.dashboard.tiles import FigureTile, Tile
from app.ui.hall.control import hall_of
from tests.factories import Factory
from tests.ui.desks import Desk
from tests.ui.referral_desk import press, type_in

Show = Callable[[], DashboardScreen]


@pytest.fixture
def desk(qapp: QApplication, database: Database, actor: Actor, tmp_path: Path) -> Iterator[Desk]:
    held = Desk(database, actor, tmp_path)
    yield held
    hall_of(held.runner).close()
    held.runner.close()


@pytest.fixture
def referral(desk: Desk) -> Any:
    """Return a referral issued today."""
    with desk.database.write(desk.actor) as tx:
        return Factory(tx).referral()


@pytest.fixture
def show(qtbot: QtBot, desk: Desk) -> Show:
    def opened() -> DashboardScreen:
        screen = DashboardScreen(desk.context)
        qtbot.addWidget(screen)
        qtbot.addWidget(screen.panel)
        screen.resize(960, 640)
        with qtbot.waitActive(screen):
            screen.show()
            screen.activateWindow()
        screen.refresh()
        screen.setFocus()
        return screen

    return opened


def tile(screen: DashboardScreen, code: str) -> Tile:
    return next(each for each in screen.blocks.tiles() if each.code == code)


def words_of(widget: Any) -> str:
    from app.ui.widgets import Text

    return "\n".join(each.text() for each in widget.findChildren(Text))


# Figures ------------------------------------------------------------------------------------------------------------


def test_every_figure_stands_in_its_block_and_the_first_has_the_keyboard(show: Show) -> None:
    screen = show()

    codes = [[each.code for each in card.grid.tiles()] for card in screen.blocks.cards.values()]

    assert [code for block in codes for code in block] == [each.code for each in INDICATORS]
    assert [card.title.text() for card in screen.blocks.cards.values()] == [title for _letter, title in BLOCKS]
    assert QApplication.focusWidget() is tile(screen, "A1")


def test_arrows_walk_among_the_figures_and_never_out_of_them(show: Show) -> None:
    screen = show()

    walked = []
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Left, Qt.Key.Key_Up, Qt.Key.Key_Up):
        press(key)
        walked.append(QApplication.focusWidget().code)  # type: ignore[union-attr]

    assert walked == ["A2", "A5", "A4", "A4", "A1", "A1"]
    press(Qt.Key.Key_End)
    assert QApplication.focusWidget() is screen.blocks.tiles()[-1]


def test_the_panel_says_how_the_chosen_figure_is_worked_out(show: Show, referral: Any) -> None:
    screen = show()

    tile(screen, "D1").setFocus()

    said = words_of(screen.panel)
    assert "推荐人次" in said
    assert "1 人次" in said
    assert state.formula_words(indicator("D1")) in said
    assert "一条记录算一次" in said


def test_a_figure_with_nothing_to_divide_by_says_so(show: Show) -> None:
    screen = show()

    tile(screen, "C11").setFocus()

    said = words_of(screen.panel)
    assert "—" in said
    assert "期内没有可以作分母的，所以没有数" in said
    assert "没有可以作分母的" in tile(screen, "C11").accessibleName()


def test_the_trend_of_the_chosen_figure_is_drawn_and_told_in_words(show: Show, qtbot: QtBot, referral: Any) -> None:
    screen = show()
    tile(screen, "D1").setFocus()

    qtbot.waitUntil(lambda: screen.panel.chart is not None and screen.panel.chart.plot is not None)

    assert screen.panel.chart is not None
    assert screen.panel.chart.accessibleName().endswith("1 人次")
    assert screen.panel.chart.accessibleName().count("月") >= 12
    assert not screen.panel.chart.grab().isNull()


# Rows ---------------------------------------------------------------------------------------------------------------


def test_who_sees_the_people_behind_a_figure_stands_in_the_access_log(show: Show, desk: Desk, referral: Any) -> None:
    screen = show()
    tile(screen, "D1").setFocus()

    press(Qt.Key.Key_Return)

    with desk.database.read() as tx:
        looks = [tuple(row) for row in tx.sql("SELECT act, subject_type, subject_id FROM access_log")]
    assert looks == [("figure.look", "figure", "D1")]


def test_a_figure_leads_to_its_rows_and_a_row_to_the_file(show: Show, desk: Desk, referral: Any) -> None:
    screen = show()
    tile(screen, "D1").setFocus()

    press(Qt.Key.Key_Return)
    (row,) = screen.rows.table.rows()
    press(Qt.Key.Key_Return)

    assert "*" in row.name
    assert row.what.startswith(referral.slip_no)
    assert desk.went == [("resident_file", {"id": referral.resident_id})]


def test_escape_leads_back_to_the_same_figure(show: Show, referral: Any) -> None:
    screen = show()
    tile(screen, "D1").setFocus()
    press(Qt.Key.Key_Return)

    press(Qt.Key.Key_Escape)

    assert screen.pages.currentWidget() is screen.blocks
    assert QApplication.focusWidget() is tile(screen, "D1")


def test_the_mouse_opens_a_figure_too(show: Show, qtbot: QtBot, referral: Any) -> None:
    screen = show()

    qtbot.mouseDClick(tile(screen, "A1"), Qt.MouseButton.LeftButton)

    assert screen.pages.currentWidget() is screen.rows
    assert len(screen.rows.table.rows()) == 1


def test_a_share_shows_its_denominator_too(show: Show, referral: Any) -> None:
    screen = show()
    tile(screen, "A9").setFocus()
    screen.panel.base_rows.click()

    assert screen.rows.sides.code() == DENOMINATOR
    assert len(screen.rows.table.rows()) == 1
    assert "1 条，1 人" in screen.rows.about.text()


def test_a_figure_without_rows_says_that_nothing_stands_behind_it(show: Show) -> None:
    screen = show()
    tile(screen, "B1").setFocus()

    press(Qt.Key.Key_Return)

    assert screen.rows.table.rows() == []
    assert "0 条" in screen.rows.about.text()


def test_a_priority_group_opens_and_a_restricted_one_does_not(show: Show, desk: Desk, referral: Any) -> None:
    with desk.database.write(desk.actor) as tx:
        Factory(tx).resident(priority_groups=[{"code": "KG02"}, {"code": "KG14"}])
    screen = show()

    tile(screen, "KG:KG02").setFocus()
    press(Qt.Key.Key_Return)
    opened = len(screen.rows.table.rows())
    press(Qt.Key.Key_Escape)
    tile(screen, "KG:KG14").setFocus()
    press(Qt.Key.Key_Return)

    assert opened == 1
    assert screen.pages.currentWidget() is screen.blocks
    assert not screen.panel.rows.isEnabled()


# Month and station --------------------------------------------------------------------------------------------------


def test_the_month_before_is_one_key_away_and_no_later_one_than_this(show: Show, qtbot: QtBot) -> None:
    screen = show()
    this = month_of(clock.today())

    press(Qt.Key.Key_PageUp, Qt.KeyboardModifier.ControlModifier)
    before = screen.period.text()
    press(Qt.Key.Key_PageDown, Qt.KeyboardModifier.ControlModifier)
    press(Qt.Key.Key_PageDown, Qt.KeyboardModifier.ControlModifier)

    assert before == this.before().words
    assert screen.period.text() == this.words
    assert not screen.after.isEnabled()


def test_a_station_is_chosen_and_the_figures_are_its_own(show: Show, desk: Desk, referral: Any) -> None:
    with desk.database.write(desk.actor) as tx:
        Factory(tx).station()
    screen = show()
    press(Qt.Key.Key_Slash)
    screen._open_filters()
    screen.filters.focus_field("station")

    type_in("lykj")
    press(Qt.Key.Key_Return)
    press(Qt.Key.Key_Return)

    assert screen.filters.ask.stations == ("310110008001",)
    assert "乐业空间" in screen.about.text()
    found = tile(screen, "A1")
    assert isinstance(found, FigureTile)
    assert found.cell.now.numerator == 0


# Keeping up ---------------------------------------------------------------------------------------------------------


def test_what_changes_shows_a_moment_later_and_the_keyboard_stays(show: Show, desk: Desk, qtbot: QtBot) -> None:
    screen = show()
    found = tile(screen, "A1")
    assert isinstance(found, FigureTile)

    with desk.database.write(desk.actor) as tx:
        Factory(tx).resident()
    screen.refresh()

    assert found.cell.now.numerator == 0
    qtbot.waitUntil(lambda: found.cell.now.numerator == 1)
    assert QApplication.focusWidget() is found


def test_a_reading_that_fails_keeps_the_last_figures_and_their_time(
    show: Show, desk: Desk, referral: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = show()
    monkeypatch.setattr("app.ui.dashboard.screen.load_board", _broken)

    screen._load()

    found = tile(screen, "A1")
    assert isinstance(found, FigureTile)
    assert found.cell.now.numerator == 1
    assert screen.about.text().startswith("没有读出新的")
    assert len(desk.troubles) == 1


def test_a_first_reading_that_fails_says_what_to_do(show: Show, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.ui.dashboard.screen.load_board", _broken)

    screen = show()

    assert screen.pages.currentWidget() is screen.unread
    monkeypatch.undo()
    screen.refresh()
    assert screen.pages.currentWidget() is screen.blocks


def _broken(*_args: object, **_more: object) -> None:
    raise StorageError("打不开")


def test_neither_the_window_nor_the_shell_brings_the_charts_in() -> None:
    code = (
        "import app.ui.desktop, app.ui.main_window, app.ui.shell, app.ui.screens, app.ui.today.screen, sys;"
        "print([name for name in ('pyqtgraph', 'numpy') if name in sys.modules])"
    )

    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert said.stdout.strip() == "[]"


def test_the_library_of_charts_leaves_the_programs_hooks_alone() -> None:
    before = sys.excepthook

    library.load()

    assert sys.excepthook is before
    assert library.is_loaded()


# The hall's screen --------------------------------------------------------------------------------------------------


def test_the_main_key_opens_the_halls_screen_and_closes_it_again(show: Show, desk: Desk) -> None:
    screen = show()

    screen.main_action()
    opened, label = hall_of(desk.runner).is_open, screen.open_hall.text()
    screen.main_action()

    assert (opened, label) == (True, "收起大屏")
    assert not hall_of(desk.runner).is_open
    assert screen.open_hall.text() == "打开大屏"
    assert any("只有一块屏幕" in str(notice) for notice in desk.said)


def test_of_several_monitors_one_is_chosen_by_its_digit(qtbot: QtBot, qapp: QApplication) -> None:
    screens = QGuiApplication.screens() * 2
    dialog = ScreenDialog(None, screens)
    qtbot.addWidget(dialog)
    dialog.show()

    qtbot.keyClick(dialog.screens, Qt.Key.Key_2)
    qtbot.keyClick(dialog, Qt.Key.Key_Return)

    assert dialog.screens.code() == "2"
    assert dialog.picked is screens[1]


# Words --------------------------------------------------------------------------------------------------------------


def figure(code: str, numerator: int, denominator: int | None = None) -> Figure:
    return Figure(indicator(code), numerator, denominator)


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (figure("A1", 4318), "4,318 人"),
        (figure("C11", 9, 12), "75.0%"),
        (figure("C11", 0, 0), "—"),
        (figure("D3", 4, 2), "2.0 次"),
        (figure("D13b", 123450), "1,234.50 元"),
    ],
)
def test_figures_are_said_with_their_unit(found: Figure, words: str) -> None:
    assert state.full_words(found) == words


@pytest.mark.parametrize(
    ("now", "before", "words"),
    [
        (figure("A1", 12), figure("A1", 9), "比上月 +3"),
        (figure("A1", 9), figure("A1", 1012), "比上月 −1,003"),
        (figure("A1", 9), figure("A1", 9), "与上月持平"),
        (figure("C11", 3, 4), figure("C11", 1, 2), "比上月 +25.0 点"),
        (figure("C11", 3, 4), figure("C11", 0, 0), ""),
    ],
)
def test_a_change_is_said_in_points_of_a_share_and_else_in_its_own_unit(
    now: Figure, before: Figure, words: str
) -> None:
    assert state.change_words(Cell(now, before)) == words


def test_who_belongs_to_a_restricted_group_is_not_listed() -> None:
    assert state.may_open_group(Share("KG02", "", 9, 10))
    assert not state.may_open_group(Share("KG14", "", 9, 10))


def test_months_offered_end_with_the_present_one() -> None:
    months = state.month_choices()

    assert months[0][0] == month_of(clock.today()).slug
    assert len(set(months)) == state.MONTHS_OFFERED
    assert month_of(clock.today() - timedelta(days=200)).slug in [slug for slug, _words in months]
