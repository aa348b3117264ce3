"""L01 社区劳动力资源台账: who lives in the community, able to work or not."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, func, select
from sqlmodel import col

from app.ledgers.base import (
    PERSON,
    Ask,
    Column,
    Kind,
    Ledger,
    age_group,
    key_columns,
    of_people,
    of_rows,
    person_columns,
)
from app.ledgers.words import group_words, place_words, top_skill
from app.models.registration import Registration
from app.models.resident import Resident
from app.texts import N_


def _query(ask: Ask) -> Select[Any]:
    skills = (
        select(col(Registration.skills))
        .where(col(Registration.resident_id) == col(Resident.id), col(Registration.deleted_at).is_(None))
        .order_by(col(Registration.reg_date).desc(), col(Registration.id).desc())
        .limit(1)
        .scalar_subquery()
    )
    return (
        select(
            *key_columns(Resident, col(Resident.id)),
            *person_columns(),
            col(Resident.sex).label("sex"),
            col(Resident.birth_date).label("age_group"),
            col(Resident.edu_level).label("edu"),
            col(Resident.hukou_region).label("hukou"),
            col(Resident.live_region).label("lives"),
            col(Resident.emp_status).label("emp_status"),
            col(Resident.priority_groups).label("groups"),
            skills.label("skill"),
            func.coalesce(col(Resident.updated_at), col(Resident.created_at)).label("updated_at"),
            col(Resident.created_by).label("officer"),
        )
        .where(col(Resident.created_at) < ask.period.end, *of_rows(ask, Resident), *of_people(ask))
        .order_by(col(Resident.live_region).nulls_first(), col(Resident.id))
    )


LABOUR_FORCE = Ledger(
    "L01",
    "labour-force",
    N_("社区劳动力资源台账"),
    N_("期末在册"),
    N_("期末以前建档、没有作废的居民，一人一行；年龄按期末那天的周岁。"),
    (
        *PERSON,
        Column("sex", N_("性别"), Kind.CODE, 6, "SEX"),
        Column("age_group", N_("年龄段"), Kind.TEXT, 8, shape=lambda born, ask: age_group(born, ask.period.last)),
        Column("edu", N_("文化程度"), Kind.CODE, 14, "EDU", moves=True),
        Column("hukou", N_("户籍地"), Kind.TEXT, 22, shape=place_words, moves=True),
        Column("lives", N_("常住地"), Kind.TEXT, 22, shape=place_words, moves=True),
        Column("emp_status", N_("就业状态"), Kind.CODE, 16, "EMP_STATUS", moves=True),
        Column("groups", N_("重点群体"), Kind.TEXT, 18, shape=group_words, moves=True),
        Column("skill", N_("技能等级"), Kind.TEXT, 12, shape=top_skill, moves=True),
        Column("updated_at", N_("更新日期"), Kind.DATE, 11, moves=True),
        Column("officer", N_("经办人"), Kind.STAFF, 10),
    ),
    _query,
    "resident",
)
