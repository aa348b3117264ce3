"""What the screen 全区台账 shows: whose rows, from where, as of when; stations side by side. No Qt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from app import clock
from app.errors import Cancelled
from app.ledgers import SHARED
from app.ledgers.base import Ask, Ledger
from app.ledgers.comparison import (
    BEST,
    CLOSED_WORDS,
    NAME,
    WORST,
    Amount,
    Comparison,
    Measure,
    Standing,
    as_ledger,
    compare,
    marks,
    station_names,
    value_of,
)
from app.ledgers.figures import BLOCKS
from app.ledgers.period import Period
from app.ledgers.several import for_stations
from app.texts import _
from app.ui.ledgers.state import Preview, Row, load_preview
from app.ui.sync_badge import OFFLINE, SyncSummary, span_text

if TYPE_CHECKING:
    from app.db.database import Transaction
    from app.sync.ledger_fetch import Fetched, Progress

DISTRICT, HERE = "district", "here"
MOST_NAMED = 3
_SIGNS = {BEST: "★ ", WORST: "▽ "}
_TONES = {BEST: "accent_text", WORST: "orange"}


@dataclass(frozen=True)
class Got:
    """What is on screen: a ledger's rows or a comparison, of which source."""

    source: str
    ledger: Ledger
    ask: Ask
    made_at: datetime
    stations: dict[str, str]
    preview: Preview | None = None
    compared: Comparison | None = None

    @property
    def count(self) -> int:
        """Return how many rows it has."""
        if self.preview is not None:
            return len(self.preview.rows)
        return len(self.compared.stations) if self.compared is not None else 0


@dataclass(frozen=True)
class StationRow:
    """A station among the others."""

    standing: Standing
    compared: Comparison
    marked: dict[tuple[str, str], str]

    def amount(self, place: int) -> Amount:
        """Return what was counted of it."""
        return self.standing.amounts[place]

    def mark(self, measure: Measure) -> str:
        """Return best, worst or nothing."""
        return self.marked.get((self.standing.code, measure.code), "")


@dataclass(frozen=True)
class FigureRow:
    """One figure of a station, beside that of all of them."""

    measure: Measure
    amount: Amount
    together: Amount
    mark: str


def kinds() -> tuple[Ledger, ...]:
    """Return what may be chosen: the comparison, then the ledgers."""
    return (comparison_kind(), *SHARED)


def comparison_kind() -> Ledger:
    """Return the comparison as an entry of the list."""
    ask = Ask(Period(clock.today(), clock.today()))
    return as_ledger(Comparison(ask, (), (), Standing("", "", ())))


def is_comparison(ledger: Ledger) -> bool:
    """Tell whether it is the comparison."""
    return ledger.name == NAME


# -- reading what is here ------------------------------------------------------------------------------------------
def load_stations(tx: Transaction) -> dict[str, str]:
    """Return the stations that this computer knows."""
    return station_names(tx.session.connection())


def load_here(tx: Transaction, *, ledger: Ledger, ask: Ask, stopped: Callable[[], bool]) -> Got:
    """Read a ledger, or compare stations, from what this computer holds.

    Raises:
        Cancelled: something else is wanted meanwhile.
    """
    connection = tx.session.connection()
    names = station_names(connection, ask.stations)
    if not is_comparison(ledger):
        shown = for_stations(ledger, ask)
        preview = load_preview(tx, ledger=shown, ask=ask, stopped=stopped)
        return Got(HERE, shown, ask, preview.read_at, names, preview=preview)

    def look(_done: int, _total: int) -> None:
        if stopped():
            raise Cancelled

    return of_comparison(compare(connection, ask, names, told=look), ask, HERE)


# -- taking in what the district sent ------------------------------------------------------------------------------
def of_fetched(fetched: Fetched) -> Got:
    """Return a ledger of the district as it is shown."""
    rows = tuple(Row(number, line) for number, line in enumerate(fetched.rows, 1))
    preview = Preview(fetched.ledger, fetched.ask, rows, fetched.pen, fetched.made_at)
    names = dict(fetched.stations)
    return Got(DISTRICT, fetched.ledger, fetched.ask, fetched.made_at, names, preview=preview)


def of_comparison(found: Comparison, ask: Ask, source: str) -> Got:
    """Return stations side by side as they are shown."""
    names = {each.code: each.name for each in found.stations}
    return Got(source, as_ledger(found), ask, clock.now(), names, compared=found)


