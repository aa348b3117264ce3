"""Stations side by side: every indicator of every station, and of all of them together.

One query counts an indicator for all stations: its rows say whose they are. The same function serves a counter's own
file and the district's database, and what comes out is a table like a ledger: it leaves by the same writers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, case, select
from sqlmodel import col

from app.errors import BugError
from app.ledgers.base import Ask, Column, Kind, Ledger
from app.ledgers.figures import RECORDS, SUM, Indicator, Rows, count_all, count_by_station
from app.ledgers.indicators import INDICATORS
from app.ledgers.read import Cell
from app.models.month_close import CLOSED, REOPENED, MonthClose
from app.models.station import Station
from app.texts import N_

NAME = "compare"
TOGETHER = "合计"
CLOSED_WORDS = {"": N_("未结账"), CLOSED: N_("已结账"), REOPENED: N_("重新打开过")}
"""How a month stands at a station."""

BEST, WORST = "best", "worst"
_FEWER_IS_BETTER = frozenset({"B8", "B9", "C2", "C7", "C10a", "C10b", "D3"})

Told = Callable[[int, int], object]


@dataclass(frozen=True)
class Measure:
    """What one column is: an indicator without its queries. ``share``: it is divided by something.

    ``per`` and ``scale`` as of the indicator. ``better``: 1 where more is better, -1 where less is, 0 where a size says
    nothing.
    """

    code: str
    title: str
    formula: str
    unit: str
    share: bool
    per: int = 100
    goal: int | None = None
    scale: int = 1

    @classmethod
    def of(cls, each: Indicator) -> Measure:
        """Return the measure of an indicator."""
        return cls(
            each.code, each.title, each.formula, each.unit, each.base is not None, each.per, each.goal, each.scale
        )

    @property
    def better(self) -> int:
        """Return whether more of it is better."""
        if self.code in _FEWER_IS_BETTER:
            return -1
        return 1 if self.share else 0

    @property
    def block(self) -> str:
        """Return the letter of its block."""
        return self.code[:1]

    @property
    def heading(self) -> str:
        """Return what stands over its column: short, with the unit."""
        unit = "%" if self.share and self.per == 100 else self.unit
        return f"{self.code} {self.title.partition('（')[0]}" + (f"（{unit}）" if unit else "")


class Amount(NamedTuple):
    """What was counted. ``under``: what it is divided by; None where it stands alone."""

    over: int
    under: int | None = None


@dataclass(frozen=True)
class Standing:
    """One station's amounts, in the order of the measures. ``closed``: how the month stands, empty while it is open."""

    code: str
    name: str
    amounts: tuple[Amount, ...]
    closed: str = ""


@dataclass(frozen=True)
class Comparison:
    """Stations of a period. ``together``: all of them as one; persons count once there, so it is no sum."""

    ask: Ask
    measures: tuple[Measure, ...]
    stations: tuple[Standing, ...]
    together: Standing


def value_of(measure: Measure, amount: Amount) -> float | None:
    """Return the figure as it is written: a count, yuan, percent or an average; None: there is nothing to divide by."""
    if not measure.share:
        return amount.over / measure.scale
    return round(amount.over * measure.per / (amount.under * measure.scale), 2) if amount.under else None


def compare(
    connection: Connection, ask: Ask, stations: Mapping[str, str], *, blocks: str = "", told: Told | None = None
) -> Comparison:
    """Count every indicator of these stations (code → name), of ``blocks`` alone where some are named.

    ``told`` is called with how many indicators are done and of how many; it may raise Cancelled.
    """
    wanted = [each for each in INDICATORS if not blocks or each.code[:1] in blocks]
    asked = Ask(ask.period, tuple(stations), ask.community, ask.grid, ask.officer, ask.group)
    counts = _Counts(connection, asked)
    amounts: list[Mapping[str, Amount]] = []
    for number, each in enumerate(wanted):
        if told is not None:
            told(number, len(wanted))
        amounts.append(counts.of(each))
    closed = _closed(connection, asked)
    standings = [
        Standing(code, name, tuple(each.get(code, each[_NOBODY]) for each in amounts), closed.get(code, ""))
        for code, name in {**stations, _TOGETHER: TOGETHER}.items()
    ]
    together = replace(standings.pop(), code="")
    return Comparison(asked, tuple(map(Measure.of, wanted)), tuple(standings), together)


_TOGETHER, _NOBODY = "*", "-"


class _Counts:
    """Counts rows by station; what more than one figure needs is counted once."""

    def __init__(self, connection: Connection, ask: Ask) -> None:
        self._connection, self._ask = connection, ask
        self._known: dict[tuple[Rows, str], dict[str, int]] = {}

    def of(self, each: Indicator) -> Mapping[str, Amount]:
        """Return an indicator of each station that has any of it, of all together, and of one that has nothing."""
        over = self._count(each.rows, each.count)
        if each.base is None:
            return {code: Amount(over.get(code, 0)) for code in {**over, _NOBODY: 0}}
        under = self._count(each.base, each.base_count)
        return {code: Amount(over.get(code, 0), under.get(code, 0)) for code in {**over, **under, _NOBODY: 0}}

    def _count(self, rows: Rows, what: str) -> dict[str, int]:
        if (rows, what) not in self._known:
            found = count_by_station(self._connection, rows(self._ask), what)
            if what in (RECORDS, SUM):
                found[_TOGETHER] = sum(found.values())
            else:  # somebody known to two stations counts once
                found[_TOGETHER] = count_all(self._connection, rows(self._ask), what)
            self._known[rows, what] = found
        return self._known[rows, what]


