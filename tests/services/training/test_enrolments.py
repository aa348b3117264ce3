"""Signing up: twice, late, at the same hour; the waiting list; dropping out; who is told of her seat."""

from datetime import timedelta

import pytest

from app import clock
from app.db.database import Transaction
from app.errors import InvalidInputError, RuleError
from app.models.base import parse_draft
from app.models.identity import slip_payload
from app.models.registry import type_of
from app.models.seats import Claim, decide_seats
from app.models.training import EligibilityCheck, Enrolment, EnrolmentDraft
from app.services import merging, timeline
from app.services.training import calendar, classes, enrolments, marking, rosters
from app.services.training.calendar import PlannedLesson
from app.services.training.certificates import issue_completion
from app.services.training.grid import load_grid
from tests.factories import Factory


def seat(tx: Transaction, row: Enrolment, code: str | None) -> None:
    """Write a seat as the district does."""
    with tx.applying():
        row.seat = code
        tx.flush()


def test_a_sign_up_keeps_name_contact_and_checks_and_leaves_the_seat_to_the_district(
    tx: Transaction, make: Factory
) -> None:
    person, row = make.resident(emp_status="21"), make.training_class()

    made = enrolments.enrol(tx, row.id, person.id)
    tx.flush()

    month = f"{clock.to_local(clock.now()):%y%m}"
    assert (made.enrol_no, made.name, made.phone) == (f"BM330110{month}01-0001", person.name, person.mobile)
    assert (made.state, made.seat, made.eligibility, made.subsidised, made.target) == ("10", None, "1", True, "5")
    kept = tx.session.get(EligibilityCheck, tx.rows(EligibilityCheck.__table__.select())[0].id)
    assert (kept.enrolment_id, kept.result, len(kept.findings)) == (made.id, "1", 6)
    assert {field for field in Enrolment.model_fields if "id_no" in field or "addr" in field} == set()


def test_nobody_signs_up_twice(tx: Transaction, make: Factory) -> None:
    person, row = make.resident(), make.training_class()
    make.enrolment(row, person)

    with pytest.raises(RuleError, match="已经报过“家政服务员（初级）”") as problem:
        enrolments.enrol(tx, row.id, person.id)

    assert problem.value.code == "enrolment.twice"


def test_who_dropped_out_may_sign_up_again(tx: Transaction, make: Factory) -> None:
    person, row = make.resident(), make.training_class()
    enrolments.drop(tx, make.enrolment(row, person).id, "02")
    tx.flush()

    assert make.enrolment(row, person).state == "10"


def test_after_the_deadline_there_is_no_sign_up(tx: Transaction, make: Factory) -> None:
    start = clock.today() + timedelta(days=9)
    person = make.resident(emp_status="21")
    row = make.training_class(start_on=start, enrol_until=clock.today() + timedelta(days=2))

    assert enrolments.check_sign_up(tx, row.id, person.id, on=clock.today() + timedelta(days=2)).blocks == ()
    with pytest.raises(RuleError, match="截止报名，已经过了") as problem:
        enrolments.enrol(tx, row.id, person.id, on=clock.today() + timedelta(days=3))
    assert problem.value.code == "enrolment.deadline"


@pytest.mark.parametrize(("state", "words"), [("10", "还没开始报名"), ("30", "已经开班"), ("50", "已经取消")])
def test_only_a_class_that_is_open_takes_people(tx: Transaction, make: Factory, state: str, words: str) -> None:
    person = make.resident()
    row = make.training_class(state="20" if state == "50" else state)
    if state == "50":
        classes.cancel_class(tx, row.id, "人数不够")

    with pytest.raises(RuleError, match=words):
        enrolments.enrol(tx, row.id, person.id)


def test_a_class_at_the_same_hour_is_warned_of_and_taken_knowingly(tx: Transaction, make: Factory) -> None:
    person = make.resident(emp_status="21")
    make.enrolment(make.training_class(title="中式面点"), person)
    row = make.training_class(make.course(in_catalogue=False, subsidy_amount=None))

    with pytest.raises(RuleError, match=r"13:30 在“中式面点”也有课.*跟本人说清楚") as problem:
        enrolments.enrol(tx, row.id, person.id)
    made = enrolments.enrol(tx, row.id, person.id, knowing=("clash",), why="只差一天，本人自己安排")

    assert problem.value.code == "enrolment.warning"
    assert made.state == "10"


def test_hours_that_only_touch_do_not_clash(tx: Transaction, make: Factory) -> None:
    person = make.resident(emp_status="21")
    make.enrolment(make.training_class(), person)
    row = make.training_class(make.course(in_catalogue=False, subsidy_amount=None), state="10", lessons=1)
    calendar.plan_lessons(tx, row.id, [PlannedLesson(clock.today(), "17:00", "19:00", 2.0)])
    calendar.cancel_lesson(tx, make.lessons(row)[0].id, "停电")
    classes.publish_class(tx, row.id)
    tx.flush()

    assert enrolments.check_sign_up(tx, row.id, person.id).warnings == ()


