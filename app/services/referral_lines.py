"""Lists of referrals, one line each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlmodel import col

from app.db.database import Transaction
from app.models.employer import Employer, Vacancy
from app.models.referral import Referral
from app.models.resident import Resident


@dataclass(frozen=True)
class ReferralLine:
    """One line of a referral list."""

    id: str
    slip_no: str
    resident_id: str
    resident_name: str
    vacancy_id: str
    vacancy_title: str
    employer_name: str
    issued_at: datetime
    valid_until: date
    state: str
    outcome: str | None
    outcome_reason: str | None
    onboard_date: date | None
    issued_by: str | None
    rev: int
    place: str | None = None


def list_referrals(
    tx: Transaction,
    *,
    resident_id: str | None = None,
    states: Sequence[str] | None = None,
    filter_text: str = "",
    limit: int = 500,
) -> list[ReferralLine]:
    """Return referrals, newest first; ``filter_text`` looks into slip number, person, employer and title."""
    statement = _lines().where(col(Referral.deleted_at).is_(None))
    if resident_id is not None:
        statement = statement.where(col(Referral.resident_id) == resident_id)
    if states is not None:
        statement = statement.where(col(Referral.state).in_(states))
    if filter_text:
        pattern = col(Referral.slip_no).contains(filter_text, autoescape=True)
        for column in (col(Resident.name), col(Employer.name), col(Vacancy.title)):
            pattern |= column.contains(filter_text, autoescape=True)
        statement = statement.where(pattern)
    statement = statement.order_by(col(Referral.issued_at).desc(), col(Referral.id).desc()).limit(limit)
    return [ReferralLine(*row) for row in tx.rows(statement)]


def _lines() -> Select[*tuple[Any, ...]]:
    return (
        select(
            col(Referral.id),
            col(Referral.slip_no),
            col(Referral.resident_id),
            col(Resident.name),
            col(Referral.vacancy_id),
            func.coalesce(col(Vacancy.title), ""),
            func.coalesce(col(Employer.name), ""),
            col(Referral.issued_at),
            col(Referral.valid_until),
            col(Referral.state),
            col(Referral.outcome),
            col(Referral.outcome_reason),
            col(Referral.onboard_date),
            col(Referral.issued_by),
            col(Referral.rev),
            col(Referral.place),
        )
        .join(Resident, col(Resident.id) == col(Referral.resident_id))
        .outerjoin(Vacancy, col(Vacancy.id) == col(Referral.vacancy_id))
        .outerjoin(Employer, col(Employer.id) == col(Vacancy.employer_id))
    )
