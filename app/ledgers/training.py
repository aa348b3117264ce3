"""L16 培训台账 and L18 来料加工（编织）台账."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, and_, func, select
from sqlmodel import col

from app.ledgers.base import (
    PERSON,
    Ask,
    Column,
    Kind,
    Ledger,
    days_in,
    either,
    key_columns,
    of_people,
    of_rows,
    person_columns,
)
from app.ledgers.words import trade_words
from app.models.certificate import COMPLETION, VOID, Certificate
from app.models.craft import CraftAssign, CraftDelivery, CraftOrder
from app.models.employer import Employer
from app.models.registration import EmpStatus
from app.models.resident import Resident
from app.models.training import Course, Enrolment, TrainingClass
from app.texts import N_


def _certificate(what: Any, *, own: bool) -> Any:
    """Return one fact of the newest certificate of an enrolment: the class's own, or an authority's."""
    kind = col(Certificate.cert_type)
    return (
        select(what)
        .where(
            col(Certificate.enrolment_id) == col(Enrolment.id),
            col(Certificate.deleted_at).is_(None),
            col(Certificate.state) != VOID,
            kind == COMPLETION if own else kind != COMPLETION,
        )
        .order_by(col(Certificate.issued_on).desc(), col(Certificate.id).desc())
        .limit(1)
        .scalar_subquery()
    )


def _work_after() -> Any:
    """Return the first status that somebody took on after her class ended."""
    return (
        select(col(EmpStatus.to_status))
        .where(
            col(EmpStatus.resident_id) == col(Enrolment.resident_id),
            col(EmpStatus.deleted_at).is_(None),
            col(EmpStatus.since) >= col(TrainingClass.finished_on),
        )
        .order_by(col(EmpStatus.since), col(EmpStatus.id))
        .limit(1)
        .scalar_subquery()
    )


def _training(ask: Ask) -> Select[Any]:
    held, began = col(TrainingClass.finished_on), col(TrainingClass.opened_on)
    return (
        select(
            *key_columns(Enrolment, col(Enrolment.resident_id)),
            func.coalesce(col(Resident.name), col(Enrolment.name)).label("name"),
            *person_columns()[1:],
            col(TrainingClass.class_no).label("class_no"),
            col(TrainingClass.title).label("title"),
            col(Course.trade).label("trade"),
            col(Course.level).label("level"),
            col(Enrolment.enrolled_on).label("enrolled_on"),
            began.label("opened_on"),
            held.label("finished_on"),
            col(Enrolment.state).label("state"),
            _certificate(col(Certificate.cert_no), own=True).label("completion"),
            _certificate(col(Certificate.cert_no), own=False).label("certificate"),
            col(Enrolment.target).label("target"),
            _work_after().label("after"),
            col(Enrolment.created_by).label("officer"),
        )
        .join(TrainingClass, col(TrainingClass.id) == col(Enrolment.class_id))
        .outerjoin(Course, col(Course.id) == col(TrainingClass.course_id))
        .outerjoin(Resident, col(Resident.id) == col(Enrolment.resident_id))
        .where(
            either(
                days_in(ask.period, col(Enrolment.enrolled_on)),
                days_in(ask.period, held),
                and_(began < ask.period.until, either(held.is_(None), held >= ask.period.first)),
            ),
            *of_rows(ask, Enrolment),
            *of_people(ask),
        )
        .order_by(col(TrainingClass.class_no), col(Enrolment.enrolled_on), col(Enrolment.id))
    )


TRAINING = Ledger(
    "L16",
    "training",
    N_("培训台账"),
    N_("报名日期，或期内在办的班"),
    N_("报名在期内，或班级在期内开着的学员，一人一班一行。就业去向是结业以后的第一个就业状态。"),
    (
        *PERSON,
        Column("class_no", N_("班期"), Kind.SERIAL, 22),
        Column("title", N_("班名"), width=22),
        Column("trade", N_("工种"), width=18, shape=lambda code, _ask: trade_words(code)),
        Column("level", N_("等级"), Kind.CODE, 10, "SKILL"),
        Column("enrolled_on", N_("报名日期"), Kind.DATE, 11),
        Column("opened_on", N_("开班日期"), Kind.DATE, 11, since="opened_on"),
        Column("finished_on", N_("结业日期"), Kind.DATE, 11, since="finished_on"),
        Column("state", N_("学员状态"), Kind.CODE, 10, "ENROL_STATE", moves=True),
        Column("completion", N_("合格证号"), width=20, moves=True),
        Column("certificate", N_("取证证号"), width=22, moves=True),
        Column("target", N_("补贴类别"), Kind.CODE, 16, "SUBSIDY_TARGET"),
        Column("after", N_("就业去向"), Kind.CODE, 14, "EMP_STATUS", moves=True),
        Column("officer", N_("经办人"), Kind.STAFF, 10),
    ),
    _training,
    "enrolment",
)


def _delivered(what: Any, ask: Ask) -> Any:
    return (
        select(func.coalesce(func.sum(what), 0))
        .where(
            col(CraftDelivery.assign_id) == col(CraftAssign.id),
            col(CraftDelivery.deleted_at).is_(None),
            col(CraftDelivery.delivered_on) < ask.period.until,
        )
        .scalar_subquery()
    )


def _crafts(ask: Ask) -> Select[Any]:
    delivered = (
        select(col(CraftDelivery.id))
        .where(
            col(CraftDelivery.assign_id) == col(CraftAssign.id),
            col(CraftDelivery.deleted_at).is_(None),
            days_in(ask.period, col(CraftDelivery.delivered_on)),
        )
        .exists()
    )
    return (
        select(
            *key_columns(CraftAssign, col(CraftAssign.resident_id)),
            *person_columns(),
            col(CraftOrder.order_no).label("order_no"),
            col(Employer.name).label("employer"),
            col(CraftOrder.product).label("product"),
            col(CraftOrder.quantity).label("quantity"),
            col(CraftOrder.piece_pay).label("piece_pay"),
            col(CraftAssign.taken_on).label("taken_on"),
            col(CraftAssign.due_count).label("due_count"),
            _delivered(col(CraftDelivery.quantity), ask).label("delivered"),
            _delivered(col(CraftDelivery.accepted), ask).label("accepted"),
            _delivered(col(CraftDelivery.pay_due), ask).label("pay_due"),
            _delivered(col(CraftDelivery.pay_paid), ask).label("pay_paid"),
            col(CraftAssign.created_by).label("officer"),
        )
        .join(CraftOrder, col(CraftOrder.id) == col(CraftAssign.order_id))
        .outerjoin(Employer, col(Employer.id) == col(CraftOrder.employer_id))
        .outerjoin(Resident, col(Resident.id) == col(CraftAssign.resident_id))
        .where(
            either(days_in(ask.period, col(CraftAssign.taken_on)), delivered),
            *of_rows(ask, CraftAssign),
            *of_people(ask),
        )
        .order_by(col(CraftOrder.order_no), col(CraftAssign.taken_on), col(CraftAssign.id))
    )


CRAFTS = Ledger(
    "L18",
    "crafts",
    N_("来料加工（编织）台账"),
    N_("领料日或交货日"),
    N_("领料或交货在期内的派单，一人一单一行；交、合格、加工费累计到期末。"),
    (
        *PERSON,
        Column("order_no", N_("订单"), Kind.SERIAL, 20),
        Column("employer", N_("企业"), width=26, moves=True),
        Column("product", N_("品名"), width=16),
        Column("quantity", N_("订单数量"), Kind.NUMBER, 9, moves=True),
        Column("piece_pay", N_("单价（元）"), Kind.MONEY, 10),
        Column("taken_on", N_("领料日"), Kind.DATE, 11),
        Column("due_count", N_("应交"), Kind.NUMBER, 8),
        Column("delivered", N_("已交"), Kind.NUMBER, 8),
        Column("accepted", N_("合格"), Kind.NUMBER, 8),
        Column("pay_due", N_("加工费（元）"), Kind.MONEY, 12),
        Column("pay_paid", N_("已付（元）"), Kind.MONEY, 12, moves=True),
        Column("officer", N_("经办人"), Kind.STAFF, 10),
    ),
    _crafts,
    "craft_assign",
)
