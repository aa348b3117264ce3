"""Values that only one record of the whole district may hold (registry: ``unique``), such as the number of a slip.

A value is its record's for ever, also when that is void or deleted. What the operations of a push would take is put
down before they are decided, in sorted order and under the locks of their feeds: a push from another station that wants
the same value waits at the primary key until this one is committed, and then finds it taken.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from app.db.inserts import table_of
from app.district.store import chunks, insert_missing
from app.models.district import FeedEntry, ReceivedOp, UniqueValue
from app.models.registry import RECORD_TYPES, RecordType, find_type
from app.models.wire import storable
from app.sync.protocol import WireOp

Place = tuple[str, str, str]
"""Record type, field, value."""

LONGEST = 60


class Numbers:
    """Who holds which unique value, as far as one push needs to know."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._holders: dict[Place, str | None] = {}
        self._put_down: dict[Place, str] = {}

    def load(self, ops: Iterable[WireOp]) -> None:
        """Find out who holds the values that these operations set; keep those free that nobody holds."""
        wanted: dict[Place, str] = {}
        for op in ops:
            for edit in op.edits:
                kind = find_type(edit.type)
                if kind is not None and kind.unique:
                    new = {name: pair[1] for name, pair in edit.changes.items()}
                    wanted.update({place: edit.id[:36] for place in _places(kind, new) if place not in wanted})
        if not wanted:
            return
        self._holders.update(self._held(wanted))
        free = {place: record_id for place, record_id in sorted(wanted.items()) if place not in self._holders}
        if free:
            insert_missing(self._connection, UniqueValue, [_row(place, item) for place, item in free.items()])
            for place, record_id in self._held(free).items():
                if record_id == free[place]:
                    self._put_down[place] = record_id
                self._holders[place] = None if place in self._put_down else record_id

    def _held(self, places: Iterable[Place]) -> dict[Place, str]:
        groups: dict[tuple[str, str], list[str]] = {}
        for kind, name, value in places:
            groups.setdefault((kind, name), []).append(value)
        table, found = table_of(UniqueValue), {}
        for (kind, name), values in groups.items():
            for piece in chunks(values):
                query = sa.select(table.c.value, table.c.record_id).where(
                    table.c.record_type == kind, table.c.field == name, table.c.value.in_(piece)
                )
                found.update({(kind, name, row.value): row.record_id for row in self._connection.execute(query)})
        return found

    def clash(self, kind: RecordType, record_id: str, values: Mapping[str, Any]) -> str | None:
        """Return the field whose value another record holds, if there is one."""
        for place in _places(kind, values):
            if self._holders.get(place) not in (None, record_id):
                return place[1]
        return None

    def take(self, kind: RecordType, record_id: str, values: Mapping[str, Any]) -> None:
        """Give a record the values it has now."""
        self._holders.update(dict.fromkeys(_places(kind, values), record_id))

    def write(self) -> None:
        """Write whose the values became; those that nobody took are free again."""
        table = table_of(UniqueValue)
        for place, record_id in self._put_down.items():
            holder = self._holders[place]
            if holder != record_id:
                here = (table.c.record_type == place[0], table.c.field == place[1], table.c.value == place[2])
                taken = sa.delete(table) if holder is None else sa.update(table).values(record_id=holder)
                self._connection.execute(taken.where(*here))


def _places(kind: RecordType, values: Mapping[str, Any]) -> list[Place]:
    """Return the unique values among a record's values."""
    if not kind.unique:
        return []
    given = ((name, values.get(name)) for name in sorted(kind.unique))
    return [
        (kind.name, name, value)
        for name, value in given
        if isinstance(value, str) and 0 < len(value) <= LONGEST and storable(value)
    ]


def _row(place: Place, record_id: str) -> dict[str, str]:
    return {"record_type": place[0], "field": place[1], "value": place[2], "record_id": record_id}


def fill(connection: sa.Connection, known: str | None) -> str | None:
    """Put down what a district already had: whoever was received first holds a value that stands twice.

    ``known``: the fields that were put down before. Returns those that are now, None when nothing was to be done.
    """
    fields = ",".join(f"{kind.name}.{name}" for kind in RECORD_TYPES for name in sorted(kind.unique))
    if fields == known:
        return None
    for kind in RECORD_TYPES:
        if kind.unique:
            _fill_type(connection, kind)
    return fields


def _fill_type(connection: sa.Connection, kind: RecordType) -> None:
    entry, op = table_of(FeedEntry), table_of(ReceivedOp)
    query = (
        sa.select(entry.c.record_id, entry.c.fields)
        .join(op, op.c.op == entry.c.op)
        .where(entry.c.record_type == kind.name)
        .order_by(op.c.received_at, entry.c.feed, entry.c.seq)
    )
    for piece in connection.execute(query.execution_options(yield_per=1000)).partitions():
        held = [_row(place, row.record_id) for row in piece for place in _places(kind, json.loads(row.fields))]
        if held:
            insert_missing(connection, UniqueValue, held)
