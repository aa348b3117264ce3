"""The last step: what became of every row; it adds up, and says why."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.services.imports.report import REFUSED, REMARKED, TAKEN, ImportReport, RowOutcome
from app.texts import _
from app.ui import theme
from app.ui.importing import state
from app.ui.table import Column, RecordTable
from app.ui.widgets import Button, Card, Choice, EmptyState, Hairline, IconLabel, Tabs, Text

LEAST_TABLE = 110


class Figures(Card):
    """The account in figures: read = taken + remarked + not taken."""

    def __init__(self) -> None:
        super().__init__("sunken", None, padding=12)
        self._row = QHBoxLayout()
        self._row.setSpacing(theme.SPACE[4])
        self.body.addLayout(self._row)

    def show_report(self, report: ImportReport) -> None:
        """Show a report's figures."""
        while self._row.count():
            item = self._row.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.deleteLater()
        counts = report.counts
        figures = (
            (report.read, _("行读了"), "text"),
            (counts[TAKEN], _("行导入"), "accent_text"),
            (counts[REMARKED], _("行导入，有说明"), "blue"),
            (counts[REFUSED], _("行没有导入"), "orange" if counts[REFUSED] else "text"),
        )
        for place, (count, words, tone) in enumerate(figures):
            if place:
                self._row.addWidget(Hairline(vertical=True))
            self._row.addWidget(Text(f"{count:,}", "number", tone))
            self._row.addWidget(Text(words, "secondary", "text2"))
        self._row.addStretch(1)
        self.setAccessibleName(report.summary())


def row_columns() -> tuple[Column[RowOutcome], ...]:
    """Return the columns of the rows' table."""
    return (
        Column(_("行"), lambda row: str(row.number), width=80, align="right", sort_key=lambda row: row.number),
        Column(_("说明"), lambda row: "；".join(row.notes), width=400, stretch=1),
    )


def reason_columns() -> tuple[Column[tuple[str, str, int]], ...]:
    """Return the columns of the reasons' table."""
    return (
        Column(_("原因"), lambda row: row[1], width=400, stretch=1),
        Column(_("结果"), lambda row: _("没有导入") if row[0] == REFUSED else _("已导入"), width=110,
               chip=lambda row: "orange" if row[0] == REFUSED else "good"),
        Column(_("行数"), lambda row: f"{row[2]:,}", width=90, align="right", sort_key=lambda row: row[2]),
    )  # fmt: skip


class ReportPage(QWidget):
    """Shows one report; ``save_requested`` and ``again_requested`` are the screen's acts."""

    save_requested = Signal()
    again_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.report: ImportReport | None = None
        self._title = Text("", "page")
        self._stopped = IconLabel("circle-alert", "", "orange", wrap=True)
        self.figures = Figures()
        self.tabs = Tabs([Choice(REFUSED, _("没有导入")), Choice(REMARKED, _("有说明")), Choice("why", _("原因汇总"))],
                         name=_("报告"))  # fmt: skip
        self.save = Button(_("存 CSV"), "outline", "Ctrl S", "file-down")
        self.again = Button(_("再导入一个"), "text")
        self.rows = RecordTable(row_columns(), name=_("行"), key=lambda row: row.number)
        self.reasons = RecordTable(reason_columns(), name=_("原因"), key=lambda row: row)
        for table in (self.rows, self.reasons):
            table.setMinimumHeight(LEAST_TABLE)
        head = QHBoxLayout()
        head.addWidget(self._title, 1)
        head.addWidget(self.again)
        head.addWidget(self.save)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE[1])
        column.addLayout(head)
        column.addWidget(self._stopped)
        column.addWidget(self.figures)
        column.addWidget(self.tabs)
        column.addWidget(self.rows, 1)
        column.addWidget(self.reasons, 1)
        self._stopped.hide()
        self.reasons.hide()
        self.tabs.chosen.connect(self._on_tab)
        self.save.clicked.connect(self.save_requested)
        self.again.clicked.connect(self.again_requested)

    def show_report(self, report: ImportReport) -> None:
        """Show what became of every row."""
        self.report = report
        self._title.setText(f"{state.title_of(report)}  {report.file_name}")
        why = report.stopped or (_("已导入的都在，后面的没有读。") if report.cancelled else "")
        self._stopped.set_text(why)
        self._stopped.setVisible(bool(why))
        self.figures.show_report(report)
        reasons = report.reasons()
        self.tabs.set_choices(
            [
                Choice(REFUSED, _("没有导入"), report.refused_count),
                Choice(REMARKED, _("有说明"), report.counts[REMARKED]),
                Choice("why", _("原因汇总"), len(reasons)),
            ]
        )
        self.reasons.set_rows(reasons)
        self.tabs.set_code(REFUSED if report.refused_count else REMARKED if report.counts[REMARKED] else "why")
        self._on_tab(self.tabs.code())

    def _on_tab(self, code: str) -> None:
        self.reasons.setVisible(code == "why")
        self.rows.setVisible(code != "why")
        if self.report is not None and code != "why":
            self.rows.set_empty(EmptyState(_("没有这样的行"), _("每一行都导入了。"), icon="circle-check"))
            self.rows.set_rows(state.rows_of(self.report, code))
