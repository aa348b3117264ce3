"""培训 without its widgets: slices, slots as they are typed, their calendar, the next step, who may what."""

from datetime import date, timedelta
from typing import Any

import pytest

from app import clock
from app.db.database import Actor, Database, Transaction
from app.services.todos import Todo
from app.services.training import classes
from app.services.training.listing import ClassLine, list_classes
from app.ui.rights import Rights
from app.ui.today import state as today_state
from app.ui.training import month_marks, planning, state, steps, words
from tests.factories import Factory
from tests.ui.class_desk import MONDAY, SLOTS, planned, play_on, published

HEAD = Rights.of({"supervisor", "clerk"})
TRAINER = Rights.of({"trainer"})


@pytest.fixture(autouse=True)
def _monday() -> None:
    play_on(MONDAY)


def _line(tx: Transaction, class_id: str) -> ClassLine:
    tx.flush()
    return next(line for line in list_classes(tx) if line.id == class_id)


# Slices ---------------------------------------------------------------------------------------------------------------


def test_each_slice_counts_what_it_lists(tx: Transaction, make: Factory) -> None:
    course = make.course()
    planned(make, course_id=course.id, title="甲")
    published(make, course_id=course.id, title="乙")
    make.training_class(course, state="30", lessons=2, start_on=MONDAY, title="丙")
    make.training_class(course, state="30", lessons=2, start_on=MONDAY - timedelta(days=9), title="丁")
    tx.flush()

    pages = {code: state.load_classes(tx, name=code) for code, *_rest in state.SLICES}

    assert {code: [line.title for line in page.lines] for code, page in pages.items() if code != state.ALL} == {
        "open": ["乙"], "running": ["丙"], "ending": ["丁"], "planned": ["甲"],
    }  # fmt: skip
    assert pages[state.ALL].counts == {code: len(page.lines) for code, page in pages.items()}


def test_a_trainer_counts_and_lists_her_own_alone(database: Database, actor: Actor) -> None:
    with database.write(actor) as tx:
        make = Factory(tx)
        course = make.course()
        planned(make, course_id=course.id, title="她的")
        planned(make, course_id=course.id, title="别人的", trainers=[{"name": "林岚"}])

    with database.write(Actor("t-1", "何蔚", frozenset({"trainer"}))) as tx:
        page = state.load_classes(tx, name=state.ALL)

    assert [line.title for line in page.lines] == ["她的"]
    assert page.counts[state.ALL] == 1


def test_the_first_look_goes_where_something_is() -> None:
    assert state.first_slice({"open": 0, "running": 2, "ending": 1}) == "running"
    assert state.first_slice({}) == "open"


# What is typed --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "days"),
    [
        ("135", [1, 3, 5]),
        ("周一、周三", [1, 3]),
        ("一三五", [1, 3, 5]),
        ("７", [7]),
        ("31 1", [1, 3]),
        ("周末", None),
        ("8", None),
    ],
)
def test_weekdays_are_read_as_people_type_them(typed: str, days: list[int] | None) -> None:
    assert planning.weekdays_of(typed) == days


@pytest.mark.parametrize(
    ("typed", "span"),
    [
        ("1330-1700", ("13:30", "17:00")),
        ("13301700", ("13:30", "17:00")),
        ("8:30 到 11:30", ("08:30", "11:30")),
        ("１３：３０－１７：００", ("13:30", "17:00")),
        ("9-11", ("09:00", "11:00")),
        ("1330", None),
        ("2530-2600", None),
    ],
)
def test_a_stretch_of_the_day_is_read_as_people_type_it(typed: str, span: tuple[str, str] | None) -> None:
    assert planning.span_of(typed) == span


def test_the_stations_trainers_keep_their_id_and_guests_their_name() -> None:
    found = planning.trainers_of("何蔚、翁立群, 何蔚", {"何蔚": "t-1"})

    assert found == [{"staff_id": "t-1", "name": "何蔚"}, {"name": "翁立群"}]


# The calendar ---------------------------------------------------------------------------------------------------------


