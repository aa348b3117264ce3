"""The right panel of a sheet: printer, what to know, and the buttons."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.texts import _
from app.ui import theme
from app.ui.printer_field import PrinterField
from app.ui.sign_up import papers
from app.ui.sign_up.papers import CERTIFICATE, Paper
from app.ui.widgets import Button, Card, IconLabel, Text


class PaperPanel(QWidget):
    """What is chosen before printing."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title, self.about = Text(_("打印"), "page"), Text("", "body", "text2", wrap=True)
        self.printer = PrinterField()
        self.paper = Text("", "secondary", "text2", wrap=True)
        self.card = Card("yellow_soft", None, padding=12)
        self.note = IconLabel("info", "", "text", icon_tone="yellow", wrap=True)
        self.card.body.addWidget(self.note)
        self.never = IconLabel("lock", _("身份证号、住址、困难标记从不印"), "text2", role="secondary", wrap=True)
        self.all = Button(_("全部打印"), icon="printer")
        self.save = Button(_("存 PDF"), key="Ctrl S", icon="file-down")
        self.close_button = Button(_("回去"), "text", "Esc")
        self.print = Button(_("打印"), "filled", "F9", "printer", height=theme.HEIGHT["main"])
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE[2])
        for widget in (self.title, self.about, self.printer, self.paper, self.card, self.never):
            column.addWidget(widget)
        column.addStretch(1)
        for button in (self.close_button, self.all, self.save, self.print):
            column.addWidget(button)
        self.show_paper(None, 0, may_print=False)

    def show_paper(self, paper: Paper | None, waiting: int, *, may_print: bool) -> None:
        """Show another sheet; ``waiting``: how many of all were never printed."""
        usable = paper is not None and not paper.refusal and may_print
        self.card.setVisible(paper is not None)
        self.print.set_label(papers.main_words(paper))
        for button in (self.print, self.save):
            button.setEnabled(usable)
        self.all.setVisible(waiting > 1)
        self.all.setEnabled(may_print)
        self.all.set_label(_("没打过的 {n} 张都打", n=waiting))
        if paper is None:
            return
        self.about.setText(_("，").join((paper.what, paper.name)))
        self.paper.setText(_("A4 竖放，打 1 份。") if paper.kind == CERTIFICATE else _("A5 横放，打 1 份。"))
        denied = _("您的岗位不能打印，请转窗口。") if not may_print else ""
        self.note.set_text(denied or papers.note_words(paper))
        self.card.setAccessibleName(self.note.text())
