"""Courses, classes and their calendar: planning, holidays, opening, postponing, cancelling, who must be told what."""

from datetime import date, timedelta

import pytest

from app import clock
from app.db.database import Actor, Database, Transaction
from app.errors import InvalidInputError, NotAllowedError, RuleError
from app.services.training import calendar, classes, courses, enrolments, listing, marking, rosters
from app.services.training.calendar import PlannedLesson
from tests.factories import Factory
from tests.training_factory import COURSE

WEEKDAYS = [{"weekdays": [1, 3, 5], "from": "13:30", "to": "17:00", "hours": 4}]
WEEKEND = [{"weekdays": [6], "from": "09:00", "to": "11:30", "hours": 3}]
TRAINER = Actor("t-1", "何蔚", frozenset({"trainer"}))
OTHER_TRAINER = Actor("t-2", "林岚", frozenset({"trainer"}))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"hours_practice": 10}, "hours_total"),
        ({"free": False}, "fee"),
        ({"free": True, "fee": 100}, "fee"),
        ({"train_type": "9"}, "in_catalogue"),
        ({"in_catalogue": False}, "subsidy_amount"),
        ({"trade": "99-99"}, "trade"),
        ({"provider_name": ""}, "provider_name"),
    ],
)
def test_a_course_that_cannot_be_is_told_by_field(tx: Transaction, change: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidInputError) as problem:
        courses.add_course(tx, {**COURSE, **change})

    assert field in problem.value.fields


def test_a_course_stands_once_in_the_catalogue(tx: Transaction, make: Factory) -> None:
    make.course()
    tx.flush()

    with pytest.raises(RuleError, match="已经有“家政服务员"):
        courses.add_course(tx, COURSE)


def test_a_course_that_is_no_longer_run_gets_no_class(tx: Transaction, make: Factory) -> None:
    course = make.course()
    courses.edit_course(tx, course.id, {"active": False})

    with pytest.raises(RuleError, match="停办"):
        make.training_class(course)


def test_lessons_fill_the_hours_and_leave_out_holidays(tx: Transaction) -> None:
    plan = calendar.propose(tx, start_on=date(2026, 9, 28), slots=WEEKDAYS, hours=14)

    assert [lesson.held_on.isoformat() for lesson in plan.lessons] == [
        "2026-09-28",
        "2026-09-30",
        "2026-10-09",
        "2026-10-12",
    ]
    assert [lesson.hours for lesson in plan.lessons] == [4, 4, 4, 2]
    assert [(each.day.isoformat(), each.why) for each in plan.skipped][:2] == [
        ("2026-10-02", "法定节假日"), ("2026-10-05", "法定节假日")
    ]  # fmt: skip
    assert plan.short == 0


def test_weekend_lessons_leave_out_make_up_working_days(tx: Transaction) -> None:
    plan = calendar.propose(tx, start_on=date(2026, 9, 26), slots=WEEKEND, count=2)

    assert [lesson.held_on.isoformat() for lesson in plan.lessons] == ["2026-10-17", "2026-10-24"]
    assert [(each.day.isoformat(), each.why) for each in plan.skipped] == [
        ("2026-09-26", "法定节假日"), ("2026-10-03", "法定节假日"), ("2026-10-10", "调休上班日")
    ]  # fmt: skip


def test_what_finds_no_room_before_the_end_is_told(tx: Transaction) -> None:
    plan = calendar.propose(tx, start_on=date(2026, 11, 2), slots=WEEKDAYS, hours=20, end_on=date(2026, 11, 6))

    assert (len(plan.lessons), plan.short) == (3, 8)


def test_a_class_is_planned_with_number_lessons_and_the_rule_of_its_first_day(tx: Transaction, make: Factory) -> None:
    make.policy_param(
        key="training.attend_percent", value=90, effective_from=date(2027, 1, 1), source_doc="余人社 9 号"
    )
    tx.flush()
    course = make.course()
    values = {
        "course_id": course.id, "start_on": date(2027, 3, 1), "slots": WEEKDAYS, "place": "二楼实训室",
        "trainers": [{"name": "何蔚"}], "seats": 16, "min_open": 8, "enrol_until": date(2027, 2, 26),
    }  # fmt: skip

    row = classes.plan_class(tx, values)
    before = classes.plan_class(tx, {**values, "start_on": date(2026, 12, 7), "enrol_until": date(2026, 12, 4)})

    month = f"{clock.to_local(clock.now()):%y%m}"
    assert row.class_no == f"PX330110{month}01-0001"
    assert len(make.lessons(row)) == 10
    assert (row.end_on, row.title) == (make.lessons(row)[-1].held_on, "家政服务员（初级）")
    assert (row.rule["attend_percent"], row.rule["source"], row.rule["since"]) == (90, "余人社 9 号", "2027-01-01")
    assert (before.rule["attend_percent"], before.rule["since"]) == (80, None)


