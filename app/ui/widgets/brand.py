"""The mark of the program."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from app.texts import _
from app.ui import icons, theme


class Brand(QWidget):
    """A house on the accent: above the rail, on the sign-in page."""

    def __init__(self, size: int = 38, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._size = size
        self.setFixedSize(size, size)
        self.setAccessibleName(_("家门口"))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint a house on the accent."""
        look = theme.of(self)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.color("accent"))
        painter.drawRoundedRect(QRectF(self.rect()), self._size * 0.26, self._size * 0.26)
        inner = round(self._size * 0.86)
        at = (self._size - inner) / 2
        icons.paint(painter, "brand", at, at, look.color("on_accent"), inner)
