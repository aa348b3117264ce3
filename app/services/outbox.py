"""What waits to be sent, what the district sent back, what two sides changed: the truth behind the sync centre.

Everything here is read from tables, so that it is right after a restart and after a kill.
"""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select
from sqlmodel import col

from app import clock
from app.db import state
from app.db.chain import link_operation
from app.db.database import Transaction
from app.db.inserts import table_of
from app.errors import NotFoundError, RuleError
from app.models.acts import find_act
from app.models.base import Record
from app.models.operation import (
    CONFLICT,
    HELD,
    LOCAL,
    PARKED,
    PENDING,
    UNSENT,
    WITHDRAWN,
    Operation,
    OperationEdit,
    ServerRow,
)
from app.models.registry import RecordType, find_type
from app.models.station import Staff
from app.models.wire import to_wire
from app.services.conflicts import ConflictItem as ConflictItem
from app.services.conflicts import list_conflicts as list_conflicts
from app.services.conflicts import open_conflicts
from app.services.record_words import subject_of as subject_of
from app.services.unsent import RESENT, SUPERSEDED, edits_of, is_withdrawn
from app.texts import _

DISTRICT_URL, DISTRICT_TOKEN, DISTRICT_ROLE = "district_url", "district_token", "district_role"
DISTRICT_PIN = "district_pin"
DISTRICT_FEEDS, DISTRICT_EPOCH = "district_feeds", "district_epoch"
MAX_CHANGES = 512 * 1024
"""Most characters of changes in one operation that is sent anew."""

LAST_OK, LAST_TRY, LAST_ERROR, CLOCK_OFFSET = "sync_last_ok", "sync_last_try", "sync_last_error", "sync_clock_offset"
OFFLINE_SINCE = "sync_offline_since"


@dataclass(frozen=True)
class SyncSummary:
    """Where this device stands.

    ``oldest_at``: when the oldest unsent act was done. ``last_error``: (code, sentence). ``offline_since``: the
    first try that did not get through to the district after the last that did; None while it can be reached.
    """

    joined: bool
    url: str | None
    queued: int
    parked: int
    held: int
    conflicts: int
    oldest_at: datetime | None
    by_act: tuple[tuple[str, int], ...]
    by_actor: tuple[tuple[str, int], ...]
    last_ok_at: datetime | None
    last_error: tuple[str, str] | None
    clock_offset: float
    offline_since: datetime | None = None


@dataclass(frozen=True)
class ParkedItem:
    """An operation that the district sent back, or one that waits for such a one."""

    op: str
    seq: int
    state: str
    act: str
    act_label: str
    actor: str | None
    actor_name: str
    made_at: datetime
    code: str | None
    text: str | None
    field: str | None
    subjects: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class RecordSync:
    """How far one record got: ``synced``, ``pending``, ``parked``, ``held`` or ``conflict``.

    ``known``: the district has it.
    """

    state: str
    known: bool
    unsent_fields: tuple[str, ...]
    text: str | None


def sync_summary(tx: Transaction) -> SyncSummary:
    """Return counts, ages and the last contact, in one look."""
    rows = tx.rows(
        select(
            col(Operation.state), col(Operation.act), col(Operation.actor), func.count(), func.min(Operation.made_at)
        )
        .where(col(Operation.origin) == LOCAL, col(Operation.state).in_(UNSENT))
        .group_by(col(Operation.state), col(Operation.act), col(Operation.actor))
    )
    states: Counter[str] = Counter()
    acts: Counter[str] = Counter()
    actors: Counter[str] = Counter()
    for name, act, actor, count, _oldest in rows:
        states[name] += count
        acts[act] += count
        actors[actor or ""] += count
    get = _getter(tx)
    failure = get(LAST_ERROR)
    return SyncSummary(
        joined=get(DISTRICT_URL) is not None,
        url=get(DISTRICT_URL),
        queued=states[PENDING],
        parked=states[PARKED],
        held=states[HELD],
        conflicts=len(open_conflicts(tx)),
        oldest_at=min((oldest for *_rest, oldest in rows), default=None),
        by_act=tuple(acts.most_common()),
        by_actor=tuple(actors.most_common()),
        last_ok_at=_instant(get(LAST_OK)),
        last_error=(str(failure[0]), str(failure[1])) if failure else None,
        clock_offset=float(get(CLOCK_OFFSET) or 0.0),
        offline_since=_instant(get(OFFLINE_SINCE)),
    )


