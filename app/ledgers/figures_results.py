"""Block D of domain sheet 7.3: what the services led to: work, training, home craft, satisfaction, policies."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, Text, and_, cast, func, literal, or_, select
from sqlmodel import col

from app.ledgers.base import Ask, days_in, key_columns, moments_in, of_people, of_rows
from app.ledgers.figures_help import HIRED, VOIDED, earlier, referrals
from app.ledgers.figures_people import HARDSHIP, codes_counting, registered_at, unemployed
from app.ledgers.portable import days_after, local_day
from app.models.certificate import COMPLETION, VOID, Certificate
from app.models.craft import CraftAssign, CraftDelivery
from app.models.guidance import Guidance, PolicyIntro
from app.models.referral import Referral
from app.models.registration import EmpStatus, UnempReg
from app.models.resident import Resident
from app.models.training import NOT_PASSED, PASSED, Enrolment, TrainingClass
from app.models.visit import Followup, Visit

ON_TRIAL, UNDECIDED = "2", "7"
STAY_DAYS, WORK_DAYS = 90, 90
SATISFIED = 4


# -- D1 to D3 referrals --------------------------------------------------------------------------------------------
def referred(ask: Ask) -> Select[Any]:
    """D1 推荐人次: slips issued in the period."""
    return referrals(ask, moments_in(ask.period, col(Referral.issued_at)))


def closed(ask: Ask) -> Select[Any]:
    """D2's denominator: referrals with an outcome in the period; 试岗中 and 待定 are none yet."""
    outcome = col(Referral.outcome)
    return referrals(
        ask,
        moments_in(ask.period, col(Referral.reply_at)),
        outcome.is_not(None),
        outcome.not_in([ON_TRIAL, UNDECIDED]),
    )


def hired(ask: Ask) -> Select[Any]:
    """D2's numerator: outcome 录用 in the period, by the day of the reply."""
    return closed(ask).where(col(Referral.outcome) == HIRED)


def referrals_of_hired(ask: Ask) -> Select[Any]:
    """D3's numerator: of persons hired in the period, every slip up to the one that led to work.

    It begins after her last success before the period: what an earlier search took is not counted again.
    """
    last, before = _success(ask, within=True), _success(ask, within=False)
    return (
        referrals(ask)
        .join(last, last.c.person == col(Referral.resident_id))
        .outerjoin(before, before.c.person == col(Referral.resident_id))
        .where(col(Referral.issued_at) <= last.c.at)
        .where(or_(before.c.at.is_(None), col(Referral.issued_at) > before.c.at))
    )


def _success(ask: Ask, *, within: bool) -> Any:
    at = col(Referral.reply_at)
    return (
        select(col(Referral.resident_id).label("person"), func.max(at).label("at"))
        .where(
            col(Referral.outcome) == HIRED,
            col(Referral.deleted_at).is_(None),
            col(Referral.state) != VOIDED,
            moments_in(ask.period, at) if within else at < ask.period.start,
        )
        .group_by(col(Referral.resident_id))
        .subquery()
    )


# -- D4 to D6 back in work -----------------------------------------------------------------------------------------
def took_up_work(ask: Ask, *conditions: ColumnElement[bool]) -> Select[Any]:
    """Return the changes of status within the period by which somebody who had no work came to have it."""
    working = codes_counting("employed")
    before = col(EmpStatus.from_status)
    return (
        select(*key_columns(EmpStatus, col(EmpStatus.resident_id)))
        .outerjoin(Resident, col(Resident.id) == col(EmpStatus.resident_id))
        .where(days_in(ask.period, col(EmpStatus.since)), col(EmpStatus.to_status).in_(working), *conditions)
        .where(or_(before.is_(None), before.not_in(working)))
        .where(*of_rows(ask, EmpStatus), *of_people(ask))
    )


def back_in_work(ask: Ask) -> Select[Any]:
    """D4 失业人员再就业人数: registered unemployed who took up work in the period, persons once."""
    since = col(EmpStatus.since)
    was_registered = (
        select(col(UnempReg.id))
        .where(
            col(UnempReg.resident_id) == col(EmpStatus.resident_id),
            col(UnempReg.deleted_at).is_(None),
            col(UnempReg.reg_date) <= since,
            or_(col(UnempReg.dereg_date).is_(None), col(UnempReg.dereg_date) >= since),
        )
        .exists()
    )
    return took_up_work(ask, was_registered)


