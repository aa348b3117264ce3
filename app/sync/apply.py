"""What the district says, put into this device's tables: set by set, in the caller's one transaction.

Local view = what the district said + own unsent edits on top. Own edits that were answered but have not come back
by pull yet are shielded too, so that nothing flickers.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlmodel import col

from app.db import search_index
from app.db.database import Transaction
from app.errors import ProtocolError
from app.models.feed import FeedRecord
from app.models.operation import APPLIED, DISTRICT, LOCAL, UNSENT, Operation, OperationEdit, ServerRow
from app.models.registry import RecordType, find_type
from app.models.wire import DAY, INSTANT, NUMBER, from_wire, to_wire
from app.services.unsent import unsent_changes
from app.sync.protocol import Entry
from app.texts import _

log = logging.getLogger(__name__)

Key = tuple[str, str]
CHUNK = 400


@dataclass(frozen=True)
class _Shape:
    """What generic code needs of a type's table, looked up once."""

    table: Any
    fields: tuple[str, ...]
    coded: frozenset[str]
    fallback: Mapping[str, Any]


@cache
def _shape(name: str) -> _Shape:
    kind = find_type(name)
    assert kind is not None
    table: Any = kind.model.__table__  # type: ignore[attr-defined]
    fallback = {}
    for each in kind.fields:
        info = kind.model.model_fields[each]
        value = None if info.is_required() else info.get_default(call_default_factory=True)
        fallback[each] = None if value is ... else value
    coded = frozenset(each for each, facts in kind.fields.items() if facts.kind in (DAY, INSTANT, NUMBER))
    return _Shape(table, tuple(kind.fields), coded, fallback)


@dataclass
class _Row:
    """A record of this device while entries are laid over it; ``wire`` as JSON values."""

    rev: int
    wire: dict[str, Any]
    extra: dict[str, Any]
    seen: bool
    entry: Entry | None = None


def apply_entries(tx: Transaction, entries: Sequence[Entry], *, force: bool = False, as_of_now: bool = False) -> int:
    """Apply a page's entries in order; return how many records changed.

    ``force`` also applies what this device believes to have already (repair). ``as_of_now``: the entries are records
    as they stand, not what one operation made of them; others' go without a line in the history.

    Raises:
        ProtocolError: a value is not of its kind; nothing of the page is kept by the caller.
    """
    if not entries:
        return 0
    keys = {(entry.type, entry.id) for entry in entries}
    shields = _Shields(tx, keys)
    rows = _load(tx, keys)
    grounds = _grounds(tx, [key for key in keys if key in shields.unsent])
    history: list[tuple[Entry, dict[str, list[Any]]]] = []
    gone: list[Entry] = []
    for entry in entries:
        key = (entry.type, entry.id)
        row = rows.get(key)
        if row is None:
            history.append((entry, {}))
            continue
        if entry.removed:
            gone.append(entry)
            continue
        if entry.rev <= row.rev and not force:
            continue
        laid = _lay(row, entry, shields, grounds)
        history.append((entry, {} if as_of_now else laid))
    with tx.applying():
        changed = _write_rows(tx, rows, shields)
        _remove(tx, gone, shields)
    _write_grounds(tx, rows, shields, grounds)
    _write_history(tx, history, own_only=as_of_now)
    _write_feed_records(tx, entries, rows)
    tx.touched.update(kind for kind, _id in rows)
    return changed


class _Shields:
    """Which fields of which records the district's values do not overwrite.

    ``unsent``: {(type, id): {field: value}} not accepted yet. ``_answered``: own edits with the revision they became.
    """

    def __init__(self, tx: Transaction, keys: Iterable[Key]) -> None:
        self.unsent = unsent_changes(tx, keys)
        self._answered: dict[Key, list[tuple[int, frozenset[str]]]] = {}
        edit, op = OperationEdit.__table__, Operation.__table__  # type: ignore[attr-defined]
        query = (
            select(edit.c.record_type, edit.c.record_id, edit.c.rev, edit.c.changes)
            .join(op, op.c.op == edit.c.op)
            .where(op.c.origin == LOCAL, edit.c.rev.is_not(None), op.c.state.not_in(UNSENT))
        )
        for piece in _pieces(record_id for _kind, record_id in keys):
            for kind, record_id, rev, changes in tx.rows(query.where(edit.c.record_id.in_(piece))):
                self._answered.setdefault((kind, record_id), []).append((rev, frozenset(changes)))

    def of(self, key: Key, rev: int) -> set[str]:
        """Return the fields of a record that an entry of this revision leaves alone."""
        fields = set(self.unsent.get(key, ()))
        for became, names in self._answered.get(key, ()):
            if became > rev:
                fields |= names
        return fields


def _pieces(ids: Iterable[str]) -> Iterable[list[str]]:
    whole = sorted(set(ids))
    return (whole[start : start + CHUNK] for start in range(0, len(whole), CHUNK))


