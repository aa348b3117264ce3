"""L25 个人信息处理与查询导出日志: who revealed, printed or took out what, when and why."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, literal, select, union_all
from sqlmodel import col

from app.ledgers.base import Ask, Column, Kind, Ledger, moments_in, of_rows
from app.models.acts import find_act
from app.models.codes import code_list
from app.models.referral import Referral, SlipPrint
from app.models.registration import ServiceEvent
from app.models.resident import Resident
from app.texts import N_

_PRINT = "referral.print"


def _query(ask: Ask) -> Select[Any]:
    seen: Any = select(
        col(ServiceEvent.id).label("row_id"),
        col(ServiceEvent.subject_id).label("resident_id"),
        col(ServiceEvent.station_code).label("row_station"),
        col(ServiceEvent.happened_at).label("happened_at"),
        col(ServiceEvent.created_by).label("officer"),
        col(ServiceEvent.kind).label("act"),
        col(Resident.name).label("name"),
        col(ServiceEvent.detail).label("what"),
        col(ServiceEvent.why).label("why"),
    ).outerjoin(Resident, col(Resident.id) == col(ServiceEvent.subject_id))
    printed: Any = (
        select(
            col(SlipPrint.id).label("row_id"),
            col(Referral.resident_id).label("resident_id"),
            col(SlipPrint.station_code).label("row_station"),
            col(SlipPrint.printed_at).label("happened_at"),
            col(SlipPrint.printed_by).label("officer"),
            literal(_PRINT).label("act"),
            col(Resident.name).label("name"),
            col(Referral.slip_no).label("what"),
            col(SlipPrint.why).label("why"),
        )
        .join(Referral, col(Referral.id) == col(SlipPrint.referral_id))
        .outerjoin(Resident, col(Resident.id) == col(Referral.resident_id))
    )
    both = union_all(
        seen.where(moments_in(ask.period, col(ServiceEvent.happened_at)), *of_rows(ask, ServiceEvent)),
        printed.where(
            moments_in(ask.period, col(SlipPrint.printed_at)),
            *of_rows(ask, SlipPrint, officer=col(SlipPrint.printed_by)),
        ),
    ).subquery()
    return select(both).order_by(both.c.happened_at, both.c.row_id)


def _act_words(name: str, _ask: Ask) -> str:
    found = find_act(name)
    return found.label if found is not None else name


def _why_words(why: str, _ask: Ask) -> str:
    for list_id in ("REVEAL_REASON", "REPRINT_REASON"):
        if (item := code_list(list_id).get(why)) is not None:
            return item.label_zh
    return why


AUDIT = Ledger(
    "L25",
    "audit",
    N_("个人信息处理与查询导出日志"),
    N_("发生时间"),
    N_("期内看完整号码、打印、导出等留痕，一次一行；导出的写明份数。"),
    (
        Column("happened_at", N_("时间"), Kind.MOMENT, 17),
        Column("officer", N_("人员"), Kind.STAFF, 10),
        Column("act", N_("动作"), width=16, shape=_act_words),
        Column("name", N_("对象"), Kind.NAME, 10),
        Column("what", N_("内容"), width=36),
        Column("why", N_("理由"), width=24, shape=_why_words),
    ),
    _query,
    "service_event",
)
