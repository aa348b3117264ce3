"""Which files went into which: where an old link leads, what can be taken apart, what came late."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlmodel import col

from app.db.database import Transaction
from app.models.operation import Operation, OperationEdit
from app.models.resident import Resident
from app.services.merging import MERGE, RESIDENT, list_strays, merged_into
from app.services.staff import staff_names

_STEPS = 10


@dataclass(frozen=True)
class MergedFile:
    """A file that went into another. ``late``: how many records came to it since."""

    drop_id: str
    keep_id: str
    name: str
    merged_at: datetime | None
    by: str
    late: int


def merged_files(tx: Transaction, keep_id: str) -> tuple[MergedFile, ...]:
    """Return the files that went into this one and are not taken apart again, latest first."""
    mine = select(col(OperationEdit.op)).where(
        col(OperationEdit.record_type) == RESIDENT, col(OperationEdit.record_id) == keep_id
    )
    query = (
        select(col(OperationEdit.record_id), col(Operation.made_at))
        .join(Operation, col(Operation.op) == col(OperationEdit.op))
        .where(col(OperationEdit.record_type) == RESIDENT, col(OperationEdit.record_id) != keep_id)
        .where(col(Operation.act) == MERGE, col(Operation.op).in_(mine))
        .order_by(col(Operation.made_at).desc())
    )
    ids = dict.fromkeys(str(record_id) for record_id, _made in tx.rows(query))
    found = [item for item in (find_merged(tx, drop_id) for drop_id in ids) if item is not None]
    return tuple(item for item in found if item.keep_id == keep_id)


def find_merged(tx: Transaction, drop_id: str) -> MergedFile | None:
    """Return where a dropped file went, or None where it was not merged."""
    keep_id = merged_into(tx, drop_id)
    if keep_id is None:
        return None
    drop = tx.session.get(Resident, drop_id)
    query = (
        select(col(Operation.made_at), col(Operation.actor))
        .join(OperationEdit, col(OperationEdit.op) == col(Operation.op))
        .where(col(OperationEdit.record_id) == drop_id, col(Operation.act) == MERGE, col(Operation.undoes).is_(None))
        .order_by(col(Operation.made_at).desc())
    )
    rows = tx.rows(query)
    late = next((item.count for item in list_strays(tx) if item.drop_id == drop_id), 0)
    return MergedFile(
        drop_id,
        keep_id,
        drop.name if drop is not None else "",
        rows[0].made_at if rows else None,
        staff_names(tx).get(rows[0].actor or "", "") if rows else "",
        late,
    )


def where_to(tx: Transaction, resident_id: str) -> str:
    """Return the file that is in use for this one: itself, or where it went, over any number of merges."""
    at = resident_id
    for _step in range(_STEPS):
        then = merged_into(tx, at)
        if then is None:
            return at
        at = then
    return at
