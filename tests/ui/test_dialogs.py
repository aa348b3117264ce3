"""Dialogs, cards and the toast."""

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.ui import theme
from app.ui.dialogs import (
    ErrorCard,
    IrrevocableDialog,
    ProgressCard,
    RevealDialog,
    ask_irrevocably,
    ask_reveal,
    time_left,
)
from app.ui.toast import SHOWN_MS, Toast

REASONS = [("1", "打印卡纸"), ("2", "写错了")]
TEXT = "编号不再用，台账留一行“作废”。这一步不能撤销。"


def _open(qtbot: QtBot, dialog: QWidget) -> None:
    qtbot.addWidget(dialog)
    with qtbot.waitExposed(dialog):
        dialog.show()
    dialog.activateWindow()


def test_the_keyboard_stands_on_no(qtbot: QtBot) -> None:
    dialog = IrrevocableDialog(None, "作废推荐信 0007？", TEXT, REASONS, verb="作废")
    _open(qtbot, dialog)

    assert dialog.no.hasFocus()
    assert (dialog.no.text(), dialog.yes.text()) == ("不作废", "作废")

    qtbot.keyClick(dialog.no, Qt.Key.Key_Return)
    assert dialog.code is None
    assert not dialog.isVisible()


def test_yes_needs_a_reason(qtbot: QtBot) -> None:
    dialog = IrrevocableDialog(None, "作废推荐信 0007？", TEXT, REASONS, verb="作废")
    _open(qtbot, dialog)

    qtbot.keyClick(dialog, Qt.Key.Key_F9)
    assert dialog.reason.error() == "先选一条原因"
    assert dialog.isVisible()


def test_a_digit_and_f9_say_yes(qtbot: QtBot) -> None:
    dialog = IrrevocableDialog(None, "作废推荐信 0007？", TEXT, REASONS, verb="作废")
    _open(qtbot, dialog)

    qtbot.keyClick(dialog, Qt.Key.Key_2)
    qtbot.keyClick(dialog, Qt.Key.Key_F9)

    assert dialog.code == "2"


def test_asking_returns_what_was_answered(qtbot: QtBot) -> None:
    window = QWidget()
    _open(qtbot, window)

    def answer() -> None:
        dialog = next(child for child in window.findChildren(IrrevocableDialog))
        qtbot.keyClick(dialog, Qt.Key.Key_1)
        qtbot.keyClick(dialog, Qt.Key.Key_F9)

    QTimer.singleShot(0, answer)
    assert ask_irrevocably(window, "作废推荐信 0007？", TEXT, REASONS) == "1"

    QTimer.singleShot(0, lambda: qtbot.keyClick(window.findChildren(IrrevocableDialog)[-1], Qt.Key.Key_Escape))
    assert ask_irrevocably(window, "封账 10 月？", TEXT, []) is None


def test_a_reveal_needs_its_reason_by_digit(qtbot: QtBot) -> None:
    dialog = RevealDialog(None, "证件号", REASONS)
    _open(qtbot, dialog)
    assert not dialog.yes.isEnabled()

    qtbot.keyClick(dialog.reasons, Qt.Key.Key_2)
    qtbot.keyClick(dialog.reasons, Qt.Key.Key_Return)

    assert dialog.code == "2"
    assert not dialog.isVisible()


def test_a_reveal_refused_returns_nothing(qtbot: QtBot) -> None:
    window = QWidget()
    _open(qtbot, window)
    QTimer.singleShot(0, lambda: qtbot.keyClick(window.findChildren(RevealDialog)[0], Qt.Key.Key_Escape))

    assert ask_reveal(window) is None


def test_progress_tells_count_rest_and_the_ways_out(qtbot: QtBot) -> None:
    card = ProgressCard("正在导入岗位")
    qtbot.addWidget(card)

    card.set_progress(3210, 5000, note="已跳过 12 行", seconds_left=20)
    assert card.accessibleDescription() == "3,210 / 5,000 行，已跳过 12 行 还要约 20 秒"

    with qtbot.waitSignals([card.background_requested, card.stop_requested]):
        card.to_background.click()
        card.stop.click()


@pytest.mark.parametrize(
    ("seconds", "words"), [(None, ""), (0.2, "还要约 1 秒"), (20, "还要约 20 秒"), (180, "还要约 3 分钟")]
)
def test_the_time_left_is_said_in_words(seconds: float | None, words: str) -> None:
    assert time_left(seconds) == words


def test_an_error_stands_in_place_with_one_button_and_its_code(qtbot: QtBot) -> None:
    card = ErrorCard("打印机没有响应", "推荐信 0007 已登账，没有出纸。", "再打一次", code="P-102")
    _open(qtbot, card)

    assert card.accessibleName() == "打印机没有响应，推荐信 0007 已登账，没有出纸。"
    assert not card.other.isVisible()
    with qtbot.waitSignal(card.act_requested):
        qtbot.keyClick(card.button, Qt.Key.Key_Return)


def test_a_toast_can_be_taken_back_and_a_newer_one_takes_its_place(qtbot: QtBot) -> None:
    window = QWidget()
    window.resize(900, 600)
    _open(qtbot, window)
    undone: list[str] = []
    first, second = Toast("已推迟", lambda: undone.append("first")), Toast("已存", lambda: undone.append("second"))

    first.pop_up(window)
    second.pop_up(window)
    assert not first.isVisible()
    assert second.geometry().bottom() < window.height() - theme.HEIGHT["key_bar"]
    assert not second.hasFocus()

    qtbot.mouseClick(second, Qt.MouseButton.LeftButton, pos=second.rect().center() + second.rect().topRight() / 2 * 0.8)
    assert undone == ["second"]
    assert SHOWN_MS == 8_000
