"""Taking a ledger out: who may, what trace it leaves, and what its head says."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select
from sqlmodel import col

from app import clock
from app.db.database import Transaction
from app.errors import InvalidInputError
from app.ledgers import read
from app.ledgers.base import Ask, Ledger
from app.ledgers.export import Heading
from app.ledgers.read import Cell, Names, Pen
from app.models.base import parse_draft
from app.models.codes import code_list
from app.models.divisions import division
from app.models.registration import ServiceEvent, ServiceEventDraft
from app.models.station import Station
from app.services.policy_cards import card_names
from app.services.staff import staff_names
from app.services.stations import find_station
from app.texts import _

EXPORT, EXPORT_WHOLE = "ledger.export", "ledger.export_whole"


def note_export(tx: Transaction, ledger: Ledger, ask: Ask, *, way: str, why: str = "") -> Heading:
    """Check that the actor may take a ledger out, leave the trace, and return the ledger's head.

    ``way``: xlsx, pdf or csv. ``why``: the reason for whole names and numbers; without one they are masked. The trace
    is there before the file: an export that fails has been tried, and one without a trace cannot be.

    Raises:
        NotAllowedError: the role may not.
        InvalidInputError: a reason of blanks.
    """
    if why and not why.strip():
        raise InvalidInputError({"why": _("要完整信息请写明理由")})
    tx.act(EXPORT_WHOLE if why else EXPORT)
    rows = read.count(tx.session.connection(), ledger, ask)
    what = f"{ledger.code} {ledger.title} {ask.period.on_paper} {way} {rows} 行"
    values = {"kind": tx.act_name, "happened_at": clock.now(), "subject_type": "ledger", "detail": what[:200]}
    tx.add(ServiceEvent.from_draft(parse_draft(ServiceEventDraft, {**values, "why": why.strip()[:100] or None})))
    return heading_of(tx, ask, why=why)


def heading_of(tx: Transaction, ask: Ask, *, why: str = "") -> Heading:
    """Return what stands over a ledger made now by this actor."""
    station = find_station(tx)
    return Heading(
        unit=station.name if station is not None else "",
        period=ask.period.on_paper,
        made_by=tx.actor.name if tx.actor is not None else "",
        made_at=clock.now(),
        filters=filter_words(tx, ask),
        whole_why=why.strip(),
    )


def filter_words(tx: Transaction, ask: Ask) -> str:
    """Return the filters in words; empty when there are none."""
    found = []
    if ask.community:
        place = division(ask.community)
        found.append(place.label if place is not None else ask.community)
    if ask.grid:
        found.append(f"网格 {ask.grid}")
    if ask.officer:
        found.append(f"经办人 {staff_names(tx).get(ask.officer, ask.officer)}")
    if ask.group:
        item = code_list("KG").get(ask.group)
        found.append(item.label_zh if item is not None else ask.group)
    return "，".join(found)


def cells(tx: Transaction, ledger: Ledger, ask: Ask, *, whole: bool = False) -> Iterator[list[Cell]]:
    """Yield the rows of a ledger as they are written, a thousand at a time from the database."""
    connection = tx.session.connection()
    pen = Pen(names_of(tx), ledger, ask, whole=whole)
    for line in read.lines(connection, ledger, ask):
        yield pen.cells(line)


def names_of(tx: Transaction) -> Names:
    """Return what the ids in a ledger's cells are called."""
    stations = {row[0]: row[1] for row in tx.rows(select(col(Station.code), col(Station.name)))}
    return Names(staff_names(tx), stations, card_names(tx))
