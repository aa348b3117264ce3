"""班级 without its widgets: what is missing, what speaks against a lesson, what may be done, what postponing means."""

from datetime import date, timedelta

import pytest

from app.db.database import Actor, Database, Transaction
from app.errors import NotAllowedError
from app.services.training import calendar, classes, enrolments, marking, rosters
from app.services.training.calendar import PlannedLesson
from app.ui.class_file import acts, state
from app.ui.class_file.state import ClassView
from app.ui.rights import Rights
from app.ui.training import month_marks
from tests.factories import Factory
from tests.ui.class_desk import MONDAY, planned, play_on, published

HEAD, CLERK = Rights.of({"supervisor", "clerk"}), Rights.of({"clerk"})
TRAINER = Rights.of({"trainer"})


@pytest.fixture(autouse=True)
def _monday() -> None:
    play_on(MONDAY)


def _view(tx: Transaction, class_id: str, rights: Rights = HEAD) -> ClassView:
    tx.flush()
    return state.load_view(tx, class_id, rights=rights)


def test_what_a_class_needs_to_begin_is_told_with_its_figures(tx: Transaction, make: Factory) -> None:
    row = published(make, people=1)
    calendar.cancel_lesson(tx, make.lessons(row)[3].id, "场地占用")

    checks = state.checks_of(_view(tx, row.id))

    assert [(check.done, check.text) for check in checks] == [
        (False, "排了 12 课时，项目要 16 课时"),
        (False, "最低 2 人开班，现在 1 人，还差 1 人"),
        (True, "报名截止 09-27（还有 6 天）"),
    ]


def test_a_lesson_says_how_it_stands(tx: Transaction, make: Factory) -> None:
    row = make.training_class(state="20", lessons=4, start_on=MONDAY - timedelta(days=2), enrol_until=MONDAY)
    person = make.enrolment(row)
    classes.open_class(tx, row.id)
    lessons = make.lessons(row)
    marking.mark(tx, lessons[0].id, person.id, "1")
    calendar.cancel_lesson(tx, lessons[3].id, "天气原因")

    view = _view(tx, row.id)

    assert [state.lesson_state(view, each) for each in view.lessons] == ["点了 1 人", "没点名", "今天", "已取消"]
    assert [state.lesson_tone(view, each) for each in view.lessons] == ["good", "orange", "orange", "neutral"]
    assert state.lesson_note(view.lessons[3]) == "取消：天气原因"
    assert state.lesson_argument(view) == {"lesson_id": lessons[2].id}
    assert state.lessons_sum(view) == "3 次课，12 / 16 课时，点过名 1 次，取消 1 次"


def test_a_moved_lesson_says_from_when_and_why(tx: Transaction, make: Factory) -> None:
    row = planned(make)
    lesson = make.lessons(row)[0]
    calendar.move_lesson(tx, lesson.id, held_on=date(2026, 9, 29), starts="09:00", ends="12:00", why="教师有事")

    view = _view(tx, row.id)

    assert state.lesson_note(view.lessons[0]) == "原定 09-28，教师有事"
    assert state.lesson_state(view, view.lessons[0]) == "调过"


def test_a_holiday_and_a_taken_room_speak_against_a_lesson(tx: Transaction, make: Factory) -> None:
    row = planned(make)
    make.training_class(lessons=1, start_on=date(2026, 10, 1), title="养老护理班")
    tx.flush()
    plan = PlannedLesson(date(2026, 10, 1), "14:00", "16:00", 2)

    found = state.lesson_warnings(tx, row.id, plan, room="二楼实训室")

    assert found == ("10-01 周四 是法定节假日", "二楼实训室 这个时间有“养老护理班”")


def test_a_busy_trainer_and_the_classs_own_lesson_speak_against_it(tx: Transaction, make: Factory) -> None:
    row = planned(make)
    make.training_class(lessons=1, start_on=date(2026, 9, 28), title="养老护理班", place="三楼")
    tx.flush()
    plan = PlannedLesson(date(2026, 9, 28), "16:00", "18:00", 2)

    found = state.lesson_warnings(tx, row.id, plan, room="四楼")

    assert found == ("和第 1 课 13:30–17:00 撞了", "何蔚 这个时间在教“养老护理班”")
    assert state.lesson_warnings(tx, row.id, plan, room="四楼", but=make.lessons(row)[0].id) == found[1:]


def test_a_worked_saturday_is_warned_of(tx: Transaction, make: Factory) -> None:
    row = planned(make)

    found = state.lesson_warnings(tx, row.id, PlannedLesson(date(2026, 10, 10), "09:00", "11:00", 2), room="")

    assert found == ("10-10 周六 调休上班，学员可能来不了",)


def test_lessons_ahead_that_clash_are_marked_in_the_calendar(tx: Transaction, make: Factory) -> None:
    row = planned(make)
    make.training_class(lessons=1, start_on=date(2026, 9, 30), title="养老护理班")

    view = _view(tx, row.id)

    second = view.lessons[1]
    assert view.warned == {second.id: ("二楼实训室 这个时间有“养老护理班”",)}
    assert state.calendar_marks(view)[second.held_on].kind == month_marks.CLASH
    assert state.calendar_marks(view)[view.lessons[0].held_on].kind == month_marks.LESSON


