"""L02 求职登记台账 and L03 失业登记台账."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, case, func, literal, select
from sqlmodel import col

from app.ledgers.base import (
    PERSON,
    Ask,
    Column,
    Kind,
    Ledger,
    days_in,
    key_columns,
    months_between,
    of_people,
    of_rows,
    person_columns,
)
from app.ledgers.words import intent_words, lowest_wage
from app.models.referral import Referral
from app.models.registration import Registration, UnempReg
from app.models.resident import Resident
from app.texts import N_


def _registrations(ask: Ask) -> Select[Any]:
    return (
        select(
            *key_columns(Registration, col(Registration.resident_id)),
            *person_columns(),
            col(Registration.rec_no).label("reg_no"),
            col(Registration.reg_date).label("reg_date"),
            col(Registration.person_class).label("person_class"),
            col(Registration.intents).label("wants"),
            col(Registration.intents).label("wage"),
            col(Registration.valid_until).label("valid_until"),
            col(Registration.status).label("status"),
            col(Registration.created_at).label("entered_on"),
            col(Registration.created_by).label("officer"),
        )
        .outerjoin(Resident, col(Resident.id) == col(Registration.resident_id))
        .where(days_in(ask.period, col(Registration.reg_date)), *of_rows(ask, Registration), *of_people(ask))
        .order_by(col(Registration.reg_date), col(Registration.id))
    )


REGISTRATIONS = Ledger(
    "L02",
    "registrations",
    N_("求职登记台账"),
    N_("登记日期"),
    N_("登记日期在期内的求职登记；补录的按真实登记日期计入，录入日期另列。"),
    (
        *PERSON,
        Column("reg_no", N_("求职编号"), Kind.SERIAL, 20),
        Column("reg_date", N_("登记日期"), Kind.DATE, 11),
        Column("person_class", N_("人员类别"), Kind.CODE, 14, "SEEKER_CLASS"),
        Column("wants", N_("求职工种"), Kind.TEXT, 24, shape=intent_words, moves=True),
        Column("wage", N_("期望月薪（元）"), Kind.MONEY, 12, shape=lowest_wage, moves=True),
        Column("valid_until", N_("有效期至"), Kind.DATE, 11, moves=True),
        Column("status", N_("状态"), Kind.CODE, 10, "REG_STATUS", moves=True),
        Column("entered_on", N_("录入日期"), Kind.DATE, 11),
        Column("officer", N_("经办人"), Kind.STAFF, 10),
    ),
    _registrations,
    "registration",
)


def _change(ask: Ask) -> Any:
    came, left = days_in(ask.period, col(UnempReg.reg_date)), days_in(ask.period, col(UnempReg.dereg_date))
    return case(
        (came & left, literal("登记并注销")),
        (came, literal("新登记")),
        (left, literal("注销")),
        else_=literal("在册"),
    )


def _unemployment(ask: Ask) -> Select[Any]:
    left, came = col(UnempReg.dereg_date), col(UnempReg.reg_date)
    contact = (
        select(func.max(col(Referral.issued_at)))
        .where(
            col(Referral.resident_id) == col(UnempReg.resident_id),
            col(Referral.deleted_at).is_(None),
            col(Referral.issued_at) < ask.period.end,
        )
        .scalar_subquery()
    )
    return (
        select(
            *key_columns(UnempReg, col(UnempReg.resident_id)),
            *person_columns(),
            came.label("reg_date"),
            _change(ask).label("change"),
            col(UnempReg.unemp_date).label("unemp_date"),
            col(UnempReg.unemp_reason).label("reason"),
            col(UnempReg.reg_scope).label("scope"),
            col(UnempReg.last_employer).label("last_employer"),
            came.label("months"),
            contact.label("last_contact"),
            left.label("dereg_date"),
            col(UnempReg.dereg_reason).label("dereg_reason"),
            col(UnempReg.created_at).label("entered_on"),
            col(UnempReg.created_by).label("officer"),
        )
        .outerjoin(Resident, col(Resident.id) == col(UnempReg.resident_id))
        .where(
            came < ask.period.until,
            left.is_(None) | (left >= ask.period.first),
            *of_rows(ask, UnempReg),
            *of_people(ask),
        )
        .order_by(came, col(UnempReg.id))
    )


UNEMPLOYMENT = Ledger(
    "L03",
    "unemployment",
    N_("失业登记台账"),
    N_("期内在册"),
    N_("期内任何一天在册的失业登记，本期变动另列：新登记按登记日期，注销按注销日期。连续月数算到期末。"),
    (
        *PERSON,
        Column("reg_date", N_("登记日期"), Kind.DATE, 11),
        Column("change", N_("本期变动"), width=12),
        Column("unemp_date", N_("失业日期"), Kind.DATE, 11),
        Column("reason", N_("失业原因"), Kind.CODE, 20, "UNEMP_REASON"),
        Column("scope", N_("登记类别"), Kind.CODE, 20, "UNEMP_SCOPE"),
        Column("last_employer", N_("原单位"), width=24),
        Column(
            "months",
            N_("连续失业月数"),
            Kind.NUMBER,
            10,
            shape=lambda day, ask: months_between(day, ask.period.until),
        ),
        Column("last_contact", N_("最近推荐"), Kind.DATE, 11),
        Column("dereg_date", N_("注销日期"), Kind.DATE, 11, since="dereg_date"),
        Column("dereg_reason", N_("注销原因"), Kind.CODE, 18, "DEREG", since="dereg_date"),
        Column("entered_on", N_("录入日期"), Kind.DATE, 11),
        Column("officer", N_("经办人"), Kind.STAFF, 10),
    ),
    _unemployment,
    "unemp_reg",
)
