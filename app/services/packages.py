"""How far somebody's service package is (1131: policy, guidance, referrals, training or internship).

Each part is counted from the records themselves, each day once: a policy explained during a visit and noted as a policy
introduction the same day is one service. A visit's “job referral” does not count: a referral is a slip.
"""

from datetime import date

from sqlalchemy import select
from sqlmodel import col

from app import clock
from app.db.database import Transaction
from app.models.guidance import Guidance, PolicyIntro
from app.models.training import DROPPED, Enrolment
from app.models.visit import Visit
from app.services.field_pointers import visits_with

POLICY, COACHING, TRAINING, INTERNSHIP = "A", "B", "D", "E"
"""Services given at a visit (code list SERVICE)."""


def services_done(tx: Transaction, resident_id: str) -> dict[str, int]:
    """Return part of the package → on how many days it was given; ``referral`` is counted from the slips."""
    at_visits: dict[str, set[date]] = {}
    visits = select(col(Visit.visited_at), col(Visit.services), col(Visit.policies)).where(
        visits_with(tx, resident_id), col(Visit.deleted_at).is_(None)
    )
    for row in tx.rows(visits):
        given = set(row.services) | ({POLICY} if row.policies else set())
        for code in given:
            at_visits.setdefault(code, set()).add(clock.to_local(row.visited_at).date())
    policy = _days(tx, PolicyIntro, col(PolicyIntro.told_at), resident_id) | at_visits.get(POLICY, set())
    guidance = _days(tx, Guidance, col(Guidance.guided_at), resident_id) | at_visits.get(COACHING, set())
    offered = at_visits.get(TRAINING, set()) | at_visits.get(INTERNSHIP, set()) | _sign_ups(tx, resident_id)
    return {"policy": len(policy), "guidance": len(guidance), "training_or_internship": len(offered)}


def _days(tx: Transaction, model: type[Guidance] | type[PolicyIntro], moment: object, resident_id: str) -> set[date]:
    statement = select(moment).where(  # type: ignore[call-overload]
        col(model.resident_id) == resident_id, col(model.deleted_at).is_(None)
    )
    return {clock.to_local(row[0]).date() for row in tx.rows(statement)}


def _sign_ups(tx: Transaction, resident_id: str) -> set[date]:
    statement = select(col(Enrolment.enrolled_on)).where(
        col(Enrolment.resident_id) == resident_id,
        col(Enrolment.state) != DROPPED,
        col(Enrolment.deleted_at).is_(None),
    )
    return {row.enrolled_on for row in tx.rows(statement)}
