"""The right panels of signing up: the class in question, and one sign-up with what may be done."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.services.training.listing import ClassLine
from app.texts import _
from app.ui import theme
from app.ui.questions import AskCard, WhyCard
from app.ui.sign_up import seats, state
from app.ui.sign_up.seats import SeatLine
from app.ui.widgets import Button, Card, Chip, Fact, IconLabel, Scroller, Text

DROP, PROMOTE = "drop", "promote"


class ClassPanel(QWidget):
    """A class's facts, what is known of its places, and the main button; ``why_not`` says why that is off."""

    main_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._scroll = Scroller(spacing=theme.SPACE[2])
        self.note = IconLabel("hourglass", "", "text2", role="secondary", wrap=True)
        self.why_not = IconLabel("ban", "", "orange", role="secondary", wrap=True)
        self.main = Button(_("报名"), "filled", "F9", "check", height=theme.HEIGHT["main"])
        self.main.clicked.connect(self.main_requested)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE[1])
        column.addWidget(self._scroll, 1)
        for widget in (self.note, self.why_not, self.main):
            column.addWidget(widget)
        self.show_class(None, "")

    def show_class(self, line: ClassLine | None, times: str, fit: str = "") -> None:
        """Show another class; ``fit``: why it is good for the person."""
        self._scroll.clear()
        body = self._scroll.body
        if line is None:
            body.addWidget(Text(_("报培训班"), "page"))
            body.addWidget(Text(_("先在左边选，再按 F9。"), "body", "text2", wrap=True))
            body.addStretch(1)
            return
        body.addWidget(Text(line.title, "page", wrap=True))
        body.addWidget(Text(line.class_no, "secondary", "text2"))
        if fit:
            body.addWidget(IconLabel("star", fit, "accent_text", role="secondary", wrap=True))
        days = f"{state.day_words(line.start_on)} – {state.day_words(line.end_on)}"
        until = state.day_words(line.enrol_until) if line.enrol_until else ""
        seats_ = "" if line.seats is None else str(line.seats)
        counted = _(
            "计划 {seats} 人，已报 {have} 人（确认 {sure}，候补 {wait}）",
            seats=seats_, have=line.counts.signed_up, sure=line.counts.confirmed, wait=line.counts.waiting,
        )  # fmt: skip
        for label, words in (
            (_("日期"), days),
            (_("时间"), times),
            (_("地点"), line.place or ""),
            (_("教师"), _("、").join(line.trainers)),
            (_("课时"), str(line.hours_total or "")),
            (_("报名截止"), until),
            (_("报名情况"), counted if line.seats is not None else _("不限")),
        ):
            body.addWidget(Fact(label, words))
        body.addStretch(1)

    def set_foot(self, label: str, *, note: str = "", why_not: str = "", possible: bool = True) -> None:
        """Say what the main button does, or why it does nothing."""
        self.note.set_text(note)
        self.note.setVisible(bool(note))
        self.why_not.set_text(why_not)
        self.why_not.setVisible(bool(why_not))
        self.main.set_label(label)
        self.main.setEnabled(possible and not why_not)


