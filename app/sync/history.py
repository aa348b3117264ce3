"""What others did, as the district tells it, in this device's log: new acts by sets, own ones only their revisions."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from app.db.database import Transaction
from app.db.direct import run_many
from app.db.inserts import insert_columns, table_of
from app.models.operation import APPLIED, DISTRICT, LOCAL, Operation
from app.sync.protocol import Entry, dumps
from app.sync.rows import ask
from app.sync.working_out import made_of, making_of

Changes = Mapping[str, list[Any]] | None
"""{field: [old, new]}; None where the record is new here and all that it holds is the change."""

_KNOWN = (
    "SELECT o.op, o.origin, coalesce(max(e.position), -1) FROM operation o LEFT JOIN operation_edit e ON e.op = o.op"
    " WHERE o.op IN (SELECT value FROM json_each(?)) GROUP BY o.op, o.origin"
)
_TOLD = "SELECT op, record_type, record_id FROM operation_edit WHERE op IN (SELECT value FROM json_each(?))"
_NOTE = "UPDATE operation_edit SET rev = ? WHERE op = ? AND record_type = ? AND record_id = ?"
_EDIT = (
    "INSERT INTO operation_edit (op, position, record_type, record_id, base, changes, rev) VALUES (?, ?, ?, ?, 0, ?, ?)"
)


def write_history(tx: Transaction, history: Sequence[tuple[Entry, Changes]], *, own_only: bool) -> None:
    """Write what others did into the log; of one's own only note the revision it became.

    ``own_only``: of others' acts not a line.
    """
    known = _known_ops(tx, (entry.op for entry, _changes in history))
    told = _told(tx, (op for op, (origin, _last) in known.items() if origin == DISTRICT))
    own, ops, edits = [], [], []
    for entry, changes in history:
        origin, last = known.get(entry.op, ("", -1))
        if origin == LOCAL:
            own.append((entry.rev, entry.op, entry.type, entry.id))
            continue
        if own_only:
            continue
        if not origin:
            ops.append((entry.op, entry.device, entry.act, entry.actor, made_of(entry)))
        if told and (entry.op, entry.type, entry.id) in told:
            continue  # fetched again: the log tells it already
        known[entry.op] = (DISTRICT, last + 1)
        text = making_of(entry) if changes is None else dumps(changes) if changes else ""
        if text:
            edits.append((entry.op, last + 1, entry.type, entry.id, text, entry.rev))
    connection = tx.session.connection()
    if own:
        run_many(connection, _NOTE, own)
    if ops:
        names = ("op", "device", "act", "actor", "made_at")
        columns = dict(zip(names, zip(*ops, strict=True), strict=True))
        insert_columns(connection, table_of(Operation), columns, _FOREIGN, len(ops), bound=frozenset({"made_at"}))
    if edits:
        run_many(connection, _EDIT, edits)


_FOREIGN = {"schema_version": 1, "origin": DISTRICT, "state": APPLIED}


def _known_ops(tx: Transaction, ops: Iterable[str]) -> dict[str, tuple[str, int]]:
    """Return {op: (origin, last position)} of those that the log has."""
    return {op: (origin, last) for op, origin, last in ask(tx, _KNOWN, dumps(list(dict.fromkeys(ops))))}


def _told(tx: Transaction, ops: Iterable[str]) -> set[tuple[str, str, str]]:
    """Return (op, type, id) of what the log tells of these operations."""
    wanted = list(ops)
    return {(op, kind, record_id) for op, kind, record_id in ask(tx, _TOLD, dumps(wanted))} if wanted else set()
