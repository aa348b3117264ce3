"""What a figure is: two sets of rows, counted. Each indicator of domain sheet 7.3 is one function that gives its rows.

A figure leads to what is behind it: ``rows`` and ``base`` are queries with the columns of ``KEYS`` (the record, the
person, the station), so the same query counts the figure and lists it. Persons count once, records each.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection, Select, Subquery, func, select

from app.ledgers.base import KEYS, Ask
from app.ledgers.period import Period
from app.ledgers.read import Line
from app.texts import N_

Rows = Callable[[Ask], Select[Any]]
PERSONS, RECORDS, SUM, UNITS = "persons", "records", "sum", "units"


BLOCKS: tuple[tuple[str, str], ...] = (
    ("A", N_("社区人员构成")),
    ("B", N_("失业人员认定")),
    ("C", N_("就业帮扶进展")),
    ("D", N_("就业服务成效")),
)
"""The blocks of domain sheet 7.3: the letter that its figures begin with, and what it is called."""


@dataclass(frozen=True)
class Indicator:
    """One figure. ``count``: what of its rows counts; ``base``: what they are divided by, if it is a share.

    ``sum``: the rows have a column ``amount`` to be added up; ``units``: a column ``unit`` of which each value counts
    once. ``per``: 100 for a share in percent, 1 for an average. ``scale``: how many of what is added up make one of
    ``unit`` (100 fen a yuan). ``goal``: from where on it is good, ``amber``: from where on it is near, in percent
    (domain sheet 7.3, targets).
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
    amber: int | None = None
    scale: int = 1


@dataclass(frozen=True)
class Slice:
    """Rows that are a part of others: those whose column ``part`` has one of the values that ``parts()`` gives.

    Each person stands in one part of the base: figures that slice the same base are counted in one pass over it.
    """

    base: Rows
    parts: Callable[[], Collection[str]]

    def __call__(self, ask: Ask) -> Select[Any]:
        """Return the rows."""
        inner = self.base(ask).subquery()
        return select(*(inner.c[key] for key in KEYS)).where(inner.c.part.in_(self.parts()))


@dataclass(frozen=True)
class Figure:
    """What an indicator is in a period. ``value`` is None where there is nothing to divide by."""

    indicator: Indicator
    numerator: int
    denominator: int | None

    @property
    def value(self) -> float | None:
        """Return the figure in its unit: the count or the sum, the share or the average."""
        if self.indicator.base is None:
            return self.numerator / self.indicator.scale
        if not self.denominator:
            return None
        return self.numerator * self.indicator.per / (self.denominator * self.indicator.scale)


def figure(connection: Connection, indicator: Indicator, ask: Ask) -> Figure:
    """Compute one indicator."""
    return figures(connection, [indicator], ask)[0]


def figures(connection: Connection, indicators: Iterable[Indicator], ask: Ask) -> list[Figure]:
    """Compute several indicators of one period; rows that more than one of them needs are counted once."""
    known: dict[tuple[Rows, str], int] = {}
    sliced: dict[tuple[Rows, str], dict[str, int]] = {}

    def counted(rows: Rows, what: str) -> int:
        if isinstance(rows, Slice):
            if (rows.base, what) not in sliced:
                sliced[rows.base, what] = _by_part(connection, rows.base(ask), what)
            return sum(sliced[rows.base, what].get(part, 0) for part in rows.parts())
        if (rows, what) not in known:
            known[rows, what] = count_all(connection, rows(ask), what)
        return known[rows, what]

    found = []
    for each in indicators:
        under = None if each.base is None else counted(each.base, each.base_count)
        found.append(Figure(each, counted(each.rows, each.count), under))
    return found


def trend(connection: Connection, indicator: Indicator, ask: Ask, periods: Sequence[Period]) -> list[Figure]:
    """Compute one indicator for many periods, in their order; the other filters stay."""
    return [figure(connection, indicator, replace(ask, period=period)) for period in periods]


def parts(connection: Connection, indicator: Indicator, ask: Ask) -> dict[str, int]:
    """Return what a figure is made up of, where its rows have a column ``part``: each value and how many records."""
    return _by_part(connection, indicator.rows(ask), RECORDS)


def behind(connection: Connection, indicator: Indicator, ask: Ask, *, base: bool = False) -> list[Line]:
    """Return the rows behind the numerator, or behind the denominator."""
    query = indicator.base if base and indicator.base is not None else indicator.rows
    return [Line(row.row_id, row.resident_id, row.row_station, ()) for row in connection.execute(query(ask))]


def count_all(connection: Connection, rows: Select[Any], what: str) -> int:
    """Return what counts of these rows."""
    inner = rows.order_by(None).subquery()
    return int(connection.execute(select(counting(inner, what)).select_from(inner)).scalar_one())


def count_by_station(connection: Connection, rows: Select[Any], what: str) -> dict[str, int]:
    """Return what counts of these rows, for each station whose they are."""
    inner = rows.order_by(None).subquery()
    query = select(inner.c.row_station, counting(inner, what)).select_from(inner).group_by(inner.c.row_station)
    return {str(row[0]): int(row[1]) for row in connection.execute(query)}


def _by_part(connection: Connection, rows: Select[Any], what: str) -> dict[str, int]:
    inner = rows.order_by(None).subquery()
    told = connection.execute(select(inner.c.part, counting(inner, what)).group_by(inner.c.part))
    return {str(part or ""): int(count) for part, count in told}


def counting(inner: Subquery, what: str) -> Any:
    """Return the aggregate that counts rows: persons once, records, the sum of amounts, or units once."""
    if what == SUM:
        return func.coalesce(func.sum(inner.c.amount), 0)
    if what == RECORDS:
        return func.count()
    return func.count(inner.c[{PERSONS: "resident_id", UNITS: "unit"}[what]].distinct())
