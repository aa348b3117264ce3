"""A list in slices with a filter over it: what the lists of a screen share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.context import UiContext
from app.ui.table import RecordTable
from app.ui.tasks import Task
from app.ui.widgets import SearchField, SegmentedFilter

if TYPE_CHECKING:
    from app.db.database import Transaction

FILTER_REST_MS = 150
LEAST_TABLE = 140

RowT = TypeVar("RowT")


class SlicedList(QWidget, Generic[RowT]):
    """Rows of one slice. ``row_selected`` carries a row or None, ``opened`` an id, ``counted`` the number of all.

    Each change asks anew and drops the question before. A list says what it asks (``_question``) and what it makes of
    the answer (``_on_loaded``, which ends in ``_show_rows``).
    """

    row_selected = Signal(object)
    opened = Signal(str)
    counted = Signal(int)

    def __init__(self, context: UiContext, slices: SegmentedFilter, *, hint: str, table: RecordTable[RowT]) -> None:
        super().__init__()
        self._context = context
        self._asked: Task[Any] | None = None
        self._wanted = ""
        self.slices, self.table = slices, table
        self.search = SearchField(hint, "/", rest_ms=FILTER_REST_MS)
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
        self._asked = self._context.runner.read(self._question(), self._on_loaded)

    def current(self) -> RowT | None:
        """Return the chosen row."""
        return self.table.current_row()

    def focus_filter(self) -> None:
        """Go to the filter."""
        self.search.setFocus()
        self.search.line.selectAll()

    def _typed(self) -> str:
        return self.search.text().strip()

    def _question(self) -> Callable[[Transaction], Any]:
        """Return what is read for the slice and the words of now."""
        raise NotImplementedError

    def _on_loaded(self, answer: Any) -> None:
        """Show the answer."""
        raise NotImplementedError

    def _go_to(self, record_id: str, code: str) -> None:
        """Show another slice without a filter, and choose one row of it."""
        self._wanted = record_id
        self.slices.set_code(code)
        self.search.set_text("")
        self.refresh()

    def _show_rows(self, rows: Sequence[RowT]) -> None:
        self.table.set_rows(rows)
        if self._wanted and self.table.select_key(self._wanted):
            self._wanted = ""
        if self.table.current_row() is None:
            self.table.select_first()
        self.row_selected.emit(self.table.current_row())

    def _on_slice(self, _code: str) -> None:
        self.refresh()

    def _on_search(self, _words: str) -> None:
        self.refresh()

    def _on_submitted(self, _words: str) -> None:
        self.table.setFocus()

    def _on_activated(self, row: Any) -> None:
        self.opened.emit(row.id)