def test_a_lesson_that_was_called_or_of_a_class_that_is_over_stays(tx: Transaction, make: Factory) -> None:
    row = make.training_class(state="20", lessons=2, start_on=MONDAY)
    person = make.enrolment(row)
    classes.open_class(tx, row.id)
    marking.mark(tx, make.lessons(row)[0].id, person.id, "1")
    view = _view(tx, row.id)
    first, second = view.lessons

    assert state.why_fixed(view, first, HEAD, "lesson.move") == "第 1 课已经点过名，不能再调"
    assert state.why_fixed(view, second, HEAD, "lesson.move") == ""
    assert "由站里的人办" in state.why_fixed(view, second, TRAINER, "lesson.move")
    classes.cancel_class(tx, row.id, "报名人数不够")
    assert state.why_fixed(_view(tx, row.id), second, HEAD, "lesson.move") == "班期已经结束，课不能再改"


def test_postponing_shows_the_new_days_and_whom_it_concerns(tx: Transaction, make: Factory) -> None:
    row = published(make, people=2)
    make.training_class(lessons=1, start_on=date(2026, 10, 9), title="养老护理班")
    tx.flush()

    found = state.load_postponing(tx, row.id, date(2026, 9, 30))

    assert state.postponing_words(found) == (
        "还没上的 4 次课改到 09-30 周三 至 10-14 周三，13:30 开始；名单上 2 个人都要通知"
    )
    assert found.skipped[0] == "10-02 周五 法定节假日，不排课"
    assert [clash.class_title for clash in found.clashes] == ["养老护理班"]


def test_a_class_without_slots_cannot_be_postponed_and_says_what_to_do(tx: Transaction, make: Factory) -> None:
    row = planned(make)
    row.slots = []

    found = state.load_postponing(tx, row.id, date(2026, 10, 12))

    assert state.postponing_words(found) == "按原来的时段排不下，请先改上课时段"


def test_the_waiting_list_stands_in_words(tx: Transaction, make: Factory) -> None:
    row = published(make, people=3, seats=2)

    view = _view(tx, row.id)

    assert [state.seat_words(line) for line in view.roster] == ["待确认", "待确认", "可能候补第 1 位"]
    assert [state.phone_words(line)[3:7] for line in view.roster] == ["****"] * 3
    assert state.roster_sum(view) == "报名 3 / 2（已确认 0，待确认 3）"


def test_who_left_is_told_with_the_reason(tx: Transaction, make: Factory) -> None:
    row = published(make, people=2)
    tx.flush()
    enrolments.drop(tx, rosters.list_roster(tx, row.id)[0].id, "02")

    view = _view(tx, row.id)

    assert state.roster_sum(view).endswith("退班 1")
    assert state.on_list(view.roster) == 1
    assert state.subsidy_words(view.roster[-1]) == "时间合不上"


def _names(view: ClassView, rights: Rights) -> dict[str, str]:
    return {act.name: act.why for act in acts.acts_of(view.line, rights)}


def test_a_trainer_is_offered_what_her_services_allow(tx: Transaction, make: Factory) -> None:
    open_one = _view(tx, published(make).id)
    running = _view(tx, make.training_class(make.course(), state="30", lessons=1, start_on=MONDAY).id)

    assert set(_names(open_one, TRAINER)) == {acts.EXPORT}
    assert set(_names(running, TRAINER)) == {acts.ROLL_CALL, acts.GRADUATE, acts.EXPORT}
    assert "点名" in acts.sentence_for(running.line, TRAINER)


def test_only_the_head_of_the_station_cancels_and_a_clerk_is_told_so(tx: Transaction, make: Factory) -> None:
    view = _view(tx, published(make).id)

    assert _names(view, HEAD)[acts.CANCEL] == ""
    assert _names(view, CLERK)[acts.CANCEL] == "“取消班期”要站长来办"


def test_why_nobody_can_be_signed_up_is_told_by_state(tx: Transaction, make: Factory) -> None:
    plan = _view(tx, planned(make).id).line
    late = _view(tx, published(make).id)
    running = _view(tx, make.training_class(make.course(), state="30", lessons=1, start_on=MONDAY).id).line

    assert acts.why_no_sign_up(late.line) == ""
    assert acts.why_no_sign_up(plan) == "还没开始报名，先按“开始报名”"
    assert "临时签到" in acts.why_no_sign_up(running)
    play_on(MONDAY + timedelta(days=8))
    assert "09-27 截止报名" in acts.why_no_sign_up(_view(tx, late.line.id).line)


def test_a_trainer_reads_her_class_without_files_and_no_other(database: Database, actor: Actor) -> None:
    with database.write(actor) as tx:
        make = Factory(tx)
        hers = published(make, people=1)
        other = published(make, title="别人的", trainers=[{"name": "林岚"}])
        classes.cancel_class(tx, hers.id, "报名人数不够")
        ids = (hers.id, other.id)

    with database.write(Actor("t-1", "何蔚", frozenset({"trainer"}))) as tx:
        view = state.load_view(tx, ids[0], rights=TRAINER)
        with pytest.raises(NotAllowedError, match="不是您教的"):
            state.load_view(tx, ids[1], rights=TRAINER)

    assert [line.resident_id for line in view.roster] == [None]
    assert view.untold == ()
