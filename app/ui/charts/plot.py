"""A chart: a plot of the library in the fonts and colours of the theme, without mouse, menu or buttons of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import shiboken6
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFont, QImage, QPainter
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.charts import library
from app.ui.charts.spec import Bars, Line, Parts, Spec, Step, Steps
from app.ui.theme import Theme
from app.ui.widgets.themed import Themed

BAR = 0.62
PILLAR = 0.68
LINE = 2.4
WORDS = 4
EDGE = 0.48
LONG = 3
_HEAD = 0.24
_GAP = 0.006


class Plot:
    """One plot of the library and what stands in it. ``widget`` is shown or drawn into a picture."""

    def __init__(self) -> None:
        pg = library.library()
        self.widget: Any = pg.PlotWidget(background=None)
        self.widget.setFrameShape(self.widget.Shape.NoFrame)
        self.widget.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.widget.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.widget.setStyleSheet("background: transparent")
        self._item: Any = self.widget.getPlotItem()
        self._item.setMenuEnabled(False)
        self._item.hideButtons()
        self._item.setMouseEnabled(False, False)
        self._item.getViewBox().setDefaultPadding(0)
        self._item.layout.setContentsMargins(0, 0, 0, 0)
        self._item.disableAutoRange()
        self._texts: list[Any] = []
        self._shown: tuple[Spec, Theme, str] | None = None

    def set_spec(self, spec: Spec, look: Theme, font: QFont) -> None:
        """Show something else, in these colours and this font."""
        for _part in self.filling(spec, look, font):
            pass

    def filling(self, spec: Spec, look: Theme, font: QFont) -> Iterator[None]:
        """Show something else, a part at a time: between two of them the window may do something else."""
        wanted = (spec, look, font.toString())
        if wanted == self._shown:
            return
        self._shown = None
        self._pg, self._look, self._font = library.library(), look, font
        self._item.clear()
        self._texts = []
        yield
        self._dress_axes(spec)
        yield
        match spec:
            case Bars():
                yield from self._bars(spec)
            case Line():
                yield from self._line(spec)
            case Steps():
                yield from self._steps(spec)
            case Parts():
                self._parts(spec)
        self._shown = wanted

    def words_inside(self) -> list[tuple[str, QRectF]]:
        """Return the texts at the values and where they lie in the widget: for looking whether any is cut off."""
        view = self.widget.viewportTransform()
        return [(each.toPlainText(), view.mapRect(each.sceneBoundingRect())) for each in self._texts]

    def picture(self, size: QSize) -> QImage:
        """Return the chart as a transparent picture of that many pixels."""
        if not self.widget.isVisible():  # hidden, it would never learn its size
            self.widget.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
            self.widget.setAttribute(Qt.WidgetAttribute.WA_QuitOnClose, False)
            self.widget.resize(size)
            self.widget.show()
        self.widget.resize(size)
        image = QImage(size, QImage.Format.Format_ARGB32_Premultiplied)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        try:
            self.widget.render(painter, QRectF(image.rect()), image.rect())
        finally:
            painter.end()
        return image

    def close(self) -> None:
        """Let go of it now: a plot drawn into pictures belongs to no window that would."""
        self.widget.close()
        shiboken6.delete(self.widget)  # not later: the library's close() may be called once only

    # -- dressing -----------------------------------------------------------------------------------------------
    def _dress_axes(self, spec: Spec) -> None:
        for side in ("left", "bottom"):
            self._item.hideAxis(side)
        if isinstance(spec, Parts):
            return
        axis = self._item.getAxis("bottom")
        labels = [step.label for step in spec.steps] if isinstance(spec, Steps) else list(spec.labels)
        axis.setTicks([list(enumerate(labels))])
        axis.setStyle(tickFont=self._font, tickLength=0, tickTextOffset=max(4, self._height() // 4), showValues=True)
        axis.setPen(self._pg.mkPen(self._look.color("line2")))
        axis.setTextPen(self._pg.mkPen(self._look.color("text2")))
        axis.setHeight(round(self._height() * 1.7))
        self._item.showAxis("bottom")

    def _height(self) -> int:
        size = self._font.pixelSize()
        return size if size > 0 else round(self._font.pointSizeF() * 96 / 72)

    def _pen(self, token: str, width: float = 1.0, *, dashed: bool = False) -> Any:
        style = Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine
        grown = width * max(1.0, self._height() / 20)
        return self._pg.mkPen(self._look.color(token), width=grown, style=style)

    def _say(self, words: str, x: float, y: float, token: str, *, last: bool = False, below: bool = False) -> None:
        """Put words above a place or below it, centred; at the last one they end where the chart does."""
        anchor = (1.0 if last else 0.5, 0.02 if below else 0.98)
        item = self._pg.TextItem(words, color=self._look.color(token), anchor=anchor)
        font = QFont(self._font)
        font.setBold(True)
        item.setFont(font)
        item.setPos(x + EDGE if last else x, y)
        self._item.addItem(item, ignoreBounds=True)
        self._texts.append(item.textItem)

    def _span(self, count: int, low: float, high: float) -> None:
        head = (high - low or 1.0) * _HEAD
        self._item.setXRange(-0.5, count - 0.5, padding=0)
        self._item.setYRange(low, high + head, padding=0)

    # -- the kinds ----------------------------------------------------------------------------------------------
    def _bars(self, spec: Bars) -> Iterator[None]:
        top = max((value for each in spec.series for value in each.values if value is not None), default=1.0)
        self._span(len(spec.labels), 0.0, top or 1.0)
        for series in spec.series:
            at = [place for place, value in enumerate(series.values) if value is not None]
            heights = [series.values[place] for place in at]
            brushes = [self._pg.mkBrush(self._look.color(series.token)) for _place in at]
            if series is spec.series[-1] and spec.last_in and at and at[-1] == len(series.values) - 1:
                brushes[-1] = self._pg.mkBrush(self._look.color(spec.last_in))
            if at:
                self._item.addItem(self._pg.BarGraphItem(x=at, height=heights, width=BAR, brushes=brushes, pen=None))
            for place, words in enumerate(series.words):
                if words:
                    last = len(words) > LONG and place == len(series.words) - 1
                    self._say(words, place, series.values[place] or 0.0, series.ink, last=last)
                    if place % WORDS == WORDS - 1:
                        yield
            yield

    def _line(self, spec: Line) -> Iterator[None]:
        found = [(place, value) for place, value in enumerate(spec.values) if value is not None]
        values = [value for _place, value in found] + ([] if spec.goal is None else [spec.goal])
        low, high = min(values, default=0.0), max(values, default=1.0)
        room = (high - low) * 0.3 or max(abs(high) * 0.1, 1.0)
        floor = max(0.0, low - room)
        self._span(len(spec.labels), floor, high)
        if spec.goal is not None:
            self._item.addItem(self._pg.InfiniteLine(spec.goal, angle=0, pen=self._pen("text3", 1.4, dashed=True)))
        line = [float("nan") if value is None else value for value in spec.values]
        if found:
            self._item.addItem(
                self._pg.PlotDataItem(
                    list(range(len(line))),
                    line,
                    pen=self._pen(spec.token, LINE),
                    connect="finite",
                    symbol="o",
                    symbolSize=max(6.0, self._height() / 2.6),
                    symbolBrush=self._pg.mkBrush(self._look.color(spec.token)),
                    symbolPen=None,
                )
            )
        yield
        for place, words in enumerate(spec.words):
            if place % WORDS == WORDS - 1:
                yield
            if words:
                last = len(words) > LONG and place == len(line) - 1
                self._say(words, place, line[place], "text", last=last, below=_is_valley(spec.values, place))

    def _steps(self, spec: Steps) -> Iterator[None]:
        top = max((step.high for step in spec.steps), default=1.0) or 1.0
        self._span(len(spec.steps), 0.0, top)
        for place, step in enumerate(spec.steps):
            self._pillar(place, step, least=top * 0.012)
            yield
        if spec.joined:
            for place in range(len(spec.steps) - 1):
                level = self._level(spec.steps, place)
                ends = [place + PILLAR / 2, place + 1 - PILLAR / 2]
                joint = self._pg.PlotCurveItem(ends, [level, level], pen=self._pen("field", 1.2, dashed=True))
                self._item.addItem(joint)

    @staticmethod
    def _level(steps: tuple[Step, ...], place: int) -> float:
        """Return the height at which a pillar hands over to the next: what stands after it."""
        standing = steps[0].high
        for each in steps[1 : place + 1]:
            standing = each.high if each.low >= standing else each.low
        return standing

    def _pillar(self, place: int, step: Step, *, least: float) -> None:
        height = max(step.high - step.low, least)
        brush = self._pg.mkBrush(self._look.color(step.token))
        bar = self._pg.BarGraphItem(x=[place], y0=[step.low], height=[height], width=PILLAR, brush=brush, pen=None)
        self._item.addItem(bar)
        self._say(step.words, place, step.low + height, step.ink)

    def _parts(self, spec: Parts) -> None:
        whole, left = sum(part.value for part in spec.parts) or 1.0, 0.0
        for part in spec.parts:
            width = part.value / whole
            if width > 0:
                drawn = max(width - _GAP, 0.002)
                brush = self._pg.mkBrush(self._look.color(part.token))
                bar = self._pg.BarGraphItem(x0=[left], y0=[0], width=[drawn], height=[1], brush=brush, pen=None)
                self._item.addItem(bar)
            left += width
        self._item.setXRange(0, 1, padding=0)
        self._item.setYRange(0, 1, padding=0)


def _is_valley(values: tuple[float | None, ...], place: int) -> bool:
    """Tell whether the line comes down to a place and goes up from it: words above would stand in it."""
    beside = [values[at] for at in (place - 1, place + 1) if 0 <= at < len(values)]
    here = values[place]
    return here is not None and len(beside) == 2 and all(each is not None and each > here for each in beside)


class Chart(Themed, QWidget):
    """A chart among other widgets. ``words`` say in full what it shows: they are its accessible name."""

    def __init__(self, height: int, *, role: str = "caption", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._base, self._role = height, role
        self._plot: Plot | None = None
        self._spec: Spec | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.restyle()

    @property
    def plot(self) -> Plot | None:
        """The plot, once the library is here and something was shown."""
        return self._plot

    def show_spec(self, spec: Spec, words: str) -> None:
        """Show something; before the library is here, it waits."""
        self._spec = spec
        self.setAccessibleName(words)
        self.draw()

    def draw(self) -> None:
        """Draw what is to be shown, if the library is here."""
        if self._spec is None or not library.is_loaded():
            return
        if self._plot is None:
            self._plot = Plot()
            self._column.addWidget(self._plot.widget)
        look = theme.of(self)
        self._plot.set_spec(self._spec, look, look.font(self._role))

    def restyle(self) -> None:
        self.setFixedHeight(theme.of(self).px(self._base))
        self.draw()
