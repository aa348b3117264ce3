"""What every form field shares: label, hint, error, leaving, and the way to the next."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QFocusEvent, QInputMethodEvent, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from app.texts import _
from app.ui.announce import announce
from app.ui.widgets import IconLabel, Text

Check = Callable[[Any], str | None]

_NOT_LEAVING = (
    Qt.FocusReason.PopupFocusReason,
    Qt.FocusReason.ActiveWindowFocusReason,
    Qt.FocusReason.MenuBarFocusReason,
)


class Field(QWidget):
    """A labelled field. It is checked on being left, never while somebody types.

    ``check`` takes the value and returns a sentence, or nothing when all is well. ``left`` comes after the check.
    """

    value_changed = Signal()
    left = Signal()
    next_requested = Signal()
    previous_requested = Signal()

    def __init__(
        self,
        label: str,
        editor: QWidget,
        *,
        name: str = "",
        required: bool = False,
        hint: str = "",
        check: Check | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.name, self.editor, self.check = name or label, editor, check
        self.is_required, self.is_derived, self.is_composing = required, False, False
        self._label, self._star = Text(label, "secondary", "text2"), Text("*", "secondary", "red")
        self._hint = Text(hint, "caption", "text2")
        self._error: IconLabel | None = None
        self._told: tuple[str, Any] | None = None
        self._build()
        self.set_required(required)
        editor.installEventFilter(self)
        self.setFocusProxy(editor)

    def _build(self) -> None:
        self._label.setBuddy(self.editor)
        head = QHBoxLayout()
        head.setSpacing(4)
        head.addWidget(self._label)
        head.addWidget(self._star)
        head.addStretch(1)
        head.addWidget(self._hint)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)
        self._column.addLayout(head)
        self._column.addWidget(self.editor)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)

    # -- the value, in the field's own type ---------------------------------------------------------------------
    def value(self) -> Any:
        """Return the value, None when empty."""
        raise NotImplementedError

    def set_value(self, value: Any) -> None:
        """Show the value, silently: no check, no signal of leaving."""
        raise NotImplementedError

    def is_empty(self) -> bool:
        """Say whether nothing is filled in."""
        return self.value() in (None, "", ())

    def tidy(self) -> str | None:
        """Bring what was typed into its proper form on leaving; return a sentence if it cannot be read."""
        return None

    # -- label, hint, error -------------------------------------------------------------------------------------
    def label(self) -> str:
        """Return the words of the label."""
        return self._label.text()

    def set_label(self, label: str) -> None:
        """Change the words of the label."""
        self._label.setText(label)
        self.set_required(self.is_required)

    def set_required(self, required: bool) -> None:
        """Show or hide the star."""
        self.is_required = required
        self._star.setVisible(required)
        self.editor.setAccessibleName(_("{label}，必填", label=self.label()) if required else self.label())

    def set_hint(self, hint: str) -> None:
        """Change the words at the right of the label."""
        self._hint.setText(hint)

    def error(self) -> str:
        """Return the sentence shown under the field, empty when all is well."""
        return self._error.text() if self._error is not None and not self._error.isHidden() else ""

    def set_error(self, text: str | None) -> None:
        """Show a sentence under the field, with its icon; None takes it away.

        It stays until the value is another one, also when the field's own check finds nothing.
        """
        self._told = (text, self.value()) if text else None
        self._show_error(text or "")

    def _show_error(self, words: str) -> None:
        if words == self.error():
            return
        if self._error is None:
            self._error = IconLabel("circle-alert", words, "red", role="secondary", wrap=True)
            self._column.addWidget(self._error)
        self._error.set_text(words)
        self._error.setVisible(bool(words))
        self.editor.setAccessibleDescription(words)
        set_flag(self.editor, "bad", bool(words))
        self._error_changed()
        if words:
            announce(self, words)

    def _error_changed(self) -> None:
        """Let a field change what it shows with the error."""

    def set_derived(self, derived: bool, *, hint: str | None = None) -> None:
        """Make it a field that follows from others: sunken, not typed in, skipped by Enter."""
        self.is_derived = derived
        if isinstance(self.editor, QLineEdit):
            self.editor.setReadOnly(derived)
        else:
            self.editor.setEnabled(not derived)
        self.editor.setFocusPolicy(Qt.FocusPolicy.NoFocus if derived else Qt.FocusPolicy.StrongFocus)
        set_flag(self.editor, "derived", derived)
        if hint is not None:
            self.set_hint(hint)

    def validate(self) -> bool:
        """Tidy and check now; show the sentence if there is one. An empty field is not an error but a gap."""
        problem = self.tidy()
        if problem is None and self.check is not None and not self.is_empty():
            problem = self.check(self.value())
        if problem is None and self._told is not None and self._told[1] == self.value():
            problem = self._told[0]
        self._show_error(problem or "")
        return not problem

    def _on_left(self) -> None:
        self.validate()
        self.left.emit()

    # -- keys ---------------------------------------------------------------------------------------------------
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.InputMethod and isinstance(event, QInputMethodEvent):
            self.is_composing = bool(event.preeditString())
        elif kind == QEvent.Type.FocusOut and isinstance(event, QFocusEvent):
            self.is_composing = False
            if event.reason() not in _NOT_LEAVING and not self.is_derived:
                self._on_left()
        elif kind == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and not self.is_composing:
            return self._on_key(event)
        return super().eventFilter(watched, event)

    def _on_key(self, event: QKeyEvent) -> bool:
        """Take a key before the editor does; True when it was ours."""
        if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            return False
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.previous_requested.emit()
        elif event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            return False
        else:
            self.next_requested.emit()
        return True


def set_flag(widget: QWidget, name: str, on: bool) -> None:
    """Set a property that the stylesheet looks at, and have it look."""
    widget.setProperty(name, on)
    widget.style().unpolish(widget)
    widget.style().polish(widget)
    widget.update()
