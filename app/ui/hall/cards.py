"""The parts of the hall's screen. Each draws itself into a picture, step by step, and shows only finished pictures.

A step is one turn of the GUI thread and well below a frame: the counter's window shares that thread.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from app.texts import _
from app.ui import icons, theme
from app.ui.charts.plot import Plot
from app.ui.charts.spec import Series, Spec
from app.ui.hall.pen import CENTER, RIGHT, Pen, Written, font_of, unit_of
from app.ui.hall.state import Big, HallView, Named, Ring
from app.ui.theme import Theme
from app.ui.widgets import paint

PAD = 32.0
CHART_PX = 21.0
StepOf = Callable[[], bool | None]
"""A step; one that returns True wants another turn."""


@dataclass(frozen=True)
class ChartPlace:
    """A chart within a card, in units."""

    spec: Spec
    left: float
    top: float
    width: float
    height: float


class Part(QWidget):
    """A part of the screen; ``written`` is what stands on it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.picture: QImage | None = None
        self.written: list[Written] = []
        self._next: QImage | None = None
        self._plots: list[Plot] = []
        self._pictures: list[QImage | None] = []
        self._filling: Iterator[None] | None = None

    def steps(self, view: HallView, look: Theme, unit: float) -> list[StepOf]:
        """Return what has to be done, a turn each, until the part shows the view."""
        self._view, self._look, self._unit, self._filling = view, look, unit, None
        charts = self.charts()
        found: list[StepOf] = [self._ground]
        for place, chart in enumerate(charts):
            found += [partial(self._fill, place, chart), partial(self._put, place, chart)]
        found.append(self._finish)
        return found

    @property
    def wide(self) -> float:
        """Return the width in units."""
        return self.width() / self._unit

    @property
    def high(self) -> float:
        """Return the height in units."""
        return self.height() / self._unit

    def charts(self) -> list[ChartPlace]:
        """Return the charts and their places."""
        return []

    def draw(self, pen: Pen) -> None:
        """Draw all but the charts."""

    def close_plots(self) -> None:
        """Let go of the charts."""
        for plot in self._plots:
            plot.close()
        self._plots, self._pictures, self._filling = [], [], None

    def words_in_charts(self) -> list[tuple[str, QRectF, QRectF]]:
        """Return the texts at the values of the charts, their places, and the charts' own."""
        return [(words, box, QRectF(plot.widget.rect())) for plot in self._plots for words, box in plot.words_inside()]

    def _ground(self) -> None:
        image = QImage(self.size(), QImage.Format.Format_RGB32)
        image.fill(self._look.color("bg"))
        painter = QPainter(image)
        try:
            pen = Pen(painter, self._look, self._unit)
            self.draw(pen)
            self.written = pen.written
        finally:
            painter.end()
        self._next = image

    def _fill(self, place: int, chart: ChartPlace) -> bool:
        """Fill a chart, a piece in each turn."""
        if self._filling is None:
            while len(self._plots) <= place:
                self._plots.append(Plot())
                self._pictures.append(None)
            font = font_of(self._look, CHART_PX * self._unit)
            self._filling = self._plots[place].filling(chart.spec, self._look, font)
        for _piece in self._filling:
            self._pictures[place] = None
            return True
        self._filling = None
        return False

    def _put(self, place: int, chart: ChartPlace) -> None:
        if self._next is None:
            return
        size = QSize(round(chart.width * self._unit), round(chart.height * self._unit))
        picture = self._pictures[place]
        if picture is None or picture.size() != size:  # a chart that shows the same is not drawn again
            picture = self._pictures[place] = self._plots[place].picture(size)
        painter = QPainter(self._next)
        try:
            painter.drawImage(QPointF(round(chart.left * self._unit), round(chart.top * self._unit)), picture)
        finally:
            painter.end()

    def _finish(self) -> None:
        self.picture, self._next = self._next, None
        self.setAccessibleName("，".join(each.words for each in self.written))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self.picture is None:
            painter.fillRect(event.rect(), theme.of(self).color("bg"))
        else:
            painter.drawImage(event.rect(), self.picture, event.rect())


