"""The end of what was handed to the supervisor: told to her when it was mended here, told here when she answered."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from app import clock
from app.db.database import Transaction
from app.db.inserts import table_of
from app.models.acts import may
from app.models.base import parse_draft
from app.models.operation import LOCAL, Operation
from app.models.registration import ServiceEvent, ServiceEventDraft
from app.services.outbox import resend
from app.services.staff import staff_names
from app.services.withdrawing import HANDED, HANDLED, OPERATION, RETURNED, WITHDRAW
from app.texts import _

ANSWER_DAYS = 7
HAND = "sync.hand"


@dataclass(frozen=True)
class Answer:
    """What became of an operation of this device that was handed on. ``waits``: it still lies here, returned."""

    op: str
    text: str
    note: str
    by: str
    answered_at: datetime
    waits: bool


def list_answers(tx: Transaction, *, days: int = ANSWER_DAYS) -> tuple[Answer, ...]:
    """Return how others ended what was handed on from this device, newest first; the older ones are left out."""
    since = clock.now() - timedelta(days=days)
    handed_by: dict[str, str | None] = {}
    ended: dict[str, Any] = {}
    for row in _traces(tx):
        if row.kind == HANDED:
            handed_by[row.subject_id] = row.created_by
            ended.pop(row.subject_id, None)
        elif row.subject_id in handed_by and row.created_by != handed_by[row.subject_id]:
            ended[row.subject_id] = row
    names = staff_names(tx)
    found = []
    for op, row in ended.items():
        own = tx.session.get(Operation, op)
        if own is None or own.origin != LOCAL or row.happened_at < since:
            continue
        note = row.why or (_("撤下了") if row.kind == WITHDRAW else _("看过了"))
        by = names.get(row.created_by or "", "")
        found.append(Answer(op, row.detail or "", note, by, row.happened_at, own.state in RETURNED))
    return tuple(sorted(found, key=lambda item: item.answered_at, reverse=True))


def list_mended(tx: Transaction) -> tuple[str, ...]:
    """Return the operations of this device that are still in the supervisor's hands and came right meanwhile."""
    return tuple(_mended(tx))


def close_mended(tx: Transaction) -> int:
    """Tell the supervisor that these need her no longer; return how many."""
    tx.act(HAND)
    tx.flush()
    rows = _mended(tx)
    for op, row in rows.items():
        values = {"kind": HANDLED, "happened_at": clock.now(), "subject_type": OPERATION, "subject_id": op}
        draft = parse_draft(ServiceEventDraft, {**values, "detail": row.detail, "why": _("已经改好再送")})
        tx.add(ServiceEvent.from_draft(draft))
    return len(rows)


def send_again(tx: Transaction, op: str) -> str | None:
    """Send a returned operation anew, and take it out of the supervisor's hands; return the new operation's id.

    Raises:
        NotFoundError: there is no such operation.
        RuleError: it is not one that the district sent back.
    """
    new = resend(tx, op)
    if tx.actor is not None and may(tx.actor.roles, HAND) and op in list_mended(tx):
        close_mended(tx)
    return new


def _traces(tx: Transaction) -> list[Any]:
    table = table_of(ServiceEvent)
    query = (
        select(table)
        .where(table.c.kind.in_((HANDED, HANDLED, WITHDRAW)), table.c.subject_type == OPERATION)
        .where(table.c.deleted_at.is_(None))
        .order_by(table.c.created_at, table.c.id)
    )
    return list(tx.rows(query))


def _mended(tx: Transaction) -> dict[str, Any]:
    waiting: dict[str, Any] = {}
    for row in _traces(tx):
        if row.kind == HANDED:
            waiting[row.subject_id] = row
        else:
            waiting.pop(row.subject_id, None)
    found: dict[str, Any] = {}
    for op, row in waiting.items():
        own = tx.session.get(Operation, op)
        if own is not None and own.origin == LOCAL and own.state not in RETURNED:
            found[op] = row
    return found
