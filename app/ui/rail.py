"""The rail: icon over word (beside it when wide), a count badge, and the screen in front lit."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QVBoxLayout, QWidget

from app.texts import _
from app.ui import icons, theme
from app.ui.screens import Screen
from app.ui.widgets import paint
from app.ui.widgets.brand import Brand

USUAL = 10
"""So many entries stand at ease on a low window with large words; more stand closer."""


class RailButton(QAbstractButton):
    """One entry of the rail."""

    def __init__(self, screen: Screen, number: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.screen_name = screen.name
        self._icon = screen.icon
        self._badge = 0
        self._wide = False
        self.setText(_(screen.title))
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        if number < 10:
            self.setToolTip(_("{what}（{key}）", what=self.text(), key=f"Alt {number}"))
        self.set_badge(0)

    def set_badge(self, count: int) -> None:
        """Show how many things wait there; 0 shows none."""
        self._badge = count
        self.setAccessibleName(_("{what}，{count} 件", what=self.text(), count=count) if count else self.text())
        self.update()

    def badge(self) -> int:
        """Return the count shown."""
        return self._badge

    def set_wide(self, wide: bool) -> None:
        """Put the word beside the icon."""
        self._wide = wide
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """Return 68 x 54, or a row when wide."""
        look = theme.of(self)
        return QSize(look.px(68), look.px(44 if self._wide else 54))

    def minimumSizeHint(self) -> QSize:
        """Return the height that icon and word need close together: a low window takes it."""
        look = theme.of(self)
        line = round(paint.line_height(look.font("body" if self._wide else "secondary")))
        return QSize(look.px(68), min(self.sizeHint().height(), line + (4 if self._wide else icons.SMALL + 6)))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint ground, icon, word, badge, focus."""
        look = theme.of(self)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect())
        radius = theme.RADIUS["card"]
        if self.isChecked() or self.underMouse():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.color("accent_soft" if self.isChecked() else "hover"))
            painter.drawRoundedRect(box, radius, radius)
        ink = look.color("accent_text" if self.isChecked() else "text2")
        line = paint.line_height(look.font("secondary"))
        size = min(look.px(icons.LARGE), round(box.height() - (8 if self._wide else line + 4)))
        left = look.px(16) if self._wide else (box.width() - size) / 2
        top = (box.height() - size) / 2 if self._wide else (box.height() - size - line - 2) / 2
        icons.paint(painter, self._icon, left, top, ink, size)
        painter.setPen(ink)
        painter.setFont(look.font("body" if self._wide else "secondary", bold=self.isChecked()))
        if self._wide:
            words = QRectF(left + size + 12, 0, box.width() - left - size - 12, box.height())
            painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.text())
        else:
            words = QRectF(0, top + size + 2, box.width(), line)
            painter.drawText(words, Qt.AlignmentFlag.AlignCenter, self.text())
        if self._badge:
            self._paint_badge(painter, left + size, top, box)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(look.color("accent"), 2))
            painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), radius, radius)

    def _paint_badge(self, painter: QPainter, right: float, top: float, box: QRectF) -> None:
        look = theme.of(self)
        words = str(self._badge) if self._badge < 100 else "99+"
        painter.setFont(look.font("caption", bold=True))
        high = look.px(17)
        wide = max(high, painter.fontMetrics().horizontalAdvance(words) + 9)
        spot = QRectF(right - 6, max(1.0, top - 6), wide, high)
        if self._wide:  # behind the word, at the right end
            spot.moveTo(box.right() - wide - look.px(10), box.center().y() - high / 2)
        painter.setPen(QPen(look.color("bg"), 1.5))
        painter.setBrush(look.color("orange"))
        painter.drawRoundedRect(spot, high / 2, high / 2)
        painter.setPen(look.color("surface"))
        painter.drawText(spot, Qt.AlignmentFlag.AlignCenter, words)


class Rail(QWidget):
    """The left column. Tells which screen is wanted; lights the one in front."""

    screen_requested = Signal(str)

    def __init__(self, screens: tuple[Screen, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._buttons: dict[str, RailButton] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 12, 8, 8)
        column.setSpacing(6 if sum(bool(screen.rail) for screen in screens) <= USUAL else 3)
        column.addWidget(Brand(), 0, Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(7)
        number = 0
        for place in ("top", "bottom"):
            if place == "bottom":
                column.addStretch(1)
            for screen in screens:
                if screen.rail == place:
                    number += 1
                    button = RailButton(screen, number)
                    button.clicked.connect(self._on_clicked)
                    self._buttons[screen.name] = button
                    column.addWidget(button)
        self.set_wide(False)

    def names(self) -> tuple[str, ...]:
        """Return the entries in order: Alt+1 is the first."""
        return tuple(self._buttons)

    def light(self, name: str) -> None:
        """Light one entry."""
        for each, button in self._buttons.items():
            button.setChecked(each == name)

    def set_badge(self, name: str, count: int) -> None:
        """Show a count at an entry, if the role has it."""
        if name in self._buttons:
            self._buttons[name].set_badge(count)

    def button(self, name: str) -> RailButton:
        """Return an entry."""
        return self._buttons[name]

    def set_wide(self, wide: bool) -> None:
        """Show words beside icons (from 1600 wide)."""
        width = theme.WIDTH["rail_wide" if wide else "rail"]
        self.setFixedWidth(max(width, theme.of(self).px(width)))
        for button in self._buttons.values():
            button.set_wide(wide)

    def _on_clicked(self) -> None:
        button = self.sender()
        if isinstance(button, RailButton):
            self.screen_requested.emit(button.screen_name)
