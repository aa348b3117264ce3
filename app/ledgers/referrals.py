"""L06 推荐（职业介绍）台账."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select
from sqlmodel import col

from app.ledgers.base import (
    PERSON,
    Ask,
    Column,
    Kind,
    Ledger,
    either,
    key_columns,
    moments_in,
    of_people,
    of_rows,
    person_columns,
)
from app.models.employer import Employer, Vacancy
from app.models.referral import Referral
from app.models.resident import Resident
from app.texts import N_


def _query(ask: Ask) -> Select[Any]:
    return (
        select(
            *key_columns(Referral, col(Referral.resident_id)),
            *person_columns(),
            col(Referral.slip_no).label("slip_no"),
            col(Employer.name).label("employer"),
            col(Vacancy.title).label("vacancy"),
            col(Referral.issued_at).label("issued_on"),
            col(Referral.reply_at).label("replied_on"),
            col(Referral.state).label("state"),
            col(Referral.outcome).label("outcome"),
            col(Referral.outcome_reason).label("why"),
            col(Referral.onboard_date).label("onboard"),
            col(Referral.created_at).label("entered_on"),
            col(Referral.issued_by).label("officer"),
        )
        .outerjoin(Resident, col(Resident.id) == col(Referral.resident_id))
        .outerjoin(Vacancy, col(Vacancy.id) == col(Referral.vacancy_id))
        .outerjoin(Employer, col(Employer.id) == col(Vacancy.employer_id))
        .where(
            either(moments_in(ask.period, col(Referral.issued_at)), moments_in(ask.period, col(Referral.reply_at))),
            *of_rows(ask, Referral, officer=col(Referral.issued_by)),
            *of_people(ask),
        )
        .order_by(col(Referral.issued_at), col(Referral.id))
    )


REFERRALS = Ledger(
    "L06",
    "referrals",
    N_("推荐（职业介绍）台账"),
    N_("开具日或回执日"),
    N_("开具日或回执日在期内的推荐。推荐人次按开具日数，成功按回执日数，作废的列出而不计。"),
    (
        *PERSON,
        Column("slip_no", N_("推荐信号"), Kind.SERIAL, 22),
        Column("employer", N_("单位"), width=28, moves=True),
        Column("vacancy", N_("岗位"), width=18, moves=True),
        Column("issued_on", N_("开具日"), Kind.DATE, 11),
        Column("replied_on", N_("回执日"), Kind.DATE, 11, since="replied_on"),
        Column("state", N_("状态"), Kind.CODE, 10, "REF_STATE", moves=True),
        Column("outcome", N_("结果"), Kind.CODE, 10, "REF_OUTCOME", since="replied_on"),
        Column("why", N_("原因"), Kind.CODE, 18, "REF_FAIL", since="replied_on"),
        Column("onboard", N_("上岗日期"), Kind.DATE, 11, since="replied_on"),
        Column("entered_on", N_("录入日期"), Kind.DATE, 11),
        Column("officer", N_("经办人"), Kind.STAFF, 10),
    ),
    _query,
    "referral",
)