def test_who_may_not_be_subsidised_signs_up_knowing_it(tx: Transaction, make: Factory) -> None:
    person, row = make.resident(emp_status="11"), make.training_class()

    with pytest.raises(RuleError, match="能参加，不能算补贴人员：在职"):
        enrolments.enrol(tx, row.id, person.id)
    made = enrolments.enrol(tx, row.id, person.id, knowing=("subsidy",))

    assert (made.eligibility, made.subsidised, made.target) == ("2", False, "7")


def test_the_check_says_how_many_places_are_left_and_which_place_in_the_queue(tx: Transaction, make: Factory) -> None:
    row, person = make.training_class(seats=2), make.resident()
    make.enrolment(row)

    one_left = enrolments.check_sign_up(tx, row.id, person.id)
    make.enrolment(row)
    make.enrolment(row)
    full = enrolments.check_sign_up(tx, row.id, person.id)

    assert (one_left.places_left, one_left.waiting_place) == (1, None)
    assert (full.places_left, full.waiting_place) == (0, 2)


def test_the_roster_says_what_is_confirmed_and_what_is_only_likely(tx: Transaction, make: Factory) -> None:
    row = make.training_class(seats=1)
    first, second, gone = (make.enrolment(row) for _n in range(3))
    enrolments.drop(tx, gone.id, "01")
    seat(tx, second, "1")

    lines = {line.id: line for line in rosters.list_roster(tx, row.id)}

    assert [line.id for line in rosters.list_roster(tx, row.id)] == [second.id, first.id, gone.id]
    assert (lines[second.id].seat_text, lines[second.id].shown_state) == ("已确认", "20")
    assert (lines[first.id].seat_text, lines[first.id].likely, lines[first.id].queue_place) == ("待确认", "2", 1)
    assert (lines[gone.id].seat_text, lines[gone.id].shown_state) == ("退班", "40")


def test_the_station_never_writes_a_seat(tx: Transaction, make: Factory) -> None:
    row = make.enrolment()
    known = row.model_dump(include=set(EnrolmentDraft.model_fields))

    assert type_of(Enrolment).owner("seat") == "district"
    with pytest.raises(InvalidInputError) as problem:
        parse_draft(EnrolmentDraft, {**known, "state": "20"})
    assert problem.value.fields == {"state": "录取和候补由区里定，站里不填"}


def test_seats_go_by_arrival_and_a_confirmed_one_is_never_taken_away() -> None:
    def claims(*given: tuple[str, str, str | None, bool, int]) -> list[Claim]:
        return [Claim(*each) for each in given]

    first = decide_seats(
        2, claims(("a", "10", None, False, 3), ("b", "10", None, False, 1), ("c", "10", None, False, 2))
    )
    after_drop = decide_seats(
        2, claims(("a", "10", "2", False, 3), ("b", "40", "1", False, 1), ("c", "10", "1", False, 2))
    )
    ahead = decide_seats(
        2,
        claims(
            ("a", "10", "2", False, 3),
            ("b", "40", "1", False, 1),
            ("c", "10", "1", False, 2),
            ("d", "10", "2", True, 9),
        ),
    )
    back_again = decide_seats(1, claims(("a", "10", None, False, 1), ("b", "10", "1", False, 2)))
    fewer = decide_seats(1, claims(("a", "10", "1", False, 1), ("b", "10", "1", False, 2)))

    assert first == {"a": "2", "b": "1", "c": "1"}
    assert after_drop == {"a": "1", "b": None, "c": "1"}
    assert ahead == {"a": "2", "b": None, "c": "1", "d": "1"}
    assert back_again == {"a": "2", "b": "1"}
    assert fewer == {"a": "1", "b": "1"}
    assert decide_seats(None, claims(("a", "10", None, False, 1))) == {"a": "1"}


def test_of_a_class_that_has_begun_only_who_was_not_called_yet_is_told_of_her_seat(
    tx: Transaction, make: Factory
) -> None:
    row = make.training_class(start_on=clock.today() - timedelta(days=1), seats=2, enrol_until=clock.today())
    here, absent = make.enrolment(row), make.enrolment(row)
    seat(tx, here, "1")
    seat(tx, absent, "1")
    classes.open_class(tx, row.id, why="先开课")
    marking.mark(tx, calendar.lessons_of(tx, row.id)[0].id, here.id, "1")
    tx.flush()

    told = rosters.list_to_tell(tx, row.id)

    assert [(each.enrolment_id, each.texts) for each in told] == [
        (absent.id, ("名额确认了，班已经开课，请按课表到二楼实训室上课",))
    ]


