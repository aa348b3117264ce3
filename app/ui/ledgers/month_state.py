"""What the ledgers' screen says of a month: open, closed by whom, opened again; what a close waits for. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from app import clock
from app.errors import Cancelled
from app.ledgers.base import Ask, Ledger
from app.ledgers.closing import Readiness, readiness, reopen_month, restated_figures
from app.ledgers.correction_rows import correction_cells, correction_ledger
from app.ledgers.indicators import INDICATORS
from app.ledgers.making import as_made, corrections_of
from app.ledgers.months import SHORT, Close, at_words, frozen_in, own_station, standing
from app.ledgers.read import Cell, cell_words
from app.texts import N_, _

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.db.database import Transaction
    from app.ledgers.period import Period

REASONS: tuple[tuple[str, str], ...] = (
    ("1", N_("有漏登的要补进这个月")),
    ("2", N_("登错了，要在这个月改对")),
    ("3", N_("审计或检查要求重做")),
)
"""Why a closed month is opened again: digit, and the words that are kept."""


@dataclass(frozen=True)
class MonthWords:
    """How the month of a ledger stands. ``frozen``: its rows are those of the close; ``tone``: of the words."""

    text: str
    tone: str = "text2"
    icon: str = "lock-open"
    frozen: bool = False
    can_close: bool = False
    can_reopen: bool = False
    seal: str = ""


class CorrectionRow(NamedTuple):
    """A correction on screen: its number, and its cells."""

    number: int
    row_id: str
    resident_id: str | None
    cells: tuple[Cell, ...]

    def text(self, place: int) -> str:
        """Return what stands in a column."""
        return cell_words(self.cells[place])


@dataclass(frozen=True)
class Corrections:
    """The corrections of earlier months that a ledger shows, masked; ``figures`` in words, of a closed month alone."""

    ledger: Ledger
    rows: tuple[CorrectionRow, ...]
    figures: tuple[str, ...] = ()


@dataclass(frozen=True)
class Closable:
    """What the card before a close shows."""

    ready: Readiness
    figures: tuple[str, ...]


def month_words(tx: Transaction, ledger: Ledger, ask: Ask) -> MonthWords:
    """Return how the month that is asked for stands."""
    station = ask.stations[0] if len(ask.stations) == 1 else "" if ask.stations else own_station(tx)
    if not station:
        return MonthWords(_("几个站的记录一起看，按现在的记录，不看哪个站结没结账"), icon="info")
    if not ask.period.is_month:
        return MonthWords(_("不是整月，按现在的记录"), icon="info")
    close = standing(tx, station, ask.period)
    if close is None:
        over = ask.period.until <= clock.today()
        words = _("未结账") if over else _("还没过完，未结账")
        return MonthWords(words, can_close=over)
    return _closed_words(close, ledger) if close.live else _reopened_words(close)


def _closed_words(close: Close, ledger: Ledger) -> MonthWords:
    who, when = close.closed_name, at_words(close)
    entry = frozen_in(close, ledger.code)
    if entry is None and ledger.local:
        text = _("已结账（{who} {when}），这本只在本机，不封存", who=who, when=when)
        return MonthWords(text, icon="info", can_reopen=True)
    if entry is None:
        text = _("已结账（{who} {when}），那时还没有这本台账，按现在的记录", who=who, when=when)
        return MonthWords(text, icon="info", can_reopen=True)
    seal = str(entry["sha256"])
    text = _("已结账，{who} {when}，校验值 {hash}…", who=who, when=when, hash=seal[:SHORT])
    return MonthWords(text, "accent_text", "lock", frozen=True, can_reopen=True, seal=seal)


def _reopened_words(close: Close) -> MonthWords:
    when = f"{clock.to_local(close.reopened_at):%Y-%m-%d}" if close.reopened_at is not None else ""
    text = _("第 {n} 次结账，{who} {when} 重新打开：{why}", n=close.round, who=close.reopened_name, when=when,
             why=close.reopen_why)  # fmt: skip
    return MonthWords(text, "orange", can_close=True)


# Corrections ---------------------------------------------------------------------------------------------------------


def load_corrections(tx: Transaction, *, ledger: Ledger, ask: Ask, stopped: Callable[[], bool]) -> Corrections:
    """Return the corrections of earlier months that a ledger shows.

    Raises:
        Cancelled: something else is wanted meanwhile.
        NotFoundError: what was frozen of a month is not here.
        StorageError: what is here of it is not what was frozen.
    """

    def tick(_rows: int) -> None:
        if stopped():
            raise Cancelled

    made = corrections_of(tx, ledger, ask, tick=tick)
    then = as_made(tx, ledger, ask)
    cells = correction_cells(then, made, whole=False)
    rows = tuple(
        CorrectionRow(number, each.row.row_id, each.row.resident_id, tuple(line))
        for number, (each, line) in enumerate(zip(made, cells, strict=True), 1)
    )
    station = own_station(tx)
    close = standing(tx, station, ask.period) if station else None
    figures = figure_words(close.restated) if close is not None and close.live else ()
    return Corrections(correction_ledger(then), rows, figures)


def figure_words(restated: Sequence[object]) -> tuple[str, ...]:
    """Return restated figures in words: which month, which figure, what was told and what it is now."""
    known = {each.code: each for each in INDICATORS}
    found = []
    for month in restated:
        assert isinstance(month, dict)
        for code, above, under, above_now, under_now in month["figures"]:
            if code in known:
                title = f"{code} {_(known[code].title)}"
                was, now = _counted(above, under), _counted(above_now, under_now)
                words = _(
                    "{month}　{figure}：原报 {was}，现算 {now}", month=month["month"], figure=title, was=was, now=now
                )
                found.append(words)
    return tuple(found)


def _counted(above: int, under: int | None) -> str:
    return f"{above:,}" if under is None else f"{above:,} / {under:,}"


# Before a close ------------------------------------------------------------------------------------------------------


def load_closable(tx: Transaction, *, period: Period) -> Closable:
    """Return what the card before a close shows.

    Raises:
        UserError: the month cannot be closed.
    """
    ready = readiness(tx, period)
    restated = restated_figures(tx, period, station=own_station(tx))
    return Closable(ready, figure_words(restated))


def warnings_of(ready: Readiness) -> list[str]:
    """Return what a supervisor may wait for before she closes; she decides."""
    found = []
    if ready.earlier_open:
        months = _("、").join(period.words for period in ready.earlier_open)
        found.append(_("更早的{months}还没结账。最好先结更早的月份。", months=months))
    if ready.unsent:
        found.append(_("还有 {n} 笔没送到区里。", n=ready.unsent))
    if ready.parked:
        found.append(_("有 {n} 笔被区里退回，还没改好。", n=ready.parked))
    if ready.conflicts:
        found.append(_("有 {n} 处两边不一样，还没选定。", n=ready.conflicts))
    if ready.not_synced_since:
        found.append(_("这个月过完以后还没和区里同步过，别的电脑办的可能没收到。"))
    return found


def rows_words(ready: Readiness) -> str:
    """Return how many rows of which ledger are frozen, in one paragraph."""
    some = [_("{title} {n} 行", title=_(ledger.title), n=f"{rows:,}") for ledger, rows in ready.rows if rows]
    empty = len(ready.rows) - len(some)
    if empty:
        some.append(_("其余 {n} 本没有记录", n=empty))
    return _("，").join(some)


def reopen(tx: Transaction, *, period: Period, why: str) -> Period:
    """Open a closed month again; return it."""
    reopen_month(tx, period, why=why)
    return period


def reopening(period: Period, code: str) -> Callable[[Transaction], Period]:
    """Return what opens a month again for a reason of ``REASONS``."""
    return partial(reopen, period=period, why=dict(REASONS)[code])