class Head(Part):
    """Whose screen it is, and the time."""

    times: tuple[str, str] = ("", "")

    def draw(self, pen: Pen) -> None:
        side = 62.0
        pen.painter.setPen(Qt.PenStyle.NoPen)
        pen.painter.setBrush(pen.look.color("accent"))
        pen.painter.drawRoundedRect(pen.box(0, 14, side, side), 14 * pen.unit, 14 * pen.unit)
        size = round(38 * pen.unit)
        icons.paint(pen.painter, "house", 12 * pen.unit, 26 * pen.unit, "on_accent", size)
        room = self.wide - side - 24 - 420
        pen.say(QRectF(side + 20, 6, room, 48), self._view.station, 38, bold=True)
        pen.say(QRectF(side + 20, 54, room, 30), _("家门口就业服务"), 22, "text2")
        pen.say(QRectF(self.wide - 400, 2, 400, 52), self.times[0], 46, bold=True, align=RIGHT)
        pen.say(QRectF(self.wide - 400, 54, 400, 30), self.times[1], 22, "text2", align=RIGHT)


class Foot(Part):
    """As of when, and what is left out."""

    words = ""
    failed = False

    def draw(self, pen: Pen) -> None:
        free = _("全部服务免费")
        pen.say(QRectF(0, 0, self.wide - 320, self.high), self.words, 20, "orange" if self.failed else "text2")
        pen.say(QRectF(self.wide - 310, 0, 310, self.high), free, 22, "accent_text", bold=True, align=RIGHT)


class Card(Part):
    """One of the four blocks: its title, and a note at the right."""

    title = ""

    def note(self) -> str:
        """Return what stands at the right of the title."""
        return ""

    def draw(self, pen: Pen) -> None:
        pen.card(self.wide, self.high)
        half = (self.wide - 2 * PAD) / 2
        pen.say(QRectF(PAD, 22, half, 40), self.title, 28, bold=True)
        pen.say(QRectF(PAD + half, 22, half, 40), self.note(), 21, "text3", align=RIGHT)
        self.draw_inside(pen)

    def draw_inside(self, pen: Pen) -> None:
        """Draw the block itself."""

    def bigs(self, pen: Pen, top: float, bigs: tuple[Big, ...], tokens: tuple[str, ...] = ()) -> None:
        """Draw big numbers side by side."""
        each = (self.wide - 2 * PAD) / max(1, len(bigs))
        for place, big in enumerate(bigs):
            left = PAD + place * each
            token = tokens[place] if place < len(tokens) else "text"
            pen.pair(QRectF(left, top, each - 20, 62), (big.value, 54, token), (big.unit, 26, "text2"))
            pen.say(QRectF(left, top + 62, each - 20, 30), big.title, 22, "text2")

    def named(self, pen: Pen, place: QRectF, each: Named, size: float = 30) -> None:
        """Draw a number with its name behind it."""
        pen.pair(place, (each.value, size, "text"), (each.name, 21, "text2"), gap=10)


class PeopleCard(Card):
    """Block A."""

    def note(self) -> str:
        return self._view.whole

    def _spare(self) -> float:
        """Return how much higher the card is than what stands in it needs; a tall screen spreads it."""
        return max(0.0, self.high - 430) / 3

    def charts(self) -> list[ChartPlace]:
        if self._view.parts is None:
            return []
        return [ChartPlace(self._view.parts, PAD, 182 + self._spare(), self.wide - 2 * PAD, 30)]

    def draw_inside(self, pen: Pen) -> None:
        spare = self._spare()
        self.bigs(pen, 74, self._view.people)
        self._legend(pen, 222 + spare)
        top = 306 + 2 * spare
        pen.line(PAD, top - 6, self.wide - 2 * PAD)
        pen.say(QRectF(PAD, top, 400, 30), _("重点群体"), 21, "text3")
        groups = self._view.groups or (Named(_("还没有登记过"), "—"),)
        column = (self.wide - 2 * PAD) / 3
        for place, group in enumerate(groups):
            row, across = divmod(place, 3)
            self.named(pen, QRectF(PAD + across * column, top + 32 + 40 * row, column - 16, 38), group)

    def _legend(self, pen: Pen, top: float) -> None:
        """Write what the bar's colours are; a longer name gets more room."""
        legend = self._view.legend
        needs = [
            24 + max(pen.wide(e.name, 20), pen.wide(e.value, 30, bold=True) + pen.wide(e.note, 21) + 8) for e in legend
        ]
        spread = (self.wide - 2 * PAD - sum(needs)) / max(1, len(legend))
        left = PAD
        for part, need in zip(legend, needs, strict=True):
            room = need + spread
            pen.swatch(left, top + 8, 14, part.token)
            pen.say(QRectF(left + 24, top, room - 30, 30), part.name, 21, "text2")
            pen.pair(QRectF(left + 24, top + 30, room - 30, 38), (part.value, 30, "text"), (part.note, 21, "text2"))
            left += room


