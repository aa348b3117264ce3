"""Taking out what is of several stations: a ledger that the district made, or stations side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from app import clock
from app.db import state
from app.db.database import Actor, Transaction
from app.errors import InvalidInputError, NotAllowedError
from app.ledgers.base import Ask, Ledger
from app.ledgers.export import Heading
from app.ledgers.making import EXPORT, EXPORT_WHOLE, heading_of
from app.ledgers.months import closed_by
from app.models.acts import find_act, may
from app.models.base import parse_draft
from app.models.divisions import division
from app.models.registration import ServiceEvent, ServiceEventDraft
from app.texts import _

FROM_DISTRICT, FROM_HERE = "区里", "本机"
_NAMED = 6


def check_may_take(actor: Actor | None, why: str = "") -> None:
    """See, before anything is fetched, that somebody may take a ledger out.

    Raises:
        NotAllowedError: the role may not.
        InvalidInputError: a reason of blanks.
    """
    if why and not why.strip():
        raise InvalidInputError({"why": _("要完整信息请写明理由")})
    act = find_act(EXPORT_WHOLE if why else EXPORT)
    if act is not None and actor is not None and not may(actor.roles, act.name):
        raise NotAllowedError(_("您的岗位不能“{act}”，请转站长", act=_(act.label)))


def note_taken(
    tx: Transaction,
    ledger: Ledger,
    ask: Ask,
    *,
    rows: int,
    way: str,
    stations: Mapping[str, str],
    why: str = "",
    source: str = FROM_DISTRICT,
) -> Heading:
    """Leave the trace of a table of so many rows and return its head; ``stations``: code → name of those in it.

    Raises:
        NotAllowedError: the role may not.
        InvalidInputError: a reason of blanks.
    """
    check_may_take(tx.actor, why)
    tx.act(EXPORT_WHOLE if why else EXPORT)
    what = f"{ledger.code} {ledger.title} {ask.period.on_paper} {source} {way} {rows} 行".strip()
    values = {"kind": tx.act_name, "happened_at": clock.now(), "subject_type": "ledger", "detail": what[:200]}
    tx.add(ServiceEvent.from_draft(parse_draft(ServiceEventDraft, {**values, "why": why.strip()[:100] or None})))
    heading = heading_of(tx, ask, why=why)
    filters = "，".join(part for part in (_which(ask, stations), heading.filters, _live(tx, ask, stations)) if part)
    return replace(heading, unit=unit_of(tx, ask, stations), filters=filters)


def unit_of(tx: Transaction, ask: Ask, stations: Mapping[str, str]) -> str:
    """Return whose table it is: the one station's, or the district's."""
    if len(ask.stations) == 1:
        return stations.get(ask.stations[0], ask.stations[0])
    found = division(str(state.get_state(tx.session, state.COUNTY_CODE, "")))
    return found.name if found is not None else "全区"


def _which(ask: Ask, stations: Mapping[str, str]) -> str:
    """Return which stations, where they are some of several."""
    if len(ask.stations) < 2:
        return ""
    names = [stations.get(code, code) for code in ask.stations]
    return "站点 " + "、".join(names[:_NAMED]) + (f" 等 {len(names)} 个" if len(names) > _NAMED else "")


def _live(tx: Transaction, ask: Ask, stations: Mapping[str, str]) -> str:
    """Say of a month that a station has closed that this is not made from what was frozen then."""
    if not ask.period.is_month or not any(closed_by(tx, code, ask.period) for code in ask.stations or stations):
        return ""
    return "已结账的站按现在的记录算，结账时的以站里的为准"
