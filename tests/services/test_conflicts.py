"""What two sides changed is told in words and settled once, by the rules of the record; undo asks again."""

from datetime import UTC, datetime
from typing import Any

import pytest

from app import clock
from app.db.database import Actor, Database
from app.errors import InvalidInputError, RuleError
from app.models.conflict import Conflict
from app.models.registration import EmpStatus
from app.models.resident import Resident
from app.models.wire import to_wire
from app.services import conflicts, history, residents
from tests.factories import NOTICE, RESIDENT, STAFF_ID, fictional_id

WHEN = "2026-11-20T02:14:00.000Z"


@pytest.fixture
def resident_id(database: Database, actor: Actor) -> str:
    with database.write(actor) as tx:
        return residents.register_resident(tx, dict(RESIDENT), consents=[NOTICE]).id


def ask(database: Database, actor: Actor, resident_id: str, field: str, ours: Any, theirs: Any) -> str:
    """Make a conflict as the district does."""
    side = {"op": "op-1", "act": "resident.edit", "actor": STAFF_ID, "device": "pc-2", "made_at": WHEN}
    values = {"record_type": "resident", "record_id": resident_id, "field": field, "standing": "theirs"}
    with database.write(actor) as tx:
        tx.act("conflict.settle")
        row = Conflict.model_validate(
            {**values, "ours": {**side, "value": ours}, "theirs": {**side, "value": theirs}, "state": "open"}
        )
        tx.add(row)
        return row.id


def settle(database: Database, actor: Actor, conflict_id: str, choice: str, value: Any = None) -> None:
    with database.write(actor) as tx:
        conflicts.settle(tx, conflict_id, choice, value)


def see(database: Database, resident_id: str) -> Resident:
    with database.read() as tx:
        row = tx.session.get(Resident, resident_id)
        assert row is not None
        return row


def test_a_conflict_is_told_in_words_with_numbers_masked(database: Database, actor: Actor, resident_id: str) -> None:
    ask(database, actor, resident_id, "mobile", "19900000008", "19900000003")
    ask(database, actor, resident_id, "edu_level", "21", "61")

    with database.read() as tx:
        phone, schooling = conflicts.list_conflicts(tx)

    assert [side.text for side in phone.sides] == ["199****0008", "199****0003"]
    assert (phone.subject, phone.sides[0].who, phone.sides[0].act_label) == ("葛守成", "陶丽华", "改资料")
    assert phone.sides[0].made_at == datetime(2026, 11, 20, 2, 14, tzinfo=UTC)
    assert [side.stands for side in phone.sides] == [False, True]
    assert all(not side.text.isdigit() for side in schooling.sides)


@pytest.mark.parametrize(("choice", "shown"), [("ours", "19900000008"), ("theirs", "19900000003")])
def test_settling_shows_the_chosen_value_and_closes(
    database: Database, actor: Actor, resident_id: str, choice: str, shown: str
) -> None:
    asked = ask(database, actor, resident_id, "mobile", "19900000008", "19900000003")

    settle(database, actor, asked, choice)

    assert see(database, resident_id).mobile == shown
    with database.read() as tx:
        row = tx.get(Conflict, asked)
        assert (row.state, row.settled_by, row.settled_value) == ("settled", STAFF_ID, {"value": shown})
        assert row.settled_at is not None
        assert conflicts.list_conflicts(tx) == ()


def test_both_wrong_a_third_is_written_as_the_record_writes_it(
    database: Database, actor: Actor, resident_id: str
) -> None:
    asked = ask(database, actor, resident_id, "mobile", "19900000008", "19900000003")

    settle(database, actor, asked, "other", "199 0000 0009")

    assert see(database, resident_id).mobile == "19900000009"


@pytest.mark.parametrize(("field", "value"), [("mobile", "1990000"), ("edu_level", "没有"), ("name", ""), ("name", 3)])
def test_a_value_that_breaks_a_rule_settles_nothing(
    database: Database, actor: Actor, resident_id: str, field: str, value: Any
) -> None:
    asked = ask(database, actor, resident_id, field, "甲", "乙")

    with pytest.raises(InvalidInputError) as problem:
        settle(database, actor, asked, "other", value)

    assert set(problem.value.fields) == {field}
    with database.read() as tx:
        assert tx.get(Conflict, asked).state == "open"


