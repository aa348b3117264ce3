"""A page for one act on a class's calendar: a short form, what speaks against it, the calendar beside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.errors import AppError, InvalidInputError
from app.texts import _
from app.ui import theme
from app.ui.class_file.state import ClassView
from app.ui.context import UiContext
from app.ui.forms import FormGrid, RadioField, TextField
from app.ui.training.month_grid import MonthGrid
from app.ui.training.slot_fields import LEAST_WORDS
from app.ui.widgets import Button, IconLabel, Scroller, SectionTitle, Text

CHECK_REST_MS = 150


class ActPage(QWidget):
    """Form in the middle, warnings under it; calendar and main button in ``panel``. ``left``: thought better of it."""

    left = Signal()
    submitted = Signal(dict)

    verb = ""

    def __init__(self, context: UiContext) -> None:
        super().__init__()
        self._context = context
        self.view: ClassView | None = None
        self.title, self.note = Text("", "title"), Text("", "secondary", "text2")
        self.back = Button(_("不改了"), "text", "Esc")
        self.form = FormGrid(3)
        self._scroll = Scroller(spacing=theme.SPACE[2])
        self.warnings = QWidget()
        self.lines: list[str] = []
        self.grid = MonthGrid()
        self.save = Button("", "filled", "F9", "check", height=theme.HEIGHT["main"])
        self._rest = QTimer(self, singleShot=True, interval=CHECK_REST_MS)
        self._rest.timeout.connect(self.look)
        self._build()
        self.fill_form()
        self.form.set_main_button(self.save)
        self.form.value_changed.connect(self._on_changed)
        self.form.field_left.connect(self._on_left_field)
        self.save.clicked.connect(self.submit)
        self.back.clicked.connect(self.left)

    def _build(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(theme.SPACE[2])
        head.addWidget(self.title, 0, Qt.AlignmentFlag.AlignBottom)
        head.addWidget(self.note, 1, Qt.AlignmentFlag.AlignBottom)
        head.addWidget(self.back)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE[2])
        column.addLayout(head)
        self._scroll.body.addWidget(self.form)
        self._scroll.body.addWidget(self.warnings)
        self._scroll.body.addStretch(1)
        column.addWidget(self._scroll, 1)
        for label in (self.title, self.note):
            label.setMinimumWidth(LEAST_WORDS)
        self.panel = QWidget()
        side = QVBoxLayout(self.panel)
        side.setContentsMargins(0, 0, 0, 0)
        side.setSpacing(theme.SPACE[1])
        scroll = Scroller()
        scroll.body.addWidget(self.grid)
        scroll.body.addStretch(1)
        side.addWidget(SectionTitle(_("日历")))
        side.addWidget(scroll, 1)
        side.addWidget(self.save)

    def add_why(self, reasons: Sequence[tuple[str, str]]) -> None:
        """Ask why, by digit or in one's own words."""
        self._reasons = {code: _(label) for code, label in reasons}
        self.form.add(RadioField(_("为什么"), list(self._reasons.items()), name="why_code", hint=_("按数字选")), span=2)
        self.form.add(TextField(_("或者自己写"), name="why_own", max_length=100))

    def why(self) -> str:
        """Return the reason given."""
        values = self.form.values()
        if "why_code" not in values:
            return ""
        return str(values["why_own"] or self._reasons.get(str(values["why_code"] or ""), ""))

    # -- each page says -----------------------------------------------------------------------------------------
    def fill_form(self) -> None:
        """Add the fields."""
        raise NotImplementedError

    def look(self) -> None:
        """Read what speaks against what is entered, and show the calendar."""

    def problems(self) -> dict[str, str]:
        """Return what is wrong or missing, by field."""
        return {}

    def field_done(self, name: str) -> None:
        """Let a page react to a field that was left."""

    # -- going on -----------------------------------------------------------------------------------------------
    def begin(self, view: ClassView, values: dict[str, Any]) -> None:
        """Start anew with these values."""
        self.view = view
        for field in self.form.fields():
            field.set_error(None)
            field.set_value(values.get(field.name))
        self.tell([])
        self.save.set_busy(None)
        self.save.set_label(self.verb)
        self.form.focus_first()
        self.look()

    def tell(self, lines: Sequence[str], *, tone: str = "orange", facts: Sequence[str] = ()) -> None:
        """Show sentences: ``facts`` first, then what speaks against it."""
        self.lines = list(lines)
        fresh = QWidget()
        column = QVBoxLayout(fresh)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for line in facts:
            column.addWidget(IconLabel("info", line, "text", wrap=True))
        for line in lines:
            column.addWidget(IconLabel("triangle-alert", line, tone, wrap=True))
        self._scroll.body.replaceWidget(self.warnings, fresh)
        self.warnings.deleteLater()
        self.warnings = fresh

    def submit(self) -> None:
        """Check, and ask for it to be done (F9)."""
        if self.save.is_busy:
            return
        self.form.validate()
        wrong = {field.name: field.error() for field in self.form.wrong()}
        wrong.update({field.name: _("这一栏要填") for field in self.form.missing() if field.name not in wrong})
        wrong = {**self.problems(), **wrong}
        if wrong:
            self.form.set_errors(wrong)
            return
        self.save.set_busy(_("正在保存…"))
        self.submitted.emit(self.form.values() | {"why": self.why()})

    def refused(self, error: AppError) -> None:
        """Show why it was not done, at its field where there is one."""
        self.save.set_busy(None)
        known = {field.name for field in self.form.fields()}
        if isinstance(error, InvalidInputError):
            shown = {{"why": "why_own", "starts": "span", "ends": "span"}.get(k, k): v for k, v in error.fields.items()}
            if set(shown) & known:
                self.form.set_errors(shown)
                return
        self._context.messages.show_error(error)

    def _on_changed(self, _name: str) -> None:
        self._rest.start()

    def _on_left_field(self, name: str) -> None:
        self.field_done(name)
        self._rest.start()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)