def _load(tx: Transaction, keys: Iterable[Key]) -> dict[Key, _Row]:
    """Return this device's rows of the known types; a record that is not here yet starts empty."""
    found: dict[Key, _Row] = {}
    groups: dict[str, list[str]] = {}
    for kind, record_id in keys:
        if find_type(kind) is not None:
            groups.setdefault(kind, []).append(record_id)
            found[kind, record_id] = _Row(0, {}, {}, seen=False)
    for kind, ids in groups.items():
        shape = _shape(kind)
        for piece in _pieces(ids):
            for item in tx.rows(select(shape.table).where(shape.table.c.id.in_(piece))):
                values = item._mapping  # noqa: SLF001 - SQLAlchemy's public name for it
                wire = {name: to_wire(values[name]) for name in shape.fields}
                found[kind, item.id] = _Row(item.rev, wire, dict(item.extra or {}), seen=True)
    return found


def _lay(row: _Row, entry: Entry, shields: _Shields, grounds: dict[Key, dict[str, Any]]) -> dict[str, list[Any]]:
    """Lay one entry over a row; return what it changed of what the district had said before."""
    key = (entry.type, entry.id)
    shape = _shape(entry.type)
    shielded = shields.of(key, entry.rev)
    unsent = shields.unsent.get(key, {})
    ground = grounds.get(key)
    before = ground if ground is not None else row.wire
    changes: dict[str, list[Any]] = {}
    known = set(shape.fields)
    for name, new in entry.values.items():
        if name not in known:
            row.extra[name] = new
            continue
        old = before.get(name)
        if (
            old != new
            and not (name in shielded and name not in unsent)
            and not (old in (None, [], {}) and new in (None, [], {}))
        ):
            changes[name] = [old, new]
        if name not in shielded:
            row.wire[name] = new
    if unsent:
        grounds[key] = {**(ground or {}), **{name: new for name, new in entry.values.items() if name in known}}
    row.rev = entry.rev
    row.entry = entry
    return changes


def _write_rows(tx: Transaction, rows: Mapping[Key, _Row], shields: _Shields) -> int:
    """Write the rows that entries were laid over, a type at a time, and their search index."""
    groups: dict[str, list[tuple[str, _Row]]] = {}
    for (type_name, record_id), row in rows.items():
        if row.entry is not None:
            groups.setdefault(type_name, []).append((record_id, row))
    connection = tx.session.connection()
    for name, items in groups.items():
        kind, shape = find_type(name), _shape(name)
        assert kind is not None
        values = [_columns(kind, shape, record_id, row) for record_id, row in items]
        statement = upsert(shape.table)
        put = {each: statement.excluded[each] for each in values[0] if each != "id"}
        connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=put), values)
        if kind.search is not None:
            for value in values:
                search_index.put(connection, kind, value["id"], value)
    tx.session.expire_all()
    return sum(len(items) for items in groups.values())


def _columns(kind: RecordType, shape: _Shape, record_id: str, row: _Row) -> dict[str, Any]:
    entry = row.entry
    assert entry is not None
    values: dict[str, Any] = {"id": record_id}
    for name in shape.fields:
        value = row.wire.get(name)
        if value is None:
            value = shape.fallback[name]
        elif name in shape.coded:
            try:
                value = from_wire(kind.fields[name], value)
            except (TypeError, ValueError, OverflowError) as problem:
                text = _("区里送来的内容看不懂：{kind} {field}", kind=kind.name, field=name)
                raise ProtocolError(text, code="sync.value") from problem
        values[name] = value
    values.update(rev=row.rev, extra=row.extra, updated_at=entry.made_at, updated_by=entry.actor)
    return values


def _remove(tx: Transaction, gone: Sequence[Entry], shields: _Shields) -> None:
    """Take away records that left a feed; one with unsent work stays until that is settled."""
    connection = tx.session.connection()
    for entry in gone:
        kind = find_type(entry.type)
        if kind is None or (entry.type, entry.id) in shields.unsent:
            continue
        search_index.put(connection, kind, entry.id, {"deleted_at": entry.made_at})
        table = _shape(entry.type).table
        connection.execute(delete(table).where(table.c.id == entry.id))


def _grounds(tx: Transaction, keys: Iterable[Key]) -> dict[Key, dict[str, Any]]:
    table = ServerRow.__table__  # type: ignore[attr-defined]
    found: dict[Key, dict[str, Any]] = {}
    for piece in _pieces(record_id for _kind, record_id in keys):
        for row in tx.rows(select(table).where(table.c.record_id.in_(piece))):
            found[row.record_type, row.record_id] = dict(row.fields)
    return found


