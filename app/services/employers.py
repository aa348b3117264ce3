"""Employers: add, edit, verify."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlmodel import col
from sqlmodel import select as pick

from app import clock
from app.db.database import Transaction
from app.errors import RuleError
from app.models.base import month_after, parse_draft
from app.models.employer import Employer, EmployerDraft, Vacancy
from app.services.numbers import EMPLOYER, next_number
from app.services.policy import parameter
from app.texts import _

UNVERIFIED, PASSED, FAILED, SUSPENDED = "10", "20", "30", "40"


@dataclass(frozen=True)
class EmployerLine:
    """One line of the employer list."""

    id: str
    rec_no: str | None
    name: str
    uscc: str | None
    verify_state: str
    contact: str | None
    phone: str | None
    vacancy_count: int


def name_key(name: str) -> str:
    """Return the name without what typists vary: width of brackets and letters, spaces, dots."""
    return re.sub(r"[\s·.,，。()（）\-—_]+", "", unicodedata.normalize("NFKC", name)).casefold()


def add_employer(tx: Transaction, values: Mapping[str, Any], *, complete: bool = True) -> Employer:
    """Register an employer; it waits for verification (人力资源市场暂行条例 26) before its vacancies are published.

    Raises:
        InvalidInputError: by field.
        RuleError: this credit code, or an employer of this name, is registered already.
    """
    tx.act("employer.add")
    draft = parse_draft(EmployerDraft, values, complete=complete)
    known = find_employer(tx, name=draft.name, uscc=draft.uscc)
    if known is not None:
        raise RuleError(
            _("“{name}”已经登记过了（{no}）", name=known.name, no=known.rec_no or "—"), code="employer.exists"
        )
    row = Employer.model_validate(draft.model_dump())
    row.name_key = name_key(draft.name)
    row.rec_no = next_number(tx, EMPLOYER)
    return tx.add(row)


def find_employer(tx: Transaction, *, name: str, uscc: str | None = None) -> Employer | None:
    """Return the live employer with this credit code, else with this name (as ``name_key`` compares)."""
    live = pick(Employer).where(col(Employer.deleted_at).is_(None))
    if uscc:
        found = tx.session.exec(live.where(col(Employer.uscc) == uscc)).first()
        if found is not None:
            return found
    statement = live.where(col(Employer.name_key) == name_key(name)).order_by(col(Employer.id))
    for row in tx.session.exec(statement).all():
        if not (uscc and row.uscc and row.uscc != uscc):
            return row
    return None


def edit_employer(tx: Transaction, employer_id: str, values: Mapping[str, Any]) -> Employer:
    """Change an employer's facts; a changed credit code or name asks for a new verification.

    Raises:
        InvalidInputError: by field.
    """
    tx.act("employer.edit")
    row = tx.get(Employer, employer_id)
    known = row.model_dump(include=set(EmployerDraft.model_fields))
    draft = parse_draft(EmployerDraft, {**known, **values}, complete=False)
    if (draft.uscc, draft.name) != (row.uscc, row.name) and draft.verify_state == PASSED:
        draft.verify_state = UNVERIFIED
    draft.name_key = name_key(draft.name)
    tx.change(row, draft.model_dump())
    return row


def verify_employer(tx: Transaction, employer_id: str, verdict: str, *, why: str | None = None) -> Employer:
    """Say whether the papers of 条例 26 were seen and agree: 20 passed, 30 failed, 40 suspended.

    Raises:
        NotAllowedError: only a supervisor or the district verifies.
        InvalidInputError: it shall pass while the credit code or the licence is missing.
    """
    tx.act("employer.verify")
    row = tx.get(Employer, employer_id)
    if verdict == PASSED:
        known = row.model_dump(include=set(EmployerDraft.model_fields))
        parse_draft(EmployerDraft, known)
    row.verify_state = verdict
    row.verified_by = tx.actor_id
    row.verified_at = clock.now()
    row.review_due = month_after(clock.today(), int(parameter(tx, "employer.review_months")))
    if why:
        row.remark = why[:500]
    return row


def list_employers(tx: Transaction, *, filter_text: str = "", limit: int = 500) -> list[EmployerLine]:
    """Return employers with how many live vacancies each has, by name."""
    statement = _all_lines()
    if filter_text:
        statement = statement.where(col(Employer.name).contains(filter_text, autoescape=True))
    return [EmployerLine(*row) for row in tx.rows(statement.order_by(col(Employer.name)).limit(limit))]


def _all_lines() -> Any:
    count = (
        select(func.count(col(Vacancy.id)))
        .where(col(Vacancy.employer_id) == col(Employer.id), col(Vacancy.deleted_at).is_(None))
        .scalar_subquery()
    )
    return select(
        col(Employer.id),
        col(Employer.rec_no),
        col(Employer.name),
        col(Employer.uscc),
        col(Employer.verify_state),
        col(Employer.contact),
        col(Employer.phone),
        count,
    ).where(col(Employer.deleted_at).is_(None))


def list_by_verification(
    tx: Transaction, states: Sequence[str] = (), *, filter_text: str = "", limit: int = 2000
) -> list[EmployerLine]:
    """Return employers in these states of verification (any when none is named), by name.

    ``filter_text`` looks into the name and the credit code.
    """
    statement = _all_lines()
    if states:
        statement = statement.where(col(Employer.verify_state).in_(states))
    if filter_text:
        found = col(Employer.name).contains(filter_text, autoescape=True)
        statement = statement.where(found | col(Employer.uscc).contains(filter_text.upper(), autoescape=True))
    return [EmployerLine(*row) for row in tx.rows(statement.order_by(col(Employer.name)).limit(limit))]


def count_by_verification(tx: Transaction) -> dict[str, int]:
    """Return how many live employers stand in each state of verification."""
    statement = (
        select(col(Employer.verify_state), func.count())
        .where(col(Employer.deleted_at).is_(None))
        .group_by(col(Employer.verify_state))
    )
    return {str(row[0]): int(row[1]) for row in tx.rows(statement)}


def get_employer(tx: Transaction, employer_id: str) -> tuple[EmployerLine, dict[str, Any]]:
    """Return an employer's line and all its values.

    Raises:
        NotFoundError: there is none.
    """
    row = tx.get(Employer, employer_id)
    line = EmployerLine(*tx.rows(_all_lines().where(col(Employer.id) == employer_id))[0])
    return line, row.model_dump()