def _preview(tx: Transaction, course_id: str, **values: Any) -> planning.Preview:
    base = {"course_id": course_id, "start_on": date(2026, 9, 28), "slots": SLOTS}
    return planning.load_preview(tx, **{**base, **values})


def test_the_preview_leaves_out_and_marks_holidays(tx: Transaction, make: Factory) -> None:
    course = make.course(hours_total=16, hours_theory=4, hours_practice=12)

    found = _preview(tx, course.id)

    assert planning.plan_words(found) == "4 次课，16 课时，09-28 至 10-12"
    assert "10-02 周五 法定节假日，不排课" in planning.warning_lines(found)
    marks = planning.preview_marks(found)
    assert (marks[date(2026, 10, 2)].kind, marks[date(2026, 10, 2)].sign) == (month_marks.HOLIDAY, "休")
    assert (marks[date(2026, 10, 10)].kind, marks[date(2026, 10, 10)].sign) == (month_marks.MAKE_UP, "班")
    assert marks[date(2026, 10, 9)].kind == month_marks.LESSON


def test_a_worked_saturday_is_no_day_for_a_weekend_class(tx: Transaction, make: Factory) -> None:
    course = make.course(hours_total=8, hours_theory=0, hours_practice=8)
    saturdays = [{**SLOTS[0], "weekdays": [6]}]

    found = _preview(tx, course.id, slots=saturdays, start_on=date(2026, 10, 10))

    assert [lesson.held_on.day for lesson in found.plan.lessons] == [17, 24]
    assert "10-10 周六 调休上班日，不排课" in planning.warning_lines(found)


def test_the_preview_tells_a_room_that_is_taken(tx: Transaction, make: Factory) -> None:
    course = make.course(hours_total=16, hours_theory=4, hours_practice=12)
    planned(make, course_id=course.id, title="家政二班")

    found = _preview(tx, course.id, room="二楼实训室")

    assert "09-28 周一 13:30–17:00：二楼实训室 这个时间有“家政二班”" in planning.warning_lines(found)
    assert planning.preview_marks(found)[date(2026, 9, 28)].kind == month_marks.CLASH


def test_a_year_without_a_notice_of_holidays_is_told(tx: Transaction, make: Factory) -> None:
    course = make.course(hours_total=16, hours_theory=4, hours_practice=12)

    found = _preview(tx, course.id, start_on=date(2026, 12, 28))

    assert "2027 年的放假安排还没有，节假日要自己看" in planning.warning_lines(found)


def test_hours_that_find_no_place_are_told(tx: Transaction, make: Factory) -> None:
    course = make.course(hours_total=16, hours_theory=4, hours_practice=12)

    found = _preview(tx, course.id, end_on=date(2026, 9, 30))

    assert planning.warning_lines(found)[0] == "还有 8 课时没排上，往后延结束日期或加时段"


def test_a_month_has_whole_weeks_with_its_own_days() -> None:
    weeks = month_marks.weeks_of(date(2026, 9, 15))

    assert weeks[0] == [None, *[date(2026, 9, n) for n in range(1, 7)]]
    assert [day for week in weeks for day in week if day][-1] == date(2026, 9, 30)
    assert month_marks.months_of([date(2026, 12, 30), date(2027, 2, 1)]) == [
        date(2026, 12, 1), date(2027, 1, 1), date(2027, 2, 1),
    ]  # fmt: skip


# The next step --------------------------------------------------------------------------------------------------------


def test_a_planned_class_is_to_be_published_by_who_may(tx: Transaction, make: Factory) -> None:
    line = _line(tx, planned(make).id)

    assert steps.step_of(line, HEAD).act == steps.PUBLISH
    assert steps.step_of(line, TRAINER).act == ""


def test_a_deadline_that_is_past_comes_before_publishing(tx: Transaction, make: Factory) -> None:
    line = _line(tx, planned(make, enrol_until=MONDAY).id)
    play_on(MONDAY + timedelta(days=1))

    assert steps.step_of(line, HEAD).act == "edit"


