"""Career guidance: record, correct, list."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import col, select

from app import clock
from app.db.database import Transaction
from app.models.base import parse_draft
from app.models.guidance import Guidance, GuidanceDraft
from app.models.resident import Resident
from app.services.entering import check_late, check_staff, days_late
from app.services.numbers import GUIDANCE, next_number
from app.services.staff import staff_names


@dataclass(frozen=True)
class GuidanceLine:
    """One guidance of a person's list; ``counsellor`` is a name."""

    id: str
    rec_no: str | None
    guided_at: datetime
    entered_at: datetime
    days_late: int
    counsellor: str
    form: str | None
    topics: tuple[str, ...]
    problem: str | None
    advice: str | None
    duration_min: int | None
    next_on: date | None


def record_guidance(tx: Transaction, values: Mapping[str, Any]) -> Guidance:
    """Write down a career guidance; without ``counsellor_id`` the actor gave it.

    Raises:
        InvalidInputError: by field.
        NotFoundError: there is no such resident.
    """
    tx.act("guidance.record")
    draft = parse_draft(GuidanceDraft, {"counsellor_id": tx.actor_id, **values, "entered_at": clock.now()})
    tx.get(Resident, draft.resident_id)
    _check(tx, draft)
    row = Guidance.from_draft(draft)
    row.rec_no = next_number(tx, GUIDANCE)
    return tx.add(row)


def edit_guidance(tx: Transaction, guidance_id: str, values: Mapping[str, Any]) -> Guidance:
    """Correct a guidance; whose it is and when it was entered stay.

    Raises:
        InvalidInputError: by field.
        NotFoundError: there is no such guidance.
    """
    tx.act("guidance.edit")
    row = tx.get(Guidance, guidance_id)
    known = row.model_dump(include=set(GuidanceDraft.model_fields))
    kept = {"entered_at": row.entered_at, "resident_id": row.resident_id}
    draft = parse_draft(GuidanceDraft, {**known, **values, **kept})
    _check(tx, draft)
    tx.change(row, draft.model_dump())
    return row


def _check(tx: Transaction, draft: GuidanceDraft) -> None:
    check_late(tx, draft.guided_at, draft.entered_at, draft.late_why)
    if draft.counsellor_id:
        check_staff(tx, "counsellor_id", [draft.counsellor_id])


def list_guidance(tx: Transaction, resident_id: str, *, limit: int = 200) -> list[GuidanceLine]:
    """Return a person's guidance, newest first."""
    statement = (
        select(Guidance)
        .where(col(Guidance.resident_id) == resident_id, col(Guidance.deleted_at).is_(None))
        .order_by(col(Guidance.guided_at).desc(), col(Guidance.id).desc())
        .limit(limit)
    )
    names = staff_names(tx)
    return [
        GuidanceLine(
            id=row.id,
            rec_no=row.rec_no,
            guided_at=row.guided_at,
            entered_at=row.entered_at,
            days_late=days_late(row.guided_at, row.entered_at),
            counsellor=names.get(row.counsellor_id or "", ""),
            form=row.form,
            topics=tuple(row.topics),
            problem=row.problem,
            advice=row.advice,
            duration_min=row.duration_min,
            next_on=row.next_on,
        )
        for row in tx.session.exec(statement).all()
    ]