# -- words ---------------------------------------------------------------------------------------------------------
def got_words(got: Got) -> str:
    """Return how many rows, of which source, as of when."""
    at = f"{clock.to_local(got.made_at):%m-%d %H:%M}"
    where = _("区里 {at} 算的", at=at) if got.source == DISTRICT else _("本机 {at} 的", at=at)
    if got.compared is not None:
        return _("{n} 个站点，{where}", n=got.count, where=where)
    return _("{n} 行，{where}", n=f"{got.count:,}", where=where)


def progress_words(at: Progress) -> str:
    """Return what is being done."""
    from app.sync.ledger_fetch import FIGURES, PREPARING

    return {PREPARING: _("区里在整理新到的"), FIGURES: _("区里在算指标")}.get(at.step, _("在取"))


def stations_words(ask: Ask, names: dict[str, str]) -> str:
    """Return which stations, in words."""
    if not ask.stations:
        return _("全部站点")
    known = [names.get(code, code) for code in ask.stations]
    if len(known) <= MOST_NAMED:
        return _("、").join(known)
    return _("{names} 等 {n} 个站点", names=_("、").join(known[:MOST_NAMED]), n=len(known))


def offline_words(summary: SyncSummary | None, now: datetime) -> str:
    """Return since when the district cannot be reached; empty while it can, or nobody knows."""
    if summary is None or summary.state != OFFLINE:
        return ""
    begun = summary.offline_since or summary.last_ok_at
    if begun is None:
        return _("现在连不上区里")
    return _("{at} 起连不上区里，{span}了", at=f"{clock.to_local(begun):%m-%d %H:%M}", span=span_text(now - begun))


def with_stations(ask: Ask, stations: tuple[str, ...]) -> Ask:
    """Return the question about these stations."""
    return replace(ask, stations=tuple(sorted(stations)))


def file_name(got: Got) -> str:
    """Return the name that is proposed for the file, without its ending."""
    whose = got.stations.get(got.ask.stations[0], "") if len(got.ask.stations) == 1 else _("全区")
    parts = (got.ledger.code, got.ledger.title, whose, got.ask.period.slug)
    return " ".join(part for part in parts if part).replace("/", "／")


# -- stations side by side -----------------------------------------------------------------------------------------
def blocks() -> tuple[tuple[str, str], ...]:
    """Return the four blocks of figures: letter and title."""
    return BLOCKS


def station_rows(found: Comparison) -> list[StationRow]:
    """Return the stations as rows."""
    marked = marks(found)
    return [StationRow(each, found, marked) for each in found.stations]


def figure_rows(row: StationRow) -> list[FigureRow]:
    """Return the figures of one station."""
    found = row.compared
    return [
        FigureRow(measure, row.amount(place), found.together.amounts[place], row.mark(measure))
        for place, measure in enumerate(found.measures)
    ]


def measures_of(found: Comparison, block: str) -> list[tuple[int, Measure]]:
    """Return the measures of a block with their places."""
    return [(place, each) for place, each in enumerate(found.measures) if each.block == block]


def unit_of(measure: Measure) -> str:
    """Return % where it is one."""
    return "%" if measure.share and measure.per == 100 else ""


def figure_words(measure: Measure, amount: Amount, mark: str = "", *, unit: bool = False) -> str:
    """Return a figure with its mark, which is a sign and not only a colour."""
    value = value_of(measure, amount)
    if value is None:
        return "—"
    whole = not measure.share and value == int(value)
    return _SIGNS.get(mark, "") + (f"{int(value):,}" if whole else f"{value:,.1f}") + (unit_of(measure) if unit else "")


def figure_key(measure: Measure, amount: Amount) -> float:
    """Return what a column is sorted by; a station without the figure stands last."""
    value = value_of(measure, amount)
    return -1.0 if value is None else value


def tone_of(mark: str) -> str:
    """Return the ink of a figure."""
    return _TONES.get(mark, "text")


def closed_words(row: StationRow) -> str:
    """Return how the month stands at the station; empty where no month was asked for."""
    return _(CLOSED_WORDS[row.standing.closed]) if row.compared.ask.period.is_month else ""


def how_words(measure: Measure) -> str:
    """Return how it is counted."""
    words = measure.formula
    return _(words)


def base_words(measure: Measure, amount: Amount) -> str:
    """Return what a share is made of."""
    return f"{amount.over:,} / {amount.under or 0:,}" if measure.share else ""
