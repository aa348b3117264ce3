"""培训 by keyboard: planning a class with its calendar, the catalogue, the lists and where they lead."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.db.database import Database
from app.services.training import calendar, courses, listing
from app.ui.training.screen import CLASS_FORM, COURSE_FORM, COURSES, LIST
from tests.ui.class_desk import CONTROL, MONDAY, TRAINER, ClassDesk, desk, planned, published
from tests.ui.referral_desk import press, type_in

COURSE = {"hours_total": 16, "hours_theory": 4, "hours_practice": 12}


@pytest.fixture
def held(qtbot: QtBot, database: Database, tmp_path: Path) -> Iterator[ClassDesk]:
    with desk(qtbot, database, tmp_path) as made:
        yield made


def _fill_slots_and_place(place: str = "二楼实训室") -> None:
    """Go on from the first day: no end, no deadline, Monday Wednesday Friday, place, trainer, seats, minimum."""
    for typed in ("0928", "", "", "135", "1330-1700", "", place, "何蔚", "16", "8"):
        type_in(typed)
        press(Qt.Key.Key_Return)


def test_a_class_is_planned_by_keyboard_and_opened(held: ClassDesk) -> None:
    held.made(lambda make: make.course(**COURSE))
    screen = held.go("training")
    press(Qt.Key.Key_N, CONTROL)
    type_in("jz")
    press(Qt.Key.Key_Return)
    press(Qt.Key.Key_Return)

    _fill_slots_and_place()
    press(Qt.Key.Key_F9)

    name, arguments = held.went()
    assert name == "class_file"
    lessons = held.read(lambda tx: calendar.lessons_of(tx, str(arguments["id"])))
    assert [lesson.held_on for lesson in lessons] == [
        date(2026, 9, 28), date(2026, 9, 30), date(2026, 10, 9), date(2026, 10, 12),
    ]  # fmt: skip
    row = held.row(str(arguments["id"]))
    assert (row.title, row.state, row.seats, row.min_open) == ("家政服务员（初级）", "10", 16, 8)
    assert row.slots[0]["hours"] == 4
    assert screen.pages.currentIndex() == LIST


def test_the_calendar_stands_beside_the_form_with_what_speaks_against_it(held: ClassDesk, qtbot: QtBot) -> None:
    course = held.made(lambda make: make.course(**COURSE))
    held.made(lambda make: planned(make, course_id=course, title="家政二班"))
    screen = held.go("training", tab=COURSES)
    press(Qt.Key.Key_F9)
    press(Qt.Key.Key_Return)
    press(Qt.Key.Key_Return)

    _fill_slots_and_place()

    card = screen.class_form.preview
    qtbot.waitUntil(lambda: any("家政二班" in line for line in card.lines()))
    assert not card.isHidden()
    assert card.sum.text() == "4 次课，16 课时，09-28 至 10-12"
    assert "10-02 周五 法定节假日，不排课" in card.lines()
    assert date(2026, 10, 10) in card.grid.marks()


def test_gaps_are_told_at_their_fields_and_nothing_is_saved(held: ClassDesk) -> None:
    course = held.made(lambda make: make.course(**COURSE))
    screen = held.go("training", course=course)
    press(Qt.Key.Key_F9)

    press(Qt.Key.Key_F9)

    form = screen.class_form.form
    assert screen.pages.currentIndex() == CLASS_FORM
    assert {name for name in ("start_on", "weekdays1", "place", "seats") if form.field(name).error()} == {
        "start_on", "weekdays1", "place", "seats",
    }  # fmt: skip
    assert held.read(listing.list_classes) == []


def test_a_second_slot_that_was_only_begun_is_told(held: ClassDesk) -> None:
    course = held.made(lambda make: make.course(**COURSE))
    screen = held.go("training", course=course)
    press(Qt.Key.Key_F9)
    form = screen.class_form
    form.put_values({"course_id": course, "start_on": MONDAY, "place": "x", "seats": 9, "min_open": 2})

    form.more.click()
    type_in("6")
    press(Qt.Key.Key_F9)

    assert form.form.field("span2").error() == "这一栏要填"
    assert form.form.field("span3").isHidden()


def test_a_day_that_is_past_is_no_first_day(held: ClassDesk) -> None:
    course = held.made(lambda make: make.course(**COURSE))
    screen = held.go("training", course=course)
    press(Qt.Key.Key_F9)
    press(Qt.Key.Key_Return)
    press(Qt.Key.Key_Return)

    type_in("20260901")
    press(Qt.Key.Key_F9)

    assert screen.class_form.form.field("start_on").error() == "开课日期已经过了，请改到今天以后"


def test_a_draft_of_a_class_comes_back(held: ClassDesk) -> None:
    course = held.made(lambda make: make.course(**COURSE))
    screen = held.go("training", course=course)
    press(Qt.Key.Key_F9)
    press(Qt.Key.Key_Return)
    press(Qt.Key.Key_Return)
    _fill_slots_and_place("三楼教室")
    press(Qt.Key.Key_Escape)
    assert screen.pages.currentIndex() == LIST

    press(Qt.Key.Key_F9)

    values = screen.class_form.entered()
    assert (values["place"], values["start_on"], values["trainers"]) == (
        "三楼教室",
        date(2026, 9, 28),
        [{"name": "何蔚"}],
    )
    assert values["slots"] == [{"weekdays": [1, 3, 5], "from": "13:30", "to": "17:00", "hours": 4}]


def test_a_course_is_registered_by_keyboard(held: ClassDesk) -> None:
    screen = held.go("training", tab=COURSES)
    press(Qt.Key.Key_F9)
    assert screen.pages.currentIndex() == COURSE_FORM

    first = ("低压电工作业取证", "1", "6-29", "L2", "", "杭州安培职业培训学校", "48", "40", "", "1", "")
    for typed in (*first, "1", "1200", "3", "4", "72", "低压电工作业证"):
        type_in(typed)
        press(Qt.Key.Key_Return)
    press(Qt.Key.Key_F9)

    made = held.read(courses.list_courses)
    assert [(line.name, line.hours_total, line.free, line.subsidy_amount, line.cert_name) for line in made] == [
        ("低压电工作业取证", 88, True, 120000, "低压电工作业证")
    ]
    assert screen.courses.current().name == "低压电工作业取证"


def test_the_same_course_twice_is_a_sentence_and_the_form_stays(held: ClassDesk) -> None:
    held.made(lambda make: make.course())
    kept = held.read(lambda tx: courses.course_values(tx, courses.list_courses(tx)[0].id))
    screen = held.go("training", tab=COURSES)
    press(Qt.Key.Key_N, CONTROL)
    screen.course_form.put_values(kept)

    press(Qt.Key.Key_F9)

    assert "已经有“家政服务员（初级）”" in held.troubles[-1].text
    assert screen.pages.currentIndex() == COURSE_FORM


def test_a_course_that_is_stopped_comes_back_with_undo(held: ClassDesk) -> None:
    held.made(lambda make: make.course())
    screen = held.go("training", tab=COURSES)

    screen.course_panel.stop.click()
    stopped = held.read(courses.list_courses)
    press(Qt.Key.Key_Z, CONTROL)

    assert stopped == []
    assert len(held.read(courses.list_courses)) == 1


def test_enter_opens_the_class_and_ctrl_t_signs_up_for_it(held: ClassDesk) -> None:
    row = held.made(lambda make: published(make, people=1))
    held.go("training")
    press(Qt.Key.Key_Return)
    opened = held.went()
    press(Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)

    press(Qt.Key.Key_T, CONTROL)

    assert opened == ("class_file", {"id": row})
    assert held.went() == ("sign_up", {"class_id": row})


def test_the_filter_looks_into_title_number_and_place(held: ClassDesk, qtbot: QtBot) -> None:
    course = held.made(lambda make: make.course(**COURSE))
    held.made(lambda make: planned(make, course_id=course, title="上午班", place="三楼教室"))
    held.made(lambda make: planned(make, course_id=course, title="下午班"))
    screen = held.go("training", slice="all")
    press(Qt.Key.Key_F, CONTROL)

    type_in("三楼")

    qtbot.waitUntil(lambda: [line.title for line in screen.classes.table.rows()] == ["上午班"])
    press(Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: len(screen.classes.table.rows()) == 2)


def test_without_courses_planning_leads_to_the_catalogue(held: ClassDesk) -> None:
    screen = held.go("training")

    press(Qt.Key.Key_N, CONTROL)

    assert screen.tabs.code() == COURSES
    assert "先登记培训项目" in held.said[-1].text


def test_a_trainer_sees_her_classes_and_nothing_to_plan(qtbot: QtBot, database: Database, tmp_path: Path) -> None:
    with desk(qtbot, database, tmp_path, TRAINER) as held:
        course = held.made(lambda make: make.course(**COURSE))
        held.made(lambda make: planned(make, course_id=course, title="她的"))
        held.made(lambda make: planned(make, course_id=course, title="别人的", trainers=[{"name": "林岚"}]))
        screen = held.go("training")

        assert [line.title for line in screen.classes.table.rows()] == ["她的"]
        assert screen.add.isHidden()
        assert screen.class_panel.sign_up.isHidden()
        press(Qt.Key.Key_2, CONTROL)
        press(Qt.Key.Key_Return)
        press(Qt.Key.Key_F9)
        assert (screen.tabs.code(), screen.pages.currentIndex()) == (COURSES, LIST)
        assert screen.course_panel.main.isHidden()
