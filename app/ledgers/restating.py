"""Corrections of closed months: what the records say now of a month, beside what was frozen of it.

A closed month never changes. What is known of it is its snapshot and the corrections that later closes froze about that
very close; where the records say something else by now, the first month that is still open shows it, line by line, and
freezes it with its own close. Known and lines together are always the records, whatever was closed in between.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from app import clock
from app.db.database import Transaction
from app.ledgers import read
from app.ledgers.base import Ask, Kind, Ledger
from app.ledgers.months import Close, closes, first_open_after
from app.ledgers.naming import names_of
from app.ledgers.period import Period
from app.ledgers.read import Cell, Line, Pen
from app.ledgers.snapshot import (
    Kept,
    again,
    frozen_corrections,
    frozen_ledger,
    frozen_rows,
    frozen_values,
    kept_rows,
    lets_through,
    plain,
    row_line,
    row_of,
    written,
)
from app.models.registry import find_type
from app.models.resident import Resident

LATE, CAME, CHANGED, GONE = "late", "came", "changed", "gone"
"""Entered after the close; made before it but known here only later, or moved into the month; changed; gone from it."""

STEP = 500
Tick = Callable[[int], object]


@dataclass(frozen=True)
class Correction:
    """One line: a row of a closed month that is new, gone or different. ``happened``: its true date; ``entered``: when
    it was entered or changed. ``key`` tells rows apart that stand for the same record.
    """

    month: str
    close_id: str
    kind: str
    key: str
    happened: Cell
    entered: datetime | None
    before: Kept | None
    after: Kept | None

    @property
    def row(self) -> Kept:
        """Return the row as it is now; as it was, where it is gone."""
        found = self.after or self.before
        assert found is not None
        return found


def correction_line(made: Correction) -> list[Any]:
    """Return a correction as it is frozen."""
    rows = [None if row is None else row_line(row) for row in (made.before, made.after)]
    return [made.month, made.close_id, made.kind, made.key, plain(made.happened), plain(made.entered), *rows]


def correction_of(line: Sequence[Any]) -> Correction:
    """Return the correction that ``correction_line`` made this of."""
    month, close_id, kind, key, happened, entered, *rows = line
    before, after = (None if row is None else row_of(row) for row in rows)
    return Correction(month, close_id, kind, key, again(happened), again(entered), before, after)


def corrected_in(known: Mapping[str, Close], period: Period) -> list[Close]:
    """Return the closes of which this month shows the corrections: none of a month that is no open one.

    That is the first open month after each; the latest comes first.
    """
    live = {month: close for month, close in known.items() if close.live}
    if not period.is_month or period.slug in live:
        return []
    return [
        close
        for month, close in sorted(live.items(), reverse=True)
        if month < period.slug and first_open_after(live, close.period) == period
    ]


def corrections(tx: Transaction, ledger: Ledger, ask: Ask, *, station: str, tick: Tick) -> list[Correction]:
    """Return the corrections that a ledger of an open month shows; the earliest month first.

    ``tick`` is told now and then how many rows were compared, and may raise Cancelled.

    Raises:
        NotFoundError: what was frozen of a month is not here.
        StorageError: what is here of it is not what was frozen.
    """
    known = closes(tx, station)
    wanted = corrected_in(known, ask.period)
    found: list[Correction] = []
    later: dict[str, list[tuple[datetime, str, list[Correction]]]] = {}
    live = [close for _month, close in sorted(known.items(), reverse=True) if close.live]
    for close in live if wanted else ():
        entry = close.ledger(ledger.code)
        if entry is None:
            continue
        frozen = _Frozen(tx, close, entry, ledger)
        if close in wanted:
            told = [each for *_when, some in sorted(later.get(close.id, ()), key=lambda one: one[:2]) for each in some]
            found[:0] = _Comparison(tx, ledger, frozen, station, tick).run(told)
        if entry.get("corrections"):
            about: dict[str, list[Correction]] = {}
            for each in frozen.corrections():
                about.setdefault(each.close_id, []).append(each)
            for close_id, some in about.items():
                later.setdefault(close_id, []).append((close.closed_at, close.id, some))
    return [each for each in found if _asked_for(ask, each)]


def _asked_for(ask: Ask, made: Correction) -> bool:
    return any(row is not None and lets_through(ask, row) for row in (made.before, made.after))


class _Frozen:
    """What was frozen of a ledger, in the columns that it has today."""

    def __init__(self, tx: Transaction, close: Close, entry: Mapping[str, Any], ledger: Ledger) -> None:
        self.close = close
        self._tx, self._entry = tx, entry
        was = frozen_ledger(tx, entry, ledger)
        places = {column.key: at for at, column in enumerate(was.columns)}
        self._places = [places.get(column.key) for column in ledger.columns]
        self._same = self._places == list(range(len(was.columns)))
        self.has = [place is not None for place in self._places]

    def rows(self) -> Iterator[Kept]:
        return (self._aligned(row) for row in frozen_rows(self._tx, self._entry))

    def values(self) -> Iterator[tuple[str, Sequence[Any]]]:
        for record, values in frozen_values(self._tx, self._entry):
            yield record, values if self._same else [None if at is None else values[at] for at in self._places]

    def corrections(self) -> Iterator[Correction]:
        for line in frozen_corrections(self._tx, self._entry):
            made = correction_of(line)
            before, after = (None if row is None else self._aligned(row) for row in (made.before, made.after))
            yield Correction(made.month, made.close_id, made.kind, made.key, made.happened, made.entered, before, after)

    def _aligned(self, row: Kept) -> Kept:
        if self._same:
            return row
        values, cells = (
            tuple(None if place is None else given[place] for place in self._places)
            for given in (row.values, row.cells)
        )
        return Kept(row.row_id, row.resident_id, row.station, row.facts, values, cells)


class _Comparison:
    """One ledger of one closed month beside the records as they are now."""

    def __init__(self, tx: Transaction, ledger: Ledger, frozen: _Frozen, station: str, tick: Tick) -> None:
        self._tx, self._ledger, self._frozen, self._tick = tx, ledger, frozen, tick
        self._period = frozen.close.period
        self._ask = Ask(self._period, (station,), shared=True)
        self._marker = Marker(ledger, self._period, has=frozen.has)

    def run(self, told: Iterable[Correction]) -> list[Correction]:
        """Compare; ``told``: the corrections that were frozen about this close since."""
        overlay = {each.key: each.after for each in told}
        marks = {key: self._marker.of_line(values) for key, (_id, values) in _keyed(self._frozen.values())}
        for key, row in overlay.items():
            if row is None:
                marks.pop(key, None)
            else:
                marks[key] = self._marker.of_values(row.values)
        new = self._differing(marks)
        before = {key: row for key, row in overlay.items() if row is not None and (key in marks or key in new)}
        missing = (set(marks) | set(new)) - set(overlay)
        if missing:
            before.update(
                (key, row)
                for key, (_id, row) in _keyed((row.row_id, row) for row in self._frozen.rows())
                if key in missing
            )
        return self._lines(before, new)

    def _differing(self, marks: dict[str, bytes]) -> dict[str, Kept]:
        """Return the rows of now that are new or different; of ``marks`` those stay whose rows are gone."""
        lines = read.lines(self._tx.session.connection(), self._ledger, self._ask)
        differing: dict[str, Line] = {}
        for number, (key, line) in enumerate(_keyed(lines), 1):
            if number % STEP == 0:
                self._tick(STEP)
            if marks.pop(key, None) != self._marker.of_values(line.values):
                differing[key] = line
        pen = Pen(names_of(self._tx), self._ledger, self._ask, whole=True)
        rows = kept_rows(self._tx, self._ledger, differing.values(), pen)
        return dict(zip(differing, rows, strict=True))

    def _lines(self, before: Mapping[str, Kept], new: Mapping[str, Kept]) -> list[Correction]:
        entered = _entered(self._tx, self._ledger, list(chain(before.values(), new.values())))
        closed_at = self._frozen.close.closed_at
        found = []
        for key in [*new, *(key for key in before if key not in new)]:
            was, now = before.get(key), new.get(key)
            row = now or was
            assert row is not None
            created, updated, deleted = entered.get(row.row_id, (None, None, None))
            late = created is not None and created >= closed_at
            kind = GONE if now is None else CHANGED if was is not None else LATE if late else CAME
            at = {GONE: deleted or updated, LATE: created}.get(kind, updated or created)
            found.append(self._correction(kind, key, at, was, now))
        return found

    def _correction(
        self, kind: str, key: str, entered: datetime | None, was: Kept | None, now: Kept | None
    ) -> Correction:
        close, row = self._frozen.close, now or was
        assert row is not None
        happened = _happened(self._ledger, row)
        return Correction(close.month, close.id, kind, key, happened, entered, was, now)


def _keyed(rows: Iterable[Any]) -> Iterator[tuple[str, Any]]:
    """Yield rows by their record; the second row of a record gets a number behind it."""
    seen: set[str] = set()
    for row in rows:
        record, number = row[0], 1
        key = record
        while key in seen:
            number += 1
            key = f"{record}#{number}"
        seen.add(key)
        yield key, row


class Marker:
    """Makes of a row's values what counts when it is compared: equal where nothing is to be corrected.

    What goes on after a period, and what happened after it, does not count. ``has``: which columns were frozen.
    """

    def __init__(self, ledger: Ledger, period: Period, *, has: Sequence[bool] = ()) -> None:
        keys = [column.key for column in ledger.columns]
        self._period = period
        self._compared = [
            (at, keys.index(column.since) if column.since else None)
            for at, column in enumerate(ledger.columns)
            if not column.moves and (not has or has[at])
        ]

    def of_values(self, values: Sequence[Any]) -> bytes:
        """Return the mark of values as they were read."""
        return _mark(
            [
                None if day is not None and is_after(values[day], self._period) else plain(values[at])
                for at, day in self._compared
            ]
        )

    def of_line(self, values: Sequence[Any]) -> bytes:
        """Return the mark of values as they stand in a frozen line: the same as that of what was read."""
        return _mark(
            [
                None if day is not None and is_after(again(values[day]), self._period) else values[at]
                for at, day in self._compared
            ]
        )


def _mark(counted: list[Any]) -> bytes:
    return hashlib.blake2b(written(counted), digest_size=16).digest()


def is_after(value: Any, period: Period) -> bool:
    """Tell whether something happened after a period."""
    if isinstance(value, datetime):
        return value >= period.end
    return isinstance(value, date) and value >= period.until


def changed_columns(ledger: Ledger, made: Correction, period: Period) -> list[int]:
    """Return the places of the columns in which a changed row differs."""
    if made.before is None or made.after is None:
        return []
    keys = [column.key for column in ledger.columns]
    found = []
    for at, column in enumerate(ledger.columns):
        day = keys.index(column.since) if column.since else None
        pair = [
            None if day is not None and is_after(row.values[day], period) else plain(row.values[at])
            for row in (made.before, made.after)
        ]
        if not column.moves and pair[0] != pair[1]:
            found.append(at)
    return found


def _happened(ledger: Ledger, row: Kept) -> Cell:
    """Return the true date of a row: its first day or moment that is none of entry and stands still."""
    for column, cell in zip(ledger.columns, row.cells, strict=True):
        if column.kind in (Kind.DATE, Kind.MOMENT) and not column.moves and column.key != "entered_on":
            return cell.date() if isinstance(cell, datetime) else cell
    return None


_Times = tuple[datetime | None, datetime | None, datetime | None]


def _entered(tx: Transaction, ledger: Ledger, rows: Sequence[Kept]) -> dict[str, _Times]:
    """Return when the records of rows were made, last changed, themselves or the person's file, and removed."""
    kind = find_type(ledger.record_type)
    if kind is None:
        return {}
    found = _times(tx, kind.model, {row.row_id for row in rows})
    people = _times(tx, Resident, {row.resident_id for row in rows if row.resident_id}) if ledger.about_people else {}
    for row in rows:
        made, changed, removed = found.get(row.row_id, (None, None, None))
        of_person = people.get(row.resident_id or "", (None, None, None))[1]
        latest = max((at for at in (changed, of_person) if at is not None), default=None)
        found[row.row_id] = (made, latest, removed)
    return found


def _times(tx: Transaction, model: Any, ids: Iterable[str]) -> dict[str, _Times]:
    found, wanted = {}, sorted(set(ids))
    columns = (col(model.id), col(model.created_at), col(model.updated_at), col(model.deleted_at))
    for start in range(0, len(wanted), 400):
        query = select(*columns).where(col(model.id).in_(wanted[start : start + 400]))
        found.update({row[0]: (row[1], row[2], row[3]) for row in tx.rows(query)})
    return found


def entered_on(made: Correction) -> date | None:
    """Return the day on which a correction was entered, in local time."""
    return None if made.entered is None else clock.to_local(made.entered).date()
