"""A sheet in view, then to paper: what is printed is noted first; several go out one after the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.errors import AppError, PrintError
from app.models.acts import may
from app.texts import _
from app.ui import print_pdf, theme
from app.ui.dialogs import IrrevocableDialog
from app.ui.keys import KeyHint
from app.ui.print_pdf import PrinterChoice
from app.ui.printer_field import SYSTEM_DIALOG
from app.ui.sign_up import papers
from app.ui.sign_up.paper_panel import PaperPanel
from app.ui.sign_up.papers import PAPER, PDF, PRINTER, SLIP, Job, Paper
from app.ui.slip.preview import PreviewView
from app.ui.widgets import Button, Chip, Hairline, Text

if TYPE_CHECKING:
    from app.ui.context import UiContext
    from app.ui.tasks import Task


class PaperPage(QWidget):
    """Sign-up slips or certificates; ``left`` says that the person goes back, ``hints_changed`` that keys differ."""

    left = Signal()
    hints_changed = Signal()

    def __init__(self, context: UiContext) -> None:
        super().__init__()
        self._context = context
        self._kind, self._ids, self._at = SLIP, (), 0
        self.papers: tuple[Paper, ...] = ()
        self._picture: Task[QImage] | None = None
        self._printers: tuple[PrinterChoice, ...] | None = None
        self._dialog: IrrevocableDialog | None = None
        self._job: Job | None = None
        self._queue: list[Job] = []
        self._done = self._many = 0
        self._busy = False
        self.panel = PaperPanel()
        self._build()
        self._connect()

    _ids: tuple[str, ...]

    def _build(self) -> None:
        self.title, self.about, self.chip = Text("", "page"), Text("", "body", "text2"), Chip("")
        self.about.setMinimumWidth(10)
        self.before = Button("", "text", "PgUp", "chevron-left")
        self.after = Button("", "text", "PgDn", "chevron-right")
        self.place = Text("", "secondary", "text2")
        head = QHBoxLayout()
        head.setContentsMargins(24, 12, 24, 12)
        head.setSpacing(theme.SPACE[2])
        head.addWidget(self.title)
        head.addWidget(self.about, 1)
        for widget in (self.chip, self.before, self.place, self.after):
            head.addWidget(widget)
        self.preview = PreviewView()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(Hairline())
        column.addWidget(self.preview, 1)
        self.setFocusProxy(self.preview)

    def _connect(self) -> None:
        self.preview.picture_wanted.connect(self._on_picture_wanted)
        self.before.clicked.connect(partial(self._turn, -1))
        self.after.clicked.connect(partial(self._turn, 1))
        self.panel.print.clicked.connect(self.main_action)
        self.panel.save.clicked.connect(self.save)
        self.panel.all.clicked.connect(self.print_all)
        self.panel.close_button.clicked.connect(self._on_close)

    # -- what the screen calls ----------------------------------------------------------------------------------
    @property
    def is_busy(self) -> bool:
        """Whether a sheet is on its way."""
        return self._busy

    @property
    def paper(self) -> Paper | None:
        """The sheet in view."""
        return self.papers[self._at] if self._at < len(self.papers) else None

    def start(self, kind: str, ids: Sequence[str]) -> None:
        """Show these."""
        self._kind, self._ids, self._at, self.papers, self._job = kind, tuple(ids), 0, (), None
        self.preview.setAccessibleName(_("确认单预览") if kind == SLIP else _("结业证明预览"))
        self.preview.set_paper(PAPER[kind])
        self.refresh()

    def refresh(self) -> None:
        """Read the sheets and the printers anew."""
        if self._printers is None:
            self._context.runner.io(print_pdf.list_printers, self._on_printers, self._on_no_printers)
        if self._ids:
            work = partial(papers.load_papers, kind=self._kind, ids=self._ids, handled_by=self._context.actor.name)
            self._context.runner.read(work, self._on_papers, self._on_gone)

    def key_hints(self) -> list[KeyHint]:
        """Return the entries of the key bar."""
        hints = [
            KeyHint(("F9",), papers.main_words(self.paper)),
            KeyHint(("Ctrl P",), _("系统打印窗口")),
            KeyHint(("Ctrl S",), _("存 PDF")),
            KeyHint(("Esc",), _("停下") if self._queue else _("回去")),
        ]
        return [KeyHint(("PgUp", "PgDn"), _("换一张")), *hints] if len(self._ids) > 1 else hints

    def acts(self) -> dict[str, Callable[[], object]]:
        """Return the commands that this page knows."""
        return {"print": self.ask_printer, "save_pdf": self.save}

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            self._turn(-1 if event.key() == Qt.Key.Key_PageUp else 1)
        elif event.key() == Qt.Key.Key_Escape:
            self._on_close()
        else:
            super().keyPressEvent(event)

    # -- showing ------------------------------------------------------------------------------------------------
    def _on_papers(self, found: tuple[Paper, ...]) -> None:
        if tuple(each.id for each in found) != self._ids:
            return  # asked for before others were opened
        known = self.paper
        self.papers = found
        self._show(known)

    def _on_gone(self, error: AppError) -> None:
        """Somebody took it back: there is nothing to print."""
        self._ids, self.papers = (), ()
        self.left.emit()
        self._context.messages.show_error(error)

    def _show(self, known: Paper | None) -> None:
        paper, many = self.paper, len(self._ids) > 1
        for widget in (self.before, self.after, self.place):
            widget.setVisible(many)
        self.place.setText(_("第 {n} / {all} 张", n=self._at + 1, all=len(self._ids)))
        self.before.setEnabled(self._at > 0)
        self.after.setEnabled(self._at + 1 < len(self._ids))
        if not self._busy:
            self.panel.show_paper(paper, len(self._unprinted()), may_print=self._may_print())
        if paper is None:
            return
        self.title.setText(paper.what)
        self.about.setText(f"{paper.name} › {paper.title}")
        self.chip.set_state(*paper.chip)
        if known is None or known.row != paper.row:
            self.preview.refresh()
        self.hints_changed.emit()

    def _may_print(self) -> bool:
        return may(self._context.actor.roles, "enrolment.print" if self._kind == SLIP else "certificate.print")

    def _unprinted(self) -> list[Paper]:
        return [each for each in self.papers if not each.again and not each.refusal]

    def _on_picture_wanted(self, width: int) -> None:
        if self.paper is None:
            return
        if self._picture is not None:
            self._picture.cancel()
        work = partial(papers.picture, self.paper, width)
        self._picture = self._context.runner.io(work, self._on_picture)

    def _on_picture(self, image: QImage) -> None:
        if self.paper is not None:
            self.preview.set_image(image, self.paper.words)
            for resizable in (False, True):  # a page that was fitted while hidden keeps its old ground otherwise
                self.preview.setWidgetResizable(resizable)

    def _on_printers(self, printers: tuple[PrinterChoice, ...]) -> None:
        self._printers = printers
        self.panel.printer.show_printers(printers, self._context.settings.printer)

    def _on_no_printers(self, _error: AppError) -> None:
        self._on_printers(())

    def _turn(self, by: int) -> None:
        at = self._at + by
        if 0 <= at < len(self._ids) and not self._busy:
            known, self._at, self._job = self.paper, at, None
            self._show(known)

    def _on_close(self) -> None:
        if self._queue:
            self._queue = []
        elif not self._busy:
            self.left.emit()

    # -- to paper -----------------------------------------------------------------------------------------------
    def main_action(self) -> None:
        """Print the sheet in view (F9)."""
        if self.panel.printer.value() == SYSTEM_DIALOG:
            self.ask_printer()
        elif self._may_begin() and self.paper is not None and (name := self._printer_name()):
            self._ask_and_begin(Job(self.paper, PRINTER, printer_name=name))

    def print_all(self) -> None:
        """Print every sheet that was never printed."""
        waiting = self._unprinted()
        if not waiting or self._busy:
            return
        if self.panel.printer.value() == SYSTEM_DIALOG:
            printer = print_pdf.ask_printer(self.window(), waiting[0].number)
            jobs = [Job(each, PRINTER, printer=printer) for each in waiting] if printer is not None else []
        else:
            name = self._printer_name()
            jobs = [Job(each, PRINTER, printer_name=name) for each in waiting] if name else []
        if jobs:
            self._queue, self._done, self._many = jobs, 0, len(jobs)
            self._next_of_queue()

    def ask_printer(self) -> None:
        """Let the system's own dialog choose the printer."""
        if self._may_begin() and self.paper is not None:
            printer = print_pdf.ask_printer(self.window(), self.paper.number)
            if printer is not None:
                self._ask_and_begin(Job(self.paper, PRINTER, printer=printer))

    def save(self) -> None:
        """Save the sheet in view as a PDF."""
        if self._may_begin() and self.paper is not None:
            path = print_pdf.ask_file(self.window(), f"{self.paper.number}.pdf")
            if path is not None:
                self._ask_and_begin(Job(self.paper, PDF, path=path))

    def _printer_name(self) -> str:
        if self._printers:
            return self.panel.printer.value() or self._printers[0].name
        text = _("没有找到打印机，还没有打印。先存成 PDF，接上打印机再打也行。")
        error = PrintError(text, code="print.no_printer")
        self._context.messages.show_error(error, retry=self.save, retry_text=_("存 PDF"))
        return ""

    def _may_begin(self) -> bool:
        paper = self.paper
        if paper is None or self._busy or self._dialog is not None:
            return False
        refusal = paper.refusal if self._may_print() else _("您的岗位不能打印，请转窗口。")
        if refusal:
            self._context.messages.remark(refusal)
        return not refusal

    def _ask_and_begin(self, job: Job) -> None:
        """Begin at once; what was out before, saying the same, needs a reason."""
        self._job, self._many = job, 0
        if not job.paper.again:
            self._begin(job)
            return
        title = _("补打{what}？", what=job.paper.what)
        text = _("已经打过 {n} 次。谁打的、为什么打，会记下来。", n=job.paper.printed)
        self._dialog = IrrevocableDialog(self.window(), title, text, papers.reprint_reasons(), verb=_("补打"))
        self._dialog.finished.connect(self._on_reason)
        self._dialog.open()

    def _on_reason(self, _result: int) -> None:
        dialog, self._dialog = self._dialog, None
        why = dialog.code if dialog is not None else None
        if dialog is not None:
            dialog.deleteLater()
        self.preview.setFocus()
        if why and self._job is not None:
            self._begin(replace(self._job, why=why))

    def _next_of_queue(self) -> None:
        job = self._queue[0]
        self._at = next((at for at, each in enumerate(self.papers) if each.id == job.paper.id), self._at)
        self._show(None)
        self._begin(job)

    def _begin(self, job: Job) -> None:
        """Render first: a missing glyph stops here, before anything is noted."""
        self._job, self._busy = job, True
        words = _("正在打印…") if job.way == PRINTER else _("正在存…")
        if self._many:
            words = _("正在打印 {n} / {all}…", n=self._done + 1, all=self._many)
        self.panel.print.set_busy(words)
        self.panel.close_button.set_label(_("停下") if self._queue else _("回去"))
        self._context.runner.io(partial(papers.prepare, job), self._on_prepared, self._on_not_begun)

    def _on_prepared(self, job: Job) -> None:
        work = partial(papers.record, job=job, handled_by=self._context.actor.name)
        self._context.runner.write(work, self._on_recorded, self._on_not_begun)

    def _on_not_begun(self, error: AppError) -> None:
        self._rest()
        self._job = None
        self._context.messages.show_error(error)
        self.refresh()

    def _on_recorded(self, job: Job) -> None:
        self._job = job
        self._context.runner.io(partial(papers.put_out, job), self._on_out, self._on_not_out)

    def _on_out(self, job: Job) -> None:
        self._done += 1
        rest = [each for each in self._queue if each.paper.id != job.paper.id]
        if self._many and rest:
            self._queue = rest
            self._next_of_queue()
            return
        many, done = self._many, self._done
        self._rest()
        self._job = None
        if many:
            said = _("打印了 {n} 张", n=done)
        elif job.path is not None:
            said = _("已存成 {name}", name=job.path.name)
        else:
            said = _("已打印{what}", what=job.paper.what)
        self._context.messages.say(said)
        if not many and not job.paper.again and self._at + 1 < len(self._ids):
            self._at += 1
            self._show(job.paper)
        self.refresh()

    def _on_not_out(self, error: AppError) -> None:
        self._rest()
        self.refresh()
        self._context.messages.show_error(error, retry=self._out_again, retry_text=_("再打一次"))

    def _out_again(self) -> None:
        """Send the same noted sheet once more: it never came out, so it is no copy."""
        if self._job is not None and not self._busy:
            name = self.panel.printer.value()
            if self._job.printer_name and name and name != SYSTEM_DIALOG:
                self._job = replace(self._job, printer_name=name)
            self._busy = True
            self.panel.print.set_busy(_("正在打印…"))
            self._on_recorded(self._job)

    def _rest(self) -> None:
        self._busy, self._queue, self._many, self._done = False, [], 0, 0
        self.panel.print.set_busy(None)
        self.panel.close_button.set_label(_("回去"))
