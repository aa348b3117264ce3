"""The list of orders: slices, filter, table."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.services.training.crafts import CraftLine
from app.texts import _
from app.ui import theme
from app.ui.crafts import state
from app.ui.crafts.columns import order_columns
from app.ui.table import RecordTable
from app.ui.widgets import Choice, EmptyState, SearchField, SegmentedFilter, Text


class ListPage(QWidget):
    """Orders, those due first at the top. ``chosen`` carries a line or None."""

    chosen = Signal(object)
    opened = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._lines: Sequence[CraftLine] = ()
        self.filter = SearchField(_("产品、企业、编号"), "/")
        self.filter.setMaximumWidth(theme.of(self).px(360))
        self.slices = SegmentedFilter(name=_("状态"))
        empty = EmptyState(
            _("这里没有手工订单"),
            _("企业拿活来，按 F9 登记：做什么、多少、单件多少钱、什么时候交。"),
            icon="hand-coins",
        )
        self.table: RecordTable[CraftLine] = RecordTable(
            order_columns(), name=_("手工订单"), row_height=50, key=lambda line: line.id, empty=empty
        )
        tools = QHBoxLayout()
        tools.setSpacing(theme.SPACE[2])
        tools.addWidget(self.slices)
        tools.addWidget(self.filter, 1)
        tools.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE[2])
        column.addWidget(Text(_("手工订单"), "page"))
        column.addLayout(tools)
        column.addWidget(self.table, 1)
        self.setFocusProxy(self.table)
        self.slices.chosen.connect(self._fill)
        self.filter.text_changed.connect(self._fill)
        self.filter.submitted.connect(self._on_submitted)
        self.table.row_selected.connect(self.chosen)
        self.table.row_activated.connect(self._on_activated)
        self._show_slices()

    def set_lines(self, lines: Sequence[CraftLine]) -> None:
        """Show these orders; the chosen one stays chosen."""
        self._lines = lines
        self._show_slices()
        self._fill()

    def leave_filter(self) -> bool:
        """Take the filter away; False where there was none."""
        if not self.filter.text():
            return False
        self.filter.set_text("")
        self.table.setFocus()
        return True

    def _show_slices(self) -> None:
        made = [Choice(code, _(label), len(state.in_slice(self._lines, code))) for code, label, _states in state.SLICES]
        self.slices.set_choices(made)

    def _fill(self, _words: str = "") -> None:
        lines = state.in_slice(self._lines, self.slices.code() or state.GOING)
        self.table.set_rows(state.filtered(lines, self.filter.text()))
        if self.table.current_row() is None:
            self.table.select_first()
        self.chosen.emit(self.table.current_row())

    def _on_submitted(self, _typed: str) -> None:
        self.table.setFocus()

    def _on_activated(self, line: CraftLine) -> None:
        self.opened.emit(line.id)
