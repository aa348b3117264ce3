"""A card that takes the keyboard: arrows go from card to card, digits press its buttons, Enter the first of them."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter, QPaintEvent

from app.ui import theme
from app.ui.widgets import Button, Card, paint


class FocusCard(Card):
    """One thing that needs a person. ``keys``: digit → button, in the order in which they stand."""

    step_requested = Signal(int)

    def __init__(self, *, padding: int = 14) -> None:
        super().__init__(padding=padding)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.keys: dict[str, Button] = {}

    def take_key(self, event: QKeyEvent) -> bool:
        """Press the button of a digit, or with Enter the first; tell whether there was one."""
        text = "1" if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) else event.text()
        button = self.keys.get(text)
        if button is None or button.isHidden() or not button.isEnabled():
            return False
        button.click()
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()), 0)
        if step:
            self.step_requested.emit(step)
        elif not self.take_key(event):
            super().keyPressEvent(event)

    def set_busy(self, button: Button | None, words: str = "") -> None:
        """Disable the buttons while one of them works; None brings them back."""
        for each in self.keys.values():
            if button is None:
                each.set_busy(None)
                each.setEnabled(True)
            elif each is button:
                each.set_busy(words)
            else:
                each.setEnabled(False)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.hasFocus():
            painter = QPainter(self)
            paint.rounded(painter, QRectF(self.rect()), self._radius, None, theme.of(self).color("accent"), 2)
