"""What neighbours' waiting operations touch: asked at each save, so by plain SQL and only as far as needed."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from app.db.direct import fetch

Key = tuple[str, str]
FEW = 8

BEYOND = 2**53 - 1
"""The base of an edit that was made on something unconfirmed: the district judges it by its old values."""

_ANY = "SELECT 1 FROM neighbour_op WHERE state = 'waiting' LIMIT 1"
_READ = "SELECT op, device, seq, route, body FROM neighbour_op WHERE state = 'waiting'"


@dataclass(frozen=True)
class WaitingEdit:
    """One record's changes in a neighbour's operation: ``changes`` = {field: [old, new]} as on the wire."""

    type: str
    id: str
    base: int
    changes: Mapping[str, list[Any]]

    @property
    def makes(self) -> bool:
        """Tell whether this edit makes the record."""
        return "created_at" in self.changes and all(old is None for old, _new in self.changes.values())


@dataclass(frozen=True)
class WaitingOp:
    """One operation of a neighbour that the district has not confirmed."""

    op: str
    device: str
    seq: int
    route: str
    facts: Mapping[str, Any]
    edits: tuple[WaitingEdit, ...]


def any_waiting(connection: Connection) -> bool:
    """Tell whether this device holds anything unconfirmed of a neighbour."""
    return bool(fetch(connection, _ANY))


def waiting_ops(connection: Connection, ids: Collection[str] | None = None) -> list[WaitingOp]:
    """Return neighbours' waiting operations by device and number; ``ids``: only those that touch these records."""
    if not any_waiting(connection):
        return []
    statement = _READ
    values: tuple[str, ...] = ()
    if ids is not None and len(ids) <= FEW:
        statement += " AND (" + " OR ".join(["instr(body, ?) > 0"] * len(ids) or ["0"]) + ")"
        values = tuple(ids)
    rows = connection.exec_driver_sql(statement + " ORDER BY device, seq, op", values)
    found = (read_op(row.op, row.device, row.seq, row.route, row.body) for row in rows)
    return [each for each in found if ids is None or any(edit.id in ids for edit in each.edits)]


def read_op(op: str, device: str, seq: int, route: str, body: str) -> WaitingOp:
    """Return an operation as its text tells it."""
    facts: dict[str, Any] = json.loads(body)
    edits = tuple(
        WaitingEdit(str(item["type"]), str(item["id"]), int(item.get("base") or 0), item["set"])
        for item in facts["edits"]
    )
    return WaitingOp(op, device, seq, route, facts, edits)


def unconfirmed_keys(connection: Connection, keys: Iterable[Key]) -> set[Key]:
    """Return which of these records a neighbour's waiting operation touches."""
    wanted = set(keys)
    if not wanted or not any_waiting(connection):
        return set()
    ops = waiting_ops(connection, {record_id for _kind, record_id in wanted})
    return wanted & {(edit.type, edit.id) for op in ops for edit in op.edits}
