"""The slip: the very sheet in view, then to paper; its number was in the books before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import cast

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.errors import AppError, PrintError
from app.models.access_log import RESIDENT_LOOK
from app.texts import _
from app.ui import print_pdf, theme
from app.ui.acting import Doer
from app.ui.context import UiContext
from app.ui.dialogs import IrrevocableDialog
from app.ui.keys import KeyHint
from app.ui.print_pdf import PrinterChoice
from app.ui.printer_field import SYSTEM_DIALOG
from app.ui.slip import state
from app.ui.slip.preview import PreviewView
from app.ui.slip.print_panel import PrintPanel
from app.ui.slip.state import PDF, PRINTER, PaperName, PrintJob, SlipView
from app.ui.sync_badge import SyncSummary
from app.ui.tasks import Task
from app.ui.widgets import Button, Chip, Choice, EmptyState, Hairline, SegmentedFilter, Text, part


class SlipScreen(QWidget):
    """One slip, or several that were issued together, one after the other."""

    def __init__(self, context: UiContext) -> None:
        super().__init__()
        self._context = context
        self._ids: tuple[str, ...] = ()
        self._at = 0
        self._back: tuple[str, dict[str, object]] | None = None
        self._view: SlipView | None = None
        self._paper: PaperName = cast("PaperName", context.settings.paper)
        self._picture: Task[QImage] | None = None
        self._width = 0
        self._printers: tuple[PrinterChoice, ...] | None = None
        self._dialog: IrrevocableDialog | None = None
        self._job: PrintJob | None = None
        self._busy = False
        self._doer = Doer(context, self)
        self.panel = PrintPanel(self._paper)
        self._build()
        self._connect()

    # -- making -------------------------------------------------------------------------------------------------
    def _build(self) -> None:
        self.title, self.about = Text(_("推荐信"), "page"), Text("", "body", "text2")
        self.about.setMinimumWidth(10)
        self._chips = QHBoxLayout()
        self._chips.setSpacing(theme.SPACE[1])
        self.before = Button("", "text", "PgUp", "chevron-left")
        self.after = Button("", "text", "PgDn", "chevron-right")
        self.place = Text("", "secondary", "text2")
        choices = [Choice("whole", _("整页")), Choice("wide", _("放大看"))]
        self.zoom = SegmentedFilter(choices, name=_("看多大"))
        head = QHBoxLayout()
        head.setContentsMargins(24, 10, 24, 10)
        head.setSpacing(theme.SPACE[2])
        head.addWidget(self.title)
        head.addWidget(self.about, 1)
        head.addLayout(self._chips)
        for widget in (self.before, self.place, self.after, self.zoom):
            head.addWidget(widget)
        self.preview = PreviewView()
        self.preview.set_paper(self._paper)
        self.nothing = EmptyState(_("还没有推荐信"), _("先匹配岗位，选中一个，再按 F8。"), icon="file-text")
        self.stack = QStackedWidget()
        self.stack.addWidget(self.preview)
        self.stack.addWidget(part(self.nothing, "bg"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(Hairline())
        column.addWidget(self.stack, 1)
        self.setFocusProxy(self.preview)

    def _connect(self) -> None:
        self.zoom.chosen.connect(self._on_zoom_chosen)
        self.before.clicked.connect(partial(self._turn, -1))
        self.after.clicked.connect(partial(self._turn, 1))
        self.preview.picture_wanted.connect(self._on_picture_wanted)
        self.panel.paper_chosen.connect(self._on_paper_chosen)
        self.panel.print.clicked.connect(self.main_action)
        self.panel.save.clicked.connect(self._on_save)
        self.panel.void.clicked.connect(self._on_void)
        self.panel.deliver.clicked.connect(self._on_deliver)
        self._doer.changed.connect(self.refresh)

    # -- what the window calls ----------------------------------------------------------------------------------
    def open(self, **arguments: object) -> None:
        """Take one referral (``id``) or several (``ids``)."""
        many = arguments.get("ids")
        ids = tuple(str(one) for one in many) if isinstance(many, Sequence) and not isinstance(many, str) else ()
        one = arguments.get("id")
        wanted = ids or ((str(one),) if one else ())
        if wanted and wanted != self._ids:
            self._ids, self._at, self._view, self._job = wanted, 0, None, None

    def refresh(self) -> None:
        """Read the slip in hand and the printers anew."""
        if self._printers is None:
            self._context.runner.io(print_pdf.list_printers, self._on_printers, self._on_no_printers)
        if not self._ids:
            self._show(None)
            return
        self._context.runner.read(partial(state.load_slip, referral_id=self._ids[self._at]), self._show, self._on_gone)

    def key_hints(self) -> list[KeyHint]:
        """Return the entries of the key bar."""
        hints = [
            KeyHint(("F9",), state.main_words(self._view)),
            KeyHint(("1", "2"), _("换纸")),
            KeyHint(("Ctrl P",), _("系统打印窗口")),
            KeyHint(("Ctrl S",), _("存 PDF")),
            KeyHint(("Ctrl +",), _("放大")),
            KeyHint(("Esc",), _("回匹配")),
        ]
        return [KeyHint(("PgUp", "PgDn"), _("换一封")), *hints] if len(self._ids) > 1 else hints

    def acts(self) -> dict[str, Callable[[], object]]:
        """Return the commands this screen knows."""
        person = self._view.resident_id if self._view is not None else ""
        known: dict[str, Callable[[], object]] = {
            "print": self._on_system_dialog,
            "save_pdf": self._on_save,
            "larger": partial(self._set_zoom, "wide"),
            "smaller": partial(self._set_zoom, "whole"),
        }
        if person:
            known["match"] = partial(self._context.navigate, "match", id=person)
        return known

    def main_action(self) -> None:
        """Print (F9)."""
        if self.panel.printer.value() == SYSTEM_DIALOG:
            self._on_system_dialog()
        elif self._may_begin():
            if not self._printers:
                text = _("没有找到打印机，还没有打印。先存成 PDF，接上打印机再打也行。")
                error = PrintError(text, code="print.no_printer")
                self._context.messages.show_error(error, retry=self._on_save, retry_text=_("存 PDF"))
                return
            self._ask_and_begin(PRINTER, printer_name=self.panel.printer.value() or self._printers[0].name)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in (Qt.Key.Key_1, Qt.Key.Key_2) and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._on_paper_chosen("A4" if key == Qt.Key.Key_1 else "A5")
        elif key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            self._turn(-1 if key == Qt.Key.Key_PageUp else 1)
        elif key == Qt.Key.Key_Delete:
            self._on_void()
        elif key == Qt.Key.Key_Escape:
            self._on_escape()
        else:
            super().keyPressEvent(event)

    # -- showing ------------------------------------------------------------------------------------------------
    def _summary(self) -> SyncSummary | None:
        return self._context.sync.summary() if self._context.sync is not None else None

    def _show(self, view: SlipView | None) -> None:
        known = self._view
        self._view = view
        self.stack.setCurrentIndex(0 if view is not None else 1)
        while self._chips.count():
            taken = self._chips.takeAt(0)
            widget = taken.widget() if taken is not None else None
            if widget is not None:
                widget.deleteLater()
        note = ""
        if view is not None:
            facts, summary = view.facts, self._summary()
            self.about.setText(f"{facts.name} › {facts.employer_name} {facts.vacancy_title}")
            for word, tone, icon in state.chips(view, summary):
                self._chips.addWidget(Chip(word, tone, icon))
            note = state.places_note(view, summary)
        many = len(self._ids) > 1
        for widget in (self.before, self.after, self.place):
            widget.setVisible(many)
        self.place.setText(_("第 {n} / {all} 封", n=self._at + 1, all=len(self._ids)))
        self.before.setEnabled(self._at > 0)
        self.after.setEnabled(self._at + 1 < len(self._ids))
        self.panel.show_view(view, note)
        if view is not None and (known is None or known.facts != view.facts):
            self.preview.refresh()
            self._context.looked(RESIDENT_LOOK, "resident", view.resident_id)

    def _on_gone(self, error: AppError) -> None:
        self._show(None)
        self.nothing.set_text(_("这封推荐信打不开"), error.text)

    def _on_picture_wanted(self, width: int) -> None:
        self._width = width
        if self._view is None:
            return
        if self._picture is not None:
            self._picture.cancel()
        work = partial(state.preview, self._view.facts, self._paper, width)
        self._picture = self._context.runner.io(work, self._on_picture, self._on_no_picture)

    def _on_picture(self, image: QImage) -> None:
        if self._view is not None:
            facts = self._view.facts
            words = _("{what}，{name}，{employer}，{title}，有效期至 {day}", what=self._view.what, name=facts.name,
                      employer=facts.employer_name, title=facts.vacancy_title, day=facts.valid_until)  # fmt: skip
            self.preview.set_image(image, words)

    def _on_no_picture(self, error: AppError) -> None:
        self.nothing.set_text(_("这封推荐信现在打不出来"), error.text)
        self.stack.setCurrentIndex(1)

    def _on_printers(self, printers: tuple[PrinterChoice, ...]) -> None:
        self._printers = printers
        self.panel.printer.show_printers(printers, self._context.settings.printer)

    def _on_no_printers(self, _error: AppError) -> None:
        self._on_printers(())

    def _on_zoom_chosen(self, code: str) -> None:
        self.preview.set_whole(code == "whole")

    def _set_zoom(self, code: str) -> None:
        self.zoom.set_code(code)
        self._on_zoom_chosen(code)

    def _on_paper_chosen(self, paper: str) -> None:
        self._paper = cast("PaperName", paper)
        self.panel.show_paper(paper)
        self.preview.set_paper(paper)

    def _turn(self, by: int) -> None:
        at = self._at + by
        if 0 <= at < len(self._ids) and not self._busy:
            self._at, self._job = at, None
            self.refresh()

    def _on_escape(self) -> None:
        if self._view is not None:
            self._context.navigate("match", id=self._view.resident_id)

    # -- to paper -----------------------------------------------------------------------------------------------
    def _may_begin(self) -> bool:
        if self._view is None or self._busy or self._dialog is not None:
            return False
        if self._view.facts.void:
            self._context.messages.remark(_("这封推荐信已经作废，不能再打"))
            return False
        return True

    def _on_system_dialog(self) -> None:
        if self._may_begin() and self._view is not None:
            printer = print_pdf.ask_printer(self.window(), self._view.facts.slip_no)
            if printer is not None:
                self._ask_and_begin(PRINTER, printer=printer)

    def _on_save(self) -> None:
        if self._may_begin() and self._view is not None:
            path = print_pdf.ask_file(self.window(), state.file_name(self._view))
            if path is not None:
                self._ask_and_begin(PDF, path=path)

    def _ask_and_begin(self, way: str, **how: object) -> None:
        """Begin at once; a sheet that was out before is a copy and needs a reason."""
        view = self._view
        if view is None:
            return
        self._job = replace(PrintJob(view, self._paper, way), **how)  # type: ignore[arg-type]
        if not view.printed:
            self._begin()
            return
        title = _("补打{what}？", what=view.what)
        text = _("信上会印“副本 第 {n} 次”。谁打的、为什么打，会记下来。", n=view.printed)
        self._ask(title, text, "REPRINT_REASON", _("补打"), self._on_reprint_answered)

    def _ask(self, title: str, text: str, codes: str, verb: str, answered: Callable[[int], None]) -> None:
        self._dialog = IrrevocableDialog(self.window(), title, text, state.reasons(codes), verb=verb)
        self._dialog.finished.connect(answered)
        self._dialog.open()

    def _answer(self) -> str | None:
        dialog, self._dialog = self._dialog, None
        code = dialog.code if dialog is not None else None
        if dialog is not None:
            dialog.deleteLater()
        self.preview.setFocus()
        return code

    def _on_reprint_answered(self, _result: int) -> None:
        why = self._answer()
        if why and self._job is not None:
            self._job = replace(self._job, why=why)
            self._begin()

    def _begin(self) -> None:
        """Render first: a missing glyph stops here, before anything is in the books."""
        if self._job is None:
            return
        self._busy = True
        self.panel.print.set_busy(_("正在打印…") if self._job.way == PRINTER else _("正在存…"))
        self._context.runner.io(partial(state.prepare, self._job), self._on_prepared, self._on_not_begun)

    def _on_prepared(self, job: PrintJob) -> None:
        self._context.runner.write(partial(state.record, job=job), self._on_recorded, self._on_not_begun)

    def _on_not_begun(self, error: AppError) -> None:
        self._rest()
        self._job = None
        self._context.messages.show_error(error)

    def _on_recorded(self, job: PrintJob) -> None:
        self._job = job
        self._context.runner.io(partial(state.put_out, job), self._on_out, self._on_not_out)

    def _on_out(self, job: PrintJob) -> None:
        self._rest()
        self._job = None
        said = _("已打印{what}", what=job.view.what) if job.path is None else _("已存成 {name}", name=job.path.name)
        self._context.messages.say(said)
        if self._at + 1 < len(self._ids) and not job.view.printed:
            self._turn(1)
        else:
            self.refresh()

    def _on_not_out(self, error: AppError) -> None:
        self._rest()
        self.refresh()
        self._context.messages.show_error(error, retry=self._out_again, retry_text=_("再打一次"))

    def _out_again(self) -> None:
        """Send the same recorded sheet once more: it never came out, so it is no copy."""
        if self._job is not None and self._job.facts is not None and not self._busy:
            self._busy = True
            name = self.panel.printer.value()
            if self._job.printer_name and name and name != SYSTEM_DIALOG:
                self._job = replace(self._job, printer_name=name)
            self.panel.print.set_busy(_("正在打印…"))
            self._on_recorded(self._job)

    def _rest(self) -> None:
        self._busy = False
        self.panel.print.set_busy(None)

    # -- void and delivered -------------------------------------------------------------------------------------
    def _on_void(self) -> None:
        if self._may_begin() and self._view is not None and self.panel.void.isEnabled():
            title = _("作废{what}？", what=self._view.what)
            text = _("编号不再用，台账留一行“作废”。这一步不能撤销。")
            self._ask(title, text, "VOID_REASON", _("作废"), self._on_void_answered)

    def _on_void_answered(self, _result: int) -> None:
        why = self._answer()
        if why and self._view is not None:
            work = partial(state.void, referral_id=self._view.facts.referral_id, why=why)
            self._context.runner.write(work, self._on_voided)

    def _on_voided(self, _nothing: object) -> None:
        if self._view is not None:
            self._context.messages.say(_("已作废{what}", what=self._view.what))
        self.refresh()

    def _on_deliver(self) -> None:
        if self._view is not None:
            work = partial(state.deliver, referral_id=self._view.facts.referral_id)
            self._doer.do(work, _("已记下：本人拿到了推荐信"))
