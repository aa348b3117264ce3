"""Forms: what fingers type, when it is checked, where Enter leads."""

from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QInputMethodEvent, QKeyEvent
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.ui import entry, theme
from app.ui.forms import (
    ChoiceField,
    ChoiceItem,
    DateField,
    Field,
    FormGrid,
    IdField,
    LongTextField,
    MoneyField,
    MultiChoiceField,
    NumberField,
    PhoneField,
    RadioField,
    TextField,
)
from app.ui.theme import Theme
from app.ui.widgets import Button

TODAY = date(2026, 11, 24)
ID_NO = "330421197904259966"
DEGREES = [("60", "高中"), ("61", "普通高中"), ("70", "初级中学"), ("80", "小学")]


class Sheet(QWidget):
    """A form with its main button."""

    def __init__(self, *fields: Field) -> None:
        super().__init__()
        self.form, self.save = FormGrid(), Button("保存", "filled", "F9")
        for field in fields:
            self.form.add(field)
        self.form.set_main_button(self.save)
        column = QVBoxLayout(self)
        column.addWidget(self.form)
        column.addWidget(self.save)


def type_han(editor: QWidget, text: str) -> None:
    """Press keys that bring any character; ``QTest`` knows only those of ASCII."""
    for char in text:
        QGuiApplication.sendEvent(editor, QKeyEvent(QKeyEvent.Type.KeyPress, 0, Qt.KeyboardModifier.NoModifier, char))


@pytest.fixture
def sheet(qtbot: QtBot) -> Callable[..., Sheet]:
    held: list[Sheet] = []

    def make(*fields: Field, width: int = 1000) -> Sheet:
        shown = Sheet(*fields)
        held.append(shown)
        shown.resize(width, 500)
        qtbot.addWidget(shown)
        with qtbot.waitExposed(shown):
            shown.show()
        shown.activateWindow()
        shown.form.focus_first()
        return shown

    return make


@pytest.mark.parametrize(
    ("typed", "prefer", "day"),
    [
        ("19790425", "", date(1979, 4, 25)),
        ("１９７９０４２５", "", date(1979, 4, 25)),
        ("1979-4-25", "", date(1979, 4, 25)),
        ("1979年4月25日", "", date(1979, 4, 25)),
        ("1125", "", date(2026, 11, 25)),
        ("1125", "past", date(2025, 11, 25)),
        ("103", "future", date(2027, 1, 3)),
        ("11-25", "", date(2026, 11, 25)),
    ],
)
def test_days_are_read_as_they_are_typed(typed: str, prefer: str, day: date) -> None:
    assert entry.parse_day(typed, TODAY, prefer=prefer) == day


@pytest.mark.parametrize("typed", ["0230", "20260230", "1", "123456", "十一月", "20261301"])
def test_what_is_no_day_is_refused(typed: str) -> None:
    with pytest.raises(ValueError):
        entry.parse_day(typed, TODAY)


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)))
def test_every_day_survives_being_shown(day: date) -> None:
    assert entry.parse_day(f"{day:%Y-%m-%d}", TODAY) == day
    assert entry.parse_day(f"{day:%Y%m%d}", TODAY) == day


@given(st.integers(0, 10**9))
def test_money_survives_being_shown(fen: int) -> None:
    assert entry.parse_fen(entry.show_fen(fen)) == fen


def test_id_numbers_are_typed_on_the_number_pad() -> None:
    assert entry.id_of("33042119790425996*") == "33042119790425996X"
    assert entry.id_of("３３0421 19790425 996.") == "33042119790425996X"


def test_a_masked_number_keeps_its_groups() -> None:
    assert entry.group_masked("330110********9991") == "330110 ******** 9991"
    assert entry.group_masked("M***1") == "M***1"


@pytest.mark.parametrize("typed", ["czzx", "CJZX", "初级", "cj", "zx"])
def test_words_are_found_by_initials(typed: str) -> None:
    assert entry.matches("初级中学", typed) is (typed != "czzx")


def test_polyphonic_names_are_found_by_each_reading() -> None:
    assert entry.starts_with_initials("单小雨", "sxy")
    assert entry.starts_with_initials("单小雨", "dxy")


