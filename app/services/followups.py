"""Follow-ups: record every try, correct, list. Each belongs to what it follows up: a referral, a class, a visit."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import col, select

from app import clock
from app.db.database import Transaction
from app.errors import InvalidInputError, NotFoundError, RuleError
from app.models.base import Record, parse_draft
from app.models.employer import Vacancy
from app.models.referral import Referral
from app.models.registry import find_type, type_of
from app.models.resident import Resident
from app.models.visit import EMPLOYERS, IN_JOB, JOBSEEKER, TRAINEE, UNREACHABLE, Followup, FollowupDraft
from app.services.entering import check_late, days_late
from app.services.numbers import FOLLOWUP, next_number
from app.services.policy import parameter
from app.services.referrals import HIRED
from app.services.staff import staff_names
from app.texts import _

_CLEARED = ("still_employed", "contract_signed", "si_paid", "wage_paid_ok", "left_on", "left_why", "satisfaction")
"""What only somebody who was reached can have said."""


@dataclass(frozen=True)
class FollowupLine:
    """One follow-up of a list; ``by``: who entered it. ``open``: nobody was reached yet, it is tried again."""

    id: str
    rec_no: str | None
    target_kind: str
    origin_kind: str
    origin_id: str
    due_on: date
    done_at: datetime
    entered_at: datetime
    days_late: int
    way: str | None
    reached: bool
    attempts: int
    still_employed: bool | None
    result: str | None
    difficulty: str | None
    satisfaction: int | None
    next_on: date | None
    by: str

    @property
    def open(self) -> bool:
        """Tell whether it is still to be tried."""
        return self.result is None


def record_followup(tx: Transaction, values: Mapping[str, Any]) -> Followup:
    """Write down a try to follow somebody up.

    A try that reached nobody stays open and counts on; after failed tries on as many different days as the district
    says, the result is 无法联系. Without ``target_kind`` it follows from the origin, as does the person.

    Raises:
        InvalidInputError: by field.
        NotFoundError: what it follows up, or the person, is not here.
        RuleError: this due day was followed up already.
    """
    tx.act("followup.record")
    origin = origin_of(tx, str(values.get("origin_kind") or ""), str(values.get("origin_id") or ""))
    given = {**_target_of(tx, origin), **{name: value for name, value in values.items() if value not in (None, "")}}
    given["entered_at"] = clock.now()
    draft = parse_draft(FollowupDraft, {**given, "attempts": 1, "tried_on": []})
    row = _open_one(tx, draft)
    if row is not None:
        draft.attempts, draft.tried_on = row.attempts + 1, list(row.tried_on)
    _check_person(tx, draft, origin)
    _count_try(tx, draft)
    check_late(tx, draft.done_at, draft.entered_at, draft.late_why)
    if row is not None:
        tx.change(row, draft.model_dump())
        return row
    row = Followup.from_draft(draft)
    row.rec_no = next_number(tx, FOLLOWUP)
    return tx.add(row)


def edit_followup(tx: Transaction, followup_id: str, values: Mapping[str, Any]) -> Followup:
    """Correct what a follow-up says; whose it is, what it belongs to and how often it was tried stay.

    Raises:
        InvalidInputError: by field.
        NotFoundError: there is no such follow-up.
    """
    tx.act("followup.edit")
    row = tx.get(Followup, followup_id)
    known = row.model_dump(include=set(FollowupDraft.model_fields))
    stays = ("target_kind", "resident_id", "employer_id", "origin_kind", "origin_id", "due_on", "attempts", "tried_on")
    kept = {name: known[name] for name in (*stays, "entered_at")}
    draft = parse_draft(FollowupDraft, {**known, **values, **kept})
    if not draft.reached and draft.result == UNREACHABLE and row.result != UNREACHABLE:
        _check_gives_up(tx, draft)
    if not draft.reached:
        _clear(draft)
    check_late(tx, draft.done_at, draft.entered_at, draft.late_why)
    tx.change(row, draft.model_dump())
    return row


def _open_one(tx: Transaction, draft: FollowupDraft) -> Followup | None:
    """Return the follow-up of that due day that is still to be tried.

    Raises:
        RuleError: that day's was done.
    """
    statement = select(Followup).where(
        col(Followup.origin_id) == draft.origin_id,
        col(Followup.due_on) == draft.due_on,
        col(Followup.deleted_at).is_(None),
    )
    found = tx.session.exec(statement.order_by(col(Followup.done_at).desc())).first()
    if found is not None and found.result is not None:
        raise RuleError(_("{day} 该做的回访已经做过了，要改就改那一条", day=found.due_on), code="followup.done")
    return found


def _count_try(tx: Transaction, draft: FollowupDraft) -> None:
    """Add today's failed try; after enough days the person counts as unreachable."""
    if draft.reached:
        return
    day = clock.to_local(draft.done_at).date().isoformat()
    draft.tried_on = sorted({*draft.tried_on, day})
    _clear(draft)
    if len(draft.tried_on) >= _days_to_try(tx):
        draft.result = UNREACHABLE
    elif draft.result == UNREACHABLE:
        _check_gives_up(tx, draft)


