"""Statutory retirement age: the decision of 2024-09-13, in force from 2025-01-01.

Men 60 → 63 and women of base 55 → 58 by one month for every four months of birth, women of base 50 → 55 by one for
every two, over 15 years. Which base applies to a woman is data (``female_retire_base``), never derived.
"""

from dataclasses import dataclass
from datetime import date

MEN, WOMEN_STAFF, WOMEN_WORKERS = 60, 55, 50

_RULES = {MEN: (1965, 4, 36), WOMEN_STAFF: (1970, 4, 36), WOMEN_WORKERS: (1975, 2, 60)}
"""Base age → first birth year that is delayed, birth months per month of delay, longest delay in months."""


@dataclass(frozen=True)
class Retirement:
    """When a person reaches the statutory age, on one base."""

    base: int
    delay_months: int
    age_years: int
    age_months: int
    month: date
    """The first day of the month in which the age is reached."""


def retirement_month(birth_on: date, base: int) -> Retirement:
    """Return when a person born on that day retires, counted from 60, 55 or 50.

    Raises:
        ValueError: there is no such base.
    """
    if base not in _RULES:
        raise ValueError(f"no retirement base {base}, one of: 60, 55, 50")
    first_year, step, longest = _RULES[base]
    months_in = (birth_on.year - first_year) * 12 + birth_on.month
    delay = 0 if months_in <= 0 else min(longest, -(-months_in // step))
    at = birth_on.year * 12 + birth_on.month - 1 + base * 12 + delay
    years, months = divmod(base * 12 + delay, 12)
    return Retirement(base, delay, years, months, date(at // 12, at % 12 + 1, 1))


def bases_for(sex: str | None, female_retire_base: str | None = None) -> tuple[int, int]:
    """Return the bases for warnings and for hard stops, in this order.

    They differ while a woman's base is not known: then 50 warns and 55 stops. An unknown sex is treated alike, with
    the men's base as the stop.
    """
    if sex == "1":
        return (MEN, MEN)
    if sex == "2":
        known = {"50": WOMEN_WORKERS, "55": WOMEN_STAFF}.get(female_retire_base or "")
        return (known, known) if known else (WOMEN_WORKERS, WOMEN_STAFF)
    return (WOMEN_WORKERS, MEN)


def is_past(birth_on: date, base: int, on: date) -> bool:
    """Say whether the statutory age of that base is reached: from the month after the one of retirement."""
    return on.replace(day=1) > retirement_month(birth_on, base).month


def months_left(birth_on: date, base: int, on: date) -> int:
    """Return whole months until the month of retirement; negative when it is past."""
    month = retirement_month(birth_on, base).month
    return (month.year - on.year) * 12 + month.month - on.month
