"""INDICATORS: the figures of domain sheet 7.3 that today's records can feed, block by block.

Periods are half-open; what stands at the end is as of ``period.until``, not included. 社区就业率 and 登记失业率 are the
station's own working figures and say so.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlmodel import col

from app.ledgers.base import Ask, days_in, key_columns, moments_in, of_people, of_rows
from app.ledgers.figures import RECORDS, SUM, Indicator
from app.ledgers.period import midnight
from app.models.certificate import COMPLETION, VOID, Certificate
from app.models.codes import code_list
from app.models.craft import CraftAssign, CraftDelivery
from app.models.referral import Referral
from app.models.registration import EmpStatus, UnempReg
from app.models.resident import Resident
from app.models.retirement import MEN, WOMEN_STAFF, WOMEN_WORKERS, is_past
from app.models.training import NOT_PASSED, PASSED, Enrolment, TrainingClass
from app.texts import N_

VOIDED, HIRED, UNDECIDED = "60", "1", "7"
LONG_MONTHS = 12
WORKING_AGE = 16


def codes_counting(*kinds: str) -> list[str]:
    """Return the codes of EMP_STATUS that count as employed, unemployed, preparation, outside or unknown."""
    return [item.code for item in code_list("EMP_STATUS") if item.extra.get("counts_as") in kinds]


# -- A who lives in the community ----------------------------------------------------------------------------------
def on_file(ask: Ask) -> Select[Any]:
    """A1 在册居民: files made before the end and not void."""
    return (
        select(*key_columns(Resident, col(Resident.id)))
        .where(col(Resident.created_at) < ask.period.end, *of_rows(ask, Resident))
        .where(*of_people(ask))
    )


def of_age(ask: Ask) -> Select[Any]:
    """A2 劳动年龄人口: 16 ≤ age < statutory retirement, on the day after the period's last."""
    return on_file(ask).where(_of_age(ask.period.until))


def _with_status(*kinds: str) -> Any:
    def rows(ask: Ask) -> Select[Any]:
        return of_age(ask).where(_status_at(ask.period.until).in_(codes_counting(*kinds)))

    return rows


def _active(ask: Ask) -> Select[Any]:
    """A3 + A4 + A5: in work, out of work, preparing for it."""
    rows: Select[Any] = _with_status("employed", "unemployed", "preparation")(ask)
    return rows


def fresh_files(ask: Ask) -> Select[Any]:
    """建档率's numerator: files touched in the twelve months before the end."""
    last_year = _months_before(ask.period.until, LONG_MONTHS)
    return on_file(ask).where(func.coalesce(col(Resident.updated_at), col(Resident.created_at)) >= midnight(last_year))


# -- B the unemployed ----------------------------------------------------------------------------------------------
def _registered_at(day: date) -> ColumnElement[bool]:
    left = col(UnempReg.dereg_date)
    return and_(col(UnempReg.reg_date) < day, or_(left.is_(None), left >= day))


def _unemployed(ask: Ask, condition: ColumnElement[bool]) -> Select[Any]:
    return (
        select(*key_columns(UnempReg, col(UnempReg.resident_id)))
        .outerjoin(Resident, col(Resident.id) == col(UnempReg.resident_id))
        .where(condition, *of_rows(ask, UnempReg), *of_people(ask))
    )


def registered(ask: Ask) -> Select[Any]:
    """B1 期末登记失业人数: registrations in force at the end."""
    return _unemployed(ask, _registered_at(ask.period.until))


def newly_registered(ask: Ask) -> Select[Any]:
    """B2 本期新登记: by the true date of registration, also where it was entered later."""
    return _unemployed(ask, days_in(ask.period, col(UnempReg.reg_date)))


def deregistered(ask: Ask) -> Select[Any]:
    """B3 本期注销: by the date of deregistration."""
    return _unemployed(ask, days_in(ask.period, col(UnempReg.dereg_date)))


def long_registered(ask: Ask) -> Select[Any]:
    """B8's numerator: of B1, who has been registered for twelve months without a break."""
    since = _months_before(ask.period.until, LONG_MONTHS)
    return registered(ask).where(col(UnempReg.reg_date) <= since)


def _employed_or_registered(ask: Ask) -> Select[Any]:
    """A3 + B1, persons once: what B9 is divided by."""
    employed: Select[Any] = _with_status("employed")(ask)
    both = employed.union_all(registered(ask)).subquery()
    return select(both)


