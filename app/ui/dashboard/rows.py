"""The rows behind a figure: masked, as many as there are; Enter opens the person's file or the slip."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.ledgers.board_rows import Behind
from app.texts import _
from app.ui import theme
from app.ui.table import Column, RecordTable
from app.ui.widgets import Choice, EmptyState, SegmentedFilter, Text

NUMERATOR, DENOMINATOR = "numerator", "denominator"


def rows_table() -> RecordTable[Behind]:
    """Return the table of rows."""
    columns: tuple[Column[Behind], ...] = (
        Column(_("姓名"), lambda row: row.name, width=96, bold=True),
        Column(_("证件号码"), lambda row: row.id_no, width=176, sortable=False),
        Column(_("电话"), lambda row: row.mobile, width=116, sortable=False),
        Column(_("住在"), lambda row: row.place, width=110, stretch=1),
        Column(_("日期"), lambda row: row.on.isoformat() if row.on else "", width=104),
        Column(_("记录"), lambda row: row.what, width=180, stretch=2, tone=lambda _row: "text2"),
    )
    empty = EmptyState(_("没有人，也没有记录"), _("这个数里一条也没有。按 Esc 回到看板。"), icon="users-round")
    return RecordTable(columns, name=_("数字背后的人"), key=lambda row: row.key, empty=empty)


class RowsPage(QWidget):
    """A figure's rows under its name. ``side_chosen``: the denominator is wanted (True) or the numerator."""

    side_chosen = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self.title, self.about = Text("", "page", wrap=True), Text("", "secondary", "text2", wrap=True)
        self.sides = SegmentedFilter(name=_("分子还是分母"))
        self.table = rows_table()
        head = QHBoxLayout()
        head.setSpacing(theme.SPACE[2])
        head.addWidget(self.title, 1)
        head.addWidget(self.sides)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE[1])
        column.addLayout(head)
        column.addWidget(self.about)
        column.addWidget(self.table, 1)
        self.sides.chosen.connect(self._on_side)
        self.setFocusProxy(self.table)

    def begin(self, title: str, *, has_base: bool, base: bool) -> None:
        """Show whose rows are coming."""
        self.title.setText(title)
        self.about.setText(_("正在读…"))
        self.sides.set_choices([Choice(NUMERATOR, _("分子")), Choice(DENOMINATOR, _("分母"))] if has_base else [])
        self.sides.setVisible(has_base)
        if has_base:
            self.sides.set_code(DENOMINATOR if base else NUMERATOR)
        self.table.set_rows([])
        self.table.set_loading()

    def show_rows(self, rows: Sequence[Behind], period: str) -> None:
        """Show the rows; the first is chosen."""
        people = len({row.resident_id for row in rows if row.resident_id})
        counted = _("{n} 条，{people} 人", n=f"{len(rows):,}", people=f"{people:,}")
        self.about.setText("　".join((period, counted, _("姓名、号码遮住了"))))
        self.table.set_rows(rows)
        self.table.select_first()

    def _on_side(self, code: str) -> None:
        self.side_chosen.emit(code == DENOMINATOR)
