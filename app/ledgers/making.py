"""Taking a ledger out: who may, what trace it leaves, what its head says, and where its rows come from.

A closed month's ledger is always made from what was frozen, any other one from the records as they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from app import clock
from app.db.database import Transaction
from app.errors import InvalidInputError, RuleError
from app.ledgers import read
from app.ledgers.base import Ask, Ledger
from app.ledgers.export import Heading
from app.ledgers.months import Close, closed_by, own_station
from app.ledgers.naming import names_of as names_of
from app.ledgers.read import Cell, Line, Mask, Pen
from app.ledgers.restating import Correction, Tick, correction_of, corrections
from app.ledgers.snapshot import frozen_corrections, frozen_ledger, frozen_rows, lets_through
from app.models.base import parse_draft
from app.models.codes import code_list
from app.models.divisions import division
from app.models.registration import ServiceEvent, ServiceEventDraft
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
    rows = count(tx, ledger, ask)
    what = f"{ledger.code} {ledger.title} {ask.period.on_paper} {way} {rows} 行"
    values = {"kind": tx.act_name, "happened_at": clock.now(), "subject_type": "ledger", "detail": what[:200]}
    tx.add(ServiceEvent.from_draft(parse_draft(ServiceEventDraft, {**values, "why": why.strip()[:100] or None})))
    return heading_of(tx, ask, ledger=ledger, why=why)


def heading_of(tx: Transaction, ask: Ask, *, ledger: Ledger | None = None, why: str = "") -> Heading:
    """Return what stands over a ledger made now by this actor; over a closed month's, what stood there at its close."""
    close = None if ledger is None else frozen_by(tx, ledger, ask)
    actor, now = tx.actor.name if tx.actor is not None else "", clock.now()
    if close is None or ledger is None:
        station = find_station(tx)
        unit = station.name if station is not None else ""
        return Heading(unit, ask.period.on_paper, actor, now, filter_words(tx, ask), why.strip())
    entry = close.ledger(ledger.code)
    assert entry is not None
    return Heading(
        unit=close.unit,
        period=ask.period.on_paper,
        made_by=close.closed_name,
        made_at=close.closed_at,
        filters=filter_words(tx, ask, officer=_officer_then(tx, ledger, ask, close)),
        whole_why=why.strip(),
        seal=entry["sha256"],
        taken_by=actor,
        taken_at=now,
    )


def filter_words(tx: Transaction, ask: Ask, *, officer: str = "") -> str:
    """Return the filters in words; empty when there are none. ``officer``: the name, where it is not that of now."""
    found = []
    if ask.community:
        place = division(ask.community)
        found.append(place.label if place is not None else ask.community)
    if ask.grid:
        found.append(f"网格 {ask.grid}")
    if ask.officer:
        found.append(f"经办人 {officer or staff_names(tx).get(ask.officer, ask.officer)}")
    if ask.group:
        item = code_list("KG").get(ask.group)
        found.append(item.label_zh if item is not None else ask.group)
    return "，".join(found)


# Rows ----------------------------------------------------------------------------------------------------------------


def asked(tx: Transaction, ask: Ask) -> Ask:
    """Return the ask of this device's own station, where it has one and no other was asked for."""
    own = "" if ask.stations else own_station(tx)
    return replace(ask, stations=(own,)) if own else ask


def frozen_by(tx: Transaction, ledger: Ledger, ask: Ask) -> Close | None:
    """Return the close that this ledger is made from; None where it is made from the records as they are."""
    stations = asked(tx, ask).stations
    close = closed_by(tx, stations[0], ask.period) if len(stations) == 1 else None
    return close if close is not None and close.ledger(ledger.code) is not None else None


@dataclass(frozen=True)
class Source:
    """Where a ledger of a period comes from: how it is made, its rows, and what writes their cells.

    ``close``: the close it is frozen by; None where it is made from the records as they are.
    """

    ledger: Ledger
    lines: Iterator[Line]
    pen: Pen | Mask
    close: Close | None = None


