"""The right panel of the slip: printer, paper, what stands on the letter, and the buttons."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from app.texts import _
from app.ui import theme
from app.ui.printer_field import PrinterField
from app.ui.slip.state import SlipView, main_words
from app.ui.widgets import Button, Card, IconLabel, RadioChips, Text, part


class PrintPanel(QWidget):
    """What is chosen before printing."""

    paper_chosen = Signal(str)

    def __init__(self, paper: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.printer = PrinterField()
        self.paper = RadioChips([("A4", _("A4 三联")), ("A5", _("A5 三联"))], name=_("纸"))
        self.paper.set_code(paper)
        self.paper.chosen.connect(self.paper_chosen)
        self.feed = Text("", "secondary", "text2", wrap=True)
        self.sex = IconLabel("check", "", "text2")
        self.phone = IconLabel("check", "", "text2")
        self.note_card = Card("yellow_soft", None, padding=12)
        self.note = IconLabel("hourglass", "", "text", icon_tone="yellow", wrap=True)
        self.note_card.body.addWidget(self.note)
        self.print = Button(_("打印"), "filled", "F9", "printer", height=theme.HEIGHT["main"])
        self.save = Button(_("存 PDF"), key="Ctrl S")
        self.void = Button(_("作废"), key="Del")
        self.deliver = Button(_("已交给本人"), "text")
        self._build()
        self.show_paper(paper)

    def _build(self) -> None:
        body = part(QWidget(), "transparent")
        inner = QVBoxLayout(body)
        inner.setContentsMargins(0, 0, 4, 0)
        inner.setSpacing(theme.SPACE[1])
        inner.addWidget(Text(_("打印"), "page"))
        inner.addWidget(self.printer)
        inner.addWidget(Text(_("纸"), "secondary", "text2"))
        inner.addWidget(self.paper)
        inner.addWidget(self.feed)
        inner.addWidget(Text(_("印在信上"), "secondary", "text2"))
        inner.addWidget(self.sex)
        inner.addWidget(self.phone)
        inner.addWidget(IconLabel("lock", _("身份证号、住址、困难标记从不印"), "text2", role="secondary", wrap=True))
        inner.addSpacing(4)
        inner.addWidget(self.note_card)
        inner.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(body)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE[1])
        column.addWidget(scroll, 1)
        once = _("编号先登账再出纸，断电也不会重号。补打会印“副本”和次数。")
        column.addWidget(Text(once, "caption", "text2", wrap=True))
        column.addWidget(self.deliver)
        column.addWidget(self.print)
        foot = QHBoxLayout()
        foot.setSpacing(theme.SPACE[1])
        foot.addWidget(self.save, 1)
        foot.addWidget(self.void, 1)
        column.addLayout(foot)

    def show_paper(self, paper: str) -> None:
        """Say how the sheet goes in."""
        self.paper.set_code(paper)
        how = _("竖放，有字面朝上") if paper == "A4" else _("横放，有字面朝上")
        self.feed.setText(_("一张三联，打 1 份；{how}。", how=how))

    def show_view(self, view: SlipView | None, note: str) -> None:
        """Show what was agreed, what to know, and which buttons there are."""
        agreed, refused = _("本人同意"), _("本人没同意，不印")
        for label, words, yes in (
            (self.sex, _("性别"), view is not None and view.print_sex),
            (self.phone, _("电话"), view is not None and view.print_phone),
        ):
            said = _("{what}：{answer}", what=words, answer=agreed if yes else refused)
            label.set_text(said, icon="check" if yes else "minus", tone="accent_text" if yes else "text2")
        self.note.set_text(note)
        self.note_card.setVisible(bool(note))
        usable = view is not None and not view.facts.void
        self.print.set_label(main_words(view))
        for button in (self.print, self.save):
            button.setEnabled(usable)
        self.void.setEnabled(usable and view is not None and view.state not in ("40", "50"))
        self.deliver.setVisible(usable and view is not None and view.printed > 0 and view.state == "10")
