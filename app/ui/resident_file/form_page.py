"""What both unemployment forms share: a form that stands in the file's place until it is done or put aside."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from app.errors import AppError, InvalidInputError
from app.models.codes import code_list
from app.services import drafts
from app.services.drafts import KeptDraft
from app.texts import _
from app.ui import theme
from app.ui.forms import DateField, Field, FormGrid
from app.ui.resident_file.loading import FileView
from app.ui.resident_file.unemployment_state import (
    Hint,
)
from app.ui.widgets import Button, Card, Text, part

if TYPE_CHECKING:
    from app.ui.context import UiContext

KEEP_AFTER_MS = 2_000


def yes_no() -> list[tuple[str, str]]:
    """Return the two answers, by digit."""
    return [("1", _("是")), ("0", _("否"))]


def truth(value: Any) -> bool | None:
    """Return what a yes-or-no field says."""
    return None if value in (None, "") else value == "1"


def answer(value: bool | None) -> str | None:
    """Return the code of a truth for a yes-or-no field."""
    return None if value is None else "1" if value else "0"


def choices(list_id: str) -> list[tuple[str, str]]:
    """Return what a code list offers today."""
    return [(item.code, item.label) for item in code_list(list_id).choices()]


class HintCard(Card):
    """A hint beside the form; it says so."""

    def __init__(self) -> None:
        super().__init__("sunken", None, radius=theme.RADIUS["card"], padding=14)
        self.body.setSpacing(2)
        self.title, self.text = Text("", "strong"), Text("", "secondary", "text2", wrap=True)
        self.body.addWidget(self.title)
        self.body.addWidget(self.text)

    def set_hint(self, hint: Hint) -> None:
        """Show another hint."""
        ink, paper, _fill = theme.TONES[hint.tone]
        self.set_look("sunken" if hint.tone == "neutral" else paper)
        self.title.set_tone("text" if hint.tone == "neutral" else ink)
        self.title.setText(hint.title)
        self.text.setText(hint.text)
        self.setAccessibleName(f"{hint.title}，{hint.text}")


class FormPage(QWidget):
    """A form over the file: title, fields, a hint, the main button; what was typed is kept through a crash.

    ``done`` carries what to say; ``closed`` when it is put aside.
    """

    done = Signal(str)
    closed = Signal()
    form_name = ""

    def __init__(self, context: UiContext, title: str, verb: str) -> None:
        super().__init__()
        self._context, self._verb = context, verb
        self._view: FileView | None = None
        self._touched = False
        self.title, self.note = Text(title, "page"), Text("", "secondary", "text2", wrap=True)
        self.grid, self.hint = FormGrid(), HintCard()
        self.back = Button(_("先放一放"), "text", "Esc")
        self.main = Button(verb, "filled", "F9", height=theme.HEIGHT["main"] - 4)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(KEEP_AFTER_MS)
        self._build()
        self.fill_grid()
        self.grid.set_main_button(self.main)
        self.grid.value_changed.connect(self._on_value_changed)
        self.grid.field_left.connect(self._on_field_left)
        self.main.clicked.connect(self.submit)
        self.back.clicked.connect(self.put_aside)
        self._timer.timeout.connect(self.keep)

    def _build(self) -> None:
        sheet = part(QWidget(), "transparent")
        inside = QVBoxLayout(sheet)
        inside.setContentsMargins(0, 4, 8, 4)
        inside.setSpacing(theme.SPACE[3])
        inside.addWidget(self.grid)
        inside.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(sheet)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.back)
        foot.addWidget(self.main)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 12)
        column.setSpacing(theme.SPACE[2])
        for widget in (self.title, self.note):
            column.addWidget(widget)
        column.addWidget(scroll, 1)
        column.addWidget(self.hint)
        column.addLayout(foot)

    # What each form says of itself

    def fill_grid(self) -> None:
        """Put the fields into the grid."""
        raise NotImplementedError

    def start_values(self, view: FileView) -> dict[str, Any]:
        """Return what the fields hold at first."""
        raise NotImplementedError

    def follow(self, name: str) -> None:
        """Let other fields and the hint follow what changed; an empty name means everything."""
        raise NotImplementedError

    def save(self) -> None:
        """Hand the values to the service."""
        raise NotImplementedError

    # Ways

    @property
    def resident_id(self) -> str:
        """Whose form it is."""
        return self._view.file.resident.id if self._view is not None else ""

    def start(self, view: FileView) -> None:
        """Begin the form for a person, with her own draft where one was kept."""
        self._view, self._touched = view, False
        self._timer.stop()
        for field in self.grid.fields():
            field.set_value(None)
            field.set_error(None)
        self.grid.set_values(self.start_values(view))
        self.follow("")
        self.main.set_busy(None)
        find = partial(drafts.find_draft, staff_id=self._context.actor.staff_id, form=self.form_name)
        self._context.runner.read(partial(find, subject=self.resident_id), self._on_draft)
        self.grid.focus_first()

    def _on_draft(self, kept: KeptDraft | None) -> None:
        if kept is None or kept.subject != self.resident_id or self._touched:
            return
        for name, value in kept.entered.items():
            if name in {field.name for field in self.grid.fields()}:
                self.grid.field(name).set_value(_from_kept(self.grid.field(name), value))
        self._touched = True
        self.follow("")
        self._context.messages.say(_("接着上次没办完的填"))

    def keep(self) -> None:
        """Store what was typed so far."""
        self._timer.stop()
        if not self._touched or not self.resident_id:
            return
        entered = {name: _to_kept(value) for name, value in self.grid.values().items() if value not in (None, "")}
        work = partial(drafts.keep_draft, form=self.form_name, entered=entered, subject=self.resident_id)
        self._context.runner.write(work)

    def put_aside(self) -> None:
        """Leave the form; what was typed stays."""
        self.keep()
        self.closed.emit()

    def submit(self) -> None:
        """Check everything, then save."""
        if self.main.is_busy:
            return
        if not self.grid.validate():
            first = (self.grid.wrong() or self.grid.missing())[0]
            for field in self.grid.missing():
                field.set_error(_("这一栏要填"))
            self.grid.focus_field(first.name)
            return
        self.save()

    def hand_over(self, work: Any) -> None:
        """Run the service; errors go to their fields."""
        self._timer.stop()
        self.main.set_busy(_("正在保存…"))
        self._context.runner.write(work, self._on_saved, self._on_failed)

    def _on_saved(self, _row: object) -> None:
        self.main.set_busy(None)
        self._touched = False
        drop = partial(drafts.drop_draft, form=self.form_name, subject=self.resident_id)
        self._context.runner.write(drop)
        self.done.emit(self.said())

    def said(self) -> str:
        """Return what the toast says."""
        return self._verb

    def _on_failed(self, error: AppError) -> None:
        self.main.set_busy(None)
        if isinstance(error, InvalidInputError):
            self.grid.set_errors(error.fields)
            known = {field.name for field in self.grid.fields()}
            if set(error.fields) <= known:
                return
        self._context.messages.show_error(error)

    def _on_value_changed(self, name: str) -> None:
        self._touched = True
        self._timer.start()
        self.follow(name)

    def _on_field_left(self, name: str) -> None:
        self.follow(name)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.put_aside()
        else:
            super().keyPressEvent(event)


def _to_kept(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def _from_kept(field: Field, value: Any) -> Any:
    return date.fromisoformat(value) if isinstance(field, DateField) and isinstance(value, str) else value
