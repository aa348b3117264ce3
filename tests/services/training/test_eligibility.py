"""Eligibility for a subsidised class: each rule from dated district data, on both sides of a change."""

from datetime import date, timedelta

import pytest

from app import clock
from app.db.database import Transaction
from app.models.resident import Resident
from app.models.training import TrainingClass
from app.services.training import classes, enrolments
from app.services.training.eligibility import BLOCK, FINE, NO_SUBSIDY, UNKNOWN, Finding, check
from tests.factories import Factory, fictional_id
from tests.training_factory import CRAFT_COURSE

CHANGE = date(2027, 1, 1)
BEFORE, AFTER = CHANGE - timedelta(days=1), CHANGE


def ask(tx: Transaction, person: Resident, row: TrainingClass, on: date | None = None) -> dict[str, Finding]:
    tx.flush()
    return {found.rule: found for found in check(tx, person.id, row.id, on=on).findings}


def changes(make: Factory, key: str, before: object, after: object) -> None:
    make.policy_param(
        key=key, value=before, effective_from=date(2026, 1, 1), effective_to=BEFORE, source_doc="余人社 1 号"
    )
    make.policy_param(key=key, value=after, effective_from=CHANGE, source_doc="余人社 9 号")


def test_somebody_out_of_work_is_eligible_and_each_rule_says_its_source(tx: Transaction, make: Factory) -> None:
    person, row = make.resident(emp_status="21"), make.training_class()
    tx.flush()

    found = check(tx, person.id, row.id)

    assert (found.result, found.target) == ("1", "5")
    assert {each.verdict for each in found.findings} == {FINE}
    assert all(each.text and each.key.startswith("training.") and each.source for each in found.findings)


@pytest.mark.parametrize(("on", "verdict", "source"), [(BEFORE, NO_SUBSIDY, "1 号"), (AFTER, FINE, "9 号")])
def test_how_often_a_year_is_dated_data(tx: Transaction, make: Factory, on: date, verdict: str, source: str) -> None:
    changes(make, "training.per_year", 1, 2)
    person = make.resident(emp_status="21")
    make.enrolment(make.training_class(level=None), person)
    other = make.training_class(make.course(level="L3"))

    found = ask(tx, person, other, on)["per_year"]

    assert (found.verdict, found.source[-3:]) == (verdict, source)
    assert f"{clock.today().year} 年已补贴 1 次" in found.text
    assert found.since == ("2026-01-01" if on == BEFORE else "2027-01-01")


def test_a_year_counts_by_the_day_the_class_starts(tx: Transaction, make: Factory) -> None:
    person = make.resident(emp_status="21")
    make.enrolment(make.training_class(), person)
    next_year = make.training_class(make.course(level="L3"), start_on=date(clock.today().year + 1, 3, 1))

    assert ask(tx, person, next_year)["per_year"].verdict == FINE


@pytest.mark.parametrize("gone", ["dropped", "cancelled"])
def test_what_came_to_nothing_does_not_count(tx: Transaction, make: Factory, gone: str) -> None:
    person, first = make.resident(emp_status="21"), make.training_class()
    signed = make.enrolment(first, person)
    if gone == "dropped":
        enrolments.drop(tx, signed.id, "01")
    else:
        classes.cancel_class(tx, first.id, "人数不够")

    found = ask(tx, person, make.training_class())

    assert (found["per_year"].verdict, found["same_level"].verdict) == (FINE, FINE)


@pytest.mark.parametrize(("on", "verdict"), [(BEFORE, NO_SUBSIDY), (AFTER, FINE)])
def test_same_trade_and_level_once_is_dated_data(tx: Transaction, make: Factory, on: date, verdict: str) -> None:
    changes(make, "training.same_trade_level_once", True, False)
    person, course = make.resident(emp_status="21"), make.course()
    make.enrolment(make.training_class(course), person)
    again = make.training_class(course, start_on=date(clock.today().year + 1, 3, 1))

    found = ask(tx, person, again, on)["same_level"]

    assert found.verdict == verdict
    assert ("初级工已经补贴过" in found.text) is (verdict == NO_SUBSIDY)


def test_another_level_of_the_trade_is_not_the_same(tx: Transaction, make: Factory) -> None:
    person = make.resident(emp_status="21")
    make.enrolment(make.training_class(make.course()), person)

    assert ask(tx, person, make.training_class(make.course(level="L3")))["same_level"].verdict == FINE


