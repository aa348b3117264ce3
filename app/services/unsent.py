"""What the district has not accepted yet, read from the operation log."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import select, update
from sqlmodel import col

from app.db.database import Transaction
from app.db.direct import fetch
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
Changes = dict[Key, dict[str, Any]]

_OF_EDITS = "FROM operation_edit e JOIN operation o ON o.op = e.op"
_IDS = "e.record_type = ? AND e.record_id IN (SELECT value FROM json_each(?))"
_IS_UNSENT = f"o.origin = '{LOCAL}' AND o.state IN {UNSENT}"
_ANY_UNSENT = f"SELECT 1 FROM operation o WHERE {_IS_UNSENT} LIMIT 1"  # noqa: S608 - states of ours
_ALL_WAITING = f"SELECT DISTINCT e.record_type, e.record_id {_OF_EDITS} WHERE {_IS_UNSENT}"
_WAITING = f"SELECT DISTINCT e.record_id {_OF_EDITS} WHERE {_IDS} AND {_IS_UNSENT}"
_EDITS = (
    f"SELECT e.record_id, e.changes, o.state {_OF_EDITS} WHERE {_IDS}"
    f" AND o.origin = '{LOCAL}' AND o.state != '{WITHDRAWN}' ORDER BY o.seq, e.position"
)
# By type and id, as the index has them: the log may be as long as it likes.


def edits_of(tx: Transaction, op: str) -> list[OperationEdit]:
    """Return an operation's edits, in order."""
    query = select(OperationEdit).where(col(OperationEdit.op) == op).order_by(col(OperationEdit.position))
    return list(tx.session.scalars(query))


def makes(edit: OperationEdit) -> bool:
    """Tell whether an edit makes its record: it says when that was made, and nothing stood there before."""
    return "created_at" in edit.changes and edit.changes["created_at"][0] is None


def unsent_changes(tx: Transaction, keys: Iterable[Key] | Mapping[str, Sequence[str]] | None = None) -> Changes:
    """Return {(type, id): {field: value}} of what the district has not accepted yet, newest value of each.

    A field of a refused operation that a later accepted one set again counts no longer. ``keys``: of these records
    alone, also as {type: ids}.
    """
    found: Changes = {}
    for kind, wanted in _waiting(tx, keys).items():
        for record_id, changes, name in _ask(tx, _EDITS, kind, json.dumps(wanted)):
            fields = found.setdefault((kind, record_id), {})
            for field, (_old, new) in json.loads(changes).items():
                if name in UNSENT:
                    fields[field] = new
                else:
                    fields.pop(field, None)
    return {key: fields for key, fields in found.items() if fields}


def _waiting(tx: Transaction, keys: Iterable[Key] | Mapping[str, Sequence[str]] | None) -> dict[str, list[str]]:
    """Return {type: ids} of the records that unsent operations touch."""
    found: dict[str, list[str]] = {}
    if keys is None:
        for kind, record_id in _ask(tx, _ALL_WAITING):
            found.setdefault(kind, []).append(record_id)
        return found
    if not _ask(tx, _ANY_UNSENT):
        return found
    groups: dict[str, list[str]] = {}
    if isinstance(keys, Mapping):
        groups = {kind: list(ids) for kind, ids in keys.items()}
    else:
        for kind, record_id in keys:
            groups.setdefault(kind, []).append(record_id)
    for kind, ids in groups.items():
        here = [record_id for (record_id,) in _ask(tx, _WAITING, kind, json.dumps(ids))]
        if here:
            found[kind] = here
    return found


def _ask(tx: Transaction, query: str, *values: str) -> Sequence[Any]:
    tx.flush()
    return fetch(tx.session.connection(), query, values)


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
    kind = find_type(record_type)
    row = tx.session.get(kind.model, record_id) if kind else None
    if row is None or row.rev > 0 or row.deleted_at is None:
        return False
    query = (
        select(OperationEdit)
        .join(Operation, col(OperationEdit.op) == col(Operation.op))
        .where(col(OperationEdit.record_type) == record_type, col(OperationEdit.record_id) == record_id)
        .where(col(Operation.state) == WITHDRAWN, col(Operation.code) == TAKEN_BACK)
    )
    return any(makes(edit) for edit in tx.session.scalars(query))
