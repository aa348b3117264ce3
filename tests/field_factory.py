"""Fictional visits, follow-ups, guidance and policy introductions."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from app import clock
from app.db.database import Transaction
from app.models.guidance import Guidance, PolicyIntro
from app.models.referral import Referral
from app.models.resident import Resident
from app.models.visit import Followup, Visit
from app.services import followups, guidance, households, policy_intros, referrals, visits

if TYPE_CHECKING:
    from tests.factories import Factory

VISIT: dict[str, Any] = {
    "visit_type": "1",
    "contact_way": "1",
    "outcome": "02",
    "emp_status_found": "22",
    "job_wish": "1",
    "needs": ["1"],
    "next_action": "1",
    "narrative": "想找离家近、白班的工作",
}
HOUSE = {"house_no": "301", "building": "溪桥苑 5 幢", "hukou_household": True, "has_business_income": False}
GUIDANCE: dict[str, Any] = {
    "form": "1",
    "topics": ["4", "5"],
    "problem": "简历没有写清做过什么",
    "advice": "按做过的活重写一份，先考低压电工证",
    "plan_items": [{"what": "报低压电工班", "by": "2026-12-20"}],
    "duration_min": 35,
}


def earlier_today(by: timedelta) -> datetime:
    """Return the instant so much ago, or this day's midnight: of what was done today, also when it has just begun."""
    now = clock.to_local(clock.now())
    return max(now - by, now.replace(hour=0, minute=0, second=0, microsecond=0)).astimezone(UTC)


class FieldFactory:
    """Makes records of field work, through the services."""

    tx: Transaction

    def visit(self, person: Resident | None = None, **values: Any) -> Visit:
        """Record that somebody was met an hour ago, has needs and is to be called in five days."""
        base = {"visited_at": earlier_today(timedelta(hours=1)), "next_on": clock.today() + timedelta(days=5)}
        row = visits.record_visit(self.tx, {**VISIT, **base, "resident_id": (person or self._somebody()).id, **values})
        self.tx.flush()
        return row

    def guidance(self, person: Resident | None = None, **values: Any) -> Guidance:
        base = {**GUIDANCE, "guided_at": earlier_today(timedelta(minutes=5))}
        row = guidance.record_guidance(self.tx, {**base, "resident_id": (person or self._somebody()).id, **values})
        self.tx.flush()
        return row

    def policy_intro(self, person: Resident | None = None, **values: Any) -> PolicyIntro:
        base = {"told_at": clock.now(), "way": "1", "policies": ["si_flex"], "understood": True, "interested": False}
        row = policy_intros.record_intro(self.tx, {**base, "resident_id": (person or self._somebody()).id, **values})
        self.tx.flush()
        return row

    def couple(self) -> tuple[Resident, Resident]:
        """Register two people of one household."""
        first, second = self._somebody(), self._somebody()
        self.tx.flush()
        member = {"able": True, "willing": True, "status_at_check": "22"}
        members = [
            {**member, "resident_id": first.id, "relation": "0"},
            {**member, "resident_id": second.id, "relation": "1"},
        ]
        households.save_household(self.tx, first.id, dict(HOUSE), members)
        self.tx.flush()
        return first, second

    def hired(self, person: Resident | None = None, *, days_ago: int = 7) -> Referral:
        """Let somebody be hired who started work so many days ago."""
        factory: Factory = self  # type: ignore[assignment]
        slip = factory.referral(factory.vacancy(openings=9), person)
        self.tx.flush()
        onboard = clock.today() - timedelta(days=days_ago)
        reply = {"outcome": "1", "onboard_date": onboard, "contract_type": "10", "contract_months": 12}
        row = referrals.record_outcome(self.tx, slip.id, {**reply, "reply_way": "1", "wage_agreed": 480000})
        self.tx.flush()
        return row

    def followup(self, origin: Referral | None = None, **values: Any) -> Followup:
        """Record that somebody hired a week ago was called and is still there."""
        slip = origin or self.hired()
        base = {"origin_kind": "referral", "origin_id": slip.id, "due_on": clock.today(), "done_at": clock.now()}
        said = {"way": "1", "reached": True, "still_employed": True, "si_paid": True, "result": "1"}
        row = followups.record_followup(self.tx, {**base, **said, **values})
        self.tx.flush()
        return row

    def _somebody(self) -> Resident:
        factory: Factory = self  # type: ignore[assignment]
        return factory.resident()
