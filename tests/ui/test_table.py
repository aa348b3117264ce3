"""The table: keyboard all through, ticks and choice that survive a refresh, masks that survive a copy."""

from dataclasses import dataclass

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.ui import theme
from app.ui.table import Column, RecordTable
from app.ui.theme import Theme


@dataclass(frozen=True)
class Person:
    id: int
    name: str
    id_no: str = "330110********9991"
    count: int = 0
    remark: str = ""


PEOPLE = (
    Person(1, "冯巧云", count=10),
    Person(2, "姚景行", count=9),
    Person(3, "毛立根"),
    Person(4, "葛守成", remark="到期"),
)
COLUMNS: tuple[Column[Person], ...] = (
    Column("姓名", lambda person: person.name, width=120, bold=True),
    Column("证件号", lambda person: person.id_no, width=200),
    Column("次数", lambda person: str(person.count), width=80, align="right", sort_key=lambda person: person.count),
    Column("备注", lambda person: person.remark, width=100, stretch=1),
)


@pytest.fixture
def table(qtbot: QtBot) -> RecordTable[Person]:
    shown: RecordTable[Person] = RecordTable(COLUMNS, name="居民", checkable=True, key=lambda person: person.id)
    shown.resize(700, 400)
    shown.set_rows(PEOPLE)
    qtbot.addWidget(shown)
    with qtbot.waitExposed(shown):
        shown.show()
    shown.activateWindow()
    shown.view.setFocus()
    shown.select_first()
    return shown


def test_arrows_choose_and_enter_opens(qtbot: QtBot, table: RecordTable[Person]) -> None:
    with qtbot.waitSignal(table.row_selected) as chosen:
        qtbot.keyClick(table.view, Qt.Key.Key_Down)
    with qtbot.waitSignal(table.row_activated) as opened:
        qtbot.keyClick(table.view, Qt.Key.Key_Return)

    assert chosen.args == opened.args == [PEOPLE[1]]


def test_space_ticks_and_the_ticks_survive_order_and_refresh(qtbot: QtBot, table: RecordTable[Person]) -> None:
    qtbot.keyClick(table.view, Qt.Key.Key_Space)
    qtbot.keyClick(table.view, Qt.Key.Key_End)
    qtbot.keyClick(table.view, Qt.Key.Key_Space)

    table.sort_by(2)
    table.set_rows([Person(4, "葛守成", remark="续了"), *PEOPLE[:2]])

    assert {person.id for person in table.checked_rows()} == {1, 4}


def test_delete_asks_to_postpone(qtbot: QtBot, table: RecordTable[Person]) -> None:
    with qtbot.waitSignal(table.postpone_requested) as told:
        qtbot.keyClick(table.view, Qt.Key.Key_Delete)

    assert told.args == [PEOPLE[0]]


@pytest.mark.parametrize(("typed", "name"), [("g", "葛守成"), ("ml", "毛立根"), ("yjx", "姚景行")])
def test_initials_jump_to_the_row(qtbot: QtBot, table: RecordTable[Person], typed: str, name: str) -> None:
    qtbot.keyClicks(table.view, typed)

    row = table.current_row()
    assert row is not None
    assert row.name == name


def test_copying_keeps_the_mask(qtbot: QtBot, table: RecordTable[Person]) -> None:
    qtbot.keyClick(table.view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)

    assert QGuiApplication.clipboard().text() == "冯巧云\t330110********9991\t10\t—"


def test_figures_are_ordered_as_figures_and_empty_ones_come_last(table: RecordTable[Person]) -> None:
    table.sort_by(2, descending=True)
    assert [person.count for person in table.rows()] == [10, 9, 0, 0]

    table.sort_by(3, descending=True)
    assert [person.remark for person in table.rows()] == ["到期", "", "", ""]


def test_the_choice_survives_order_and_refresh(qtbot: QtBot, table: RecordTable[Person]) -> None:
    qtbot.keyClick(table.view, Qt.Key.Key_Down)

    table.sort_by(2)
    table.set_rows([*PEOPLE[2:], Person(2, "姚景行", count=11)])

    row = table.current_row()
    assert row is not None
    assert (row.id, row.count) == (2, 11)


def test_after_the_chosen_row_went_its_neighbour_is_chosen(qtbot: QtBot, table: RecordTable[Person]) -> None:
    table.set_rows(PEOPLE[1:])

    assert table.current_row() == PEOPLE[1]


def test_a_cell_names_row_and_column(table: RecordTable[Person]) -> None:
    model = table.view.model()
    spoken = model.data(model.index(0, 0), Qt.ItemDataRole.AccessibleTextRole)
    empty = model.data(model.index(1, 3), Qt.ItemDataRole.AccessibleTextRole)

    assert spoken == "第 1 行 姓名 冯巧云，没选"
    assert empty == "第 2 行 备注 空"


def test_an_empty_table_says_so(table: RecordTable[Person]) -> None:
    table.set_rows([])

    assert not table.view.isVisible()
    assert table._empty.isVisible()


def test_rows_have_the_height_of_the_design_and_grow_with_the_text(
    qapp: QApplication, table: RecordTable[Person]
) -> None:
    assert table.view.rowHeight(0) == theme.HEIGHT["row"]

    theme.apply_theme(qapp, Theme(scale=2.0))

    assert table.view.rowHeight(0) >= 2 * theme.HEIGHT["row"]


def test_keys_of_the_window_pass_through(qtbot: QtBot, table: RecordTable[Person]) -> None:
    for key in (Qt.Key.Key_F9, Qt.Key.Key_Escape):
        assert not _taken(table, key)


def _taken(table: RecordTable[Person], key: Qt.Key) -> bool:
    from PySide6.QtGui import QKeyEvent

    event = QKeyEvent(QKeyEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier)
    table.view.keyPressEvent(event)
    return event.isAccepted()


def test_of_a_hundred_thousand_rows_only_those_on_screen_are_made(qtbot: QtBot) -> None:
    made: list[int] = []

    def name(person: Person) -> str:
        made.append(person.id)
        return person.name

    many: RecordTable[Person] = RecordTable(
        (Column("姓名", name, bold=True), *COLUMNS[1:]), key=lambda person: person.id
    )
    many.resize(700, 400)
    qtbot.addWidget(many)
    many.set_rows([Person(number, f"居民{number}") for number in range(100_000)])
    many.show()
    many.grab()
    many.view.scrollToBottom()
    many.grab()

    assert len(set(made)) < 100
    assert max(made) == 99_999


def test_the_first_column_stays_when_the_table_scrolls_sideways(qtbot: QtBot, table: RecordTable[Person]) -> None:
    table.resize(300, 300)
    bar = table.view.horizontalScrollBar()
    assert bar.maximum() > 0

    bar.setValue(bar.maximum())

    frozen = table.view.frozen
    assert frozen.isVisible()
    assert frozen.width() == table.view.columnWidth(0)
    assert frozen.rowAt(1) == table.view.rowAt(1)