def unemployed_in_period(ask: Ask) -> Select[Any]:
    """D5's denominator: B1 at the beginning and B2."""
    return unemployed(ask, or_(registered_at(ask.period.first), days_in(ask.period, col(UnempReg.reg_date))))


def hardship_in_work(ask: Ask) -> Select[Any]:
    """D6 就业困难人员就业人数: who bears KG02 in her file and took up work in the period, persons once."""
    return took_up_work(ask, cast(col(Resident.priority_groups), Text).contains(f'"{HARDSHIP}"'))


# -- D9 staying ----------------------------------------------------------------------------------------------------
def hired_long_ago(ask: Ask) -> Select[Any]:
    """Return the hires whose ninetieth day of work lies in the period."""
    return referrals(
        ask, col(Referral.outcome) == HIRED, days_in(earlier(ask.period, STAY_DAYS), col(Referral.onboard_date))
    )


def stayed(ask: Ask) -> Select[Any]:
    """D9 稳岗率's numerator: still there on that day, as a follow-up before the end says."""
    return hired_long_ago(ask).where(_told(ask, _still_there()))


def reached(ask: Ask) -> Select[Any]:
    """D9's denominator: of those hires, who was reached: still there, or left on some day before."""
    return hired_long_ago(ask).where(_told(ask, or_(_still_there(), _gone())))


def not_reached(ask: Ask) -> Select[Any]:
    """D9, told apart: of those hires, of whom nobody knows."""
    return hired_long_ago(ask).where(~_told(ask, or_(_still_there(), _gone())))


def _told(ask: Ask, said: ColumnElement[bool]) -> ColumnElement[bool]:
    return (
        select(col(Followup.id))
        .where(
            col(Followup.origin_id) == col(Referral.id),
            col(Followup.deleted_at).is_(None),
            col(Followup.reached).is_(True),
            col(Followup.done_at) < ask.period.end,
            said,
        )
        .exists()
    )


def _last_day() -> Any:
    return days_after(col(Referral.onboard_date), literal(STAY_DAYS))


def _still_there() -> ColumnElement[bool]:
    asked = or_(col(Followup.due_on) >= _last_day(), local_day(col(Followup.done_at)) >= _last_day())
    return or_(
        and_(col(Followup.still_employed).is_(True), asked),
        and_(col(Followup.still_employed).is_(False), col(Followup.left_on) > _last_day()),
    )


def _gone() -> ColumnElement[bool]:
    return and_(col(Followup.still_employed).is_(False), col(Followup.left_on) <= _last_day())


# -- D10 training --------------------------------------------------------------------------------------------------
def trained(ask: Ask) -> Select[Any]:
    """D10's denominator: who was in a class that ended in the period and did not drop out."""
    return (
        select(*key_columns(Enrolment, col(Enrolment.resident_id)))
        .join(TrainingClass, col(TrainingClass.id) == col(Enrolment.class_id))
        .outerjoin(Resident, col(Resident.id) == col(Enrolment.resident_id))
        .where(days_in(ask.period, col(TrainingClass.finished_on)), col(Enrolment.state).in_([PASSED, NOT_PASSED]))
        .where(*of_rows(ask, Enrolment), *of_people(ask))
    )


def passed(ask: Ask) -> Select[Any]:
    """D10 培训合格率's numerator: of those, who completed the class."""
    return trained(ask).where(col(Enrolment.state) == PASSED)


def certified(ask: Ask) -> Select[Any]:
    """D10 取证率's numerator: of those, who got an authority's certificate, the class's own left out."""
    return trained(ask).where(
        select(col(Certificate.id))
        .where(
            col(Certificate.enrolment_id) == col(Enrolment.id),
            col(Certificate.deleted_at).is_(None),
            col(Certificate.state) != VOID,
            col(Certificate.cert_type) != COMPLETION,
        )
        .exists()
    )


def graduates_long_ago(ask: Ask) -> Select[Any]:
    """D10 训后90天就业率's denominator: who completed a class whose ninetieth day after lies in the period.

    Only whose file is here: of others' people nobody knows.
    """
    return (
        select(*key_columns(Enrolment, col(Enrolment.resident_id)))
        .join(Resident, col(Resident.id) == col(Enrolment.resident_id))
        .where(col(Enrolment.state) == PASSED, days_in(earlier(ask.period, WORK_DAYS), col(Enrolment.ended_on)))
        .where(*of_rows(ask, Enrolment), *of_people(ask))
    )


