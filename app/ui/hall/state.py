"""What the hall's screen says, in words and numbers that may be shown to anybody. No Qt.

No person, no row, no count below five and none that the others give away (``app/ledgers/suppression.py``). A share is
told exactly where all that it hangs on is shown; where its rest is small it is rounded down to fives.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from app import clock
from app.ledgers.base import Ask
from app.ledgers.board import BELOW, GOOD, NEAR, PARTS, WHOLE, Board, Cell, Memory, Point, load_board
from app.ledgers.figures import SUM, Indicator
from app.ledgers.indicators import INDICATORS
from app.ledgers.period import month_of
from app.ledgers.suppression import LEAST
from app.models.codes import code_list
from app.texts import N_, _
from app.ui.charts.spec import Bars, Line, Part, Parts, Series, Step, Steps
from app.ui.dashboard.state import PART_TOKENS, month_label
from app.ui.hall.shield import (
    BACK_IN_WORK,
    BACK_RATE,
    BEFORE,
    CAME,
    EMPLOYED,
    FEW,
    FRESH,
    HELD_BACK,
    LEFT,
    LONG,
    ON_FILE,
    RATE,
    REGISTERED,
    Shield,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from app.db.database import Transaction

REFERRED, HIRED, SUCCESS = "D1", "D2", "D2"
TRENDS = (REFERRED, HIRED)
RINGS, FEW_RINGS, COUNTS = 4, 2, 3
HELP_FIRST = ("C9", "C5b")
GROUPS = 6
WEEKDAYS = (
    N_("星期一"), N_("星期二"), N_("星期三"), N_("星期四"), N_("星期五"), N_("星期六"), N_("星期日"),
)  # fmt: skip

SHORT = {"A8": N_("就业率（工作口径）"), "B9": N_("登记失业率（参考值）"), "D4": N_("再就业")}
BAND_TOKENS = {GOOD: "accent", NEAR: "yellow_fill", BELOW: "red_fill"}
BAND_INKS = {GOOD: "accent_text", NEAR: "yellow", BELOW: "red"}


@dataclass(frozen=True)
class Big:
    """A number to be read from afar: value, unit, what it is, and in a quieter ink of when or of whom."""

    value: str
    unit: str
    title: str
    note: str = ""


@dataclass(frozen=True)
class Named:
    """A number with its name beside it; ``token`` is its colour in the chart above."""

    name: str
    value: str
    note: str = ""
    token: str = ""


@dataclass(frozen=True)
class Ring:
    """A share on a ring with its goal. ``share`` is None where nothing may be drawn."""

    title: str
    value: str
    unit: str
    note: str
    share: float | None
    goal: float | None
    token: str
    ink: str


@dataclass(frozen=True)
class HallView:
    """Everything that stands on the screen, as of ``as_of``."""

    station: str
    as_of: datetime
    month: str
    people: tuple[Big, ...]
    whole: str
    parts: Parts | None
    legend: tuple[Named, ...]
    groups: tuple[Named, ...]
    balance: Steps
    unemployed: tuple[Named, ...]
    rings: tuple[Ring, ...]
    help_trend: Line | None
    help_more: tuple[Named, ...]
    results: tuple[Big, ...]
    year: Bars


def load_hall(
    tx: Transaction, *, station: str, stations: tuple[str, ...], memory: Memory, stopped: Callable[[], bool]
) -> HallView:
    """Read what the hall shows of the month that runs, with twelve months of referrals and of help.

    Raises:
        Cancelled: the screen is being closed.
    """
    ask = Ask(month_of(clock.today()), stations)
    board = load_board(
        tx, ask, memory=memory, codes=shown_codes(), compared=(REGISTERED,), trends=trend_codes(), stopped=stopped
    )
    return hall_view(board, station)


def shown_codes() -> tuple[str, ...]:
    """Return what stands on the screen: it costs less than the whole page."""
    people = (ON_FILE, WHOLE, *PARTS, EMPLOYED, FRESH)
    counts = [each.code for each in INDICATORS if _is_count_of_help(each)]
    return (
        *people,
        REGISTERED,
        CAME,
        LEFT,
        LONG,
        RATE,
        *help_codes(),
        *counts[:COUNTS],
        SUCCESS,
        BACK_IN_WORK,
        BACK_RATE,
    )


def trend_codes() -> tuple[str, ...]:
    """Return what is shown over twelve months: slips, hires, and help where few rings leave room for it."""
    rings = help_codes()
    return (*TRENDS, *rings[:1]) if len(rings) <= FEW_RINGS else TRENDS


def _is_count_of_help(each: Indicator) -> bool:
    """Tell whether it is a plain count of block C; sums of money stay away, they may be one person's."""
    return each.code.startswith("C") and each.base is None and each.count != SUM