def _closed(connection: Connection, ask: Ask) -> dict[str, str]:
    """Return how the month stands at each station that ever closed it: the last round, by what the district has."""
    if not ask.period.is_month:
        return {}
    rows = connection.execute(
        select(col(MonthClose.station_code), col(MonthClose.state))
        .where(col(MonthClose.month) == ask.period.slug, col(MonthClose.deleted_at).is_(None))
        .order_by(col(MonthClose.round), case((col(MonthClose.rev) > 0, 1), else_=0), col(MonthClose.id))
    )
    return {str(station): str(state) for station, state in rows}


def station_names(connection: Connection, only: Sequence[str] = ()) -> dict[str, str]:
    """Return code → name of the stations that the database knows, by code; of ``only`` these where some are named."""
    query = select(col(Station.code), col(Station.name)).where(col(Station.deleted_at).is_(None))
    names = {row[0]: row[1] for row in connection.execute(query.order_by(col(Station.code)))}
    return {code: names.get(code, code) for code in (sorted(set(only)) or names)}


# -- as a table ----------------------------------------------------------------------------------------------------
def as_ledger(found: Comparison) -> Ledger:
    """Return the table's columns, for the writers of ledgers."""
    stands = [Column("station", N_("站点"), Kind.TEXT, 22)]
    if found.ask.period.is_month:
        stands.append(Column("closed", N_("结账情况"), Kind.TEXT, 11))
    stands += [Column(each.code, each.heading, _kind(each), max(9, len(each.heading))) for each in found.measures]
    formulas = "；".join(f"{each.code} {each.title}：{each.formula}" for each in found.measures)
    return Ledger(
        "",
        NAME,
        N_("站点对比表"),
        formulas,
        N_("一站一行，末行是这些站点合在一起：按人数的，一人只数一次，所以不是各站之和。空白是没有可除的。"),
        tuple(stands),
        _no_query,
        about_people=False,
    )


def as_rows(found: Comparison) -> list[list[Cell]]:
    """Return the table's cells, a station a row and all of them together at the end."""
    rows: list[list[Cell]] = []
    for each in (*found.stations, found.together):
        start: list[Cell] = [each.name]
        if found.ask.period.is_month:
            start.append(CLOSED_WORDS[each.closed] if each.code else None)
        rows.append(
            [*start, *(_cell(measure, amount) for measure, amount in zip(found.measures, each.amounts, strict=True))]
        )
    return rows


def table_for(found: Comparison, way: str) -> tuple[Ledger, list[list[Cell]]]:
    """Return columns and cells for a file of that kind: on paper (``.pdf``) a figure a row, as forty are too wide."""
    return _on_paper(found) if way == ".pdf" else (as_ledger(found), as_rows(found))


def _on_paper(found: Comparison) -> tuple[Ledger, list[list[Cell]]]:
    standings = (*found.stations, found.together)
    width = max(7, min(14, 150 // len(standings)))
    figures = [Column(f"n{place}", each.name, Kind.NUMBER, width) for place, each in enumerate(standings)]
    columns = (Column("figure", N_("指标"), Kind.TEXT, 34), *figures)
    rows: list[list[Cell]] = [
        [measure.heading, *(_cell(measure, each.amounts[place]) for each in standings)]
        for place, measure in enumerate(found.measures)
    ]
    if found.ask.period.is_month:
        rows.append([N_("结账"), *(CLOSED_WORDS[each.closed] if each.code else None for each in standings)])
    said = N_("一项一行；末列是这些站点合在一起：按人数的，一人只数一次，所以不是各站之和。空白是没有可除的。")
    return replace(as_ledger(found), columns=columns, definition=said), rows


def _kind(measure: Measure) -> Kind:
    """Return the kind whose numbers are written alike: with two decimals where it is a share or money."""
    return Kind.MONEY if measure.share or measure.scale != 1 else Kind.NUMBER


def _cell(measure: Measure, amount: Amount) -> Cell:
    value = value_of(measure, amount)
    return value if value is None or _kind(measure) == Kind.MONEY else int(value)


def _no_query(_ask: Ask) -> Select[Any]:
    raise BugError("a comparison is counted by compare()")


def marks(found: Comparison) -> dict[tuple[str, str], str]:
    """Return {(station, measure): best or worst}, where more than one station has a figure and they differ."""
    made: dict[tuple[str, str], str] = {}
    for place, measure in enumerate(found.measures):
        values = [(each.code, value_of(measure, each.amounts[place])) for each in found.stations]
        known = [(code, value * measure.better) for code, value in values if value is not None]
        if not measure.better or len({value for _code, value in known}) < 2:
            continue
        best, worst = max(value for _code, value in known), min(value for _code, value in known)
        for code, value in known:
            if value in (best, worst):
                made[code, measure.code] = BEST if value == best else WORST
    return made