def test_everybody_is_told_of_her_seat_once(tx: Transaction, make: Factory) -> None:
    row = make.training_class(seats=1)
    first, second = make.enrolment(row), make.enrolment(row)
    seat(tx, first, "1")
    seat(tx, second, "2")

    told = {each.enrolment_id: each.texts for each in rosters.list_to_tell(tx)}
    rosters.note_told(tx, [first.id, second.id])
    tx.flush()
    again = rosters.list_to_tell(tx)
    seat(tx, second, "1")
    moved_up = rosters.list_to_tell(tx)

    assert told[first.id] == (f"名额确认了，{row.start_on.isoformat()} 到二楼实训室上课",)
    assert told[second.id] == ("人满了，排在候补；有人退班就按顺序递补，到时再通知",)
    assert again == []
    assert [each.enrolment_id for each in moved_up] == [second.id]


def test_dropping_out_needs_a_reason_and_happens_once(tx: Transaction, make: Factory) -> None:
    row = make.enrolment()

    with pytest.raises(InvalidInputError):
        enrolments.drop(tx, row.id, "")
    enrolments.drop(tx, row.id, "01", "进了物业公司")

    assert (row.state, row.drop_reason, row.ended_on) == ("40", "01", clock.today())
    with pytest.raises(RuleError, match="已经退班"):
        enrolments.drop(tx, row.id, "01")


def test_going_ahead_needs_a_reason_and_no_seat(tx: Transaction, make: Factory) -> None:
    row = make.training_class(seats=1)
    seated, waiting = make.enrolment(row), make.enrolment(row)
    seat(tx, seated, "1")
    seat(tx, waiting, "2")

    enrolments.promote(tx, waiting.id, "就业困难人员优先")

    assert (waiting.ahead, waiting.ahead_why) == (True, "就业困难人员优先")
    with pytest.raises(RuleError, match="已经确认"):
        enrolments.promote(tx, seated.id, "就业困难人员优先")
    with pytest.raises(InvalidInputError):
        enrolments.promote(tx, waiting.id, "")


def test_a_badge_finds_its_person_and_says_what_is_wrong(tx: Transaction, make: Factory) -> None:
    row = make.enrolment()
    code = slip_payload(row.enrol_no)

    assert rosters.find_by_badge(tx, row.class_id, code).id == row.id
    assert rosters.find_by_badge(tx, row.class_id, row.enrol_no.lower()).id == row.id
    with pytest.raises(RuleError, match="校验位不符"):
        rosters.find_by_badge(tx, row.class_id, code[:-1] + str((int(code[-1]) + 1) % 10))
    with pytest.raises(RuleError, match="应像 BM330110"):
        rosters.find_by_badge(tx, row.class_id, "TJ330110261103-0007")


def test_the_residents_file_shows_training(tx: Transaction, make: Factory) -> None:
    signed = make.graduate()
    issued = issue_completion(tx, signed.id)
    tx.flush()
    assert timeline.list_happenings(tx, signed.resident_id) == []  # the operation is written with the commit

    texts = timeline._records_of(tx, signed.resident_id)

    assert texts[signed.id] == f"家政服务员（初级），{signed.enrol_no}"
    assert texts[issued.id] == f"家政服务员（初级）结业证明，{issued.cert_no}"
    lines = rosters.list_sign_ups(tx, signed.resident_id)
    assert [(line.enrolment_id, line.seat_text, line.class_state) for line in lines] == [(signed.id, "结业", "40")]


def test_a_merge_of_two_files_takes_the_sign_ups_along(tx: Transaction, make: Factory) -> None:
    keep, drop = make.resident(), make.resident()
    signed = make.enrolment(None, drop)

    merging.merge_files(tx, keep.id, drop.id)
    tx.flush()

    assert signed.resident_id == keep.id


def test_a_walk_in_is_signed_up_later_with_her_marks(tx: Transaction, make: Factory) -> None:
    row = make.training_class(lessons=2, start_on=clock.today() - timedelta(days=1), state="30")
    first, second = make.lessons(row)
    come = marking.walk_in(tx, first.id, "周素琴", phone="19900000011")
    marking.walk_in(tx, second.id, "周素琴", walk_in_id=come.walk_in_id)
    person = make.resident(emp_status="21")
    tx.flush()

    signed = marking.adopt(tx, row.id, come.walk_in_id, person.id)
    tx.flush()

    grid = load_grid(tx, row.id)
    assert [(each.id, each.walk_in, sorted(each.cells)) for each in grid.people] == [
        (signed.id, False, sorted([first.id, second.id]))
    ]
