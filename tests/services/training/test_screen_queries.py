"""What the training screens ask beside the verbs: counts by state, marks by lesson, values for the forms."""

from datetime import date, timedelta

import pytest

from app import clock
from app.db.database import Actor, Database, Transaction
from app.errors import NotAllowedError
from app.services import workdays
from app.services.training import calendar, classes, courses, listing, marking
from app.services.training.calendar import PlannedLesson
from tests.factories import Factory
from tests.training_factory import COURSE


def test_classes_are_counted_by_state_and_by_whether_their_lessons_are_past(tx: Transaction, make: Factory) -> None:
    course, today = make.course(), clock.today()
    make.training_class(course, state="30", lessons=1, start_on=today - timedelta(days=3))
    make.training_class(course, state="30", lessons=1)
    make.training_class(course)
    tx.flush()

    assert listing.count_classes(tx) == {("30", True): 1, ("30", False): 1, ("20", False): 1}
    assert [line.end_on < today for line in listing.list_classes(tx, states=["30"], ended=True)] == [True]
    assert [line.end_on < today for line in listing.list_classes(tx, states=["30"], ended=False)] == [False]


def test_a_person_marked_twice_in_a_lesson_counts_once(tx: Transaction, make: Factory) -> None:
    row = make.training_class(state="20", lessons=2)
    first, second = make.enrolment(row), make.enrolment(row)
    classes.open_class(tx, row.id)
    lesson = make.lessons(row)[0].id
    marking.mark(tx, lesson, first.id, "1")
    marking.mark(tx, lesson, first.id, "2", minutes=10)
    marking.mark(tx, lesson, second.id, "1")
    tx.flush()

    assert listing.marked_counts(tx, row.id) == {lesson: 2}


def test_the_forms_get_what_is_stored_and_no_other_trainers(database: Database, actor: Actor) -> None:
    with database.write(actor) as tx:
        make = Factory(tx)
        course = make.course()
        row = make.training_class(course)
        kept, ids = courses.course_values(tx, course.id), (course.id, row.id)
        assert classes.class_values(tx, row.id)["place"] == "二楼实训室"

    assert {name: kept[name] for name in COURSE} == COURSE
    with (
        database.write(Actor("t-9", "林岚", frozenset({"trainer"}))) as tx,
        pytest.raises(NotAllowedError, match="不是您教的"),
    ):
        classes.class_values(tx, ids[1])


def test_a_lesson_more_may_have_a_room_of_its_own(tx: Transaction, make: Factory) -> None:
    row = make.training_class(lessons=1)
    day = row.start_on + timedelta(days=1)

    made = calendar.plan_lessons(tx, row.id, [PlannedLesson(day, "09:00", "11:00", 2)], room="三楼教室")

    assert [lesson.room for lesson in made] == ["三楼教室"]
    assert [lesson.room for lesson in calendar.lessons_of(tx, row.id)] == ["二楼实训室", "三楼教室"]


def test_a_calendar_marks_holidays_and_worked_weekends(tx: Transaction) -> None:
    found = workdays.special_days(tx, date(2026, 9, 19), date(2026, 9, 30))

    assert found == {
        date(2026, 9, 20): workdays.MAKE_UP,
        **{date(2026, 9, day): workdays.HOLIDAY for day in (25, 26, 27)},
    }
    assert {day: workdays.day_kind(tx, day) for day in found} == found


def test_a_year_that_nobody_has_announced_is_named(tx: Transaction) -> None:
    assert workdays.unknown_years(tx, date(2026, 12, 1), date(2027, 2, 1)) == [2027]
    assert workdays.special_days(tx, date(2027, 1, 1), date(2027, 1, 3)) == {}
