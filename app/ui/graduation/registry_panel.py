"""The right panel of the registry: one certificate, its check, and what may be done."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.models.acts import may
from app.models.codes import code_list
from app.services.training.certificates import CertificateLine
from app.texts import _
from app.ui import theme
from app.ui.forms import FormGrid, RadioField
from app.ui.graduation import registry
from app.ui.widgets import Button, Chip, EmptyState, Fact, IconLabel, Scroller, Text


class RegistryPanel(QWidget):
    """``checked`` carries what the issuer's registry says."""

    paper_requested = Signal()
    void_requested = Signal()
    file_requested = Signal()
    entry_requested = Signal()
    checked = Signal(str)

    def __init__(self, roles: frozenset[str]) -> None:
        super().__init__()
        self._roles = roles
        self.line: CertificateLine | None = None
        self._of_class = False
        self._scroll = Scroller(spacing=theme.SPACE[2])
        results = [(code.code, code.label) for code in code_list("CERT_CHECK").choices()]
        self.check = RadioField(_("查验结果"), results, name="check_result")
        self.file = Button(_("打开档案"), icon="user-round")
        self.void = Button(_("作废"), key="Del", icon="ban")
        self.paper = Button(_("打印结业证明"), key="Ctrl P", icon="printer")
        self.main = Button("", "filled", "F9", "user-round", height=theme.HEIGHT["main"])
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE[1])
        column.addWidget(self._scroll, 1)
        checking = FormGrid(1)
        checking.add(self.check)
        for widget in (checking, self.file, self.void, self.paper, self.main):
            column.addWidget(widget)
        self.check.value_changed.connect(self._on_checked)
        self.file.clicked.connect(self.file_requested)
        self.void.clicked.connect(self.void_requested)
        self.paper.clicked.connect(self.paper_requested)
        self.main.clicked.connect(self.do_main)
        self.show_line(None, of_class=False)

    def show_line(self, line: CertificateLine | None, *, of_class: bool) -> None:
        """Show another certificate; ``of_class``: others may be entered for its people."""
        self.line, self._of_class = line, of_class
        self._scroll.clear()
        body = self._scroll.body
        for widget in (self.check, self.file, self.void, self.paper):
            widget.setVisible(line is not None)
        if line is None:
            body.addWidget(EmptyState(_("没有选中证书"), _("在左边选一张，或者扫证书上的二维码。"), icon="id-card"))
        else:
            self._fill(line)
        body.addStretch(1)
        entering = of_class and may(self._roles, "certificate.issue")
        self.main.setVisible(entering or line is not None)
        words = _("登记证书") if entering else _("打开档案")
        self.main.set_label(words, icon="plus" if entering else "user-round")
        self.file.setVisible(entering and line is not None)

    def _fill(self, line: CertificateLine) -> None:
        body = self._scroll.body
        body.addWidget(Text(registry.name_words(line), "page", wrap=True))
        body.addWidget(Text(_("，").join((line.name, line.cert_no)), "body", "text2", wrap=True))
        body.addWidget(Chip(registry.state_words(line), registry.state_tone(line)))
        if note := registry.note_words(line):
            body.addWidget(IconLabel("bell", note, "text2", role="secondary", wrap=True))
        until = registry.days(line.valid_until) or _("长期有效")
        level = code_list("SKILL").label(line.level)
        for label, words in (
            (_("发证机构"), line.issuer or ""),
            (_("等级"), level),
            (_("发证日期"), registry.days(line.issued_on)),
            (_("有效期至"), until),
        ):
            body.addWidget(Fact(label, words))
        whys = {self.void: registry.why_no_void(line, self._roles), self.paper: registry.why_no_print(line)}
        for button, why in whys.items():
            button.setEnabled(not why)
            button.setToolTip(why)
        self.paper.setVisible(not whys[self.paper])
        self.check.set_value(line.check_result)
        self.check.setEnabled(may(self._roles, "certificate.check"))

    def do_main(self) -> None:
        """Enter another certificate, else open the person's file (F9)."""
        if self._of_class and may(self._roles, "certificate.issue"):
            self.entry_requested.emit()
        elif self.line is not None:
            self.file_requested.emit()

    def _on_checked(self) -> None:
        result = self.check.value()
        if self.line is not None and result and result != self.line.check_result:
            self.checked.emit(result)