def test_nothing_is_checked_while_typing_and_everything_on_leaving(qtbot: QtBot, sheet: Callable[..., Sheet]) -> None:
    phone, name = PhoneField("手机号", name="phone"), TextField("姓名", name="name")
    shown = sheet(phone, name)

    qtbot.keyClicks(phone.editor, "1990000004")
    assert phone.error() == ""

    with qtbot.waitSignal(phone.left):
        qtbot.keyClick(phone.editor, Qt.Key.Key_Return)
    assert phone.error() == "少 1 位：现在 10 位，应为 11 位"
    assert name.editor.hasFocus()
    assert phone.editor.accessibleDescription() == phone.error()
    assert shown.form.wrong() == [phone]


def test_an_error_goes_when_it_is_mended(qtbot: QtBot, sheet: Callable[..., Sheet]) -> None:
    phone = PhoneField("手机号")
    sheet(phone, TextField("姓名"))
    qtbot.keyClicks(phone.editor, "1990000004")
    phone.validate()

    qtbot.keyClicks(phone.editor, "7")
    phone.validate()

    assert phone.error() == ""


def test_enter_skips_what_is_derived_and_ends_at_the_main_button_without_pressing(
    qtbot: QtBot, sheet: Callable[..., Sheet]
) -> None:
    first, sex, last = TextField("姓名"), TextField("性别"), TextField("住处")
    sex.set_derived(True)
    shown = sheet(first, sex, last)
    pressed: list[bool] = []
    shown.save.clicked.connect(pressed.append)

    qtbot.keyClick(first.editor, Qt.Key.Key_Return)
    assert last.editor.hasFocus()

    qtbot.keyClick(last.editor, Qt.Key.Key_Return)
    assert shown.save.hasFocus()
    assert pressed == []


def test_shift_enter_goes_back(qtbot: QtBot, sheet: Callable[..., Sheet]) -> None:
    first, last = TextField("姓名"), TextField("住处")
    shown = sheet(first, last)
    shown.form.focus_field("住处")

    qtbot.keyClick(last.editor, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)

    assert first.editor.hasFocus()


def test_while_an_input_method_composes_enter_is_its_own(qtbot: QtBot, sheet: Callable[..., Sheet]) -> None:
    first, last = TextField("姓名"), TextField("住处")
    sheet(first, last)

    QGuiApplication.sendEvent(first.editor, QInputMethodEvent("fengqiaoyun", []))
    qtbot.keyClick(first.editor, Qt.Key.Key_Return)
    assert first.editor.hasFocus()

    done = QInputMethodEvent("", [])
    done.setCommitString("冯巧云")
    QGuiApplication.sendEvent(first.editor, done)
    qtbot.keyClick(first.editor, Qt.Key.Key_Return)
    assert first.value() == "冯巧云"
    assert last.editor.hasFocus()


def test_numbers_money_and_days_take_no_input_method_and_become_half_width(
    qtbot: QtBot, sheet: Callable[..., Sheet]
) -> None:
    number, money, day = NumberField("人数"), MoneyField("月薪"), DateField("失业日期")
    sheet(number, money, day)

    type_han(number.editor, "１２")
    qtbot.keyClicks(money.editor, "4200")
    qtbot.keyClicks(day.editor, "20261103")
    for field in (number, money, day):
        field.validate()

    assert (number.value(), money.value(), day.value()) == (12, 420000, date(2026, 11, 3))
    assert day.editor.text() == "2026-11-03"
    assert not number.editor.testAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled)


def test_a_number_out_of_bounds_is_told(qtbot: QtBot, sheet: Callable[..., Sheet]) -> None:
    number = NumberField("人数", low=1, high=99)
    sheet(number)

    number.set_value(100)
    number.validate()

    assert number.error() == "最多 99"


def test_an_id_number_is_clear_while_typed_and_masked_when_left(qtbot: QtBot, sheet: Callable[..., Sheet]) -> None:
    number = IdField("证件号码", name="id_no", required=True)
    sheet(number, TextField("姓名"))

    qtbot.keyClicks(number.line, "33042119790425996*")
    assert number.line.text() == "330421 19790425 996X"
    assert number.value() == "33042119790425996X"

    qtbot.keyClick(number.line, Qt.Key.Key_Return)
    assert number.line.text() == "330421 ******** 996X"
    assert number.value() == "33042119790425996X"


