"""The classes in slices, with a filter."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.services.training.listing import ClassLine
from app.texts import _
from app.ui import theme
from app.ui.context import UiContext
from app.ui.table import RecordTable
from app.ui.tasks import Task
from app.ui.training import state
from app.ui.training.columns import class_columns
from app.ui.training.state import ClassPage
from app.ui.widgets import Choice, EmptyState, SearchField, SegmentedFilter

FILTER_REST_MS = 150
LEAST_TABLE = 140
ROW_HEIGHT = 52


class ClassList(QWidget):
    """Classes of one slice. ``row_selected`` carries a line or None."""

    row_selected = Signal(object)
    opened = Signal(str)
    counted = Signal(int)

    def __init__(self, context: UiContext, *, may_plan: bool) -> None:
        super().__init__()
        self._context, self._may_plan = context, may_plan
        self._asked: Task[ClassPage] | None = None
        self._wanted, self._chose = "", False
        self.page: ClassPage | None = None
        self.slices = SegmentedFilter(
            [Choice(code, _(label), None, tone) for code, label, _states, _ended, tone in state.SLICES],
            name=_("班期状态"),
        )
        self.slices.set_code(state.SIGN_UP)
        self.search = SearchField(_("班名、班号、地点"), "/", rest_ms=FILTER_REST_MS)
        self.table = RecordTable(class_columns(), name=_("班期"), row_height=ROW_HEIGHT, key=lambda row: row.id)
        bar = QHBoxLayout()
        bar.setSpacing(theme.SPACE[2])
        bar.addWidget(self.slices)
        bar.addWidget(self.search, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE[1])
        column.addLayout(bar)
        column.addWidget(self.table, 1)
        self.table.setMinimumHeight(LEAST_TABLE)
        self.setFocusProxy(self.table)
        self.slices.chosen.connect(self._on_slice)
        self.search.text_changed.connect(self._on_search)
        self.search.submitted.connect(self._on_submitted)
        self.table.row_selected.connect(self.row_selected)
        self.table.row_activated.connect(self._on_activated)

    def refresh(self) -> None:
        """Read again."""
        self.table.set_loading()
        if self._asked is not None:
            self._asked.cancel()
        work = partial(state.load_classes, name=self.slices.code(), words=self.search.text().strip())
        self._asked = self._context.runner.read(work, self._on_loaded)

    def show_slice(self, name: str) -> None:
        """Show another slice from its top."""
        self._chose = True
        self.slices.set_code(name)
        self.search.set_text("")

    def show_class(self, class_id: str) -> None:
        """Go to one class, among all."""
        self._wanted = class_id
        self.show_slice(state.ALL)
        self.refresh()

    def current(self) -> ClassLine | None:
        """Return the chosen line."""
        return self.table.current_row()

    def focus_filter(self) -> None:
        """Go to the filter."""
        self.search.setFocus()
        self.search.line.selectAll()

    def _on_loaded(self, page: ClassPage) -> None:
        self.page = page
        before = self.slices.code()
        self.slices.set_choices(
            [
                Choice(code, _(label), page.counts[code], tone if page.counts[code] else "")
                for code, label, _states, _ended, tone in state.SLICES
            ]
        )
        self.slices.set_code(before)
        self.counted.emit(page.counts[state.ALL])
        first = state.first_slice(page.counts)
        if not self._chose and first != before:  # the first look goes where something is
            self._chose = True
            self.slices.set_code(first)
            self.refresh()
            return
        self._chose = True
        if not page.lines:
            self.table.set_empty(self._empty(page))
        self.table.set_rows(page.lines)
        if self._wanted and self.table.select_key(self._wanted):
            self._wanted = ""
        if self.table.current_row() is None:
            self.table.select_first()
        self.row_selected.emit(self.table.current_row())

    def _empty(self, page: ClassPage) -> EmptyState:
        if page.words:
            return EmptyState(
                _("没有找到“{words}”", words=page.words), _("换个词，或者看全部。"), icon="graduation-cap"
            )
        if page.counts[state.ALL]:
            return EmptyState(_("这一类现在没有班期"), _("看别的状态，或者看全部。"), icon="graduation-cap")
        if self._may_plan:
            text = _("先在“培训项目”里登记项目，再按 Ctrl+N 排一个班期。")
        else:
            text = _("站里排了您教的班，同步以后就在这里。")
        return EmptyState(_("还没有班期"), text, icon="graduation-cap")

    def _on_slice(self, _code: str) -> None:
        self._chose = True
        self.refresh()

    def _on_search(self, _words: str) -> None:
        self.refresh()

    def _on_submitted(self, _words: str) -> None:
        self.table.setFocus()

    def _on_activated(self, line: ClassLine) -> None:
        self.opened.emit(line.id)
