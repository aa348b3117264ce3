"""L25 个人信息处理与查询导出日志: who looked at, revealed, printed or took out what, when and why.

Traces and prints travel and are those of every counter; looks are kept on the computer where they happened. A close
freezes the former alone: two counters must make the same paper. Looks of a closed month stand in L25-1.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, Text, case, cast, literal, select, union_all
from sqlmodel import col

from app.ledgers.base import Ask, Column, Kind, Ledger, moments_in, of_rows
from app.models.access_log import LOOKS, AccessLine
from app.models.acts import find_act
from app.models.codes import code_list
from app.models.referral import Referral, SlipPrint
from app.models.registration import ServiceEvent
from app.models.resident import Resident
from app.models.training import TrainingClass
from app.texts import N_

_PRINT = "referral.print"
_PADDED = 1_000_000_000
"""Added to the number of a look: as text, they stand in their order."""
_FIELDS = {"id_no": "证件号码", "mobile": "电话"}
"""What a reveal opened. Ledgers are Chinese papers."""


def _query(ask: Ask) -> Select[Any]:
    looks = [] if ask.shared else [_looks(ask)]
    every = union_all(_traces(ask), _prints(ask), *looks).subquery()
    return select(every).order_by(every.c.happened_at, every.c.row_id)


def _own_looks(ask: Ask) -> Select[Any]:
    every = _looks(ask).subquery()
    return select(every).order_by(every.c.happened_at, every.c.row_id)


def _traces(ask: Ask) -> Any:
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
    return seen.where(moments_in(ask.period, col(ServiceEvent.happened_at)), *of_rows(ask, ServiceEvent))


def _prints(ask: Ask) -> Any:
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
    return printed.where(
        moments_in(ask.period, col(SlipPrint.printed_at)),
        *of_rows(ask, SlipPrint, officer=col(SlipPrint.printed_by)),
    )


def _looks(ask: Ask) -> Any:
    """Select this computer's access log; at the district, where nobody looks, the table is empty."""
    person = col(AccessLine.subject_id) == col(Resident.id)
    held = col(AccessLine.subject_id) == col(TrainingClass.id)
    what: ColumnElement[Any] = case(
        (col(AccessLine.subject_type) == "ledger", col(AccessLine.subject_id) + " " + col(AccessLine.detail)),
        (held, col(TrainingClass.class_no)),
        else_=col(AccessLine.detail),
    )
    looks: Any = (
        select(
            literal("#").concat(cast(col(AccessLine.number) + _PADDED, Text)).label("row_id"),
            col(Resident.id).label("resident_id"),
            col(AccessLine.station_code).label("row_station"),
            col(AccessLine.looked_at).label("happened_at"),
            col(AccessLine.staff_id).label("officer"),
            col(AccessLine.act).label("act"),
            col(Resident.name).label("name"),
            what.label("what"),
            literal(None).cast(Text).label("why"),
        )
        .outerjoin(Resident, person)
        .outerjoin(TrainingClass, held)
    )
    stations = [col(AccessLine.station_code).in_(ask.stations)] if ask.stations else []
    officer = [col(AccessLine.staff_id) == ask.officer] if ask.officer else []
    return looks.where(moments_in(ask.period, col(AccessLine.looked_at)), *stations, *officer)


def _act_words(name: str, _ask: Ask) -> str:
    if name in LOOKS:
        return LOOKS[name]
    found = find_act(name)
    return found.label if found is not None else name


def _what_words(what: str, _ask: Ask) -> str:
    return _FIELDS.get(what, what)


def _why_words(why: str, _ask: Ask) -> str:
    for list_id in ("REVEAL_REASON", "REPRINT_REASON"):
        if (item := code_list(list_id).get(why)) is not None:
            return item.label_zh
    return why


_COLUMNS = (
    Column("happened_at", N_("时间"), Kind.MOMENT, 17),
    Column("officer", N_("人员"), Kind.STAFF, 10),
    Column("act", N_("动作"), width=16, shape=_act_words),
    Column("name", N_("对象"), Kind.NAME, 10),
    Column("what", N_("内容"), width=36, shape=_what_words),
    Column("why", N_("理由"), width=24, shape=_why_words),
)

AUDIT = Ledger(
    "L25",
    "audit",
    N_("个人信息处理与查询导出日志"),
    N_("发生时间"),
    N_(
        "期内谁看过、看完整号码、打印、导出，一次一行，十分钟内回到同一处算一次；导出的写明份数。"
        "“查看”的是这台电脑上的，结账不封存，结账后看 L25-1；别的是全站的。"
    ),
    _COLUMNS,
    _query,
    "service_event",
    about_people=False,
)
LOOKED = Ledger(
    "L25-1",
    "looks",
    N_("本机查看记录"),
    N_("发生时间"),
    N_("期内谁在这台电脑上看过谁的档案、哪份名单，十分钟内回到同一处算一次。只在本机，不上传，不结账。"),
    _COLUMNS,
    _own_looks,
    about_people=False,
    local=True,
)
