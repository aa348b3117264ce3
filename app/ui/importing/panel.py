"""The right panel of the import wizard: where one is, what happens next, and the main button."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.services.imports.job import ImportJob
from app.services.imports.report import ImportReport
from app.services.imports.targets import ENROLMENTS
from app.texts import _
from app.ui import theme
from app.ui.dialogs import ProgressCard
from app.ui.importing import state
from app.ui.widgets import Button, Fact, IconLabel, Scroller, Text


class ImportPanel(QWidget):
    """Says what stands, and carries the one filled button."""

    main_requested = Signal()
    other_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.facts = Scroller(spacing=theme.SPACE[2])
        self.progress = ProgressCard(_("正在导入"))
        self.progress.hide()
        self.other = Button(_("换一个文件"), "text")
        self.main = Button("", "filled", "F9", height=theme.HEIGHT["main"])
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE[1])
        column.addWidget(self.facts, 1)
        column.addWidget(self.progress)
        column.addWidget(self.other)
        column.addWidget(self.main)
        self.main.clicked.connect(self.main_requested)
        self.other.clicked.connect(self.other_requested)

    def show_choose(self, kind: str = "vacancies") -> None:
        """Tell how importing this kind goes."""
        self._start(_("怎么导入"))
        for words in state.advice(kind):
            self.facts.body.addWidget(IconLabel("check", words, "text2", role="secondary", wrap=True))
        self._end(_("选文件"), "file-spreadsheet")

    def show_opening(self, name: str) -> None:
        """Say that a file is being opened."""
        self._start(name)
        self.facts.body.addWidget(Text(_("正在打开…"), "secondary", "text2"))
        self._end(_("选文件"), "file-spreadsheet")
        self.main.setEnabled(False)

    def show_job(self, job: ImportJob) -> None:
        """Show what the open file is, and what is missing."""
        table, columns = job.table, job.columns
        self._start(table.path.name)
        self.facts.body.addWidget(
            Text(state.file_words(table.path, table.encoding, table.row_estimate), "secondary", "text2")
        )
        used = sum(1 for target in columns.targets if target)
        self.facts.body.addWidget(Fact(_("用到的列"), _("{used} / {all} 列", used=used, all=len(columns.targets))))
        left_out = "、".join(name for name, target in zip(columns.headings, columns.targets, strict=True) if not target)
        if left_out:
            self.facts.body.addWidget(Fact(_("不导入的列"), left_out))
        missing = state.missing_words(columns) or state.missing_class(job)
        if missing:
            self.facts.body.addWidget(IconLabel("circle-alert", missing, "orange", wrap=True))
        self._end(_("开始导入"), "download")
        self.main.setEnabled(not missing)
        self.other.show()

    def show_running(self, name: str, estimate: int) -> None:
        """Show the progress."""
        self._start(name)
        words = _("可以转到后台，照常办别的事。停下的话，已导入的都在。")
        self.facts.body.addWidget(Text(words, "secondary", "text2", wrap=True))
        self._end(_("正在导入…"), "download")
        self.main.setEnabled(False)
        self.progress.stop.set_busy(None)
        self.progress.set_progress(0, estimate)
        self.progress.show()

    def show_report(self, report: ImportReport) -> None:
        """Say how it ended."""
        self._start(state.title_of(report))
        self.facts.body.addWidget(Text(report.summary(), "body", "text2", wrap=True))
        if report.kind == "vacancies" and report.taken_count:
            words = _("这些岗位现在是“待审”，站长看过就能成批发布。")
            self.facts.body.addWidget(Text(words, "body", "text2", wrap=True))
        if report.kind == ENROLMENTS and report.taken_count:
            words = _("名额由区里按先后确认；下次同步后，班里看得到谁录取、谁候补。")
            self.facts.body.addWidget(Text(words, "body", "text2", wrap=True))
        labels = {"vacancies": _("去看待审岗位"), "employers": _("去看单位"), "residents": _("去看居民")}
        self._end(labels.get(report.kind) or _("去看这个班"), "arrow-right")

    def _start(self, title: str) -> None:
        self.facts.clear()
        self.progress.hide()
        self.other.hide()
        self.facts.body.addWidget(Text(title, "section", wrap=True))

    def _end(self, label: str, icon: str) -> None:
        self.facts.body.addStretch(1)
        self.main.set_label(label, icon=icon)
        self.main.setEnabled(True)
