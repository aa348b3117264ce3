"""The view of a record: what the district said, neighbours' unconfirmed edits on it, own unsent edits on top.

Edits are laid in the order in which they fit upon each other: one that was made on another's value comes after it. The
ground stays in ``server_row``, so that a neighbour's edit that the district does not take can be taken off again.
"""

from collections import deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlmodel import col

from app import clock
from app.db import search_index
from app.db.inserts import table_of
from app.db.transaction import Transaction
from app.db.unconfirmed import BEYOND as BEYOND
from app.db.unconfirmed import WaitingOp, any_waiting, waiting_ops
from app.models.operation import LOCAL, UNSENT, Operation, OperationEdit, ServerRow
from app.models.registry import RecordType, find_type
from app.models.wire import check_wire, from_wire, to_wire
from app.services.unsent import Key, unsent_changes

Changes = Mapping[str, Sequence[Any]]


@dataclass
class _Layers:
    """What lies over one record: neighbours' edits by device, own unsent edits; ``undone``: edits taken off again."""

    neighbours: dict[str, list[Changes]] = field(default_factory=dict)
    own: list[Changes] = field(default_factory=list)
    undone: list[Changes] = field(default_factory=list)


def neighbour_values(tx: Transaction, keys: Iterable[Key]) -> dict[Key, dict[str, Any]]:
    """Return {(type, id): {field: value}} of what neighbours changed and the district has not confirmed."""
    wanted = set(keys)
    found: dict[Key, dict[str, Any]] = {}
    for op in waiting_ops(tx.session.connection(), {record_id for _kind, record_id in wanted}):
        for key, changes in _usable(op):
            if key in wanted:
                found.setdefault(key, {}).update({name: new for name, (_old, new) in changes.items()})
    return found


def shielded(tx: Transaction, keys: Collection[Key] | Mapping[str, Sequence[str]]) -> dict[Key, dict[str, Any]]:
    """Return what the district's word does not overwrite here: own unsent edits, and neighbours' unconfirmed ones."""
    own = unsent_changes(tx, keys)
    if not any_waiting(tx.session.connection()):
        return own
    if isinstance(keys, Mapping):
        keys = [(kind, record_id) for kind, ids in keys.items() for record_id in ids]
    found = neighbour_values(tx, keys)
    for key, fields in own.items():
        found.setdefault(key, {}).update(fields)
    return found


def made_by_neighbours(tx: Transaction, keys: Iterable[Key] | None = None) -> set[Key]:
    """Return the records that exist here only by a neighbour's unconfirmed act."""
    wanted = None if keys is None else set(keys)
    ids = None if wanted is None else {record_id for _kind, record_id in wanted}
    ops = waiting_ops(tx.session.connection(), ids)
    made = {(edit.type, edit.id) for op in ops for edit in op.edits if edit.makes}
    return made if wanted is None else made & wanted


def show(
    tx: Transaction,
    keys: Iterable[Key],
    *,
    gone: Collection[Key] = (),
    undone: Mapping[Key, Sequence[Changes]] | None = None,
) -> None:
    """Compute these records anew from their layers.

    ``gone``: made only by an operation that is no more; they leave this device without a tombstone, unless unsent work
    hangs on them. ``undone``: edits taken off, for a record whose ground is not known.
    """
    wanted = set(keys)
    layers: dict[Key, _Layers] = {key: _Layers(undone=list((undone or {}).get(key, ()))) for key in wanted}
    for op in waiting_ops(tx.session.connection(), {record_id for _kind, record_id in wanted}):
        for key, changes in _usable(op):
            if key in wanted:
                layers[key].neighbours.setdefault(op.device, []).append(changes)
    _add_own(tx, layers)
    for key in sorted(wanted):
        kind = find_type(key[0])
        if kind is not None:
            _show(tx, kind, key, layers[key], gone=key in gone)
    tx.session.expire_all()


def _usable(op: WaitingOp) -> Iterable[tuple[Key, dict[str, Sequence[Any]]]]:
    """Yield an operation's edits as far as they can be shown: known types and fields, fitting values.

    An edit of which nothing can be shown lies on nothing: its record is as the district says.
    """
    for edit in op.edits:
        kind = find_type(edit.type)
        if kind is None:
            continue
        changes: dict[str, Sequence[Any]] = {}
        for name, pair in edit.changes.items():
            facts = kind.fields.get(name)
            if facts is not None and kind.owner(name) != "district" and check_wire(facts, pair[1]) is None:
                changes[name] = pair
        if changes:
            yield (edit.type, edit.id), changes


def _add_own(tx: Transaction, layers: Mapping[Key, _Layers]) -> None:
    waiting = unsent_changes(tx, list(layers))
    query = (
        select(col(OperationEdit.changes))
        .join(Operation, col(Operation.op) == col(OperationEdit.op))
        .where(col(Operation.origin) == LOCAL, col(Operation.state).in_(UNSENT))
        .order_by(col(Operation.seq), col(OperationEdit.position))
    )
    for (name, record_id), fields in waiting.items():
        mine = query.where(col(OperationEdit.record_type) == name, col(OperationEdit.record_id) == record_id)
        for (changes,) in tx.rows(mine):
            layers[name, record_id].own.append({each: pair for each, pair in changes.items() if each in fields})


