"""What to do while this station has not joined a district: what it brings, and how."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout

from app.errors import AppError, InvalidInputError
from app.texts import _
from app.ui.context import UiContext
from app.ui.forms import FormGrid, TextField
from app.ui.widgets import Button, Card, IconLabel, Text
from app.ui.wizard.state import MAX_INVITATION, asked_of, check_url, spread


class JoinCard(Card):
    """Explains joining, and asks for address and code."""

    joined = Signal()

    def __init__(self, context: UiContext) -> None:
        super().__init__(padding=16)
        self._context = context
        self.body.addWidget(Text(_("加入区里，数据就有第二份，两个窗口也能对上"), "section", wrap=True))
        for icon, words in (
            ("key-round", _("站长向区里要“入网通知”：上面有地址和一次性的加入码。")),
            ("shield-check", _("以前办的都在，加入以后按先后自动送；没联网也照常办。")),
        ):
            self.body.addWidget(IconLabel(icon, words, "text2", wrap=True))
        self._add_form()

    def _add_form(self) -> None:
        self.form = FormGrid(2)
        hint = _("有二维码就在这里扫一下")
        url = TextField(
            _("区里的地址"),
            name="url",
            required=True,
            placeholder="https://",
            hint=hint,
            max_length=MAX_INVITATION,
            check=check_url,
        )
        self.form.add(url)
        self.form.add(TextField(_("加入码"), name="code", required=True, max_length=MAX_INVITATION))
        self.button = Button(_("加入区里"), "filled")
        self.button.clicked.connect(self.submit)
        self.form.set_main_button(self.button)
        self.setFocusProxy(self.form.field("url"))
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.button)
        self.body.addWidget(self.form)
        self.body.addLayout(row)

    def submit(self) -> None:
        """Join with what was typed."""
        for name, value in spread(self.form.values()).items():
            self.form.field(name).set_value(value)
        if not self.form.validate():
            self.form.set_errors({field.name: _("这一栏要填") for field in self.form.missing()})
            return
        url, code = asked_of(self.form.values())
        self.button.set_busy(_("正在加入…"))
        assert self._context.door is not None
        work = partial(self._context.door.enrol, url, code)
        self._context.runner.io(work, self._on_joined, self._on_refused)

    def _on_joined(self, _answer: object) -> None:
        self.button.set_busy(None)
        self._context.messages.say(_("已加入区里，正在送以前办的。"))
        self.joined.emit()

    def _on_refused(self, error: AppError) -> None:
        self.button.set_busy(None)
        if isinstance(error, InvalidInputError):
            self.form.set_errors(error.fields)
        else:
            self._context.messages.show_error(error)