def help_codes() -> tuple[str, ...]:
    """Return the shares of block C that stand on rings: those with a goal first."""
    shares = [each for each in INDICATORS if each.code.startswith("C") and each.base is not None and each.per == 100]
    ranked = sorted(shares, key=lambda each: (each.goal is None, each.code not in HELP_FIRST))
    chosen = {each.code for each in ranked[:RINGS]}
    return tuple(each.code for each in shares if each.code in chosen)


# -- the view ----------------------------------------------------------------------------------------------------------
def hall_view(board: Board, station: str) -> HallView:
    """Return the screen of a board."""
    shield = Shield(board)
    return HallView(
        station=station,
        as_of=board.as_of,
        month=_("{month} 月至今", month=board.ask.period.first.month),
        people=_people(board, shield),
        whole=_("劳动年龄内 {n} 人", n=shield.number(WHOLE)),
        parts=_parts(board, shield),
        legend=_legend(board, shield),
        groups=_groups(board),
        balance=_balance(shield),
        unemployed=_shares_of(board, shield, (LONG, RATE)),
        rings=tuple(_ring(board.cells[code], shield) for code in help_codes()),
        help_trend=_help_trend(board, shield),
        help_more=_help_counts(board, shield),
        results=_results(board, shield),
        year=_year(board),
    )


def _title(cell: Cell) -> str:
    """Return what a figure is called here: in fewer words than on the dashboard where it needs many."""
    words = SHORT.get(cell.code, cell.now.indicator.title)
    return _(words)


def _people(board: Board, shield: Shield) -> tuple[Big, ...]:
    cells = board.cells
    on_file = Big(shield.number(ON_FILE), _("人"), _title(cells[ON_FILE]))
    return (on_file, *(_big_share(cells[code], shield) for code in (EMPLOYED, FRESH)))


def _big_share(cell: Cell, shield: Shield) -> Big:
    words, _number = shield.share(cell.now)
    return Big(words, "%" if words not in (FEW, HELD_BACK) else "", _title(cell))


def _parts(board: Board, shield: Shield) -> Parts | None:
    """Return the bar; what is hidden stands in it as one, in no part's colour."""
    if not shield.shows(WHOLE) or not shield.counts[WHOLE]:
        return None
    shown = [(code, token) for code, token in zip(PARTS, PART_TOKENS, strict=True) if shield.shows(code)]
    parts = [Part(shield.counts[code], token) for code, token in shown]
    left = shield.counts[WHOLE] - sum(shield.counts[code] for code, _token in shown)
    return Parts((*parts, Part(left, "track")))


def _legend(board: Board, shield: Shield) -> tuple[Named, ...]:
    found = []
    for share, token in zip(board.shares, PART_TOKENS, strict=True):
        exact = shield.shows(share.code, WHOLE) and share.percent is not None
        note = f"{share.percent:.1f}%" if exact else ""
        found.append(Named(_(share.title), shield.number(share.code), note, token if exact else "track"))
    return tuple(found)


def _groups(board: Board) -> tuple[Named, ...]:
    """Return the biggest groups; of those who are few it is not told which group is smaller."""
    codes = code_list("KG")
    seen = [share for share in board.groups if not (item := codes.get(share.code)) or not item.extra.get("restricted")]
    named = [
        Named(_short(codes.label(share.code)), f"{share.count:,}" if share.count >= LEAST else FEW) for share in seen
    ]
    big = [each for each in named if each.value != FEW]
    return (*big, *sorted((each for each in named if each.value == FEW), key=lambda each: each.name))[:GROUPS]


def _short(words: str) -> str:
    """Leave out what stands in brackets: it can't be read in passing."""
    for bracket in ("（", " ("):
        words = words.split(bracket)[0]
    return words


def _balance(shield: Shield) -> Steps:
    """Return how the registered unemployed came from the month's beginning to now; a hidden count has no height."""
    start, end = shield.counts[BEFORE], shield.counts[REGISTERED]
    top = start + shield.counts[CAME]
    whole = shield.shows(BEFORE, CAME, LEFT, REGISTERED)
    spans = {BEFORE: (0, start), CAME: (start, top), LEFT: (end, top), REGISTERED: (0, end)}
    looks = {
        BEFORE: (_("月初"), "line2", "text", ""),
        CAME: (_("本月新登记"), "orange_fill", "orange", "+"),
        LEFT: (_("本月注销"), "blue_fill", "blue", "−"),
        REGISTERED: (_("现在"), "accent", "text", ""),
    }
    steps = []
    for code, (label, token, ink, sign) in looks.items():
        low, high = spans[code] if whole else (0, shield.counts[code] if shield.shows(code) else 0)
        words = shield.number(code)
        said = f"{sign}{words}" if shield.shows(code) else words
        steps.append(Step(label, low, high, token, said, ink))
    return Steps(tuple(steps), joined=whole)