def _getter(tx: Transaction) -> Any:
    return lambda key: state.get_state(tx.session, key)


def _instant(value: Any) -> datetime | None:
    return datetime.fromisoformat(value) if isinstance(value, str) else None


def list_parked(tx: Transaction) -> tuple[ParkedItem, ...]:
    """Return what the district sent back and what waits for it, oldest first, with the records' names."""
    table = table_of(Operation)
    parked = (table.c.origin == LOCAL, table.c.state.in_((PARKED, HELD)))
    return describe(tx, tx.rows(select(table).where(*parked).order_by(table.c.seq)))


def describe(tx: Transaction, rows: Sequence[Any]) -> tuple[ParkedItem, ...]:
    """Return rows of the operation log as people read them."""
    names = _staff_names(tx, {row.actor for row in rows if row.actor})
    items = []
    for row in rows:
        act = find_act(row.act)
        items.append(
            ParkedItem(
                op=row.op,
                seq=row.seq,
                state=row.state,
                act=row.act,
                act_label=_(act.label) if act else row.act,
                actor=row.actor,
                actor_name=names.get(row.actor or "", ""),
                made_at=row.made_at,
                code=row.code,
                text=row.text,
                field=row.field,
                subjects=tuple(
                    (edit.record_type, edit.record_id, subject_of(tx, edit.record_type, edit.record_id))
                    for edit in edits_of(tx, row.op)
                ),
            )
        )
    return tuple(items)


def record_sync_state(tx: Transaction, record_type: str, record_id: str) -> RecordSync:
    """Return how far one record got."""
    rows = tx.rows(
        select(col(Operation.state), col(Operation.text), col(OperationEdit.changes))
        .join(OperationEdit, col(OperationEdit.op) == col(Operation.op))
        .where(
            col(OperationEdit.record_type) == record_type,
            col(OperationEdit.record_id) == record_id,
            col(Operation.origin) == LOCAL,
            col(Operation.state).in_(UNSENT),
        )
        .order_by(col(Operation.seq))
    )
    kind = find_type(record_type)
    row = tx.session.get(kind.model, record_id) if kind else None
    asked = any((item.record_type, item.record_id) == (record_type, record_id) for item in open_conflicts(tx))
    states = {item.state for item in rows}
    worst = next((name for name in (PARKED, HELD) if name in states), None)
    return RecordSync(
        state=worst or (CONFLICT if asked else PENDING if states else "synced"),
        known=row is not None and row.rev > 0,
        unsent_fields=tuple(dict.fromkeys(name for item in rows for name in item.changes)),
        text=next((item.text for item in rows if item.state == worst), None) if worst else None,
    )


def _staff_names(tx: Transaction, ids: set[str]) -> dict[str, str]:
    rows = tx.rows(select(col(Staff.id), col(Staff.name)).where(col(Staff.id).in_(ids)))
    return {row.id: row.name for row in rows}


def resend(tx: Transaction, op: str) -> str | None:
    """Send a returned operation anew, with what the record says now; return the new operation's id.

    None when nothing of it is left to send. The returned one keeps its place in the log and is set aside.

    Raises:
        NotFoundError: there is no such operation.
        RuleError: it is not one that the district sent back.
    """
    row = tx.session.get(Operation, op)
    if row is None or row.origin != LOCAL:
        raise NotFoundError(_("找不到这一笔"))
    if row.state not in (PARKED, HELD):
        raise RuleError(_("这一笔没有被退回，不用重送"), code="sync.not_parked")
    tx.flush()
    edits = [edit for edit in (_fresh_edit(tx, old) for old in edits_of(tx, op)) if edit is not None]
    row.state, row.code = WITHDRAWN, RESENT if edits else SUPERSEDED
    row.answered_at = clock.now()
    tx.flush()
    issued = [issue_again(tx, row, piece) for piece in _portions(edits)]
    return issued[0] if issued else None


