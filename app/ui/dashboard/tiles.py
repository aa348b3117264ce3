"""A figure as a tile that takes the keyboard, and the grid in which tiles stand."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFont, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.ledgers.board import Cell, Share
from app.texts import _
from app.ui import icons, theme
from app.ui.dashboard import state
from app.ui.widgets import paint
from app.ui.widgets.themed import Painted, Themed

PADDING = 7
NUMBER = 1.08
LEAST_WIDTH = 128
GAP = 4
_WRAP = int(Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)


class Tile(Painted):
    """Something that can be chosen by arrows or mouse and opened by Enter. ``code`` says what it stands for."""

    chosen = Signal(object)
    opened = Signal(object)
    moved = Signal(object, int)

    def __init__(self, code: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.code = code
        self.is_chosen = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def height_for(self, width: int) -> int:
        """Return the height that the words need at that width."""
        raise NotImplementedError

    def measure(self) -> QSize:
        look = theme.of(self)
        return QSize(look.px(LEAST_WIDTH), self.height_for(max(self.width(), look.px(LEAST_WIDTH))))

    def set_chosen(self, chosen: bool) -> None:
        """Mark it as the one that the panel tells of."""
        self.is_chosen = chosen
        self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.chosen.emit(self)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.opened.emit(self)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.opened.emit(self)
        elif key in (
            Qt.Key.Key_Left,
            Qt.Key.Key_Right,
            Qt.Key.Key_Up,
            Qt.Key.Key_Down,
            Qt.Key.Key_Home,
            Qt.Key.Key_End,
        ):
            self.moved.emit(self, int(key))
        else:
            super().keyPressEvent(event)

    def _ground(self, painter: QPainter) -> None:
        look, box, radius = theme.of(self), QRectF(self.rect()), theme.RADIUS["field"]
        if self.is_chosen or self.underMouse():
            paint.rounded(painter, box, radius, look.color("selected" if self.is_chosen else "hover"))
        if self.hasFocus():
            paint.focus_ring(painter, box.adjusted(1, 1, -1, -1), radius)


class FigureTile(Tile):
    """One figure: its name, the number with its unit, how it stands to its goal and to the month before."""

    def __init__(self, cell: Cell, parent: QWidget | None = None) -> None:
        super().__init__(cell.code, parent)
        self.cell = cell
        self.show_cell(cell)

    def show_cell(self, cell: Cell) -> None:
        """Show other numbers of the same figure."""
        self.cell = cell
        self.setAccessibleName(state.accessible(cell))
        self.setToolTip(_(cell.now.indicator.title))
        self.update()

    def height_for(self, width: int) -> int:
        look = theme.of(self)
        note = paint.line_height(look.font("caption"))
        return round(2 * look.px(PADDING) + self._title(width)[1] + self._number_height() + note)

    @staticmethod
    def _number_height() -> float:
        """Return the room of a number: digits have no tails, so less than a line."""
        return QFontMetricsF(theme.current().font("number")).ascent() * NUMBER

    def _title(self, width: int) -> tuple[QFont, float]:
        """Return the font in which the name stands, smaller where it needs two lines, and its height."""
        look, words = theme.of(self), _(self.cell.now.indicator.title)
        room = width - 2 * look.px(PADDING)
        font = look.font("secondary" if paint.width_of(look.font("secondary"), words) <= room else "caption")
        return font, QFontMetricsF(font).boundingRect(QRectF(0, 0, room, 1000), _WRAP, words).height()

    def paintEvent(self, event: QPaintEvent) -> None:
        look, painter, cell = theme.of(self), QPainter(self), self.cell
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._ground(painter)
        pad = look.px(PADDING)
        box = QRectF(self.rect()).adjusted(pad, pad, -pad, -pad)
        font, title = self._title(self.width())
        painter.setFont(font)
        painter.setPen(look.color("text2"))
        painter.drawText(QRectF(box.left(), box.top(), box.width(), title), _WRAP, _(cell.now.indicator.title))
        note, high = paint.line_height(look.font("caption")), self._number_height()
        self._paint_value(painter, QRectF(box.left(), box.bottom() - note - high, box.width(), high))
        words = state.change_words(cell) or (_("没有可除的") if cell.now.value is None else "")
        spot = QRectF(box.left(), box.bottom() - note, box.width(), note)
        paint.text(painter, spot, words, look.font("caption"), look.color("text3"))

    def _paint_value(self, painter: QPainter, box: QRectF) -> None:
        look, cell = theme.of(self), self.cell
        number, unit = look.font("number"), look.font("secondary")
        words, band = state.value_words(cell.now), cell.band
        metrics = QFontMetricsF(number)
        baseline = box.top() + (box.height() + metrics.ascent() - metrics.descent()) / 2
        painter.setFont(number)
        painter.setPen(look.color("text"))
        painter.drawText(round(box.left()), round(baseline), words)
        left = box.left() + metrics.horizontalAdvance(words) + look.px(4)
        if cell.now.value is not None:
            painter.setFont(unit)
            painter.setPen(look.color("text2"))
            said = state.unit_words(cell.now.indicator)
            painter.drawText(round(left), round(baseline), said)
            left += paint.width_of(unit, said) + look.px(6)
        if band is not None:
            size, ink = look.px(icons.SMALL), theme.TONES[state.BAND_TONES[band]][0]
            icons.paint(painter, state.BAND_ICONS[band], left, box.center().y() - size / 2, ink, size)


class GroupTile(Tile):
    """One priority group: its name and number, and a bar of its share of those on file."""

    def __init__(self, share: Share, top: int, parent: QWidget | None = None) -> None:
        super().__init__(f"{state.GROUP}:{share.code}", parent)
        self.show_share(share, top)

    def show_share(self, share: Share, top: int) -> None:
        """Show other numbers; ``top`` is the biggest group, whose bar is full."""
        self.share, self._top = share, max(1, top)
        self.setAccessibleName(f"{state.group_title(share)}，{share.count:,} {_('人')}，{state.share_words(share)}")
        self.setToolTip(state.group_title(share))
        self.update()

    def height_for(self, width: int) -> int:
        look = theme.of(self)
        line = max(paint.line_height(look.font("secondary")), paint.line_height(look.font("strong")))
        return round(line + look.px(5 + 4) + 2 * look.px(6))

    def paintEvent(self, event: QPaintEvent) -> None:
        look, painter = theme.of(self), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._ground(painter)
        pad, thick = look.px(PADDING), look.px(5)
        box = QRectF(self.rect()).adjusted(pad, look.px(6), -pad, -look.px(6))
        count = f"{self.share.count:,}"
        wide = paint.width_of(look.font("strong"), count) + look.px(6)
        line = QRectF(box.left(), box.top(), box.width(), box.height() - thick - look.px(4))
        paint.text(painter, line, count, look.font("strong"), look.color("text"), paint.RIGHT)
        name = QRectF(line.left(), line.top(), line.width() - wide, line.height())
        paint.text(painter, name, state.group_title(self.share), look.font("secondary"), look.color("text2"))
        bar = QRectF(box.left(), box.bottom() - thick, box.width(), thick)
        paint.bar(painter, bar, self.share.count / self._top, look.color("blue_fill"), look.color("track"))


class TileGrid(Themed, QWidget):
    """Tiles in as many columns as the room allows, each row as high as its highest."""

    def __init__(self, tiles: Sequence[Tile] = (), *, most: int = 3, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tiles: list[Tile] = []
        self._most = most
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.set_tiles(tiles)

    def set_tiles(self, tiles: Sequence[Tile]) -> None:
        """Show these; others go."""
        for old in self._tiles:
            if old not in tiles:
                old.hide()
                old.deleteLater()
        self._tiles = list(tiles)
        for tile in tiles:
            tile.setParent(self)
            tile.show()
        self.updateGeometry()
        self._place(self.width(), move=True)

    def tiles(self) -> list[Tile]:
        """Return the tiles in their order."""
        return self._tiles

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._place(width, move=False)

    def sizeHint(self) -> QSize:
        width = max(self.width(), theme.of(self).px(LEAST_WIDTH))
        return QSize(theme.of(self).px(LEAST_WIDTH) * self._most, self._place(width, move=False))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.of(self).px(LEAST_WIDTH), self._place(self.width(), move=False))

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._place(self.width(), move=True)
        if event.oldSize().width() != event.size().width():
            self.updateGeometry()

    def restyle(self) -> None:
        self.updateGeometry()
        self._place(self.width(), move=True)

    def _place(self, width: int, *, move: bool) -> int:
        least = theme.of(self).px(LEAST_WIDTH)
        columns = max(1, min(self._most, (width + GAP) // (least + GAP)))
        each = max(1, (width - GAP * (columns - 1)) // columns)
        top = 0
        for start in range(0, len(self._tiles), columns):
            row = self._tiles[start : start + columns]
            height = max(tile.height_for(each) for tile in row)
            for place, tile in enumerate(row):
                if move:
                    tile.setGeometry(QRect(place * (each + GAP), top, each, height))
            top += height + GAP
        return max(0, top - GAP)
