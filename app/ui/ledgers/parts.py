"""Parts of the ledgers' screen: the list of ledgers, the rows of one, the fields of period and filters."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from app.errors import UserError
from app.ledgers.base import Ask, Ledger
from app.ledgers.correction_rows import ARROW
from app.ledgers.offers import Offers
from app.ledgers.period import Period
from app.texts import _
from app.ui import entry, theme
from app.ui.forms import ChoiceField, DateField, FormGrid, TextField
from app.ui.ledgers import state
from app.ui.ledgers.month_state import CorrectionRow, Corrections
from app.ui.ledgers.state import Preview, Row
from app.ui.table import Column, RecordTable
from app.ui.widgets import EmptyState, IconLabel, Text

COLUMNS = 4
_LEAST_HEIGHT = 66
_HEAD_HEIGHT, _ROW_HEIGHT, _MOST_ROWS = 44, 40, 4
_LOOKED_AT, _WIDEST = 100, 320
PERIOD_FIELDS = ("month", "first", "last")


def kinds_table() -> RecordTable[Ledger]:
    """Return the list of ledgers."""
    columns: tuple[Column[Ledger], ...] = (
        Column(_("编号"), lambda ledger: ledger.code, width=64, tone=lambda _ledger: "text2", sortable=False),
        Column(_("台账"), lambda ledger: _(ledger.title), width=110, stretch=1, bold=True, sortable=False),
    )
    return RecordTable(columns, name=_("台账清单"), key=lambda ledger: ledger.code, show_head=False)


def rows_table(preview: Preview) -> RecordTable[Row]:
    """Return the table of a ledger with its rows in it; it keeps the order of the paper."""
    shown = state.Shown(preview)
    number: Column[Row] = Column(
        _("序"), lambda row: str(row.number), width=state.NUMBER_WIDTH, tone=lambda _row: "text2", sortable=False
    )
    made: list[Column[Row]] = [
        Column(
            _(column.title),
            partial(_text, shown, place),
            width=state.width_of(column),
            align="right" if state.is_figure(column) else "left",
            stretch=1,
            sortable=False,
        )
        for place, column in enumerate(preview.ledger.columns)
    ]
    title = _(preview.ledger.title)
    table = RecordTable([number, *made], name=title, key=lambda row: row.line.row_id, empty=nothing(preview.ask))
    table.set_rows(preview.rows)
    return table


def _text(shown: state.Shown, place: int, row: Row) -> str:
    return shown.text(row, place)


def corrections_table(made: Corrections) -> RecordTable[CorrectionRow]:
    """Return the table of the corrections of earlier months, in the columns that papers have."""
    number: Column[CorrectionRow] = Column(
        _("序"), lambda row: str(row.number), width=state.NUMBER_WIDTH, tone=lambda _row: "text2", sortable=False
    )
    columns: list[Column[CorrectionRow]] = [
        Column(
            _(column.title),
            partial(_corrected, place),
            width=max(state.width_of(column), _width_of(made.rows[:_LOOKED_AT], place)),
            align="right" if state.is_figure(column) else "left",
            stretch=1,
            sortable=False,
        )
        for place, column in enumerate(made.ledger.columns)
    ]
    table = RecordTable([number, *columns], name=_("更正以前月份"), key=lambda row: row.number)
    table.set_rows(made.rows)
    return table


def _width_of(rows: Sequence[CorrectionRow], place: int) -> int:
    """Return how wide a column has to be for cells that say what stood there before."""
    return max((min(_WIDEST, 24 + 12 * len(text)) for row in rows if ARROW in (text := row.text(place))), default=0)


def _corrected(place: int, row: CorrectionRow) -> str:
    return row.text(place)


class CorrectionsPanel(QWidget):
    """Under a ledger's rows: what the records say otherwise of earlier months; nothing where nothing is."""

    def __init__(self) -> None:
        super().__init__()
        self.head = IconLabel("git-compare-arrows", "", "text", role="strong")
        self.note = Text("", "secondary", "text2", wrap=True)
        self.table: RecordTable[CorrectionRow] | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(theme.SPACE[1])
        self._column.addWidget(self.head)
        self._column.addWidget(self.note)
        self.clear()

    def clear(self) -> None:
        """Show nothing."""
        self._drop()
        self.hide()

    def say(self, words: str) -> None:
        """Say why there is nothing to see."""
        self._drop()
        self.head.set_text(_("更正以前月份"))
        self.note.setText(words)
        self.note.show()
        self.show()

    def show_corrections(self, made: Corrections) -> None:
        """Show what is corrected, as many lines as fit; the table scrolls."""
        self.clear()
        if not made.rows and not made.figures:
            return
        self.head.set_text(_("更正以前月份（{n} 行）", n=len(made.rows)))
        self.note.setText("\n".join(made.figures))
        self.note.setVisible(bool(made.figures))
        if made.rows:
            table = self.table = corrections_table(made)
            table.setFixedHeight(theme.of(self).px(_HEAD_HEIGHT + _ROW_HEIGHT * min(len(made.rows), _MOST_ROWS)))
            self._column.addWidget(table)
        self.show()

    def _drop(self) -> None:
        if self.table is not None:
            self._column.removeWidget(self.table)
            self.table.hide()
            self.table.deleteLater()
            self.table = None


