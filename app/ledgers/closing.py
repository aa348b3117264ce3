"""Closing a month and opening it again.

Attachments first, then the record in one transaction: whatever stops a close in between, the month is as open as it
was. What was kept by then is noted on this device and swept before the next close.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import chain
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from app import clock
from app.db import state
from app.db.database import Actor, Database, Transaction
from app.errors import AppError, InvalidInputError, NotAllowedError, RuleError, StorageError
from app.ledgers import SHARED, read
from app.ledgers.base import Ask, Ledger
from app.ledgers.figures import figure
from app.ledgers.indicators import INDICATORS
from app.ledgers.months import Close, check_open, check_over, closes, own_station, standing
from app.ledgers.naming import names_of
from app.ledgers.period import Period
from app.ledgers.read import Pen
from app.ledgers.restating import Correction, corrected_in, correction_line, corrections
from app.ledgers.snapshot import CORRECTION, ROW, Packer, head_line, kept_rows, row_line
from app.models.acts import find_act, may
from app.models.base import parse_draft
from app.models.month_close import REOPENED, MonthClose, MonthCloseDraft, close_key
from app.models.registration import ServiceEvent, ServiceEventDraft
from app.models.registry import STATION
from app.services.attachments import blob_states, drop_blobs, keep_blob
from app.services.outbox import sync_summary
from app.services.stations import get_station
from app.texts import _

CLOSE, REOPEN = "month.close", "month.reopen"
STEP = 500
MOST_RESTATED = 15_000
"""Characters of restated figures that one close holds; what is over shows again in the next month."""
_UNDER_WAY = "month_close_under_way"

Progress = Callable[[int, int], object]
"""Told how many rows are done, and of how many; may raise Cancelled."""


@dataclass(frozen=True)
class Readiness:
    """What a supervisor is told before she closes a month: what will be frozen, and what she may wait for."""

    period: Period
    rows: tuple[tuple[Ledger, int], ...]
    earlier_open: tuple[Period, ...] = ()
    unsent: int = 0
    parked: int = 0
    conflicts: int = 0
    not_synced_since: bool = False
    round: int = 1

    @property
    def total(self) -> int:
        """Return how many rows will be frozen."""
        return sum(count for _ledger, count in self.rows)


@dataclass(frozen=True)
class _Plan:
    station: str
    unit: str
    period: Period
    number: int
    at: datetime

    @property
    def feed(self) -> str:
        return f"{STATION}/{self.station}"

    @property
    def ask(self) -> Ask:
        return Ask(self.period, (self.station,), shared=True)


def readiness(tx: Transaction, period: Period) -> Readiness:
    """Return what stands before a close.

    Raises:
        UserError: the month cannot be closed: not over, closed already, or this device serves no one station.
    """
    plan = _plan(tx, period)
    connection = tx.session.connection()
    summary = sync_summary(tx)
    missed = summary.joined and (summary.last_ok_at is None or summary.last_ok_at < period.end)
    return Readiness(
        period,
        tuple((ledger, read.count(connection, ledger, plan.ask)) for ledger in SHARED),
        earlier_open=_earlier_open(closes(tx, plan.station), period),
        unsent=summary.queued if summary.joined else 0,
        parked=summary.parked + summary.held,
        conflicts=summary.conflicts,
        not_synced_since=missed,
        round=plan.number,
    )


def _plan(tx: Transaction, period: Period) -> _Plan:
    check_over(period)
    station = get_station(tx)
    if own_station(tx) != station.code:
        raise RuleError(_("这台电脑看几个站的记录，结账要在站点自己的电脑上办"), code="month.many_stations")
    found = standing(tx, station.code, period)
    check_open(found)
    return _Plan(station.code, station.name, period, 1 if found is None else found.round + 1, clock.now())


def _earlier_open(known: Mapping[str, Close], period: Period) -> tuple[Period, ...]:
    """Return the open months between the first that was ever closed and this one."""
    found: list[Period] = []
    at = period.before()
    while known and at.slug >= next(iter(known)):
        if at.slug not in known or not known[at.slug].live:
            found.insert(0, at)
        at = at.before()
    return tuple(found)


# Closing -------------------------------------------------------------------------------------------------------------


def close_month(
    database: Database, actor: Actor, period: Period, *, progress: Progress = lambda _done, _of: None
) -> str:
    """Freeze every ledger and figure of a month, as they are at one instant; return the id of its close.

    Opens its own transactions: one to read, a short one for each part that is kept, one for the record. Clerks go on
    saving meanwhile; what they save after the first instant is a correction.

    Raises:
        NotAllowedError: the actor's role may not.
        UserError: the month cannot be closed.
        StorageError: no room; the month is as open as it was.
        Cancelled: ``progress`` said so; the same holds.
    """
    if not may(actor.roles, CLOSE):
        act = find_act(CLOSE)
        raise NotAllowedError(_("您的岗位不能“{act}”，请转站长", act=_(act.label) if act else ""))
    with database.read(actor) as tx:
        plan = _plan(tx, period)
    with database.write(None) as tx:
        _sweep(tx)
    try:
        with database.read(actor) as tx:
            plan = _plan(tx, period)
            values = _Freezing(tx, plan, partial(_keep, database, plan.feed), progress).values()
        with database.write(actor) as tx:
            return _record(tx, plan, values)
    except BaseException:
        with suppress(AppError), database.write(None) as tx:
            _sweep(tx)
        raise


class _Freezing:
    """The work between the first instant and the record."""

    def __init__(self, tx: Transaction, plan: _Plan, keep: Callable[[bytes], str], progress: Progress) -> None:
        self._tx, self._plan, self._keep, self._progress = tx, plan, keep, progress
        connection = tx.session.connection()
        counts = [read.count(connection, ledger, plan.ask) for ledger in SHARED]
        self._done, self._total = 0, sum(counts) + 1
        self._known = closes(tx, plan.station)
        self._about = corrected_in(self._known, plan.period)

    def values(self) -> dict[str, Any]:
        """Freeze; return what the record says of it."""
        self._progress(0, self._total)
        ledgers = [self._ledger(ledger) for ledger in SHARED]
        figures = figures_of(self._tx, self._plan.ask)
        restated = restated_figures(self._tx, self._plan.period, station=self._plan.station)
        return {"ledgers": ledgers, "figures": figures, "restated": _fitting(restated)}

    def _ledger(self, ledger: Ledger) -> dict[str, Any]:
        plan = self._plan
        made: list[Correction] = []
        if self._about:
            made = corrections(self._tx, ledger, plan.ask, station=plan.station, tick=self._compared)
        packer, rows = Packer(self._keep), 0
        packer.add(head_line(ledger, station=plan.station, month=plan.period.slug))
        for line in self._rows(ledger):
            packer.add([ROW, line])
            rows += 1
        for each in made:
            packer.add([CORRECTION, correction_line(each)])
        sha256, blobs = packer.end()
        return {"code": ledger.code, "rows": rows, "corrections": len(made), "sha256": sha256, "blobs": blobs}

    def _rows(self, ledger: Ledger) -> Iterator[list[Any]]:
        pen = Pen(names_of(self._tx), ledger, self._plan.ask, whole=True)
        lines = read.lines(self._tx.session.connection(), ledger, self._plan.ask)
        for number, row in enumerate(kept_rows(self._tx, ledger, lines, pen), 1):
            if number % STEP == 0:
                self._go_on(STEP)
            yield row_line(row)

    def _go_on(self, rows: int) -> None:
        self._done = min(self._done + rows, self._total)
        self._progress(self._done, self._total)

    def _compared(self, _rows: int) -> None:
        self._progress(self._done, self._total)


def _keep(database: Database, feed: str, part: bytes) -> str:
    """Keep one part; what was kept so far is noted in the same transaction."""
    with database.write(None) as tx:
        sha256 = keep_blob(tx, part, feed)
        held = state.get_state(tx.session, _UNDER_WAY) or []
        state.set_state(tx.session, _UNDER_WAY, [*held, [sha256, feed]])
    return sha256


def _sweep(tx: Transaction) -> None:
    """Take away what a close kept that did not come to its end, unless a close names it."""
    held = state.get_state(tx.session, _UNDER_WAY) or []
    if not held:
        return
    ledgers = [row[0] for row in tx.rows(select(col(MonthClose.ledgers)))]
    named = {blob["sha256"] for each in chain(*ledgers) for blob in each["blobs"]}
    drop_blobs(tx, [(sha256, feed) for sha256, feed in held if sha256 not in named])
    state.set_state(tx.session, _UNDER_WAY, [])


def _record(tx: Transaction, plan: _Plan, values: Mapping[str, Any]) -> str:
    """Write the close, now that everything it names is here.

    Raises:
        RuleError: somebody else closed the month meanwhile.
        StorageError: a part is missing: two closes at once.
    """
    tx.act(CLOSE)
    check_open(standing(tx, plan.station, plan.period))
    hashes = [blob["sha256"] for each in values["ledgers"] for blob in each["blobs"]]
    states = blob_states(tx, hashes)
    if not all(each in states and states[each].complete for each in hashes):
        raise StorageError(_("结账时封存的内容不全，这次没有结账。请再结一次"), code="month.incomplete")
    month = plan.period.slug
    draft = {
        **values,
        "close_key": close_key(plan.station, month, plan.number),
        "month": month,
        "round": plan.number,
        "unit": plan.unit,
        "closed_by": tx.actor_id,
        "closed_name": tx.actor.name if tx.actor is not None else "",
        "closed_at": plan.at,
    }
    row = tx.add(MonthClose.from_draft(parse_draft(MonthCloseDraft, draft)))
    rows = sum(each["rows"] for each in values["ledgers"])
    _trace(tx, row.id, f"{plan.period.on_paper} 第 {plan.number} 次结账 {len(values['ledgers'])} 本 {rows} 行", None)
    state.set_state(tx.session, _UNDER_WAY, [])
    return row.id


def _trace(tx: Transaction, close_id: str, detail: str, why: str | None) -> None:
    values = {"kind": tx.act_name, "happened_at": clock.now(), "subject_type": "month_close", "subject_id": close_id}
    tx.add(ServiceEvent.from_draft(parse_draft(ServiceEventDraft, {**values, "detail": detail[:200], "why": why})))


# Figures -------------------------------------------------------------------------------------------------------------


def figures_of(tx: Transaction, ask: Ask) -> list[dict[str, Any]]:
    """Return every figure of a month with numerator and denominator, as a close keeps them."""
    made = [figure(tx.session.connection(), indicator, ask) for indicator in INDICATORS]
    return [
        {"code": each.indicator.code, "numerator": each.numerator, "denominator": each.denominator} for each in made
    ]


def restated_figures(tx: Transaction, period: Period, *, station: str) -> list[dict[str, Any]]:
    """Return the figures of closed months that an open month shows as changed, the earliest month first.

    [{month, close_id, figures: [[code, numerator, denominator, …as they are now]]}]; a month without any is left out.
    """
    known = closes(tx, station)
    found = []
    for close in reversed(corrected_in(known, period)):
        told = known_figures(close, known.values())
        now = figures_of(tx, Ask(close.period, (station,)))
        changed = [
            [each["code"], *told[each["code"]], each["numerator"], each["denominator"]]
            for each in now
            if each["code"] in told and told[each["code"]] != (each["numerator"], each["denominator"])
        ]
        if changed:
            found.append({"month": close.month, "close_id": close.id, "figures": changed})
    return found


def known_figures(close: Close, others: Sequence[Close] | Any) -> dict[str, tuple[int, int | None]]:
    """Return what is known of a closed month's figures: as closed, and as later closes restated them."""
    told = {each["code"]: (each["numerator"], each["denominator"]) for each in close.figures}
    for other in sorted((each for each in others if each.live), key=lambda each: (each.closed_at, each.id)):
        for month in other.restated:
            if month["close_id"] == close.id:
                told.update((code, (above, under)) for code, _was, _of, above, under in month["figures"])
    return told


