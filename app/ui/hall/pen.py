"""Draws the hall's screen: sizes in the units of a screen of 1920 x 1080, grown with the window.

Every text is noted with its place, so that a test sees what stands there and whether it fits; what is too long for its
place is set smaller, down to what can be read from five metres.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPen

from app.ui.theme import Theme

WIDTH, HEIGHT = 1920.0, 1080.0
LEAST_PX = 19.0
LEFT = Qt.AlignmentFlag.AlignLeft
RIGHT = Qt.AlignmentFlag.AlignRight
CENTER = Qt.AlignmentFlag.AlignHCenter
_STEP = 0.94


def unit_of(width: float, height: float) -> float:
    """Return how many pixels one unit of the design has in a window of that size."""
    return max(0.1, min(width / WIDTH, height / HEIGHT))


def font_of(look: Theme, pixels: float, *, bold: bool = False) -> QFont:
    """Return the program's font in that many pixels."""
    font = QFont(list(look.families))
    font.setPixelSize(max(1, round(pixels)))
    font.setWeight(QFont.Weight.Bold if bold else QFont.Weight.Normal)
    return font


@dataclass(frozen=True)
class Written:
    """A text, the place it was given, and the room that it needs; in pixels."""

    words: str
    box: QRectF
    need: QRectF
    pixels: float


class Pen:
    """Draws on one picture. Coordinates are units; ``written`` is what was said."""

    def __init__(self, painter: QPainter, look: Theme, unit: float) -> None:
        self.painter, self.look, self.unit = painter, look, unit
        self.written: list[Written] = []
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)

    def font(self, size: float, *, bold: bool = False) -> QFont:
        """Return a font of that many units."""
        return font_of(self.look, size * self.unit, bold=bold)

    def wide(self, words: str, size: float, *, bold: bool = False) -> float:
        """Return how many units wide a line runs."""
        return QFontMetricsF(self.font(size, bold=bold)).horizontalAdvance(words) / self.unit

    def box(self, left: float, top: float, width: float, height: float) -> QRectF:
        """Return a place in pixels."""
        return QRectF(left * self.unit, top * self.unit, width * self.unit, height * self.unit)

    def say(
        self,
        place: QRectF,
        words: str,
        size: float,
        ink: str = "text",
        *,
        bold: bool = False,
        align: Qt.AlignmentFlag = LEFT,
    ) -> float:
        """Write one line in the middle of a place of units; return how many units wide it became."""
        box = self.box(place.left(), place.top(), place.width(), place.height())
        size = self._fitting(words, size, box.width(), bold=bold)
        font = self.font(size, bold=bold)
        metrics = QFontMetricsF(font)
        words = metrics.elidedText(words, Qt.TextElideMode.ElideRight, box.width() + 1)
        wide = metrics.horizontalAdvance(words)
        baseline = box.top() + (box.height() + metrics.ascent() - metrics.descent()) / 2
        left = box.left()
        if align == RIGHT:
            left = box.right() - wide
        elif align == CENTER:
            left = box.center().x() - wide / 2
        self._put(words, QPointF(left, baseline), font, ink, box)
        return wide / self.unit

    def pair(
        self,
        place: QRectF,
        value: tuple[str, float, str],
        unit: tuple[str, float, str],
        *,
        align: Qt.AlignmentFlag = LEFT,
        gap: float = 8,
    ) -> float:
        """Write a bold number and, on its baseline, a smaller word behind it; return the units they take."""
        box = self.box(place.left(), place.top(), place.width(), place.height())
        size, small = value[1], unit[1]
        while True:
            number, word = self.font(size, bold=True), self.font(min(small, size))
            first = QFontMetricsF(number).horizontalAdvance(value[0])
            second = QFontMetricsF(word).horizontalAdvance(unit[0])
            wide = first + (gap * self.unit + second if unit[0] else 0.0)
            if wide <= box.width() or size * _STEP < LEAST_PX:
                break
            if small > LEAST_PX:  # the word first: numbers side by side keep one size
                small = max(LEAST_PX, small * _STEP)
            elif first > box.width():
                size *= _STEP
            else:
                break
        if wide > box.width():
            room = box.width() - first - gap * self.unit
            word_cut = QFontMetricsF(word).elidedText(unit[0], Qt.TextElideMode.ElideRight, max(0.0, room))
            unit = (word_cut, unit[1], unit[2])
        metrics = QFontMetricsF(number)
        baseline = box.top() + (box.height() + metrics.ascent() - metrics.descent()) / 2
        left = box.left() if align == LEFT else box.center().x() - wide / 2
        self._put(value[0], QPointF(left, baseline), number, value[2], box)
        if unit[0]:
            self._put(unit[0], QPointF(left + first + gap * self.unit, baseline), word, unit[2], box)
        return wide / self.unit

    def swatch(self, left: float, top: float, side: float, token: str) -> None:
        """Draw the colour of a legend."""
        self.painter.setPen(Qt.PenStyle.NoPen)
        self.painter.setBrush(self.look.color(token))
        self.painter.drawRoundedRect(self.box(left, top, side, side), 3 * self.unit, 3 * self.unit)

    def card(self, width: float, height: float) -> None:
        """Draw the ground of a card over the whole picture."""
        self.painter.setPen(QPen(self.look.color("line"), max(1.0, self.unit)))
        self.painter.setBrush(self.look.color("surface"))
        inset = 0.5
        box = self.box(0, 0, width, height).adjusted(inset, inset, -inset, -inset)
        self.painter.drawRoundedRect(box, 14 * self.unit, 14 * self.unit)

    def line(self, left: float, top: float, width: float) -> None:
        """Draw a hairline."""
        self.painter.fillRect(
            self.box(left, top, width, 0).adjusted(0, 0, 0, max(1.0, self.unit)), self.look.color("line")
        )

    def _fitting(self, words: str, size: float, width: float, *, bold: bool) -> float:
        while size * _STEP >= LEAST_PX:
            if QFontMetricsF(self.font(size, bold=bold)).horizontalAdvance(words) <= width:
                break
            size *= _STEP
        return size

    def _put(self, words: str, at: QPointF, font: QFont, token: str, box: QRectF) -> None:
        metrics = QFontMetricsF(font)
        need = QRectF(at.x(), at.y() - metrics.capHeight(), metrics.horizontalAdvance(words), metrics.capHeight())
        self.written.append(Written(words, box, need, float(font.pixelSize())))
        self.painter.setFont(font)
        self.painter.setPen(self.look.color(token))
        self.painter.drawText(at, words)