@pytest.mark.parametrize(("on", "verdict"), [(BEFORE, None), (AFTER, NO_SUBSIDY)])
def test_a_limit_in_all_is_asked_only_where_the_district_has_one(
    tx: Transaction, make: Factory, on: date, verdict: str | None
) -> None:
    changes(make, "training.in_total", None, 1)
    person = make.resident(emp_status="21")
    make.enrolment(make.training_class(), person)

    found = ask(tx, person, make.training_class(make.course(level="L3")), on).get("in_total")

    assert (found.verdict if found else None) == verdict


@pytest.mark.parametrize(("on", "verdict"), [(BEFORE, NO_SUBSIDY), (AFTER, FINE)])
def test_which_training_is_for_people_in_work_is_dated_data(
    tx: Transaction, make: Factory, on: date, verdict: str
) -> None:
    changes(make, "training.in_work_types", ["2"], ["1", "2"])
    person, row = make.resident(emp_status="11"), make.training_class()

    found = ask(tx, person, row, on)["in_work"]

    assert found.verdict == verdict
    assert "在职" in found.text


@pytest.mark.parametrize(("on", "verdict"), [(BEFORE, FINE), (AFTER, NO_SUBSIDY)])
def test_whether_flexible_work_counts_as_work_is_dated_data(
    tx: Transaction, make: Factory, on: date, verdict: str
) -> None:
    changes(make, "training.flexible_is_in_work", False, True)
    person, row = make.resident(emp_status="16"), make.training_class()

    found = ask(tx, person, row, on)["in_work"]

    assert (found.verdict, found.key) == (verdict, "training.flexible_is_in_work")


@pytest.mark.parametrize(("on", "verdict"), [(BEFORE, NO_SUBSIDY), (AFTER, FINE)])
def test_who_draws_a_pension_is_not_subsidised_unless_the_district_says_so(
    tx: Transaction, make: Factory, on: date, verdict: str
) -> None:
    changes(make, "training.retired_subsidised", False, True)
    person, row = make.resident(emp_status="35"), make.training_class()

    found = ask(tx, person, row, on)["retired"]

    assert found.verdict == verdict
    assert found.text.startswith("已领养老金")


def test_past_the_statutory_age_is_retired_even_without_a_pension(tx: Transaction, make: Factory) -> None:
    person = make.resident(id_no=fictional_id("19580101"), emp_status="22")

    assert ask(tx, person, make.training_class())["retired"].verdict == NO_SUBSIDY


@pytest.mark.parametrize(("on", "verdict"), [(BEFORE, NO_SUBSIDY), (AFTER, FINE)])
def test_students_are_dated_data(tx: Transaction, make: Factory, on: date, verdict: str) -> None:
    changes(make, "training.in_school_subsidised", False, True)
    person, row = make.resident(emp_status="31"), make.training_class()

    assert ask(tx, person, row, on)["in_school"].verdict == verdict


def test_a_student_in_the_year_of_graduation_is_a_graduate(tx: Transaction, make: Factory) -> None:
    this_year = date(clock.today().year, 6, 30)
    person, row = make.resident(emp_status="31", graduate_date=this_year), make.training_class()
    tx.flush()

    found = check(tx, person.id, row.id)

    assert (found.target, {each.rule: each.verdict for each in found.findings}["in_school"]) == ("2", FINE)


def test_under_sixteen_is_kept_out(tx: Transaction, make: Factory) -> None:
    born = clock.today() - timedelta(days=15 * 365)
    person, row = make.resident(id_no=fictional_id(f"{born:%Y%m%d}")), make.training_class()

    found = check(tx, person.id, row.id)

    assert [each.rule for each in found.blocked] == ["age"]
    assert found.blocked[0].verdict == BLOCK
    with pytest.raises(Exception, match="不满 16 周岁"):
        enrolments.enrol(tx, row.id, person.id)


def test_an_unknown_status_is_to_be_checked(tx: Transaction, make: Factory) -> None:
    person, row = make.resident(emp_status="90"), make.training_class()
    tx.flush()

    found = check(tx, person.id, row.id)

    assert (found.result, found.against[0].verdict) == ("3", UNKNOWN)


def test_a_class_without_subsidy_asks_nothing_of_the_kind(tx: Transaction, make: Factory) -> None:
    person = make.resident(emp_status="35")
    row = make.training_class(make.course(**CRAFT_COURSE))
    tx.flush()

    found = check(tx, person.id, row.id)

    assert [each.rule for each in found.findings] == ["age", "free"]
    assert (found.result, found.against) == ("2", ())
    assert not make.enrolment(row, person).subsidised
