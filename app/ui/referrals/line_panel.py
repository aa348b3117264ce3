"""The right panel of the list: one referral, and what may be done with it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app import clock
from app.services.referral_lines import ReferralLine
from app.texts import _
from app.ui import theme
from app.ui.referrals import state
from app.ui.widgets import Button, Chip, Hairline, IconLabel, Text


class LinePanel(QWidget):
    """Whose referral, where to, how it stands."""

    outcome_requested = Signal()
    slip_requested = Signal()
    file_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name, self.number = Text("", "page", wrap=True), Text("", "secondary", "text2")
        self.chip = Chip("")
        self.where = IconLabel("building-2", "", "text", wrap=True, icon_tone="text2")
        self.title = IconLabel("briefcase", "", "text", wrap=True, icon_tone="text2")
        self.days = IconLabel("calendar", "", "text", wrap=True, icon_tone="text2")
        self.result = IconLabel("clipboard-check", "", "text", wrap=True, icon_tone="text2")
        self.file = Button(_("打开档案"), icon="user-round")
        self.slip = Button(_("看推荐信，补打"), key="Ctrl P", icon="file-text")
        self.enter = Button(_("登记回执"), "filled", "Enter", "check", height=theme.HEIGHT["main"])
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE[2])
        column.addWidget(self.name)
        column.addWidget(self.number)
        column.addWidget(self.chip)
        column.addWidget(Hairline())
        for label in (self.where, self.title, self.days, self.result):
            column.addWidget(label)
        column.addStretch(1)
        scan = _("回执上有二维码：扫一下，或者打编号后四位再按回车。")
        column.addWidget(IconLabel("qr-code", scan, "text2", role="secondary", wrap=True))
        for button in (self.file, self.slip, self.enter):
            column.addWidget(button)
        self.file.clicked.connect(self.file_requested)
        self.slip.clicked.connect(self.slip_requested)
        self.enter.clicked.connect(self.outcome_requested)
        self.show_line(None)

    def show_line(self, line: ReferralLine | None, *, entering: bool = False) -> None:
        """Show another referral; ``entering``: its outcome is being entered at the left."""
        for part in (self.name, self.number, self.chip, self.where, self.title, self.days, self.file, self.slip):
            part.setVisible(line is not None)
        self.enter.setVisible(not entering)
        self.enter.setEnabled(line is not None and state.may_enter(line))
        self.result.setVisible(line is not None and bool(line.outcome))
        if line is None:
            return
        issued = clock.to_local(line.issued_at).date()
        self.name.setText(line.resident_name)
        self.number.setText(line.slip_no)
        self.chip.set_state(state.state_words(line), state.state_tone(line))
        self.where.set_text(line.employer_name)
        self.title.set_text(line.vacancy_title)
        days = _("{issued} 开，有效至 {until}", issued=state.day_words(issued), until=state.day_words(line.valid_until))
        self.days.set_text(days)
        self.result.set_text(state.outcome_words(line))