def test_too_few_people_are_sought_until_the_deadline_then_it_is_a_question(tx: Transaction, make: Factory) -> None:
    line = _line(tx, published(make, people=1).id)

    before = steps.step_of(line, HEAD)
    play_on(line.start_on)
    after = steps.step_of(line, HEAD)

    assert (before.act, before.text) == (steps.ENROL, "还差 1 人到最低开班人数，09-27 截止报名")
    assert (after.act, after.label) == (steps.OPEN_CLASS, "照开")


def test_enough_people_after_the_deadline_let_it_begin(tx: Transaction, make: Factory) -> None:
    line = _line(tx, published(make, people=2).id)
    assert steps.step_of(line, HEAD).act == steps.ENROL

    play_on(MONDAY + timedelta(days=7))

    assert steps.step_of(line, HEAD).label == "开班"


def test_a_class_under_way_leads_to_roll_call_then_to_its_end(tx: Transaction, make: Factory) -> None:
    row = make.training_class(state="30", lessons=2, start_on=MONDAY)
    during = steps.step_of(_line(tx, row.id), TRAINER)

    play_on(MONDAY + timedelta(days=5))
    after = steps.step_of(_line(tx, row.id), TRAINER)

    assert (during.act, during.tone) == (steps.ROLL_CALL, "orange")
    assert after.act == steps.GRADUATE
    assert words.state_words(_line(tx, row.id)) == "待结业"


def test_who_must_be_told_comes_first(tx: Transaction, make: Factory) -> None:
    row = published(make, people=1)
    classes.cancel_class(tx, row.id, "报名人数不够")
    line = _line(tx, row.id)

    assert steps.step_of(line, HEAD, untold=1).act == steps.TELL
    assert steps.step_of(line, HEAD).act == ""


def test_seats_beyond_the_plan_do_not_help_the_minimum(tx: Transaction, make: Factory) -> None:
    row = published(make, people=3, seats=2, min_open=2)

    assert words.lacking(_line(tx, row.id)) == 0
    assert words.seats_words(_line(tx, row.id)) == "3 / 2"


# Who may what ---------------------------------------------------------------------------------------------------------


def test_what_somebody_may_not_do_has_a_sentence() -> None:
    assert HEAD.why_not("class.cancel") == ""
    assert Rights.of({"clerk"}).why_not("class.cancel") == "“取消班期”要站长来办"
    assert "教师点名" in TRAINER.why_not("class.plan")
    assert Rights.of({"officer"}).why_not("class.plan") == "“排班期”由站里的窗口办"


# 今日 -----------------------------------------------------------------------------------------------------------------


def _todo(record_type: str, **values: Any) -> Todo:
    base = {
        "kind": "x", "urgency": "today", "name": "x", "text": "x", "due_on": clock.today(), "days": 0,
        "record_id": "r-1", "resident_id": None, "class_id": "c-1",
    }  # fmt: skip
    return Todo(**{**base, "record_type": record_type, **values})


@pytest.mark.parametrize(
    ("record_type", "way"),
    [
        ("training_class", ("class_file", {"id": "r-1"})),
        ("lesson", ("roll_call", {"id": "c-1", "lesson_id": "r-1"})),
        ("enrolment", ("class_file", {"id": "c-1", "tab": "tell"})),
    ],
)
def test_todos_of_a_class_lead_to_where_they_are_done(record_type: str, way: tuple[str, dict[str, str]]) -> None:
    assert today_state.way_to(_todo(record_type)) == way


def test_todos_of_training_know_their_class(tx: Transaction, make: Factory) -> None:
    from app.services.todos import list_todos

    row = published(make, people=1, start_on=MONDAY, enrol_until=MONDAY)
    running = make.training_class(state="30", lessons=4, start_on=MONDAY - timedelta(days=2))
    tx.flush()
    classes.cancel_class(tx, published(make, people=1).id, "报名人数不够")
    tx.flush()

    ways = {todo.record_type: today_state.way_to(todo) for todo in list_todos(tx)}

    assert ways["training_class"] == ("class_file", {"id": row.id})
    assert ways["lesson"][1]["id"] == running.id
    assert ways["enrolment"][1]["tab"] == "tell"
