"""Roll call in the real window: one key a mark, at once on the screen and in the store, and the way back."""

import threading
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app import clock
from app.db.database import raw_connection
from app.services.training import calendar, completion, marking
from app.ui.roll_call.adopting import AdoptDialog
from app.ui.roll_call.forms import CellForm, FinishDialog
from app.ui.roll_call.screen import RollCallScreen
from tests.fixtures_db import KEY
from tests.printing import reading
from tests.ui.referral_desk import PaperPrinter, press, type_in
from tests.ui.roll_desk import NAMES, OUTSIDER, roll_desk

TODAY, PAST, HELD, AHEAD = 2, 1, 0, 3
"""Lessons by place: today's, yesterday's without marks, the first one with marks, tomorrow's."""

CTRL = Qt.KeyboardModifier.ControlModifier


def at(screen: RollCallScreen) -> str:
    """Return whose row is chosen."""
    assert screen.grid.person is not None
    return screen.grid.person.name


def test_todays_lesson_and_the_first_person_wait_for_the_key(qtbot: QtBot, tmp_path: Path) -> None:
    with roll_desk(qtbot, tmp_path) as held:
        screen = held.roll()

        assert screen.grid.lesson is not None
        assert (screen.grid.lesson.id, at(screen)) == (held.room.lessons[TODAY], NAMES[0])
        assert screen.grid.middle.hasFocus()


def test_each_key_is_its_mark_and_goes_on_to_the_next(qtbot: QtBot, tmp_path: Path) -> None:
    with roll_desk(qtbot, tmp_path) as held:
        screen = held.roll()

        type_in("140")

        assert held.marks(TODAY) == ["1", "4", "0", "", "", ""]
        assert held.shown(screen, TODAY) == held.marks(TODAY)
        assert at(screen) == NAMES[3]
        assert {code: row.count for code, row in screen.roll_panel.rows.items()} == {
            "1": 1,
            "2": 0,
            "3": 0,
            "4": 1,
            "0": 1,
        }


@pytest.mark.parametrize(("typed", "kept"), [("", "2"), ("12", "212")], ids=["without", "with"])
def test_minutes_are_asked_in_passing(qtbot: QtBot, tmp_path: Path, typed: str, kept: str) -> None:
    with roll_desk(qtbot, tmp_path) as held:
        screen = held.roll()

        type_in("2")
        assert held.marks(TODAY)[0] == "2"
        type_in(typed)
        press(Qt.Key.Key_Return)
        type_in("1")

        assert held.marks(TODAY)[:2] == [kept, "1"]
        assert at(screen) == NAMES[2]


def test_more_minutes_than_the_lesson_has_are_not_taken(qtbot: QtBot, tmp_path: Path) -> None:
    with roll_desk(qtbot, tmp_path) as held:
        screen = held.roll()

        type_in("2999")
        press(Qt.Key.Key_Return)

        assert screen.grid.minutes.is_open
        assert held.marks(TODAY)[0] == "2"
        press(Qt.Key.Key_Escape)
        assert at(screen) == NAMES[1]


def test_an_arrow_leaves_the_minutes_alone_and_goes_on(qtbot: QtBot, tmp_path: Path) -> None:
    with roll_desk(qtbot, tmp_path) as held:
        screen = held.roll()

        type_in("3")
        type_in("a")

        assert held.marks(TODAY) == ["3", "1", "1", "1", "1", "1"]
        assert not screen.grid.minutes.is_open


def test_the_rest_is_there_and_one_undo_takes_all_of_them_back(qtbot: QtBot, tmp_path: Path) -> None:
    with roll_desk(qtbot, tmp_path) as held:
        screen = held.roll()
        type_in("0")

        type_in("a")
        full = held.marks(TODAY)
        press(Qt.Key.Key_Z, CTRL)

        assert full == ["0", "1", "1", "1", "1", "1"]
        assert held.marks(TODAY) == ["0", "", "", "", "", ""]
        assert held.shown(screen, TODAY) == held.marks(TODAY)