def test_a_wrong_id_number_stays_clear_so_that_it_can_be_mended(qtbot: QtBot, sheet: Callable[..., Sheet]) -> None:
    number = IdField("证件号码", check=lambda _number: "最后一位对不上")
    sheet(number, TextField("姓名"))

    qtbot.keyClicks(number.line, ID_NO)
    qtbot.keyClick(number.line, Qt.Key.Key_Return)

    assert number.error() == "最后一位对不上"
    assert number.line.text() == "330421 19790425 9966"


def test_a_masked_number_is_revealed_by_its_screen_and_masked_again(qtbot: QtBot, sheet: Callable[..., Sheet]) -> None:
    number = IdField("证件号码")
    sheet(number, TextField("姓名"))
    number.set_value(ID_NO)
    with qtbot.waitSignal(number.reveal_requested):
        number._eye.click()

    number.reveal()
    assert number.line.text() == "330421 19790425 9966"

    number.hide_middle()
    assert number.line.text() == "330421 ******** 9966"


def test_typing_into_a_masked_number_begins_it_anew(qtbot: QtBot, sheet: Callable[..., Sheet]) -> None:
    number = IdField("证件号码")
    sheet(number)
    number.set_value(ID_NO)

    qtbot.keyClicks(number.line, "33")

    assert number.value() == "33"


