"""The catalogue of courses."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.services.training.courses import CourseLine
from app.texts import _
from app.ui import theme
from app.ui.context import UiContext
from app.ui.table import RecordTable
from app.ui.tasks import Task
from app.ui.training import state
from app.ui.training.class_list import FILTER_REST_MS, LEAST_TABLE, ROW_HEIGHT
from app.ui.training.columns import course_columns
from app.ui.widgets import Choice, EmptyState, SearchField, SegmentedFilter

ACTIVE, EVERY = "active", "every"


class CourseList(QWidget):
    """Courses by name. ``row_selected`` carries a line or None."""

    row_selected = Signal(object)
    opened = Signal(str)
    counted = Signal(int)

    def __init__(self, context: UiContext) -> None:
        super().__init__()
        self._context = context
        self._asked: Task[list[CourseLine]] | None = None
        self._wanted = ""
        self.slices = SegmentedFilter([Choice(ACTIVE, _("在办")), Choice(EVERY, _("连停办的"))], name=_("培训项目状态"))
        self.slices.set_code(ACTIVE)
        self.search = SearchField(_("项目、机构、证书"), "/", rest_ms=FILTER_REST_MS)
        self.table = RecordTable(course_columns(), name=_("培训项目"), row_height=ROW_HEIGHT, key=lambda row: row.id)
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
        self.slices.chosen.connect(self._on_changed)
        self.search.text_changed.connect(self._on_changed)
        self.search.submitted.connect(self._on_submitted)
        self.table.row_selected.connect(self.row_selected)
        self.table.row_activated.connect(self._on_activated)

    def refresh(self) -> None:
        """Read again."""
        self.table.set_loading()
        if self._asked is not None:
            self._asked.cancel()
        every, typed = self.slices.code() == EVERY, self.search.text().strip()
        self._asked = self._context.runner.read(
            partial(state.load_catalogue, words=typed, all_of_them=every), self._on_loaded
        )

    def show_course(self, course_id: str) -> None:
        """Go to one course."""
        self._wanted = course_id
        self.slices.set_code(EVERY)
        self.search.set_text("")
        self.refresh()

    def current(self) -> CourseLine | None:
        """Return the chosen line."""
        return self.table.current_row()

    def focus_filter(self) -> None:
        """Go to the filter."""
        self.search.setFocus()
        self.search.line.selectAll()

    def _on_loaded(self, rows: list[CourseLine]) -> None:
        typed = self.search.text().strip()
        self.counted.emit(len(rows))
        if not rows:
            title = _("没有找到“{words}”", words=typed) if typed else _("还没有培训项目")
            text = _("换个词，或者看全部。") if typed else _("登记了项目，才能排班期。")
            self.table.set_empty(EmptyState(title, text, icon="book-open-text"))
        self.table.set_rows(rows)
        if self._wanted and self.table.select_key(self._wanted):
            self._wanted = ""
        if self.table.current_row() is None:
            self.table.select_first()
        self.row_selected.emit(self.table.current_row())

    def _on_changed(self, _text: str) -> None:
        self.refresh()

    def _on_submitted(self, _words: str) -> None:
        self.table.setFocus()

    def _on_activated(self, line: CourseLine) -> None:
        self.opened.emit(line.id)
