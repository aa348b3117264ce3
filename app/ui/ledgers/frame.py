"""What screens of ledgers look like: the list at the left; head, filters, facts and progress round the rows."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app import clock
from app.ledgers.base import Ask
from app.ledgers.period import month_of
from app.texts import _
from app.ui import theme
from app.ui.dialogs import ProgressCard
from app.ui.ledgers import parts, state
from app.ui.table import RecordTable
from app.ui.widgets import Button, IconButton, SkeletonRows, Text

_KINDS_WIDTH = 236


class LedgerFrame(QWidget):
    """The widgets that such screens share, stepping by months and the shelf of filters; the rest the screen says.

    ``table``: what shows the rows, None while there is nothing to step into.
    """

    def __init__(self, *, narrow: str, progress: str) -> None:
        super().__init__()
        self.table: RecordTable[Any] | None = None
        self.kinds = parts.kinds_table()
        self.filters = parts.Filters(Ask(month_of(clock.today())))
        self.shelf = parts.Scrolled(self.filters)
        self.shelf.hide()
        self.title, self.period = Text("", "page", wrap=True), Text("", "section")
        self.before = IconButton("chevron-left", _("上个月"), key="Ctrl PgUp")
        self.after = IconButton("chevron-right", _("下个月"), key="Ctrl PgDn")
        self.narrow = Button(narrow, "outline", "/", "funnel")
        self.export = Button(_("导出"), "filled", "F9", "file-down")
        self.filters.set_main_button(self.export)
        self.count, self.masked = Text("", "secondary", "text2", wrap=True), Text("", "secondary", "text2", wrap=True)
        self.masked.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.progress = ProgressCard(progress, can_background=False)
        self.progress.hide()
        self._spot = QVBoxLayout()
        self._spot.setContentsMargins(0, 0, 0, 0)
        self._shown: QWidget = SkeletonRows(6)
        self._spot.addWidget(self._shown, 1)
        self.setFocusProxy(self.kinds)
        self._step_by_keys()

    def _step_by_keys(self) -> None:
        self.before.clicked.connect(partial(self._step, -1))
        self.after.clicked.connect(partial(self._step, 1))
        self.narrow.clicked.connect(self._on_narrow)
        for keys, by in (("Ctrl+PgUp", -1), ("Ctrl+PgDown", 1)):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(partial(self._step, by))

    def lay_out(
        self,
        *,
        over: Sequence[QWidget] = (),
        beside: Sequence[QWidget] = (),
        above: Sequence[QWidget] = (),
        below: Sequence[QWidget] = (),
    ) -> None:
        """Put everything in its place. The screen's own: ``over`` the line of facts, ``beside`` it, ``above`` the rows
        and ``below`` them.
        """
        head, line, column = QHBoxLayout(), QHBoxLayout(), QVBoxLayout()
        head.setSpacing(theme.SPACE[1])
        line.setSpacing(theme.SPACE[3])
        column.setSpacing(theme.SPACE[1])
        head.addWidget(self.title, 1)
        for part in (self.before, self.period, self.after, self.narrow, self.export):
            head.addWidget(part)
        line.addWidget(self.count, 3)
        line.addWidget(self.masked, 2)
        for widget in beside:
            line.addWidget(widget)
        column.addLayout(head)
        for widget in (self.shelf, *over):
            column.addWidget(widget)
        column.addLayout(line)
        for widget in above:
            column.addWidget(widget)
        column.addLayout(self._spot, 1)
        for widget in (*below, self.progress):
            column.addWidget(widget)
        outer = QHBoxLayout(self)
        outer.setContentsMargins(16, 16, 24, 8)
        outer.setSpacing(theme.SPACE[4])
        outer.addWidget(self.kinds)
        outer.addLayout(column, 1)

    def show_in_place(self, widget: QWidget, *, follow: bool = False) -> None:
        """Show something where the rows are; with ``follow`` the keyboard goes on with it."""
        had_keys = follow and self._shown.isAncestorOf(self.window().focusWidget() or self)
        if self._shown is self.table:
            self.table = None
        self._spot.removeWidget(self._shown)
        self._shown.hide()
        self._shown.deleteLater()
        self._shown = widget
        self._spot.addWidget(widget, 1)
        widget.show()  # not only when the layout comes round to it: it may be given the keyboard now
        if had_keys:
            widget.setFocus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.kinds.setFixedWidth(min(theme.of(self).px(_KINDS_WIDTH), max(_KINDS_WIDTH, self.width() // 5)))

    def open_filters(self) -> None:
        """Show the filters, the keyboard in the first."""
        self.shelf.show()
        self.filters.focus_first()

    def close_filters(self) -> None:
        """Put the filters away, the keyboard back on the rows or the list."""
        (self.table if self.table is not None and self.table.rows() else self.kinds).setFocus()
        self.shelf.hide()

    def _on_narrow(self) -> None:
        if self.shelf.isHidden():
            self.open_filters()
        else:
            self.close_filters()

    def _step(self, by: int) -> None:
        self.filters.take_period(state.stepped(self.filters.ask.period, by))
