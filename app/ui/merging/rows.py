"""The lines of a merge: one fact, two values, one key each."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from app.services.merging import DROP, KEEP
from app.texts import _
from app.ui import icons, theme
from app.ui.merging import state
from app.ui.widgets import Avatar, Card, Chip, Text, Themed, paint

LABEL = 124


class ValueTile(Themed, QPushButton):
    """One of the two values; the chosen one has a frame and a tick, never the colour alone."""

    def __init__(self, words: str, name: str) -> None:
        super().__init__(words)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setToolTip(words)
        self.setAccessibleName(f"{name} {words}")

    def restyle(self) -> None:
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        look = theme.of(self)
        return QSize(look.px(160), max(look.px(36), round(paint.line_height(look.font())) + 12))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.of(self).px(90), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        look, painter = theme.of(self), QPainter(self)
        box, size = QRectF(self.rect()), look.px(icons.SMALL)
        on = self.isChecked()
        fill = "accent_soft" if on else "hover" if self.underMouse() else "surface"
        paint.rounded(painter, box, 8, look.color(fill), look.color("accent" if on else "line2"), 1.6 if on else 1)
        left = look.px(10)
        if on:
            icons.paint(painter, "check", left, (self.height() - size) / 2, "accent_text", size)
            left += size + look.px(6)
        room = QRectF(left, 0, box.width() - left - look.px(8), box.height())
        paint.text(painter, room, self.text() or "—", look.font(bold=on), look.color("text" if on else "text2"))


class DiffRow(QWidget):
    """A fact that the two files tell differently: 1 takes the kept file's value, 2 the other's."""

    chosen = Signal(str, str)
    step_requested = Signal(int)

    def __init__(self, row: state.Row, side: str) -> None:
        super().__init__()
        self.row = row
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        line = QHBoxLayout(self)
        line.setContentsMargins(8, 3, 8, 3)
        line.setSpacing(theme.SPACE[2])
        label = Text(row.label, "body", wrap=True)
        label.setFixedWidth(theme.of(self).px(LABEL))
        self.tiles = {KEEP: ValueTile(row.keep, _("留下的那份")), DROP: ValueTile(row.drop, _("并进来的那份"))}
        line.addWidget(label)
        for code, tile in self.tiles.items():
            tile.clicked.connect(partial(self.choose, code))
            line.addWidget(tile, 1)
        self.show_choice(side)

    def show_choice(self, side: str) -> None:
        """Mark the chosen value."""
        for code, tile in self.tiles.items():
            tile.setChecked(code == side)
        self.setAccessibleName(f"{self.row.label}：{self.tiles[side].text()}")

    def choose(self, side: str, _checked: bool = False) -> None:
        """Take one of the values."""
        self.show_choice(side)
        self.chosen.emit(self.row.name, side)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        side = {Qt.Key.Key_1: KEEP, Qt.Key.Key_2: DROP, Qt.Key.Key_Left: KEEP, Qt.Key.Key_Right: DROP}.get(key)
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_Return: 1, Qt.Key.Key_Enter: 1}.get(key, 0)
        if side is not None:
            self.choose(side)
            if key in (Qt.Key.Key_1, Qt.Key.Key_2):
                self.step_requested.emit(1)
        elif step:
            self.step_requested.emit(step)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.hasFocus():
            paint.rounded(QPainter(self), QRectF(self.rect()), 10, None, theme.of(self).color("accent"), 2)


class PersonCard(Card):
    """One of the two files in a few lines, with what becomes of it."""

    def __init__(self, side: state.Side, *, stays: bool) -> None:
        super().__init__("surface" if stays else "sunken", "accent" if stays else "line2", padding=14)
        name = side.name
        row, column, head = QHBoxLayout(), QVBoxLayout(), QHBoxLayout()
        row.setSpacing(theme.SPACE[2])
        column.setSpacing(2)
        head.setSpacing(theme.SPACE[1])
        row.addWidget(
            Avatar(name[:1], "accent" if stays else "neutral", size=44, name=name), 0, Qt.AlignmentFlag.AlignTop
        )
        head.addWidget(Text(name, "row"))
        head.addWidget(Chip(_("留下") if stays else _("并进来"), "good" if stays else "neutral"))
        head.addStretch(1)
        column.addLayout(head)
        for words in state.person_lines(side):
            column.addWidget(Text(words, "secondary", "text2", wrap=True))
        row.addLayout(column, 1)
        self.body.addLayout(row)
        self.setAccessibleName(f"{_('留下') if stays else _('并进来')} {name} {' '.join(state.person_lines(side))}")


class PairHead(QWidget):
    """The two files side by side."""

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(theme.SPACE[2])

    def show_pair(self, view: state.PairView) -> None:
        """Show both."""
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for place, (side, stays) in enumerate(((view.keep, True), (view.drop, False))):
            self._grid.addWidget(PersonCard(side, stays=stays), 0, place)
            self._grid.setColumnStretch(place, 1)
