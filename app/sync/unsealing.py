"""A feed that comes back to a device: what was sealed when it went is laid on its records again, and is sent.

It goes under its own id, for the district may have it by another road, or by a push of which the answer was lost. Where
the number went out empty meanwhile, the answer tells of no record: then it is said anew, as another operation.
"""

import logging
from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import insert, select, update
from sqlmodel import col

from app import clock
from app.db.database import Transaction
from app.db.inserts import table_of
from app.db.unconfirmed import BEYOND
from app.models.operation import LOCAL, PENDING, SEALED, WITHDRAWN, Operation, OperationEdit, ServerRow
from app.models.registry import find_type
from app.models.wire import to_wire
from app.services.outbox import issue_again
from app.services.overlay import show
from app.services.unsent import ACCEPTED, RESENT, Key, edits_of, makes
from app.sync import bootstrap
from app.sync.protocol import Result

log = logging.getLogger(__name__)

UNSEALED = "unsealed"
"""Marks a pending operation that was sealed once: its number may be used already, without its edits."""


def unseal(tx: Transaction, feeds: Collection[str]) -> int:
    """Unseal what can be sent again, after a whole pull of these feeds; return how many operations.

    One stays sealed as long as a record that it changes is not here, or one that it makes would go to no feed of these.
    """
    sealed = (col(Operation.origin) == LOCAL, col(Operation.state) == SEALED)
    rows = tx.session.scalars(select(Operation).where(*sealed).order_by(col(Operation.seq))).all()
    if not rows or bootstrap.under_way(tx):
        return 0
    keys: set[Key] = set()
    back: list[str] = []
    for row in rows:
        edits = edits_of(tx, row.op)
        if all(_has_place(tx, edit, feeds, keys) for edit in edits):
            keys |= {(edit.record_type, edit.record_id) for edit in edits}
            back.append(row.op)
    for key in sorted(keys):
        _keep_ground(tx, key)
    change = update(Operation).where(col(Operation.op).in_(back))
    tx.session.connection().execute(change.values(state=PENDING, code=UNSEALED))
    tx.session.expire_all()
    show(tx, keys)
    if back:
        log.info("%d sealed acts go to the district: their feed is back", len(back))
    return len(back)


def _has_place(tx: Transaction, edit: OperationEdit, feeds: Collection[str], coming: Collection[Key]) -> bool:
    """Tell whether the record of an edit is here, or is made by one that goes, or would be made in one of the feeds."""
    kind = find_type(edit.record_type)
    if kind is None:
        return False
    table = table_of(kind.model)
    if (edit.record_type, edit.record_id) in coming or tx.rows(select(table.c.id).where(table.c.id == edit.record_id)):
        return True
    place = edit.changes.get("station_code", (None, None))[1]
    names = {feed.partition("/")[0] for feed in feeds}
    here = f"{kind.feed}/{place}" in feeds if place and kind.feed == "station" else kind.feed in names
    return makes(edit) and here


def _keep_ground(tx: Transaction, key: Key) -> None:
    """Keep what the district says of a record before unsent work lies on it again."""
    kind = find_type(key[0])
    row = tx.session.get(kind.model, key[1]) if kind else None
    if kind is None or row is None or row.rev == 0 or tx.session.get(ServerRow, key) is not None:
        return
    said = {name: to_wire(getattr(row, name)) for name in kind.fields}
    values = {"record_type": key[0], "record_id": key[1], "rev": row.rev, "fields": said}
    tx.session.connection().execute(insert(ServerRow), values)


def say_anew(tx: Transaction, results: Iterable[Result]) -> None:
    """Say as another operation what had gone out empty before: its answer tells of no record.

    So it is with what was unsealed, and with what a counter holds as unsent since it was put back to a backup, if it
    sealed that and sent its number empty meanwhile. What was unsealed and is refused is said once more by this, and
    then parked.
    """
    untold = {result.op: result.outcome for result in results if not result.records}
    if not untold:
        return
    waiting = select(Operation).where(col(Operation.op).in_(untold), col(Operation.state) == PENDING)
    for row in tx.session.scalars(waiting.order_by(col(Operation.seq))).all():
        edits = edits_of(tx, row.op)
        if not edits or (row.code != UNSEALED and untold[row.op] not in ACCEPTED):
            continue
        issue_again(tx, row, [_again(edit) for edit in edits])
        change = update(Operation).where(col(Operation.op) == row.op)
        tx.session.connection().execute(change.values(state=WITHDRAWN, code=RESENT, answered_at=clock.now()))
    tx.session.expire_all()


def _again(edit: OperationEdit) -> dict[str, Any]:
    """Return an edit to be said anew: the revision may be of an earlier life of the district, the old values count."""
    base = 0 if makes(edit) else BEYOND
    return {"record_type": edit.record_type, "record_id": edit.record_id, "base": base, "changes": edit.changes}
