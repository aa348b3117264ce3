"""What a ledger is: columns and one query. List, filter, spreadsheet, paper and month close come free.

The query is Core over the models' tables and runs unchanged on a counter's SQLite and on the district's PostgreSQL. It
labels one column per ``Column.key`` and, beside them, those of ``KEYS``; it filters by the ``Ask`` and orders its rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, and_, cast, literal, or_
from sqlmodel import col

from app.ledgers.period import Period
from app.models.resident import Resident
from app.texts import N_

KEYS = ("row_id", "resident_id", "row_station")
"""Of each row: the record that it stands for, the person it is about (or null), the station whose it is."""


class Kind(StrEnum):
    """What a column holds, which says how it is written, masked and aligned."""

    TEXT = "text"
    NUMBER = "number"
    MONEY = "money"
    """Fen in the query, yuan with two decimals on paper."""
    DATE = "date"
    MOMENT = "moment"
    SERIAL = "serial"
    """A number that the station gives: slip, registration, class, order."""
    NAME = "name"
    ID_NO = "id_no"
    MOBILE = "mobile"
    ADDRESS = "address"
    CODE = "code"
    """A code, or a list of codes, of ``Column.codes``."""
    STAFF = "staff"
    """The id of a member of staff, or a list of ids, written as names."""
    STATION = "station"
    PLACE = "place"
    """A division code, written as the name of the street or community."""
    POLICY = "policy"
    """The id of a policy card, or a list of them, written as its name."""


PERSONAL = frozenset({Kind.NAME, Kind.ID_NO, Kind.MOBILE, Kind.ADDRESS})
"""What is masked unless whole values were asked for, with a reason."""


@dataclass(frozen=True)
class Column:
    """One column. ``width`` in half-width characters; ``shape(value, ask)`` makes the query's value
    the one that is written; it is not called for an empty one.

    ``moves``: it goes on after the period, so that a later change is no correction of a closed month. ``since``: the
    column with the day from which on its value holds; where that lies after the period, the value is no correction.
    """

    key: str
    title: str
    kind: Kind = Kind.TEXT
    width: int = 12
    codes: str = ""
    shape: Callable[[Any, Ask], Any] | None = None
    moves: bool = False
    since: str = ""


@dataclass(frozen=True)
class Ask:
    """What somebody wants to see. Without ``stations`` all that are in the database; other filters: empty for all.

    ``community``: a division code or the beginning of one. ``officer``: a staff id. ``group``: a code of KG.
    ``shared``: only what every computer of the station holds alike, as a close freezes it; not this one's access log.
    """

    period: Period
    stations: tuple[str, ...] = ()
    community: str = ""
    grid: str = ""
    officer: str = ""
    group: str = ""
    shared: bool = False


@dataclass(frozen=True)
class Ledger:
    """One ledger of domain sheet 7.1. ``counted_by``: which date puts a row into a period, in words.

    ``about_people``: community, grid and group narrow it. ``officer``: the column by whose ids the officer narrows it.
    ``summed``: its rows are sums, which cannot be narrowed once they are frozen.
    ``local``: of this computer alone; no close freezes it, and the district has none.
    """

    code: str
    name: str
    title: str
    counted_by: str
    definition: str
    columns: tuple[Column, ...]
    query: Callable[[Ask], Select[Any]] = field(compare=False)
    record_type: str = ""
    about_people: bool = True
    officer: str = "officer"
    summed: bool = False
    local: bool = False


PERSON = (
    Column("name", N_("姓名"), Kind.NAME, 10),
    Column("id_no", N_("证件号码"), Kind.ID_NO, 20),
    Column("mobile", N_("电话"), Kind.MOBILE, 13, moves=True),
    Column("community", N_("社区"), Kind.PLACE, 14, moves=True),
    Column("grid", N_("网格"), Kind.TEXT, 10, moves=True),
)
"""What every ledger of people begins with (domain sheet 7.1)."""


def person_columns() -> list[ColumnElement[Any]]:
    """Return the columns of the query that ``PERSON`` names, of the resident joined to it."""
    return [
        col(Resident.name).label("name"),
        col(Resident.id_no).label("id_no"),
        col(Resident.mobile).label("mobile"),
        col(Resident.live_region).label("community"),
        col(Resident.grid_code).label("grid"),
    ]


def key_columns(model: type[Any], resident: Any = None) -> list[ColumnElement[Any]]:
    """Return the columns of ``KEYS`` for rows of a model."""
    person = literal(None).cast(Text) if resident is None else resident
    return [col(model.id).label("row_id"), person.label("resident_id"), col(model.station_code).label("row_station")]


def of_people(ask: Ask) -> list[ColumnElement[bool]]:
    """Return the conditions on the resident joined to a query: community, grid, group."""
    found: list[ColumnElement[bool]] = []
    if ask.community:
        found.append(col(Resident.live_region).startswith(ask.community, autoescape=True))
    if ask.grid:
        found.append(col(Resident.grid_code) == ask.grid)
    if ask.group:
        found.append(cast(col(Resident.priority_groups), Text).contains(f'"{ask.group}"', autoescape=True))
    return found


def of_rows(ask: Ask, model: type[Any], officer: Any = None) -> list[ColumnElement[bool]]:
    """Return the conditions on the records themselves: alive, of these stations, of this officer."""
    found: list[ColumnElement[bool]] = [col(model.deleted_at).is_(None)]
    if ask.stations:
        found.append(col(model.station_code).in_(ask.stations))
    if ask.officer:
        found.append((col(model.created_by) if officer is None else officer) == ask.officer)
    return found


def days_in(period: Period, column: Any) -> ColumnElement[bool]:
    """Say that a date lies in the period."""
    return and_(column >= period.first, column < period.until)


def moments_in(period: Period, column: Any) -> ColumnElement[bool]:
    """Say that an instant lies in the period, by the station's local time."""
    return and_(column >= period.start, column < period.end)


def either(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Say that one of them holds."""
    return or_(*conditions)


def age_group(born: date, on: date) -> str:
    """Return 16–24, 25–34, 35–44, 45–54, 55 以上 or 16 以下, by full years on a day."""
    years = on.year - born.year - ((on.month, on.day) < (born.month, born.day))
    for low, high in ((16, 24), (25, 34), (35, 44), (45, 54)):
        if low <= years <= high:
            return f"{low}–{high}"
    return "55+" if years >= 55 else "<16"


def months_between(first: date, until: date) -> int:
    """Return the full months from one day to another; 0 when it has not begun."""
    whole = (until.year - first.year) * 12 + until.month - first.month - (until.day < first.day)
    return max(whole, 0)


def joined(values: Sequence[str]) -> str:
    """Return words of one cell, in the way of a Chinese list."""
    return "、".join(value for value in values if value)
