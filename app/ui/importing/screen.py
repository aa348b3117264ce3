"""The import wizard: choose a file, check its columns, run, read the report."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.errors import AppError, InvalidInputError
from app.models.acts import may
from app.services.imports.columns import ColumnMap
from app.services.imports.job import ImportJob
from app.services.imports.remembered import find_map, save_map
from app.services.imports.report import ImportReport
from app.services.imports.rows import ReadRow
from app.services.imports.targets import ENROLMENTS
from app.texts import _
from app.ui import theme
from app.ui.acting import Doer, show_keys
from app.ui.context import UiContext
from app.ui.dialogs import ErrorCard
from app.ui.forms import ChoiceField
from app.ui.importing import state
from app.ui.importing.class_field import ClassField
from app.ui.importing.map_page import MapPage, previewing
from app.ui.importing.panel import ImportPanel
from app.ui.importing.report_page import ReportPage
from app.ui.importing.run import ImportRun
from app.ui.keys import KeyHint
from app.ui.messages import as_trouble
from app.ui.widgets import Choice, EmptyState, SegmentedFilter, Text

if TYPE_CHECKING:
    from app.db.database import Transaction

CHOOSE, MAP, REPORT = range(3)


def dropped_file(event: QDragEnterEvent | QDropEvent) -> Path | None:
    """Return the one local file that is dragged; None when it is none, or several."""
    urls = event.mimeData().urls()
    return Path(urls[0].toLocalFile()) if len(urls) == 1 and urls[0].isLocalFile() else None


class ImportScreen(QWidget):
    """Files become vacancies, employers, residents or sign-ups for a class."""

    def __init__(self, context: UiContext) -> None:
        super().__init__()
        self._context = context
        self._doer = Doer(context, self)
        self.job: ImportJob | None = None
        self.run: ImportRun | None = None
        self._path: Path | None = None
        self._opening = ""
        self._unread = False
        self.setAcceptDrops(True)
        self._build()
        self._connect()
        self._show_step(CHOOSE)

    def _build(self) -> None:
        roles = self._context.actor.roles
        kinds = [Choice(kind, _(words)) for kind, words, act in state.KIND_WORDS if may(roles, act)]
        self.kinds = SegmentedFilter(kinds, name=_("导入什么"))
        self.sheet = ChoiceField(_("工作表"), name="sheet", show_code=False)
        self.sheet.hide()
        self.held_class = ClassField()
        self.held_class.setMinimumWidth(theme.of(self).px(280))
        self.held_class.hide()
        head = QHBoxLayout()
        head.setSpacing(theme.SPACE[3])
        head.addWidget(Text(_("导入"), "title"))
        head.addWidget(self.kinds)
        head.addStretch(1)
        head.addWidget(self.held_class)
        head.addWidget(self.sheet)
        self.trouble = ErrorCard("", "", _("换一个文件"))
        self.trouble.hide()
        self.empty = EmptyState(
            _("选一个表格文件，或者把它拖进来"),
            _("Excel（.xlsx）或 CSV，什么编码都行。先看前几行，确认了才存；重复导入不会记两遍。"),
            _("选文件"),
            icon="file-spreadsheet",
        )
        self.map = MapPage()
        self.report = ReportPage()
        self.pages = QStackedWidget()
        for page in (self.empty, self.map, self.report):
            self.pages.addWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 16, 24, 12)
        column.setSpacing(theme.SPACE[2])
        column.addLayout(head)
        column.addWidget(self.trouble)
        column.addWidget(self.pages, 1)
        self.panel = ImportPanel()

    def _connect(self) -> None:
        self.kinds.chosen.connect(self._on_kind)
        self.sheet.value_changed.connect(self._on_sheet)
        self.held_class.value_changed.connect(self._on_class)
        self.empty.act_requested.connect(self.choose_file)
        self.trouble.act_requested.connect(self.choose_file)
        self.map.changed.connect(self._on_columns)
        self.report.save_requested.connect(self._on_save)
        self.report.again_requested.connect(self.start_over)
        self.panel.main_requested.connect(self.main_action)
        self.panel.other_requested.connect(self.choose_file)
        self.panel.progress.stop_requested.connect(self._on_stop)
        self.panel.progress.background_requested.connect(self._on_background)

    # -- the window asks ----------------------------------------------------------------------------------------
    def open(self, **arguments: object) -> None:
        """Start with this kind of file, or this file; ``class_id``: the class that a list of sign-ups goes into."""
        kind, path = arguments.get("kind"), arguments.get("path")
        if self.run is not None:
            return
        if isinstance(kind, str):
            self.kinds.set_code(kind)
        self._show_class(str(arguments.get("class_id") or ""))
        if isinstance(path, str | Path):
            self.open_file(Path(path))
        elif self.pages.currentIndex() == REPORT and not self._unread:
            self.start_over()
        self._unread = False

    def key_hints(self) -> list[KeyHint]:
        """Return what the keys do in this step."""
        if self.pages.currentIndex() == REPORT:
            return [
                KeyHint(("F9",), self.panel.main.text()),
                KeyHint(("Ctrl S",), _("存 CSV")),
                KeyHint(("↑", "↓"), _("看行")),
            ]
        hints = [KeyHint(("F9",), self.panel.main.text())]
        if self.pages.currentIndex() == MAP:
            hints += [KeyHint(("Enter",), _("下一列")), KeyHint(("↓",), _("打开清单"))]
        return hints

    def acts(self) -> dict[str, Callable[[], object]]:
        """Return the commands of this step: Ctrl+S stores the report."""
        return {"save_pdf": self._on_save} if self.pages.currentIndex() == REPORT else {}

    def main_action(self) -> None:
        """Do what this step is about: choose, import, or look at what came in."""
        step = self.pages.currentIndex()
        if self.run is not None:
            return
        if step == CHOOSE:
            self.choose_file()
        elif step == MAP:
            self.start()
        else:
            self._look_at_taken()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.run is None:
            self.start_over()
        else:
            super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped_file(event) is not None and self.run is None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        path = dropped_file(event)
        if path is not None:
            self.open_file(path)

    # -- choosing -----------------------------------------------------------------------------------------------
    def choose_file(self) -> None:
        """Ask for a file."""
        folder = str(self._path.parent) if self._path is not None else ""
        kinds = _("表格（{kinds}）", kinds=state.FILE_FILTER).replace("（", " (").replace("）", ")")
        chosen, _filter = QFileDialog.getOpenFileName(self, _("选要导入的表格"), folder, kinds)
        if chosen:
            self.open_file(Path(chosen))

    def open_file(self, path: Path, sheet: str | None = None) -> None:
        """Open a file off the GUI thread; what is wrong with it is said in place."""
        self._path, self._opening = path, str(path)
        self.trouble.hide()
        self.panel.show_opening(path.name)
        work = partial(ImportJob.open, path, self.kinds.code(), sheet=sheet)
        self._context.runner.io(work, self._on_opened, self._on_unreadable)

    def _on_opened(self, job: ImportJob) -> None:
        if str(job.table.path) != self._opening:
            return
        self._context.runner.read(partial(_remembered, job.columns), partial(self._on_remembered, job))

    def _on_remembered(self, job: ImportJob, known: ColumnMap | None) -> None:
        if known is not None:
            job.columns = known
        self.job = job
        self.sheet.set_items([(name, name) for name in job.table.sheets])
        self.sheet.set_value(job.table.sheet)
        self.sheet.setVisible(len(job.table.sheets) > 1)
        self.map.show_job(job, remembered=known is not None)
        self._show_step(MAP)
        self._preview()
        self.map.focus_first()

    def _on_unreadable(self, error: AppError) -> None:
        trouble = as_trouble(error)
        text = _("什么都没有导入。{why}", why=trouble.text)
        self.trouble.set_error(_("这个文件读不了"), text, _("换一个文件"), code=trouble.code)
        self.trouble.show()
        self.job = None
        self._show_step(CHOOSE)

    def _show_class(self, wanted: str = "") -> None:
        asked = self.kinds.code() == ENROLMENTS
        self.held_class.setVisible(asked)
        if asked:
            self.held_class.load(self._context.runner, wanted)
        if self.pages.currentIndex() == CHOOSE:
            self.panel.show_choose(self.kinds.code())

    def _on_class(self) -> None:
        if self.job is not None and self.run is None and self.pages.currentIndex() == MAP:
            self._preview()

    def _on_kind(self, _kind: str) -> None:
        self._show_class()
        if self._path is not None and self.pages.currentIndex() == MAP:
            self.open_file(self._path)

    def _on_sheet(self) -> None:
        if self._path is not None and self.job is not None and self.sheet.value() not in (None, self.job.table.sheet):
            self.open_file(self._path, self.sheet.value())

    # -- columns ------------------------------------------------------------------------------------------------
    def _on_columns(self, _columns: ColumnMap) -> None:
        self._preview()

    def _preview(self) -> None:
        if self.job is None:
            return
        self.job.into = self.held_class.class_id() if self.job.columns.kind == ENROLMENTS else ""
        self.panel.show_job(self.job)
        show_keys(self)
        if self.job.columns.missing():
            self.map.show_problem({"": state.missing_words(self.job.columns)})
            return
        self.map.clear_problem()
        self._context.runner.io(previewing(self.job), self._on_preview, self._on_no_preview)

    def _on_preview(self, rows: list[ReadRow]) -> None:
        self.map.show_preview(rows)
        if self.job is not None and self.job.into:
            look = partial(state.looked_at, class_id=self.job.into, rows=rows)
            self._context.runner.read(look, self.map.show_lines)

    def _on_no_preview(self, error: AppError) -> None:
        fields = error.fields if isinstance(error, InvalidInputError) else {"": as_trouble(error).text}
        self.map.show_problem(dict(fields))

    # -- running ------------------------------------------------------------------------------------------------
    def start(self) -> None:
        """Remember the columns and run."""
        if self.job is None or self.run is not None:
            return
        lacking = state.missing_words(self.job.columns) or state.missing_class(self.job)
        if lacking:
            self._context.messages.remark(lacking)
            return
        self._context.runner.write(partial(_remember, self.job.columns))
        self.run = ImportRun(self._context.runner, self.job)
        self.run.progressed.connect(self._on_progress)
        self.run.finished.connect(self._on_finished)
        self.run.failed.connect(self._on_failed)
        self.map.setEnabled(False)
        self.kinds.setEnabled(False)
        self.held_class.setEnabled(False)
        self.panel.show_running(self.run.file_name, self.job.table.row_estimate)
        self.run.start()

    def _on_progress(self, done: int, total: int, left: float | None) -> None:
        self.panel.progress.set_progress(done, total, seconds_left=left)

    def _on_stop(self) -> None:
        if self.run is not None:
            self.run.stop()
            self.panel.progress.set_stopping()

    def _on_background(self) -> None:
        self._context.messages.remark(_("导入在后台接着做，做完会说。"))
        self._context.navigate("today" if self.kinds.code() == ENROLMENTS else "vacancies")

    def _on_finished(self, report: ImportReport) -> None:
        ops = self.run.ops if self.run is not None else []
        self._end_run()
        self.report.show_report(report)
        self.panel.show_report(report)
        self._show_step(REPORT)
        self._doer.say(report.summary(), ops if len(ops) <= state.UNDO_MOST else [])
        self._unread = not self.isVisible()
        if self.isVisible():
            self.report.rows.setFocus()

    def _on_failed(self, error: AppError) -> None:
        self._end_run()
        self._on_unreadable(error)

    def _end_run(self) -> None:
        self.run = None
        self.map.setEnabled(True)
        self.kinds.setEnabled(True)
        self.held_class.setEnabled(True)

    # -- afterwards ---------------------------------------------------------------------------------------------
    def start_over(self) -> None:
        """Go back to the first step."""
        self.job, self._path = None, None
        self.sheet.hide()
        self.trouble.hide()
        self._show_step(CHOOSE)

    def _on_save(self) -> None:
        report = self.report.report
        if report is None:
            return
        name = _("{file} 导入报告.csv", file=Path(report.file_name).stem)
        chosen, _filter = QFileDialog.getSaveFileName(self, _("存导入报告"), name, "CSV (*.csv)")
        if chosen:
            self.save_report(Path(chosen))

    def save_report(self, path: Path) -> None:
        """Write the report as CSV."""
        report = self.report.report
        if report is not None:
            self._context.runner.io(partial(report.write_csv, path), partial(self._on_saved, path.name))

    def _on_saved(self, name: str, _nothing: object) -> None:
        self._context.messages.say(_("报告存成 {name}", name=name))

    def _look_at_taken(self) -> None:
        kind = self.kinds.code()
        if kind == "residents":
            self._context.navigate("residents")
        elif kind == ENROLMENTS:
            self._context.navigate("class_file", id=self.job.into if self.job is not None else "")
        else:
            self._context.navigate("vacancies", tab=kind, fresh=True)

    def _show_step(self, step: int) -> None:
        self.pages.setCurrentIndex(step)
        first: QWidget = (
            {MAP: self.panel.main, REPORT: self.report.rows}.get(step) or self.empty.button or self.panel.main
        )
        self.setFocusProxy(first)
        focused = self.window().focusWidget()
        if self.isVisible() and (focused is None or not focused.isVisible()):
            first.setFocus()
        if step == CHOOSE:
            self.panel.show_choose(self.kinds.code())
        show_keys(self)


def _remembered(columns: ColumnMap, tx: Transaction) -> ColumnMap | None:
    return find_map(tx, columns)


def _remember(columns: ColumnMap, tx: Transaction) -> None:
    save_map(tx, columns)
