"""Households at the level of an address, and the consents a person takes back."""

from typing import Any

import pytest

from app import clock
from app.db.database import Actor, Database, Transaction
from app.errors import InvalidInputError, RuleError
from app.services import history, households, residents, timeline
from tests.factories import Factory, fictional_id

HOUSE = {"house_no": "301", "building": "溪桥苑 5 幢", "hukou_household": True, "has_business_income": False}


def member(resident_id: str | None = None, **values: Any) -> dict[str, Any]:
    base = {"relation": "0", "able": True, "willing": True, "status_at_check": "21"}
    return {**base, **({"resident_id": resident_id} if resident_id else {}), **values}


def spouse(**values: Any) -> dict[str, Any]:
    return member(None, name="葛阿秀", relation="1", willing=False, status_at_check="35", **values)


def test_a_household_is_saved_with_its_members(tx: Transaction, make: Factory) -> None:
    person = make.resident()

    households.save_household(tx, person.id, HOUSE, [member(person.id), spouse()])

    found = households.list_household(tx, person)
    assert found is not None
    assert [(line.name, line.relation) for line in found.members] == [(person.name, "0"), ("葛阿秀", "1")]
    assert person.household_id == found.household.id


def test_who_is_not_named_any_more_is_taken_out(tx: Transaction, make: Factory) -> None:
    person, son = make.resident(), make.resident()
    households.save_household(tx, person.id, HOUSE, [member(person.id), member(son.id, relation="2")])
    first = households.list_household(tx, person)
    assert first is not None

    households.save_household(tx, person.id, HOUSE, [member(person.id, id=first.members[0].id)])

    found = households.list_household(tx, person)
    assert found is not None
    assert [line.id for line in found.members] == [first.members[0].id]
    assert son.household_id is None


def test_errors_name_the_member_and_the_field(tx: Transaction, make: Factory) -> None:
    person = make.resident()

    with pytest.raises(InvalidInputError) as told:
        households.save_household(tx, person.id, HOUSE, [member(person.id), spouse(able=None), member(relation="")])

    assert set(told.value.fields) == {"members.1.able", "members.2.relation"}


def test_a_household_without_the_person_herself_is_refused(tx: Transaction, make: Factory) -> None:
    with pytest.raises(RuleError):
        households.save_household(tx, make.resident().id, HOUSE, [spouse()])


def test_a_child_under_14_is_no_member(tx: Transaction, make: Factory) -> None:
    person = make.resident()
    child = make.resident(id_no=fictional_id(f"{clock.today().year - 9}0105"))

    with pytest.raises(InvalidInputError) as told:
        households.save_household(tx, person.id, HOUSE, [member(person.id), member(child.id, relation="3")])

    assert set(told.value.fields) == {"members.1.name"}


def test_who_joins_a_known_household_leaves_the_one_before(tx: Transaction, make: Factory) -> None:
    first, second = make.resident(), make.resident()
    households.save_household(tx, first.id, HOUSE, [member(first.id)])
    households.save_household(tx, second.id, {**HOUSE, "house_no": "302"}, [member(second.id)])
    known = households.find_at_address(tx, "溪桥苑 5 幢", "301")
    assert known is not None
    kept = [member(first.id, id=known.members[0].id), member(second.id, relation="1")]

    households.save_household(tx, second.id, HOUSE, kept, household_id=known.household.id)

    left = households.find_at_address(tx, "溪桥苑 5 幢", "302")
    assert second.household_id == known.household.id
    assert left is not None
    assert left.members == ()


def test_saving_a_household_is_one_line_of_the_file_and_can_be_undone(database: Database, actor: Actor) -> None:
    with database.write(actor) as tx:
        person = Factory(tx).resident()
    with database.write(actor) as tx:
        households.save_household(tx, person.id, HOUSE, [member(person.id), spouse()])
    with database.read() as tx:
        assert [line.act for line in timeline.list_happenings(tx, person.id)] == ["household.save", "resident.register"]

    with database.write(actor) as tx:
        history.undo(tx, history.list_done(tx)[0].op)

    with database.read() as tx:
        assert households.list_household(tx, timeline.load_file(tx, person.id).resident) is None


def test_a_member_is_suggested_from_what_is_known(tx: Transaction, make: Factory) -> None:
    person = make.resident(name="顾念真", id_no=fictional_id("19850503"))
    make.unemp_reg(person)

    line = households.suggest_member(tx, person.id)

    assert (line.name, line.able, line.willing, line.status_at_check) == ("顾念真", True, True, "21")


def test_a_consent_is_withdrawn_once_and_stays_on_the_file(tx: Transaction, make: Factory) -> None:
    person = make.resident()
    consent = make.consent(person)

    residents.withdraw_consent(tx, consent.id)

    lines = timeline.list_consents(tx, person.id)
    assert [line.withdrawn_at is not None for line in lines if line.kind == "2"] == [True]
    with pytest.raises(RuleError):
        residents.withdraw_consent(tx, consent.id)


def test_a_notice_is_not_withdrawn(tx: Transaction, make: Factory) -> None:
    person = make.resident()
    tx.flush()

    with pytest.raises(RuleError):
        residents.withdraw_consent(tx, timeline.list_consents(tx, person.id)[0].id)


def test_the_changes_of_a_file_span_all_its_records(database: Database, actor: Actor) -> None:
    with database.write(actor) as tx:
        person = Factory(tx).resident()
    with database.write(actor) as tx:
        residents.edit_resident(tx, person.id, {"mobile": "19900000008"})

    with database.read() as tx:
        changes = timeline.list_file_changes(tx, person.id)

    assert (changes[0].field, changes[0].new, changes[0].sent) == ("mobile", "19900000008", False)
    assert {"resident", "consent", "emp_status"} <= {change.record_type for change in changes}
