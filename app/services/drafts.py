"""Half-filled forms: kept in the encrypted file through a crash, opened again only by who typed them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlmodel import col

from app import clock
from app.db.database import Transaction
from app.models.operation import FormDraft


@dataclass(frozen=True)
class KeptDraft:
    """A draft as it was last saved."""

    form: str
    subject: str
    entered: dict[str, Any]
    saved_at: datetime


def keep_draft(tx: Transaction, form: str, entered: dict[str, Any], *, subject: str = "") -> datetime:
    """Save what was typed so far in a form; return when."""
    moment = clock.now()
    key = (tx.actor_id or "", form, subject)
    row = tx.session.get(FormDraft, key)
    if row is None:
        tx.session.add(FormDraft(staff_id=key[0], form=form, subject=subject, entered=entered, saved_at=moment))
    else:
        row.entered, row.saved_at = entered, moment
    return moment


def find_draft(tx: Transaction, staff_id: str, form: str, *, subject: str = "") -> KeptDraft | None:
    """Return the person's own draft of a form."""
    row = tx.session.get(FormDraft, (staff_id, form, subject))
    return None if row is None else KeptDraft(row.form, row.subject, row.entered, row.saved_at)


def drop_draft(tx: Transaction, form: str, *, subject: str = "") -> None:
    """Forget a draft: its form was saved, or given up."""
    tx.session.connection().execute(
        delete(FormDraft).where(
            col(FormDraft.staff_id) == (tx.actor_id or ""),
            col(FormDraft.form) == form,
            col(FormDraft.subject) == subject,
        )
    )


def count_drafts(tx: Transaction) -> dict[str, int]:
    """Return staff id → how many drafts are kept for that person."""
    statement = select(col(FormDraft.staff_id), func.count()).group_by(col(FormDraft.staff_id))
    return {str(row[0]): int(row[1]) for row in tx.rows(statement)}


def list_drafts(tx: Transaction, staff_id: str, form: str) -> list[KeptDraft]:
    """Return the person's own drafts of a form, the one saved last first."""
    statement = (
        select(FormDraft)
        .where(col(FormDraft.staff_id) == staff_id, col(FormDraft.form) == form)
        .order_by(col(FormDraft.saved_at).desc())
    )
    rows = tx.session.execute(statement).scalars()
    return [KeptDraft(row.form, row.subject, row.entered, row.saved_at) for row in rows]