# -- C and D referrals ---------------------------------------------------------------------------------------------
def _referrals(ask: Ask, *conditions: ColumnElement[bool]) -> Select[Any]:
    return (
        select(*key_columns(Referral, col(Referral.resident_id)))
        .outerjoin(Resident, col(Resident.id) == col(Referral.resident_id))
        .where(col(Referral.state) != VOIDED, *conditions)
        .where(*of_rows(ask, Referral, officer=col(Referral.issued_by)), *of_people(ask))
    )


def slips_due(ask: Ask) -> Select[Any]:
    """C11's denominator: slips whose last day of validity lies in the period."""
    return _referrals(ask, days_in(ask.period, col(Referral.valid_until)))


def slips_answered(ask: Ask) -> Select[Any]:
    """C11's numerator: of those, the ones whose reply came before the end."""
    return slips_due(ask).where(col(Referral.reply_at) < ask.period.end)


def referred(ask: Ask) -> Select[Any]:
    """D1 推荐人次: slips issued in the period."""
    return _referrals(ask, moments_in(ask.period, col(Referral.issued_at)))


def closed(ask: Ask) -> Select[Any]:
    """D2's denominator: referrals with an outcome in the period, 待定 left out."""
    outcome = col(Referral.outcome)
    return _referrals(ask, moments_in(ask.period, col(Referral.reply_at)), outcome.is_not(None), outcome != UNDECIDED)


def hired(ask: Ask) -> Select[Any]:
    """D2's numerator: outcome 录用 in the period, by the day of the reply."""
    return closed(ask).where(col(Referral.outcome) == HIRED)