class UnemployedCard(Card):
    """Block B."""

    def note(self) -> str:
        return self._view.month

    def charts(self) -> list[ChartPlace]:
        return [ChartPlace(self._view.balance, PAD, 70, self.wide - 2 * PAD, self.high - 70 - 110)]

    def draw_inside(self, pen: Pen) -> None:
        each = (self.wide - 2 * PAD) / max(1, len(self._view.unemployed))
        for place, share in enumerate(self._view.unemployed):
            left, top = PAD + place * each, self.high - 98
            pen.say(QRectF(left, top, each - 16, 44), share.value, 34, bold=True)
            pen.say(QRectF(left, top + 44, each - 16, 30), share.name, 21, "text2")


class HelpCard(Card):
    """Block C: shares on rings with their goals."""

    def note(self) -> str:
        return _("{month}，圆环上的短线是目标", month=self._view.month)

    def _ring_room(self) -> float:
        """Return how wide the column of a ring is."""
        inner, rings = self.wide - 2 * PAD, len(self._view.rings)
        return min(320.0, inner / 2) if self._view.help_trend is not None else inner / max(1, rings)

    def charts(self) -> list[ChartPlace]:
        if self._view.help_trend is None:
            return []
        left = PAD + self._ring_room() * len(self._view.rings) + 20
        return [ChartPlace(self._view.help_trend, left, 112, self.wide - left - PAD, self.high - 112 - 30)]

    def draw_inside(self, pen: Pen) -> None:
        room, more = self._ring_room(), self._view.help_more
        foot = 56.0 if more else 0.0
        side = min(room - 30, self.high - 84 - 86 - foot - 16)
        for place, ring in enumerate(self._view.rings):
            left = PAD + place * room
            self._ring(pen, QRectF(left + (room - side) / 2, 84, side, side), ring)
            pen.say(QRectF(left, 84 + side + 12, room, 34), ring.title, 24, bold=True, align=CENTER)
            pen.say(QRectF(left, 84 + side + 48, room, 30), ring.note, 21, ring.ink, align=CENTER)
        if self._view.help_trend is not None:
            left = PAD + room * len(self._view.rings) + 20
            pen.say(QRectF(left, 74, self.wide - left - PAD, 30), _("近 12 个月，%"), 21, "text3")
        each = (self.wide - 2 * PAD) / max(1, len(more))
        for place, count in enumerate(more):
            self.named(pen, QRectF(PAD + place * each, self.high - 62, each - 16, 38), count)

    def _ring(self, pen: Pen, box: QRectF, ring: Ring) -> None:
        thick = box.width() * 0.1
        place = pen.box(box.left(), box.top(), box.width(), box.height())
        look = pen.look
        paint.ring(pen.painter, place, ring.share or 0.0, look.color(ring.token), look.color("track"), thick * pen.unit)
        if ring.goal is not None:
            self._goal(pen, box, thick, ring.goal)
        middle = QRectF(box.left() + thick, box.center().y() - 36, box.width() - 2 * thick, 72)
        pen.pair(middle, (ring.value, 52, "text"), (ring.unit, 26, "text2"), align=CENTER, gap=4)

    @staticmethod
    def _goal(pen: Pen, box: QRectF, thick: float, goal: float) -> None:
        angle, centre, radius = 2 * math.pi * goal - math.pi / 2, box.center(), box.width() / 2
        ends = [
            QPointF((centre.x() + math.cos(angle) * far) * pen.unit, (centre.y() + math.sin(angle) * far) * pen.unit)
            for far in (radius - thick - 3, radius + 9)
        ]
        pen.painter.setPen(QPen(pen.look.color("text"), 4 * pen.unit))
        pen.painter.drawLine(*ends)


class ResultsCard(Card):
    """Block D: what came of it, this month and over the year."""

    def note(self) -> str:
        return self._view.month

    def charts(self) -> list[ChartPlace]:
        return [ChartPlace(self._view.year, PAD, 212, self.wide - 2 * PAD, self.high - 212 - 24)]

    def draw_inside(self, pen: Pen) -> None:
        self.bigs(pen, 74, self._view.results, ("accent_text",))
        right = self.wide - PAD
        for series in reversed(self._view.year.series):
            right -= self._key(pen, right, 176, series) + 30
        pen.say(QRectF(PAD, 176, 300, 30), _("近 12 个月"), 21, "text3")

    @staticmethod
    def _key(pen: Pen, right: float, top: float, series: Series) -> float:
        wide = pen.say(QRectF(right - 240, top, 240, 30), series.name, 21, "text2", align=RIGHT)
        pen.swatch(right - wide - 24, top + 8, 14, series.token)
        return wide + 24


def unit_for(size: QSize) -> float:
    """Return the unit of a window of that size."""
    return unit_of(size.width(), size.height())
