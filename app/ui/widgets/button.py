"""Buttons: filled, outline, soft, text and danger, each with its key."""

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QEnterEvent, QFont, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from app.ui import icons, theme
from app.ui.theme import Theme
from app.ui.widgets import paint
from app.ui.widgets.themed import Themed

_EDGE = 7
KINDS = ("filled", "outline", "soft", "text", "danger")


class Button(Themed, QPushButton):
    """A button that draws itself and shows its key; the key itself is bound by the screen's act table."""

    def __init__(
        self,
        text: str,
        kind: str = "outline",
        key: str = "",
        icon: str | None = None,
        *,
        height: int = theme.HEIGHT["button"],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, parent)
        if kind not in KINDS:
            raise ValueError(f"unknown kind {kind!r}")
        self._kind, self._key, self._icon, self._base_height = kind, key, icon, height
        self._busy_from: tuple[str, bool] | None = None
        self.setAutoDefault(False)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._name()

    @property
    def kind(self) -> str:
        """Which of the five kinds this is."""
        return self._kind

    @property
    def key(self) -> str:
        """The key it shows."""
        return self._key

    @property
    def is_busy(self) -> bool:
        """Whether its task is under way."""
        return self._busy_from is not None

    def set_label(self, text: str, *, key: str | None = None, icon: str | None = None) -> None:
        """Change the words, and the key and icon if given."""
        if key is not None:
            self._key = key
        if icon is not None:
            self._icon = icon
        if self._busy_from is not None:
            self._busy_from = (text, self._busy_from[1])
        else:
            self.setText(text)
        self._name()
        self.restyle()

    def set_kind(self, kind: str) -> None:
        """Change the kind."""
        self._kind = kind
        self.restyle()

    def set_busy(self, text: str | None) -> None:
        """Disable while the task runs, saying what it does; None brings back the words and the state before."""
        if text is not None:
            if self._busy_from is None:
                self._busy_from = (self.text(), self.isEnabled())
            self.setText(text)
            self.setEnabled(False)
        elif self._busy_from is not None:
            words, enabled = self._busy_from
            self._busy_from = None
            self.setText(words)
            self.setEnabled(enabled)
        self._name()
        self.restyle()

    def _name(self) -> None:
        self.setAccessibleName(self.text())
        self.setAccessibleDescription(self._key)

    def restyle(self) -> None:
        self.updateGeometry()
        self.update()

    def _font(self, look: Theme) -> QFont:
        return look.font("body", bold=self._kind == "filled")

    def _content_width(self, look: Theme) -> float:
        width = paint.width_of(self._font(look), self.text())
        if self._icon:
            width += look.px(icons.SMALL + 8 * bool(self.text()))
        if self._key and not self.is_busy:
            width += look.px(10) + paint.key_cap_width(look, self._key)
        return width

    def sizeHint(self) -> QSize:
        look = theme.of(self)
        font = self._font(look)
        height = max(look.px(self._base_height), round(paint.line_height(font)) + 8)
        side = 10 if self._kind in ("text", "danger") else 14
        return QSize(max(height, round(self._content_width(look)) + 2 * look.px(side)), height)

    def minimumSizeHint(self) -> QSize:
        """Return what the words alone need: where the room ends, the key goes first, then the icon."""
        look, full = theme.of(self), self.sizeHint()
        words = paint.width_of(self._font(look), self.text()) if self.text() else look.px(icons.SMALL)
        return QSize(min(full.width(), max(full.height(), round(words) + 2 * _EDGE)), full.height())

    def _drawn(self, look: Theme) -> tuple[str, str]:
        """Return the icon and the key for which there is room."""
        icon, key = self._icon or "", "" if self.is_busy else self._key
        lacking = self._content_width(look) + 2 * _EDGE - self.width()
        if lacking > 1 and key:
            lacking -= look.px(10) + paint.key_cap_width(look, key)
            key = ""
        return ("" if lacking > 1 and self.text() else icon), key

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers() & (
            Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier
        ):
            if not event.isAutoRepeat():
                self.click()
            return
        super().keyPressEvent(event)

    def _colors(self, look: Theme) -> tuple[QColor, QColor | None, QColor | None]:
        """Return ink, fill and border."""
        warm = self.isEnabled() and (self.underMouse() or self.isDown())
        if not self.isEnabled():
            soft = self._kind in ("filled", "soft")
            return look.color("text3"), look.color("track") if soft else None, None if soft else look.color("line2")
        if self._kind == "filled":
            return look.color("on_accent"), look.color("accent_hi" if warm else "accent"), None
        if self._kind == "soft":
            return look.color("accent_text"), look.color("accent_soft"), look.color("accent") if warm else None
        if self._kind in ("text", "danger"):
            ink = look.color("accent_text" if self._kind == "text" else "red")
            return ink, look.color("hover") if warm else None, None
        return look.color("text"), look.color("hover" if warm else "surface"), look.color("line2")

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme.of(self)
        painter = QPainter(self)
        ink, fill, border = self._colors(look)
        box = QRectF(self.rect())
        if self._kind in ("text", "danger") and not self.isEnabled():
            border = None
        if self.hasFocus():
            if self._kind == "filled":
                paint.focus_ring(painter, box, 9)
                paint.rounded(painter, box.adjusted(4, 4, -4, -4), 6, fill)
            else:
                paint.rounded(painter, box, 8, fill, look.color("accent"), 2)
        else:
            paint.rounded(painter, box, 8, fill, border)
        self._paint_content(painter, look, ink)

    def _paint_content(self, painter: QPainter, look: Theme, ink: QColor) -> None:
        middle, font = self.height() / 2, self._font(look)
        icon, key = self._drawn(look)
        width = paint.width_of(font, self.text())
        whole = width + (look.px(icons.SMALL + 8 * bool(self.text())) if icon else 0)
        whole += look.px(10) + paint.key_cap_width(look, key) if key else 0
        left = max((self.width() - whole) / 2, 4.0)
        if icon:
            size = look.px(icons.SMALL)
            icons.paint(painter, icon, left, middle - size / 2, ink, size)
            left += size + (look.px(8) if self.text() else 0)
        room = min(width + 1, self.width() - left - 2)
        paint.text(painter, QRectF(left, 0, room, self.height()), self.text(), font, ink)
        if key:
            filled = self._kind == "filled" and self.isEnabled()
            token = "on_accent" if filled else ""
            paint.key_cap(painter, look, left + width + look.px(10), middle, key, ink=token)


class IconButton(Button):
    """A button with an icon alone; its words are its tooltip and its accessible name."""

    def __init__(self, icon: str, name: str, kind: str = "text", *, height: int = 32, key: str = "") -> None:
        super().__init__("", kind, "", icon, height=height)
        self._words = name
        self.setAccessibleName(name)
        self.setAccessibleDescription(key)
        self.setToolTip(f"{name}  {key}" if key else name)

    def set_icon(self, icon: str, name: str) -> None:
        """Change what it shows and says."""
        self._icon, self._words = icon, name
        self.setToolTip(name)
        self.setAccessibleName(name)
        self.update()

    def _name(self) -> None:
        self.setAccessibleName(getattr(self, "_words", ""))
