"""YB 职业介绍工作情况: the classic national table (historic 劳社统就7号), one row per station (domain sheet 7.2).

The historic program counted success by the day of registration and ended the year below month 12: December was lost.
Here periods are half-open and success counts by the day of its outcome. Its figures of people are called 人数, so a
person counts once in each; it counted records.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, Subquery, and_, case, func, literal, null, or_, select, union_all
from sqlalchemy import Text as SqlText
from sqlalchemy import cast as sql_cast
from sqlmodel import col

from app.ledgers.base import Ask, Column, Kind, Ledger, days_in, moments_in, of_people, of_rows
from app.models.certificate import VOID, Certificate
from app.models.employer import Vacancy
from app.models.guidance import Guidance
from app.models.referral import Referral
from app.models.registration import Registration
from app.models.resident import Resident
from app.models.station import Station
from app.texts import N_

FEMALE = "2"
LAID_OFF = ("6",)
OUT_OF_WORK = ("1", "3", "4")
"""SEEKER_CLASS: 6 counts as 下岗, 1, 3 and 4 as 失业 (domain sheet 3.15, as the national system counts bac299)."""
QUALIFIED = ("1", "2")
"""CERT_TYPE that counts as 获得职业资格: skill-level certificate, vocational qualification."""
HIRED, VOIDED = "1", "60"
_SEEKS, _GUIDED, _PLACED = "seeks", "guided", "placed"


def _facts(ask: Ask) -> Subquery:
    """Return what the table counts, a row each: station, what it is, the person, whether each 其中 holds of her."""
    found: Any = union_all(_offered(ask), _seeking(ask), _guided(ask), _placed(ask))
    facts: Subquery = found.subquery()
    return facts


def _fact(what: str, model: Any, *columns: Any) -> Select[Any]:
    names = ("openings", "person", "female", "laid_off", "unemployed", "qualified")
    given = [column.label(name) for name, column in zip(names, columns, strict=True)]
    return select(col(model.station_code).label("station"), literal(what).label("what"), *given)


def _offered(ask: Ask) -> Select[Any]:
    """登记招聘人数: the openings of vacancies registered in the period."""
    no = literal(0)
    openings = func.coalesce(col(Vacancy.openings), 0)
    return _fact("offered", Vacancy, openings, sql_cast(null(), SqlText), no, no, no, no).where(
        moments_in(ask.period, col(Vacancy.created_at)), *of_rows(ask, Vacancy)
    )


def _seeking(ask: Ask) -> Select[Any]:
    """登记求职人数: by the true date of registration, also where it was entered later."""
    return (
        _fact(_SEEKS, Registration, literal(0), col(Registration.resident_id), *_kinds(ask, Registration.resident_id))
        .outerjoin(Resident, col(Resident.id) == col(Registration.resident_id))
        .where(days_in(ask.period, col(Registration.reg_date)), *of_rows(ask, Registration), *of_people(ask))
    )


def _guided(ask: Ask) -> Select[Any]:
    """职业指导人数: who was given guidance in the period."""
    no = literal(0)
    return (
        _fact(_GUIDED, Guidance, no, col(Guidance.resident_id), no, no, no, no)
        .outerjoin(Resident, col(Resident.id) == col(Guidance.resident_id))
        .where(
            moments_in(ask.period, col(Guidance.guided_at)),
            *of_rows(ask, Guidance, officer=col(Guidance.counsellor_id)),
            *of_people(ask),
        )
    )


def _placed(ask: Ask) -> Select[Any]:
    """介绍成功人数: outcome 录用, by the day of the reply; 下岗 and 失业 as the registration says that led to it."""
    return (
        _fact(_PLACED, Referral, literal(0), col(Referral.resident_id), *_kinds(ask, Referral.resident_id))
        .outerjoin(Resident, col(Resident.id) == col(Referral.resident_id))
        .outerjoin(Registration, col(Registration.id) == col(Referral.registration_id))
        .where(
            moments_in(ask.period, col(Referral.reply_at)),
            col(Referral.outcome) == HIRED,
            col(Referral.state) != VOIDED,
            *of_rows(ask, Referral, officer=col(Referral.issued_by)),
            *of_people(ask),
        )
    )


def _kinds(ask: Ask, person: Any) -> list[ColumnElement[Any]]:
    """Return, of one fact, whether she is a woman, laid off, out of work, and qualified: 1 or 0."""
    seeker = col(Registration.person_class)
    own = sql_cast(col(Registration.certs), SqlText)
    listed = [own.contains(f'"type":{gap}"{kind}"', autoescape=True) for kind in QUALIFIED for gap in ("", " ")]
    issued = (
        select(col(Certificate.id))
        .where(
            col(Certificate.resident_id) == col(person),
            col(Certificate.cert_type).in_(QUALIFIED),
            col(Certificate.state) != VOID,
            col(Certificate.deleted_at).is_(None),
            col(Certificate.issued_on) < ask.period.until,
        )
        .exists()
    )
    told = (col(Resident.sex) == FEMALE, seeker.in_(LAID_OFF), seeker.in_(OUT_OF_WORK), or_(*listed, issued))
    return [case((each, 1), else_=0) for each in told]


def _sums(ask: Ask) -> Subquery:
    """Return the table's figures of each station that has any."""
    facts = _facts(ask)

    def persons(label: str, what: str, flag: Any = None) -> Any:
        holds = facts.c.what == what if flag is None else and_(facts.c.what == what, flag == 1)
        return func.count(case((holds, facts.c.person)).distinct()).label(label)

    columns = [func.sum(facts.c.openings).label("offered"), persons("guided", _GUIDED)]
    for what in (_SEEKS, _PLACED):
        columns.append(persons(what, what))
        columns += [
            persons(f"{what}_{kind}", what, facts.c[kind]) for kind in ("female", "laid_off", "unemployed", "qualified")
        ]
    return select(facts.c.station, *columns).group_by(facts.c.station).subquery()


