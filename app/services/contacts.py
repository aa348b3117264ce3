"""When the station last spoke with somebody: referral, visit, follow-up, guidance, training (domain sheet 2.3).

A visit that found nobody, or family only, is no contact; nor is a follow-up that reached nobody.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlmodel import col

from app.db.database import Transaction
from app.models.guidance import Guidance, PolicyIntro
from app.models.referral import Referral
from app.models.training import Enrolment
from app.models.visit import SPOKEN_TO, Followup, Visit

_CHUNK = 500


def last_contacts(tx: Transaction, resident_ids: Sequence[str]) -> dict[str, datetime]:
    """Return resident → the last contact, of those with any."""
    found: dict[str, datetime] = {}
    for start in range(0, len(resident_ids), _CHUNK):
        for statement in _questions(resident_ids[start : start + _CHUNK]):
            for resident_id, moment in tx.rows(statement):
                if isinstance(moment, datetime) and (resident_id not in found or moment > found[resident_id]):
                    found[resident_id] = moment
    return found


def _questions(ids: Sequence[str]) -> Iterator[Select[Any]]:
    kinds: tuple[tuple[type[Any], Any, Any], ...] = (
        (Referral, col(Referral.issued_at), None),
        (Visit, col(Visit.visited_at), col(Visit.outcome).in_(SPOKEN_TO)),
        (Followup, col(Followup.done_at), col(Followup.reached).is_(True)),
        (Guidance, col(Guidance.guided_at), None),
        (PolicyIntro, col(PolicyIntro.told_at), None),
        (Enrolment, col(Enrolment.created_at), None),
    )
    for model, moment, only in kinds:
        statement = select(model.resident_id, func.max(moment)).where(
            model.resident_id.in_(ids), model.deleted_at.is_(None)
        )
        yield (statement if only is None else statement.where(only)).group_by(model.resident_id)
