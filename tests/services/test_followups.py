"""Follow-ups: when they are due, every try, what they belong to."""

from datetime import timedelta
from typing import Any

import pytest

from app import clock
from app.db.database import Transaction
from app.errors import InvalidInputError, RuleError
from app.services import followups, todos
from app.services.contacts import last_contacts
from app.services.followups_due import find_due, list_due
from tests.factories import Factory

NOT_REACHED = {"reached": False, "still_employed": None, "si_paid": None, "result": None}


def later(days: int) -> None:
    clock.shift(timedelta(days=days))


def due_of(tx: Transaction, origin_id: str) -> tuple[int, int | None] | None:
    """Return in how many days a follow-up is due and after how many days since the hire, or None."""
    due = find_due(tx, origin_id)
    return None if due is None else ((due.due_on - clock.today()).days, due.after_days)


@pytest.mark.parametrize(
    ("days_ago", "due"),
    [(3, None), (4, (3, 7)), (7, (0, 7)), (20, (-13, 7)), (28, (-21, 7)), (31, (-1, 30)), (92, (-2, 90)), (121, None)],
)
def test_a_hire_is_followed_up_after_7_30_and_90_days(
    tx: Transaction, make: Factory, days_ago: int, due: tuple[int, int] | None
) -> None:
    slip = make.hired(days_ago=days_ago)

    assert due_of(tx, slip.id) == due


def test_people_in_difficulty_are_followed_up_after_180_days_too(tx: Transaction, make: Factory) -> None:
    person = make.resident(priority_groups=[{"code": "KG02"}])
    usual, longer = make.hired(days_ago=180), make.hired(person, days_ago=180)

    assert (due_of(tx, usual.id), due_of(tx, longer.id)) == (None, (0, 180))


def test_the_days_are_the_districts(tx: Transaction, make: Factory) -> None:
    slip = make.hired(days_ago=14)
    make.policy_param(key="fu.onboard", value=[14])
    tx.flush()

    assert due_of(tx, slip.id) == (0, 14)


def test_a_follow_up_that_is_done_is_due_no_more_until_the_next_day(tx: Transaction, make: Factory) -> None:
    slip = make.hired(days_ago=7)
    make.followup(slip)
    done = due_of(tx, slip.id)

    later(21)

    assert (done, due_of(tx, slip.id)) == (None, (2, 30))


def test_whoever_left_the_job_is_not_asked_again_whether_she_is_in_it(tx: Transaction, make: Factory) -> None:
    slip = make.hired(days_ago=7)
    row = make.followup(
        slip,
        still_employed=False,
        left_on=clock.today(),
        left_why="离家太远",
        result="3",
        next_on=clock.today() + timedelta(days=1),
    )
    promised = find_due(tx, slip.id)
    followups.edit_followup(tx, row.id, {"next_on": None})
    tx.flush()

    later(23)

    assert promised is not None and promised.after_days is None
    assert due_of(tx, slip.id) is None


def test_a_graduate_is_followed_up_after_30_days(tx: Transaction, make: Factory) -> None:
    person = make.graduate()
    later(29)

    due = find_due(tx, person.id)

    assert due is not None
    assert (due.origin_kind, due.after_days, due.due_on) == ("enrolment", 30, clock.today() + timedelta(days=1))
    row = followups.record_followup(
        tx,
        {"origin_kind": "enrolment", "origin_id": person.id, "due_on": due.due_on, "done_at": clock.now()}
        | {"way": "1", "reached": True, "result": "4"},
    )
    tx.flush()
    assert (row.target_kind, row.resident_id) == ("4", person.resident_id)
    assert find_due(tx, person.id) is None


def test_three_failed_tries_on_three_days_are_unreachable(tx: Transaction, make: Factory) -> None:
    slip = make.hired(days_ago=7)
    due_on = clock.today()
    tries = []
    for day in range(3):
        later(day)
        row = make.followup(slip, due_on=due_on, done_at=clock.now(), **NOT_REACHED)
        again = make.followup(slip, due_on=due_on, done_at=clock.now(), **NOT_REACHED) if day == 0 else row
        tries.append((again.attempts, len(again.tried_on), again.result))

    assert tries == [(2, 1, None), (3, 2, None), (4, 3, "8")]
    assert len(followups.list_followups(tx, slip.resident_id)) == 1
    assert due_of(tx, slip.id) is None


def test_two_tries_are_not_enough_to_give_up(tx: Transaction, make: Factory) -> None:
    slip = make.hired()

    with pytest.raises(InvalidInputError) as refused:
        make.followup(slip, **{**NOT_REACHED, "result": "8"})

    assert "试满 3 天" in refused.value.fields["result"]


