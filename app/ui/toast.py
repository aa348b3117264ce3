"""The toast: an act was done, and for eight seconds it can be taken back from here."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.texts import _
from app.ui import icons, theme
from app.ui.announce import announce
from app.ui.widgets import paint
from app.ui.widgets.themed import Themed

SHOWN_MS = 8_000
_ABOVE_KEY_BAR = 12


class Toast(Themed, QWidget):
    """One line at the foot of the window, above the key bar; takes no focus. A newer toast takes its place.

    ``undo`` is called on a click of 撤销; Ctrl+Z belongs to the window's act table.
    """

    closed = Signal()

    def __init__(
        self,
        text: str,
        undo: Callable[[], object] | None = None,
        *,
        icon: str = "check",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._text, self._undo, self._icon = text, undo, icon
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if undo else Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(_("{done}，Ctrl+Z 撤销", done=text) if undo else text)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SHOWN_MS)
        self._timer.timeout.connect(self.close_now)
        self.setFixedHeight(max(theme.of(self).px(44), round(paint.line_height(theme.of(self).font())) + 18))

    @property
    def text(self) -> str:
        """What it says."""
        return self._text

    def pop_up(self, window: QWidget) -> None:
        """Show it at the foot of the window and have it read out."""
        for other in window.findChildren(Toast):
            if other is not self:
                other.close_now()
        self.setParent(window)
        window.installEventFilter(self)
        self._place()
        self.show()
        self.raise_()
        self._timer.start()
        announce(self, self.accessibleName())

    def close_now(self) -> None:
        """Take it away."""
        self._timer.stop()
        self.hide()
        self.closed.emit()
        self.deleteLater()

    def restyle(self) -> None:
        self.update()

    def _place(self) -> None:
        window, look = self.parentWidget() or self.window(), theme.of(self)
        need = look.px(90) + paint.width_of(look.font(), self._text) + (look.px(130) if self._undo else 0)
        width = int(min(max(look.px(424), need), window.width() - 48))
        foot = look.px(theme.HEIGHT["key_bar"]) + _ABOVE_KEY_BAR
        self.setGeometry((window.width() - width) // 2, window.height() - foot - self.height(), width, self.height())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and watched is self.parentWidget():
            self._place()
        return super().eventFilter(watched, event)

    def _on_undo(self) -> None:
        undo, self._undo = self._undo, None
        if undo is not None:
            undo()
            self.close_now()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._on_undo()
        else:
            super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._undo is not None and event.position().x() > self.width() - theme.of(self).px(130):
            self._on_undo()

    def paintEvent(self, event: QPaintEvent) -> None:
        look, painter = theme.of(self), QPainter(self)
        box, ink, size = QRectF(self.rect()), look.color("on_toast"), look.px(18)
        paint.rounded(painter, box, 8, look.color("toast"))
        if self.hasFocus():
            paint.rounded(painter, box.adjusted(3, 3, -3, -3), 6, None, ink, 2)
        icons.paint(painter, self._icon, look.px(14), box.center().y() - size / 2, ink, size)
        right = box.right() - look.px(14)
        if self._undo is not None:
            right -= paint.key_cap_width(look, "Ctrl Z")
            paint.key_cap(painter, look, right, box.center().y(), "Ctrl Z", ink="on_toast")
            words, font = _("撤销"), look.font("strong")
            right -= paint.width_of(font, words) + look.px(10)
            paint.text(painter, QRectF(right, 0, look.px(80), box.height()), words, font, ink)
        room = QRectF(look.px(43), 0, right - look.px(55), box.height())
        paint.text(painter, room, self._text, look.font(), ink)