def _query(ask: Ask) -> Select[Any]:
    sums = _sums(ask)
    code = col(Station.code)
    figures: list[Any] = [
        sql_cast(func.coalesce(sums.c[column.key], 0), Integer).label(column.key) for column in MONTHLY.columns[1:]
    ]
    there = or_(
        col(Station.created_at) < ask.period.end, col(Station.created_at).is_(None), sums.c.station.is_not(None)
    )
    stations = [code.in_(ask.stations)] if ask.stations else []
    table: Any = (
        select(
            code.label("row_id"),
            sql_cast(null(), SqlText).label("resident_id"),
            code.label("row_station"),
            code.label("station"),
            *figures,
        )
        .outerjoin(sums, sums.c.station == code)
        .where(col(Station.deleted_at).is_(None), there, *stations)
        .order_by(code)
    )
    rows: Select[Any] = table
    return rows


def _groups(what: str) -> tuple[Column, ...]:
    """Return a figure of people and its 其中."""
    whole = Column(what, N_("本期登记求职人数") if what == _SEEKS else N_("本期介绍成功人数"), Kind.NUMBER, 14)
    titles = {
        _SEEKS: (N_("求职其中：女性"), N_("求职其中：下岗"), N_("求职其中：失业"), N_("求职其中：获得职业资格")),
        _PLACED: (N_("成功其中：女性"), N_("成功其中：下岗"), N_("成功其中：失业"), N_("成功其中：获得职业资格")),
    }[what]
    kinds = ("female", "laid_off", "unemployed", "qualified")
    return (
        whole,
        *(Column(f"{what}_{kind}", title, Kind.NUMBER, 12) for kind, title in zip(kinds, titles, strict=True)),
    )


MONTHLY = Ledger(
    "YB",
    "monthly",
    N_("职业介绍工作情况"),
    N_("各项的登记、指导、回执日期"),
    N_(
        "全国报表“职业介绍工作情况”（原劳社统就7号），没有的填 0；招聘人数是岗位的人数之和，其余按人去重。"
        "下岗是求职人员类别 6，失业是 1、3、4，职业资格看登记和期末前发的证书（技能等级、国家职业资格）；12 月不漏。"
    ),
    (
        Column("station", N_("站点"), Kind.STATION, 22),
        Column("offered", N_("本期登记招聘人数"), Kind.NUMBER, 14),
        *_groups(_SEEKS),
        Column("guided", N_("本期职业指导人数"), Kind.NUMBER, 14),
        *_groups(_PLACED),
    ),
    _query,
    about_people=False,
    summed=True,
)
