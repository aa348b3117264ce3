"""The faint mark over a number that is open: who looks, when, where."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPointF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from app import clock
from app.ui import theme
from app.ui.context import StationFacts
from app.ui.widgets import paint

VEIL = 0.13
SLANT = -16


class Watermark(QWidget):
    """Lies over a widget while a number is open; lets every click through."""

    def __init__(self, over: QWidget) -> None:
        super().__init__(over)
        self._words = ""
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        over.installEventFilter(self)
        self.hide()

    def show_reader(self, name: str, station: StationFacts) -> None:
        """Put the mark on: who looks, when, where."""
        now = clock.to_local(clock.now())
        self.show_words(f"{name} {now:%Y-%m-%d %H:%M} {station.name} {station.window}".strip())

    def show_words(self, words: str) -> None:
        """Put the mark on."""
        self._words = words
        self._cover()
        self.show()
        self.raise_()

    def _cover(self) -> None:
        over = self.parentWidget()
        if over is not None:
            self.setGeometry(over.rect())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._cover()
        return super().eventFilter(watched, event)

    def paintEvent(self, event: QPaintEvent) -> None:
        look, painter = theme.of(self), QPainter(self)
        painter.setOpacity(VEIL)
        painter.setFont(look.font("secondary"))
        painter.setPen(look.color("text"))
        width = paint.width_of(painter.font(), self._words) + look.px(60)
        step = look.px(96)
        painter.rotate(SLANT)
        for row in range(-2, self.height() // step + 6):
            left = -look.px(200) + (row % 2) * width / 2
            while left < self.width() + look.px(200):
                painter.drawText(QPointF(left, row * step), self._words)
                left += width
