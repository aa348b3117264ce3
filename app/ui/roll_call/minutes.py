"""The small field over a cell just marked 迟 or 早: digits are minutes, Enter goes on, with none or with those."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from app.texts import _
from app.ui import entry, theme
from app.ui.fields.base import set_flag

_MOST_DIGITS = 3
_WIDTH = 92
_GO_ON = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down, Qt.Key.Key_Tab)


class MinutesField(QLineEdit):
    """The mark is written already; this only adds to it. Any key that is no digit closes it and goes on to the grid."""

    given = Signal(int)
    closed = Signal()
    passed_on = Signal(QKeyEvent)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setMaxLength(_MOST_DIGITS)
        self.setPlaceholderText(_("几分钟"))
        self.setAccessibleName(_("迟到或早退几分钟，回车跳过"))
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
        self._most = 0
        self.hide()

    def open_at(self, rect: QRect, most: int) -> None:
        """Lie over that cell; more than ``most`` minutes are not taken."""
        self._most = most
        self.clear()
        set_flag(self, "bad", False)
        wide = theme.of(self).px(_WIDTH)
        left = rect.center().x() - wide // 2
        parent = self.parentWidget()
        if parent is not None:
            left = max(0, min(left, parent.width() - wide))
        high = max(rect.height() - 3, self.minimumSizeHint().height())
        self.setGeometry(left, rect.center().y() - high // 2, wide, high)
        self.show()
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)

    @property
    def is_open(self) -> bool:
        """Whether minutes are being asked for."""
        return not self.isHidden()

    def leave(self) -> bool:
        """Take what is typed and go; False where it cannot be."""
        if self.isHidden():
            return True
        digits = entry.digits_of(self.text())
        minutes = int(digits) if digits else 0
        if minutes > self._most:
            set_flag(self, "bad", True)
            self.selectAll()
            self.setToolTip(_("这一课一共 {n} 分钟，请再看一下", n=self._most))
            return False
        self.hide()
        if minutes:
            self.given.emit(minutes)
        self.closed.emit()
        return True

    def drop(self) -> None:
        """Go without minutes."""
        if not self.isHidden():
            self.clear()
            self.leave()

    def event(self, event: QEvent) -> bool:
        """Leave Ctrl+Z and the other keys of the window to the window: a line would take them for itself."""
        if event.type() == QEvent.Type.ShortcutOverride:
            event.ignore()
            return False
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        text, key = event.text(), event.key()
        if event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier):
            self.drop()
            event.ignore()
        elif text.isdigit() or key in (Qt.Key.Key_Backspace, Qt.Key.Key_Left, Qt.Key.Key_Right):
            super().keyPressEvent(event)
        elif key in _GO_ON:
            self.leave()
        elif key == Qt.Key.Key_Escape:
            self.drop()
        elif self.leave():
            self.passed_on.emit(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() in (Qt.FocusReason.MouseFocusReason, Qt.FocusReason.TabFocusReason) and not self.leave():
            self.drop()
