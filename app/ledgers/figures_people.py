"""Blocks A and B of domain sheet 7.3: who lives in the community, and who is registered as unemployed."""

from __future__ import annotations

from datetime import date
from functools import cache, partial
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, and_, case, cast, func, or_, select
from sqlmodel import col

from app.ledgers.base import Ask, days_in, key_columns, of_people, of_rows
from app.ledgers.figures import Slice
from app.ledgers.period import midnight
from app.models.codes import code_list
from app.models.registration import EmpStatus, UnempReg
from app.models.resident import Resident
from app.models.retirement import MEN, WOMEN_STAFF, WOMEN_WORKERS, is_past

LONG_MONTHS = 12
WORKING_AGE = 16
HARDSHIP = "KG02"
UNKNOWN = "90"


def codes_counting(*kinds: str) -> list[str]:
    """Return the codes of EMP_STATUS that count as employed, unemployed, preparation, outside or unknown."""
    return [item.code for item in code_list("EMP_STATUS") if item.extra.get("counts_as") in kinds]


# -- A who lives in the community ----------------------------------------------------------------------------------
def on_file(ask: Ask) -> Select[Any]:
    """A1 在册居民: files made before the end and not void."""
    return (
        select(*key_columns(Resident, col(Resident.id)))
        .where(col(Resident.created_at) < ask.period.end, *of_rows(ask, Resident))
        .where(*of_people(ask))
    )


def of_age(ask: Ask) -> Select[Any]:
    """A2 劳动年龄人口: 16 ≤ age < statutory retirement, on the period's last day."""
    return on_file(ask).where(age_for_work(ask.period.last))


def by_status(ask: Ask) -> Select[Any]:
    """Return A2 with ``part``: the status of each at the end; a file without any counts as 90."""
    status = func.coalesce(status_at(ask.period.until), UNKNOWN)
    return of_age(ask).add_columns(status.label("part"))


def with_status(*kinds: str) -> Slice:
    """Return the rows of A3 在业, A4 失业, A5 备业, A6 非劳动力 or A7 不明: A2 by the status at the end.

    A file without any status counts as 不明, so that A3 to A7 add up to A2.
    """
    return Slice(by_status, partial(codes_counting, *kinds))


employed = with_status("employed")
active = with_status("employed", "unemployed", "preparation")
"""A3 + A4 + A5: what 社区就业率 is divided by."""


def fresh_files(ask: Ask) -> Select[Any]:
    """建档率's numerator: files touched in the twelve months before the end."""
    last_year = months_before(ask.period.until, LONG_MONTHS)
    return on_file(ask).where(func.coalesce(col(Resident.updated_at), col(Resident.created_at)) >= midnight(last_year))


# -- B the unemployed ----------------------------------------------------------------------------------------------
def registered_at(day: date) -> ColumnElement[bool]:
    """Say that a registration is in force at the beginning of a day."""
    left = col(UnempReg.dereg_date)
    return and_(col(UnempReg.reg_date) < day, or_(left.is_(None), left >= day))


def unemployed(ask: Ask, condition: ColumnElement[bool]) -> Select[Any]:
    """Return the unemployment registrations of which something holds."""
    return (
        select(*key_columns(UnempReg, col(UnempReg.resident_id)))
        .outerjoin(Resident, col(Resident.id) == col(UnempReg.resident_id))
        .where(condition, *of_rows(ask, UnempReg), *of_people(ask))
    )


def registered(ask: Ask) -> Select[Any]:
    """B1 期末登记失业人数: registrations in force at the end."""
    return unemployed(ask, registered_at(ask.period.until))


def newly_registered(ask: Ask) -> Select[Any]:
    """B2 本期新登记: by the true date of registration, also where it was entered later."""
    return unemployed(ask, days_in(ask.period, col(UnempReg.reg_date)))


def deregistered(ask: Ask) -> Select[Any]:
    """B3 本期注销: by the date of deregistration; ``part``: its reason (DEREG)."""
    ended = unemployed(ask, days_in(ask.period, col(UnempReg.dereg_date)))
    return ended.add_columns(col(UnempReg.dereg_reason).label("part"))


def in_hardship(ask: Ask) -> Select[Any]:
    """B4 就业困难人员在册: files of the end that bear KG02 now; what they bore earlier is not kept."""
    return on_file(ask).where(cast(col(Resident.priority_groups), Text).contains(f'"{HARDSHIP}"'))


def long_registered(ask: Ask) -> Select[Any]:
    """B8's numerator: of B1, who has been registered for twelve months without a break."""
    since = months_before(ask.period.until, LONG_MONTHS)
    return registered(ask).where(col(UnempReg.reg_date) <= since)


def employed_or_registered(ask: Ask) -> Select[Any]:
    """A3 + B1, persons once: what B9 is divided by."""
    both = employed(ask).union_all(registered(ask)).subquery()
    return select(both)


# -- parts ---------------------------------------------------------------------------------------------------------
def status_at(day: date) -> Any:
    """Return somebody's employment status at the beginning of a day: the last change before it, else the file's."""
    last = (
        select(col(EmpStatus.to_status))
        .where(
            col(EmpStatus.resident_id) == col(Resident.id),
            col(EmpStatus.deleted_at).is_(None),
            col(EmpStatus.since) < day,
        )
        .order_by(col(EmpStatus.since).desc(), col(EmpStatus.id).desc())
        .limit(1)
        .scalar_subquery()
    )
    return func.coalesce(last, col(Resident.emp_status))


def age_for_work(day: date) -> ColumnElement[bool]:
    """Say that somebody is of working age on a day; a woman whose base is not known counts until 55."""
    born = col(Resident.birth_date)
    women = case(
        (col(Resident.female_retire_base) == "50", first_birth(WOMEN_WORKERS, day)),
        else_=first_birth(WOMEN_STAFF, day),
    )
    earliest = case((col(Resident.sex) == "2", women), else_=first_birth(MEN, day))
    return and_(born >= earliest, born <= months_before(day, WORKING_AGE * 12))


@cache
def first_birth(base: int, day: date) -> date:
    """Return the earliest birth date that is not past the statutory age of that base on a day.

    The later somebody was born, the later she retires: found by halving.
    """
    low, high = date(1900, 1, 1).toordinal(), day.toordinal()
    while low < high:
        middle = (low + high) // 2
        if is_past(date.fromordinal(middle), base, day):
            low = middle + 1
        else:
            high = middle
    return date.fromordinal(low)


def months_before(day: date, months: int) -> date:
    """Return the same day so many months earlier; the last of a month that is too short."""
    at = day.year * 12 + day.month - 1 - months
    for last in (day.day, 30, 29, 28):
        try:
            return date(at // 12, at % 12 + 1, min(day.day, last))
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")
