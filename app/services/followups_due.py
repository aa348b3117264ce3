"""Whom to follow up now: after hiring, after training, and on the days that were promised (R04).

Of each origin one day is due at a time: the latest that came; a follow-up done later covers the days before it. A day
that nobody heeded for ``fu.overdue_days`` is let go; the ledger still tells that it was missed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from app import clock
from app.db.database import Transaction
from app.models.codes import code_list
from app.models.employer import Employer, Vacancy
from app.models.guidance import Guidance, PolicyIntro
from app.models.referral import Referral
from app.models.resident import Resident
from app.models.training import TrainingClass
from app.models.visit import Followup, Visit
from app.services.policy import parameter
from app.services.referrals import HIRED
from app.services.training.afterwards import list_follow_ups
from app.texts import _

AHEAD = 3
HARDSHIP = frozenset({"KG02", "KG03"})
"""Priority groups (KG) that are followed up longer: recognised difficulty, zero-employment household."""
_CHUNK = 500


@dataclass(frozen=True)
class FollowupDue:
    """One follow-up to do. ``after_days``: since hiring or completion, None where the day was promised.

    ``promised``: what was to be done next, in words; ``tries``: on how many days nobody was reached so far.
    """

    origin_kind: str
    origin_id: str
    resident_id: str
    name: str
    due_on: date
    about: str
    after_days: int | None = None
    promised: str = ""
    tries: int = 0


@dataclass(frozen=True)
class _Done:
    """What was written down about an origin."""

    due_on: date
    on: date
    over: bool
    left: bool
    tries: int


def list_due(tx: Transaction, *, on: date | None = None, resident_id: str | None = None) -> list[FollowupDue]:
    """Return the follow-ups due from some time ago to three days ahead, of all or of one person, earliest first."""
    day = on or clock.today()
    back = timedelta(days=int(parameter(tx, "fu.overdue_days", day)))
    window = _Window(day, day - back, day + timedelta(days=AHEAD))
    planned = [*_after_hiring(tx, window, resident_id), *_after_training(tx, window, resident_id)]
    planned += _promised_followups(tx, window, resident_id)
    found = _latest_open(tx, planned, day)
    found += _promised(tx, window, resident_id)
    return sorted(found, key=lambda due: (due.due_on, due.name, due.origin_id))


@dataclass(frozen=True)
class _Window:
    today: date
    first: date
    last: date

    def holds(self, day: date) -> bool:
        """Tell whether the day is in it."""
        return self.first <= day <= self.last


def find_due(tx: Transaction, origin_id: str, *, on: date | None = None) -> FollowupDue | None:
    """Return what is due of one origin, or None."""
    return next((due for due in list_due(tx, on=on) if due.origin_id == origin_id), None)


def _latest_open(tx: Transaction, planned: Sequence[FollowupDue], today: date) -> list[FollowupDue]:
    """Keep, of each origin, the latest day that nobody followed up; the next one only where none is left."""
    done = _done_of(tx, list({due.origin_id for due in planned}))
    kept: dict[str, FollowupDue] = {}
    for due in sorted(planned, key=lambda each: each.due_on):
        records = done.get(due.origin_id, ())
        if due.after_days is not None and any(each.left for each in records):
            continue
        if any(_covers(each, due.due_on) for each in records):
            continue
        tries = max((each.tries for each in records if each.due_on == due.due_on), default=0)
        known = kept.get(due.origin_id)
        if known is None or due.due_on <= today or known.due_on > today:
            kept[due.origin_id] = _with_tries(due, tries)
    return list(kept.values())


def _covers(record: _Done, due_on: date) -> bool:
    """Tell whether a record does for a day: once over, for its own and every day up to when it was done."""
    return record.over and (record.due_on >= due_on or record.on >= due_on)


def _with_tries(due: FollowupDue, tries: int) -> FollowupDue:
    return FollowupDue(**{**due.__dict__, "tries": tries})


def _done_of(tx: Transaction, origin_ids: Sequence[str]) -> dict[str, list[_Done]]:
    found: dict[str, list[_Done]] = {}
    for start in range(0, len(origin_ids), _CHUNK):
        statement = select(
            col(Followup.origin_id),
            col(Followup.due_on),
            col(Followup.done_at),
            col(Followup.result),
            col(Followup.still_employed),
            col(Followup.tried_on),
        ).where(col(Followup.origin_id).in_(origin_ids[start : start + _CHUNK]), col(Followup.deleted_at).is_(None))
        for row in tx.rows(statement):
            on = clock.to_local(row.done_at).date()
            record = _Done(row.due_on, on, row.result is not None, row.still_employed is False, len(row.tried_on))
            found.setdefault(row.origin_id, []).append(record)
    return found


def _after_hiring(tx: Transaction, window: _Window, resident_id: str | None) -> Iterator[FollowupDue]:
    usual = [int(days) for days in parameter(tx, "fu.onboard", window.today)]
    longer = [int(days) for days in parameter(tx, "fu.onboard_hardship", window.today)]
    if not usual and not longer:
        return
    statement = (
        select(
            col(Referral.id),
            col(Referral.resident_id),
            col(Referral.onboard_date),
            col(Resident.name),
            col(Resident.priority_groups),
            col(Employer.name).label("employer"),
        )
        .join(Resident, col(Resident.id) == col(Referral.resident_id))
        .outerjoin(Vacancy, col(Vacancy.id) == col(Referral.vacancy_id))
        .outerjoin(Employer, col(Employer.id) == col(Vacancy.employer_id))
        .where(col(Referral.outcome) == HIRED, col(Referral.deleted_at).is_(None), col(Resident.deleted_at).is_(None))
        .where(col(Referral.onboard_date) >= window.first - timedelta(days=max(usual + longer)))
        .where(col(Referral.onboard_date) <= window.last - timedelta(days=min(usual + longer)))
    )
    if resident_id is not None:
        statement = statement.where(col(Referral.resident_id) == resident_id)
    for row in tx.rows(statement):
        groups = {item.get("code") if isinstance(item, dict) else item for item in row.priority_groups}
        for after in longer if groups & HARDSHIP else usual:
            due_on = row.onboard_date + timedelta(days=after)
            if window.holds(due_on):
                yield FollowupDue(
                    "referral", row.id, row.resident_id, row.name, due_on, row.employer or "—", after_days=after
                )


def _after_training(tx: Transaction, window: _Window, resident_id: str | None) -> Iterator[FollowupDue]:
    dues = list_follow_ups(tx, on=window.today, ahead=AHEAD, back=(window.today - window.first).days)
    here = _live(tx, {due.resident_id for due in dues})
    classes = {due.class_id for due in dues}
    statement = select(col(TrainingClass.id), col(TrainingClass.title)).where(col(TrainingClass.id).in_(classes))
    titles = {row.id: row.title for row in tx.rows(statement)} if classes else {}
    for due in dues:
        if due.resident_id in here and resident_id in (None, due.resident_id):
            about = titles.get(due.class_id, "—")
            who = (due.enrolment_id, due.resident_id, due.name)
            yield FollowupDue("enrolment", *who, due.due_on, about, after_days=due.after_days)


def _live(tx: Transaction, ids: set[str]) -> set[str]:
    """Return which of these people have a file here."""
    if not ids:
        return set()
    statement = select(col(Resident.id)).where(col(Resident.id).in_(ids), col(Resident.deleted_at).is_(None))
    return {row.id for row in tx.rows(statement)}


def _promised_followups(tx: Transaction, window: _Window, resident_id: str | None) -> Iterator[FollowupDue]:
    """Yield the next days that follow-ups named: they belong to the same origin."""
    statement = (
        select(
            col(Followup.origin_kind),
            col(Followup.origin_id),
            col(Followup.resident_id),
            col(Followup.next_on),
            col(Resident.name),
        )
        .join(Resident, col(Resident.id) == col(Followup.resident_id))
        .where(col(Followup.next_on) >= window.first, col(Followup.next_on) <= window.last)
        .where(col(Followup.deleted_at).is_(None), col(Resident.deleted_at).is_(None))
    )
    if resident_id is not None:
        statement = statement.where(col(Followup.resident_id) == resident_id)
    for row in tx.rows(statement):
        yield FollowupDue(
            row.origin_kind,
            row.origin_id,
            row.resident_id,
            row.name,
            row.next_on,
            code_list("FU_ORIGIN").label(row.origin_kind),
            promised=_("再回访一次"),
        )


def _promised(tx: Transaction, window: _Window, resident_id: str | None) -> list[FollowupDue]:
    """Return the next days that visits, guidance and policy talks named and nobody heeded since."""
    found: list[FollowupDue] = []
    kinds: tuple[tuple[str, Any, Any], ...] = (
        ("visit", Visit, col(Visit.visited_at)),
        ("guidance", Guidance, col(Guidance.guided_at)),
        ("policy_intro", PolicyIntro, col(PolicyIntro.told_at)),
    )
    for kind, model, moment in kinds:
        statement = (
            select(model.id, model.resident_id, model.next_on, moment.label("happened_at"), col(Resident.name))
            .join(Resident, col(Resident.id) == model.resident_id)
            .where(model.next_on >= window.first, model.next_on <= window.last, model.deleted_at.is_(None))
            .where(col(Resident.deleted_at).is_(None))
        )
        if model is Visit:
            statement = statement.add_columns(col(Visit.next_action))
        if resident_id is not None:
            statement = statement.where(model.resident_id == resident_id)
        rows = tx.rows(statement)
        later = _later_by_person(tx, {row.resident_id for row in rows})
        for row in rows:
            if not _was_heeded(row, later):
                words = code_list("NEXT_ACTION").label(row.next_action) if kind == "visit" else ""
                about = code_list("FU_ORIGIN").label(kind)
                who = (row.id, row.resident_id, row.name)
                found.append(FollowupDue(kind, *who, row.next_on, about, promised=words or _("再联系一次")))
    return _with_tries_of_promises(tx, found)


def _was_heeded(row: Any, later: Mapping[str, list[datetime]]) -> bool:
    """Tell whether something was done for the person from the day before on, but not on the day of the promise."""
    made, first = clock.to_local(row.happened_at).date(), row.next_on - timedelta(days=1)
    for moment in later.get(row.resident_id, ()):
        day = clock.to_local(moment).date()
        if moment > row.happened_at and day >= first and (day > made or row.next_on == made):
            return True
    return False


def _later_by_person(tx: Transaction, people: set[str]) -> dict[str, list[datetime]]:
    """Return person → when something was done for her: visit, guidance, talk, slip, or a follow-up that is over."""
    kinds: tuple[tuple[Any, Any, Any], ...] = (
        (Visit, col(Visit.visited_at), None),
        (Guidance, col(Guidance.guided_at), None),
        (PolicyIntro, col(PolicyIntro.told_at), None),
        (Referral, col(Referral.issued_at), None),
        (Followup, col(Followup.done_at), col(Followup.result).is_not(None)),
    )
    found: dict[str, list[datetime]] = {}
    for model, moment, only in kinds if people else ():
        statement = select(model.resident_id, moment).where(model.resident_id.in_(people), model.deleted_at.is_(None))
        for who, when in tx.rows(statement if only is None else statement.where(only)):
            found.setdefault(who, []).append(when)
    return found


def _with_tries_of_promises(tx: Transaction, dues: list[FollowupDue]) -> list[FollowupDue]:
    done = _done_of(tx, [due.origin_id for due in dues])
    return [_with_tries(due, max((each.tries for each in done.get(due.origin_id, ())), default=0)) for due in dues]


def say_due(due: FollowupDue) -> str:
    """Return why a follow-up is due, in one line."""
    if due.origin_kind == "referral" and due.after_days is not None:
        text = _("上岗满 {n} 天：{employer}，问在岗、合同、社保", n=due.after_days, employer=due.about)
    elif due.after_days is not None:
        text = _("结业满 {n} 天：{title}，问用上了没有", n=due.after_days, title=due.about)
    else:
        text = _("{origin}时说好：{what}", origin=due.about, what=due.promised)
    return text + (_("；试过 {n} 天没联系上", n=due.tries) if due.tries else "")