def _portions(edits: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Cut edits into what one operation may carry; nearly always it is all of them."""
    portions: list[list[dict[str, Any]]] = []
    room = 0
    for edit in edits:
        size = len(json.dumps(edit["changes"]))
        if not portions or size > room:
            portions.append([])
            room = MAX_CHANGES
        portions[-1].append(edit)
        room -= size
    return portions


def set_aside_unfit(tx: Transaction, op: str, code: str, text: str) -> None:
    """Park an operation that the protocol cannot carry; one that is merely too large goes out anew in pieces."""
    row = tx.session.get(Operation, op)
    if row is None or row.state != PENDING:
        return
    row.state, row.code, row.text, row.answered_at = PARKED, code, text, clock.now()
    tx.flush()
    if code == "too_large" and len(edits_of(tx, op)) > 1:
        resend(tx, op)


def _fresh_edit(tx: Transaction, old: OperationEdit) -> dict[str, Any] | None:
    """Return the edit that brings the district's record to what this device shows; None when nothing differs."""
    kind = find_type(old.record_type)
    row = tx.session.get(kind.model, old.record_id) if kind else None
    if kind is None or row is None or is_withdrawn(tx, old.record_type, old.record_id):
        return None
    ground = tx.session.get(ServerRow, (old.record_type, old.record_id))
    changes = _creation(kind, row) if row.rev == 0 and ground is None else {}
    if row.rev > 0 or ground is not None:
        said = ground.fields if ground is not None else {}
        for name in old.changes:
            now, before = to_wire(getattr(row, name)), said.get(name)
            if ground is None or now != before:
                changes[name] = [before, now]
        if ground is None:  # the district has it and nothing stands apart: this row is what it said
            return None
    if not changes:
        return None
    return {"record_type": old.record_type, "record_id": old.record_id, "base": row.rev, "changes": changes}


def _creation(kind: RecordType, row: Record) -> dict[str, list[Any]]:
    values = {name: to_wire(getattr(row, name)) for name in kind.fields}
    return {name: [None, value] for name, value in values.items() if value not in (None, [], {})}


def issue_again(tx: Transaction, source: Operation, edits: list[dict[str, Any]]) -> str:
    """Write a new operation of this device that repeats another's act with these edits; return its id."""
    connection = tx.session.connection()
    device = state.device_id(tx.session)
    last = connection.execute(select(func.max(Operation.seq)).where(col(Operation.device) == device)).scalar()
    op_id = clock.new_id()
    connection.execute(
        insert(Operation),
        {
            "op": op_id,
            "device": device,
            "seq": (last or 0) + 1,
            "act": source.act,
            "actor": source.actor,
            "made_at": source.made_at,
            "reason": source.reason,
            "undoes": source.undoes,
            "schema_version": source.schema_version,
            "origin": LOCAL,
            "state": PENDING,
        },
    )
    connection.execute(insert(OperationEdit), [{"op": op_id, "position": n, **edit} for n, edit in enumerate(edits)])
    link_operation(connection, op_id)
    return op_id


def reissue_held(tx: Transaction, accepted: set[str]) -> int:
    """Send anew what waited for records that the district has accepted now; return how many."""
    held = tx.session.scalars(
        select(Operation)
        .where(col(Operation.origin) == LOCAL, col(Operation.state) == HELD)
        .order_by(col(Operation.seq))
    )
    count = 0
    for row in list(held):
        ground = {edit.record_id for edit in edits_of(tx, row.op)}
        ground |= {new for edit in edits_of(tx, row.op) for _old, new in edit.changes.values() if isinstance(new, str)}
        if ground & accepted and resend(tx, row.op) is not None:
            count += 1
    return count
