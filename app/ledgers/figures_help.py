"""Block C of domain sheet 7.3: how the help goes on: first contact, package, visits, follow-ups, review, replies.

The days are those of domain sheet 5.1. They stand here, not in the district's parameters: a figure that changed with
a parameter would not be the same month's figure any more.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, Text, and_, cast, func, literal, or_, select, union_all
from sqlmodel import col

from app.ledgers.base import Ask, days_in, key_columns, moments_in, of_people, of_rows
from app.ledgers.figures import Rows
from app.ledgers.period import Period, midnight
from app.ledgers.portable import days_after, days_between, local_day, seconds_between
from app.models.employer import Vacancy
from app.models.guidance import Guidance, PolicyIntro
from app.models.referral import Referral
from app.models.registration import Registration, UnempReg
from app.models.resident import Resident
from app.models.training import DROPPED, PASSED, Enrolment
from app.models.visit import MET, MET_WITH_NEEDS, SPOKEN_TO, Followup, Visit

VOIDED, HIRED = "60", "1"
CONTACT_DAYS, PACKAGE_DAYS, PACKAGE_SLIPS = 5, 90, 3
AFTER_HIRE, AFTER_HIRE_LONGER, AFTER_CLASS = (7, 30, 90), (180,), (30, 90)
LONGER_FOR = ("KG02", "KG03")
AT_THE_DOOR, SENT_BACK = "1", "25"
SELF_REGISTERED, DISPATCHED = "01", "06"


def referrals(ask: Ask, *conditions: ColumnElement[bool]) -> Select[Any]:
    """Return the slips of which something holds; void ones are none."""
    return (
        select(*key_columns(Referral, col(Referral.resident_id)))
        .outerjoin(Resident, col(Resident.id) == col(Referral.resident_id))
        .where(col(Referral.state) != VOIDED, *conditions)
        .where(*of_rows(ask, Referral, officer=col(Referral.issued_by)), *of_people(ask))
    )


def earlier(period: Period, days: int) -> Period:
    """Return the days whose so-many-th day after lies in the period."""
    back = timedelta(days=days)
    return Period(period.first - back, period.until - back)


# -- C1, C2 first contact ------------------------------------------------------------------------------------------
def leads(ask: Ask) -> Select[Any]:
    """C1's denominator: leads whose fifth day lies in the period.

    A lead is a new unemployment registration, or a jobseeker registration that came by itself (小程序) or by dispatch.
    """
    window = earlier(ask.period, CONTACT_DAYS)
    new = (
        select(*key_columns(UnempReg, col(UnempReg.resident_id)), col(UnempReg.reg_date).label("day"))
        .outerjoin(Resident, col(Resident.id) == col(UnempReg.resident_id))
        .where(days_in(window, col(UnempReg.reg_date)), *of_rows(ask, UnempReg), *of_people(ask))
    )
    came = (
        select(*key_columns(Registration, col(Registration.resident_id)), col(Registration.reg_date).label("day"))
        .outerjoin(Resident, col(Resident.id) == col(Registration.resident_id))
        .where(
            days_in(window, col(Registration.reg_date)),
            col(Registration.source_channel).in_([SELF_REGISTERED, DISPATCHED]),
            *of_rows(ask, Registration),
            *of_people(ask),
        )
    )
    both = new.union_all(came).subquery()
    return select(both)


def contacted(ask: Ask) -> Select[Any]:
    """C2's denominator: of the leads, who was contacted before the end; ``amount``: days until then.

    Contact is what is contact elsewhere (services.contacts): referral, guidance, policy introduction, a visit or call
    in which she herself was spoken to. It counts from the day of registration on, by local days.
    """
    lead = leads(ask).subquery()
    spoken = _contacts(earlier(ask.period, CONTACT_DAYS).first, ask.period)
    waited = func.min(days_between(lead.c.day, spoken.c.day))
    keys = (lead.c.row_id, lead.c.resident_id, lead.c.row_station)
    return (
        select(*keys, waited.label("amount"))
        .join(spoken, and_(spoken.c.person == lead.c.resident_id, spoken.c.day >= lead.c.day))
        .group_by(*keys, lead.c.day)
    )


def contacted_in_time(ask: Ask) -> Select[Any]:
    """C1 5日联系率's numerator: contacted on the fifth day after the lead at the latest."""
    waited = contacted(ask).subquery()
    return select(waited).where(waited.c.amount <= CONTACT_DAYS)


