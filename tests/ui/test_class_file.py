"""班级 by keyboard: publish, open, move and cancel lessons, postpone, cancel, tell everybody, take the file out."""

import io
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from sqlmodel import select

from app import texts
from app.db.database import Actor, Database
from app.models.registration import ServiceEvent
from app.models.training import CANCELLED, LESSON_CANCELLED, OPEN, PLANNED, RUNNING, TrainingClass
from app.services.training import calendar, classes, marking, rosters
from app.ui.class_file import asking, export, tell_page
from app.ui.class_file.export import ExportDialog, Wanted
from app.ui.class_file.state import LESSONS, ROSTER, TELLING
from app.ui.rights import Rights
from tests.factories import Factory
from tests.ui.class_desk import CONTROL, MONDAY, TRAINER, ClassDesk, desk, nameless_in, planned, published
from tests.ui.referral_desk import press, type_in


@pytest.fixture
def held(qtbot: QtBot, database: Database, tmp_path: Path) -> Iterator[ClassDesk]:
    with desk(qtbot, database, tmp_path) as made:
        yield made


def _lessons(held: ClassDesk, class_id: str) -> list[Any]:
    return held.read(lambda tx: [row.model_copy() for row in calendar.lessons_of(tx, class_id)])


def _untold(held: ClassDesk, class_id: str) -> int:
    return held.read(lambda tx: len(rosters.list_to_tell(tx, class_id)))


def test_f9_opens_sign_up_and_undo_takes_it_back(held: ClassDesk) -> None:
    row = held.made(planned)
    screen = held.go("class_file", id=row)
    assert screen.side.main.text() == "开始报名"

    press(Qt.Key.Key_F9)
    state = held.row(row).state
    press(Qt.Key.Key_Z, CONTROL)

    assert (state, held.row(row).state) == (OPEN, PLANNED)
    assert screen.head.chip.text == "计划"


def test_a_class_below_its_minimum_begins_with_a_reason_alone(held: ClassDesk) -> None:
    row = held.made(lambda make: published(make, people=1))
    screen = held.go("class_file", id=row)

    screen.side.buttons["open"].click()
    before = held.row(row).state
    press(Qt.Key.Key_1)
    press(Qt.Key.Key_Space)

    assert before == OPEN
    assert (held.row(row).state, held.row(row).remark) == (RUNNING, "区里同意照开")


def test_a_class_with_enough_people_begins_at_once(held: ClassDesk) -> None:
    row = held.made(lambda make: published(make, people=2, start_on=MONDAY, enrol_until=MONDAY))
    screen = held.go("class_file", id=row)
    assert screen.side.main.text() == "开班"

    press(Qt.Key.Key_F9)

    assert held.row(row).state == RUNNING
    press(Qt.Key.Key_F9)
    assert held.went() == ("roll_call", {"id": row, "lesson_id": _lessons(held, row)[0].id})


def test_a_moved_lesson_leads_to_who_must_be_told_until_all_are(held: ClassDesk) -> None:
    row = held.made(lambda make: published(make, people=2))
    screen = held.go("class_file", id=row)
    press(Qt.Key.Key_M, CONTROL)

    for typed in ("0929", "0900-1130", "三楼教室", "1", ""):
        screen_keyboard_clear()
        type_in(typed)
        press(Qt.Key.Key_Return)
    press(Qt.Key.Key_F9)

    first = _lessons(held, row)[0]
    assert (first.held_on, first.starts, first.ends, first.room) == (date(2026, 9, 29), "09:00", "11:30", "三楼教室")
    assert (first.moved_from, first.changed_why) == (date(2026, 9, 28), "教师有事")
    assert screen.tabs.code() == TELLING
    assert "第 1 课改到 2026-09-29 09:00，原因：教师有事" in screen.telling.words.text()

    press(Qt.Key.Key_Return)
    assert _untold(held, row) == 1
    press(Qt.Key.Key_Z, CONTROL)
    assert _untold(held, row) == 2
    press(Qt.Key.Key_A, CONTROL)
    press(Qt.Key.Key_F9)

    assert _untold(held, row) == 0
    assert "2 个人通知到了" in held.said[-1].text


def screen_keyboard_clear() -> None:
    """Select what stands in the line that has the keyboard, so that typing begins anew."""
    line = QApplication.focusWidget()
    if hasattr(line, "selectAll"):
        line.selectAll()


def test_what_speaks_against_the_new_hour_is_told_before_it_is_saved(held: ClassDesk, qtbot: QtBot) -> None:
    row = held.made(planned)
    screen = held.go("class_file", id=row)
    press(Qt.Key.Key_M, CONTROL)
    screen_keyboard_clear()

    type_in("1001")
    press(Qt.Key.Key_Return)

    page = screen.lesson_page
    qtbot.waitUntil(lambda: page.lines == ["10-01 周四 是法定节假日"])
    press(Qt.Key.Key_F9)
    assert page.form.field("why_code").error() == "调课要写原因"
    press(Qt.Key.Key_Escape)
    assert screen.pages.currentWidget() is screen.file
    assert _lessons(held, row)[0].held_on == date(2026, 9, 28)