def _shares_of(board: Board, shield: Shield, codes: Sequence[str]) -> tuple[Named, ...]:
    found = []
    for code in codes:
        words, _number = shield.share(board.cells[code].now)
        unit = "" if words in (FEW, HELD_BACK) else "%"
        found.append(Named(_title(board.cells[code]), f"{words}{unit}"))
    return tuple(found)


def _help_counts(board: Board, shield: Shield) -> tuple[Named, ...]:
    cells = [cell for cell in board.block("C") if _is_count_of_help(cell.now.indicator)]
    return tuple(Named(_title(cell), shield.number(cell.code)) for cell in cells[:COUNTS])


def _ring(cell: Cell, shield: Shield) -> Ring:
    figure = cell.now
    words, number = shield.share(figure)
    base = figure.denominator or 0
    exact = number is not None and not words.startswith("≥")
    told = f"{figure.numerator:,} / {base:,}" if exact else _("共 {n}", n=f"{base:,}") if base >= LEAST else FEW
    goal = figure.indicator.goal
    band = cell.band if exact else None
    said = _("目标 {goal}%", goal=goal) if goal is not None else ""
    return Ring(
        title=_title(cell),
        value=words,
        unit="%" if number is not None else "",
        note="　".join(part for part in (told if figure.value is not None else _("本月还没有"), said) if part),
        share=None if number is None else number / 100,
        goal=None if goal is None else goal / 100,
        token=BAND_TOKENS.get(band or "", "accent"),
        ink=BAND_INKS.get(band or "", "text2"),
    )


def _help_trend(board: Board, shield: Shield) -> Line | None:
    """Return twelve months of the first share of help, where there is room for it beside the rings."""
    codes = help_codes()
    if not codes or len(codes) > FEW_RINGS:
        return None
    points = board.trends[codes[0]]
    told = [shield.share(point.figure, alone=True)[1] for point in points]
    goal = points[-1].figure.indicator.goal
    labels = tuple(month_label(point.period, place) for place, point in enumerate(points))
    words = tuple("" if each is None else f"{each:.0f}" for each in told)
    return Line(labels, tuple(told), "accent", None if goal is None else float(goal), words, percent=True)


def _results(board: Board, shield: Shield) -> tuple[Big, ...]:
    cells = board.cells
    back = Big(shield.number(BACK_IN_WORK), _("人"), _title(cells[BACK_IN_WORK]))
    return (back, *(_big_share(cells[code], shield) for code in (SUCCESS, BACK_RATE)))


def _year(board: Board) -> Bars:
    """Return slips and hires of twelve months; a month with few of them has no bar."""
    points = board.trends[REFERRED]
    labels = tuple(month_label(point.period, place) for place, point in enumerate(points))
    slips, hires = _told(points), _told(board.trends[HIRED])
    words = tuple(FEW if value is None else f"{value:,.0f}" for value in hires)
    return Bars(
        labels,
        (Series(_("推荐（人次）"), slips, "line2"), Series(_("录用"), hires, "accent", words)),
        last_in="accent_hi",
    )


def _told(points: Sequence[Point]) -> tuple[float | None, ...]:
    counts = [point.figure.numerator for point in points]
    return tuple(float(count) if count >= LEAST else None for count in counts)


# -- the words about it ------------------------------------------------------------------------------------------------
def clock_words(now: datetime) -> tuple[str, str]:
    """Return the time and the day as they stand at the top."""
    local = clock.to_local(now)
    day = _("{year} 年 {month} 月 {day} 日", year=local.year, month=local.month, day=local.day)
    return f"{local:%H:%M}", f"{day}　{_(WEEKDAYS[local.weekday()])}"


def foot_words(as_of: datetime, *, failed: bool) -> str:
    """Return as of when the numbers are, and that they are the station's own; where reading fails, that too."""
    at = clock.to_local(as_of)
    when = _("{month} 月 {day} 日 {time}", month=at.month, day=at.day, time=f"{at:%H:%M}")
    if failed:
        return _("暂时读不出新数，显示的是 {when} 的数。少于 5 人的不显示具体数。", when=when)
    return _("数据截至 {when}，本站登记的数，参考值，非统计部门口径。少于 5 人的不显示具体数。", when=when)


def spoken(view: HallView) -> str:
    """Return the whole screen in words, for who hears it."""
    bigs = [f"{each.title} {each.value}{each.unit}" for each in (*view.people, *view.results)]
    named = [f"{each.name} {each.value}" for each in (*view.legend, *view.groups, *view.unemployed, *view.help_more)]
    rings = [f"{each.title} {each.value}{each.unit}" for each in view.rings]
    steps = [f"{each.label} {each.words}" for each in view.balance.steps]
    return "，".join((view.station, view.month, *bigs, *named, *rings, *steps))