def _contacts(since: date, period: Period) -> Subquery:
    """Return person and local day of every contact from a day to the period's end."""
    ways: tuple[tuple[Any, Any, ColumnElement[bool] | None], ...] = (
        (Referral, Referral.issued_at, col(Referral.state) != VOIDED),
        (Visit, Visit.visited_at, col(Visit.outcome).in_(sorted(SPOKEN_TO))),
        (Followup, Followup.done_at, col(Followup.reached).is_(True)),
        (Guidance, Guidance.guided_at, None),
        (PolicyIntro, PolicyIntro.told_at, None),
    )
    parts = []
    for model, moment, holds in ways:
        found: Select[Any] = select(col(model.resident_id).label("person"), local_day(col(moment)).label("day"))
        found = found.where(col(model.deleted_at).is_(None))
        found = found.where(col(moment) >= midnight(since), col(moment) < period.end)
        parts.append(found if holds is None else found.where(holds))
    contacts: Subquery = union_all(*parts).subquery()
    return contacts


# -- C3 the package ------------------------------------------------------------------------------------------------
def package_due(ask: Ask) -> Select[Any]:
    """C3's denominator: jobseekers whose ninetieth day after registration lies in the period (domain sheet 5.1)."""
    return (
        select(*key_columns(Registration, col(Registration.resident_id)))
        .outerjoin(Resident, col(Resident.id) == col(Registration.resident_id))
        .where(
            days_in(earlier(ask.period, PACKAGE_DAYS), col(Registration.reg_date)),
            *of_rows(ask, Registration),
            *of_people(ask),
        )
    )


def package_of(*parts: str) -> Rows:
    """Return the rows of C3: who had these parts of the package within ninety days of registration."""
    known = {"policy": _told, "guidance": _guided, "referral": _referred, "training": _trained}

    def rows(ask: Ask) -> Select[Any]:
        return package_due(ask).where(*(known[part]() for part in parts))

    return rows


def _in_time(day: Any) -> ColumnElement[bool]:
    began = col(Registration.reg_date)
    return and_(day >= began, day <= days_after(began, literal(PACKAGE_DAYS)))


