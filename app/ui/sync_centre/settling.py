"""Choosing between two values of one field: one key each, or a third one typed in."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.errors import AppError, InvalidInputError
from app.models.codes import code_list
from app.models.registry import find_type
from app.models.wire import LIST, NUMBER, OBJECT, TRUTH, WHOLE
from app.services.conflicts import OTHER, OURS, THEIRS, ConflictItem
from app.texts import _
from app.ui import theme
from app.ui.fields.choice import ChoiceField
from app.ui.forms import Field, FormGrid, TextField
from app.ui.sync_centre import places
from app.ui.widgets import Button, Text

VALUE = "value"
KEYS = {Qt.Key.Key_1: OURS, Qt.Key.Key_2: THEIRS, Qt.Key.Key_3: OTHER}


def choice_words(item: ConflictItem) -> tuple[str, str]:
    """Return what the two buttons say: whose value, or whether the record lives."""
    if item.removal:
        return item.sides[0].text, item.sides[1].text
    if not any(side.here for side in item.sides):
        return _("用后送到的"), _("用先送到的")
    return _("用本站的"), _("用区里的")


def may_write_third(item: ConflictItem) -> bool:
    """Tell whether a third value can be typed here; lists and groups are changed in the file."""
    kind = find_type(item.record_type)
    facts = kind.fields.get(item.field) if kind else None
    return not item.removal and facts is not None and facts.kind not in (LIST, OBJECT)


def wire_value(item: ConflictItem, typed: Any) -> Any:
    """Return what was typed as the field's own kind; what does not fit is left for the rules to refuse."""
    kind = find_type(item.record_type)
    facts = kind.fields.get(item.field) if kind else None
    if facts is None or typed in (None, ""):
        return None
    text = str(typed).strip()
    if facts.kind == TRUTH:
        return text == "1"
    if facts.kind in (WHOLE, NUMBER):
        try:
            return int(text) if facts.kind == WHOLE else float(text)
        except ValueError:
            return text
    return text


class Chooser(QWidget):
    """The buttons of a conflict card, which sets the first two beside their values, and the line for a third one."""

    chosen = Signal(str, object)

    def __init__(self, item: ConflictItem) -> None:
        super().__init__()
        self.item = item
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE[1])
        row = QHBoxLayout()
        row.setSpacing(theme.SPACE[1])
        first, second = choice_words(item)
        self.buttons = {
            OURS: Button(first, "outline", "1", height=32),
            THEIRS: Button(second, "soft", "2", height=32),
            OTHER: Button(_("都不对，另填一个"), "text", "3", height=32),
        }
        for choice, button in self.buttons.items():
            button.clicked.connect(partial(self.choose, choice))
        note = _("没选的那个也留在修改记录里，随时能改回。拿不准就先打电话问。")
        row.addWidget(Text(note, "secondary", "text2", wrap=True), 1)
        row.addWidget(self.buttons[OTHER])
        self.buttons[OTHER].setVisible(may_write_third(item))
        column.addLayout(row)
        self.form = self._form()
        self.form.hide()
        column.addWidget(self.form)

    def _form(self) -> FormGrid:
        form = FormGrid(2)
        form.add(_field(self.item))
        self.save = Button(_("就用这个"), "filled", height=32)
        self.save.clicked.connect(self._on_third)
        form.set_main_button(self.save)
        line = form.layout()
        assert line is not None
        line.addWidget(self.save)
        return form

    def lock(self) -> None:
        """Let it be looked at only: the role may not settle."""
        for button in (*self.buttons.values(), self.save):
            button.hide()

    def choose(self, choice: str, _checked: bool = False) -> None:
        """Take one of the choices; the third opens its line first."""
        if choice == OTHER:
            if may_write_third(self.item):
                self.form.show()
                self.form.field(VALUE).setFocus()
            return
        self._say(choice, None)

    def _on_third(self) -> None:
        self._say(OTHER, wire_value(self.item, self.form.values()[VALUE]))

    def _say(self, choice: str, value: Any) -> None:
        for button in (*self.buttons.values(), self.save):
            button.setEnabled(False)
        self.chosen.emit(choice, value)

    def show_refusal(self, error: AppError, show: Callable[[AppError], object]) -> None:
        """Say why it was not taken, at the line where it was typed."""
        for button in (*self.buttons.values(), self.save):
            button.setEnabled(True)
        if isinstance(error, InvalidInputError) and not self.form.isHidden():
            self.form.set_errors({VALUE: error.text})
        else:
            show(error)

    def take_key(self, event: QKeyEvent) -> bool:
        """Take 1, 2 or 3; return whether it was one of them."""
        choice = KEYS.get(Qt.Key(event.key()))
        if choice is None or not self.buttons[choice].isEnabled() or self.buttons[choice].isHidden():
            return False
        self.choose(choice)
        return True


def _field(item: ConflictItem) -> Field:
    kind = find_type(item.record_type)
    facts = kind.fields.get(item.field) if kind else None
    label = places.label_of(item.record_type, item.field)
    if facts is not None and facts.code_list:
        items = [(code.code, code.label) for code in code_list(facts.code_list).items]
        return ChoiceField(label, items, name=VALUE, required=True)
    if facts is not None and facts.kind == TRUTH:
        return ChoiceField(label, [("1", _("是")), ("0", _("否"))], name=VALUE, required=True)
    limit = facts.max_length if facts is not None and facts.max_length else 100
    return TextField(label, name=VALUE, required=True, max_length=limit + 10)
