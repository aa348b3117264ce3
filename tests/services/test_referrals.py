"""Slips: numbered, consented, durable before print; copies counted, voids keep their number."""

from datetime import timedelta

import pytest

from app import clock
from app.db.database import Actor, Database, Transaction
from app.errors import InvalidInputError, NotFoundError, RuleError
from app.models.identity import slip_payload
from app.models.resident import Resident
from app.services import referrals, registrations, vacancies
from tests.factories import Factory, fictional_id


def test_slip_numbers_count_up_per_device_and_month(make: Factory) -> None:
    first, second = make.referral(), make.referral()

    month = f"{clock.to_local(clock.now()):%y%m}"
    assert (first.slip_no, second.slip_no) == (f"TJ330110{month}01-0001", f"TJ330110{month}01-0002")


def test_last_place_is_given_once(tx: Transaction, make: Factory) -> None:
    vacancy = make.vacancy(openings=1)
    hired = make.referral(vacancy)
    referrals.record_outcome(
        tx, hired.id, {"outcome": "1", "reply_way": "1", "onboard_date": clock.today(), "contract_type": "10"}
    )
    tx.flush()

    with pytest.raises(RuleError, match="招满"):
        make.referral(vacancy)


def test_without_consent_there_is_no_slip(tx: Transaction, make: Factory) -> None:
    resident = make.resident()
    make.registration(resident)
    vacancy = make.vacancy()

    with pytest.raises(RuleError, match="同意"):
        referrals.issue_referral(tx, resident_id=resident.id, vacancy_id=vacancy.id, consent_share=False)


def test_without_registration_there_is_no_slip(tx: Transaction, make: Factory) -> None:
    with pytest.raises(RuleError, match="求职登记"):
        referrals.issue_referral(tx, resident_id=make.resident().id, vacancy_id=make.vacancy().id, consent_share=True)


def test_the_same_vacancy_is_not_tried_twice_in_90_days(make: Factory) -> None:
    vacancy, resident = make.vacancy(openings=5), make.resident()
    make.referral(vacancy, resident)

    with pytest.raises(RuleError, match="90 天"):
        make.referral(vacancy, resident)


def test_after_a_void_the_vacancy_may_be_tried_again(tx: Transaction, make: Factory) -> None:
    vacancy, resident = make.vacancy(openings=5), make.resident()
    referrals.void_referral(tx, make.referral(vacancy, resident).id, "1")

    again = make.referral(vacancy, resident)

    assert again.slip_no.endswith("-0002")


def test_a_child_is_never_referred(tx: Transaction, make: Factory) -> None:
    born = clock.today() - timedelta(days=15 * 365)
    resident = make.resident(id_no=fictional_id(f"{born:%Y%m%d}", 998), emp_status="31")

    with pytest.raises(RuleError, match="童工"):
        make.referral(resident=resident)


def test_a_taken_down_or_unreviewed_vacancy_is_not_referred_to(tx: Transaction, make: Factory) -> None:
    waiting = make.vacancy(published=False)
    down = make.vacancy()
    vacancies.take_down(tx, down.id, "单位撤岗")

    for vacancy in (waiting, down):
        with pytest.raises(RuleError, match="没发布或已下架"):
            make.referral(vacancy)


def test_the_first_print_is_the_original_and_copies_need_a_reason(tx: Transaction, make: Factory) -> None:
    referral = make.referral()

    original = referrals.record_print(tx, referral.id, paper="A4", way="printer")
    with pytest.raises(InvalidInputError, match="补打"):
        referrals.record_print(tx, referral.id, paper="A4", way="printer")
    copy = referrals.record_print(tx, referral.id, paper="A5", way="printer", why="1")

    assert (original.copy_no, copy.copy_no, copy.why) == (0, 1, "1")
    assert referrals.slip_facts(tx, referral.id, copy_no=1).copy_no == 1


def test_a_void_slip_keeps_its_number_and_is_not_printed(tx: Transaction, make: Factory) -> None:
    referral = make.referral()
    referrals.void_referral(tx, referral.id, "2")

    with pytest.raises(RuleError, match="作废"):
        referrals.record_print(tx, referral.id, paper="A4", way="printer")
    assert make.referral().slip_no > referral.slip_no
    assert referrals.find_by_slip(tx, referral.slip_no).state == "60"


def test_the_reply_is_found_by_what_the_scanner_types(tx: Transaction, make: Factory) -> None:
    referral = make.referral()
    tx.flush()

    assert referrals.find_by_slip(tx, slip_payload(referral.slip_no)).id == referral.id
    with pytest.raises(RuleError):
        referrals.find_by_slip(tx, slip_payload(referral.slip_no)[:-1] + "x")
    with pytest.raises(NotFoundError):
        referrals.find_by_slip(tx, "TJ330110261177-0007")


def test_a_hire_ends_the_registration_and_changes_the_status(tx: Transaction, make: Factory) -> None:
    resident = make.resident(id_no=fictional_id("19850503", 998), emp_status="22")
    make.registration(resident)
    referral = make.referral(resident=resident)

    referrals.record_outcome(
        tx,
        referral.id,
        {"outcome": "1", "reply_way": "1", "onboard_date": clock.today(), "contract_type": "10", "wage_agreed": 480000},
    )
    tx.flush()

    assert tx.get(Resident, resident.id).emp_status == "11"
    assert registrations.active_registration(tx, resident.id) is None
    assert referral.state == "40"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"outcome": "1", "reply_way": "1", "contract_type": "10"}, "onboard_date"),
        ({"outcome": "3", "reply_way": "1"}, "outcome_reason"),
        ({"outcome": "3", "outcome_reason": "03"}, "reply_way"),
        ({"reply_way": "1"}, "outcome"),
        ({"outcome": "8", "reply_way": "1"}, "outcome"),
    ],
)
def test_an_incomplete_reply_is_told_at_its_field(
    tx: Transaction, make: Factory, values: dict[str, str], field: str
) -> None:
    with pytest.raises(InvalidInputError) as told:
        referrals.record_outcome(tx, make.referral().id, values)

    assert field in told.value.fields


def test_the_slip_carries_phone_and_sex_only_if_agreed(tx: Transaction, make: Factory) -> None:
    silent, open_one = make.referral(), make.referral(print_sex=True, print_phone=True)

    assert (referrals.slip_facts(tx, silent.id).phone, referrals.slip_facts(tx, silent.id).sex) == (None, None)
    assert referrals.slip_facts(tx, open_one.id).phone is not None


def test_numbers_are_not_reused_after_a_restart(database: Database, actor: Actor) -> None:
    with database.write(actor) as tx:
        first = Factory(tx).referral().slip_no
    database.engine.dispose()

    with database.write(actor) as tx:
        assert Factory(tx).referral().slip_no > first
