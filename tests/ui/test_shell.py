"""The shell: navigation, commands, freshness, lock, language, messages."""

import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app import clock, texts
from app.bootstrap import open_counter
from app.counter import Counter
from app.db.database import Transaction
from app.errors import PrintError
from app.services import outbox
from app.services.staff import add_staff
from app.ui import theme
from app.ui.background_sync import summarise
from app.ui.desktop import Desktop
from app.ui.help import HelpSheet
from app.ui.main_window import MainWindow
from app.ui.palette import Picked
from app.ui.screens import SCREENS, open_to
from app.ui.shell import Shell
from app.ui.start import Start
from app.ui.sync_badge import SyncSummary, badge_look, badge_text, offline_line
from tests.ui.counters import NoteScreen, desktop


def _shell(shown: Desktop) -> Shell:
    assert shown.shell is not None
    return shown.shell


def _front(shown: Desktop) -> NoteScreen:
    page = _shell(shown).current
    assert page is not None
    assert isinstance(page.widget, NoteScreen)
    return page.widget


def test_after_sign_in_the_first_screen_is_in_front(qtbot: QtBot, tmp_path: Path) -> None:
    with desktop(qtbot, tmp_path) as shown:
        assert _front(shown).opened == [{}]
        assert _front(shown).refreshed == 1
        assert _shell(shown).rail.button("today").isChecked()


def test_the_rail_shows_only_what_the_role_may_open(qtbot: QtBot, tmp_path: Path) -> None:
    with desktop(qtbot, tmp_path) as shown:
        assert _shell(shown).rail.names() == ("today", "plain", "settings")


def test_a_trainer_sees_no_residents() -> None:
    names = {screen.name for screen in open_to(frozenset({"trainer"}))}

    assert not names & {"residents", "register", "resident_file", "match", "slip"}
    assert {"today", "sync", "settings"} <= names


def test_alt_digit_opens_and_alt_left_goes_back(qtbot: QtBot, tmp_path: Path) -> None:
    with desktop(qtbot, tmp_path) as shown:
        shell = _shell(shown)

        QTest.keyClick(shell, Qt.Key.Key_2, Qt.KeyboardModifier.AltModifier)
        second = shell.current.screen.name if shell.current else ""
        QTest.keyClick(shell, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)

        assert second == "plain"
        assert shell.current is not None and shell.current.screen.name == "today"


def test_a_screen_gets_its_arguments_and_lights_its_parent(qtbot: QtBot, tmp_path: Path) -> None:
    with desktop(qtbot, tmp_path) as shown:
        _front(shown).context.navigate("resident_file", id="r1")

        assert _front(shown).opened == [{"id": "r1"}]
        assert _shell(shown).rail.button("today").isChecked()


def test_a_screen_may_keep_the_person_here(qtbot: QtBot, tmp_path: Path) -> None:
    with desktop(qtbot, tmp_path) as shown:
        today = _front(shown)
        today.stay = True

        _shell(shown).navigate("plain")

        assert _front(shown) is today


def test_a_key_runs_what_the_screen_offers(qtbot: QtBot, tmp_path: Path) -> None:
    with desktop(qtbot, tmp_path) as shown:
        QTest.keyClick(_shell(shown), Qt.Key.Key_F4)
        QTest.keyClick(_shell(shown), Qt.Key.Key_F9)

        assert _front(shown).pressed == ["match", "main"]


def test_a_key_that_needs_something_says_so(qtbot: QtBot, tmp_path: Path) -> None:
    with desktop(qtbot, tmp_path) as shown:
        _shell(shown).navigate("plain")

        _shell(shown).run("match")

        assert shown.notices.toast is not None
        assert "F4" in shown.notices.toast.text


def test_f2_opens_the_registration(qtbot: QtBot, tmp_path: Path) -> None:
    with desktop(qtbot, tmp_path) as shown:
        QTest.keyClick(_shell(shown), Qt.Key.Key_F2)

        page = _shell(shown).current
        assert page is not None and page.screen.name == "register"


def test_a_visible_screen_refreshes_and_a_hidden_one_when_it_is_shown(qtbot: QtBot, tmp_path: Path) -> None:
    with desktop(qtbot, tmp_path) as shown:
        today, runner = _front(shown), _front(shown).context.runner
        runner.records_changed.emit(frozenset({"resident"}))
        runner.records_changed.emit(frozenset({"vacancy"}))
        seen = today.refreshed

        _shell(shown).navigate("plain")
        runner.records_changed.emit(frozenset({"resident"}))
        hidden = today.refreshed
        _shell(shown).navigate("today")

        assert (seen, hidden, today.refreshed) == (2, 2, 3)


def test_a_screen_that_cannot_be_built_says_so_and_the_rest_works(
    qtbot: QtBot, tmp_path: Path, expect_errors: None
) -> None:
    from app.ui.screens import Screen

    with desktop(qtbot, tmp_path) as shown:
        shell = _shell(shown)
        shell._screens = (*shell._screens, Screen("broken", "坏", "x", "tests.ui.nowhere:Nothing"))

        shell.navigate("broken")

        assert not shown.notices.card.isHidden()
        assert shell.current is not None and shell.current.screen.name == "today"


