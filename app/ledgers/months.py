"""Which months of a station are closed, by which close: what everybody asks before a ledger is made.

Of several closes of a month the one of the highest round stands; of one round, that which the district has. Two
counters that closed the same month without the line thus see the same close as soon as they see the district.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from app import clock
from app.db.database import Transaction
from app.errors import RuleError, UserError
from app.ledgers.period import Period, month_of
from app.models.month_close import CLOSED, MonthClose
from app.models.station import Station
from app.texts import _

OPEN = "open"
SHORT = 12
"""So many digits of a hash tell two closes apart on a screen; papers carry all of them."""


@dataclass(frozen=True)
class Close:
    """One close of a month, as its record has it."""

    id: str
    station: str
    month: str
    round: int
    state: str
    unit: str
    closed_by: str | None
    closed_name: str
    closed_at: datetime
    ledgers: tuple[Mapping[str, Any], ...]
    figures: tuple[Mapping[str, Any], ...]
    restated: tuple[Mapping[str, Any], ...]
    reopened_name: str = ""
    reopened_at: datetime | None = None
    reopen_why: str = ""
    known: bool = False
    """Whether the district has it."""

    @property
    def live(self) -> bool:
        """Whether the month is closed by it."""
        return self.state == CLOSED

    @property
    def period(self) -> Period:
        """Return the month."""
        return period_of(self.month)

    def ledger(self, code: str) -> Mapping[str, Any] | None:
        """Return what was frozen of a ledger; None for one that the program of that day did not have."""
        return next((each for each in self.ledgers if each["code"] == code), None)


def period_of(month: str) -> Period:
    """Return the month of 2026-11."""
    return month_of(date(int(month[:4]), int(month[5:]), 1))


def closes(tx: Transaction, station: str) -> dict[str, Close]:
    """Return the close that stands of each month that was ever closed, by month, the earliest first."""
    rows = tx.session.scalars(
        select(MonthClose).where(col(MonthClose.station_code) == station, col(MonthClose.deleted_at).is_(None))
    ).all()
    found: dict[str, MonthClose] = {}
    for row in sorted(rows, key=_weight):
        found[row.month] = row
    return {month: _close(found[month]) for month in sorted(found)}


def _weight(row: MonthClose) -> tuple[int, bool, float, str]:
    """Order the closes of a month: the last one stands."""
    return row.round, row.rev > 0, -row.closed_at.timestamp(), row.id


def rounds_of(tx: Transaction, station: str, month: str) -> list[Close]:
    """Return every close of a month that the district has or may get, the earliest round first."""
    rows = tx.session.scalars(
        select(MonthClose).where(
            col(MonthClose.station_code) == station,
            col(MonthClose.month) == month,
            col(MonthClose.deleted_at).is_(None),
        )
    ).all()
    best = {row.round: row for row in sorted(rows, key=_weight)}
    return [_close(best[number]) for number in sorted(best)]


def standing(tx: Transaction, station: str, period: Period) -> Close | None:
    """Return the close that stands of a month, also one that was opened again; None where it was never closed."""
    return closes(tx, station).get(period.slug) if period.is_month else None


def own_station(tx: Transaction) -> str:
    """Return the station whose months this device closes; empty where it holds none or several."""
    codes = [row[0] for row in tx.rows(select(col(Station.code)).where(col(Station.deleted_at).is_(None)).limit(2))]
    return codes[0] if len(codes) == 1 else ""


def closed_by(tx: Transaction, station: str, period: Period) -> Close | None:
    """Return the close that a ledger of this period is made from; None where the records as they are now are."""
    found = standing(tx, station, period) if station else None
    return found if found is not None and found.live else None


def frozen_in(close: Close, code: str) -> Mapping[str, Any] | None:
    """Return what a standing close froze of a ledger."""
    return close.ledger(code) if close.live else None


def check_over(period: Period) -> None:
    """Check that a month can be closed: it is one, and over.

    Raises:
        UserError: it is not.
    """
    if not period.is_month:
        raise UserError(_("结账按整月：请选一个月"), code="month.not_a_month")
    today = clock.today()
    if period.first > today:
        raise UserError(_("{period}还没到，不能结账", period=period.words), code="month.future")
    if period.until > today:
        text = _("{period}还没过完，{day}起才能结账", period=period.words, day=period.until.isoformat())
        raise RuleError(text, code="month.not_over")


def check_open(close: Close | None) -> None:
    """Check that no close stands of a month.

    Raises:
        RuleError: one does; the sentence says whose.
    """
    if close is not None and close.live:
        raise RuleError(
            _("{period}已由{who}在{when}结账", period=close.period.words, who=close.closed_name, when=at_words(close)),
            code="month.closed",
        )


def at_words(close: Close) -> str:
    """Return when it was closed, in local time."""
    return f"{clock.to_local(close.closed_at):%Y-%m-%d %H:%M}"


def first_open_after(months: Iterable[str], period: Period) -> Period:
    """Return the first month after this one that is not among the closed ones."""
    closed, at = set(months), period.next()
    while at.slug in closed:
        at = at.next()
    return at


def _close(row: MonthClose) -> Close:
    return Close(
        id=row.id,
        station=row.station_code or "",
        month=row.month,
        round=row.round,
        state=row.state,
        unit=row.unit or "",
        closed_by=row.closed_by,
        closed_name=row.closed_name or "",
        closed_at=row.closed_at,
        ledgers=tuple(row.ledgers),
        figures=tuple(row.figures),
        restated=tuple(row.restated),
        reopened_name=row.reopened_name or "",
        reopened_at=row.reopened_at,
        reopen_why=row.reopen_why or "",
        known=row.rev > 0,
    )
