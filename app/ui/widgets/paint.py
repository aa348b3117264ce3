"""Drawing shared by painted widgets and by the delegates of tables and lists."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from app.ui import icons
from app.ui.theme import Theme
from app.ui.theme import current as current_theme

LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
CENTER = Qt.AlignmentFlag.AlignCenter

WALK_METRES = 1000
RIDE_METRES = 3000
_FAR_METRES = 6000
KEY_VEIL = 0.10


def width_of(font: QFont, text: str) -> float:
    """Return how wide the text runs."""
    return QFontMetricsF(font).horizontalAdvance(text)


def line_height(font: QFont) -> float:
    """Return the height of one line."""
    return QFontMetricsF(font).height()


def rounded(
    painter: QPainter,
    rect: QRectF,
    radius: float,
    fill: QColor | None = None,
    border: QColor | None = None,
    width: float = 1.0,
) -> None:
    """Draw a rounded box whose border lies inside ``rect``."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    inset = width / 2 if border is not None else 0.0
    painter.setBrush(fill if fill is not None else Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(border, width) if border is not None else Qt.PenStyle.NoPen)
    box = rect.adjusted(inset, inset, -inset, -inset)
    limit = min(box.width(), box.height()) / 2
    painter.drawRoundedRect(box, min(radius, limit), min(radius, limit))


def text(
    painter: QPainter,
    rect: QRectF,
    words: str,
    font: QFont,
    color: QColor,
    align: Qt.AlignmentFlag = LEFT,
) -> None:
    """Draw one line, cut with an ellipsis where it does not fit."""
    painter.setFont(font)
    painter.setPen(color)
    metrics = QFontMetricsF(font)
    if metrics.horizontalAdvance(words) > rect.width() + 0.5:
        words = metrics.elidedText(words, Qt.TextElideMode.ElideRight, rect.width())
    painter.drawText(rect, int(align | Qt.TextFlag.TextSingleLine), words)


def key_cap_width(look: Theme, keys: str) -> float:
    """Return the width of a key hint."""
    return max(look.px(22), width_of(look.font("caption"), keys) + look.px(12))


def key_cap_height(look: Theme) -> float:
    """Return the height of a key hint."""
    return max(look.px(20), line_height(look.font("caption")) + 2)


def key_cap(painter: QPainter, look: Theme, left: float, middle: float, keys: str, *, ink: str = "") -> float:
    """Draw a key hint centred on ``middle`` and return its width; ``ink`` is the token of a coloured ground's text."""
    width, height = key_cap_width(look, keys), key_cap_height(look)
    box = QRectF(round(left), round(middle - height / 2), round(width), round(height))
    if ink:
        veil, rim = look.color(ink).toRgb(), look.color(ink).toRgb()
        veil.setAlphaF(KEY_VEIL)
        rim.setAlphaF(0.35)
        rounded(painter, box, 4, veil, rim)
    else:
        rounded(painter, box, 4, look.color("surface"), look.color("line2"))
    text(painter, box, keys, look.font("caption"), look.color(ink or "text2"), CENTER)
    return width


def chip_height(look: Theme) -> float:
    """Return the height of a state chip."""
    return max(look.px(22), line_height(look.font("caption")) + 4)


def chip_width(look: Theme, words: str, icon: str | None = None, *, dot: bool = False) -> float:
    """Return the width of a state chip."""
    lead = look.px(16) if icon else look.px(11) if dot else 0
    return width_of(look.font("caption"), words) + lead + look.px(17)


def chip(
    painter: QPainter,
    look: Theme,
    left: float,
    middle: float,
    words: str,
    tone: str = "neutral",
    icon: str | None = None,
    *,
    dot: bool = False,
    selected: bool = False,
) -> float:
    """Draw a state chip centred on ``middle`` and return its width; on a chosen row it lies on the sheet's colour."""
    ink, paper, fill = look.tone(tone)
    if selected:
        paper = look.color("surface")
    width, height = chip_width(look, words, icon, dot=dot), chip_height(look)
    box = QRectF(left, round(middle - height / 2), width, height)
    rounded(painter, box, height / 2, paper)
    start = left + look.px(8.5)
    if icon:
        size = look.px(13)
        icons.paint(painter, icon, start - look.px(1), middle - size / 2, ink, size)
        start += look.px(16)
    elif dot:
        radius = look.px(3.5)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(fill)
        painter.drawEllipse(QPointF(start + radius, middle), radius, radius)
        start += look.px(11)
    text(painter, QRectF(start, box.top(), box.right() - start, height), words, look.font("caption"), ink)
    return width


