"""What the dashboard says: figures, changes and bands in words, trends as charts. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app import clock
from app.ledgers.base import Ask
from app.ledgers.board import BELOW, GOOD, MONTHS, NEAR, Board, Cell, Point, Share
from app.ledgers.board_rows import Behind
from app.ledgers.figures import PERSONS, RECORDS, SUM, UNITS, Figure, Indicator
from app.ledgers.period import Period, month_of
from app.models.codes import code_list
from app.texts import N_, _
from app.ui.charts.spec import Bars, Line, Part, Parts, Series, Spec

NONE = "—"
BAND_WORDS = {GOOD: N_("达到目标"), NEAR: N_("快到目标"), BELOW: N_("离目标远")}
BAND_TONES = {GOOD: "good", NEAR: "yellow", BELOW: "red"}
BAND_ICONS = {GOOD: "circle-check", NEAR: "triangle-alert", BELOW: "circle-alert"}
PART_TOKENS = ("accent", "orange_fill", "yellow_fill", "blue_fill", "field")
COUNTED = {
    PERSONS: N_("同一个人只算一次"),
    RECORDS: N_("一条记录算一次"),
    UNITS: N_("同一户、同一次只算一次"),
    SUM: N_("加起来的数"),
}
MONTHS_OFFERED = 24
GROUP = "KG"
WITHHELD = frozenset({"restricted"})


# -- words -------------------------------------------------------------------------------------------------------------
def value_words(figure: Figure) -> str:
    """Return the figure as it stands in its tile, without its unit; “—” where there is nothing to divide by."""
    value = figure.value
    if value is None:
        return NONE
    if figure.indicator.base is None:
        return f"{value:,.2f}" if figure.indicator.count == SUM else f"{value:,.0f}"
    return f"{value:,.1f}"


def unit_words(indicator: Indicator) -> str:
    """Return what the figure is in: 人, %, 次."""
    if indicator.base is not None and indicator.per == 100:
        return "%"
    return _(indicator.unit) if indicator.unit else ""


def full_words(figure: Figure) -> str:
    """Return figure and unit together: 90.4%, 41 人."""
    unit = unit_words(figure.indicator)
    space = "" if unit in ("", "%") else " "
    return NONE if figure.value is None else f"{value_words(figure)}{space}{unit}"


def change_words(cell: Cell) -> str:
    """Return how it differs from the month before: +3, −1.2 点, 持平; empty where one of the two is not there."""
    change = cell.change
    if change is None:
        return ""
    is_share = cell.now.indicator.base is not None
    size = abs(change)
    words = f"{size:,.1f}" if is_share else f"{size:,.2f}" if cell.now.indicator.count == SUM else f"{size:,.0f}"
    if not any(digit in "123456789" for digit in words):
        return _("与上月持平")
    sign = "+" if change > 0 else "−"
    if is_share and cell.now.indicator.per == 100:
        return _("比上月 {change} 点", change=f"{sign}{words}")
    return _("比上月 {change}", change=f"{sign}{words}")


def why_none(figure: Figure) -> str:
    """Return why there is no figure; empty where there is one."""
    return "" if figure.value is not None else _("期内没有可以作分母的，所以没有数")


def counted_words(indicator: Indicator) -> str:
    """Return how the figure is counted."""
    words = COUNTED[indicator.count]
    return _(words)


def formula_words(indicator: Indicator) -> str:
    """Return the formula in words."""
    words = indicator.formula
    return _(words)


def goal_words(figure: Figure) -> str:
    """Return the goal; empty where there is none."""
    goal = figure.indicator.goal
    return "" if goal is None else _("目标 {goal}% 以上", goal=goal)


def parts_words(figure: Figure) -> str:
    """Return numerator and denominator of a share; empty of a count."""
    if figure.denominator is None:
        return ""
    if figure.indicator.count == SUM:
        return f"{figure.numerator / figure.indicator.scale:,.1f} / {figure.denominator:,}"
    return f"{figure.numerator:,} / {figure.denominator:,}"


def accessible(cell: Cell) -> str:
    """Return a tile in full words."""
    band = _(BAND_WORDS[cell.band]) if cell.band else ""
    said = [_(cell.now.indicator.title), full_words(cell.now), why_none(cell.now), change_words(cell), band]
    return "，".join(part for part in said if part)


def as_of_words(board: Board) -> str:
    """Return as of when the page was read."""
    return _("{at} 读出", at=f"{clock.to_local(board.as_of):%m-%d %H:%M}")


# -- groups ------------------------------------------------------------------------------------------------------------
def look_words(period: Period, count: int) -> str:
    """Return what the access log says of a list that was looked at: the period, and how many rows."""
    return _("{period}，{n} 行", period=period.on_paper, n=count)


def group_title(share: Share) -> str:
    """Return a priority group's name in the language in force."""
    return code_list(GROUP).label(share.code)


