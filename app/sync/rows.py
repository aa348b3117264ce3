"""Records of this device while the district's entries are laid over them: read in sets, written in sets."""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select

from app.db import search_index
from app.db.database import Transaction
from app.db.direct import fetch
from app.db.inserts import insert_columns, insert_many, update_rows
from app.models.registry import find_type
from app.models.wire import to_wire
from app.sync.protocol import Entry, dumps
from app.sync.shapes import Shape, read_value, shape_of
from app.sync.working_out import made_of, moments_of, words_of

Key = tuple[str, str]
"""Record type and id."""

CHUNK = 400


@dataclass(slots=True)
class Row:
    """A record of this device while entries are laid over it; ``wire`` as JSON values. ``seen``: it is here already."""

    rev: int = 0
    wire: Mapping[str, Any] | None = None
    extra: dict[str, Any] | None = None
    seen: bool = False
    entry: Entry | None = None


def by_type(keys: Iterable[Key]) -> dict[str, list[str]]:
    """Return the ids of each type, in order."""
    groups: dict[str, list[str]] = {}
    for kind, record_id in keys:
        groups.setdefault(kind, []).append(record_id)
    return groups


def pieces(ids: Iterable[str]) -> Iterator[list[str]]:
    """Cut ids into pieces that fit into one IN (…)."""
    whole = sorted(set(ids))
    return (whole[start : start + CHUNK] for start in range(0, len(whole), CHUNK))


def keys_here(tx: Transaction, ids: Mapping[str, Sequence[str]]) -> set[Key]:
    """Return which of these records of known types this device has."""
    found: set[Key] = set()
    for name, wanted in ids.items():
        if find_type(name) is not None:
            table = shape_of(name).table.name
            query = f'SELECT id FROM "{table}" WHERE id IN (SELECT value FROM json_each(?))'  # noqa: S608 - ours
            found.update([(name, record_id) for (record_id,) in ask(tx, query, dumps(wanted))])
    return found


def load_rows(tx: Transaction, keys: Iterable[Key], here: Set[Key]) -> dict[Key, Row]:
    """Return this device's rows of these records of known types; one that is not ``here`` yet starts empty."""
    found: dict[Key, Row] = {key: Row() for key in keys}
    for name, ids in by_type(found.keys() & here).items():
        shape = shape_of(name)
        for piece in pieces(ids):
            for item in tx.rows(select(shape.table).where(shape.table.c.id.in_(piece))):
                values = item._mapping  # noqa: SLF001 - SQLAlchemy's public name for it
                wire = {each: to_wire(values[each]) for each in shape.fields}
                found[name, item.id] = Row(item.rev, wire, dict(item.extra or {}), seen=True)
    return found


def ask(tx: Transaction, query: str, *values: Any) -> Sequence[Any]:
    """Run a select of our own as it is: nothing is worked out anew for each page."""
    tx.flush()
    return fetch(tx.session.connection(), query, values)


def write_rows(tx: Transaction, rows: Mapping[Key, Row]) -> int:
    """Write the rows that entries were laid over, a type at a time, and their search index; return how many."""
    groups: dict[str, list[tuple[str, Row]]] = {}
    for (name, record_id), row in rows.items():
        if row.entry is not None:
            groups.setdefault(name, []).append((record_id, row))
    connection = tx.session.connection()
    for name, items in groups.items():
        shape = shape_of(name)
        fresh = [_new_columns(shape, record_id, row) for record_id, row in items if not row.seen]
        known = [_columns(shape, record_id, row) for record_id, row in items if row.seen]
        if fresh:
            insert_many(connection, shape.table, fresh, shape.common)
        update_rows(connection, shape.table, known)
        words = ((row["id"], search_index.words(shape.kind, row)) for row in (*fresh, *known))
        search_index.put_many(connection, shape.kind, words)
    if tx.session.identity_map:
        tx.session.expire_all()
    return sum(map(len, groups.values()))


def write_new(tx: Transaction, entries: Iterable[Entry]) -> int:
    """Write records that are new here as they came, column by column, and their search index; return how many."""
    groups: dict[str, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(entry.type, []).append(entry)
    connection = tx.session.connection()
    for name, items in groups.items():
        shape = shape_of(name)
        columns = _columns_of(shape, items)
        insert_columns(connection, shape.table, columns, shape.common, len(items), bound=shape.moments | {"updated_at"})
        search_index.put_many(connection, shape.kind, ((entry.id, words_of(entry)) for entry in items))
    return sum(map(len, groups.values()))


def _columns_of(shape: Shape, entries: Sequence[Entry]) -> dict[str, list[Any]]:
    """Return what these records hold, by column; what is empty in all of them is left to the table."""
    values = [entry.values for entry in entries]
    names = set[str]().union(*values)
    columns: dict[str, list[Any]] = {}
    for name in shape.known & names:
        column = [each.get(name) for each in values]
        fallback = shape.fallback[name]
        if column.count(None) + (fallback is not None and column.count(fallback)) < len(column):
            columns[name] = _read_column(shape, name, column, entries)
    unknown = names - shape.known
    if unknown:
        columns["extra"] = [{name: each[name] for name in each.keys() & unknown} for each in values]
    columns["id"] = [entry.id for entry in entries]
    columns["rev"] = [entry.rev for entry in entries]
    columns["updated_at"] = [made_of(entry) for entry in entries]
    columns["updated_by"] = [entry.actor for entry in entries]
    return columns


def _read_column(shape: Shape, name: str, column: list[Any], entries: Sequence[Entry]) -> list[Any]:
    """Return a column as it is stored: days and instants as the text that stands in the file."""
    fallback = shape.fallback[name]
    if name in shape.moments:
        return [moments_of(entry).get(name) for entry in entries]
    if name in shape.coded:
        column = [None if value is None else read_value(shape, name, value) for value in column]
    return column if fallback is None else [fallback if value is None else value for value in column]


def _new_columns(shape: Shape, record_id: str, row: Row) -> dict[str, Any]:
    """Return what a new row holds of its own; what is empty is left to the table."""
    entry = row.entry
    assert entry is not None and row.wire is not None
    wire, fallback = row.wire, shape.fallback
    values = {
        name: value for name, value in wire.items() if value or (value is not None and value != fallback.get(name))
    }
    for name in shape.coded.keys() & values.keys():
        values[name] = read_value(shape, name, values[name])
    values.update(id=record_id, rev=row.rev, updated_at=entry.made_at, updated_by=entry.actor)
    if row.extra:
        values["extra"] = row.extra
    return values


def _columns(shape: Shape, record_id: str, row: Row) -> dict[str, Any]:
    entry = row.entry
    assert entry is not None and row.wire is not None
    values: dict[str, Any] = {"id": record_id}
    for name in shape.fields:
        value = row.wire.get(name)
        if value is None:
            value = shape.fallback[name]
        elif name in shape.coded:
            value = read_value(shape, name, value)
        values[name] = value
    values.update(rev=row.rev, extra=row.extra or {}, updated_at=entry.made_at, updated_by=entry.actor)
    return values


def remove_rows(tx: Transaction, keys: Iterable[Key]) -> None:
    """Take records away from this device, also from the search index."""
    connection = tx.session.connection()
    for name, ids in by_type(keys).items():
        if find_type(name) is None:
            continue
        shape = shape_of(name)
        search_index.put_many(connection, shape.kind, ((each, "") for each in ids))
        for piece in pieces(ids):
            connection.execute(delete(shape.table).where(shape.table.c.id.in_(piece)))
    if tx.session.identity_map:
        tx.session.expire_all()
