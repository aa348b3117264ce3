"""L07 职业指导, L08 政策宣介, L09 走访 and L10 回访 ledgers: what was done for people, by the day it was done."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, case, select
from sqlmodel import col

from app.ledgers.base import (
    PERSON,
    Ask,
    Column,
    Kind,
    Ledger,
    key_columns,
    moments_in,
    of_people,
    of_rows,
    person_columns,
)
from app.models.employer import Employer
from app.models.guidance import Guidance, PolicyIntro
from app.models.resident import Household, Resident
from app.models.visit import Followup, Visit
from app.texts import N_

_ENTERED = Column("entered_on", N_("录入日期"), Kind.DATE, 11)


def _of_person(model: Any, ask: Ask, day: Any, *columns: Any, officer: Any) -> Select[Any]:
    """Return rows of records about one person each, done within the period."""
    return (
        select(*key_columns(model, col(model.resident_id)), *person_columns(), day.label("done_on"), *columns)
        .outerjoin(Resident, col(Resident.id) == col(model.resident_id))
        .where(moments_in(ask.period, day), *of_rows(ask, model, officer=officer), *of_people(ask))
        .order_by(day, col(model.id))
    )


def _guidance(ask: Ask) -> Select[Any]:
    return _of_person(
        Guidance,
        ask,
        col(Guidance.guided_at),
        col(Guidance.form).label("form"),
        col(Guidance.topics).label("topics"),
        col(Guidance.duration_min).label("minutes"),
        col(Guidance.problem).label("problem"),
        col(Guidance.advice).label("advice"),
        col(Guidance.next_on).label("next_on"),
        col(Guidance.entered_at).label("entered_on"),
        col(Guidance.counsellor_id).label("officer"),
        officer=col(Guidance.counsellor_id),
    )


GUIDANCE = Ledger(
    "L07",
    "guidance",
    N_("职业指导台账"),
    N_("指导日期"),
    N_("指导日期在期内的职业指导，一次一行；本期职业指导人数按人去重。"),
    (
        *PERSON,
        Column("done_on", N_("指导日期"), Kind.DATE, 11),
        Column("form", N_("形式"), Kind.CODE, 8, "GUIDE_FORM"),
        Column("topics", N_("主题"), Kind.CODE, 22, "GUIDE_TOPIC"),
        Column("minutes", N_("时长（分钟）"), Kind.NUMBER, 9),
        Column("problem", N_("主要问题"), width=26),
        Column("advice", N_("指导意见"), width=30),
        Column("next_on", N_("下次日期"), Kind.DATE, 11),
        _ENTERED,
        Column("officer", N_("指导师"), Kind.STAFF, 10),
    ),
    _guidance,
    "guidance",
)


def _intros(ask: Ask) -> Select[Any]:
    return _of_person(
        PolicyIntro,
        ask,
        col(PolicyIntro.told_at),
        col(PolicyIntro.way).label("way"),
        col(PolicyIntro.policies).label("policies"),
        _yes_no(col(PolicyIntro.understood)).label("understood"),
        _yes_no(col(PolicyIntro.interested)).label("interested"),
        col(PolicyIntro.entered_at).label("entered_on"),
        col(PolicyIntro.told_by).label("officer"),
        officer=col(PolicyIntro.told_by),
    )


POLICY_INTROS = Ledger(
    "L08",
    "policy-intros",
    N_("政策宣介台账"),
    N_("宣介日期"),
    N_("宣介日期在期内的政策宣介，一次一行；走访中宣介的记在走访台账。"),
    (
        *PERSON,
        Column("done_on", N_("宣介日期"), Kind.DATE, 11),
        Column("way", N_("方式"), Kind.CODE, 10, "INTRO_WAY"),
        Column("policies", N_("政策"), Kind.POLICY, 40),
        Column("understood", N_("是否了解"), width=9),
        Column("interested", N_("是否有意向"), width=10),
        _ENTERED,
        Column("officer", N_("宣介人"), Kind.STAFF, 10),
    ),
    _intros,
    "policy_intro",
)


def _visits(ask: Ask) -> Select[Any]:
    return _of_person(
        Visit,
        ask,
        col(Visit.visited_at),
        col(Household.building).label("building"),
        col(Household.house_no).label("house_no"),
        col(Visit.visit_type).label("type"),
        col(Visit.contact_way).label("way"),
        col(Visit.visitors).label("visitors"),
        col(Visit.outcome).label("outcome"),
        col(Visit.needs).label("needs"),
        col(Visit.services).label("services"),
        col(Visit.policies).label("policies"),
        col(Visit.next_on).label("next_on"),
        col(Visit.entered_at).label("entered_on"),
        col(Visit.created_by).label("officer"),
        officer=col(Visit.created_by),
    ).outerjoin(Household, col(Household.id) == col(Visit.household_id))


VISITS = Ledger(
    "L09",
    "visits",
    N_("走访台账"),
    N_("走访时间"),
    N_("走访时间在期内的走访，一次一行；补录的按真实走访时间计入，录入日期另列。"),
    (
        *PERSON,
        Column("done_on", N_("走访日期"), Kind.DATE, 11),
        Column("building", N_("楼幢"), width=14),
        Column("house_no", N_("户"), width=8),
        Column("type", N_("走访类型"), Kind.CODE, 14, "VISIT_TYPE"),
        Column("way", N_("服务方式"), Kind.CODE, 9, "VISIT_WAY"),
        Column("visitors", N_("走访人"), Kind.STAFF, 14),
        Column("outcome", N_("结果"), Kind.CODE, 16, "VISIT_OUTCOME"),
        Column("needs", N_("需求"), Kind.CODE, 16, "NEED"),
        Column("services", N_("现场服务"), Kind.CODE, 16, "SERVICE"),
        Column("policies", N_("已宣介政策"), Kind.POLICY, 22),
        Column("next_on", N_("后续日期"), Kind.DATE, 11),
        _ENTERED,
        Column("officer", N_("经办人"), Kind.STAFF, 10),
    ),
    _visits,
    "visit",
)


def _followups(ask: Ask) -> Select[Any]:
    return _of_person(
        Followup,
        ask,
        col(Followup.done_at),
        col(Followup.target_kind).label("target"),
        col(Employer.name).label("employer"),
        col(Followup.origin_kind).label("origin"),
        col(Followup.due_on).label("due_on"),
        col(Followup.way).label("way"),
        _yes_no(col(Followup.reached)).label("reached"),
        col(Followup.attempts).label("attempts"),
        _yes_no(col(Followup.still_employed)).label("employed"),
        _yes_no(col(Followup.si_paid)).label("insured"),
        col(Followup.satisfaction).label("satisfaction"),
        col(Followup.result).label("result"),
        col(Followup.next_on).label("next_on"),
        col(Followup.entered_at).label("entered_on"),
        col(Followup.created_by).label("officer"),
        officer=col(Followup.created_by),
    ).outerjoin(Employer, col(Employer.id) == col(Followup.employer_id))


FOLLOWUPS = Ledger(
    "L10",
    "follow-ups",
    N_("回访跟踪台账"),
    N_("完成日期"),
    N_("完成日期在期内的回访，一次一行；联系不上的也列出。"),
    (
        *PERSON,
        Column("target", N_("回访对象"), Kind.CODE, 10, "FU_TARGET"),
        Column("employer", N_("单位"), width=22, moves=True),
        Column("origin", N_("来源业务"), Kind.CODE, 10, "FU_ORIGIN"),
        Column("due_on", N_("到期日"), Kind.DATE, 11),
        Column("done_on", N_("完成日"), Kind.DATE, 11),
        Column("way", N_("方式"), Kind.CODE, 9, "FU_WAY"),
        Column("reached", N_("联系上"), width=8),
        Column("attempts", N_("次数"), Kind.NUMBER, 6),
        Column("employed", N_("在岗"), width=6),
        Column("insured", N_("参保"), width=6),
        Column("satisfaction", N_("满意度"), Kind.NUMBER, 7),
        Column("result", N_("结果"), Kind.CODE, 10, "FU_RESULT"),
        Column("next_on", N_("下次日期"), Kind.DATE, 11),
        _ENTERED,
        Column("officer", N_("经办人"), Kind.STAFF, 10),
    ),
    _followups,
    "followup",
)


def _yes_no(column: Any) -> Any:
    return case((column.is_(True), "是"), (column.is_(False), "否"))