def _write_grounds(
    tx: Transaction, rows: Mapping[Key, _Row], shields: _Shields, grounds: Mapping[Key, dict[str, Any]]
) -> None:
    """Keep the ground of records with unsent edits; forget that of the others."""
    table = ServerRow.__table__  # type: ignore[attr-defined]
    connection = tx.session.connection()
    kept = [
        {"record_type": key[0], "record_id": key[1], "rev": row.rev, "fields": grounds[key]}
        for key, row in rows.items()
        if row.entry is not None and key in shields.unsent and key in grounds
    ]
    if kept:
        statement = upsert(table)
        put = {"rev": statement.excluded.rev, "fields": statement.excluded["fields"]}
        connection.execute(statement.on_conflict_do_update(index_elements=["record_type", "record_id"], set_=put), kept)
    for piece in _pieces(key[1] for key, row in rows.items() if row.entry is not None and key not in shields.unsent):
        connection.execute(delete(table).where(table.c.record_id.in_(piece)))


def _write_history(tx: Transaction, history: Sequence[tuple[Entry, dict[str, list[Any]]]], *, own_only: bool) -> None:
    """Write what others did into the log; of one's own only note the revision it became."""
    connection = tx.session.connection()
    known = _known_ops(tx, (entry.op for entry, _changes in history))
    told = _told(tx, (op for op, (origin, _last) in known.items() if origin == DISTRICT))
    ops, edits = [], []
    for entry, changes in history:
        origin, last = known.get(entry.op, ("", -1))
        if origin == LOCAL:
            _note_rev(tx, entry)
            continue
        if own_only:
            continue
        if not origin:
            ops.append(_foreign_op(entry))
        if (entry.op, entry.type, entry.id) in told:
            continue  # fetched again: the log tells it already
        known[entry.op] = (DISTRICT, last + 1)
        if changes:
            edits.append(
                {
                    "op": entry.op,
                    "position": last + 1,
                    "record_type": entry.type,
                    "record_id": entry.id,
                    "base": 0,
                    "changes": changes,
                    "rev": entry.rev,
                }
            )
    if ops:
        connection.execute(insert(Operation), ops)
    if edits:
        connection.execute(insert(OperationEdit), edits)


def _note_rev(tx: Transaction, entry: Entry) -> None:
    """Note which revision one's own edit became."""
    line = (
        col(OperationEdit.op) == entry.op,
        col(OperationEdit.record_type) == entry.type,
        col(OperationEdit.record_id) == entry.id,
    )
    tx.session.connection().execute(update(OperationEdit).where(*line).values(rev=entry.rev))


def _known_ops(tx: Transaction, ops: Iterable[str]) -> dict[str, tuple[str, int]]:
    """Return {op: (origin, last position)} of those that the log has."""
    known: dict[str, tuple[str, int]] = {}
    for piece in _pieces(ops):
        query = (
            select(col(Operation.op), col(Operation.origin), func.coalesce(func.max(OperationEdit.position), -1))
            .outerjoin(OperationEdit, col(OperationEdit.op) == col(Operation.op))
            .where(col(Operation.op).in_(piece))
            .group_by(col(Operation.op), col(Operation.origin))
        )
        known.update({op: (origin, last) for op, origin, last in tx.rows(query)})
    return known


def _told(tx: Transaction, ops: Iterable[str]) -> set[tuple[str, str, str]]:
    """Return (op, type, id) of what the log tells of these operations."""
    lines = OperationEdit.__table__  # type: ignore[attr-defined]
    found: set[tuple[str, str, str]] = set()
    for piece in _pieces(ops):
        query = select(lines.c.op, lines.c.record_type, lines.c.record_id).where(lines.c.op.in_(piece))
        found.update((op, kind, record_id) for op, kind, record_id in tx.rows(query))
    return found


def _foreign_op(entry: Entry) -> dict[str, Any]:
    return {
        "op": entry.op,
        "device": entry.device,
        "seq": None,
        "act": entry.act,
        "actor": entry.actor,
        "made_at": entry.made_at,
        "schema_version": 1,
        "origin": DISTRICT,
        "state": APPLIED,
    }


def _write_feed_records(tx: Transaction, entries: Sequence[Entry], rows: Mapping[Key, _Row]) -> None:
    """Note which feed each record came by, and keep the values of types that this program does not know."""
    latest = {(entry.type, entry.id): entry for entry in entries}
    table = FeedRecord.__table__  # type: ignore[attr-defined]
    connection = tx.session.connection()
    for entry in latest.values():
        if entry.removed:
            connection.execute(delete(table).where(table.c.record_type == entry.type, table.c.record_id == entry.id))
    put = [
        {
            "record_type": key[0],
            "record_id": key[1],
            "feed": entry.feed,
            "rev": entry.rev,
            "kept": None if key in rows else dict(entry.values),
        }
        for key, entry in latest.items()
        if not entry.removed
    ]
    if put:
        statement = upsert(table)
        change = {name: statement.excluded[name] for name in ("feed", "rev", "kept")}
        connection.execute(
            statement.on_conflict_do_update(index_elements=["record_type", "record_id"], set_=change), put
        )
