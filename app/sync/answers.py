"""The district's answers to what was pushed: stored by operation, and what follows from them here."""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from typing import Any

from sqlalchemy import bindparam, delete, select, update
from sqlmodel import col

from app import clock
from app.db import search_index
from app.db.database import Transaction
from app.models.operation import APPLIED, HELD, LOCAL, PARKED, PENDING, Operation, OperationEdit, ServerRow
from app.models.registry import RecordType, find_type
from app.models.wire import from_wire
from app.services.outbox import reissue_held
from app.services.overlay import shielded
from app.services.unsent import ACCEPTED, set_aside_superseded
from app.sync.neighbours import refresh, waits_for_neighbour
from app.sync.protocol import BUILDS_ON_REFUSED, REFUSED, Result

Key = tuple[str, str]
"""Record type, record id."""


def store_results(tx: Transaction, results: Sequence[Result]) -> None:
    """Store each answer with its operation; a refused one stays, parked, until a person settles it."""
    _store_states(tx, results)
    _store_revs(tx, results)
    tx.session.expire_all()
    accepted = {result.op: result for result in results if result.outcome in ACCEPTED}
    if accepted:
        _settle(tx, list(accepted.values()))
        refresh(tx, {(kind, record_id) for result in accepted.values() for kind, record_id, *_rest in result.records})
        touched = {record_id for result in accepted.values() for _kind, record_id, _rev, _values in result.records}
        if reissue_held(tx, touched | _record_ids(tx, accepted)):
            tx.session.flush()
        set_aside_superseded(tx)
    tx.touched.update(kind for result in results for kind, *_rest in result.records)


def _store_states(tx: Transaction, results: Sequence[Result]) -> None:
    ops = Operation.__table__  # type: ignore[attr-defined]
    statement = (
        update(ops)
        .where(ops.c.op == bindparam("its_op"), ops.c.origin == LOCAL, ops.c.state == PENDING)
        .values({name: bindparam(name) for name in ("state", "code", "text", "field", "answered_at")})
    )
    now = clock.now()
    rows = [
        {
            "its_op": result.op,
            "state": _state_of(tx, result),
            "code": result.code,
            "text": result.text,
            "field": _short(result.field),
            "answered_at": now,
        }
        for result in results
    ]
    if rows:
        tx.session.connection().execute(statement, rows)


def _state_of(tx: Transaction, result: Result) -> str:
    if result.outcome in ACCEPTED:
        return result.outcome
    # An outcome of a newer server: its code and text are shown, nothing is taken as done.
    if result.outcome != REFUSED:
        return PARKED
    return HELD if result.code == BUILDS_ON_REFUSED or waits_for_neighbour(tx, result.op, result.code) else PARKED


def _store_revs(tx: Transaction, results: Sequence[Result]) -> None:
    """Note which revisions the edits became."""
    edits = OperationEdit.__table__  # type: ignore[attr-defined]
    statement = (
        update(edits)
        .where(
            edits.c.op == bindparam("its_op"),
            edits.c.record_type == bindparam("its_type"),
            edits.c.record_id == bindparam("its_id"),
        )
        .values(rev=bindparam("its_rev"))
    )
    rows = [
        {"its_op": result.op, "its_type": kind, "its_id": record_id, "its_rev": rev}
        for result in results
        for kind, record_id, rev, _values in result.records
    ]
    if rows:
        tx.session.connection().execute(statement, rows)


def _short(name: str | None) -> str | None:
    return None if name is None else str(name)[:60]


def _record_ids(tx: Transaction, ops: Mapping[str, Result]) -> set[str]:
    query = select(col(OperationEdit.record_id)).where(col(OperationEdit.op).in_(list(ops)))
    return {record_id for (record_id,) in tx.rows(query)}


