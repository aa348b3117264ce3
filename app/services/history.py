"""Who changed what, when, from what to what; and taking back the last act by a counter-operation."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from app.db.database import Transaction
from app.errors import RuleError
from app.models.acts import find_act
from app.models.operation import LOCAL, UNSENT, WITHDRAWN, Operation, OperationEdit
from app.models.registry import find_type
from app.models.wire import from_wire, to_wire
from app.services.staff import staff_names
from app.texts import _

UNDO_DEPTH = 20


@dataclass(frozen=True)
class Change:
    """One field's change. ``old`` and ``new`` are wire values; ``sent`` tells whether the district has it."""

    op: str
    act: str
    actor: str
    made_at: datetime
    reason: str | None
    field: str
    old: Any
    new: Any
    sent: bool


@dataclass(frozen=True)
class DoneAct:
    """An act somebody did: what undo offers and the timeline shows."""

    op: str
    act: str
    label: str
    actor_id: str | None
    made_at: datetime


def list_changes(tx: Transaction, record_type: str, record_id: str, field: str | None = None) -> list[Change]:
    """Return every change of a record, or of one of its fields, newest first."""
    names = staff_names(tx)
    statement = (
        select(Operation, col(OperationEdit.changes))
        .join(OperationEdit, col(OperationEdit.op) == col(Operation.op))
        .where(col(OperationEdit.record_type) == record_type, col(OperationEdit.record_id) == record_id)
        .where(col(Operation.state) != WITHDRAWN)
        .order_by(col(Operation.made_at).desc(), col(Operation.op).desc())
    )
    found: list[Change] = []
    for op, changes in tx.session.execute(statement).all():
        for name, (old, new) in changes.items():
            if field is None or name == field:
                who = names.get(op.actor or "", "") or _("区里")
                found.append(Change(op.op, op.act, who, op.made_at, op.reason, name, old, new, op.state not in UNSENT))
    return found


def list_done(tx: Transaction, *, limit: int = UNDO_DEPTH) -> list[DoneAct]:
    """Return this actor's last acts at this device that could be taken back, newest first.

    An undo and what it took back are left out.
    """
    taken_back = select(col(Operation.undoes)).where(col(Operation.undoes).is_not(None))
    statement = (
        select(col(Operation.op), col(Operation.act), col(Operation.actor), col(Operation.made_at))
        .where(col(Operation.origin) == LOCAL, col(Operation.actor) == tx.actor_id)
        .where(col(Operation.undoes).is_(None), col(Operation.op).not_in(taken_back))
        .where(col(Operation.state) != WITHDRAWN)
        .order_by(col(Operation.seq).desc())
        .limit(limit)
    )
    acts = []
    for row in tx.rows(statement):
        act = find_act(row.act)
        if act is not None and act.undoable:
            acts.append(DoneAct(row.op, row.act, _(act.label), row.actor, row.made_at))
    return acts


def undo(tx: Transaction, op_id: str, *, anywhere: bool = False) -> DoneAct:
    """Take back one act by a counter-operation: every field goes back to what it was, a new record becomes a tombstone.

    Works before and after a sync. ``anywhere``: also what another counter did.

    Raises:
        RuleError: this kind of act cannot be taken back, it was already, or something changed since.
    """
    tx.act("undo")
    op = tx.session.get(Operation, op_id)
    act = find_act(op.act) if op is not None else None
    if op is None or act is None or not act.undoable or not (anywhere or op.origin == LOCAL):
        raise RuleError(_("这一步不能撤销"), code="undo.not_allowed")
    if tx.rows(select(col(Operation.op)).where(col(Operation.undoes) == op_id)):
        raise RuleError(_("这一步已经撤销过了"), code="undo.done")
    tx.undoes = op_id
    edits = tx.rows(
        select(col(OperationEdit.record_type), col(OperationEdit.record_id), col(OperationEdit.changes))
        .where(col(OperationEdit.op) == op_id)
        .order_by(col(OperationEdit.position).desc())
    )
    for edit in edits:
        if act.keeps_later:
            _put_back_rest(tx, edit.record_type, edit.record_id, edit.changes)
        else:
            _put_back(tx, edit.record_type, edit.record_id, edit.changes, _(act.label))
    return DoneAct(op.op, op.act, _(act.label), op.actor, op.made_at)


def _put_back(tx: Transaction, type_name: str, record_id: str, changes: dict[str, Any], label: str) -> None:
    kind = find_type(type_name)
    row = None if kind is None else tx.session.get(kind.model, record_id)
    if kind is None or row is None:
        raise RuleError(_("“{act}”以后又有改动，不能直接撤销", act=label), code="undo.changed")
    if any(to_wire(getattr(row, name)) != new for name, (_old, new) in changes.items()):
        raise RuleError(_("“{act}”以后又有改动，不能直接撤销", act=label), code="undo.changed")
    if "created_at" in changes and changes["created_at"][0] is None:
        tx.remove(row, _("撤销：{act}", act=label))
        return
    for name, (old, _new) in changes.items():
        setattr(row, name, from_wire(kind.fields[name], old))


def _put_back_rest(tx: Transaction, type_name: str, record_id: str, changes: dict[str, Any]) -> None:
    """Put back the fields that still show what the act made of them; a record that it made stays."""
    kind = find_type(type_name)
    row = None if kind is None else tx.session.get(kind.model, record_id)
    if kind is None or row is None or "created_at" in changes:
        return
    for name, (old, new) in changes.items():
        if to_wire(getattr(row, name)) == new:
            setattr(row, name, from_wire(kind.fields[name], old))