def test_a_lesson_more_is_added_with_its_own_room(held: ClassDesk) -> None:
    row = held.made(planned)
    held.go("class_file", id=row)
    press(Qt.Key.Key_N, CONTROL)

    type_in("1014")
    for _n in range(3):
        press(Qt.Key.Key_Return)
    screen_keyboard_clear()
    type_in("三楼教室")
    press(Qt.Key.Key_F9)

    last = _lessons(held, row)[-1]
    assert (last.number, last.held_on, last.starts, last.hours, last.room) == (
        5, date(2026, 10, 14), "13:30", 4, "三楼教室",
    )  # fmt: skip
    press(Qt.Key.Key_Z, CONTROL)
    assert len(_lessons(held, row)) == 4


def test_del_cancels_the_lesson_with_a_reason_by_digit(held: ClassDesk) -> None:
    row = held.made(planned)
    screen = held.go("class_file", id=row)
    press(Qt.Key.Key_Down)

    press(Qt.Key.Key_Delete)
    press(Qt.Key.Key_2)
    press(Qt.Key.Key_Space)

    second = _lessons(held, row)[1]
    assert (second.state, second.changed_why) == (LESSON_CANCELLED, "场地占用")
    press(Qt.Key.Key_Z, CONTROL)
    assert _lessons(held, row)[1].state != LESSON_CANCELLED
    assert screen.lessons.current().number == 2


def test_a_lesson_that_was_called_says_why_it_stays(held: ClassDesk) -> None:
    def running(make: Factory) -> Any:
        row = make.training_class(state="20", lessons=2, start_on=MONDAY)
        person = make.enrolment(row)
        classes.open_class(make.tx, row.id)
        marking.mark(make.tx, make.lessons(row)[0].id, person.id, "1")
        return row

    row = held.made(running)
    screen = held.go("class_file", id=row)

    press(Qt.Key.Key_M, CONTROL)

    assert held.said[-1].text == "第 1 课已经点过名，不能再调"
    assert not screen.lessons.move_one.isEnabled()
    press(Qt.Key.Key_Return)
    assert held.went() == ("roll_call", {"id": row, "lesson_id": _lessons(held, row)[0].id})


def test_postponing_moves_what_is_to_come_for_good(held: ClassDesk) -> None:
    row = held.made(lambda make: published(make, people=1))
    screen = held.go("class_file", id=row)
    screen.side.buttons["postpone"].click()
    screen_keyboard_clear()

    type_in("1012")
    press(Qt.Key.Key_Return)
    press(Qt.Key.Key_1)
    press(Qt.Key.Key_F9)

    assert [lesson.held_on.day for lesson in _lessons(held, row)] == [12, 14, 16, 19]
    assert held.row(row).enrol_until == date(2026, 10, 11)
    assert (screen.tabs.code(), _untold(held, row)) == (TELLING, 1)
    assert held.said[-1].undo is None


def test_postponing_to_a_day_that_is_past_is_refused_at_its_field(held: ClassDesk) -> None:
    row = held.made(lambda make: published(make, people=1))
    screen = held.go("class_file", id=row)
    screen.side.buttons["postpone"].click()
    screen_keyboard_clear()

    type_in("20260901")
    press(Qt.Key.Key_F9)

    assert screen.postpone_page.form.field("start_on").error() == "不能改到过去的日子"
    assert _lessons(held, row)[0].held_on == date(2026, 9, 28)


def test_a_class_is_cancelled_after_a_question_and_everybody_is_to_be_told(held: ClassDesk) -> None:
    def answer() -> None:
        dialog = QApplication.activeModalWidget()
        assert dialog is not None
        QTest.keyClick(dialog, Qt.Key.Key_1)
        QTest.keyClick(dialog, Qt.Key.Key_F9)

    row = held.made(lambda make: published(make, people=2))
    screen = held.go("class_file", id=row)

    QTimer.singleShot(0, answer)
    screen.side.buttons["cancel"].click()

    assert (held.row(row).state, held.row(row).ended_why) == (CANCELLED, "报名人数不够")
    assert (screen.tabs.code(), len(screen.telling.table.rows())) == (TELLING, 2)
    assert held.said[-1].undo is None
    assert screen.side.buttons.keys() == {"export"}


def test_thinking_better_of_it_cancels_nothing(held: ClassDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "ask_irrevocably", lambda *_args, **_options: None)
    row = held.made(lambda make: published(make, people=1))
    screen = held.go("class_file", id=row)

    screen.side.buttons["cancel"].click()

    assert held.row(row).state == OPEN