def source_of(tx: Transaction, ledger: Ledger, ask: Ask, *, whole: bool = False) -> Source:
    """Return a ledger's rows, a thousand at a time from the database or piece by piece from what was frozen.

    What was tampered with shows at the latest behind the last row: no file is put in its place before.

    Raises:
        NotFoundError: it is closed, and what was frozen is not here.
        StorageError: it is closed, and what is here is not what was frozen.
    """
    wanted = asked(tx, ask)
    close, entry = _frozen(tx, ledger, wanted)
    if entry is None:
        pen = Pen(names_of(tx), ledger, wanted, whole=whole)
        return Source(ledger, read.lines(tx.session.connection(), ledger, wanted), pen)
    then = frozen_ledger(tx, entry, ledger)
    rows = frozen_rows(tx, entry, wanted)
    lines = (Line(row.row_id, row.resident_id, row.station, row.cells) for row in rows)
    return Source(then, lines, Mask(then.columns, whole=whole), close)


def as_made(tx: Transaction, ledger: Ledger, ask: Ask) -> Ledger:
    """Return the ledger with the words and columns that it is made with: those of its close, where it is frozen."""
    return source_of(tx, ledger, ask).ledger


def cells(tx: Transaction, ledger: Ledger, ask: Ask, *, whole: bool = False) -> Iterator[list[Cell]]:
    """Yield the rows of a ledger as they are written; see ``source_of``."""
    source = source_of(tx, ledger, ask, whole=whole)
    for line in source.lines:
        yield source.pen.cells(line)


def _frozen(tx: Transaction, ledger: Ledger, ask: Ask) -> tuple[Close | None, Mapping[str, Any] | None]:
    """Return the close of the ledger and what it froze of it; None where it is made from the records as they are.

    Raises:
        RuleError: sums of a closed month, narrowed.
    """
    close = frozen_by(tx, ledger, ask)
    if close is not None and ledger.summed and ask != Ask(ask.period, ask.stations):
        raise RuleError(_("{title}是合计，结账以后只有全站的：请去掉筛选", title=_(ledger.title)), code="ledger.summed")
    return close, None if close is None else close.ledger(ledger.code)


def count(tx: Transaction, ledger: Ledger, ask: Ask) -> int:
    """Return how many rows the ledger has."""
    _close, entry = _frozen(tx, ledger, ask)
    if entry is None:
        return read.count(tx.session.connection(), ledger, asked(tx, ask))
    if ask == Ask(ask.period, ask.stations):
        return int(entry["rows"])
    return sum(1 for _row in frozen_rows(tx, entry, ask))


def corrections_of(tx: Transaction, ledger: Ledger, ask: Ask, *, tick: Tick = lambda _rows: None) -> list[Correction]:
    """Return the corrections of earlier months that a ledger shows: those frozen with it, or those of now.

    Raises:
        NotFoundError: what was frozen of an earlier month is not here.
        StorageError: what is here of it is not what was frozen.
    """
    close = frozen_by(tx, ledger, ask)
    entry = None if close is None else close.ledger(ledger.code)
    if entry is not None:
        told = map(correction_of, frozen_corrections(tx, entry) if entry.get("corrections") else ())
        return [each for each in told if lets_through(ask, each.row)]
    wanted = asked(tx, ask)
    if len(wanted.stations) != 1:
        return []
    return corrections(tx, ledger, wanted, station=wanted.stations[0], tick=tick)


def _officer_then(tx: Transaction, ledger: Ledger, ask: Ask, close: Close) -> str:
    """Return what the officer who is asked for was called when the month was closed."""
    entry = close.ledger(ledger.code)
    if not ask.officer or entry is None:
        return ""
    then = frozen_ledger(tx, entry, ledger)
    place = next((at for at, column in enumerate(then.columns) if column.key == then.officer), None)
    row = next(frozen_rows(tx, entry, Ask(ask.period, officer=ask.officer)), None) if place is not None else None
    return str(row.cells[place] or "") if row is not None and place is not None else ""