def _show(tx: Transaction, kind: RecordType, key: Key, layers: _Layers, *, gone: bool) -> None:
    table, connection = table_of(kind.model), tx.session.connection()
    row = connection.execute(select(table).where(table.c.id == key[1])).mappings().first()
    ground = connection.execute(
        select(ServerRow).where(col(ServerRow.record_type) == key[0], col(ServerRow.record_id) == key[1])
    ).first()
    known = ground is not None or (row is not None and row["rev"] > 0)
    made = lay(_defaults(kind), layers.neighbours, layers.own)
    if known:
        base = {} if row is None else {each: to_wire(row[each]) for each in kind.fields}
        base.update(ground.fields if ground is not None else {})  # of what it does not name nothing else was said
        values = lay(base, layers.neighbours, layers.own)
        if ground is None and layers.neighbours:
            fresh = {"record_type": key[0], "record_id": key[1], "rev": row["rev"], "fields": base}  # type: ignore[index]
            connection.execute(insert(ServerRow), fresh)
    elif _whole(kind, layers, made):
        values = made
    elif row is None:
        return
    elif gone:
        if not layers.own:
            _take_away(tx, kind, key)
        return
    else:  # of an earlier life of the district: what it said is not known, what is shown is all there is
        base = take_off({each: to_wire(row[each]) for each in kind.fields}, layers.undone)
        values = lay(base, layers.neighbours, layers.own)
    _write(tx, kind, key, values, rev=0 if row is None else row["rev"])
    if ground is not None and not layers.neighbours and not layers.own:
        connection.execute(
            delete(ServerRow).where(col(ServerRow.record_type) == key[0], col(ServerRow.record_id) == key[1])
        )


def _whole(kind: RecordType, layers: _Layers, values: Mapping[str, Any]) -> bool:
    """Tell whether these layers alone make a record: one of them made it, and what must be there is there."""
    edits = [*layers.own, *(changes for queue in layers.neighbours.values() for changes in queue)]
    if not any("created_at" in changes and changes["created_at"][0] is None for changes in edits):
        return False
    return all(values.get(name) is not None for name, facts in kind.fields.items() if facts.required)


def lay(base: Mapping[str, Any], neighbours: Mapping[str, Sequence[Changes]], own: Sequence[Changes]) -> dict[str, Any]:
    """Lay edits over values, each upon what it was made on; what fits nowhere goes by device, own ones last.

    A neighbour's edit that does not fit leaves the fields alone that have own unsent edits.
    """
    values = dict(base)
    mine = {name for changes in own for name in changes}
    queues = [deque(neighbours[device]) for device in sorted(neighbours)]
    last = deque(own)
    while True:
        left = [queue for queue in (*queues, last) if queue]
        if not left:
            return values
        queue = next((each for each in left if _fits(values, each[0])), left[0])
        changes, fits = queue[0], _fits(values, queue[0])
        queue.popleft()
        values.update({name: new for name, (_old, new) in changes.items() if fits or queue is last or name not in mine})


def take_off(values: dict[str, Any], undone: Sequence[Changes]) -> dict[str, Any]:
    """Return values without edits that are no more, where their values still stand."""
    for changes in reversed(undone):
        for name, (old, new) in changes.items():
            if name in values and _same(values[name], new):
                values[name] = old
    return values


def _fits(values: Mapping[str, Any], changes: Changes) -> bool:
    if "created_at" in changes and changes["created_at"][0] is None:
        return values.get("created_at") is None
    return all(_same(values.get(name), old) for name, (old, _new) in changes.items())


def _same(left: Any, right: Any) -> bool:
    return bool(left == right) or (left in (None, [], {}) and right in (None, [], {}))


def _defaults(kind: RecordType) -> dict[str, Any]:
    found = {}
    for name in kind.fields:
        info = kind.model.model_fields[name]
        value = None if info.is_required() else info.get_default(call_default_factory=True)
        found[name] = None if value is ... else to_wire(value)
    return found


def _write(tx: Transaction, kind: RecordType, key: Key, values: Mapping[str, Any], *, rev: int) -> None:
    table, connection = table_of(kind.model), tx.session.connection()
    fallback = _defaults(kind)
    columns: dict[str, Any] = {"id": key[1]}
    for name, facts in kind.fields.items():
        value = values.get(name)
        columns[name] = from_wire(facts, fallback[name] if value is None else value)
    columns["updated_at"] = clock.now()
    statement = upsert(table)
    put = {each: statement.excluded[each] for each in columns if each != "id"}
    with tx.applying():
        connection.execute(
            statement.on_conflict_do_update(index_elements=["id"], set_=put), {**columns, "rev": rev, "extra": {}}
        )
    search_index.put(connection, kind, key[1], columns)
    tx.touched.add(kind.name)


def _take_away(tx: Transaction, kind: RecordType, key: Key) -> None:
    table, connection = table_of(kind.model), tx.session.connection()
    search_index.put(connection, kind, key[1], {"deleted_at": True})
    with tx.applying():
        connection.execute(delete(table).where(table.c.id == key[1]))
    tx.touched.add(kind.name)
