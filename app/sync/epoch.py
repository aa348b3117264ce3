"""Another life of the server, or of this device: what must be sent again, numbered anew, or fetched again.

Nothing is removed here: what a restored server lacks and this device did itself goes there again, under the same
operation ids; what others did comes back when they send theirs, and stays on this device until then.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, delete, exists, func, or_, select, update
from sqlmodel import col

from app import clock
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
from app.sync.protocol import MAX_SEQ, base_of_earlier_life
from app.sync.tally import forget_running

log = logging.getLogger(__name__)

LOST_UNTIL = BASES_LOST_UNTIL
"""Operations up to this number carry revisions of an earlier life of the server; those count for nothing now."""

REFETCH = FETCHING_AGAIN
"""True from the moment another epoch was seen until every feed was fetched again."""

RESTORED, TOLD_FOR = "district_restored", timedelta(days=3)
"""The last time another epoch was seen, and for how long that is told."""


def adopt_epoch(tx: Transaction, device: str, told: Mapping[str, Any]) -> int:
    """Take up with another life of the server; return how many own operations go there again.

    Every revision and cursor known here is of the earlier life. ``told``: what the district says of its own.
    """
    since = _differs_from(tx, told)
    connection = tx.session.connection()
    ops, edits = table_of(Operation), table_of(OperationEdit)
    own = (ops.c.origin == LOCAL, ops.c.device == device)
    again = connection.execute(
        update(ops)
        .where(*own, ops.c.seq >= since, ops.c.state.not_in((PENDING, WITHDRAWN, SEALED)))
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
    state.set_state(tx.session, outbox.DISTRICT_EPOCH, told["epoch"])
    state.set_state(tx.session, RESTORED, {"at": clock.now().isoformat(), "again": again})
    log.warning("the district lives a new epoch: %d operations from number %d on go there again", again, since)
    return int(again)


@dataclass(frozen=True)
class Restored:
    """That the district was restored from a backup: when that was met here; ``again``: own operations sent again."""

    at: datetime
    again: int


def lately_restored(tx: Transaction) -> Restored | None:
    """Return that the district was restored, for as long as people may wonder why so much was sent again."""
    kept = state.get_state(tx.session, RESTORED)
    if kept is None:
        return None
    at = datetime.fromisoformat(kept["at"])
    return Restored(at, int(kept["again"])) if timedelta(0) <= clock.now() - at < TOLD_FOR else None


def _differs_from(tx: Transaction, told: Mapping[str, Any]) -> int:
    """Return the number from which on the district may not know this device's operations as they were answered here.

    Not only what it lacks: a neighbour may have brought it meanwhile, and it was decided anew. A life that continues
    the one known here differs from the number on that was wanted when it began; of any other nothing is known, and
    everything is asked again: what stands is answered as it was.
    """
    continues = told.get("continues")
    if not isinstance(continues, dict):  # a server of before tells no more than what it wants next
        return int(told["expect"])
    known = continues.get("epoch") == state.get_state(tx.session, outbox.DISTRICT_EPOCH)
    return min(int(continues["expect"]), int(told["expect"])) if known else 1


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
    if lost_until == MAX_SEQ:
        return base_of_earlier_life(base, changes)
    return MAX_SEQ if base > 0 else base


def number_anew(tx: Transaction, device: str, op: str, expect: int) -> int:
    """Give an operation whose number was used already, and what is unsent after it, numbers from ``expect`` on.

    That happens when this device was restored from its own backup and worked on before it met the district. The ids
    stay. What was answered keeps its number, and so does what was sealed or withdrawn before ``expect``: the district
    may have that number, empty. Returns how many were numbered.
    """
    table, connection = table_of(Operation), tx.session.connection()
    own = (table.c.origin == LOCAL, table.c.device == device)
    first = connection.execute(select(table.c.seq).where(table.c.op == op, *own)).scalar()
    if first is None or first >= expect:
        return 0
    later = or_(table.c.state == PENDING, and_(table.c.state.in_((SEALED, WITHDRAWN)), table.c.seq >= expect))
    unsent = select(table.c.op).where(*own, table.c.seq > first, later).order_by(table.c.seq)
    count = _number(tx, [op, *connection.execute(unsent).scalars()], expect)
    log.warning("number %d was used before a restore: %d operations numbered from %d", first, count, expect)
    return count


def close_gap(tx: Transaction, device: str, expect: int) -> int:
    """Give what is unsent numbers from the one on that the district wants, where nothing here has that number.

    That happens when both were restored: this device lost the operation of that number with its disk, the district
    with its database. Returns how many were numbered; none where the number is here.
    """
    table, connection = table_of(Operation), tx.session.connection()
    own = (table.c.origin == LOCAL, table.c.device == device, table.c.seq >= expect)
    rows = connection.execute(select(table.c.op, table.c.seq, table.c.state).where(*own).order_by(table.c.seq)).all()
    if not rows or rows[0].seq == expect or any(row.state not in (PENDING, SEALED, WITHDRAWN) for row in rows):
        return 0
    log.warning("nobody has number %d after two restores: what comes after it is numbered from there on", expect)
    return _number(tx, [row.op for row in rows], expect)


def _number(tx: Transaction, ops: Sequence[str], first: int) -> int:
    table, connection = table_of(Operation), tx.session.connection()
    for sign in (-1, 1):  # by numbers that nobody has, so that none is taken twice on the way
        for number, op in enumerate(ops, first):
            connection.execute(update(table).where(table.c.op == op).values(seq=sign * number))
    tx.session.expire_all()
    return len(ops)