def nothing(ask: Ask) -> EmptyState:
    """Return what stands where there are no rows."""
    narrowed = ask != Ask(ask.period)
    what = _("{period}没有记录", period=ask.period.words)
    then = _("放宽筛选，或换一个月份。") if narrowed else _("换一个月份，或换一本台账。")
    return EmptyState(what, then, icon="book-open-text")


class Scrolled(QScrollArea):
    """Holds the filters: as high as they are where there is room, else they scroll."""

    def __init__(self, inner: QWidget) -> None:
        super().__init__()
        self._inner = inner
        self.setWidget(inner)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.setAutoFillBackground(False)
        self.viewport().setAutoFillBackground(False)
        inner.setAutoFillBackground(False)
        inner.installEventFilter(self)

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self._inner.sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(0, min(self._inner.sizeHint().height(), theme.of(self).px(_LEAST_HEIGHT)))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Resize):
            self.updateGeometry()
        return super().eventFilter(watched, event)


class MonthField(TextField):
    """A month: 2026-11, 202611 and 2026.11 are the same one."""

    def tidy(self) -> str | None:
        self.line.setText(state.tidy_month(entry.half_width(self.line.text())))
        return None


class Filters(FormGrid):
    """Month or any period, community, grid, officer, group. ``changed`` when something else is asked for."""

    changed = Signal(object)

    def __init__(self, ask: Ask, parent: QWidget | None = None) -> None:
        super().__init__(COLUMNS, parent)
        self.ask = ask
        self.add(MonthField(_("月份"), name="month", hint="2026-11", max_length=12))
        self.add(DateField(_("或从哪天"), name="first", prefer="past"))
        self.add(DateField(_("到哪天"), name="last", prefer="past"))
        for name, label in (
            ("community", _("社区")), ("grid", _("网格")), ("officer", _("经办人")), ("group", _("人群")),
        ):  # fmt: skip
            field = ChoiceField(label, name=name, show_code=name in ("community", "group"))
            field.line.setPlaceholderText(_("全部"))
            self.add(field)
        self.field_left.connect(self._on_field_left)
        self.show_period(ask.period)

    def set_offers(self, offers: Offers) -> None:
        """Offer what the records hold."""
        given = {
            "community": offers.communities, "grid": offers.grids, "officer": offers.officers, "group": offers.groups,
        }  # fmt: skip
        for name, items in given.items():
            field = self.field(name)
            assert isinstance(field, ChoiceField)
            field.set_items(items)

    def show_period(self, period: Period) -> None:
        """Show a period in the fields that it belongs to."""
        is_month = period.is_month
        self.set_values(
            {
                "month": period.slug if is_month else "",
                "first": None if is_month else period.first,
                "last": None if is_month else period.last,
            }
        )
        for name in PERIOD_FIELDS:
            self.field(name).set_error(None)

    def take_period(self, period: Period) -> None:
        """Ask for another period."""
        self.show_period(period)
        self._take(period)

    def _on_field_left(self, name: str) -> None:
        if self.field(name).error() and name not in PERIOD_FIELDS:
            return
        try:
            self._take(self._period(name) if name in PERIOD_FIELDS else self.ask.period)
        except UserError as error:
            self.field(name).set_error(error.text)

    def _period(self, name: str) -> Period:
        """Return the period that the fields say after one of them was left; the old one while they say too little."""
        values = self.values()
        if name == "month" and values["month"] and values["month"] != self.ask.period.slug:
            period = state.read_period(str(values["month"]), "", by_month=True)
        elif name != "month" and values["first"] and values["last"]:
            days = [f"{values[each]:%Y-%m-%d}" for each in ("first", "last")]
            period = state.read_period(*days, by_month=False)
        else:
            if name == "month" and not values["month"] and self.ask.period.is_month and not values["first"]:
                self.show_period(self.ask.period)
            return self.ask.period
        self.show_period(period)
        return period

    def _take(self, period: Period) -> None:
        values: dict[str, Any] = self.values()
        chosen: dict[str, Any] = {name: values[name] or "" for name in ("community", "grid", "officer", "group")}
        ask = Ask(period, (), **chosen)
        if ask != self.ask:
            self.ask = ask
            self.changed.emit(ask)

    def words(self) -> str:
        """Return the filters in force in words, empty when there are none."""
        found = []
        for name in ("community", "grid", "officer", "group"):
            field = self.field(name)
            assert isinstance(field, ChoiceField)
            item = field.item()
            if item is not None and getattr(self.ask, name):
                found.append(f"{field.label()} {item.label}")
        return _("，").join(found)