def test_an_open_try_stays_due_and_says_how_often_it_was_tried(tx: Transaction, make: Factory) -> None:
    slip = make.hired()
    make.followup(slip, **NOT_REACHED)

    todo = next(each for each in todos.list_todos(tx) if each.kind == "回访")

    assert todo.record_id == slip.id
    assert "试过 1 天没联系上" in todo.text
    assert last_contacts(tx, [slip.resident_id])[slip.resident_id] == slip.issued_at


def test_reached_at_last_closes_the_same_record(tx: Transaction, make: Factory) -> None:
    slip = make.hired()
    first = make.followup(slip, **NOT_REACHED)

    row = make.followup(slip, satisfaction=5)

    assert (row.id, row.attempts, row.result) == (first.id, 2, "1")
    assert last_contacts(tx, [slip.resident_id])[slip.resident_id] == row.done_at


def test_a_day_is_followed_up_once(tx: Transaction, make: Factory) -> None:
    slip = make.hired()
    make.followup(slip)

    with pytest.raises(RuleError):
        make.followup(slip)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"result": None}, "result"),
        ({"result": "8"}, "result"),
        ({"still_employed": None}, "still_employed"),
        ({"still_employed": False, "left_why": "太远"}, "left_on"),
        ({"still_employed": False, "left_on": clock.today()}, "left_why"),
        ({"still_employed": False, "left_on": clock.today() + timedelta(days=9), "left_why": "太远"}, "left_on"),
        ({"satisfaction": 0}, "satisfaction"),
        ({"done_at": clock.now() + timedelta(days=1)}, "done_at"),
        ({"done_at": clock.now() - timedelta(days=5)}, "late_why"),
        ({"way": None}, "way"),
        ({"next_on": clock.today()}, "next_on"),
        ({**NOT_REACHED, "result": "1"}, "result"),
        ({"target_kind": "3", "employer_id": None, "origin_kind": "visit"}, "employer_id"),
    ],
)
def test_what_a_follow_up_lacks_is_said_at_its_field(
    tx: Transaction, make: Factory, wrong: dict[str, Any], field: str
) -> None:
    slip = make.hired()
    if wrong.get("origin_kind") == "visit":
        wrong = {**wrong, "origin_id": make.visit().id}

    with pytest.raises(InvalidInputError) as refused:
        make.followup(slip, **wrong)

    assert field in refused.value.fields


def test_a_follow_up_belongs_to_its_own_person(tx: Transaction, make: Factory) -> None:
    slip, other = make.hired(), make.resident()

    with pytest.raises(InvalidInputError) as refused:
        make.followup(slip, resident_id=other.id)

    assert "resident_id" in refused.value.fields


def test_an_employer_is_followed_up_without_naming_a_person(tx: Transaction, make: Factory) -> None:
    slip = make.hired()

    row = make.followup(slip, target_kind="3", result="6", still_employed=None)

    assert row.resident_id is None and row.employer_id is not None


def test_what_a_visit_promised_is_on_the_list_until_something_is_done(tx: Transaction, make: Factory) -> None:
    row = make.visit(next_on=clock.today() + timedelta(days=5))
    early = list_due(tx)
    make.policy_intro(tx_person(tx, row.resident_id))
    later(4)
    due = find_due(tx, row.id)
    todo = next(each for each in todos.list_todos(tx) if each.record_id == row.id)

    followups.record_followup(
        tx,
        {"origin_kind": "visit", "origin_id": row.id, "due_on": row.next_on, "done_at": clock.now()}
        | {"way": "1", "reached": True, "result": "6"},
    )
    tx.flush()

    assert early == []
    assert due is not None and due.promised == "电话回访"
    assert (todo.kind, todo.days, todo.text) == ("回访", 1, "走访时说好：电话回访")
    assert find_due(tx, row.id) is None


def test_a_slip_issued_about_the_promised_day_keeps_the_promise(tx: Transaction, make: Factory) -> None:
    row = make.guidance(next_on=clock.today() + timedelta(days=2))
    before = find_due(tx, row.id)
    later(1)
    make.referral(resident=tx_person(tx, row.resident_id))
    tx.flush()

    assert before is not None
    assert find_due(tx, row.id) is None


def test_nobody_is_due_whose_file_was_removed(tx: Transaction, make: Factory) -> None:
    slip = make.hired()
    tx.remove(tx_person(tx, slip.resident_id), "测试")
    tx.flush()

    assert due_of(tx, slip.id) is None


def tx_person(tx: Transaction, resident_id: str) -> Any:
    from app.models.resident import Resident

    return tx.get(Resident, resident_id)
