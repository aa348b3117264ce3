"""Painted parts of the sign-in page: a person's card, the PIN dots, a key of the pad."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from app.texts import _
from app.ui import icons, theme
from app.ui.door import Person
from app.ui.roles import role_name
from app.ui.sign_in.state import PIN_LENGTH, last_seen
from app.ui.widgets import paint
from app.ui.widgets.themed import Painted


class PersonCard(QAbstractButton):
    """One person to pick: surname tile, name, role, digit, last sign-in."""

    def __init__(self, person: Person, place: int, tone: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.place = place
        self._person, self._tone = person, tone
        self._digit = str(place + 1) if place < 9 else ""
        self._seen = _("先锁住了") if person.locked_for else last_seen(person.last_signed_in_at)
        self._role = role_name((person.role,))
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(
            _("{name}，{role}，上次登录：{seen}", name=person.name, role=self._role, seen=self._seen)
        )

    def sizeHint(self) -> QSize:
        """Return 304 x 92, grown with the text."""
        look = theme.of(self)
        return QSize(look.px(304), look.px(92))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the card; a frame of accent when chosen."""
        look, painter = theme.of(self), QPainter(self)
        chosen, box = self.isChecked(), QRectF(self.rect())
        rim = look.color("accent" if chosen else "line")
        ground = look.color("hover" if self.underMouse() and not chosen else "surface")
        paint.rounded(painter, box, 14, ground, rim, 2 if chosen else 1)
        ink, paper, _fill = look.tone(self._tone)
        side = look.px(52)
        tile = QRectF(look.px(18), (box.height() - side) / 2, side, side)
        paint.rounded(painter, tile, 13, paper)
        big = look.font("section")
        big.setPointSizeF(look.pt("title") * 0.92)
        paint.text(painter, tile, self._person.name[:1], big, ink, paint.CENTER)
        left, right, middle = tile.right() + look.px(16), box.right() - look.px(18), box.height() / 2
        line = look.px(26)
        name = QRectF(left, middle - line, right - left - look.px(34), line)
        paint.text(painter, name, self._person.name, look.font("section"), look.color("text"))
        under = QRectF(left, middle, right - left, line)
        paint.text(painter, under, self._role, look.font("secondary"), look.color("text2"))
        tone = "red" if self._person.locked_for else "text2"
        paint.text(painter, under, self._seen, look.font("caption"), look.color(tone), paint.RIGHT)
        if self._digit:
            wide = paint.key_cap_width(look, self._digit)
            paint.key_cap(painter, look, right - wide, name.center().y() - 1, self._digit)


class PinDots(Painted):
    """Six dots: filled as far as typed, the next one ringed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._typed = 0
        self._active = False
        self.show_typed(0, active=False)

    def show_typed(self, typed: int, *, active: bool) -> None:
        """Show so many digits; never which."""
        self._typed, self._active = typed, active
        self.setAccessibleName(_("PIN 已输 {typed} 位，共 {total} 位", typed=typed, total=PIN_LENGTH))
        self.update()

    def measure(self) -> QSize:
        """Return the size of six dots."""
        look = theme.of(self)
        return QSize(look.px(36) * PIN_LENGTH, look.px(26))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint them."""
        look, painter = theme.of(self), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for place in range(PIN_LENGTH):
            middle = QPointF(look.px(36) * (place + 0.5), self.height() / 2)
            if place < self._typed:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(look.color("text"))
            else:
                coming = self._active and place == self._typed
                painter.setPen(QPen(look.color("accent" if coming else "field"), 2.4 if coming else 1.2))
                painter.setBrush(look.color("surface"))
            radius = look.px(8)
            painter.drawEllipse(middle, radius, radius)


class PadKey(QAbstractButton):
    """A key of the PIN pad: a digit, a word, or an icon."""

    def __init__(self, words: str, *, icon: str = "", bare: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setText(words)
        self.setAccessibleName(words)
        self._icon, self._bare = icon, bare
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Return 96 x 56."""
        look = theme.of(self)
        return QSize(look.px(96), look.px(56))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the key; darker while pressed."""
        look, painter = theme.of(self), QPainter(self)
        box = QRectF(self.rect())
        if not self._bare or self.underMouse():
            ground = "track" if self.isDown() else "hover" if self._bare else "bg"
            rim = look.color("line2") if self.underMouse() and not self._bare else None
            paint.rounded(painter, box, 10, look.color(ground), rim)
        ink = look.color("text" if self.isEnabled() else "text3")
        if self._icon:
            size = look.px(icons.LARGE)
            icons.paint(painter, self._icon, (box.width() - size) / 2, (box.height() - size) / 2, ink, size)
            return
        font = look.font("body") if self._bare else look.font("title", bold=False)
        paint.text(painter, box, self.text(), font, ink, paint.CENTER)