def _check_gives_up(tx: Transaction, draft: FollowupDraft) -> None:
    days, need = len(draft.tried_on), _days_to_try(tx)
    if days < need:
        text = _("试满 {need} 天才算无法联系，现在试了 {n} 天", need=need, n=days)
        raise InvalidInputError({"result": text})


def _days_to_try(tx: Transaction) -> int:
    return int(parameter(tx, "fu.attempts"))


def _clear(draft: FollowupDraft) -> None:
    for name in _CLEARED:
        setattr(draft, name, None)


def origin_of(tx: Transaction, kind: str, record_id: str) -> Record:
    """Return the record that a follow-up belongs to.

    Raises:
        InvalidInputError: nothing is named.
        NotFoundError: it is not here.
    """
    facts = find_type(kind)
    if facts is None or not record_id:
        raise InvalidInputError({"origin_kind": _("要说是哪件事的回访")})
    return tx.get(facts.model, record_id)


def _target_of(tx: Transaction, origin: Record) -> dict[str, Any]:
    """Return whom the origin is about, and as what."""
    kind = type_of(type(origin)).name
    found: dict[str, Any] = {"target_kind": target_kind_of(kind, getattr(origin, "outcome", None))}
    found["resident_id"] = getattr(origin, "resident_id", None)
    if isinstance(origin, Referral):
        vacancy = tx.find(Vacancy, origin.vacancy_id)
        found["employer_id"] = vacancy.employer_id if vacancy is not None else None
    elif isinstance(origin, Followup):
        found["target_kind"], found["employer_id"] = origin.target_kind, origin.employer_id
    return found


def target_kind_of(origin_kind: str, outcome: str | None) -> str:
    """Return as what somebody is followed up (FU_TARGET) after a slip with that outcome, a class, or anything else."""
    if origin_kind == "referral" and outcome == HIRED:
        return IN_JOB
    return TRAINEE if origin_kind == "enrolment" else JOBSEEKER


def _check_person(tx: Transaction, draft: FollowupDraft, origin: Record) -> None:
    if draft.target_kind in EMPLOYERS:
        draft.resident_id = None
        return
    if draft.resident_id != getattr(origin, "resident_id", draft.resident_id):
        raise InvalidInputError({"resident_id": _("这件事不是这个人的")})
    if tx.find(Resident, draft.resident_id) is None:
        raise NotFoundError(_("这位居民的档案不在本站，回访由她的站做"))


def list_followups(tx: Transaction, resident_id: str, *, limit: int = 200) -> list[FollowupLine]:
    """Return a person's follow-ups, newest first."""
    statement = (
        select(Followup)
        .where(col(Followup.resident_id) == resident_id, col(Followup.deleted_at).is_(None))
        .order_by(col(Followup.done_at).desc(), col(Followup.id).desc())
        .limit(limit)
    )
    names = staff_names(tx)
    return [_line(row, names) for row in tx.session.exec(statement).all()]


def _line(row: Followup, names: Mapping[str, str]) -> FollowupLine:
    return FollowupLine(
        id=row.id,
        rec_no=row.rec_no,
        target_kind=row.target_kind,
        origin_kind=row.origin_kind,
        origin_id=row.origin_id,
        due_on=row.due_on,
        done_at=row.done_at,
        entered_at=row.entered_at,
        days_late=days_late(row.done_at, row.entered_at),
        way=row.way,
        reached=row.reached,
        attempts=row.attempts,
        still_employed=row.still_employed,
        result=row.result,
        difficulty=row.difficulty,
        satisfaction=row.satisfaction,
        next_on=row.next_on,
        by=names.get(row.created_by or "", ""),
    )
