"""Bars, rings and marks: figures one sees before reading them."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.texts import N_, _
from app.ui import theme
from app.ui.widgets import paint
from app.ui.widgets.themed import Painted

MARK_WORDS = {
    "full": N_("合"),
    "partly": N_("差一点"),
    "none": N_("不合"),
    "skipped": N_("没比"),
}


class ProgressBarThin(Painted):
    """A thin bar; several ``steps`` draw it in pieces (2/3)."""

    def __init__(
        self, share: float = 0.0, *, tone: str = "accent", steps: int = 1, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._steps = steps
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_share(share, tone=tone)

    def set_share(self, share: float, *, tone: str = "accent", name: str = "") -> None:
        """Fill it to ``share`` (0 to 1)."""
        self._share, self._tone = min(max(share, 0.0), 1.0), tone
        self.setAccessibleName(name or _("完成 {percent}%", percent=round(self._share * 100)))
        self.update()

    def measure(self) -> QSize:
        look = theme.of(self)
        return QSize(look.px(60), look.px(6))

    def paintEvent(self, event: QPaintEvent) -> None:
        look, painter = theme.of(self), QPainter(self)
        fill, track = look.tone(self._tone)[2], look.color("track")
        gap = look.px(3) if self._steps > 1 else 0
        width = (self.width() - gap * (self._steps - 1)) / self._steps
        for step in range(self._steps):
            share = self._share * self._steps - step
            box = QRectF(step * (width + gap), 0, width, self.height())
            paint.bar(painter, box, share, fill, track)


class Ring(Painted):
    """A score or share on a ring, with its figure in the middle."""

    def __init__(
        self,
        share: float,
        text: str = "",
        *,
        size: int = 44,
        tone: str = "accent",
        name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._size = size
        self.set_share(share, text, tone=tone, name=name)

    def set_share(self, share: float, text: str = "", *, tone: str = "accent", name: str = "") -> None:
        """Show another share; ``name`` says it in full words."""
        self._share, self._text, self._tone = share, text, tone
        self.setAccessibleName(name or text)
        self.update()

    def measure(self) -> QSize:
        side = theme.of(self).px(self._size)
        return QSize(side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        look, painter = theme.of(self), QPainter(self)
        box = QRectF(self.rect())
        thick = max(3.0, box.width() * 0.09)
        paint.ring(painter, box, self._share, look.tone(self._tone)[2], look.color("track"), thick)
        role = "row" if self._size < 64 else "page"
        paint.text(painter, box, self._text, look.font(role, bold=True), look.color("text"), paint.CENTER)


class DistanceBar(Painted):
    """How far, on three circles: 步行圈 to 1 km, 骑行圈 to 3 km, beyond."""

    def __init__(self, metres: float | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_metres(metres)

    def set_metres(self, metres: float | None) -> None:
        """Show another distance; None when it is not known."""
        self._metres = metres
        self.setAccessibleName(distance_words(metres))
        self.update()

    def measure(self) -> QSize:
        look = theme.of(self)
        return QSize(look.px(123), look.px(14))

    def paintEvent(self, event: QPaintEvent) -> None:
        paint.distance(QPainter(self), theme.of(self), QRectF(self.rect()), self._metres)


def distance_circle(metres: float | None) -> str:
    """Return the word of the circle that the distance lies in."""
    if metres is None:
        return _("不知道多远")
    return (_("步行圈"), _("骑行圈"), _("3 公里外"))[paint.distance_position(metres)[0]]


def distance_words(metres: float | None) -> str:
    """Return the distance in full words."""
    if metres is None:
        return _("不知道多远")
    return _("约 {km} 公里，{circle}", km=f"{metres / 1000:.1f}", circle=distance_circle(metres))


class MarkTile(Painted):
    """One of the match marks: ✓ full, △ partly, ✗ none, – not compared."""

    def __init__(self, mark: str, what: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._mark = mark
        self.setAccessibleName(f"{what} {_(MARK_WORDS[mark])}".strip())

    def measure(self) -> QSize:
        side = theme.of(self).px(24)
        return QSize(side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        paint.mark(QPainter(self), theme.of(self), QRectF(self.rect()), self._mark)


class SparkBars(Painted):
    """The last days as small bars; the last one is today."""

    def __init__(self, values: Sequence[int] = (), *, name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._label = name
        self.set_values(values)

    def set_values(self, values: Sequence[int]) -> None:
        """Show other figures."""
        self._values = tuple(values)
        self.setAccessibleName(f"{self._label} {'，'.join(map(str, self._values))}".strip())
        self.restyle()

    def measure(self) -> QSize:
        look = theme.of(self)
        return QSize(look.px(6) * max(1, len(self._values)), look.px(30))

    def paintEvent(self, event: QPaintEvent) -> None:
        look, painter = theme.of(self), QPainter(self)
        top = max(self._values, default=0) or 1
        pitch = self.width() / max(1, len(self._values))
        for index, value in enumerate(self._values):
            height = max(2.0, self.height() * value / top)
            box = QRectF(index * pitch, self.height() - height, pitch * 0.66, height)
            last = index == len(self._values) - 1
            paint.rounded(painter, box, 1.5, look.color("accent" if last else "line2"))