def test_another_place_moves_every_lesson_and_is_news(held: ClassDesk) -> None:
    row = held.made(lambda make: published(make, people=1))
    screen = held.go("class_file", id=row)
    press(Qt.Key.Key_E, CONTROL)
    form = screen.class_form.form
    assert (form.field("course_id").isHidden(), form.field("place").value()) == (True, "二楼实训室")

    form.field("place").set_value("三楼教室")
    press(Qt.Key.Key_F9)

    assert held.row(row).place == "三楼教室"
    assert {lesson.room for lesson in _lessons(held, row)} == {"三楼教室"}
    assert screen.tabs.code() == TELLING


def test_a_phone_is_shown_whole_for_a_reason_that_is_kept(held: ClassDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tell_page, "ask_reveal", lambda *_args, **_options: "3")
    row = held.made(lambda make: published(make, people=1))
    held.write(lambda make: classes.cancel_class(make.tx, row, "报名人数不够"))
    screen = held.go("class_file", id=row, tab=TELLING)
    masked = screen.telling.phone._text.text()

    screen.telling.phone._eye.click()

    assert "****" in masked
    assert screen.telling.phone._text.text().startswith("1990000")
    events = held.read(lambda tx: tx.session.exec(select(ServiceEvent)).all())
    assert [(event.kind, event.why) for event in events if event.kind == "resident.reveal"] == [
        ("resident.reveal", "3")
    ]
    screen.show_tab(ROSTER)
    assert "****" in screen.telling.phone._text.text()


def test_the_tabs_go_by_digits_and_the_list_leads_to_sign_up(held: ClassDesk) -> None:
    row = held.made(lambda make: published(make, people=1))
    screen = held.go("class_file", id=row)
    press(Qt.Key.Key_2, CONTROL)
    assert screen.tabs.code() == ROSTER
    person = screen.roster.table.current_row()

    press(Qt.Key.Key_Return)

    assert held.went() == ("sign_up", {"id": person.resident_id, "tab": "seats"})


def test_ctrl_t_says_why_nobody_can_be_signed_up(held: ClassDesk) -> None:
    row = held.made(planned)
    held.go("class_file", id=row)

    press(Qt.Key.Key_T, CONTROL)

    assert held.said[-1].text == "还没开始报名，先按“开始报名”"


def test_a_class_that_is_not_there_is_a_sentence(held: ClassDesk) -> None:
    screen = held.go("class_file", id="nobody")

    assert "找不到这个班期" in held.troubles[-1].text
    assert screen.pages.currentWidget() is screen.nothing


# Taking the file out --------------------------------------------------------------------------------------------------


def _exported(held: ClassDesk, monkeypatch: pytest.MonkeyPatch, path: Path, wanted: Wanted) -> bytes:
    monkeypatch.setattr(export, "ask_export", lambda *_args: wanted)
    monkeypatch.setattr(export, "ask_path", lambda *_args: path)
    row = held.made(lambda make: published(make, people=1))
    held.go("class_file", id=row)
    press(Qt.Key.Key_S, CONTROL)
    return path.read_bytes()


def _phones(book: bytes) -> list[str]:
    sheet = load_workbook(io.BytesIO(book))["报名名单"]
    return [str(cells[3].value) for cells in sheet.iter_rows(min_row=4)]


