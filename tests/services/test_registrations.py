"""Jobseeker and unemployment registrations: the rules of domain sheet 2.2, 2.3, 5.2 and 5.3."""

from datetime import date, timedelta
from typing import Any

import pytest

from app import clock
from app.db.database import Transaction
from app.errors import InvalidInputError, RuleError
from app.models.base import month_after
from app.models.resident import Resident
from app.services import registrations
from tests.factories import Factory, fictional_id

UNEMP: dict[str, Any] = {"reg_place_basis": "2", "reg_scope": "1", "unemp_reason": "22"}


def unemp(resident: Resident, **values: Any) -> dict[str, Any]:
    return {**UNEMP, "resident_id": resident.id, "unemp_date": clock.today() - timedelta(days=10), **values}


@pytest.fixture
def person(make: Factory) -> Resident:
    return make.resident(id_no=fictional_id("19850503", 998), name="顾念真")


def test_one_registration_is_in_force_at_a_time(make: Factory, person: Resident) -> None:
    make.registration(person)

    with pytest.raises(RuleError, match="还有效"):
        make.registration(person)


def test_a_renewed_registration_counts_from_today(tx: Transaction, make: Factory, person: Resident) -> None:
    row = make.registration(person, valid_until=clock.today())

    registrations.renew_registration(tx, row.id)

    assert row.valid_until == month_after(clock.today(), 6)


def test_at_most_three_wishes(make: Factory, person: Resident) -> None:
    with pytest.raises(InvalidInputError) as told:
        make.registration(person, intents=[{"trade": "4-12"}] * 4)

    assert "intents" in told.value.fields


def test_unemployment_is_registered_once_and_sets_the_status(tx: Transaction, person: Resident) -> None:
    row = registrations.register_unemployment(tx, unemp(person))

    assert (person.emp_status, row.rec_no is not None and row.rec_no[:2]) == ("21", "SY")
    with pytest.raises(RuleError, match="已经登记失业"):
        registrations.register_unemployment(tx, unemp(person))


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"unemp_date": date(2030, 1, 1)}, "unemp_date"),
        ({"reg_scope": "2", "unemp_reason": "03"}, "last_employer"),
        ({"reg_scope": "2", "unemp_reason": "03", "last_employer": "某公司"}, "leave_proof_type"),
        ({"reg_scope": "77"}, "reg_scope"),
        ({"unemp_reason": None}, "unemp_reason"),
    ],
)
def test_bad_input_is_told_at_its_field(tx: Transaction, person: Resident, values: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInputError) as told:
        registrations.register_unemployment(tx, unemp(person, **values))

    assert field in told.value.fields


def test_a_pledge_stands_in_for_a_missing_proof(tx: Transaction, person: Resident) -> None:
    row = registrations.register_unemployment(
        tx, unemp(person, reg_scope="2", unemp_reason="11", last_employer="某公司", pledge_signed=True)
    )

    assert row.involuntary is False


@pytest.mark.parametrize(("reason", "involuntary"), [("03", True), ("11", False), ("22", None)])
def test_whether_it_was_against_her_will_follows_from_the_reason(
    tx: Transaction, person: Resident, reason: str, involuntary: bool | None
) -> None:
    row = registrations.register_unemployment(tx, unemp(person, unemp_reason=reason))

    assert row.involuntary is involuntary


def test_under_16_and_past_retirement_nobody_is_registered(tx: Transaction, make: Factory) -> None:
    young = make.resident(id_no=fictional_id(f"{clock.today().year - 15}0101", 998), emp_status="31")
    old = make.resident(id_no=fictional_id("19500101", 999))

    with pytest.raises(RuleError, match="不满 16"):
        registrations.register_unemployment(tx, unemp(young))
    with pytest.raises(RuleError, match="退休年龄"):
        registrations.register_unemployment(tx, unemp(old))


def test_a_cancelled_registration_keeps_ground_and_status(tx: Transaction, person: Resident) -> None:
    row = registrations.register_unemployment(tx, unemp(person))

    with pytest.raises(InvalidInputError):
        registrations.deregister_unemployment(tx, row.id, {}, status="11")
    registrations.deregister_unemployment(tx, row.id, {"dereg_reason": "1"}, status="11")

    assert (row.dereg_reason, person.emp_status) == ("1", "11")
    with pytest.raises(RuleError, match="已经注销"):
        registrations.deregister_unemployment(tx, row.id, {"dereg_reason": "1"}, status="11")