def test_opening_takes_the_rule_as_it_is_on_the_first_day(tx: Transaction, make: Factory) -> None:
    row = make.training_class(min_open=1)
    make.enrolment(row)
    make.policy_param(key="training.attend_percent", value=75, effective_from=date(2026, 1, 1))
    tx.flush()

    classes.open_class(tx, row.id)

    assert row.rule["attend_percent"] == 75


def test_a_class_opens_for_sign_up_once_and_with_lessons(tx: Transaction, make: Factory) -> None:
    row = make.training_class(state="10")
    empty = make.training_class(state="10", lessons=1)
    calendar.cancel_lesson(tx, make.lessons(empty)[0].id, "停电")

    classes.publish_class(tx, row.id)

    with pytest.raises(RuleError, match="已经开始报名"):
        classes.publish_class(tx, row.id)
    with pytest.raises(RuleError, match="还没有排课"):
        classes.publish_class(tx, empty.id)


def test_a_class_below_its_minimum_begins_only_with_a_reason(tx: Transaction, make: Factory) -> None:
    row = make.training_class(min_open=2)
    make.enrolment(row)

    with pytest.raises(RuleError, match="最低 2 人才开班，现在 1 人"):
        classes.open_class(tx, row.id)
    classes.open_class(tx, row.id, why="设备已租")

    assert (row.state, row.remark) == ("30", "设备已租")


def test_postponing_moves_what_is_left_and_everybody_is_told(tx: Transaction, make: Factory) -> None:
    row = make.training_class(lessons=3)
    signed = make.enrolment(row)
    start = clock.today() + timedelta(days=10)
    until = row.enrol_until

    classes.postpone_class(tx, row.id, start, "教师生病")
    tx.flush()

    lessons = make.lessons(row)
    assert [lesson.held_on for lesson in lessons] == [start + timedelta(days=n) for n in range(3)]
    assert lessons[0].moved_from == clock.today()
    assert (row.start_on, row.end_on) == (start, start + timedelta(days=2))
    assert row.enrol_until == until + timedelta(days=10)
    told = rosters.list_to_tell(tx, row.id)
    assert [(each.enrolment_id, each.texts) for each in told] == [
        (signed.id, (f"改到 {start.isoformat()} 13:30 上课，原因：教师生病",))
    ]
    rosters.note_told(tx, [signed.id])
    tx.flush()
    assert rosters.list_to_tell(tx, row.id) == []


def test_postponing_leaves_lessons_that_were_held(tx: Transaction, make: Factory) -> None:
    row = make.training_class(lessons=3)
    signed = make.enrolment(row)
    classes.open_class(tx, row.id)
    first = make.lessons(row)[0]
    marking.mark(tx, first.id, signed.id, "1")
    start = clock.today() + timedelta(days=7)

    classes.postpone_class(tx, row.id, start, "停电")

    assert [lesson.held_on for lesson in make.lessons(row)] == [clock.today(), start, start + timedelta(days=1)]


def test_cancelling_tells_everybody_what_to_do_next(tx: Transaction, make: Factory) -> None:
    course = make.course()
    row = make.training_class(course)
    other = make.training_class(course, title="家政服务员（初级）第 2 期", start_on=clock.today() + timedelta(days=5))
    signed = make.enrolment(row)

    classes.cancel_class(tx, row.id, "人数不够")
    tx.flush()

    told = rosters.list_to_tell(tx)
    assert [each.enrolment_id for each in told] == [signed.id]
    assert "取消了，原因：人数不够" in told[0].texts[0]
    assert told[0].texts[1] == f"可以改报“家政服务员（初级）第 2 期”，{other.start_on.isoformat()} 开班"
    with pytest.raises(RuleError, match="已经取消"):
        classes.cancel_class(tx, row.id, "再来")


def test_a_moved_lesson_is_renumbered_and_is_news(tx: Transaction, make: Factory) -> None:
    row = make.training_class(lessons=3)
    first = make.lessons(row)[0]
    later = clock.today() + timedelta(days=9)

    calendar.move_lesson(tx, first.id, held_on=later, starts="09:00", ends="11:00", why="教室占用")
    tx.flush()

    assert [lesson.id for lesson in make.lessons(row)][-1] == first.id
    assert (first.number, first.moved_from, row.end_on) == (3, clock.today(), later)
    assert row.news == f"第 1 课改到 {later.isoformat()} 09:00，原因：教室占用"