def _settle(tx: Transaction, results: Sequence[Result]) -> None:
    """Take the district's word for the fields of accepted operations, where the two may differ.

    After a plain ``applied`` on a record without a ground they cannot: the row shows what was pushed. Revisions and
    others' fields come by pull.
    """
    told = {(kind, record_id) for result in results for kind, record_id, _rev, _values in result.records}
    grounds = _grounds(tx, told)
    doubtful = [
        result
        for result in results
        if result.outcome != APPLIED or any((kind, record_id) in grounds for kind, record_id, *_rest in result.records)
    ]
    if not doubtful:
        return
    pushed = _pushed_fields(tx, [result.op for result in doubtful])
    waiting = shielded(tx, [(kind, record_id) for result in doubtful for kind, record_id, *_rest in result.records])
    shown: dict[Key, dict[str, Any]] = {}
    for result in doubtful:
        for kind, record_id, _rev, values in result.records:
            key = (kind, record_id)
            names = [name for name in pushed.get((result.op, *key), ()) if name in values]
            unsent = waiting.get(key, {})
            if result.outcome != APPLIED or key in grounds:
                shown.setdefault(key, {}).update({name: values[name] for name in names if name not in unsent})
            if key in grounds:
                grounds[key].update({name: values[name] for name in names})
    _show(tx, shown)
    kept = {key: fields for key, fields in grounds.items() if key in waiting}
    _write_grounds(tx, kept, grounds.keys() - kept.keys())


def _grounds(tx: Transaction, keys: Set[Key]) -> dict[Key, dict[str, Any]]:
    """Return what the district last said of those of these records that have a ground here."""
    table = ServerRow.__table__  # type: ignore[attr-defined]
    found = {}
    for kind, ids in _by_type(keys).items():
        for piece in _pieces(ids):
            query = select(table.c.record_id, table.c["fields"]).where(
                table.c.record_type == kind, table.c.record_id.in_(piece)
            )
            found.update({(kind, record_id): dict(fields) for record_id, fields in tx.rows(query)})
    return found


def _write_grounds(tx: Transaction, kept: Mapping[Key, Any], gone: Iterable[Key]) -> None:
    """Write the grounds of records with work still unsent; forget those of the others."""
    table = ServerRow.__table__  # type: ignore[attr-defined]
    here = (table.c.record_type == bindparam("its_type"), table.c.record_id == bindparam("its_id"))
    rows = [{"its_type": kind, "its_id": record_id, "said": fields} for (kind, record_id), fields in kept.items()]
    if rows:
        statement = update(table).where(*here).values({"fields": bindparam("said", type_=table.c["fields"].type)})
        tx.session.connection().execute(statement, rows)
    keys = [{"its_type": kind, "its_id": record_id} for kind, record_id in gone]
    if keys:
        tx.session.connection().execute(delete(table).where(*here), keys)


def _pushed_fields(tx: Transaction, ops: Sequence[str]) -> dict[tuple[str, str, str], list[str]]:
    """Return {(operation, type, id): fields} of what was pushed."""
    edit = OperationEdit
    found: dict[tuple[str, str, str], list[str]] = {}
    for piece in _pieces(ops):
        query = select(col(edit.op), col(edit.record_type), col(edit.record_id), col(edit.changes))
        for op, kind, record_id, changes in tx.rows(query.where(col(edit.op).in_(piece))):
            found.setdefault((op, kind, record_id), []).extend(changes)
    return found


def _by_type(keys: Iterable[Key]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for kind, record_id in sorted(keys):
        found.setdefault(kind, []).append(record_id)
    return found


def _pieces(items: Sequence[str]) -> Iterator[Sequence[str]]:
    return (items[start : start + 400] for start in range(0, len(items), 400))


def _show(tx: Transaction, shown: Mapping[Key, Mapping[str, Any]]) -> None:
    """Set fields of this device's rows to what the district said, where they are not so already."""
    for name, ids in _by_type(shown).items():
        kind = find_type(name)
        if kind is None:
            continue
        table: Any = kind.model.__table__  # type: ignore[attr-defined]
        for piece in _pieces(ids):
            rows = tx.session.connection().execute(select(table).where(table.c.id.in_(piece))).mappings().all()
            for row in rows:
                _show_row(tx, kind, dict(row), shown[name, row["id"]])


def _show_row(tx: Transaction, kind: RecordType, row: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    table: Any = kind.model.__table__  # type: ignore[attr-defined]
    known = {
        name: from_wire(kind.fields[name], value)
        for name, value in values.items()
        if name in kind.fields and not (value is None and not table.c[name].nullable)
    }
    fresh = {name: value for name, value in known.items() if row[name] != value}
    if not fresh:
        return
    connection = tx.session.connection()
    with tx.applying():
        connection.execute(update(table).where(table.c.id == row["id"]).values(fresh))
    tx.session.expire_all()
    search_index.put(connection, kind, row["id"], {**row, **fresh})