class SeatPanel(QWidget):
    """One sign-up: how the seat stands, what to tell, and its acts; each that is off says why in its tooltip."""

    slip_requested = Signal()
    told_requested = Signal()
    file_requested = Signal()
    decided = Signal(str, str, str)

    def __init__(self, roles: frozenset[str]) -> None:
        super().__init__()
        self._roles = roles
        self.line: SeatLine | None = None
        self._what = ""
        self._build()
        self.show_line(None)

    def _build(self) -> None:
        self.name, self.about = Text("", "page", wrap=True), Text("", "secondary", "text2", wrap=True)
        self.chip = Chip("")
        self.tell = Card("orange_soft", None, padding=12)
        self.tell_words = Text("", "body", "text", wrap=True)
        self.tell.body.addWidget(Text(_("要告诉本人"), "strong"))
        self.tell.body.addWidget(self.tell_words)
        self.why = IconLabel("info", "", "text2", role="secondary", wrap=True)
        self.file = Button(_("打开档案"), icon="user-round")
        self.up = Button(_("提前递补"), icon="arrow-up")
        self.out = Button(_("退班"), key="Del", icon="log-out")
        self.slip = Button(_("确认单"), key="Ctrl P", icon="file-text")
        self.main = Button("", "filled", "F9", "check", height=theme.HEIGHT["main"])
        self._scroll = Scroller(spacing=theme.SPACE[2])
        for widget in (self.name, self.about, self.chip, self.tell, self.why):
            self._scroll.body.addWidget(widget)
        self._scroll.body.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE[1])
        column.addWidget(self._scroll, 1)
        for button in (self.file, self.up, self.out, self.slip, self.main):
            column.addWidget(button)
        self.file.clicked.connect(self.file_requested)
        self.up.clicked.connect(self.ask_promotion)
        self.out.clicked.connect(self.ask_drop)
        self.slip.clicked.connect(self.slip_requested)
        self.main.clicked.connect(self.do_main)

    def show_line(self, line: SeatLine | None) -> None:
        """Show another sign-up; a question about the one before is dropped."""
        if self.line is None or line is None or line.id != self.line.id:
            self.drop_question()
        self.line = line
        self.name.setText(line.name if line is not None else _("没有选中"))
        for widget in (self.about, self.chip, self.file, self.up, self.out, self.slip, self.main):
            widget.setVisible(line is not None)
        told = seats.told_words(line) if line is not None else ""
        self.tell.setVisible(bool(told))
        self.tell_words.setText(told)
        self.tell.setAccessibleName(told)
        if line is None:
            self.why.hide()
            return
        self.about.setText(_("，").join((line.title, line.enrol_no)))
        self.chip.set_state(seats.seat_words(line), seats.seat_tone(line))
        whys = {
            self.out: seats.why_no_drop(line, self._roles),
            self.up: seats.why_no_promotion(line, self._roles),
            self.slip: seats.why_no_slip(line, self._roles),
        }
        for button, why in whys.items():
            button.setEnabled(not why)
            button.setToolTip(why)
        waiting = line.is_live and line.seat != "1" and line.queue_place is not None
        self.up.setVisible(waiting)
        self.why.set_text(whys[self.up] if waiting else "")
        self.why.setVisible(bool(self.why.text()))
        tells = bool(line.untold)
        self.main.set_label(_("已经告诉本人") if tells else _("看确认单，打印"), icon="phone" if tells else "printer")
        self.main.setEnabled(tells or not whys[self.slip])
        self.slip.setVisible(tells)

    def do_main(self) -> None:
        """Note that she was told, else show her slip (F9); an open question goes on."""
        if self.asking is not None:
            self.asking.submit()
        elif self.line is not None and self.line.untold:
            self.told_requested.emit()
        elif self.line is not None and self.main.isEnabled():
            self.slip_requested.emit()

    @property
    def asking(self) -> AskCard | None:
        """Return the question under way."""
        return self._scroll.asking

    def ask_drop(self) -> None:
        """Ask why she leaves."""
        if self.line is not None and self.out.isEnabled():
            self._ask(DROP, _("{name}为什么退班？", name=self.line.name), seats.drop_reasons(), _("退班"))

    def ask_promotion(self) -> None:
        """Ask why she goes first."""
        if self.line is not None and self.up.isEnabled():
            reasons = [(code, _(words)) for code, words in seats.PROMOTE_REASONS]
            self._ask(PROMOTE, _("{name}为什么提前递补？", name=self.line.name), reasons, _("递补"))

    def _ask(self, what: str, title: str, reasons: list[tuple[str, str]], verb: str) -> None:
        self._what = what
        card = WhyCard(title, reasons, verb)
        card.decided.connect(self._on_decided)
        self._scroll.ask(card)

    def drop_question(self) -> None:
        """Take the question away."""
        self._scroll.drop_question()

    def _on_decided(self, code: str, own: str) -> None:
        what = self._what
        self.drop_question()
        self.decided.emit(what, code, own)