def test_undo_goes_back_key_by_key_to_where_each_was_pressed(qtbot: QtBot, tmp_path: Path) -> None:
    with roll_desk(qtbot, tmp_path) as held:
        screen = held.roll()
        type_in("14")
        press(Qt.Key.Key_Up)
        type_in("0")
        assert held.marks(TODAY)[:2] == ["1", "0"]

        press(Qt.Key.Key_Z, CTRL)
        once = held.marks(TODAY)[:2], at(screen)
        press(Qt.Key.Key_Z, CTRL)
        press(Qt.Key.Key_Z, CTRL)
        press(Qt.Key.Key_Z, CTRL)

        assert once == (["1", "4"], NAMES[1])
        assert held.marks(TODAY) == [""] * 6
        assert at(screen) == NAMES[0]
        assert "没有可以撤销的" in held.said[-1].text


def test_the_same_key_again_writes_nothing_and_undo_takes_the_one_before(qtbot: QtBot, tmp_path: Path) -> None:
    with roll_desk(qtbot, tmp_path) as held:
        held.roll()
        type_in("1")
        press(Qt.Key.Key_Up)
        type_in("1")

        press(Qt.Key.Key_Z, CTRL)

        assert len(held.trail(TODAY, 0)) == 1
        assert held.marks(TODAY)[0] == ""


def test_a_key_shows_before_the_disk_has_it_and_is_stored_in_the_end(qtbot: QtBot, tmp_path: Path) -> None:
    with roll_desk(qtbot, tmp_path, inline=False) as held:
        screen = held.roll()
        qtbot.waitUntil(lambda: screen.grid.person is not None, timeout=20_000)
        gate = threading.Event()
        held.runner.db(gate.wait)

        type_in("10")
        at_once, not_yet = held.shown(screen, TODAY)[:2], held.marks(TODAY)[:2]
        gate.set()
        qtbot.waitUntil(lambda: not held.runner.busy, timeout=20_000)

        assert (at_once, not_yet) == (["1", "0"], ["", ""])
        assert held.marks(TODAY)[:2] == ["1", "0"]


def test_a_write_that_fails_puts_the_cell_back_with_a_sentence(qtbot: QtBot, tmp_path: Path) -> None:
    with roll_desk(qtbot, tmp_path) as held:
        screen = held.roll()
        type_in("1")
        raw = raw_connection(held.database.path, KEY)
        raw.execute(
            "CREATE TRIGGER full BEFORE INSERT ON attendance BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
        )
        raw.close()

        type_in("0")

        assert held.shown(screen, TODAY)[:2] == ["1", ""]
        assert at(screen) == NAMES[1]
        assert "磁盘满了" in held.troubles[-1].text
        press(Qt.Key.Key_Z, CTRL)
        assert held.marks(TODAY) == [""] * 6  # what undo takes back is the key that was written


def test_a_class_ended_elsewhere_meanwhile_takes_no_mark(qtbot: QtBot, tmp_path: Path) -> None:
    with roll_desk(qtbot, tmp_path, as_trainer=False) as held:
        screen = held.roll()
        held.shell.navigate("today")
        with held.database.write(held.actor) as tx:
            completion.finish_class(tx, held.room.class_id, why="照结")
        held.shell.navigate("roll_call", id=held.room.class_id)

        type_in("1")

        assert held.shown(screen, TODAY) == held.marks(TODAY) == [""] * 6
        assert "已经结业" in held.said[-1].text


def test_a_cancelled_lesson_refuses_marks_in_a_sentence(qtbot: QtBot, tmp_path: Path) -> None:
    with roll_desk(qtbot, tmp_path, as_trainer=False) as held:
        with held.database.write(held.actor) as tx:
            calendar.cancel_lesson(tx, held.room.lessons[TODAY], "停电")
        screen = held.roll(TODAY)

        type_in("1")
        type_in("a")

        assert held.marks(TODAY) == held.shown(screen, TODAY) == [""] * 6
        assert [notice.text for notice in held.said[-2:]] == ["第 3 课取消了，不能点名；补课请另排一次"] * 2


def test_a_lesson_to_come_refuses_marks_in_a_sentence(qtbot: QtBot, tmp_path: Path) -> None:
    with roll_desk(qtbot, tmp_path) as held:
        held.roll()
        press(Qt.Key.Key_Right)

        type_in("1")

        assert held.marks(AHEAD) == [""] * 6
        assert "还没到" in held.said[-1].text