def test_undo_asks_again_and_both_values_stay_in_the_history(
    database: Database, actor: Actor, resident_id: str
) -> None:
    asked = ask(database, actor, resident_id, "mobile", "19900000008", "19900000003")
    settle(database, actor, asked, "ours")

    with database.write(actor) as tx:
        history.undo(tx, history.list_done(tx)[0].op)

    assert see(database, resident_id).mobile == "19900000003"
    with database.read() as tx:
        assert [item.id for item in conflicts.list_conflicts(tx)] == [asked]
        said = {change.new for change in history.list_changes(tx, "resident", resident_id, "mobile")}
    assert said == {"19900000008", "19900000003"}


def test_what_is_settled_is_not_settled_again(database: Database, actor: Actor, resident_id: str) -> None:
    asked = ask(database, actor, resident_id, "mobile", "19900000008", "19900000003")
    settle(database, actor, asked, "ours")

    with pytest.raises(RuleError, match=r"陶丽华 已经选定：199\*\*\*\*0008"):
        settle(database, actor, asked, "theirs")


def test_another_id_number_brings_sex_and_birth_date(database: Database, actor: Actor, resident_id: str) -> None:
    number = fictional_id("19720309", 998)
    asked = ask(database, actor, resident_id, "id_no", number, RESIDENT["id_no"])

    settle(database, actor, asked, "ours")

    person = see(database, resident_id)
    assert (person.id_no, f"{person.birth_date}", person.sex) == (number, "1972-03-09", "2")


def test_an_id_number_of_another_file_is_refused(database: Database, actor: Actor, resident_id: str) -> None:
    number = fictional_id("19720309", 998)
    with database.write(actor) as tx:
        residents.register_resident(tx, {**RESIDENT, "name": "陆知夏", "id_no": number}, consents=[NOTICE])
    asked = ask(database, actor, resident_id, "id_no", number, RESIDENT["id_no"])

    with pytest.raises(RuleError, match="陆知夏"):
        settle(database, actor, asked, "ours")


def test_a_settled_employment_status_goes_into_its_history(database: Database, actor: Actor, resident_id: str) -> None:
    asked = ask(database, actor, resident_id, "emp_status", "21", "22")

    settle(database, actor, asked, "ours")

    with database.read() as tx:
        rows = tx.rows(EmpStatus.__table__.select())  # type: ignore[attr-defined]
        assert [(row.from_status, row.to_status) for row in rows][-1] == ("22", "21")


@pytest.mark.parametrize("choice", ["restore", "theirs"])
def test_deleted_here_edited_there_may_live(database: Database, actor: Actor, resident_id: str, choice: str) -> None:
    gone = to_wire(clock.now())
    with database.write(actor) as tx:
        residents.remove_resident(tx, resident_id, "重复建档")
    asked = ask(database, actor, resident_id, "deleted_at", gone, None)

    settle(database, actor, asked, choice)

    person = see(database, resident_id)
    assert (person.deleted_at, person.delete_reason) == (None, None)


def test_deleted_here_edited_there_may_go_and_come_back(database: Database, actor: Actor, resident_id: str) -> None:
    asked = ask(database, actor, resident_id, "deleted_at", to_wire(clock.now()), None)
    with database.read() as tx:
        [item] = conflicts.list_conflicts(tx)
    assert item.removal
    assert [side.text for side in item.sides] == ["作废", "恢复"]

    settle(database, actor, asked, "remove")
    assert see(database, resident_id).deleted_at is not None

    with database.write(actor) as tx:
        history.undo(tx, history.list_done(tx)[0].op)
    assert see(database, resident_id).deleted_at is None


def test_a_third_choice_is_not_offered_where_it_is_live_or_not(
    database: Database, actor: Actor, resident_id: str
) -> None:
    asked = ask(database, actor, resident_id, "deleted_at", to_wire(clock.now()), None)

    with pytest.raises(RuleError, match="只能选"):
        settle(database, actor, asked, "other", WHEN)