def test_sign_up_ends_with_the_last_lesson_that_is_left(tx: Transaction, make: Factory) -> None:
    today = clock.today()
    row = make.training_class(lessons=3, start_on=today, enrol_until=today + timedelta(days=9))
    planned = row.enrol_until

    calendar.cancel_lesson(tx, make.lessons(row)[-1].id, "教室停电")

    assert planned == today + timedelta(days=2)
    assert (row.end_on, row.enrol_until) == (today + timedelta(days=1), today + timedelta(days=1))


def test_a_lesson_in_which_people_were_marked_stays_where_it_is(tx: Transaction, make: Factory) -> None:
    made = make.attendance()

    with pytest.raises(RuleError, match="已经点过名"):
        calendar.cancel_lesson(tx, made.lesson_id, "停电")


def test_a_room_and_a_trainer_taken_at_that_hour_are_warned_of(tx: Transaction, make: Factory) -> None:
    make.training_class(title="中式面点")
    today = [PlannedLesson(clock.today(), "14:00", "15:00", 1.0)]
    tx.flush()

    in_room = calendar.warnings_of(tx, None, today, "二楼实训室", [{"name": "林岚"}])
    by_trainer = calendar.warnings_of(tx, None, today, "三楼", [{"name": "何蔚"}])
    free = calendar.warnings_of(tx, None, [PlannedLesson(clock.today(), "17:00", "18:00", 1.0)], "二楼实训室", [])

    assert [each.text for each in in_room] == ["二楼实训室 这个时间有“中式面点”"]
    assert [each.text for each in by_trainer] == ["何蔚 这个时间在教“中式面点”"]
    assert free == []


def test_seats_are_not_fewer_than_confirmed(tx: Transaction, make: Factory) -> None:
    row = make.training_class()
    signed, second = make.enrolment(row), make.enrolment(row)
    with tx.applying():
        signed.seat = second.seat = "1"
        tx.flush()

    with pytest.raises(InvalidInputError) as problem:
        classes.edit_class(tx, row.id, {"seats": 1})

    assert problem.value.fields["seats"].startswith("已经确认了 2 个人")


def test_another_place_is_news_for_a_class_that_is_known(tx: Transaction, make: Factory) -> None:
    row = make.training_class()

    classes.edit_class(tx, row.id, {"place": "三楼教室"})

    assert (row.news, make.lessons(row)[0].room) == ("上课地点改到 三楼教室", "三楼教室")


def test_the_list_shows_counts_next_lesson_and_whether_one_may_sign_up(tx: Transaction, make: Factory) -> None:
    row = make.training_class(lessons=2, seats=1)
    make.enrolment(row)
    make.enrolment(row)
    make.training_class(state="10")
    tx.flush()

    lines = {line.id: line for line in listing.list_classes(tx)}

    line = lines[row.id]
    assert (line.counts.signed_up, line.counts.unanswered, line.lesson_count) == (2, 2, 2)
    assert (line.next_on, line.open_to_sign_up, line.trainers) == (clock.today(), True, ("何蔚",))
    assert [each.id for each in listing.list_open_classes(tx)] == [row.id]


def test_a_trainer_sees_her_own_classes_alone(database: Database, actor: Actor) -> None:
    with database.write(actor) as tx:
        make = Factory(tx)
        mine = make.training_class().id
        other = make.training_class(trainers=[{"staff_id": "t-2", "name": "林岚"}]).id

    with database.write(TRAINER) as tx:
        seen = [line.id for line in listing.list_classes(tx)]
        with pytest.raises(NotAllowedError, match="不是您教的"):
            listing.open_file(tx, other)
        with pytest.raises(NotAllowedError, match="不是您教的"):
            rosters.list_roster(tx, other)
    with database.write(OTHER_TRAINER) as tx:
        by_id = [line.id for line in listing.list_classes(tx)]

    assert (seen, by_id) == ([mine], [other])


def test_a_trainer_changes_neither_courses_nor_classes_nor_lists(database: Database, actor: Actor) -> None:
    with database.write(actor) as tx:
        made = Factory(tx).enrolment()
        class_id, enrolment_id, resident_id = made.class_id, made.id, made.resident_id

    for attempt in (
        lambda tx: courses.add_course(tx, COURSE),
        lambda tx: classes.cancel_class(tx, class_id, "不教了"),
        lambda tx: enrolments.enrol(tx, class_id, resident_id),
        lambda tx: enrolments.drop(tx, enrolment_id, "99"),
    ):
        with pytest.raises(NotAllowedError), database.write(TRAINER) as tx:
            attempt(tx)