def _given(model: Any, day: Any, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    own = (col(model.resident_id) == col(Registration.resident_id), col(model.deleted_at).is_(None))
    return select(col(model.id)).where(*own, _in_time(day), *conditions).exists()


def _at_a_visit(*services: str) -> ColumnElement[bool]:
    text = cast(col(Visit.services), Text)
    return _given(Visit, local_day(col(Visit.visited_at)), or_(*(text.contains(f'"{each}"') for each in services)))


def _told() -> ColumnElement[bool]:
    return or_(_given(PolicyIntro, local_day(col(PolicyIntro.told_at))), _at_a_visit("A"))


def _guided() -> ColumnElement[bool]:
    return or_(_given(Guidance, local_day(col(Guidance.guided_at))), _at_a_visit("B"))


def _referred() -> ColumnElement[bool]:
    slips = select(func.count(col(Referral.vacancy_id).distinct())).where(
        col(Referral.resident_id) == col(Registration.resident_id),
        col(Referral.deleted_at).is_(None),
        col(Referral.state) != VOIDED,
        _in_time(local_day(col(Referral.issued_at))),
    )
    return slips.scalar_subquery() >= PACKAGE_SLIPS


def _trained() -> ColumnElement[bool]:
    signed_up = _given(Enrolment, col(Enrolment.enrolled_on), col(Enrolment.state) != DROPPED)
    return or_(signed_up, _at_a_visit("D", "E"))


# -- C5 visits -----------------------------------------------------------------------------------------------------
def visits(ask: Ask) -> Select[Any]:
    """C5 走访覆盖户数: visits of the period; ``unit``: the household, or the person where no household is known."""
    return (
        select(
            *key_columns(Visit, col(Visit.resident_id)),
            func.coalesce(col(Visit.household_id), col(Visit.resident_id)).label("unit"),
        )
        .outerjoin(Resident, col(Resident.id) == col(Visit.resident_id))
        .where(moments_in(ask.period, col(Visit.visited_at)), *of_rows(ask, Visit), *of_people(ask))
    )


def visits_at_the_door(ask: Ask) -> Select[Any]:
    """C5 入户见到率's denominator: visits of the period made at the door."""
    return visits(ask).where(col(Visit.contact_way) == AT_THE_DOOR)


def visits_that_met(ask: Ask) -> Select[Any]:
    """C5 入户见到率's numerator: of those, in which the person herself was met."""
    return visits_at_the_door(ask).where(col(Visit.outcome).in_([MET, MET_WITH_NEEDS]))


# -- C9 follow-ups -------------------------------------------------------------------------------------------------
def followups_due(ask: Ask) -> Select[Any]:
    """C9's denominator: follow-up days after hiring and after training that lie in the period.

    Days 7, 30 and 90 after starting work (180 for KG02 and KG03), 30 and 90 after a class. Who is known to have left
    before a day needs no asking on it. Days that somebody promised are on the day's list but not in this figure.
    """
    dues = union_all(*_dues(ask)).subquery()
    return select(dues)


def followups_done(ask: Ask) -> Select[Any]:
    """C9 回访完成率's numerator: of those, answered or given up as 无法联系 before the end; a later one does for it."""
    due = followups_due(ask).subquery()
    done = _followed_up(due.c.row_id, ask, col(Followup.result).is_not(None), _not_before(due.c.due_on))
    return select(due).where(done)


def _dues(ask: Ask) -> Iterator[Select[Any]]:
    groups = cast(col(Resident.priority_groups), Text)
    hardship = or_(*(groups.contains(f'"{each}"') for each in LONGER_FOR))
    onboard, ended = col(Referral.onboard_date), col(Enrolment.ended_on)
    for days in (*AFTER_HIRE, *AFTER_HIRE_LONGER):
        due = days_after(onboard, literal(days))
        left = _followed_up(col(Referral.id), ask, col(Followup.still_employed).is_(False), _before(due))
        found = referrals(ask, col(Referral.outcome) == HIRED, days_in(earlier(ask.period, days), onboard), ~left)
        found = found.add_columns(due.label("due_on")).where(col(Resident.deleted_at).is_(None))
        yield found.where(hardship) if days in AFTER_HIRE_LONGER else found
    for days in AFTER_CLASS:
        yield (
            select(
                *key_columns(Enrolment, col(Enrolment.resident_id)), days_after(ended, literal(days)).label("due_on")
            )
            .join(Resident, col(Resident.id) == col(Enrolment.resident_id))
            .where(col(Enrolment.state) == PASSED, days_in(earlier(ask.period, days), ended))
            .where(col(Resident.deleted_at).is_(None), *of_rows(ask, Enrolment), *of_people(ask))
        )


def _followed_up(origin: Any, ask: Ask, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    alive = (col(Followup.deleted_at).is_(None), col(Followup.done_at) < ask.period.end)
    return select(col(Followup.id)).where(col(Followup.origin_id) == origin, *alive, *conditions).exists()


def _not_before(day: Any) -> ColumnElement[bool]:
    return or_(col(Followup.due_on) >= day, local_day(col(Followup.done_at)) >= day)


def _before(day: Any) -> ColumnElement[bool]:
    return and_(col(Followup.due_on) < day, local_day(col(Followup.done_at)) < day)


# -- C10 review, C11 replies ---------------------------------------------------------------------------------------
def reviewed(ask: Ask) -> Select[Any]:
    """C10's denominator: vacancies whose review ended in the period; ``amount``: seconds since their registration."""
    return select(
        *key_columns(Vacancy), seconds_between(col(Vacancy.created_at), col(Vacancy.reviewed_at)).label("amount")
    ).where(moments_in(ask.period, col(Vacancy.reviewed_at)), *of_rows(ask, Vacancy, officer=col(Vacancy.reviewed_by)))


def sent_back(ask: Ask) -> Select[Any]:
    """C10 退回率's numerator: of those, the ones that were sent back and not published since."""
    return reviewed(ask).where(col(Vacancy.review_state) == SENT_BACK)


def slips_due(ask: Ask) -> Select[Any]:
    """C11's denominator: slips whose last day of validity lies in the period."""
    return referrals(ask, days_in(ask.period, col(Referral.valid_until)))


def slips_answered(ask: Ask) -> Select[Any]:
    """C11's numerator: of those, the ones whose reply came before the end."""
    return slips_due(ask).where(col(Referral.reply_at) < ask.period.end)
