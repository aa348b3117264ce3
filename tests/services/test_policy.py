"""District parameters are dated data; working days follow the State Council's notice."""

from datetime import date

import pytest

from app.db.database import Transaction
from app.services.policy import parameter
from app.services.workdays import add_workdays, is_workday
from tests.factories import Factory


def test_the_shipped_default_stands_until_the_district_says_otherwise(tx: Transaction, make: Factory) -> None:
    assert parameter(tx, "ref.valid_days") == 7

    make.policy_param(value=10, effective_from=date(2026, 1, 1), effective_to=date(2026, 6, 30))
    tx.flush()

    assert parameter(tx, "ref.valid_days", date(2026, 6, 30)) == 10
    assert parameter(tx, "ref.valid_days", date(2026, 7, 1)) == 7
    assert parameter(tx, "ref.valid_days", date(2025, 12, 31)) == 7


@pytest.mark.parametrize(
    ("day", "works"),
    [(date(2026, 10, 1), False), (date(2026, 10, 10), True), (date(2026, 11, 23), True), (date(2026, 11, 22), False)],
)
def test_holidays_and_make_up_days_are_known(tx: Transaction, day: date, works: bool) -> None:
    assert is_workday(tx, day) is works


def test_a_year_without_a_notice_counts_weekdays(tx: Transaction) -> None:
    assert is_workday(tx, date(2031, 1, 1))
    assert not is_workday(tx, date(2031, 1, 4))


def test_five_working_days_span_the_holidays(tx: Transaction) -> None:
    assert add_workdays(tx, date(2026, 9, 30), 5) == date(2026, 10, 13)
