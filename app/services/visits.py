"""Visits (认百家门): record, correct, list; what a visit found may become the person's employment status."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import col, select

from app import clock
from app.db.database import Transaction
from app.errors import InvalidInputError
from app.models.base import parse_draft
from app.models.resident import Household, Resident
from app.models.visit import Visit, VisitDraft
from app.services.entering import check_late, check_staff, days_late
from app.services.field_pointers import visits_with
from app.services.numbers import VISIT, next_number
from app.services.policy_cards import card_names, check_cards
from app.services.registrations import REGISTERED_UNEMPLOYED
from app.services.residents import set_emp_status
from app.services.staff import staff_names
from app.texts import _

POLICY_INTRODUCTION = "A"
"""Service given (SERVICE) that follows from policies explained."""


@dataclass(frozen=True)
class VisitLine:
    """One visit of a person's list. ``days_late``: how much later than it happened it was entered."""

    id: str
    rec_no: str | None
    resident_id: str
    household_id: str | None
    visit_type: str
    visited_at: datetime
    entered_at: datetime
    days_late: int
    visitors: tuple[str, ...]
    contact_way: str | None
    outcome: str
    needs: tuple[str, ...]
    needs_text: str | None
    services: tuple[str, ...]
    policies: tuple[str, ...]
    next_action: str | None
    next_on: date | None
    narrative: str | None


def record_visit(tx: Transaction, values: Mapping[str, Any], *, take_status: bool = False) -> Visit:
    """Write down a visit; ``take_status``: what it found becomes the person's employment status.

    Without ``visitors`` the actor went alone; the household is the person's own unless another is named.

    Raises:
        InvalidInputError: by field.
        NotFoundError: there is no such resident or household.
    """
    tx.act("visit.record")
    own = [tx.actor_id] if tx.actor_id else []
    draft = parse_draft(VisitDraft, {"visitors": own, **values, "entered_at": clock.now()})
    resident = tx.get(Resident, draft.resident_id)
    draft.household_id = draft.household_id or resident.household_id
    if draft.household_id != resident.household_id:
        tx.get(Household, draft.household_id)
    _tidy(draft)
    _check(tx, draft, new_policies=draft.policies, new_people=draft.also_met)
    row = Visit.from_draft(draft)
    row.rec_no = next_number(tx, VISIT)
    tx.add(row)
    if take_status:
        _take_status(tx, resident, row)
    return row


def edit_visit(tx: Transaction, visit_id: str, values: Mapping[str, Any]) -> Visit:
    """Correct a visit; whose it is and when it was entered stay.

    Raises:
        InvalidInputError: by field.
        NotFoundError: there is no such visit.
    """
    tx.act("visit.edit")
    row = tx.get(Visit, visit_id)
    known = row.model_dump(include=set(VisitDraft.model_fields))
    kept = {"entered_at": row.entered_at, "resident_id": row.resident_id}
    draft = parse_draft(VisitDraft, {**known, **values, **kept})
    _tidy(draft)
    fresh = [each for each in draft.policies if each not in row.policies]
    _check(tx, draft, new_policies=fresh, new_people=[each for each in draft.also_met if each not in row.also_met])
    tx.change(row, draft.model_dump())
    return row


def _check(tx: Transaction, draft: VisitDraft, *, new_policies: Sequence[str], new_people: Sequence[str]) -> None:
    check_late(tx, draft.visited_at, draft.entered_at, draft.late_why)
    check_staff(tx, "visitors", draft.visitors)
    check_cards(tx, new_policies, clock.to_local(draft.visited_at).date())
    for each in new_people:
        person = tx.find(Resident, each)
        if person is None or not draft.household_id or person.household_id != draft.household_id:
            raise InvalidInputError({"also_met": _("同时见到的人要是这一户的，先把她写进家庭")})


def _tidy(draft: VisitDraft) -> None:
    """Let what follows follow: nobody twice, and policies explained are a policy introduction."""
    draft.also_met = [each for each in dict.fromkeys(draft.also_met) if each != draft.resident_id]
    draft.visitors = list(dict.fromkeys(draft.visitors))
    draft.policies = list(dict.fromkeys(draft.policies))
    if draft.policies and POLICY_INTRODUCTION not in draft.services:
        draft.services = [POLICY_INTRODUCTION, *draft.services]


def may_take_status(resident: Resident, found: str | None) -> bool:
    """Tell whether what a visit found may become the status: registered unemployment has its own forms."""
    return bool(found) and REGISTERED_UNEMPLOYED not in (found, resident.emp_status) and found != resident.emp_status


def _take_status(tx: Transaction, resident: Resident, visit: Visit) -> None:
    found = visit.emp_status_found
    if not found or found == resident.emp_status:
        return
    if not may_take_status(resident, found):
        text = _("登记失业要走失业登记或注销，走访里不能直接改")
        raise InvalidInputError({"emp_status_found": text})
    since = clock.to_local(visit.visited_at).date()
    set_emp_status(tx, resident, found, source="走访", since=since)


def list_visits(tx: Transaction, resident_id: str, *, limit: int = 200) -> list[VisitLine]:
    """Return a person's visits, newest first: her own and those of others at which she was met too."""
    statement = (
        select(Visit)
        .where(visits_with(tx, resident_id), col(Visit.deleted_at).is_(None))
        .order_by(col(Visit.visited_at).desc(), col(Visit.id).desc())
        .limit(limit)
    )
    names, cards = staff_names(tx), card_names(tx)
    return [_line(row, names, cards) for row in tx.session.exec(statement).all()]


def _line(row: Visit, names: Mapping[str, str], cards: Mapping[str, str]) -> VisitLine:
    return VisitLine(
        id=row.id,
        rec_no=row.rec_no,
        resident_id=row.resident_id,
        household_id=row.household_id,
        visit_type=row.visit_type,
        visited_at=row.visited_at,
        entered_at=row.entered_at,
        days_late=days_late(row.visited_at, row.entered_at),
        visitors=tuple(names.get(each, "") for each in row.visitors),
        contact_way=row.contact_way,
        outcome=row.outcome,
        needs=tuple(row.needs),
        needs_text=row.needs_text,
        services=tuple(row.services),
        policies=tuple(cards.get(each, each) for each in row.policies),
        next_action=row.next_action,
        next_on=row.next_on,
        narrative=row.narrative,
    )