def graduates_in_work(ask: Ask) -> Select[Any]:
    """D10 训后90天就业率's numerator: of those, who took up work within ninety days, by her status or by a hire."""
    by_status = _within(EmpStatus, col(EmpStatus.since), col(EmpStatus.to_status).in_(codes_counting("employed")))
    by_hire = _within(
        Referral, col(Referral.onboard_date), col(Referral.outcome) == HIRED, col(Referral.state) != VOIDED
    )
    return graduates_long_ago(ask).where(or_(by_status, by_hire))


def _within(model: Any, day: Any, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    ended = col(Enrolment.ended_on)
    own = (col(model.resident_id) == col(Enrolment.resident_id), col(model.deleted_at).is_(None))
    return (
        select(col(model.id))
        .where(*own, *conditions, day >= ended, day <= days_after(ended, literal(WORK_DAYS)))
        .exists()
    )


# -- D13 home craft ------------------------------------------------------------------------------------------------
def craft_workers(ask: Ask) -> Select[Any]:
    """D13 来料加工参与人数: who took work or delivered some in the period."""
    taken = (
        select(*key_columns(CraftAssign, col(CraftAssign.resident_id)))
        .outerjoin(Resident, col(Resident.id) == col(CraftAssign.resident_id))
        .where(days_in(ask.period, col(CraftAssign.taken_on)), *of_rows(ask, CraftAssign), *of_people(ask))
    )
    brought = _deliveries(ask)
    both = taken.union_all(brought).subquery()
    return select(both)


def _deliveries(ask: Ask, *more: ColumnElement[Any]) -> Select[Any]:
    return (
        select(*key_columns(CraftDelivery, col(CraftDelivery.resident_id)), *more)
        .outerjoin(Resident, col(Resident.id) == col(CraftDelivery.resident_id))
        .where(days_in(ask.period, col(CraftDelivery.delivered_on)), *of_rows(ask, CraftDelivery), *of_people(ask))
    )


def craft_pay(ask: Ask) -> Select[Any]:
    """D13 加工费: what was earned with the deliveries of the period; ``amount`` in fen."""
    return _deliveries(ask, col(CraftDelivery.pay_due).label("amount"))


# -- D15, D16 ------------------------------------------------------------------------------------------------------
def rated(ask: Ask) -> Select[Any]:
    """D15's denominator: follow-ups and guidance of the period in which somebody gave 1 to 5 points."""
    asked = _rated(ask, Followup, Followup.done_at, Followup.created_by)
    guided = _rated(ask, Guidance, Guidance.guided_at, Guidance.counsellor_id)
    both = asked.union_all(guided).subquery()
    return select(both)


def satisfied(ask: Ask) -> Select[Any]:
    """D15 满意度's numerator: of those, 4 or 5 points."""
    points = rated(ask).subquery()
    return select(points).where(points.c.points >= SATISFIED)


def _rated(ask: Ask, model: Any, moment: Any, officer: Any) -> Select[Any]:
    points = col(model.satisfaction)
    return (
        select(*key_columns(model, col(model.resident_id)), points.label("points"))
        .outerjoin(Resident, col(Resident.id) == col(model.resident_id))
        .where(moments_in(ask.period, col(moment)), points.is_not(None))
        .where(*of_rows(ask, model, officer=col(officer)), *of_people(ask))
    )


def policies_told(ask: Ask) -> Select[Any]:
    """D16 政策惠及人次: policies explained in the period; ``unit``: person and local day, as the package counts.

    What was granted has no record yet: this is who was told, in a talk of its own or at a visit.
    """
    talks = _told_of(ask, PolicyIntro, PolicyIntro.told_at, PolicyIntro.told_by)
    at_visits = _told_of(ask, Visit, Visit.visited_at, Visit.created_by)
    both = talks.union_all(at_visits.where(cast(col(Visit.services), Text).contains('"A"'))).subquery()
    return select(both)


def _told_of(ask: Ask, model: Any, moment: Any, officer: Any) -> Select[Any]:
    day = cast(local_day(col(moment)), Text)
    return (
        select(*key_columns(model, col(model.resident_id)), (col(model.resident_id) + day).label("unit"))
        .outerjoin(Resident, col(Resident.id) == col(model.resident_id))
        .where(moments_in(ask.period, col(moment)))
        .where(*of_rows(ask, model, officer=col(officer)), *of_people(ask))
    )
