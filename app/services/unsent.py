"""What the district has not accepted yet, read from the operation log."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select, update
from sqlmodel import col

from app.db.database import Transaction
from app.models.operation import (
    APPLIED,
    CONFLICT,
    HELD,
    LOCAL,
    MERGED,
    PARKED,
    UNSENT,
    WITHDRAWN,
    Operation,
    OperationEdit,
)
from app.models.registry import find_type

ACCEPTED = (APPLIED, MERGED, CONFLICT)
RESENT, SUPERSEDED = "resent", "superseded"
"""Why an operation was set aside: sent anew as another one, or nothing of it was left to send."""

TAKEN_BACK = "taken_back"
"""Why an operation was set aside: a person withdrew it."""

Key = tuple[str, str]


def edits_of(tx: Transaction, op: str) -> list[OperationEdit]:
    """Return an operation's edits, in order."""
    query = select(OperationEdit).where(col(OperationEdit.op) == op).order_by(col(OperationEdit.position))
    return list(tx.session.scalars(query))


def unsent_changes(tx: Transaction, keys: Iterable[Key] | None = None) -> dict[Key, dict[str, Any]]:
    """Return {(type, id): {field: value}} of what the district has not accepted yet, newest value of each.

    A field of a refused operation that a later accepted one set again counts no longer.
    """
    edit, op = OperationEdit.__table__, Operation.__table__  # type: ignore[attr-defined]
    query = (
        select(edit.c.record_type, edit.c.record_id, edit.c.changes, op.c.state)
        .join(op, op.c.op == edit.c.op)
        .where(op.c.origin == LOCAL, op.c.state != WITHDRAWN)
        .order_by(op.c.seq, edit.c.position)
    )
    waiting = (
        select(edit.c.record_id).join(op, op.c.op == edit.c.op).where(op.c.origin == LOCAL, op.c.state.in_(UNSENT))
    )
    wanted = {record_id for (record_id,) in tx.rows(waiting)}
    if keys is not None:
        wanted &= {record_id for _kind, record_id in keys}
    found: dict[Key, dict[str, Any]] = {}
    for piece in _pieces(wanted):
        for kind, record_id, changes, name in tx.rows(query.where(edit.c.record_id.in_(piece))):
            fields = found.setdefault((kind, record_id), {})
            for field, (_old, new) in changes.items():
                if name in UNSENT:
                    fields[field] = new
                else:
                    fields.pop(field, None)
    return {key: fields for key, fields in found.items() if fields}


def _pieces(items: Iterable[str]) -> Iterable[list[str]]:
    whole = sorted(items)
    return (whole[start : start + 400] for start in range(0, len(whole), 400))


def set_aside_superseded(tx: Transaction) -> None:
    """Set aside returned operations of which nothing is left: later accepted ones said it all again."""
    parked = list(tx.session.scalars(select(Operation).where(col(Operation.state).in_((PARKED, HELD)))))
    if not parked:
        return
    waiting = unsent_changes(tx)
    for row in parked:
        left = any(
            name in waiting.get((edit.record_type, edit.record_id), {})
            for edit in edits_of(tx, row.op)
            for name in edit.changes
        )
        if not left:
            tx.session.connection().execute(
                update(Operation).where(col(Operation.op) == row.op).values(state=WITHDRAWN, code=SUPERSEDED)
            )


def is_withdrawn(tx: Transaction, record_type: str, record_id: str) -> bool:
    """Tell whether this record is one that the district never had and whose making was withdrawn."""
    query = (
        select(col(Operation.op))
        .join(OperationEdit, col(OperationEdit.op) == col(Operation.op))
        .where(col(OperationEdit.record_type) == record_type, col(OperationEdit.record_id) == record_id)
        .where(col(Operation.state) == WITHDRAWN, col(Operation.code) == TAKEN_BACK)
    )
    kind = find_type(record_type)
    row = tx.session.get(kind.model, record_id) if kind else None
    return row is not None and row.rev == 0 and row.deleted_at is not None and bool(tx.rows(query.limit(1)))
