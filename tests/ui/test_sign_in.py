"""Sign-in: by digits alone, with tries counted, locked after five, drafts told of, a forgotten PIN mended."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app import clock
from app.db.database import Transaction
from app.services.drafts import keep_draft
from app.ui.desktop import Desktop
from app.ui.door import Person
from app.ui.sign_in.forgot import ForgotPin
from app.ui.sign_in.screen import SignInScreen
from app.ui.sign_in.state import SignInState, digit_of, drafts_line, last_seen
from tests.ui.counters import PIN, desktop

TWO = (Person("a", "s1", "方静", "clerk"), Person("b", "s2", "陶丽华", "supervisor"))


def _page(shown: Desktop) -> SignInScreen:
    assert shown.sign_in is not None
    return shown.sign_in


def _type(state: SignInState, digits: str) -> SignInState:
    for digit in digits:
        state = state.digit(digit)
    return state


def test_the_first_digit_picks_and_the_others_are_the_pin() -> None:
    state = _type(SignInState(TWO), "2123")

    assert state.person is TWO[1]
    assert state.pin == "123"


def test_a_digit_without_a_person_picks_nobody() -> None:
    assert SignInState(TWO).digit("7").person is None
    assert SignInState(TWO).digit("0").person is None


def test_the_pin_takes_no_seventh_digit() -> None:
    assert _type(SignInState(TWO), "11234567").pin == "123456"


def test_esc_empties_the_pin_and_then_lets_go_of_the_person() -> None:
    state = _type(SignInState(TWO), "112")

    assert state.clear().pin == ""
    assert state.clear().person is TWO[0]
    assert state.clear().clear().person is None


def test_tab_goes_round() -> None:
    state = SignInState(TWO).step(1)

    assert state.chosen == 0
    assert state.step(1).chosen == 1
    assert state.step(1).step(1).chosen == 0


def test_a_locked_person_is_told_how_long_and_takes_no_pin() -> None:
    locked = replace(TWO[0], locked_for=timedelta(minutes=14, seconds=1))
    state = SignInState((locked,)).choose(0)

    assert "15 分钟" in state.error
    assert _type(state, "123").pin == ""


@pytest.mark.parametrize(("text", "digit"), [("5", "5"), ("５", "5"), ("a", None), ("", None), ("12", None)])
def test_full_width_digits_are_digits(text: str, digit: str | None) -> None:
    assert digit_of(text) == digit


def test_last_sign_in_reads_as_people_say_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 11, 24, 5, 5, tzinfo=UTC))

    assert last_seen(datetime(2026, 11, 24, 0, 52, tzinfo=UTC)) == "今天 08:52"
    assert last_seen(datetime(2026, 11, 23, 4, 0, tzinfo=UTC)) == "昨天"
    assert last_seen(datetime(2026, 11, 20, 4, 0, tzinfo=UTC)) == "11 月 20 日"
    assert last_seen(datetime(2025, 11, 20, 4, 0, tzinfo=UTC)) == "2025 年 11 月 20 日"
    assert last_seen(None) == "还没登录过"


def test_kept_drafts_are_told_of_by_owner() -> None:
    assert drafts_line(TWO) == ""
    assert drafts_line((replace(TWO[0], drafts=1),)) == "方静有 1 份没填完的登记，已经存好，只有本人能打开。"


def test_six_digits_open_the_desktop_without_enter(qtbot: QtBot, tmp_path: Path) -> None:
    with desktop(qtbot, tmp_path, signed_in=False) as shown:
        page = _page(shown)

        for digit in PIN:
            QTest.keyClick(page, getattr(Qt.Key, f"Key_{digit}"))

        assert shown.shell is not None
        assert shown.sign_in is None


def test_a_wrong_pin_says_how_many_tries_are_left(qtbot: QtBot, tmp_path: Path) -> None:
    with desktop(qtbot, tmp_path, signed_in=False) as shown:
        for digit in "111222":
            _page(shown).take_digit(digit)

        assert "还可以试 4 次" in _page(shown).state.error
        assert _page(shown).state.pin == ""
        assert shown.shell is None


def test_five_wrong_pins_lock_for_a_quarter_of_an_hour(qtbot: QtBot, tmp_path: Path) -> None:
    with desktop(qtbot, tmp_path, signed_in=False) as shown:
        for digit in "111222" * 5 + PIN:
            _page(shown).take_digit(digit)
        refused = shown.shell is None
        error = _page(shown).state.error

        clock.shift(timedelta(minutes=16))
        _page(shown).reload(_page(shown).state.people[0].entry_id)
        for digit in PIN:
            _page(shown).take_digit(digit)

        assert refused
        assert "15 分钟" in error
        assert shown.shell is not None


def test_after_the_lock_the_page_tells_whose_draft_is_kept(qtbot: QtBot, tmp_path: Path) -> None:
    with desktop(qtbot, tmp_path) as shown:
        shown._door.runner.write(_keep)

        shown.lock()
        _page(shown).reload()

        assert "陶丽华有 1 份没填完的登记" in drafts_line(_page(shown).state.people)


def _keep(tx: Transaction) -> None:
    keep_draft(tx, "register", {"name": "x"})


def test_a_supervisor_gives_a_new_pin(qtbot: QtBot, tmp_path: Path) -> None:
    with desktop(qtbot, tmp_path, signed_in=False) as shown:
        page = _page(shown)
        page._on_forgot_clicked()
        form = page.findChild(ForgotPin)
        assert form is not None

        form.boss_pin.setText(PIN)
        form.new_pin.setText("360714")
        form.again.setText("360714")
        form.submit()
        for digit in "360714":
            page.take_digit(digit)

        assert shown.shell is not None


def test_two_different_new_pins_are_not_taken(qtbot: QtBot, tmp_path: Path) -> None:
    with desktop(qtbot, tmp_path, signed_in=False) as shown:
        form = ForgotPin(shown._door, None)
        qtbot.addWidget(form)
        form.boss_pin.setText(PIN)
        form.new_pin.setText("360714")
        form.again.setText("360715")

        form.submit()

        assert "不一样" in form.error.text()


def test_the_page_speaks_to_screen_readers(qtbot: QtBot, tmp_path: Path) -> None:
    with desktop(qtbot, tmp_path, signed_in=False) as shown:
        assert "陶丽华，站长" in _page(shown)._cards[0].accessibleName()
        assert _page(shown)._dots.accessibleName() == "PIN 已输 0 位，共 6 位"
