"""Statutory retirement age: the vectors of the domain sheet, 4.8."""

from datetime import date

import pytest

from app.models.retirement import bases_for, is_past, months_left, retirement_month


@pytest.mark.parametrize(
    ("base", "birth", "delay", "age", "month"),
    [
        (60, (1964, 12), 0, (60, 0), (2024, 12)),
        (60, (1965, 1), 1, (60, 1), (2025, 2)),
        (60, (1965, 5), 2, (60, 2), (2025, 7)),
        (60, (1969, 7), 14, (61, 2), (2030, 9)),
        (60, (1976, 9), 36, (63, 0), (2039, 9)),
        (60, (1990, 1), 36, (63, 0), (2053, 1)),
        (60, (1968, 9), 12, (61, 0), (2029, 9)),
        (55, (1970, 1), 1, (55, 1), (2025, 2)),
        (55, (1971, 4), 4, (55, 4), (2026, 8)),
        (55, (1981, 9), 36, (58, 0), (2039, 9)),
        (50, (1975, 1), 1, (50, 1), (2025, 2)),
        (50, (1979, 10), 29, (52, 5), (2032, 3)),
        (50, (1984, 11), 60, (55, 0), (2039, 11)),
        (50, (1976, 1), 7, (50, 7), (2026, 8)),
        (55, (1976, 1), 19, (56, 7), (2032, 8)),
    ],
)
def test_the_month_of_retirement(base, birth, delay, age, month):
    result = retirement_month(date(*birth, 15), base)

    assert (result.delay_months, (result.age_years, result.age_months)) == (delay, age)
    assert (result.month.year, result.month.month) == month


def test_a_womans_unknown_base_warns_at_50_and_stops_at_55():
    assert bases_for("2") == (50, 55)
    assert bases_for("2", "50") == (50, 50)
    assert bases_for("2", "55") == (55, 55)
    assert bases_for("1") == (60, 60)


def test_an_unknown_base_is_an_error_of_the_program():
    with pytest.raises(ValueError, match="no retirement base"):
        retirement_month(date(1970, 1, 1), 65)


def test_the_age_is_past_only_after_its_month():
    born = date(1965, 1, 20)

    assert not is_past(born, 60, date(2025, 2, 28))
    assert is_past(born, 60, date(2025, 3, 1))
    assert months_left(born, 60, date(2024, 12, 5)) == 2
