"""L04 用人单位及岗位台账 and L05 岗位审核台账."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select, func, select
from sqlmodel import col

from app.ledgers.base import Ask, Column, Kind, Ledger, joined, key_columns, moments_in, of_rows
from app.ledgers.words import trade_words
from app.models.employer import Employer, Vacancy
from app.models.referral import Referral
from app.texts import N_

HIRED = "1"


def _vacancies(ask: Ask) -> Select[Any]:
    hired = (
        select(func.count())
        .where(
            col(Referral.vacancy_id) == col(Vacancy.id),
            col(Referral.outcome) == HIRED,
            col(Referral.deleted_at).is_(None),
        )
        .scalar_subquery()
    )
    return (
        select(
            *key_columns(Vacancy),
            col(Employer.name).label("employer"),
            col(Employer.uscc).label("uscc"),
            col(Employer.industry).label("industry"),
            col(Vacancy.title).label("title"),
            col(Vacancy.trade).label("trade"),
            col(Vacancy.openings).label("openings"),
            col(Vacancy.pay_min).label("pay_min"),
            col(Vacancy.pay_max).label("pay_max"),
            col(Vacancy.pay_unit).label("pay_unit"),
            col(Vacancy.created_at).label("registered_on"),
            col(Vacancy.open_from).label("open_from"),
            col(Vacancy.open_to).label("open_to"),
            col(Vacancy.reviewed_by).label("reviewer"),
            hired.label("hired"),
            col(Vacancy.created_by).label("officer"),
        )
        .outerjoin(Employer, col(Employer.id) == col(Vacancy.employer_id))
        .where(moments_in(ask.period, col(Vacancy.created_at)), *of_rows(ask, Vacancy))
        .order_by(col(Vacancy.created_at), col(Vacancy.id))
    )


VACANCIES = Ledger(
    "L04",
    "vacancies",
    N_("用人单位及岗位台账"),
    N_("登记日期"),
    N_("期内登记的岗位；招聘人数之和即本期登记招聘人数。招满数是录用的推荐，不分期。"),
    (
        Column("employer", N_("单位"), width=28, moves=True),
        Column("uscc", N_("信用代码"), width=20, moves=True),
        Column("industry", N_("行业"), Kind.CODE, 18, "GB4754", moves=True),
        Column("title", N_("岗位"), width=20),
        Column("trade", N_("职业"), width=18, shape=lambda code, _ask: trade_words(code)),
        Column("openings", N_("人数"), Kind.NUMBER, 7),
        Column("pay_min", N_("薪酬下限（元）"), Kind.MONEY, 12),
        Column("pay_max", N_("薪酬上限（元）"), Kind.MONEY, 12),
        Column("pay_unit", N_("薪酬单位"), Kind.CODE, 8, "PAY_UNIT"),
        Column("registered_on", N_("登记日期"), Kind.DATE, 11),
        Column("open_from", N_("发布自"), Kind.DATE, 11, moves=True),
        Column("open_to", N_("发布至"), Kind.DATE, 11, moves=True),
        Column("reviewer", N_("审核人"), Kind.STAFF, 10, moves=True),
        Column("hired", N_("招满数"), Kind.NUMBER, 8, moves=True),
        Column("officer", N_("经办人"), Kind.STAFF, 10),
    ),
    _vacancies,
    "vacancy",
    about_people=False,
)


def _reviews(ask: Ask) -> Select[Any]:
    return (
        select(
            *key_columns(Vacancy),
            col(Employer.name).label("employer"),
            col(Vacancy.title).label("title"),
            col(Vacancy.openings).label("openings"),
            col(Vacancy.review_hits).label("hits"),
            col(Vacancy.review_state).label("result"),
            col(Vacancy.review_hits).label("why"),
            col(Vacancy.reviewed_by).label("reviewer"),
            col(Vacancy.reviewed_at).label("reviewed_at"),
        )
        .outerjoin(Employer, col(Employer.id) == col(Vacancy.employer_id))
        .where(
            moments_in(ask.period, col(Vacancy.reviewed_at)), *of_rows(ask, Vacancy, officer=col(Vacancy.reviewed_by))
        )
        .order_by(col(Vacancy.reviewed_at), col(Vacancy.id))
    )


def _rules_hit(hits: Sequence[Any], _ask: Ask) -> str:
    return joined([str(each.get("rule") or each.get("code") or "") for each in hits if isinstance(each, Mapping)])


def _reasons(hits: Sequence[Any], _ask: Ask) -> str:
    return joined([str(each.get("reason") or each.get("text") or "") for each in hits if isinstance(each, Mapping)])


REVIEWS = Ledger(
    "L05",
    "vacancy-reviews",
    N_("岗位审核台账"),
    N_("审核时间"),
    N_("审核时间在期内的岗位，结论是现在的。"),
    (
        Column("employer", N_("单位"), width=28, moves=True),
        Column("title", N_("岗位"), width=20),
        Column("openings", N_("人数"), Kind.NUMBER, 7),
        Column("hits", N_("命中规则"), width=18, shape=_rules_hit),
        Column("result", N_("处理结论"), Kind.CODE, 10, "REVIEW"),
        Column("why", N_("理由"), width=28, shape=_reasons),
        Column("reviewer", N_("审核人"), Kind.STAFF, 10),
        Column("reviewed_at", N_("审核时间"), Kind.MOMENT, 17),
    ),
    _reviews,
    "vacancy",
    about_people=False,
    officer="reviewer",
)
