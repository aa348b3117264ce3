"""Small parts: what they say, how they grow, what the keyboard does."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QApplication, QLineEdit, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot

from app.ui import theme, widgets
from app.ui.gallery import Gallery, ListGallery
from app.ui.theme import Theme
from app.ui.widgets import (
    Button,
    CheckBox,
    Chip,
    Choice,
    CollapsiblePanel,
    CountBadge,
    DistanceBar,
    EmptyState,
    KeyBar,
    MarkTile,
    Painted,
    ProgressBarThin,
    RadioChips,
    SearchField,
    SegmentedFilter,
    SkeletonRows,
    Tabs,
    TimelineEntry,
    TimelineView,
    ToggleChipGroup,
    paint,
)
from app.ui.widgets.choices import choice_keys


def _shown(qtbot: QtBot, widget: QWidget) -> None:
    qtbot.addWidget(widget)
    with qtbot.waitExposed(widget):
        widget.show()
    widget.activateWindow()


def test_a_busy_button_says_so_and_comes_back(qtbot: QtBot) -> None:
    button = Button("打印", "filled", "F9")
    qtbot.addWidget(button)

    button.set_busy("正在打印…")
    assert (button.text(), button.isEnabled(), button.accessibleName()) == ("正在打印…", False, "正在打印…")

    button.set_busy(None)
    assert (button.text(), button.isEnabled()) == ("打印", True)


def test_a_button_disabled_before_its_task_stays_disabled_after_it(qtbot: QtBot) -> None:
    button = Button("打印")
    qtbot.addWidget(button)
    button.setEnabled(False)

    button.set_busy("正在打印…")
    button.set_busy(None)

    assert not button.isEnabled()


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space])
def test_a_button_is_pressed_by_keyboard(qtbot: QtBot, key: Qt.Key) -> None:
    button = Button("打开档案", "soft")
    _shown(qtbot, button)

    with qtbot.waitSignal(button.clicked):
        qtbot.keyClick(button, key)


@pytest.mark.parametrize(("asked", "height"), [(36, 36), (44, 44), (32, 32)])
def test_buttons_have_the_heights_of_the_design(qtbot: QtBot, asked: int, height: int) -> None:
    button = Button("保存", height=asked)
    qtbot.addWidget(button)

    assert button.sizeHint().height() == height


def test_painted_parts_say_what_they_show_in_words(qtbot: QtBot) -> None:
    bar, mark, badge = DistanceBar(1100), MarkTile("partly", "工种"), CountBadge(8, name="今日")
    chip, share = Chip("已逾期", "red"), ProgressBarThin(0.5)
    for widget in (bar, mark, badge, chip, share):
        qtbot.addWidget(widget)

    assert bar.accessibleName() == "约 1.1 公里，骑行圈"
    assert mark.accessibleName() == "工种 差一点"
    assert badge.accessibleName() == "今日 8"
    assert chip.accessibleName() == "已逾期"
    assert share.accessibleName() == "完成 50%"


@pytest.mark.parametrize(("metres", "segment", "share"), [(0, 0, 0), (1000, 0, 1), (2000, 1, 0.5), (9000, 2, 1)])
def test_a_distance_lies_on_its_circle(metres: float, segment: int, share: float) -> None:
    assert paint.distance_position(metres) == (segment, share)


def test_digits_tick_several(qtbot: QtBot) -> None:
    group = ToggleChipGroup([("1", "长白班"), ("2", "早班"), ("3", "中班")], name="班次")
    _shown(qtbot, group)
    told: list[list[str]] = []
    group.codes_changed.connect(told.append)

    qtbot.keyClicks(group, "132")
    qtbot.keyClick(group, Qt.Key.Key_3)

    assert group.codes() == ["1", "2"]
    assert told[-1] == ["1", "2"]


def test_a_click_ticks_and_unticks(qtbot: QtBot) -> None:
    group = ToggleChipGroup([("1", "长白班"), ("2", "早班")], name="班次")
    _shown(qtbot, group)
    second = group.findChildren(QAbstractButton)[1]

    qtbot.mouseClick(second, Qt.MouseButton.LeftButton)
    assert group.codes() == ["2"]

    qtbot.mouseClick(second, Qt.MouseButton.LeftButton)
    assert group.codes() == []


def test_one_of_a_few_is_chosen_by_digit_and_by_arrow(qtbot: QtBot) -> None:
    chips = RadioChips([("1", "A4 三联"), ("2", "A5 两联")], name="纸")
    _shown(qtbot, chips)

    qtbot.keyClick(chips, Qt.Key.Key_2)
    assert chips.code() == "2"

    qtbot.keyClick(chips, Qt.Key.Key_Left)
    assert chips.code() == "1"


@pytest.mark.parametrize("kind", [SegmentedFilter, Tabs])
def test_counts_may_change_without_losing_the_choice(qtbot: QtBot, kind: type[Tabs]) -> None:
    row = kind([Choice("all", "全部", 18), Choice("late", "已逾期", 3)])
    _shown(qtbot, row)
    qtbot.keyClick(row, Qt.Key.Key_Right)

    row.set_choices([Choice("all", "全部", 17), Choice("late", "已逾期", 2)])

    assert row.code() == "late"


def test_a_search_goes_out_after_a_rest(qtbot: QtBot) -> None:
    search = SearchField("查人", "F3", rest_ms=5)
    _shown(qtbot, search)

    with qtbot.waitSignal(search.text_changed) as told:
        qtbot.keyClicks(search.line, "gsc")

    assert told.args == ["gsc"]


def test_the_panel_becomes_a_drawer_when_it_is_narrow(qtbot: QtBot) -> None:
    panel = CollapsiblePanel(QWidget(), QWidget())
    panel.resize(1366, 600)
    _shown(qtbot, panel)
    assert not panel.is_drawer
    assert panel.panel.isVisible()

    panel.resize(1100, 600)
    assert panel.is_drawer
    assert not panel.panel.isVisible()

    qtbot.keyClick(panel, Qt.Key.Key_Backslash, Qt.KeyboardModifier.ControlModifier)
    assert panel.panel.isVisible()

    qtbot.keyClick(panel, Qt.Key.Key_Escape)
    assert not panel.panel.isVisible()


def test_the_panel_becomes_a_drawer_when_the_text_is_big(qtbot: QtBot, qapp: QApplication) -> None:
    panel = CollapsiblePanel(QWidget(), QWidget())
    panel.resize(1366, 600)
    _shown(qtbot, panel)

    theme.apply_theme(qapp, Theme(scale=1.5))

    assert panel.is_drawer


def test_a_quick_load_shows_no_skeleton(qtbot: QtBot) -> None:
    rows = SkeletonRows()
    _shown(qtbot, rows)
    blank = rows.grab().toImage()

    rows.show_now()

    assert rows.grab().toImage() != blank


def test_an_empty_state_has_one_act(qtbot: QtBot) -> None:
    empty = EmptyState("今天的待办都办完了", "可以看看三天内到期的 6 件。", "看三天内")
    _shown(qtbot, empty)
    assert empty.button is not None

    with qtbot.waitSignal(empty.act_requested):
        qtbot.keyClick(empty.button, Qt.Key.Key_Return)


def test_the_timeline_opens_an_entry_and_steps_over_months(qtbot: QtBot) -> None:
    entries = [
        TimelineEntry("今天", "09:42", title="开推荐信"),
        TimelineEntry("10 月"),
        TimelineEntry("周三", title="登记"),
    ]
    view = TimelineView(entries)
    _shown(qtbot, view)
    view.setCurrentIndex(view.model().index(0, 0))

    qtbot.keyClick(view, Qt.Key.Key_Down)
    with qtbot.waitSignal(view.entry_activated) as told:
        qtbot.keyClick(view, Qt.Key.Key_Return)

    assert told.args == [entries[2]]


def test_a_tick_box_is_ticked_by_keyboard(qtbot: QtBot) -> None:
    box = CheckBox("性别")
    _shown(qtbot, box)

    qtbot.keyClick(box, Qt.Key.Key_Space)

    assert box.isChecked()


@pytest.mark.parametrize("window", [Gallery, ListGallery])
def test_every_control_has_an_accessible_name(qtbot: QtBot, window: type[QWidget]) -> None:
    shown = window()
    _shown(qtbot, shown)

    unnamed = []
    for child in shown.findChildren(QWidget):
        if isinstance(child, QAbstractButton | QLineEdit | QPlainTextEdit | QAbstractItemView) and child.isVisible():
            face = QAccessible.queryAccessibleInterface(child)
            if not face.text(QAccessible.Text.Name) and "qt_" not in child.objectName() and child.parent() is not None:
                unnamed.append((type(child).__name__, type(child.parent()).__name__))
    assert not [pair for pair in unnamed if pair[0] not in ("QLineEditIconButton", "QToolButton")]


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("scale", [1.0, 1.5, 2.0])
def test_every_part_paints_in_every_look(qtbot: QtBot, qapp: QApplication, dark: bool, scale: float) -> None:
    theme.apply_theme(qapp, Theme(dark, scale))
    for window in (Gallery(), ListGallery()):
        _shown(qtbot, window)
        picture = window.grab().toImage()

        assert picture.pixelColor(2, 2) in (theme.current().color("bg"), theme.current().color("surface"))
        for part in window.findChildren(Painted):
            if part.isVisible():
                assert part.height() >= part.measure().height()


def test_a_change_of_theme_reaches_what_is_on_screen(qtbot: QtBot, qapp: QApplication) -> None:
    bar = KeyBar([("F9", "保存")])
    _shown(qtbot, bar)
    height = bar.height()

    theme.apply_theme(qapp, Theme(dark=True, scale=2.0))

    assert bar.sizeHint().height() > height
    assert bar.grab().toImage().pixelColor(2, 10) == theme.current().color("sunken")


def test_every_part_of_the_package_has_its_home() -> None:
    homes = [name for parts in widgets._HOMES.values() for name in parts.split()]

    assert sorted(homes) == sorted(widgets.__all__)
    assert [name for name in homes if getattr(widgets, name).__module__.rpartition(".")[0] != "app.ui.widgets"] == []
    assert not hasattr(widgets, "Nothing")


def test_tabs_that_are_filled_later_are_as_high_as_a_tab(qtbot: QtBot) -> None:
    tabs = Tabs()
    qtbot.addWidget(tabs)
    tabs.resize(600, 10)
    tabs.show()

    tabs.set_choices([Choice("a", "全部经过", 5), Choice("b", "求职登记")])

    assert tabs.height() >= theme.HEIGHT["tab"]


def test_a_filter_goes_on_in_the_next_line_where_the_room_ends(qtbot: QtBot) -> None:
    slices = SegmentedFilter([Choice(str(n), "三天内到期", 10) for n in range(6)])
    sheet = QWidget()
    qtbot.addWidget(sheet)
    slices.setParent(sheet)
    sheet.show()
    one = slices.sizeHint().height()

    slices.resize(slices.sizeHint().width() // 2, one)

    assert slices.height() > one * 1.5


def test_choices_beyond_the_ninth_have_a_key_too() -> None:
    assert choice_keys([f"{n:02d}" for n in range(12)]) == [*"1234567890AB"]
    assert choice_keys(["1", "0"]) == ["1", "0"]
    assert choice_keys(["x1", "2", "x3"]) == ["1", "2", "3"]
