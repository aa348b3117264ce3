"""The employers by state of verification."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.services.employers import EmployerLine, count_by_verification, list_by_verification
from app.texts import _
from app.ui import theme
from app.ui.context import UiContext
from app.ui.table import RecordTable
from app.ui.tasks import Task
from app.ui.vacancies.columns import employer_columns
from app.ui.vacancies.state import VERIFY_WORDS
from app.ui.widgets import Choice, EmptyState, SearchField, SegmentedFilter

if TYPE_CHECKING:
    from app.db.database import Transaction

FILTER_REST_MS = 150
LEAST_TABLE = 140
Loaded = tuple[str, dict[str, int], list[EmployerLine]]


def load_employers(states: tuple[str, ...], words: str, tx: Transaction) -> Loaded:
    """Read the employers in these states and the counts of all."""
    return words, count_by_verification(tx), list_by_verification(tx, states, filter_text=words)


class EmployerList(QWidget):
    """Employers by name. ``row_selected`` carries a line or None."""

    row_selected = Signal(object)
    opened = Signal(str)
    counted = Signal(int)

    def __init__(self, context: UiContext) -> None:
        super().__init__()
        self._context = context
        self._asked: Task[Loaded] | None = None
        self._wanted = ""
        self.states = SegmentedFilter([Choice(code, _(label)) for code, label, _in in VERIFY_WORDS], name=_("核验状态"))
        self.states.set_code("")
        self.search = SearchField(_("单位名称、信用代码"), "/", rest_ms=FILTER_REST_MS)
        self.table = RecordTable(employer_columns(), name=_("单位"), row_height=40, key=lambda row: row.id)
        bar = QHBoxLayout()
        bar.setSpacing(theme.SPACE[2])
        bar.addWidget(self.states)
        bar.addWidget(self.search, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE[1])
        column.addLayout(bar)
        column.addWidget(self.table, 1)
        self.table.setMinimumHeight(LEAST_TABLE)
        self.setFocusProxy(self.table)
        self.states.chosen.connect(self._on_changed)
        self.search.text_changed.connect(self._on_changed)
        self.search.submitted.connect(self._on_submitted)
        self.table.row_selected.connect(self.row_selected)
        self.table.row_activated.connect(self._on_activated)

    def refresh(self) -> None:
        """Read again."""
        self.table.set_loading()
        if self._asked is not None:
            self._asked.cancel()
        states = next(among for code, _label, among in VERIFY_WORDS if code == self.states.code())
        work = partial(load_employers, states, self.search.text().strip())
        self._asked = self._context.runner.read(work, self._on_loaded)

    def show_employer(self, employer_id: str) -> None:
        """Go to one employer."""
        self._wanted = employer_id
        self.states.set_code("")
        self.search.set_text("")
        self.refresh()

    def current(self) -> EmployerLine | None:
        """Return the chosen line."""
        return self.table.current_row()

    def focus_filter(self) -> None:
        """Go to the filter."""
        self.search.setFocus()
        self.search.line.selectAll()

    def _on_loaded(self, loaded: Loaded) -> None:
        words, counts, rows = loaded
        choices = [
            Choice(code, _(label), sum(counts.get(one, 0) for one in among) if among else sum(counts.values()))
            for code, label, among in VERIFY_WORDS
        ]
        before = self.states.code()
        self.states.set_choices(choices)
        self.states.set_code(before)
        self.counted.emit(sum(counts.values()))
        title = _("没有找到“{words}”", words=words) if words else _("这一类现在没有单位")
        self.table.set_empty(EmptyState(title, _("换个词，或者看全部。"), icon="building-2"))
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

    def _on_activated(self, line: EmployerLine) -> None:
        self.opened.emit(line.id)