def test_a_past_lesson_is_keyed_in_with_the_true_day_of_the_sheet(qtbot: QtBot, tmp_path: Path) -> None:
    with roll_desk(qtbot, tmp_path) as held:
        screen = held.roll(PAST)
        assert not screen.past.isHidden()

        press(Qt.Key.Key_D, CTRL)
        type_in(f"{clock.today() - timedelta(days=2):%Y%m%d}")
        press(Qt.Key.Key_Return)
        type_in("13")
        type_in("25")
        press(Qt.Key.Key_Return)
        type_in("a")

        assert held.marks(PAST) == ["1", "325", "1", "1", "1", "1"]
        line = held.trail(PAST, 0)[0]
        assert (line.entry, line.signed_on) == ("2", clock.today() - timedelta(days=2))


def test_a_day_to_come_on_the_sheet_stops_the_key(qtbot: QtBot, tmp_path: Path) -> None:
    with roll_desk(qtbot, tmp_path) as held:
        screen = held.roll(PAST)
        screen.past.day.set_value(clock.today() + timedelta(days=1))

        type_in("1")

        assert held.marks(PAST) == held.shown(screen, PAST) == [""] * 6
        assert held.said[-1].text == "签到日期还没到"


def test_a_correction_asks_for_its_reason_and_shows_the_trail(qtbot: QtBot, tmp_path: Path) -> None:
    with roll_desk(qtbot, tmp_path) as held:
        screen = held.roll(HELD)

        type_in("0")
        form = screen.forming.form
        assert isinstance(form, CellForm)
        press(Qt.Key.Key_F9)
        unsaved = held.marks(HELD)[0], form.form.field("pick").error()
        type_in("2")
        press(Qt.Key.Key_F9)

        assert unsaved == ("1", "这一栏要填")
        assert [(line.mark, line.entry, line.why, line.stands) for line in held.trail(HELD, 0)] == [
            ("0", "4", "签到表上是这样", True),
            ("1", "2", None, False),
        ]
        assert held.shown(screen, HELD)[0] == "0"
        press(Qt.Key.Key_Z, CTRL)
        assert held.marks(HELD)[0] == "1"


def test_somebody_who_forgot_to_sign_is_made_up_with_a_reason(qtbot: QtBot, tmp_path: Path) -> None:
    with roll_desk(qtbot, tmp_path) as held:
        screen = held.roll(PAST)

        press(Qt.Key.Key_Return)
        form = screen.forming.form
        assert isinstance(form, CellForm)
        type_in("9")
        type_in("忘了签，组长作证")
        press(Qt.Key.Key_F9)

        line = held.trail(PAST, 0)[0]
        assert (line.mark, line.entry, line.why) == ("1", "3", "忘了签，组长作证")


def test_a_badge_marks_whose_it_is_and_a_wrong_one_is_a_sentence(qtbot: QtBot, tmp_path: Path) -> None:
    with roll_desk(qtbot, tmp_path) as held:
        screen = held.roll()

        type_in(held.room.badges[4])
        press(Qt.Key.Key_Return)
        scanned = held.trail(TODAY, 4)[0]
        type_in(held.room.badges[2][:-1] + ("1" if held.room.badges[2][-1] != "1" else "2"))
        press(Qt.Key.Key_Return)
        wrong = held.said[-1].text
        press(Qt.Key.Key_Escape)
        type_in(held.room.badges[-1])
        press(Qt.Key.Key_Return)

        assert (scanned.mark, scanned.way) == ("1", "2")
        assert "校验位不符" in wrong
        assert "不在这个班的名单上" in held.said[-1].text
        assert held.marks(TODAY) == ["", "", "", "", "1", ""]
        assert screen.heading.is_typing


def test_initials_typed_over_the_grid_go_to_the_person(qtbot: QtBot, tmp_path: Path) -> None:
    with roll_desk(qtbot, tmp_path) as held:
        screen = held.roll()

        type_in("wxz")
        press(Qt.Key.Key_Return)

        assert at(screen) == "王秀珍"
        assert held.marks(TODAY) == [""] * 6


def test_a_walk_in_is_noted_by_name_and_comes_again_by_key(qtbot: QtBot, tmp_path: Path) -> None:
    with roll_desk(qtbot, tmp_path) as held:
        screen = held.roll(PAST)

        type_in("+")
        type_in("梅知夏")
        press(Qt.Key.Key_Return)
        type_in("19900000666")
        press(Qt.Key.Key_F9)
        qtbot.waitUntil(lambda: len(screen.model.people) == 7)
        press(Qt.Key.Key_Right)
        press(Qt.Key.Key_End)
        type_in("4")
        refused = held.said[-1].text
        type_in("1")

        walked = held.stored().people[-1]
        assert (walked.name, walked.walk_in) == ("梅知夏", True)
        assert {lesson: cell.mark for lesson, cell in walked.cells.items()} == {
            held.room.lessons[PAST]: "1",
            held.room.lessons[TODAY]: "1",
        }
        assert "是临时来的" in refused