def _fitting(restated: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return as many months of restated figures as one record holds."""
    held: list[Mapping[str, Any]] = []
    for month in restated:
        if len(str([*held, month])) > MOST_RESTATED:
            break
        held.append(month)
    return held


# Opening again -------------------------------------------------------------------------------------------------------


def reopen_month(tx: Transaction, period: Period, *, why: str) -> MonthClose:
    """Open a closed month again, for a reason; the close stays readable, the next one is a further round.

    Any month may be: an error is found when an auditor looks, months later. What later closes say of the old close
    stays as it was printed.

    Raises:
        NotAllowedError: the actor's role may not.
        InvalidInputError: no reason, or too long a one.
        RuleError: the month is not closed.
    """
    tx.act(REOPEN)
    if not why.strip():
        raise InvalidInputError({"why": _("重新打开要写原因")})
    if len(why.strip()) > 100:
        raise InvalidInputError({"why": _("太长了：最多 {n} 个字", n=100)})
    station = get_station(tx)
    close = standing(tx, station.code, period)
    if close is None or not close.live:
        raise RuleError(_("{period}没有结账，不用重新打开", period=period.words), code="month.open")
    row = tx.get(MonthClose, close.id)
    now = clock.now()
    changed = {
        "state": REOPENED,
        "reopened_by": tx.actor_id,
        "reopened_name": tx.actor.name if tx.actor is not None else "",
        "reopened_at": now,
        "reopen_why": why.strip(),
    }
    parse_draft(MonthCloseDraft, {**row.model_dump(include=set(MonthCloseDraft.model_fields)), **changed})
    tx.change(row, changed)
    _trace(tx, row.id, f"{period.on_paper} 第 {close.round} 次结账重新打开", why.strip())
    return row