def may_open_group(share: Share) -> bool:
    """Tell whether the people of a group may be listed: those of a restricted one are a number and nothing else."""
    item = code_list(GROUP).get(share.code)
    return item is not None and not any(item.extra.get(mark) for mark in WITHHELD)


# -- months ------------------------------------------------------------------------------------------------------------
def month_choices() -> tuple[tuple[str, str], ...]:
    """Return the months that may be looked at, the present one first."""
    months = [month_of(clock.today())]
    while len(months) < MONTHS_OFFERED:
        months.append(months[-1].before())
    return tuple((month.slug, month.words) for month in months)


def stepped(period: Period, by: int) -> Period:
    """Return the month before or after; the present one is the last."""
    wanted = period.next() if by > 0 else period.before()
    return wanted if wanted.first <= clock.today() else month_of(clock.today())


def is_last_month(period: Period) -> bool:
    """Tell whether no later month has begun."""
    return period.until > clock.today()


def whole_month(ask: Ask) -> str:
    """Say that a month is not over yet; empty where it is."""
    return _("本月至今") if ask.period.until > clock.today() else ""


# -- charts ------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Told:
    """A chart and the same in words."""

    spec: Spec
    words: str


def trend_chart(points: Sequence[Point]) -> Told:
    """Return twelve months of a figure: bars of a count, a line of a share, beside it the words for those who hear."""
    indicator = points[-1].figure.indicator
    labels = tuple(month_label(point.period, place) for place, point in enumerate(points))
    values = tuple(point.figure.value for point in points)
    last = ("",) * (len(points) - 1) + (full_words(points[-1].figure) if values[-1] is not None else "",)
    words = "，".join(f"{point.period.words} {full_words(point.figure)}" for point in points)
    spec: Spec
    if indicator.base is not None:
        goal = None if indicator.goal is None else float(indicator.goal)
        spec = Line(labels, values, "accent", goal, last, percent=indicator.per == 100)
    else:
        spec = Bars(labels, (Series(_(indicator.title), values, "line2", last),), last_in="accent")
    return Told(spec, _("{n} 个月：{words}", n=MONTHS, words=words))


def month_label(period: Period, place: int) -> str:
    """Return the number of a month, with the year where it changes: 12, 26-1, 2."""
    return f"{period.first:%y-}1" if period.first.month == 1 and place else f"{period.first.month}"


def shares_chart(shares: Sequence[Share]) -> Told:
    """Return 构成比 as one bar."""
    parts = tuple(Part(share.count, token) for share, token in zip(shares, PART_TOKENS, strict=True))
    words = "，".join(f"{_(share.title)} {share_words(share)}" for share in shares)
    return Told(Parts(parts), words)


def share_words(share: Share) -> str:
    """Return a share as 76.5%."""
    return NONE if share.percent is None else f"{share.percent:.1f}%"


def row_place(row: Behind) -> tuple[str, dict[str, object]] | None:
    """Return the screen that Enter opens for a row, and what it is given; None where the row has no page here."""
    if row.resident_id is not None:
        return "resident_file", {"id": row.resident_id}
    if row.referral_id is not None:
        return "slip", {"id": row.referral_id}
    return None
