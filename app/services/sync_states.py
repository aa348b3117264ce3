"""How far each record and each act of one file got, for the marks on the resident's file."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlmodel import col

from app.db.database import Transaction
from app.db.unconfirmed import waiting_ops
from app.models.operation import CONFLICT, HELD, LOCAL, PARKED, PENDING, UNSENT, Operation, OperationEdit
from app.services.conflicts import open_conflicts
from app.services.neighbours import unconfirmed_edits

SYNCED, UNCONFIRMED = "synced", "unconfirmed"
ORDER = (PARKED, CONFLICT, HELD, UNCONFIRMED, PENDING, SYNCED)
"""The worst first: what needs a person, then what waits."""


@dataclass(frozen=True)
class SyncMarks:
    """States by record id and by operation; what is in neither has arrived. ``reasons``: why, by operation."""

    records: Mapping[str, str] = field(default_factory=dict)
    acts: Mapping[str, str] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)

    def record(self, record_id: str) -> str:
        """Return how far a record got."""
        return self.records.get(record_id, SYNCED)

    def act(self, op: str) -> str:
        """Return how far an act got."""
        return self.acts.get(op, SYNCED)

    @property
    def worst(self) -> str:
        """Return the state that the whole file is in."""
        return min({*self.records.values(), *self.acts.values(), SYNCED}, key=ORDER.index)

    @property
    def why(self) -> str:
        """Return the district's sentence about the oldest returned act."""
        return next(iter(self.reasons.values()), "")

    def count(self, state: str) -> int:
        """Return how many acts are in this state."""
        return sum(each == state for each in self.acts.values())


NO_MARKS = SyncMarks()
"""Everything has arrived, or nothing is to."""


def sync_marks(tx: Transaction, record_ids: Collection[str]) -> SyncMarks:
    """Return how far these records got, and the acts on them that the district does not have yet."""
    records: dict[str, str] = {}
    acts: dict[str, str] = {}
    reasons: dict[str, str] = {}
    ids = sorted(record_ids)
    for start in range(0, len(ids), 400):
        query = (
            select(col(Operation.op), col(Operation.state), col(Operation.text), col(OperationEdit.record_id))
            .join(OperationEdit, col(OperationEdit.op) == col(Operation.op))
            .where(col(OperationEdit.record_id).in_(ids[start : start + 400]))
            .where(col(Operation.origin) == LOCAL, col(Operation.state).in_(UNSENT))
            .order_by(col(Operation.seq))
        )
        for row in tx.rows(query):
            records[row.record_id] = _worse(row.state, records.get(row.record_id))
            acts[row.op] = row.state
            if row.state == PARKED and row.text:
                reasons.setdefault(row.op, row.text)
    for op in waiting_ops(tx.session.connection(), set(ids)):
        for edit in op.edits:
            if edit.id in record_ids:
                records[edit.id] = _worse(UNCONFIRMED, records.get(edit.id))
                acts[op.op] = UNCONFIRMED
    for near in unconfirmed_edits(tx, record_ids):
        records[near.record_id] = _worse(UNCONFIRMED, records.get(near.record_id))
        acts.setdefault(near.op, UNCONFIRMED)
    for asked in open_conflicts(tx):
        if asked.record_id in record_ids:
            records[asked.record_id] = _worse(CONFLICT, records.get(asked.record_id))
    return SyncMarks(records, acts, reasons)


def _worse(state: str, other: str | None) -> str:
    return state if other is None else min(state, other, key=ORDER.index)