def bar(painter: QPainter, rect: QRectF, share: float, fill: QColor, track: QColor) -> None:
    """Draw a thin bar filled to ``share`` (0 to 1)."""
    rounded(painter, rect, rect.height() / 2, track)
    share = min(max(share, 0.0), 1.0)
    if share > 0:
        width = max(rect.height(), rect.width() * share)
        rounded(painter, QRectF(rect.left(), rect.top(), width, rect.height()), rect.height() / 2, fill)


def ring(painter: QPainter, rect: QRectF, share: float, fill: QColor, track: QColor, width: float) -> None:
    """Draw a ring filled clockwise from the top to ``share``."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    box = rect.adjusted(width / 2, width / 2, -width / 2, -width / 2)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(track, width))
    painter.drawEllipse(box)
    if share > 0:
        pen = QPen(fill, width)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawArc(box, 90 * 16, -round(360 * 16 * min(share, 1.0)))


def distance_position(metres: float) -> tuple[int, float]:
    """Return the segment (0 walk, 1 ride, 2 beyond) and the share of it that the distance fills."""
    if metres <= WALK_METRES:
        return 0, metres / WALK_METRES
    if metres <= RIDE_METRES:
        return 1, (metres - WALK_METRES) / (RIDE_METRES - WALK_METRES)
    return 2, min((metres - RIDE_METRES) / (_FAR_METRES - RIDE_METRES), 1.0)


def distance(painter: QPainter, look: Theme, rect: QRectF, metres: float | None, *, selected: bool = False) -> None:
    """Draw the distance on its three circles: on foot, by bicycle, beyond."""
    gap, thick = look.px(4), look.px(5)
    room = rect.width() - 2 * gap
    widths = (room * 0.36, room * 0.41, room * 0.23)
    middle = rect.center().y()
    track, fill = look.color("line2" if selected else "track"), look.color("accent")
    segment, share = distance_position(metres) if metres is not None else (-1, 0.0)
    left, knob = rect.left(), rect.left()
    for index, width in enumerate(widths):
        box = QRectF(left, middle - thick / 2, width, thick)
        rounded(painter, box, thick / 2, fill if index < segment else track)
        if index == segment:
            knob = left + width * share
            rounded(painter, QRectF(left, box.top(), max(thick, width * share), thick), thick / 2, fill)
        left += width + gap
    if metres is not None:
        radius = look.px(5.5)
        painter.setPen(QPen(look.color("selected" if selected else "surface"), 2))
        painter.setBrush(fill)
        knob = min(max(knob, rect.left() + radius), rect.right() - radius)
        painter.drawEllipse(QPointF(knob, middle), radius, radius)


# mark → (icon, tone)
MARKS = {
    "full": ("check", "good"),
    "partly": ("triangle", "yellow"),
    "none": ("x", "red"),
    "skipped": ("minus", "neutral"),
}


def mark(painter: QPainter, look: Theme, rect: QRectF, kind: str, *, selected: bool = False) -> None:
    """Draw one of the match marks ✓ △ ✗ – on its tile."""
    name, tone = MARKS[kind]
    ink, paper, _fill = look.tone(tone)
    if selected and tone == "good":
        paper = look.color("surface")
    rounded(painter, rect, 6, paper)
    size = look.px(16)
    icons.paint(painter, name, rect.center().x() - size / 2, rect.center().y() - size / 2, ink, size)


def check_box(painter: QPainter, look: Theme, rect: QRectF, *, checked: bool, enabled: bool = True) -> None:
    """Draw a tick box."""
    if checked:
        rounded(painter, rect, 5, look.color("accent" if enabled else "text3"))
        size = round(rect.height() * 0.78)
        left, top = rect.center().x() - size / 2, rect.center().y() - size / 2
        icons.paint(painter, "check", left, top, "on_accent" if enabled else "surface", size)
    else:
        rounded(painter, rect, 5, look.color("surface"), look.color("field" if enabled else "line2"), 1.2)


def focus_ring(painter: QPainter, rect: QRectF, radius: float = 8) -> None:
    """Draw the two-pixel ring of what has the keyboard."""
    rounded(painter, rect, radius, None, current_theme().color("accent"), 2)