def test_the_workbook_masks_phones_and_leaves_no_trace(
    held: ClassDesk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    book = _exported(held, monkeypatch, tmp_path / "a.xlsx", Wanted(export.EXCEL))

    assert all("****" in phone for phone in _phones(book))
    assert "台账存好了：a.xlsx" in held.said[-1].text
    assert held.read(lambda tx: [e for e in tx.session.exec(select(ServiceEvent)) if e.kind == "class.export"]) == []


def test_whole_phones_leave_their_reason(held: ClassDesk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    book = _exported(held, monkeypatch, tmp_path / "a.xlsx", Wanted(export.EXCEL, "报区里或机构"))

    assert all(phone.startswith("1990000") for phone in _phones(book))
    events = held.read(lambda tx: [e for e in tx.session.exec(select(ServiceEvent)) if e.kind == "class.export"])
    assert [event.why for event in events] == ["报区里或机构"]


def test_the_same_file_comes_as_pdf(held: ClassDesk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert _exported(held, monkeypatch, tmp_path / "a.pdf", Wanted(export.PDF))[:5] == b"%PDF-"


def test_a_folder_that_takes_nothing_is_a_sentence_and_the_class_stays_open(
    held: ClassDesk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with pytest.raises(FileNotFoundError):
        _exported(held, monkeypatch, tmp_path / "gone" / "a.pdf", Wanted(export.PDF))

    assert "换一个文件夹再存" in held.troubles[-1].text
    assert held.front().side.buttons["export"].isEnabled()


def test_whole_phones_want_a_reason_before_the_dialog_goes_on(qtbot: QtBot, qapp: QApplication) -> None:
    dialog = ExportDialog(None, Rights.of({"clerk"}))
    qtbot.addWidget(dialog)
    dialog.show()

    qtbot.keyClick(dialog.kind, Qt.Key.Key_2)
    qtbot.keyClick(dialog.people, Qt.Key.Key_2)
    qtbot.keyClick(dialog, Qt.Key.Key_F9)
    before = dialog.wanted
    qtbot.keyClick(dialog.why, Qt.Key.Key_1)
    qtbot.keyClick(dialog, Qt.Key.Key_F9)

    assert before is None
    assert dialog.wanted == Wanted(export.PDF, "报区里或机构")


def test_a_trainer_takes_masked_phones_alone(qtbot: QtBot, qapp: QApplication) -> None:
    dialog = ExportDialog(None, Rights.of({"trainer"}))
    qtbot.addWidget(dialog)
    dialog.show()

    qtbot.keyClick(dialog, Qt.Key.Key_F9)

    assert dialog.people.isHidden()
    assert dialog.wanted == Wanted(export.EXCEL)


# Other roles ----------------------------------------------------------------------------------------------------------


def test_a_trainer_calls_the_roll_of_her_class_and_changes_nothing(
    qtbot: QtBot, database: Database, tmp_path: Path
) -> None:
    with desk(qtbot, database, tmp_path, TRAINER) as held:
        row = held.made(lambda make: make.training_class(state="30", lessons=3, start_on=MONDAY - timedelta(days=1)))
        screen = held.go("class_file", id=row)

        press(Qt.Key.Key_Delete)
        press(Qt.Key.Key_3, CONTROL)

        assert "由站里的人办" in held.said[-1].text
        assert (screen.side.asking, screen.tabs.code()) == (None, ROSTER)
        assert screen.lessons.add.isHidden()
        assert [choice for choice, _words in screen._tab_words()] == [LESSONS, ROSTER]
        press(Qt.Key.Key_1, CONTROL)
        press(Qt.Key.Key_Return)
        assert held.went() == ("roll_call", {"id": row, "lesson_id": _lessons(held, row)[1].id})


def test_another_trainers_class_does_not_open(qtbot: QtBot, database: Database, tmp_path: Path) -> None:
    with desk(qtbot, database, tmp_path, TRAINER) as held:
        row = held.made(lambda make: published(make, trainers=[{"name": "林岚"}]))

        screen = held.go("class_file", id=row)

        assert screen.pages.currentWidget() is screen.nothing
        assert "不是您教的" in held.troubles[-1].text


def test_a_clerk_cannot_cancel_a_class_and_reads_why(qtbot: QtBot, database: Database, tmp_path: Path) -> None:
    with desk(qtbot, database, tmp_path, Actor("c-1", "方静", frozenset({"clerk"}))) as held:
        row = held.made(published)

        buttons = held.go("class_file", id=row).side.buttons

        assert not buttons["cancel"].isEnabled()
        assert buttons["cancel"].toolTip() == "“取消班期”要站长来办"
        assert buttons["postpone"].isEnabled()


# Access ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_no_page_is_larger_than_the_window_and_every_control_has_a_name(
    qtbot: QtBot, database: Database, tmp_path: Path, qapp: QApplication, scale: float
) -> None:
    texts.set_language("en")
    found: dict[str, tuple[int, int]] = {}
    nameless: list[str] = []
    with desk(qtbot, database, tmp_path, scale=scale) as held:
        row = held.made(lambda make: published(make, people=2))
        held.write(
            lambda make: calendar.cancel_lesson(make.tx, make.lessons(make.tx.get(TrainingClass, row))[3].id, "x")
        )

        def look(name: str) -> None:
            QApplication.processEvents()
            least = held.window.minimumSizeHint()
            found[name] = (least.width(), least.height())
            nameless.extend(nameless_in(held.window))

        training = held.go("training", slice="open")
        look("classes")
        training._on_add()
        look("class form")
        held.go("training", tab="courses")
        look("courses")
        screen = held.go("class_file", id=row)
        for tab in (LESSONS, ROSTER, TELLING):
            screen.show_tab(tab)
            look(tab)
        screen.show_tab(LESSONS)
        for page in (screen._on_move, screen._on_postpone, screen._on_edit):
            page()
            look(page.__name__)
            screen.close_page()
        screen._on_cancel_lesson()
        look("question")

    highest = 680 if scale == 1.0 else 768
    assert {name: size for name, size in found.items() if size[0] > 1366 or size[1] > highest} == {}
    assert nameless == []
