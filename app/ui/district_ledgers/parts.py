"""Parts of the screen 全区台账: stations side by side, the figures of one of them."""

from __future__ import annotations

from functools import partial

from app.ledgers.comparison import Comparison, Measure
from app.texts import _
from app.ui.district_ledgers import state
from app.ui.district_ledgers.state import FigureRow, StationRow
from app.ui.table import Column, RecordTable
from app.ui.widgets import EmptyState

_NAME_WIDTH, _LEAST, _MOST, _CHAR = 150, 66, 132, 14


def stations_table(found: Comparison, block: str) -> RecordTable[StationRow]:
    """Return one row a station, one column a figure of the block; the best and the worst are marked."""
    name: Column[StationRow] = Column(
        _("站点"), lambda row: row.standing.name, width=_NAME_WIDTH, stretch=2, bold=True, second=state.closed_words
    )
    columns = [name, *(_column(place, measure) for place, measure in state.measures_of(found, block))]
    empty = EmptyState(_("没有站点"), _("区里还没有站点的资料；同步以后再看。"), icon="building-2")
    height = 52 if found.ask.period.is_month else 36
    table = RecordTable(columns, name=_("站点对比"), row_height=height, key=lambda row: row.standing.code, empty=empty)
    table.set_rows(state.station_rows(found))
    return table


def _column(place: int, measure: Measure) -> Column[StationRow]:
    title = _(measure.title).partition("（")[0].partition(" (")[0]
    unit = state.unit_of(measure)
    return Column(
        title + unit,
        partial(_words, place, measure),
        width=max(_LEAST, min(_MOST, len(title + unit) * _CHAR + 22)),
        align="right",
        stretch=1,
        tone=partial(_tone, measure),
        sort_key=partial(_key, place, measure),
    )


def _words(place: int, measure: Measure, row: StationRow) -> str:
    return state.figure_words(measure, row.amount(place), row.mark(measure))


def _tone(measure: Measure, row: StationRow) -> str:
    return state.tone_of(row.mark(measure))


def _key(place: int, measure: Measure, row: StationRow) -> float:
    return state.figure_key(measure, row.amount(place))


def figures_table(row: StationRow) -> RecordTable[FigureRow]:
    """Return the figures of one station, each beside that of all of them."""
    columns: tuple[Column[FigureRow], ...] = (
        Column(_("编号"), lambda each: each.measure.code, width=74, tone=lambda _each: "text2", sortable=False),
        Column(_("指标"), lambda each: _(each.measure.title), width=200, stretch=2, bold=True, sortable=False),
        Column(_("本站"), _own, width=96, align="right", tone=lambda each: state.tone_of(each.mark), sortable=False),
        Column(_("分子 / 分母"), _base, width=110, align="right", tone=lambda _each: "text2", sortable=False),
        Column(_("合计"), _all, width=96, align="right", sortable=False),
        Column(_("计算方法"), lambda each: state.how_words(each.measure), width=220, stretch=3, sortable=False),
    )
    table = RecordTable(columns, name=row.standing.name, key=lambda each: each.measure.code)
    table.set_rows(state.figure_rows(row))
    return table


def _own(each: FigureRow) -> str:
    return state.figure_words(each.measure, each.amount, each.mark, unit=True)


def _all(each: FigureRow) -> str:
    return state.figure_words(each.measure, each.together, unit=True)


def _base(each: FigureRow) -> str:
    return state.base_words(each.measure, each.amount)