def test_an_id_number_does_not_reach_the_clipboard(qtbot: QtBot, sheet: Callable[..., Sheet]) -> None:
    number = IdField("证件号码")
    sheet(number)
    QGuiApplication.clipboard().setText("nothing")
    qtbot.keyClicks(number.line, ID_NO)
    number.line.selectAll()

    qtbot.keyClick(number.line, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(number.line, Qt.Key.Key_X, Qt.KeyboardModifier.ControlModifier)

    assert QGuiApplication.clipboard().text() == "nothing"
    assert number.value() == ID_NO


@pytest.mark.parametrize(
    ("typed", "code"), [("70", "70"), ("cjzx", "70"), ("小学", "80"), ("60", "60"), ("ptgz", "61")]
)
def test_a_choice_is_made_by_code_words_or_initials(
    qtbot: QtBot, sheet: Callable[..., Sheet], typed: str, code: str
) -> None:
    degree = ChoiceField("文化程度", DEGREES)
    sheet(degree, TextField("姓名"))

    type_han(degree.line, typed)
    assert degree.list_is_open

    qtbot.keyClick(degree.line, Qt.Key.Key_Return)
    assert degree.value() == code
    assert not degree.list_is_open


def test_the_list_is_walked_by_arrows_and_left_by_escape(qtbot: QtBot, sheet: Callable[..., Sheet]) -> None:
    degree = ChoiceField("文化程度", DEGREES)
    sheet(degree, TextField("姓名"))

    qtbot.keyClick(degree.line, Qt.Key.Key_Down)
    qtbot.keyClick(degree.line, Qt.Key.Key_Down)
    qtbot.keyClick(degree.line, Qt.Key.Key_Return)
    assert degree.value() == "61"

    degree.open_list()
    qtbot.keyClick(degree.line, Qt.Key.Key_Escape)
    assert not degree.list_is_open
    assert degree.value() == "61"


def test_words_that_are_not_on_the_list_are_told(qtbot: QtBot, sheet: Callable[..., Sheet]) -> None:
    degree, name = ChoiceField("文化程度", DEGREES), TextField("姓名")
    sheet(degree, name)
    qtbot.keyClicks(degree.line, "99")

    name.editor.setFocus()

    assert "99" in degree.error()
    assert degree.value() is None


def test_a_choice_may_come_from_a_search(qtbot: QtBot, sheet: Callable[..., Sheet]) -> None:
    def find(typed: str) -> list[ChoiceItem]:
        return [ChoiceItem("4-10-01-06", "家政服务员", "4-10 居民服务", "31 个岗位")] if "家" in typed else []

    wish = ChoiceField("想做的工种", find=find, show_code=False)
    sheet(wish, TextField("姓名"))
    wish.line.setText("家政")
    wish._on_text_edited("家政")

    qtbot.keyClick(wish.line, Qt.Key.Key_Return)

    assert wish.value() == "4-10-01-06"
    assert wish.line.text() == "家政服务员"


def test_long_text_goes_on_with_enter_and_breaks_with_ctrl_enter(qtbot: QtBot, sheet: Callable[..., Sheet]) -> None:
    note, name = LongTextField("情况"), TextField("姓名")
    sheet(note, name)
    qtbot.keyClicks(note.box, "a")
    qtbot.keyClick(note.box, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClicks(note.box, "b")
    qtbot.keyClick(note.box, Qt.Key.Key_Return)

    assert note.value() == "a\nb"
    assert name.editor.hasFocus()


def test_choices_by_digit_are_fields_too(qtbot: QtBot, sheet: Callable[..., Sheet]) -> None:
    shifts = MultiChoiceField("班次", [("1", "长白班"), ("2", "早班")], name="shifts", required=True)
    paper = RadioField("纸", [("1", "A4"), ("2", "A5")], name="paper")
    shown = sheet(shifts, paper)
    assert shown.form.missing() == [shifts]

    qtbot.keyClick(shifts.group, Qt.Key.Key_2)
    qtbot.keyClick(shifts.group, Qt.Key.Key_Return)
    qtbot.keyClick(paper.group, Qt.Key.Key_1)

    assert shown.form.values() == {"shifts": ("2",), "paper": "1"}
    assert shown.form.missing() == []


def test_errors_of_a_service_reach_their_fields_and_the_first_gets_the_keyboard(
    qtbot: QtBot, sheet: Callable[..., Sheet]
) -> None:
    name, phone = TextField("姓名", name="name"), PhoneField("手机号", name="phone")
    shown = sheet(name, phone)

    shown.form.set_errors({"phone": "这个手机号已经登记过", "elsewhere": "?"})

    assert phone.error() == "这个手机号已经登记过"
    assert phone.editor.hasFocus()


@pytest.mark.parametrize(("width", "scale", "columns"), [(1000, 1.0, 3), (600, 1.0, 2), (300, 1.0, 1), (1000, 2.0, 2)])
def test_columns_become_fewer_where_there_is_no_room(
    qtbot: QtBot, qapp: QApplication, sheet: Callable[..., Sheet], width: int, scale: float, columns: int
) -> None:
    theme.apply_theme(qapp, Theme(scale=scale))

    shown = sheet(TextField("姓名"), TextField("手机号"), TextField("住处"), width=width)

    assert shown.form.columns() == columns


def test_no_field_changes_its_height_with_the_keyboard_or_an_error(qtbot: QtBot, sheet: Callable[..., Sheet]) -> None:
    phone, name = PhoneField("手机号"), TextField("姓名")
    sheet(phone, name)
    heights = {phone.editor.height(), name.editor.height()}
    name.editor.setFocus()
    phone.set_error("少 1 位")

    assert heights == {phone.editor.height(), name.editor.height()} == {36}


def test_what_a_service_refused_stays_until_the_value_is_another(qtbot: QtBot, sheet: Callable[..., Sheet]) -> None:
    phone = PhoneField("手机号")
    sheet(phone, TextField("姓名"))
    qtbot.keyClicks(phone.editor, "19900000004")
    phone.set_error("这个手机号已经登记过")

    phone.validate()
    assert phone.error() == "这个手机号已经登记过"

    phone.set_value("19900000005")
    phone.validate()
    assert phone.error() == ""


def test_a_big_id_number_is_never_cut(qtbot: QtBot, qapp: QApplication, sheet: Callable[..., Sheet]) -> None:
    theme.apply_theme(qapp, Theme(scale=1.5))
    number = IdField("证件号码")
    sheet(number, width=560)
    number.set_value(ID_NO)
    number.reveal()
    number.set_state("校验通过")
    qapp.processEvents()

    assert number.line.fontMetrics().horizontalAdvance(number.line.text()) <= number.line.width()
