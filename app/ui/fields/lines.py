"""Fields of one line or several: text, numbers, days, money, phones."""

from datetime import date
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit

from app import clock
from app.texts import _
from app.ui import entry, theme
from app.ui.fields.base import Field

_DIGITS = Qt.InputMethodHint.ImhDigitsOnly | Qt.InputMethodHint.ImhPreferNumbers


class TextField(Field):
    """A line of text; spaces around it go when it is left."""

    def __init__(self, label: str, *, placeholder: str = "", max_length: int = 200, **options: Any) -> None:
        self.line = QLineEdit()
        self.line.setMaxLength(max_length)
        self.line.setPlaceholderText(placeholder)
        super().__init__(label, self.line, **options)
        self.line.textEdited.connect(self._on_text_edited)

    def value(self) -> Any:
        return self.line.text().strip() or None

    def set_value(self, value: Any) -> None:
        self.line.setText("" if value is None else self.words_of(value))

    def words_of(self, value: Any) -> str:
        """Return the value as the line shows it."""
        return str(value)

    def tidy(self) -> str | None:
        tidied = self.line.text().strip()
        if tidied != self.line.text():
            self.line.setText(tidied)
        return None

    def _on_text_edited(self) -> None:
        self.value_changed.emit()


class _DigitsField(TextField):
    """No input method, full-width digits become half-width at once."""

    def __init__(self, label: str, *, max_length: int = 20, **options: Any) -> None:
        super().__init__(label, max_length=max_length, **options)
        self.line.setInputMethodHints(_DIGITS)
        self.line.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)

    def _clean(self, text: str) -> str:
        return entry.half_width(text)

    def _on_text_edited(self) -> None:
        before, place = self.line.text(), self.line.cursorPosition()
        cleaned = self._clean(before)
        if cleaned != before:
            self.line.setText(cleaned)
            self.line.setCursorPosition(min(place, len(cleaned)))
        self.value_changed.emit()


class NumberField(_DigitsField):
    """A whole number, within its bounds if it has any."""

    def __init__(self, label: str, *, low: int | None = None, high: int | None = None, **options: Any) -> None:
        self._low, self._high = low, high
        super().__init__(label, max_length=options.pop("max_length", 9), **options)

    def _clean(self, text: str) -> str:
        return entry.digits_of(text)

    def value(self) -> int | None:
        digits = entry.digits_of(self.line.text())
        return int(digits) if digits else None

    def tidy(self) -> str | None:
        number = self.value()
        if number is not None and self._low is not None and number < self._low:
            return _("至少 {low}", low=self._low)
        if number is not None and self._high is not None and number > self._high:
            return _("最多 {high}", high=self._high)
        return None


class DateField(_DigitsField):
    """A day: 19790425 and 1125 are days, shown as yyyy-MM-dd. ``prefer`` (past, future) places days without a year."""

    def __init__(self, label: str, *, prefer: str = "", **options: Any) -> None:
        self._prefer = prefer
        super().__init__(label, **options)

    def value(self) -> date | None:
        try:
            return entry.parse_day(self.line.text(), clock.today(), prefer=self._prefer)
        except ValueError:
            return None

    def words_of(self, value: Any) -> str:
        return f"{value:%Y-%m-%d}"

    def is_empty(self) -> bool:
        return not self.line.text().strip()

    def tidy(self) -> str | None:
        try:
            day = entry.parse_day(self.line.text(), clock.today(), prefer=self._prefer)
        except ValueError:
            return _("没有这一天。可以写 19790425，或今年的 1125")
        self.line.setText("" if day is None else self.words_of(day))
        return None


class MoneyField(_DigitsField):
    """Yuan on the screen, fen in the value."""

    def value(self) -> int | None:
        try:
            return entry.parse_fen(self.line.text())
        except ValueError:
            return None

    def words_of(self, value: Any) -> str:
        return entry.show_fen(value)

    def is_empty(self) -> bool:
        return not self.line.text().strip()

    def tidy(self) -> str | None:
        try:
            fen = entry.parse_fen(self.line.text())
        except ValueError:
            return _("这里写多少元，像 4200 或 4200.50")
        self.line.setText("" if fen is None else self.words_of(fen))
        return None


class PhoneField(_DigitsField):
    """A mobile or fixed-line number."""

    def _clean(self, text: str) -> str:
        return "".join(char for char in entry.half_width(text) if char.isdigit() or char == "-")

    def value(self) -> str | None:
        return self.line.text() or None

    def tidy(self) -> str | None:
        problem = entry.phone_problem(self.line.text())
        if problem is None:
            return None
        now, due = problem
        if now < due:
            return _("少 {n} 位：现在 {now} 位，应为 {due} 位", n=due - now, now=now, due=due)
        return _("多 {n} 位：现在 {now} 位，应为 {due} 位", n=now - due, now=now, due=due)


class LongTextField(Field):
    """Several lines: Enter goes on to the next field, Ctrl+Enter makes a new line."""

    def __init__(self, label: str, *, rows: int = 3, placeholder: str = "", **options: Any) -> None:
        self.box, self._rows = QPlainTextEdit(), rows
        self.box.setPlaceholderText(placeholder)
        self.box.setTabChangesFocus(True)
        super().__init__(label, self.box, **options)
        self.box.textChanged.connect(self.value_changed)
        self._fit()

    def _fit(self) -> None:
        look = theme.of(self)
        self.box.setFixedHeight(round(self._rows * look.pt("body") * 1.95) + 18)

    def value(self) -> str | None:
        return self.box.toPlainText().strip() or None

    def set_value(self, value: Any) -> None:
        blocked = self.box.blockSignals(True)
        self.box.setPlainText(value or "")
        self.box.blockSignals(blocked)

    def _on_key(self, event: QKeyEvent) -> bool:
        is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if is_enter and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.box.insertPlainText("\n")
            return True
        return super()._on_key(event)
