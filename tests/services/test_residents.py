"""Registering, finding and comparing residents."""

import pytest

from app.db.database import Actor, Database, Transaction
from app.errors import InvalidInputError, RuleError
from app.services import residents
from app.services.registrations import active_registration
from tests.factories import NOTICE, REGISTRATION, RESIDENT, Factory, fictional_id


def test_sex_and_birth_date_follow_from_the_id_number(make: Factory) -> None:
    resident = make.resident(id_no="31010519751001996x")

    assert (resident.id_no, resident.sex, str(resident.birth_date)) == ("31010519751001996X", "2", "1975-10-01")


def test_missing_fields_are_told_one_by_one(tx: Transaction) -> None:
    with pytest.raises(InvalidInputError) as told:
        residents.register_resident(tx, {"name": "葛守成", "id_no": RESIDENT["id_no"]}, consents=[NOTICE])

    assert {"mobile", "edu_level", "live_region", "hukou_region", "emp_status"} <= set(told.value.fields)


def test_a_short_phone_says_how_many_digits_are_missing(tx: Transaction) -> None:
    with pytest.raises(InvalidInputError) as told:
        residents.register_resident(tx, {**RESIDENT, "mobile": "1990000004"}, consents=[NOTICE])

    assert told.value.fields["mobile"] == "少 1 位：现在 10 位，应为 11 位"


def test_a_sex_that_contradicts_the_id_asks_for_confirmation(tx: Transaction) -> None:
    with pytest.raises(InvalidInputError) as told:
        residents.register_resident(tx, {**RESIDENT, "sex": "2"}, consents=[NOTICE])
    assert "sex" in told.value.fields

    resident = residents.register_resident(tx, {**RESIDENT, "sex": "2", "mismatch_confirmed": True}, consents=[NOTICE])
    assert resident.sex == "2"


def test_nobody_is_registered_before_she_was_told(tx: Transaction) -> None:
    with pytest.raises(InvalidInputError, match="告知书"):
        residents.register_resident(tx, dict(RESIDENT))


def test_the_same_id_number_is_registered_once(tx: Transaction) -> None:
    residents.register_resident(tx, dict(RESIDENT), consents=[NOTICE])

    with pytest.raises(RuleError, match="已经有档案"):
        residents.register_resident(tx, {**RESIDENT, "name": "葛守城"}, consents=[NOTICE])


def test_registering_with_intents_opens_a_numbered_registration(make: Factory, tx: Transaction) -> None:
    resident = residents.register_resident(tx, dict(RESIDENT), registration=REGISTRATION, consents=[NOTICE])

    registration = active_registration(tx, resident.id)

    assert registration is not None
    assert registration.rec_no is not None and registration.rec_no.startswith("QZ330110")
    assert registration.valid_until is not None and registration.valid_until > registration.reg_date


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("单明月", "shan"),
        ("单明月", "smy"),
        ("仇远", "qiu"),
        ("曾小川", "zeng"),
        ("解放", "xie"),
        ("区少华", "ou"),
        ("尉迟敬", "yuchi"),
        ("尉迟敬", "ycj"),
        ("葛守成", "守成"),
        ("葛守成", "成"),
        ("葛守成", "geshoucheng"),
        ("葛守成", "gsc"),
        ("𬱖㛃", "㛃"),
        ("陆𤩽", "𤩽"),
    ],
)
def test_a_resident_is_found_by_any_part_of_the_name(database: Database, actor: Actor, name: str, typed: str) -> None:
    with database.write(actor) as tx:
        residents.register_resident(tx, {**RESIDENT, "name": name}, consents=[NOTICE])

    with database.read() as tx:
        assert [hit.name for hit in residents.search_residents(tx, typed)] == [name]


@pytest.mark.parametrize("typed", ["9991", "189991", "0003", "19900000003", "330110197002189991"])
def test_a_resident_is_found_by_tails_of_numbers(database: Database, actor: Actor, typed: str) -> None:
    with database.write(actor) as tx:
        residents.register_resident(tx, dict(RESIDENT), consents=[NOTICE])

    with database.read() as tx:
        assert [hit.name for hit in residents.search_residents(tx, typed)] == ["葛守成"]


def test_a_resident_is_found_by_her_slip(database: Database, actor: Actor) -> None:
    with database.write(actor) as tx:
        referral = Factory(tx).referral()
        slip_no, resident_id = referral.slip_no, referral.resident_id

    with database.read() as tx:
        assert [hit.id for hit in residents.search_residents(tx, slip_no.lower())] == [resident_id]


def test_a_renamed_resident_is_found_by_the_new_name_only(database: Database, actor: Actor) -> None:
    with database.write(actor) as tx:
        resident_id = residents.register_resident(tx, dict(RESIDENT), consents=[NOTICE]).id
    with database.write(actor) as tx:
        residents.edit_resident(tx, resident_id, {"name": "葛守城"})

    with database.read() as tx:
        assert residents.search_residents(tx, "守成") == []
        assert len(residents.search_residents(tx, "守城")) == 1


def test_odd_searches_find_nothing_and_break_nothing(tx: Transaction) -> None:
    for typed in ("", " ", '"', "*", "AND", "a OR b", '葛*"(', "'; DROP TABLE resident; --", "\x00", "NEAR(", "^", "-"):
        assert residents.search_residents(tx, typed) == []


def test_similar_name_with_same_birth_date_is_a_probable_duplicate(tx: Transaction) -> None:
    residents.register_resident(
        tx, {**RESIDENT, "name": "冯巧芸", "id_no": fictional_id("19790425", 996)}, consents=[NOTICE]
    )
    from datetime import date

    found = residents.find_duplicates(
        tx, name="冯巧云", id_no="330421197904259966", birth_date=date(1979, 4, 25), mobile="19900000004"
    )

    assert [(twin.resident.name, twin.certain) for twin in found] == [("冯巧芸", False)]


def test_same_birth_date_and_another_name_is_no_duplicate(tx: Transaction) -> None:
    from datetime import date

    residents.register_resident(tx, dict(RESIDENT), consents=[NOTICE])

    assert residents.find_duplicates(tx, name="毛立根", birth_date=date(1970, 2, 18)) == []


def test_same_id_number_is_certainly_the_same_person(tx: Transaction) -> None:
    residents.register_resident(tx, dict(RESIDENT), consents=[NOTICE])

    found = residents.find_duplicates(tx, id_no=RESIDENT["id_no"])

    assert [twin.certain for twin in found] == [True]


def test_a_changed_status_is_written_into_its_history(database: Database, actor: Actor) -> None:
    with database.write(actor) as tx:
        resident_id = residents.register_resident(tx, dict(RESIDENT), consents=[NOTICE]).id
    with database.write(actor) as tx:
        residents.edit_resident(tx, resident_id, {"emp_status": "16"})

    with database.read() as tx:
        rows = tx.sql(
            "SELECT from_status, to_status FROM emp_status WHERE resident_id = :id ORDER BY id", id=resident_id
        )
        assert [tuple(row) for row in rows] == [(None, "22"), ("22", "16")]
