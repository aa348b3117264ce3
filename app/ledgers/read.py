"""Reading a ledger: rows come one by one from the database and are shaped as they are written.

A row as read (``Line``) holds values of the database; ``Pen`` turns it into what a cell holds: text, number, day or
moment in local time, masked or whole. Reading holds no more than a thousand rows, however long the ledger is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, select

from app import clock
from app.ledgers.base import KEYS, PERSONAL, Ask, Column, Kind, Ledger, joined
from app.ledgers.words import code_words, community_words
from app.models.masking import mask_address, mask_id, mask_mobile, mask_name

CHUNK = 1000
_AHEAD = clock.LOCAL_ZONE.utcoffset(None)

Cell = str | int | float | date | datetime | None
_MASKS: Mapping[Kind, Callable[[str | None], str]] = {
    Kind.NAME: mask_name,
    Kind.ID_NO: mask_id,
    Kind.MOBILE: mask_mobile,
    Kind.ADDRESS: mask_address,
}


class Line(NamedTuple):
    """One row: what it stands for, and its values in the order of the ledger's columns."""

    row_id: str
    resident_id: str | None
    station: str | None
    values: tuple[Any, ...]


def count(connection: Connection, ledger: Ledger, ask: Ask) -> int:
    """Return how many rows the ledger has."""
    inner = ledger.query(ask).order_by(None).subquery()
    return int(connection.execute(select(func.count()).select_from(inner)).scalar_one())


def lines(connection: Connection, ledger: Ledger, ask: Ask) -> Iterator[Line]:
    """Yield the rows in their order, a thousand at a time from the database."""
    result = connection.execution_options(yield_per=CHUNK).execute(ledger.query(ask))
    keys = list(result.keys())
    row_id, resident, station = (keys.index(name) for name in KEYS)
    values = itemgetter(*(keys.index(column.key) for column in ledger.columns))
    for row in result:
        yield Line(row[row_id], row[resident], row[station], values(row))


@dataclass(frozen=True)
class Names:
    """What ids are called: staff, stations, policy cards."""

    staff: Mapping[str, str]
    stations: Mapping[str, str]
    cards: Mapping[str, str]


class Pen:
    """Writes the cells of one ledger. ``whole``: nothing is masked."""

    def __init__(self, names: Names, ledger: Ledger, ask: Ask, *, whole: bool = False) -> None:
        writers = [(place, _writer(column, ask, names, whole=whole)) for place, column in enumerate(ledger.columns)]
        self._writers = [(place, write) for place, write in writers if write is not _as_it_is]

    def cells(self, line: Line) -> list[Cell]:
        """Return what the cells of a line hold."""
        made = list(line.values)
        for place, write in self._writers:
            value = made[place]
            if value is not None:
                made[place] = write(value)
        return made


def masked(columns: Sequence[Column], cells: Sequence[Cell]) -> list[Cell]:
    """Return cells that were written whole as they are shown: personal ones masked."""
    return [
        _MASKS[column.kind](cell) if column.kind in PERSONAL and isinstance(cell, str) else cell
        for column, cell in zip(columns, cells, strict=True)
    ]


class Mask:
    """Writes the cells of lines that hold what was written, whole: masked, unless they are to stay whole."""

    def __init__(self, columns: Sequence[Column], *, whole: bool = False) -> None:
        self._columns, self._whole = columns, whole

    def cells(self, line: Line) -> list[Cell]:
        """Return what the cells of a line hold."""
        return list(line.values) if self._whole else masked(self._columns, line.values)


def _as_it_is(value: Any) -> Cell:
    cell: Cell = value
    return cell


def _writer(column: Column, ask: Ask, names: Names, *, whole: bool) -> Callable[[Any], Cell]:
    shape = column.shape
    write = _plain(column, names)
    if column.kind in PERSONAL and not whole:
        write = lru_cache(maxsize=2048)(_MASKS[column.kind])  # goes with the pen: no name outlives its ledger
    if shape is None:
        return write

    def shaped(value: Any) -> Cell:
        made = shape(value, ask)
        return None if made is None else write(made)

    return shaped


def _plain(column: Column, names: Names) -> Callable[[Any], Cell]:
    match column.kind:
        case Kind.CODE:
            return _coded(column.codes)
        case Kind.STAFF:
            return _named(names.staff)
        case Kind.STATION:
            return _named(names.stations)
        case Kind.PLACE:
            return community_words
        case Kind.POLICY:
            return _named(names.cards)
        case Kind.MONEY:
            return lambda fen: round(fen / 100, 2)
        case Kind.DATE:
            return lambda value: (value + _AHEAD).date() if isinstance(value, datetime) else value
        case Kind.MOMENT:
            return lambda value: clock.to_local(value).replace(tzinfo=None, microsecond=0)
        case _:
            return _as_it_is


def _coded(list_id: str) -> Callable[[Any], Cell]:
    """Return what writes codes of a list; each code is looked up once."""
    known: dict[str, str] = {}

    def write(value: Any) -> Cell:
        if not isinstance(value, str):
            return code_words(list_id, value)
        if value not in known:
            known[value] = code_words(list_id, value)
        return known[value]

    return write


def _named(names: Mapping[str, str]) -> Callable[[Any], Cell]:
    """Return what writes an id, or a list of ids, as names; an unknown one stays as it is."""

    def write(value: Any) -> Cell:
        ids = value if isinstance(value, list | tuple) else [value]
        return joined([names.get(each, str(each)) for each in ids])

    return write


def cell_words(cell: Cell) -> str:
    """Return a cell as it stands on paper."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d %H:%M}"
    if isinstance(cell, date):
        return cell.isoformat()
    return f"{cell:,.2f}" if isinstance(cell, float) else str(cell)
