"""Policy introductions: record, correct, list."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import col, select

from app import clock
from app.db.database import Transaction
from app.models.base import parse_draft
from app.models.guidance import PolicyIntro, PolicyIntroDraft
from app.models.resident import Resident
from app.services.entering import check_late, check_staff, days_late
from app.services.policy_cards import card_names, check_cards
from app.services.staff import staff_names


@dataclass(frozen=True)
class IntroLine:
    """One policy introduction of a person's list; ``policies`` and ``told_by`` are names."""

    id: str
    told_at: datetime
    entered_at: datetime
    days_late: int
    told_by: str
    way: str | None
    policies: tuple[str, ...]
    understood: bool | None
    interested: bool | None
    next_on: date | None


def record_intro(tx: Transaction, values: Mapping[str, Any]) -> PolicyIntro:
    """Write down which policies were explained to a person; without ``told_by`` the actor did.

    Raises:
        InvalidInputError: by field; a policy was not in force that day.
        NotFoundError: there is no such resident.
    """
    tx.act("policy_intro.record")
    draft = parse_draft(PolicyIntroDraft, {"told_by": tx.actor_id, **values, "entered_at": clock.now()})
    tx.get(Resident, draft.resident_id)
    draft.policies = list(dict.fromkeys(draft.policies))
    _check(tx, draft, draft.policies)
    return tx.add(PolicyIntro.from_draft(draft))


def edit_intro(tx: Transaction, intro_id: str, values: Mapping[str, Any]) -> PolicyIntro:
    """Correct a policy introduction; whose it is and when it was entered stay.

    Raises:
        InvalidInputError: by field.
        NotFoundError: there is no such record.
    """
    tx.act("policy_intro.edit")
    row = tx.get(PolicyIntro, intro_id)
    known = row.model_dump(include=set(PolicyIntroDraft.model_fields))
    kept = {"entered_at": row.entered_at, "resident_id": row.resident_id}
    draft = parse_draft(PolicyIntroDraft, {**known, **values, **kept})
    draft.policies = list(dict.fromkeys(draft.policies))
    _check(tx, draft, [each for each in draft.policies if each not in row.policies])
    tx.change(row, draft.model_dump())
    return row


def _check(tx: Transaction, draft: PolicyIntroDraft, new_policies: list[str]) -> None:
    check_late(tx, draft.told_at, draft.entered_at, draft.late_why)
    check_cards(tx, new_policies, clock.to_local(draft.told_at).date())
    if draft.told_by:
        check_staff(tx, "told_by", [draft.told_by])


def list_intros(tx: Transaction, resident_id: str, *, limit: int = 200) -> list[IntroLine]:
    """Return what was explained to a person, newest first."""
    statement = (
        select(PolicyIntro)
        .where(col(PolicyIntro.resident_id) == resident_id, col(PolicyIntro.deleted_at).is_(None))
        .order_by(col(PolicyIntro.told_at).desc(), col(PolicyIntro.id).desc())
        .limit(limit)
    )
    names, cards = staff_names(tx), card_names(tx)
    return [
        IntroLine(
            id=row.id,
            told_at=row.told_at,
            entered_at=row.entered_at,
            days_late=days_late(row.told_at, row.entered_at),
            told_by=names.get(row.told_by or "", ""),
            way=row.way,
            policies=tuple(cards.get(each, each) for each in row.policies),
            understood=row.understood,
            interested=row.interested,
            next_on=row.next_on,
        )
        for row in tx.session.exec(statement).all()
    ]
