"""Another life of the server, or of this device: what must be sent again, numbered anew, or fetched again.

Nothing is removed here: what a restored server lacks and this device did itself goes there again, under the same
operation ids; what others did comes back when they send theirs, and stays on this device until then.
"""

import logging
from typing import Any

from sqlalchemy import delete, exists, func, select, update
from sqlmodel import col

from app.db import state
from app.db.database import Transaction
from app.db.inserts import table_of
from app.models.conflict import Conflict
from app.models.feed import FeedRecord
from app.models.operation import LOCAL, PENDING, SEALED, WITHDRAWN, Cursor, Operation, OperationEdit, ServerRow
from app.models.registry import RECORD_TYPES
from app.services import outbox
from app.services.attachments import offer_again
from app.services.conflicts import BASES_LOST_UNTIL, FETCHING_AGAIN
from app.sync.protocol import MAX_SEQ
from app.sync.tally import forget_running

log = logging.getLogger(__name__)

LOST_UNTIL = BASES_LOST_UNTIL
"""Operations up to this number carry revisions of an earlier life of the server; those count for nothing now."""

REFETCH = FETCHING_AGAIN
"""True from the moment another epoch was seen until every feed was fetched again."""


def adopt_epoch(tx: Transaction, device: str, epoch: str, expect: int) -> int:
    """Take up with another life of the server; return how many own operations go there again.

    Every revision and cursor known here is of the earlier life. Own operations from ``expect`` on are pending again.
    """
    connection = tx.session.connection()
    ops, edits = table_of(Operation), table_of(OperationEdit)
    own = (ops.c.origin == LOCAL, ops.c.device == device)
    again = connection.execute(
        update(ops)
        .where(*own, ops.c.seq >= expect, ops.c.state.not_in((PENDING, WITHDRAWN, SEALED)))
        .values(state=PENDING, code=None, text=None, field=None, answered_at=None)
    ).rowcount
    mine = select(ops.c.op).where(ops.c.origin == LOCAL)
    connection.execute(update(edits).where(edits.c.op.in_(mine)).values(rev=None))
    with tx.applying():
        for kind in RECORD_TYPES:
            table = table_of(kind.model)
            connection.execute(update(table).where(table.c.rev != 0).values(rev=0))
    for model in (ServerRow, FeedRecord):
        connection.execute(delete(model))
    connection.execute(update(Cursor).values(seq=0, head=0))
    forget_running(tx)
    tx.session.expire_all()
    offer_again(tx)
    state.set_state(tx.session, LOST_UNTIL, MAX_SEQ)
    state.set_state(tx.session, REFETCH, True)
    state.set_state(tx.session, outbox.DISTRICT_EPOCH, epoch)
    log.warning("the district lives a new epoch: %d operations from number %d on go there again", again, expect)
    return int(again)


def refetched(tx: Transaction, device: str) -> None:
    """Note that every feed was fetched in the new epoch: from the next operation on, revisions are of this life."""
    last = tx.session.connection().execute(select(func.max(Operation.seq)).where(col(Operation.device) == device))
    state.set_state(tx.session, LOST_UNTIL, last.scalar() or 0)
    state.set_state(tx.session, REFETCH, False)


def refetching(tx: Transaction) -> bool:
    """Tell whether feeds are still to be fetched in the present epoch."""
    return bool(state.get_state(tx.session, REFETCH))


def forget_ghosts(tx: Transaction) -> None:
    """Take away questions of an earlier life that the district asks again, under another id, in this one."""
    if not state.get_state(tx.session, LOST_UNTIL):
        return
    table = table_of(Conflict)
    again = table.alias()
    same = (again.c[name] == table.c[name] for name in ("record_type", "record_id", "field"))
    with tx.applying():
        done = tx.session.connection().execute(
            delete(table).where(table.c.rev == 0, table.c.state == "open", exists().where(again.c.rev > 0, *same))
        )
    if done.rowcount:
        tx.session.expire_all()
        tx.touched.add("conflict")


def wire_base(base: int, seq: int, changes: dict[str, Any], lost_until: int) -> int:
    """Return the base to send. One of an earlier life is beyond any revision: the district judges by the old values."""
    if seq > lost_until:
        return base
    known = base > 0 or (lost_until == MAX_SEQ and any(old is not None for old, _new in changes.values()))
    return MAX_SEQ if known else base


def number_anew(tx: Transaction, device: str, op: str, expect: int) -> int:
    """Give an operation whose number was used already, and all after it, numbers from ``expect`` on.

    That happens when this device was restored from its own backup and worked on before it met the district. The ids
    stay. Returns how many were numbered.
    """
    table = table_of(Operation)
    connection = tx.session.connection()
    first = connection.execute(select(table.c.seq).where(table.c.op == op, table.c.origin == LOCAL)).scalar()
    if first is None or first >= expect:
        return 0
    rows = connection.execute(
        select(table.c.op, table.c.seq)
        .where(table.c.origin == LOCAL, table.c.device == device, table.c.seq >= first)
        .order_by(table.c.seq.desc())
    ).all()
    number = expect + len(rows)
    for row in rows:  # the last one first, so that no number is taken twice on the way
        number -= 1
        connection.execute(update(table).where(table.c.op == row.op).values(seq=number))
    tx.session.expire_all()
    log.warning("number %d was used before a restore: %d operations numbered from %d", first, len(rows), expect)
    return len(rows)
