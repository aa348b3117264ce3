"""What a figure is: two sets of rows, counted. Each indicator of domain sheet 7.3 is one function that gives its rows.

A figure leads to what is behind it: ``rows`` and ``base`` are queries with the columns of ``KEYS`` (the record, the
person, the station), so the same query counts the figure and lists it. Persons count once, records each.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Select, func, select

from app.ledgers.base import Ask
from app.ledgers.read import Line

Rows = Callable[[Ask], Select[Any]]
PERSONS, RECORDS, SUM = "persons", "records", "sum"


@dataclass(frozen=True)
class Indicator:
    """One figure. ``count``: what of its rows counts; ``base``: what they are divided by, if it is a share.

    ``sum``: the rows have a column ``amount`` to be added up. ``per``: 100 for a share in percent, 1 for an average.
    ``goal``: from where on it is good, in percent (domain sheet 7.3, targets).
    """

    code: str
    title: str
    formula: str
    rows: Rows = field(compare=False)
    count: str = PERSONS
    base: Rows | None = field(default=None, compare=False)
    base_count: str = PERSONS
    per: int = 100
    unit: str = ""
    goal: int | None = None


@dataclass(frozen=True)
class Figure:
    """What an indicator is in a period. ``value`` is None where there is nothing to divide by."""

    indicator: Indicator
    numerator: int
    denominator: int | None

    @property
    def value(self) -> float | None:
        """Return the figure: the count, or the share."""
        if self.indicator.base is None:
            return float(self.numerator)
        return self.numerator * self.indicator.per / self.denominator if self.denominator else None


def figure(connection: Connection, indicator: Indicator, ask: Ask) -> Figure:
    """Compute one indicator."""
    under = None if indicator.base is None else _count(connection, indicator.base(ask), indicator.base_count)
    return Figure(indicator, _count(connection, indicator.rows(ask), indicator.count), under)


def behind(connection: Connection, indicator: Indicator, ask: Ask, *, base: bool = False) -> list[Line]:
    """Return the rows behind the numerator, or behind the denominator."""
    query = indicator.base if base and indicator.base is not None else indicator.rows
    return [Line(row.row_id, row.resident_id, row.row_station, ()) for row in connection.execute(query(ask))]


def _count(connection: Connection, rows: Select[Any], what: str) -> int:
    inner = rows.order_by(None).subquery()
    if what == SUM:
        counted: Any = func.coalesce(func.sum(inner.c.amount), 0)
    else:
        counted = func.count(inner.c.resident_id.distinct()) if what == PERSONS else func.count()
    return int(connection.execute(select(counted).select_from(inner)).scalar_one())
