"""Places of vacancies as the district gave them, in words: on the slip, in lists, in what there is to do today."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlmodel import col

from app import clock
from app.db.database import Transaction
from app.models.employer import Employer, Vacancy
from app.models.operation import DISTRICT, Operation, OperationEdit
from app.models.referral import Referral
from app.models.resident import Resident
from app.texts import _

HAS_PLACE, WAITS = "1", "2"
OPEN_STATES = ("10", "20", "30")
NEWS_DAYS = 7
"""For so long it is told that somebody moved up."""


@dataclass(frozen=True)
class PlaceNews:
    """One of the station's referrals that waits for a place, or moved up to one lately; decided at ``since``."""

    referral_id: str
    resident_id: str
    name: str
    employer_name: str
    vacancy_title: str
    place: str
    since: datetime | None


def place_label(place: str | None, *, open_now: bool = True) -> str:
    """Return a place in one or two words for a list; nothing where there is nothing to say (yet)."""
    if not open_now:
        return ""
    return {HAS_PLACE: _("有名额"), WAITS: _("候补")}.get(place or "", "")


def place_sentence(place: str | None) -> str:
    """Return what a clerk tells the person of her place."""
    if place == HAS_PLACE:
        return _("区里已确认：有名额")
    if place == WAITS:
        return _("名额已满，排在候补；前面有人退出会自动补上，并在“今日”里提醒")
    return _("名额以区里确认为准，同步后就知道")


def list_place_news(tx: Transaction) -> tuple[PlaceNews, ...]:
    """Return open referrals of this station that wait for a place, and those that moved up within a week."""
    statement = (
        select(
            col(Referral.id),
            col(Referral.resident_id),
            col(Resident.name),
            func.coalesce(col(Employer.name), ""),
            func.coalesce(col(Vacancy.title), ""),
            col(Referral.place),
        )
        .join(Resident, col(Resident.id) == col(Referral.resident_id))
        .outerjoin(Vacancy, col(Vacancy.id) == col(Referral.vacancy_id))
        .outerjoin(Employer, col(Employer.id) == col(Vacancy.employer_id))
        .where(col(Referral.state).in_(OPEN_STATES), col(Referral.deleted_at).is_(None))
        .where(col(Referral.place).is_not(None))
        .order_by(col(Referral.issued_at).desc())
        .limit(300)
    )
    lines = [tuple(row) for row in tx.rows(statement)]
    decided = _decided(tx, [line[0] for line in lines])
    week = clock.now() - timedelta(days=NEWS_DAYS)
    found = []
    for referral, resident, name, employer, title, place in lines:
        before, since = decided.get(referral, (None, None))
        moved_up = place == HAS_PLACE and before == WAITS and since is not None and since >= week
        if place == WAITS or moved_up:
            found.append(PlaceNews(referral, resident, name, employer, title, place, since))
    return tuple(found)


def _decided(tx: Transaction, referrals: list[str]) -> dict[str, tuple[str | None, datetime]]:
    """Return, by referral, what its place was before the district decided it last, and when that was."""
    found: dict[str, tuple[str | None, datetime]] = {}
    for start in range(0, len(referrals), 400):
        statement = (
            select(col(OperationEdit.record_id), col(OperationEdit.changes), col(Operation.made_at))
            .join(Operation, col(Operation.op) == col(OperationEdit.op))
            .where(col(OperationEdit.record_type) == "referral", col(Operation.origin) == DISTRICT)
            .where(col(OperationEdit.record_id).in_(referrals[start : start + 400]))
            .order_by(col(OperationEdit.rev))
        )
        for record_id, changes, made_at in tx.rows(statement):
            if "place" in changes:
                found[record_id] = (changes["place"][0], made_at)
    return found
