"""Taking back what the district sent back, and handing it to the supervisor; both leave a trace that travels.

A withdrawn operation stays in the log. What it showed here gives way to what the district says; a record that it made
is hidden on this device, without a tombstone: the district never had it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlmodel import col

from app import clock
from app.db import search_index
from app.db.database import Transaction
from app.db.inserts import table_of
from app.errors import NotFoundError, RuleError
from app.models.acts import find_act
from app.models.base import parse_draft
from app.models.operation import HELD, LOCAL, PARKED, PENDING, UNSENT, WITHDRAWN, Operation, OperationEdit, ServerRow
from app.models.registration import ServiceEvent, ServiceEventDraft
from app.models.registry import find_type
from app.models.wire import from_wire
from app.services.outbox import ParkedItem, describe, resend
from app.services.overlay import neighbour_values, show
from app.services.record_words import subject_of
from app.services.staff import staff_names
from app.services.unsent import ACCEPTED, SUPERSEDED, TAKEN_BACK, Key, edits_of, makes, unsent_changes
from app.texts import _

WITHDRAW, HANDED, HANDLED = "sync.withdraw", "sync.handed", "sync.handled"
OPERATION = "operation"
RETURNED = (PARKED, HELD)


@dataclass(frozen=True)
class HandedItem:
    """A returned operation that somebody handed to the supervisor. ``here``: it lies on this device, to be mended."""

    event: str
    op: str
    act_label: str
    text: str
    note: str
    handed_by: str
    handed_at: datetime
    here: bool


def list_built_on(tx: Transaction, op: str) -> tuple[ParkedItem, ...]:
    """Return the unsent operations that need a record which this one made: withdrawn with it, or re-pointed first.

    What was merged into another file (services.merging) needs it no longer.
    """
    ids = _built_on(tx, op)
    rows = tx.rows(select(table_of(Operation)).where(col(Operation.op).in_(ids)).order_by(col(Operation.seq)))
    return describe(tx, rows)


def withdraw(tx: Transaction, op: str, *, why: str = "", with_built: bool = False) -> tuple[str, ...]:
    """Take back a returned operation of this device; return all that were taken back, oldest first.

    ``with_built``: also what ``list_built_on`` names.

    Raises:
        NotFoundError: there is no such operation.
        RuleError: it is not one that the district sent back, or others build on it.
    """
    tx.act(WITHDRAW)
    row = _returned(tx, op)
    built = _built_on(tx, op)
    if built and not with_built:
        words = _("还有 {n} 笔接着它办的：一起撤下，或者先并到别的档案", n=len(built))
        raise RuleError(words, code="sync.built_on")
    group = [op, *built]
    if any(state == PENDING for (state,) in tx.rows(select(col(Operation.state)).where(col(Operation.op).in_(group)))):
        raise RuleError(_("接着它办的还没有送出，等区里回了再撤"), code="sync.still_pending")
    text = _words(tx, row)
    made = _made_by(tx, group)
    moot = _others_on(tx, made, group)
    before = _before(tx, group)
    _set_aside(tx, group, TAKEN_BACK)
    for key, fields in before.items():
        _show_ground(tx, key, fields, gone=key in made)
    for each in moot:
        if {(edit.record_type, edit.record_id) for edit in edits_of(tx, each)} <= made:
            _set_aside(tx, [each], SUPERSEDED)
        else:
            resend(tx, each)
    _trace(tx, WITHDRAW, op, why=why, text=text)
    return tuple(group)


def _returned(tx: Transaction, op: str) -> Operation:
    tx.flush()
    row = tx.session.get(Operation, op)
    if row is None or row.origin != LOCAL:
        raise NotFoundError(_("找不到这一笔"))
    if row.state not in RETURNED:
        raise RuleError(_("这一笔没有被退回，不用撤下"), code="sync.not_parked")
    return row


def _made_by(tx: Transaction, ops: Collection[str]) -> set[Key]:
    """Return the records that these operations made and no other does."""
    made: set[Key] = set()
    for edit in [edit for op in ops for edit in edits_of(tx, op) if makes(edit)]:
        key = (edit.record_type, edit.record_id)
        kind = find_type(edit.record_type)
        row = tx.session.get(kind.model, edit.record_id) if kind else None
        if row is None or row.rev > 0 or tx.session.get(ServerRow, key) is not None:
            continue
        if not _made_elsewhere(tx, key, ops):
            made.add(key)
    return made


def _made_elsewhere(tx: Transaction, key: Key, ops: Collection[str]) -> bool:
    """Tell whether another operation made this record, too: an accepted one, or one that is on its way."""
    query = (
        select(OperationEdit)
        .join(Operation, col(Operation.op) == col(OperationEdit.op))
        .where(col(OperationEdit.record_type) == key[0], col(OperationEdit.record_id) == key[1])
        .where(col(Operation.state).in_((*ACCEPTED, PENDING)), col(Operation.op).not_in(list(ops)))
    )
    return any(makes(edit) for edit in tx.session.scalars(query))


def _built_on(tx: Transaction, op: str) -> list[str]:
    """Return the unsent operations that need what this one made, and what they made, oldest first."""
    found: list[str] = []
    grown = True
    while grown:
        made = {key for key in _made_by(tx, [op, *found]) if _lives(tx, key)}
        fresh = [each for each in _others_on(tx, made, [op, *found]) if _needs(tx, each, made)]
        found += fresh
        grown = bool(fresh)
    order = tx.rows(select(col(Operation.op)).where(col(Operation.op).in_(found)).order_by(col(Operation.seq)))
    return [each for (each,) in order]


def _lives(tx: Transaction, key: Key) -> bool:
    kind = find_type(key[0])
    row = tx.session.get(kind.model, key[1]) if kind else None
    return row is not None and row.deleted_at is None


def _others_on(tx: Transaction, made: Collection[Key], group: Sequence[str]) -> list[str]:
    """Return other unsent operations of this device that edit these records or name them."""
    if not made:
        return []
    ids = {record_id for _kind, record_id in made}
    query = (
        select(col(Operation.op), col(OperationEdit.record_id), col(OperationEdit.changes))
        .join(OperationEdit, col(OperationEdit.op) == col(Operation.op))
        .where(col(Operation.origin) == LOCAL, col(Operation.state).in_(UNSENT), col(Operation.op).not_in(list(group)))
        .order_by(col(Operation.seq))
    )
    found: dict[str, None] = {}
    for op, record_id, changes in tx.rows(query):
        named = {value for pair in changes.values() for value in pair if isinstance(value, str)}
        if record_id in ids or named & ids:
            found[op] = None
    return list(found)


def _needs(tx: Transaction, op: str, made: Collection[Key]) -> bool:
    """Tell whether an operation still needs one of these records: it edits it, or its own record points to it now."""
    ids = {record_id for _kind, record_id in made}
    for edit in edits_of(tx, op):
        kind = find_type(edit.record_type)
        row = tx.session.get(kind.model, edit.record_id) if kind else None
        if (edit.record_type, edit.record_id) in made:
            return True
        if row is not None and any(getattr(row, name) in ids for name in edit.changes if _is_text(row, name)):
            return True
    return False


def _is_text(row: Any, name: str) -> bool:
    return isinstance(getattr(row, name, None), str)


def _before(tx: Transaction, ops: Sequence[str]) -> dict[Key, dict[str, Any]]:
    """Return {(type, id): {field: value}} as it was before these operations, given oldest first."""
    found: dict[Key, dict[str, Any]] = {}
    for op in ops:
        for edit in edits_of(tx, op):
            fields = found.setdefault((edit.record_type, edit.record_id), {})
            for name, (old, _new) in edit.changes.items():
                fields.setdefault(name, old)
    return found


def _set_aside(tx: Transaction, ops: Sequence[str], code: str) -> None:
    tx.session.connection().execute(
        update(Operation)
        .where(col(Operation.op).in_(list(ops)))
        .values(state=WITHDRAWN, code=code, answered_at=clock.now())
    )
    tx.session.expire_all()


def _show_ground(tx: Transaction, key: Key, before: dict[str, Any], *, gone: bool) -> None:
    """Let this device show what the district says, with what is still unsent on top; hide what nobody has."""
    kind = find_type(key[0])
    row = tx.session.get(kind.model, key[1]) if kind else None
    if kind is None or row is None:
        return
    if not gone and neighbour_values(tx, [key]):
        show(tx, [key])
        return
    ground = tx.session.get(ServerRow, key)
    left = unsent_changes(tx, [key]).get(key, {})
    values: dict[str, Any] = {}
    if gone:
        values = {"deleted_at": clock.now(), "delete_reason": _("撤下，区里没有过")}
    elif ground is not None or (row.rev == 0 and "created_at" not in before):
        said = {**(ground.fields if ground is not None else before), **left}
        values = {name: from_wire(facts, said[name]) for name, facts in kind.fields.items() if name in said}
    table, connection = table_of(kind.model), tx.session.connection()
    if values:
        with tx.applying():
            connection.execute(update(table).where(table.c.id == key[1]).values(values))
    if ground is not None and not left:
        connection.execute(
            delete(ServerRow).where(col(ServerRow.record_type) == key[0], col(ServerRow.record_id) == key[1])
        )
    tx.session.expire_all()
    shown = connection.execute(select(table).where(table.c.id == key[1])).mappings().one()
    search_index.put(connection, kind, key[1], dict(shown))
    tx.touched.add(key[0])


def _words(tx: Transaction, row: Operation) -> str:
    """Return what another counter reads, which has neither the operation nor perhaps its record."""
    act, edits = find_act(row.act), edits_of(tx, row.op)
    subject = subject_of(tx, edits[0].record_type, edits[0].record_id) if edits else ""
    label = _(act.label) if act else row.act
    return _("{act} {subject}：{why}", act=label, subject=subject, why=row.text or _("区里退回"))


def _trace(tx: Transaction, kind: str, op: str, *, why: str, text: str) -> ServiceEvent:
    values = {"kind": kind, "happened_at": clock.now(), "subject_type": OPERATION, "subject_id": op}
    draft = parse_draft(ServiceEventDraft, {**values, "detail": text[:200], "why": why.strip()[:100]})
    return tx.add(ServiceEvent.from_draft(draft))


def hand_to_supervisor(tx: Transaction, op: str, note: str) -> ServiceEvent:
    """Hand a returned operation to the supervisor, who sees it at every counter of the station.

    Raises:
        NotFoundError: there is no such operation.
        RuleError: it is not one that the district sent back, or it was handed on already.
    """
    tx.act("sync.hand")
    row = _returned(tx, op)
    if any(item.op == op for item in list_handed(tx)):
        raise RuleError(_("这一笔已经转给站长了"), code="sync.handed")
    return _trace(tx, HANDED, op, why=note, text=_words(tx, row))


def close_handed(tx: Transaction, op: str, note: str = "") -> ServiceEvent:
    """Note that a handed operation needs the supervisor no longer.

    Raises:
        NotFoundError: it is not handed, or was closed.
    """
    tx.act("sync.hand")
    item = next((each for each in list_handed(tx) if each.op == op), None)
    if item is None:
        raise NotFoundError(_("找不到这一笔"))
    return _trace(tx, HANDLED, op, why=note, text=item.text)


def list_handed(tx: Transaction) -> tuple[HandedItem, ...]:
    """Return what waits for the supervisor, oldest first; what was mended, withdrawn or noted as done is left out."""
    table = table_of(ServiceEvent)
    rows = tx.rows(
        select(table)
        .where(table.c.kind.in_((HANDED, HANDLED, WITHDRAW)), table.c.subject_type == OPERATION)
        .where(table.c.deleted_at.is_(None))
        .order_by(table.c.created_at, table.c.id)
    )
    waiting: dict[str, Any] = {}
    for row in rows:
        if row.kind == HANDED:
            waiting[row.subject_id] = row
        else:
            waiting.pop(row.subject_id, None)
    names = staff_names(tx)
    items = []
    for op, row in waiting.items():
        own = tx.session.get(Operation, op)
        if own is not None and own.state not in RETURNED:
            continue
        label = row.detail.partition(" ")[0] if row.detail else ""
        items.append(
            HandedItem(
                row.id, op, label, row.detail or "", row.why or "", names.get(row.created_by or "", ""),
                row.happened_at, own is not None,
            )
        )  # fmt: skip
    return tuple(items)