def test_finishing_names_who_is_missing_and_can_mark_them_absent(qtbot: QtBot, tmp_path: Path) -> None:
    with roll_desk(qtbot, tmp_path) as held:
        screen = held.roll()
        type_in("1111")

        press(Qt.Key.Key_F9)
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, FinishDialog)
        assert (NAMES[4] in dialog.accessibleDescription(), NAMES[0] in dialog.accessibleDescription()) == (True, False)
        press(Qt.Key.Key_0)
        assert held.marks(TODAY) == ["1", "1", "1", "1", "0", "0"]
        assert held.front() == ("roll_call", screen)
        press(Qt.Key.Key_F9)

        assert held.front()[0] == "today"
        assert held.said[-1].text == "第 3 课点完，都存好了：到课 4，缺课 2"


def test_sixty_lessons_scroll_between_the_names_and_the_share(qtbot: QtBot, tmp_path: Path) -> None:
    with roll_desk(qtbot, tmp_path, as_trainer=False) as held:
        with held.database.write(held.actor) as tx:
            first = clock.today() + timedelta(days=3)
            plan = [calendar.PlannedLesson(first + timedelta(days=n), "13:30", "17:00", 4.0) for n in range(55)]
            calendar.plan_lessons(tx, held.room.class_id, plan)
        screen = held.roll()
        grid = screen.grid

        for _step in range(57):
            press(Qt.Key.Key_Right)

        last = grid.cell_rect(0, grid.model.chosen)
        assert grid.lesson is not None and grid.lesson.number == 60
        assert grid.left.geometry().right() < last.left() and last.right() <= grid.right.geometry().left()
        assert grid.middle.horizontalScrollBar().value() > 0
        assert not grid.left.isColumnHidden(1)


def test_the_printed_sheet_has_names_and_no_phone(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    printer = PaperPrinter(tmp_path, monkeypatch)
    with roll_desk(qtbot, tmp_path / "counter") as held:
        screen = held.roll()

        press(Qt.Key.Key_P, CTRL)
        assert screen.is_printing
        press(Qt.Key.Key_F9)
        press(Qt.Key.Key_Escape)

        assert not screen.is_printing
        assert screen.grid.middle.hasFocus()
        assert len(printer.sheets) == 1
        assert screen.sheet._sheets is not None
        text = reading.page_text(screen.sheet._sheets.pdf)
        assert all(name in text for name in NAMES)
        assert "1990000" not in text


def test_what_another_computer_marked_comes_in_under_what_was_just_pressed(qtbot: QtBot, tmp_path: Path) -> None:
    with roll_desk(qtbot, tmp_path) as held:
        screen = held.roll()
        type_in("1")
        with held.database.write(held.actor) as tx:
            marking.mark(tx, held.room.lessons[TODAY], held.room.people[5], "4")

        qtbot.waitUntil(lambda: held.shown(screen, TODAY)[5] == "4")

        assert held.shown(screen, TODAY) == ["1", "", "", "", "", "4"]
        assert at(screen) == NAMES[1]


def test_at_the_counter_a_walk_in_gets_her_sign_up_with_her_marks(qtbot: QtBot, tmp_path: Path) -> None:
    with roll_desk(qtbot, tmp_path, as_trainer=False) as held:
        with held.database.write(held.actor) as tx:
            marking.walk_in(tx, held.room.lessons[TODAY], OUTSIDER, walk_in_id="walked-1")
        screen = held.roll()
        press(Qt.Key.Key_End)

        press(Qt.Key.Key_Return)
        dialog = screen.forming.adopting
        assert isinstance(dialog, AdoptDialog)
        press(Qt.Key.Key_F9)
        if dialog.isVisible():  # a warning is said first, and taken with the next press
            assert dialog.said.text()
            press(Qt.Key.Key_F9)

        people = held.stored().people
        assert [(each.name, each.walk_in) for each in people][-1] == (OUTSIDER, False)
        assert people[-1].cells[held.room.lessons[TODAY]].mark == "1"
        assert screen.model.people[-1].walk_in is False
        assert held.shell.focusWidget() is screen.grid.middle
