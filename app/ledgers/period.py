"""Periods of a ledger: half-open ``[first, until)`` in the station's local time; no day is counted twice or lost.

A month ends where the next begins. The historic national table ended at "below month 12" and lost December (domain
sheet 7.2): here an end is never a last day.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from app import clock
from app.errors import UserError
from app.texts import _

_MONTH = re.compile(r"(\d{4})-(\d{1,2})")


@dataclass(frozen=True)
class Period:
    """The days from ``first`` to before ``until``."""

    first: date
    until: date

    @property
    def start(self) -> datetime:
        """Return the instant at which the period begins."""
        return midnight(self.first)

    @property
    def end(self) -> datetime:
        """Return the instant at which it is over."""
        return midnight(self.until)

    @property
    def last(self) -> date:
        """Return its last day, for people to read; never to count by."""
        return self.until - timedelta(days=1)

    @property
    def is_month(self) -> bool:
        """Tell whether it is exactly one calendar month."""
        return self == month_of(self.first)

    @property
    def words(self) -> str:
        """Return 2026年11月, or 2026-11-03 至 2026-11-16."""
        if self.is_month:
            return _("{year}年{month}月", year=self.first.year, month=self.first.month)
        return _("{first} 至 {last}", first=self.first.isoformat(), last=self.last.isoformat())

    @property
    def on_paper(self) -> str:
        """Return the same as ``words`` in Chinese, whatever language the screen has: ledgers are Chinese papers."""
        if self.is_month:
            return f"{self.first.year}年{self.first.month}月"
        return f"{self.first.isoformat()} 至 {self.last.isoformat()}"

    @property
    def slug(self) -> str:
        """Return 2026-11, or 2026-11-03_2026-11-16: for the name of a file."""
        if self.is_month:
            return f"{self.first:%Y-%m}"
        return f"{self.first.isoformat()}_{self.last.isoformat()}"

    def next(self) -> Period:
        """Return the month after this one."""
        return month_of(self.until)

    def before(self) -> Period:
        """Return the month before this one."""
        return month_of(self.first - timedelta(days=1))


def month_of(day: date) -> Period:
    """Return the calendar month of a day."""
    first = day.replace(day=1)
    return Period(first, (first + timedelta(days=31)).replace(day=1))


def read_month(typed: str) -> Period:
    """Return the month that somebody typed as 2026-11.

    Raises:
        UserError: that is no month, or one that has not begun.
    """
    found = _MONTH.fullmatch(typed.strip())
    if found is None or not 1 <= int(found[2]) <= 12 or not 1900 <= int(found[1]) <= 2200:
        raise UserError(_("月份写成 2026-11 这样，“{typed}”读不懂", typed=typed), code="ledger.month")
    return check(month_of(date(int(found[1]), int(found[2]), 1)))


def between(first: date, last: date) -> Period:
    """Return the period from one day to another, both within it.

    Raises:
        UserError: it ends before it begins, or has not begun.
    """
    if last < first:
        raise UserError(_("结束日期早于开始日期，请对调"), code="ledger.period")
    return check(Period(first, last + timedelta(days=1)))


def check(period: Period) -> Period:
    """Return the period if it has begun.

    Raises:
        UserError: it lies in the future.
    """
    if period.first > clock.today():
        raise UserError(_("{period}还没到，没有可出的台账", period=period.words), code="ledger.future")
    return period


def midnight(day: date) -> datetime:
    """Return the instant at which a day begins, in local time."""
    return datetime.combine(day, time(), clock.LOCAL_ZONE).astimezone(UTC)
