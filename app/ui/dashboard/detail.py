"""The right side of the dashboard: the chosen figure, how it is counted, and twelve months of it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.ledgers.board import Cell, Point, Share
from app.texts import _
from app.ui import theme
from app.ui.charts.plot import Chart
from app.ui.dashboard import state
from app.ui.widgets import Button, Chip, Fact, Scroller, SkeletonRows, Text

TREND_HEIGHT = 132


class DetailPanel(QWidget):
    """What is known of one figure. ``rows_requested``: numerator (False) or denominator (True)."""

    rows_requested = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self._chart: Chart | None = None
        self.scroller = Scroller(spacing=theme.SPACE[1])
        self.rows = Button(_("看是哪些人"), "soft", "Enter", "users-round")
        self.base_rows = Button(_("看分母是哪些"), "outline", "", "users-round")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE[1])
        column.addWidget(self.scroller, 1)
        column.addWidget(self.rows)
        column.addWidget(self.base_rows)
        self.rows.clicked.connect(lambda: self.rows_requested.emit(False))
        self.base_rows.clicked.connect(lambda: self.rows_requested.emit(True))
        self.show_nothing()

    def show_nothing(self) -> None:
        """Say that nothing is chosen yet."""
        self._clear()
        self._add(Text(_("选一个数，这里写明怎么算的"), "body", "text2", wrap=True))
        self.rows.hide()
        self.base_rows.hide()

    def show_cell(self, cell: Cell, period: str) -> None:
        """Show a figure; its trend follows."""
        self._clear()
        figure, indicator = cell.now, cell.now.indicator
        self._add(Text(f"{cell.code}　{_(indicator.title)}", "section", wrap=True))
        self._add(Text(state.full_words(figure), "figure"))
        if cell.band is not None:
            tone, icon = state.BAND_TONES[cell.band], state.BAND_ICONS[cell.band]
            self._add(Chip(_(state.BAND_WORDS[cell.band]), tone, icon))
        said = [period, state.parts_words(figure), state.goal_words(figure), state.change_words(cell)]
        self._add(Text("　".join(part for part in said if part), "secondary", "text2", wrap=True))
        if state.why_none(figure):
            self._add(Text(state.why_none(figure), "body", "orange", wrap=True))
        self._add(Text(_("近 12 个月"), "strong"))
        self._trend_at = self.scroller.body.count()
        self._add(SkeletonRows(3))
        self._add(Fact(_("怎么算"), state.formula_words(indicator)))
        self._add(Fact(_("怎么计"), state.counted_words(indicator)))
        self.scroller.body.addStretch(1)
        self.rows.setVisible(True)
        self.rows.setEnabled(True)
        self.base_rows.setVisible(figure.denominator is not None)

    def show_trend(self, points: Sequence[Point]) -> None:
        """Show the twelve months of the chosen figure."""
        item = self.scroller.body.itemAt(self._trend_at)
        old = item.widget() if item is not None else None
        told = state.trend_chart(points)
        chart = Chart(TREND_HEIGHT)
        chart.show_spec(told.spec, told.words)
        if old is not None:
            self.scroller.body.replaceWidget(old, chart)
            old.hide()
            old.deleteLater()
        self._chart = chart

    def show_group(self, share: Share, period: str) -> None:
        """Show a priority group."""
        self._clear()
        self._add(Text(state.group_title(share), "section", wrap=True))
        self._add(Text(f"{share.count:,} {_('人')}", "figure"))
        self._add(
            Text(f"{period}　{_('占在册 {share}', share=state.share_words(share))}", "secondary", "text2", wrap=True)
        )
        self._add(Fact(_("怎么算"), _("期末在册的档案里记着这一类的人；一个人属于几类，各算一次")))
        may = state.may_open_group(share)
        if not may:
            self._add(Text(_("这一类的人不列名单。"), "body", "text2", wrap=True))
        self.scroller.body.addStretch(1)
        self.rows.show()
        self.rows.setEnabled(may)
        self.base_rows.hide()

    @property
    def chart(self) -> Chart | None:
        """The trend in view."""
        return self._chart

    def redraw(self) -> None:
        """Draw the trend: the library has come."""
        if self._chart is not None:
            self._chart.draw()

    def _clear(self) -> None:
        self._chart = None
        self.scroller.clear()

    def _add(self, widget: QWidget) -> None:
        self.scroller.body.addWidget(widget)
