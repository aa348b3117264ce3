"""The district's answers to what was pushed: stored by operation, and what follows from them here."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, select, update
from sqlmodel import col

from app import clock
from app.db import search_index
from app.db.database import Transaction
from app.models.operation import HELD, LOCAL, PARKED, PENDING, Operation, OperationEdit, ServerRow
from app.models.registry import find_type
from app.models.wire import from_wire
from app.services.outbox import reissue_held
from app.services.unsent import ACCEPTED, set_aside_superseded, unsent_changes
from app.sync.protocol import BUILDS_ON_REFUSED, REFUSED, Result


def store_results(tx: Transaction, results: Sequence[Result]) -> None:
    """Store each answer with its operation; a refused one stays, parked, until a person settles it."""
    ops, edits = Operation.__table__, OperationEdit.__table__  # type: ignore[attr-defined]
    connection = tx.session.connection()
    accepted: dict[str, Result] = {}
    for result in results:
        if result.outcome == REFUSED:
            state = HELD if result.code == BUILDS_ON_REFUSED else PARKED
        elif result.outcome in ACCEPTED:
            state = result.outcome
            accepted[result.op] = result
        else:  # an outcome of a newer server: its code and text are shown, nothing is taken as done
            state = PARKED
        connection.execute(
            update(ops)
            .where(ops.c.op == result.op, ops.c.origin == LOCAL, ops.c.state == PENDING)
            .values(
                state=state, code=result.code, text=result.text, field=_short(result.field), answered_at=clock.now()
            )
        )
        for kind, record_id, rev, _values in result.records:
            connection.execute(
                update(edits)
                .where(edits.c.op == result.op, edits.c.record_type == kind, edits.c.record_id == record_id)
                .values(rev=rev)
            )
    tx.session.expire_all()
    for result in accepted.values():
        _settle(tx, result)
    if accepted:
        touched = {record_id for result in accepted.values() for _kind, record_id, _rev, _values in result.records}
        if reissue_held(tx, touched | _record_ids(tx, accepted)):
            tx.session.flush()
        set_aside_superseded(tx)
    tx.touched.update(kind for result in results for kind, *_rest in result.records)


def _short(name: str | None) -> str | None:
    return None if name is None else str(name)[:60]


def _record_ids(tx: Transaction, ops: Mapping[str, Result]) -> set[str]:
    query = select(col(OperationEdit.record_id)).where(col(OperationEdit.op).in_(list(ops)))
    return {record_id for (record_id,) in tx.rows(query)}


def _settle(tx: Transaction, result: Result) -> None:
    """Take the district's word for the fields of an accepted operation, where the two may differ.

    After a plain ``applied`` they cannot: the row shows what was pushed. Revisions and others' fields come by pull.
    """
    grounds = ServerRow.__table__  # type: ignore[attr-defined]
    connection = tx.session.connection()
    pushed = _pushed_fields(tx, result.op)
    for kind_name, record_id, _rev, values in result.records:
        key = (kind_name, record_id)
        names = [name for name in pushed.get(key, ()) if name in values]
        ground = connection.execute(
            select(grounds.c.fields).where(grounds.c.record_type == kind_name, grounds.c.record_id == record_id)
        ).scalar()
        if ground is None and result.outcome == "applied":
            continue
        waiting = unsent_changes(tx, [key]).get(key, {})
        _show(tx, key, {name: values[name] for name in names if name not in waiting})
        if ground is None:
            continue
        where = (grounds.c.record_type == kind_name, grounds.c.record_id == record_id)
        if waiting:
            fresh = {**ground, **{name: values[name] for name in names}}
            connection.execute(update(grounds).where(*where).values({"fields": fresh}))
        else:
            connection.execute(delete(grounds).where(*where))


def _pushed_fields(tx: Transaction, op: str) -> dict[tuple[str, str], list[str]]:
    query = select(col(OperationEdit.record_type), col(OperationEdit.record_id), col(OperationEdit.changes)).where(
        col(OperationEdit.op) == op
    )
    return {(kind, record_id): list(changes) for kind, record_id, changes in tx.rows(query)}


def _show(tx: Transaction, key: tuple[str, str], values: Mapping[str, Any]) -> None:
    """Set fields of this device's row to what the district said."""
    kind = find_type(key[0])
    if kind is None or not values:
        return
    table: Any = kind.model.__table__  # type: ignore[attr-defined]
    known = {
        name: from_wire(kind.fields[name], value)
        for name, value in values.items()
        if name in kind.fields and not (value is None and not table.c[name].nullable)
    }
    if not known:
        return
    connection = tx.session.connection()
    with tx.applying():
        connection.execute(update(table).where(table.c.id == key[1]).values(known))
    tx.session.expire_all()
    row = connection.execute(select(table).where(table.c.id == key[1])).mappings().first()
    if row is not None:
        search_index.put(connection, kind, key[1], dict(row))
