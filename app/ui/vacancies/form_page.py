"""What the two forms share: draft kept while typing, 还差 n 项, saving, errors at their fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.errors import AppError, InvalidInputError
from app.services.drafts import KeptDraft, drop_draft, find_draft, keep_draft
from app.texts import _
from app.ui import theme
from app.ui.acting import Doer
from app.ui.context import UiContext
from app.ui.forms import DateField, Field, FormGrid, TextField
from app.ui.widgets import Button, Scroller, SectionTitle, Text

if TYPE_CHECKING:
    from app.db.database import Transaction

DRAFT_REST_MS = 2000


class DecimalField(TextField):
    """A number with at most one decimal: hours a day, days a week."""

    def __init__(self, label: str, *, high: float, **options: Any) -> None:
        self._high = high
        super().__init__(label, max_length=6, **options)

    def value(self) -> float | None:
        try:
            return float(self.line.text().strip().replace("．", ".")) if self.line.text().strip() else None
        except ValueError:
            return None

    def words_of(self, value: Any) -> str:
        return f"{value:g}"

    def is_empty(self) -> bool:
        return not self.line.text().strip()

    def tidy(self) -> str | None:
        number = self.value()
        if self.line.text().strip() and number is None:
            return _("这里写数字，像 8 或 7.5")
        if number is not None and not 0 <= number <= self._high:
            return _("最多 {high}", high=f"{self._high:g}")
        return None


class RecordForm(QWidget):
    """A page with a form. ``saved`` carries the record's id; ``left`` says that the person goes back.

    ``panel`` stands at the right: what is still missing, and the main button.
    """

    saved = Signal(str)
    left = Signal()

    form_name = ""

    def __init__(self, context: UiContext, doer: Doer) -> None:
        super().__init__()
        self._context, self._doer = context, doer
        self.record_id = ""
        self._quiet = self._dirty = False
        self.title = Text("", "title")
        self.note = Text("", "secondary", "text2")
        self.back = Button(_("先放一放"), "text", "Esc")
        self.form = FormGrid(3)
        self._scroll = Scroller()
        self._gap_timer = QTimer(self, singleShot=True, interval=0)
        self._gap_timer.timeout.connect(self._tell_gaps)
        self._rest = QTimer(self, singleShot=True, interval=DRAFT_REST_MS)
        self._rest.timeout.connect(self.keep)
        self.panel = QWidget()
        self._build()
        self.fill_form()
        self.form.set_main_button(self.save_button)
        self.form.value_changed.connect(self._on_changed)
        self.form.field_left.connect(self._on_field_left)

    def _build(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(theme.SPACE[2])
        head.addWidget(self.title, 0, Qt.AlignmentFlag.AlignBottom)
        head.addWidget(self.note, 1, Qt.AlignmentFlag.AlignBottom)
        head.addWidget(self.back)
        self._scroll.body.addWidget(self.form)
        self._scroll.body.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE[2])
        column.addLayout(head)
        column.addWidget(self._scroll, 1)
        self.back.clicked.connect(self._on_back)
        self.gaps = Scroller(spacing=4)
        self.gap_title = Text("", "section")
        self.save_button = Button(_("保存"), "filled", "F9", "check", height=theme.HEIGHT["main"])
        self.save_button.clicked.connect(self.save)
        side = QVBoxLayout(self.panel)
        side.setContentsMargins(0, 0, 0, 0)
        side.setSpacing(theme.SPACE[1])
        side.addWidget(self.gap_title)
        side.addWidget(self.gaps, 1)
        side.addWidget(self.save_button)

    # -- each form says -----------------------------------------------------------------------------------------
    def fill_form(self) -> None:
        """Add the fields."""
        raise NotImplementedError

    def headline(self, *, new: bool) -> tuple[str, str]:
        """Return title and note."""
        raise NotImplementedError

    def check(self, values: Mapping[str, Any]) -> dict[str, str]:
        """Return what is wrong across fields, by field."""
        return {}

    def store(self, tx: Transaction, values: dict[str, Any]) -> str:
        """Save in this transaction; return the record's id."""
        raise NotImplementedError

    def said(self, values: Mapping[str, Any]) -> str:
        """Return what the toast says after saving."""
        raise NotImplementedError

    # -- starting -----------------------------------------------------------------------------------------------
    def section(self, title: str, note: str = "") -> None:
        """Add a section's title over the whole width."""
        self.form.add_widget(SectionTitle(title, note), span=3)

    def start_new(self, values: Mapping[str, Any]) -> None:
        """Begin a new record; an unfinished one of this person comes back."""
        self._start("", values)
        work = partial(_find_draft, self._context.actor.staff_id, self.form_name)
        self._context.runner.read(work, self._on_draft)

    def start_edit(self, record_id: str, values: Mapping[str, Any], errors: Mapping[str, str]) -> None:
        """Change a record; ``errors`` are shown at their fields at once."""
        self._start(record_id, values)
        if errors:
            self.form.set_errors(errors)

    def _start(self, record_id: str, values: Mapping[str, Any]) -> None:
        self.record_id = record_id
        title, note = self.headline(new=not record_id)
        self.title.setText(title)
        self.note.setText(note)
        self._quiet = True
        for field in self.form.fields():
            field.set_error(None)
            field.set_value(None)
        self.put_values(values)
        self._quiet = self._dirty = False
        self._tell_gaps()
        self._scroll.verticalScrollBar().setValue(0)
        self.form.focus_first()

    def put_values(self, values: Mapping[str, Any]) -> None:
        """Show values in the fields."""
        self.form.set_values(values)

    def entered(self) -> dict[str, Any]:
        """Return what the fields hold, in the record's own types."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in self.form.values().items()}

    # -- drafts -------------------------------------------------------------------------------------------------
    def _on_draft(self, draft: KeptDraft | None) -> None:
        if draft is None or self.record_id or self._dirty:
            return
        dates = {field.name for field in self.form.fields() if isinstance(field, DateField)}
        values = {
            name: date.fromisoformat(value) if name in dates and isinstance(value, str) else value
            for name, value in draft.entered.items()
        }
        self._quiet = True
        self.put_values(values)
        self._quiet = False
        self._tell_gaps()
        self.note.setText(_("上次没写完的草稿"))

    def keep(self) -> None:
        """Keep what was typed so far, for this person, through a crash."""
        if not self._dirty or self.record_id:
            return
        packed = {
            name: value.isoformat() if isinstance(value, date) else value
            for name, value in self.entered().items()
            if value not in (None, "", [])
        }
        self._context.runner.write(partial(_keep, self.form_name, packed))

    def _on_back(self) -> None:
        self.keep()
        self.left.emit()

    # -- going on -----------------------------------------------------------------------------------------------
    def _on_changed(self, name: str) -> None:
        if self._quiet:
            return
        self._dirty = True
        self._rest.start()
        self._gap_timer.start()
        self.value_entered(name)

    def value_entered(self, name: str) -> None:
        """Let a form react to a value."""

    def field_done(self, name: str) -> None:
        """Let a form react to a field that was left."""

    def _on_field_left(self, name: str) -> None:
        self.field_done(name)
        self._gap_timer.start()

    def _tell_gaps(self) -> None:
        missing = self.form.missing()
        self.gap_title.setText(_("还差 {n} 项", n=len(missing)) if missing else _("都填了，可以保存"))
        self.gaps.clear()
        for field in missing[:14]:
            button = Button(field.label(), "text", height=32)
            button.clicked.connect(partial(self.form.focus_field, field.name))
            self.gaps.body.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        self.gaps.body.addStretch(1)

    def save(self) -> None:
        """Check and save; what is wrong is said at its field."""
        if self.save_button.is_busy:
            return
        self.form.validate()
        wrong = {field.name: field.error() for field in self.form.wrong()}
        values = self.entered()
        wrong = {**self.check(values), **wrong}
        if not self.record_id:
            wrong.update({field.name: _("这一栏要填") for field in self.form.missing()})
        if wrong:
            self.form.set_errors(wrong)
            return
        self.save_button.set_busy(_("正在保存…"))
        self._doer.do(
            partial(self._store, values), self.said(values), on_done=self._on_saved, on_error=self._on_refused
        )

    def _store(self, values: dict[str, Any], tx: Transaction) -> str:
        saved = self.store(tx, values)
        if not self.record_id:
            drop_draft(tx, self.form_name)
        return saved

    def _on_saved(self, record_id: str) -> None:
        self.save_button.set_busy(None)
        self._rest.stop()
        self._dirty = False
        self.saved.emit(record_id)

    def _on_refused(self, error: AppError) -> None:
        self.save_button.set_busy(None)
        known = {field.name for field in self.form.fields()}
        if isinstance(error, InvalidInputError) and set(error.fields) & known:
            self.form.set_errors(error.fields)
            rest = {name: text for name, text in error.fields.items() if name not in known}
            if rest:
                self._context.messages.show_error(InvalidInputError(rest))
        else:
            self._context.messages.show_error(error)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._on_back()
        else:
            super().keyPressEvent(event)


def add_all(form: FormGrid, fields: Sequence[tuple[Field, int]]) -> None:
    """Add fields with their widths in columns."""
    for field, span in fields:
        form.add(field, span=span)


def _find_draft(staff_id: str, form: str, tx: Transaction) -> KeptDraft | None:
    return find_draft(tx, staff_id, form)


def _keep(form: str, entered: dict[str, Any], tx: Transaction) -> object:
    return keep_draft(tx, form, entered)