def test_an_error_says_what_is_safe_with_a_code_and_can_be_tried_again(qtbot: QtBot, tmp_path: Path) -> None:
    with desktop(qtbot, tmp_path) as shown:
        tried: list[bool] = []
        error = PrintError("推荐信 0007 已登账，没有出纸。", code="print.no_answer")

        shown.messages.show_error(error, retry=lambda: tried.append(True))
        words = [label.text() for label in shown.notices.card.findChildren(QLabel)]
        shown.notices.card.button.click()

        assert "推荐信 0007 已登账，没有出纸。" in words
        assert any("print.no_answer" in word for word in words)
        assert tried == [True]
        assert shown.notices.card.isHidden()


def test_ctrl_z_takes_back_what_the_toast_tells(qtbot: QtBot, tmp_path: Path) -> None:
    with desktop(qtbot, tmp_path) as shown:
        undone: list[bool] = []
        shown.messages.say("已推迟", undo=lambda: undone.append(True))

        QTest.keyClick(_shell(shown), Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        QTest.keyClick(_shell(shown), Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)

        assert undone == [True]


def test_f12_locks_at_once_and_the_same_person_finds_her_screen_again(qtbot: QtBot, tmp_path: Path) -> None:
    with desktop(qtbot, tmp_path) as shown:
        before = _shell(shown)
        before.navigate("resident_file", id="r1")

        QTest.keyClick(before, Qt.Key.Key_F12)
        locked = shown.sign_in is not None and not before.isVisible() and shown._door.runner.actor is None
        for digit in "250613":
            assert shown.sign_in is not None
            shown.sign_in.take_digit(digit)

        assert locked
        assert shown.shell is before
        assert before.current is not None and before.current.screen.name == "resident_file"


def test_another_person_gets_a_desktop_of_her_own(qtbot: QtBot, tmp_path: Path) -> None:
    with desktop(qtbot, tmp_path) as shown:
        before, door = _shell(shown), shown._door
        door.runner.write(lambda tx: add_staff(tx, {"name": "方静", "roles": ["clerk"]}, staff_id="s-2"))
        door.add_person("s-2", "方静", "clerk", "740926")

        shown.lock()
        assert shown.sign_in is not None
        place = [person.name for person in shown.sign_in.state.people].index("方静")
        for digit in f"{place + 1}740926":
            shown.sign_in.take_digit(digit)

        assert shown.shell is not before
        assert _front(shown).context.actor.name == "方静"


def test_nobody_there_locks_after_the_minutes_of_the_setting(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with desktop(qtbot, tmp_path) as shown:
        moment = clock.monotonic()
        monkeypatch.setattr(clock, "monotonic", lambda: moment + 4 * 60)
        shown.idle.look()
        early = shown.sign_in is not None

        monkeypatch.setattr(clock, "monotonic", lambda: moment + 5 * 60 + 1)
        shown.idle.look()

        assert not early
        assert shown.sign_in is not None
        assert shown.sign_in.state.person is not None


def test_the_language_changes_live_and_stays_on_the_screen(qtbot: QtBot, tmp_path: Path) -> None:
    with desktop(qtbot, tmp_path) as shown:
        _shell(shown).navigate("settings")

        with qtbot.waitSignal(_shell(shown).destroyed):
            shown._door.store.change("language", "en")

        assert texts.language() == "en"
        assert _shell(shown).top.lock_button.text() == "Switch person"
        page = _shell(shown).current
        assert page is not None and page.screen.name == "settings"


def test_ctrl_plus_makes_text_larger_and_ctrl_0_normal(qtbot: QtBot, tmp_path: Path) -> None:
    with desktop(qtbot, tmp_path) as shown:
        _shell(shown).run("larger")
        larger = theme.current().scale
        _shell(shown).run("normal_size")

        assert larger == 1.1
        assert theme.current().scale == 1.0


def test_the_palette_runs_a_command_found_by_initials(qtbot: QtBot, tmp_path: Path) -> None:
    with desktop(qtbot, tmp_path) as shown:
        shell = _shell(shown)
        QTest.keyClick(shell, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
        palette = shell._palette
        assert palette is not None

        QTest.keyClicks(palette.field, "xdj")
        first = palette.list.rows()[0].value
        QTest.keyClick(palette.field, Qt.Key.Key_Return)

        assert first == Picked("command", "register")
        assert shell.current is not None and shell.current.screen.name == "register"


def test_f1_shows_all_keys_and_esc_closes(qtbot: QtBot, tmp_path: Path) -> None:
    with desktop(qtbot, tmp_path) as shown:
        QTest.keyClick(_shell(shown), Qt.Key.Key_F1)
        sheet = shown.findChild(HelpSheet)
        assert sheet is not None

        with qtbot.waitSignal(sheet.closed):
            QTest.keyClick(sheet, Qt.Key.Key_Escape)


def test_the_search_finds_a_resident_and_opens_the_file(qtbot: QtBot, tmp_path: Path) -> None:
    with desktop(qtbot, tmp_path) as shown:
        resident_id = _registered(shown)
        shown.window().activateWindow()
        box = _shell(shown).top.search
        _shell(shown).run("find")
        box.field.setFocus()
        qtbot.waitUntil(box.field.hasFocus)

        QTest.keyClicks(box.field, "sya")
        qtbot.waitUntil(box.popup.isVisible)
        note = box.list.rows()[0].note
        QTest.keyClick(box.field, Qt.Key.Key_Return)

        assert _front(shown).opened == [{"id": resident_id}]
        assert "19900000003" not in note


def _registered(shown: Desktop) -> str:
    from tests.factories import Factory

    ids: list[str] = []

    def register(tx: Transaction) -> None:
        tx.act("resident.register")
        ids.append(Factory(tx).resident(name="沈以安", mobile="19900000003").id)

    shown._door.runner.write(register)
    return ids[0]


def test_the_sync_badge_says_each_state() -> None:
    now = clock.now()
    said = [
        badge_text(SyncSummary("synced", last_ok_at=now - timedelta(minutes=2)), now),
        badge_text(SyncSummary("sending", queued=47, progress=(12, 47)), now),
        badge_text(SyncSummary("offline", queued=47, last_ok_at=now - timedelta(days=3, hours=4)), now),
        badge_text(SyncSummary("attention", parked=2, conflicts=1), now),
        badge_text(SyncSummary("revoked"), now),
    ]

    assert said == ["已同步，2 分钟前", "正在送 12 / 47", "离线 3 天，待送 47 笔", "3 件要你处理", "本机已停用"]


def test_offline_is_never_red() -> None:
    summary = SyncSummary("offline", queued=3, last_ok_at=clock.now() - timedelta(days=3, hours=4))

    assert badge_look(summary)[1] == "yellow"
    assert offline_line(summary) == "已离线 3 天 4 小时。登录和办事都不受影响。"


@pytest.mark.parametrize("size", [(1366, 680), (1180, 600), (1680, 900)])
@pytest.mark.parametrize("scale", [100, 200])
def test_the_top_bar_keeps_within_the_window(qtbot: QtBot, tmp_path: Path, size: tuple[int, int], scale: int) -> None:
    with desktop(qtbot, tmp_path) as shown:
        shown.resize(*size)
        shown._door.store.change("text_scale", scale)

        assert _shell(shown).minimumSizeHint().width() <= size[0] or scale == 200


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({"joined": False}, "alone"),
        ({}, "synced"),
        ({"queued": 3}, "sending"),
        ({"queued": 3, "last_error": ("sync.offline", "x")}, "offline"),
        ({"parked": 1, "last_error": ("sync.offline", "x")}, "attention"),
        ({"conflicts": 1}, "attention"),
    ],
)
def test_the_summary_follows_from_the_tables(changes: dict[str, Any], state: str) -> None:
    nothing = outbox.SyncSummary(
        joined=True, url=None, queued=0, parked=0, held=0, conflicts=0, oldest_at=None, by_act=(), by_actor=(),
        last_ok_at=None, last_error=None, clock_offset=0.0,
    )  # fmt: skip

    assert summarise(replace(nothing, **changes), running=True, locked_out=False).state == state
    if changes.get("joined", True):
        assert summarise(replace(nothing, **changes), running=True, locked_out=True).state == "revoked"


def test_the_window_is_painted_before_the_counter_is_opened(qtbot: QtBot, tmp_path: Path) -> None:
    order: list[str] = []
    window = MainWindow()
    qtbot.addWidget(window)
    window.first_painted.connect(lambda: order.append("painted"))

    def open_door(root: Path) -> Counter:
        order.append("opened")
        return open_counter(root, inline=True, environ={})

    start = Start(tmp_path, open_door, window)
    window.show()
    qtbot.waitUntil(lambda: start.desktop is not None)

    assert order == ["painted", "opened"]
    assert window.centralWidget() is start.desktop
    window.close()


def test_starting_imports_no_database_before_the_first_paint() -> None:
    heavy = ("sqlalchemy", "pydantic", "app.db", "requests", "reportlab")
    code = f"import app.bootstrap, app.ui.start, sys; print([name for name in {heavy} if name in sys.modules])"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_what_nobody_caught_is_shown_and_the_program_goes_on(qtbot: QtBot, tmp_path: Path, expect_errors: None) -> None:
    with desktop(qtbot, tmp_path) as shown:
        window = MainWindow()
        qtbot.addWidget(window)
        start = Start(tmp_path, open_counter, window)
        start.desktop = shown

        start.excepthook(ValueError, ValueError("冯巧云"), None)

        words = [label.text() for label in shown.notices.card.findChildren(QLabel)]
        assert not shown.notices.card.isHidden()
        assert not any("冯巧云" in word for word in words)


def test_every_screen_watches_real_record_types() -> None:
    from app.models.registry import RECORD_TYPES

    known = {each.name for each in RECORD_TYPES}

    assert {screen.name: screen.watches - known for screen in SCREENS if screen.watches - known} == {}
