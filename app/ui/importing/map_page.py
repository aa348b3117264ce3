"""The second step: what each column holds, and the first rows as they will be taken."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.services.imports.columns import ColumnMap
from app.services.imports.job import ImportJob
from app.services.imports.rows import ReadRow
from app.texts import _
from app.ui import theme
from app.ui.forms import ChoiceField, FormGrid
from app.ui.importing import state
from app.ui.importing.state import PreviewLine
from app.ui.table import Column, RecordTable
from app.ui.widgets import Scroller, SectionTitle

PREVIEW_REST_MS = 150
LEAST_TABLE = 110


def preview_columns(kind: str) -> tuple[Column[PreviewLine], ...]:
    """Return the preview's columns for a kind of file."""
    words = state.column_words(kind)
    widths = (150, 190, 130, 140)

    def cell(index: int) -> Callable[[PreviewLine], str]:
        return lambda row: row.cells[index]

    return (
        Column(_("行"), lambda row: str(row.number), width=52, align="right", tone=lambda _row: "text2"),
        *(
            Column(words[index], cell(index), width=widths[index], stretch=index < 2, bold=index == 0)
            for index in range(4)
        ),
        Column(
            _("说明"),
            lambda row: row.notes,
            width=180,
            stretch=2,
            tone=lambda row: "red" if row.refused else "text2",
            sortable=False,
        ),
    )


class MapPage(QWidget):
    """Columns over preview. ``changed`` carries the column map after each choice."""

    changed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._job: ImportJob | None = None
        self._quiet = False
        self.form: FormGrid | None = None
        self._fields: list[ChoiceField] = []
        self.columns_title = SectionTitle(_("列怎么对应"))
        self.preview_title = SectionTitle(_("前几行会这样导入"))
        self._scroll = Scroller()
        self._table_place = QVBoxLayout()
        self.table: RecordTable[PreviewLine] | None = None
        self._rest = QTimer(self, singleShot=True, interval=PREVIEW_REST_MS)
        self._rest.timeout.connect(self._tell)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE[1])
        column.addWidget(self.columns_title)
        column.addWidget(self._scroll, 3)
        column.addWidget(self.preview_title)
        column.addLayout(self._table_place, 2)

    def show_job(self, job: ImportJob, *, remembered: bool) -> None:
        """Show a file's columns."""
        self._job = job
        note = _("和上次一样，已照上次的对应") if remembered else _("按列名猜的，不对就改")
        self.columns_title.set_text(_("列怎么对应"), note)
        self._scroll.clear()
        self._fields = []
        self.form = FormGrid(4)
        choices = state.target_choices(job.columns.kind)
        for index, heading in enumerate(job.columns.headings):
            sample = state.sample_of(job.table.sample, index)
            field = ChoiceField(
                heading or _("（没有列名）"), choices, name=str(index), hint=sample, show_code=False
            )  # fmt: skip
            field.set_value(job.columns.targets[index])
            field.value_changed.connect(self._on_choice)
            self.form.add(field)
            self._fields.append(field)
        self._scroll.body.addWidget(self.form)
        self._scroll.body.addStretch(1)
        self._make_table(job.columns.kind)

    def _make_table(self, kind: str) -> None:
        if self.table is not None:
            self._table_place.removeWidget(self.table)
            self.table.deleteLater()
        self.table = RecordTable(preview_columns(kind), name=_("预览"), key=lambda row: row.number)
        self.table.setMinimumHeight(LEAST_TABLE)
        self._table_place.addWidget(self.table)
        self.table.set_loading()

    def show_preview(self, rows: list[ReadRow]) -> None:
        """Show the first rows as they would be taken."""
        if self._job is not None:
            kind = self._job.columns.kind
            self.show_lines([state.preview_line(kind, row) for row in rows])

    def show_lines(self, lines: list[PreviewLine]) -> None:
        """Show lines that were looked at against the store already."""
        if self.table is not None:
            self.table.set_rows(lines)

    def show_problem(self, fields: dict[str, str]) -> None:
        """Say which columns are missing, instead of rows."""
        if self.table is not None:
            self.table.set_rows([])
        self.preview_title.set_text(_("前几行会这样导入"), "；".join(fields.values()))

    def clear_problem(self) -> None:
        """Take the sentence away."""
        self.preview_title.set_text(_("前几行会这样导入"))

    def focus_first(self) -> None:
        """Go to the first column."""
        if self.form is not None:
            self.form.focus_first()

    def _on_choice(self) -> None:
        if self._quiet or self._job is None:
            return
        sender: Any = self.sender()
        index = self._fields.index(sender)
        columns: ColumnMap = self._job.columns.with_target(index, sender.value() or "")
        self._job.columns = columns
        self._quiet = True
        for field, target in zip(self._fields, columns.targets, strict=True):
            if (field.value() or "") != target:
                field.set_value(target)
        self._quiet = False
        self._rest.start()

    def _tell(self) -> None:
        if self._job is not None:
            self.changed.emit(self._job.columns)


def read_preview(job: ImportJob) -> list[ReadRow]:
    """Read the first rows; on the io lane."""
    return job.preview(state.PREVIEW_ROWS)


def previewing(job: ImportJob) -> Callable[[], list[ReadRow]]:
    """Return the work of reading the preview."""
    return partial(read_preview, job)
