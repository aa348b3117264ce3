"""What goes out next, as JSON texts: read from the operation log, as much as one push takes."""

import json
from typing import Any

from sqlalchemy import Select, Text, select, type_coerce

from app.db import state
from app.db.database import Transaction
from app.models.operation import LOCAL, PENDING, SEALED, WITHDRAWN, Operation, OperationEdit
from app.models.wire import to_wire
from app.sync.epoch import LOST_UNTIL, wire_base
from app.sync.protocol import MAX_BODY, MAX_OPS, SCHEMA_NEWEST, dumps

BODY_LIMIT = MAX_BODY - 64 * 1024


def pending_ops(tx: Transaction, device: str, start: int | None, most: int = MAX_OPS, *, after: int = 0) -> list[str]:
    """Return the next batch as JSON texts: what is pending, in order, as much as one push takes.

    ``after``: only what has a greater number. ``start``: begin at this number also with what was answered before (the
    district lacks it). What was withdrawn or sealed goes empty: its number must be used, its edits must not come back.
    """
    table = Operation.__table__  # type: ignore[attr-defined]
    query = select(table).where(table.c.origin == LOCAL, table.c.device == device).order_by(table.c.seq).limit(most)
    query = query.where(table.c.state == PENDING) if start is None else query.where(table.c.seq >= start)
    if after:
        query = query.where(table.c.seq > after)
    rows = tx.rows(query)
    edits: dict[str, list[str]] = {row.op: [] for row in rows}
    numbers = {row.op: row.seq for row in rows}
    lost = int(state.get_state(tx.session, LOST_UNTIL) or 0)
    for edit in tx.rows(_edits_of(list(edits))):
        edits[edit.op].append(_edit_text(edit, numbers[edit.op], lost))
    batch: list[str] = []
    size = 0
    for row in rows:
        text = _op_text(row, edits[row.op]) if row.state not in (WITHDRAWN, SEALED) else emptied(_op_text(row, []))
        size += len(text.encode())
        if batch and size > BODY_LIMIT:
            break
        batch.append(text)
    return batch


def _edits_of(ops: list[str]) -> Select[Any]:
    """Select the edits of operations in order; their changes as the text that they are kept as."""
    lines = OperationEdit.__table__  # type: ignore[attr-defined]
    changes = type_coerce(lines.c.changes, Text).label("changes")
    columns = (lines.c.op, lines.c.record_type, lines.c.record_id, lines.c.base, changes)
    return select(*columns).where(lines.c.op.in_(ops)).order_by(lines.c.op, lines.c.position)


def _edit_text(edit: Any, seq: int, lost: int) -> str:
    base = edit.base if seq > lost else wire_base(edit.base, seq, json.loads(edit.changes), lost)
    heading = f'{{"type":{dumps(edit.record_type)},"id":{dumps(edit.record_id)},"base":{base},"set":'
    return f"{heading}{edit.changes}}}"


def _op_text(row: Any, edits: list[str]) -> str:
    heading = dumps(
        {
            "op": row.op,
            "device": row.device,
            "seq": row.seq,
            "act": row.act,
            "actor": row.actor,
            "made_at": to_wire(row.made_at),
            "reason": row.reason,
            "schema": min(row.schema_version, SCHEMA_NEWEST),
        }
    )
    return f'{heading[:-1]},"edits":[{",".join(edits)}]}}'


def emptied(text: str) -> str:
    """Return an operation without its edits, under its id and number."""
    return dumps({**json.loads(text), "act": "sync.withdraw", "reason": None, "edits": []})