def referrals_of_hired(ask: Ask) -> Select[Any]:
    """D3's numerator: every slip, up to the one that led to work, of persons hired in the period."""
    success = (
        select(col(Referral.resident_id), func.max(col(Referral.reply_at)).label("at"))
        .where(
            col(Referral.outcome) == HIRED,
            col(Referral.deleted_at).is_(None),
            col(Referral.state) != VOIDED,
            moments_in(ask.period, col(Referral.reply_at)),
        )
        .group_by(col(Referral.resident_id))
        .subquery()
    )
    found = _referrals(ask)
    return found.join(success, success.c.resident_id == col(Referral.resident_id)).where(
        col(Referral.issued_at) <= success.c.at
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
    return (
        select(*key_columns(EmpStatus, col(EmpStatus.resident_id)))
        .outerjoin(Resident, col(Resident.id) == col(EmpStatus.resident_id))
        .where(days_in(ask.period, since), col(EmpStatus.to_status).in_(codes_counting("employed")), was_registered)
        .where(*of_rows(ask, EmpStatus), *of_people(ask))
    )


def unemployed_in_period(ask: Ask) -> Select[Any]:
    """D5's denominator: B1 at the beginning and B2."""
    return _unemployed(ask, or_(_registered_at(ask.period.first), days_in(ask.period, col(UnempReg.reg_date))))


# -- D training and home craft -------------------------------------------------------------------------------------
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
    """D13 加工费: what was earned with the deliveries of the period, in fen."""
    return _deliveries(ask, col(CraftDelivery.pay_due).label("amount"))


# -- parts ---------------------------------------------------------------------------------------------------------
def _status_at(day: date) -> Any:
    """Return somebody's employment status at the beginning of a day: the last change before it, else the file's."""
    last = (
        select(col(EmpStatus.to_status))
        .where(
            col(EmpStatus.resident_id) == col(Resident.id),
            col(EmpStatus.deleted_at).is_(None),
            col(EmpStatus.since) < day,
        )
        .order_by(col(EmpStatus.since).desc(), col(EmpStatus.id).desc())
        .limit(1)
        .scalar_subquery()
    )
    return func.coalesce(last, col(Resident.emp_status))


def _of_age(day: date) -> ColumnElement[bool]:
    """Say that somebody is of working age on a day; a woman whose base is not known counts until 55."""
    born = col(Resident.birth_date)
    women = case(
        (col(Resident.female_retire_base) == "50", _first_birth(WOMEN_WORKERS, day)),
        else_=_first_birth(WOMEN_STAFF, day),
    )
    earliest = case((col(Resident.sex) == "2", women), else_=_first_birth(MEN, day))
    return and_(born >= earliest, born <= _months_before(day, WORKING_AGE * 12))


@cache
def _first_birth(base: int, day: date) -> date:
    """Return the earliest birth date that is not past the statutory age of that base on a day.

    The later somebody was born, the later she retires: found by halving.
    """
    low, high = date(1900, 1, 1).toordinal(), day.toordinal()
    while low < high:
        middle = (low + high) // 2
        if is_past(date.fromordinal(middle), base, day):
            low = middle + 1
        else:
            high = middle
    return date.fromordinal(low)


def _months_before(day: date, months: int) -> date:
    """Return the same day so many months earlier; the last of a month that is too short."""
    at = day.year * 12 + day.month - 1 - months
    for last in (day.day, 30, 29, 28):
        try:
            return date(at // 12, at % 12 + 1, min(day.day, last))
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


INDICATORS: tuple[Indicator, ...] = (
    Indicator("A1", N_("在册居民"), N_("期末在册、没有作废的档案"), on_file, unit=N_("人")),
    Indicator("A2", N_("劳动年龄人口"), N_("满 16 岁、未到法定退休年龄"), of_age, unit=N_("人")),
    Indicator("A3", N_("在业"), N_("就业状态 11–18"), _with_status("employed"), unit=N_("人")),
    Indicator("A4", N_("失业"), N_("就业状态 21、22"), _with_status("unemployed"), unit=N_("人")),
    Indicator("A5", N_("备业"), N_("就业状态 23、24"), _with_status("preparation"), unit=N_("人")),
    Indicator("A6", N_("非劳动力"), N_("就业状态 31–39"), _with_status("outside"), unit=N_("人")),
    Indicator("A7", N_("情况不明"), N_("就业状态 90"), _with_status("unknown"), unit=N_("人")),
    Indicator("A8", N_("社区就业率（工作口径）"), N_("A3 ÷（A3 + A4 + A5）"), _with_status("employed"), base=_active),
    Indicator("A9", N_("建档率"), N_("近 12 个月更新过的档案 ÷ A1"), fresh_files, base=on_file),
    Indicator("B1", N_("期末登记失业人数"), N_("期末在册的失业登记"), registered, RECORDS, unit=N_("人")),
    Indicator("B2", N_("本期新登记"), N_("登记日期在期内"), newly_registered, RECORDS, unit=N_("人")),
    Indicator("B3", N_("本期注销"), N_("注销日期在期内"), deregistered, RECORDS, unit=N_("人")),
    Indicator("B8", N_("长期失业占比"), N_("连续登记满 12 个月 ÷ B1"), long_registered, base=registered),
    Indicator(
        "B9",
        N_("登记失业率（参考值，非统计部门口径）"),
        N_("B1 ÷（A3 + B1）"),
        registered,
        base=_employed_or_registered,
    ),
    Indicator(
        "C11",
        N_("回执率"),
        N_("到期的推荐信里收回回执的"),
        slips_answered,
        RECORDS,
        base=slips_due,
        base_count=RECORDS,
        goal=80,
    ),
    Indicator("D1", N_("推荐人次"), N_("期内开具、没有作废"), referred, RECORDS, unit=N_("人次")),
    Indicator(
        "D2", N_("推荐成功率"), N_("录用 ÷ 有结果的推荐"), hired, RECORDS, base=closed, base_count=RECORDS, goal=25
    ),
    Indicator(
        "D3",
        N_("人均推荐次数至就业"),
        N_("录用者到录用为止的推荐 ÷ 录用人数"),
        referrals_of_hired,
        RECORDS,
        base=hired,
        per=1,
        unit=N_("次"),
    ),
    Indicator("D4", N_("失业人员再就业人数"), N_("登记失业的人期内转为在业"), back_in_work, unit=N_("人")),
    Indicator("D5", N_("再就业率"), N_("D4 ÷（期初 B1 + B2）"), back_in_work, base=unemployed_in_period),
    Indicator(
        "D10a", N_("培训合格率"), N_("结业 ÷ 期内结束的班的学员"), passed, RECORDS, base=trained, base_count=RECORDS
    ),
    Indicator(
        "D10b",
        N_("培训取证率"),
        N_("取得证书 ÷ 期内结束的班的学员"),
        certified,
        RECORDS,
        base=trained,
        base_count=RECORDS,
    ),
    Indicator("D13a", N_("来料加工参与人数"), N_("期内领料或交货的人"), craft_workers, unit=N_("人")),
    Indicator("D13b", N_("来料加工加工费"), N_("期内交货的应付加工费"), craft_pay, SUM, unit=N_("元")),
)


def indicator(code: str) -> Indicator:
    """Return the indicator of a code.

    Raises:
        KeyError: there is none.
    """
    return next(each for each in INDICATORS if each.code == code)
