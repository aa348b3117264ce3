"""Entering a certificate that another issuer gave: whose, what, its number and dates."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app import clock
from app.errors import AppError, InvalidInputError
from app.models.base import month_after
from app.models.codes import code_list
from app.texts import _
from app.ui import theme
from app.ui.forms import ChoiceField, DateField, FormGrid, TextField
from app.ui.graduation.registry import Likely
from app.ui.widgets import Button, IconLabel, Scroller, Text

TAKEN = "certificate.number_taken"


class CertForm(QWidget):
    """``saving_requested`` carries the sign-up and the values; ``left`` says that the person goes back."""

    saving_requested = Signal(str, dict)
    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._likely: Likely | None = None
        self._class_id = ""
        self.title = Text(_("登记证书"), "page")
        self.close_button = Button(_("先放一放"), "text", "Esc")
        self.form = FormGrid(3)
        self._make_fields()
        scroll = Scroller()
        scroll.body.addWidget(self.form)
        note = _("编号照证书上的抄。编号里有身份证号的，原号只记进本人档案，这里用站里的编号。")
        scroll.body.addWidget(IconLabel("info", note, "text2", role="secondary", wrap=True))
        scroll.body.addStretch(1)
        head = QHBoxLayout()
        head.setSpacing(theme.SPACE[2])
        head.addWidget(self.title, 1)
        head.addWidget(self.close_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 16, 24, 12)
        column.setSpacing(theme.SPACE[2])
        column.addLayout(head)
        column.addWidget(scroll, 1)
        self.panel = QWidget()
        self.save = Button(_("登记证书"), "filled", "F9", "check", height=theme.HEIGHT["main"])
        side = QVBoxLayout(self.panel)
        side.setContentsMargins(0, 0, 0, 0)
        side.setSpacing(theme.SPACE[2])
        side.addWidget(Text(_("登记以后"), "page"))
        for icon, words in (
            ("id-card", _("有求职登记的，证书也记进本人的求职登记，匹配岗位时算数。")),
            ("bell", _("有有效期的，到期前提醒复审（R13）。")),
            ("lock", _("同一个编号只能登记一次。")),
        ):
            side.addWidget(IconLabel(icon, words, "text", icon_tone="text2", wrap=True))
        side.addStretch(1)
        side.addWidget(self.save)
        self.form.set_main_button(self.save)
        self.save.clicked.connect(self.submit)
        self.close_button.clicked.connect(self.left)
        self.form.field_left.connect(self._on_field_left)

    def _make_fields(self) -> None:
        add = self.form.add
        add(ChoiceField(_("谁的证书"), show_code=False, name="enrolment_id", required=True))
        add(TextField(_("证书编号"), name="cert_no", max_length=40, required=True), span=2)
        types = [(code.code, code.label) for code in code_list("CERT_TYPE").choices()]
        levels = [(code.code, code.label) for code in code_list("SKILL").choices()]
        add(ChoiceField(_("证书类型"), types, name="cert_type", required=True))
        add(TextField(_("证书名称"), name="cert_name", max_length=60), span=2)
        add(ChoiceField(_("等级"), levels, name="level", required=True))
        add(TextField(_("发证机构"), name="issuer", max_length=100, required=True), span=2)
        add(
            DateField(
                _("发证日期"), name="issued_on", prefer="past", required=True, hint=_("1124 就是今年 11 月 24 日")
            )
        )
        add(DateField(_("有效期至"), name="valid_until", prefer="future", hint=_("长期有效的不填")))

    def start(self, class_id: str, people: list[tuple[str, str]], *, chosen: str, likely: Likely) -> None:
        """Begin with a person of the class and what the class's certificates usually say.

        What was typed and put aside for the same class comes back.
        """
        put_aside = class_id == self._class_id and bool(self.form.field("cert_no").value())
        self._likely, self._class_id = likely, class_id
        field = self.form.field("enrolment_id")
        assert isinstance(field, ChoiceField)
        field.set_items(people)
        if put_aside:
            self.focus_first()
            return
        for each in self.form.fields():
            each.set_value(None)
            each.set_error(None)
        known = {name: getattr(likely, name) for name in ("cert_type", "cert_name", "level", "issuer")}
        self.form.set_values({**known, "enrolment_id": chosen, "issued_on": clock.today()})
        self._follow_issue()
        self.focus_first()

    def focus_first(self) -> None:
        """Put the keyboard on what is to be typed."""
        self.form.focus_field("cert_no" if self.form.field("enrolment_id").value() else "enrolment_id")

    def submit(self) -> None:
        """Check, and ask for it to be saved; what is missing is said at its field."""
        wrong = [field for field in self.form.fields() if not field.validate()]
        gaps = self.form.missing()
        if gaps:
            self.form.set_errors({field.name: _("这一栏要填") for field in gaps})
        elif wrong:
            self.form.focus_field(wrong[0].name)
        else:
            values: dict[str, Any] = self.form.values()
            self.saving_requested.emit(values.pop("enrolment_id"), values)

    def forget(self) -> None:
        """Drop what was typed: it was saved."""
        self.form.field("cert_no").set_value(None)

    def show_error(self, error: AppError) -> bool:
        """Show what the service says at its field, a number used twice at the number; False where it is of no field."""
        known = error.fields if isinstance(error, InvalidInputError) else {}
        if error.code == TAKEN:
            known = {"cert_no": error.text}
        here = {name: words for name, words in known.items() if name in self.form.values()}
        self.form.set_errors(here)
        return bool(here)

    def _on_field_left(self, name: str) -> None:
        if name == "issued_on" and self.form.field("valid_until").is_empty():
            self._follow_issue()

    def _follow_issue(self) -> None:
        """Work out until when it is valid, where the class says for how long its certificates are."""
        issued: date | None = self.form.field("issued_on").value()
        months = self._likely.months if self._likely is not None else None
        if issued is not None and months:
            self.form.field("valid_until").set_value(month_after(issued, months) - timedelta(days=1))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)
