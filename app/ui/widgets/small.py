"""Small parts: chips, key hints, badges, icons with words, avatars, hairlines."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QSizePolicy, QWidget

from app.texts import _
from app.ui import icons, theme
from app.ui.widgets import paint
from app.ui.widgets.themed import Painted, Text, Themed


class Chip(Painted):
    """A state, always with a word; the colour never speaks alone."""

    def __init__(
        self,
        text: str,
        tone: str = "neutral",
        icon: str | None = None,
        *,
        dot: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._dot = dot
        self.set_state(text, tone, icon)

    @property
    def text(self) -> str:
        """The word."""
        return self._text

    def set_state(self, text: str, tone: str = "neutral", icon: str | None = None) -> None:
        """Show another state."""
        self._text, self._tone, self._icon = text, tone, icon
        self.setAccessibleName(text)
        self.restyle()

    def measure(self) -> QSize:
        look = theme.of(self)
        return QSize(
            round(paint.chip_width(look, self._text, self._icon, dot=self._dot) + 0.5), round(paint.chip_height(look))
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        look, painter = theme.of(self), QPainter(self)
        paint.chip(painter, look, 0, self.height() / 2, self._text, self._tone, self._icon, dot=self._dot)


class KeyCap(Painted):
    """The hint of a key."""

    def __init__(self, keys: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keys = keys
        self.setAccessibleName(keys)

    def measure(self) -> QSize:
        look = theme.of(self)
        return QSize(round(paint.key_cap_width(look, self._keys)), round(paint.key_cap_height(look)))

    def paintEvent(self, event: QPaintEvent) -> None:
        paint.key_cap(QPainter(self), theme.of(self), 0, self.height() / 2, self._keys)


class CountBadge(Painted):
    """A small count: orange on the rail (needs a person), neutral or accent beside a tab."""

    def __init__(self, count: int = 0, kind: str = "alert", *, name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kind, self._label = kind, name
        self.set_count(count)

    def set_count(self, count: int) -> None:
        """Show another count; nothing is shown for none."""
        self._count = count
        shown = count > 0 or self._kind != "alert"
        if not shown or self.parentWidget() is not None:  # without a parent, showing would open a window
            self.setVisible(shown)
        self.setAccessibleName(f"{self._label} {count}".strip())
        self.restyle()

    def _words(self) -> str:
        return str(self._count) if self._count < 1000 else "999+"

    def measure(self) -> QSize:
        look = theme.of(self)
        height = look.px(18)
        return QSize(
            max(height, round(paint.width_of(look.font("caption", bold=True), self._words())) + look.px(10)), height
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        look, painter = theme.of(self), QPainter(self)
        ink, fill = {"alert": ("surface", "orange"), "accent": ("accent_text", "accent_soft")}.get(
            self._kind, ("text2", "track")
        )
        box = QRectF(self.rect())
        paint.rounded(painter, box, box.height() / 2, look.color(fill))
        paint.text(painter, box, self._words(), look.font("caption", bold=True), look.color(ink), paint.CENTER)


class IconTile(Painted):
    """An icon alone, on nothing, on a soft tile, or in a soft disc."""

    def __init__(
        self,
        icon: str,
        tone: str = "neutral",
        *,
        size: int = icons.SMALL,
        tile: int = 0,
        radius: int = 10,
        name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._icon, self._tone, self._size, self._tile, self._radius = icon, tone, size, tile, radius
        self.setAccessibleName(name)

    def set_icon(self, icon: str | None, tone: str | None = None) -> None:
        """Show another icon; ``tone`` is a tone or a token. None keeps what there is."""
        self._icon, self._tone = icon or self._icon, tone or self._tone
        self.update()

    def measure(self) -> QSize:
        side = theme.of(self).px(self._tile or self._size)
        return QSize(side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        look, painter = theme.of(self), QPainter(self)
        ink, paper, _fill = look.tone(self._tone) if self._tone in theme.TONES else (look.color(self._tone),) * 3
        if self._tile:
            paint.rounded(painter, QRectF(self.rect()), look.px(self._radius), paper)
        size = look.px(self._size)
        icons.paint(painter, self._icon, (self.width() - size) / 2, (self.height() - size) / 2, ink, size)


class IconLabel(QWidget):
    """An icon and words on one line."""

    def __init__(
        self,
        icon: str,
        text: str,
        tone: str = "text2",
        *,
        role: str = "body",
        icon_tone: str | None = None,
        wrap: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._tile = IconTile(icon, icon_tone or tone)
        self._text = Text(text, role, tone, wrap=wrap)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.SPACE[1])
        row.addWidget(self._tile, 0, Qt.AlignmentFlag.AlignTop if wrap else Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self._text, 1)
        self.setAccessibleName(text)

    def text(self) -> str:
        """Return the words."""
        return self._text.text()

    def set_text(self, text: str, *, icon: str | None = None, tone: str | None = None) -> None:
        """Change the words, and the icon and tone if given."""
        self._text.setText(text)
        self.setAccessibleName(text)
        if tone is not None:
            self._text.set_tone(tone)
        if icon is not None or tone is not None:
            self._tile.set_icon(icon, tone)


class Avatar(Painted):
    """The tile with a person's surname."""

    def __init__(self, surname: str, tone: str = "accent", size: int = 36, *, name: str = "") -> None:
        super().__init__()
        self._size = size
        self.set_person(surname, tone, name=name)

    def set_person(self, surname: str, tone: str = "accent", *, name: str = "") -> None:
        """Show another person."""
        self._surname, self._tone = surname, tone
        self.setAccessibleName(name or surname)
        self.update()

    def measure(self) -> QSize:
        side = theme.of(self).px(self._size)
        return QSize(side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        look, painter = theme.of(self), QPainter(self)
        ink, paper, _fill = look.tone(self._tone)
        box = QRectF(self.rect())
        paint.rounded(painter, box, box.width() * 0.22, paper)
        font = look.font("body", bold=True)
        font.setPointSizeF(look.scale * self._size * 0.31 / max(1, len(self._surname)) ** 0.5)
        paint.text(painter, box, self._surname, font, ink, paint.CENTER)


class Hairline(Painted):
    """A line of one pixel."""

    def __init__(self, *, vertical: bool = False, ink: str = "line", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ink, self._vertical = ink, vertical
        grow, fixed = QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed
        self.setSizePolicy(fixed if vertical else grow, grow if vertical else fixed)

    def measure(self) -> QSize:
        return QSize(1, 1)

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), theme.of(self).color(self._ink))


class SectionTitle(QWidget):
    """A section's title, with a word beside it and room for actions at the right."""

    def __init__(self, title: str, note: str = "", *, role: str = "section", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title, self.note = Text(title, role), Text(note, "secondary", "text2")
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(theme.SPACE[2])
        self._row.addWidget(self.title, 0, Qt.AlignmentFlag.AlignBottom)
        self._row.addWidget(self.note, 0, Qt.AlignmentFlag.AlignBottom)
        self._row.addStretch(1)

    def set_text(self, title: str, note: str = "") -> None:
        """Change title and note."""
        self.title.setText(title)
        self.note.setText(note)

    def add(self, widget: QWidget) -> None:
        """Put something at the right end."""
        self._row.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)


class CheckBox(Themed, QCheckBox):
    """A tick box with its words."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setAccessibleName(text)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def restyle(self) -> None:
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        look = theme.of(self)
        font = look.font()
        height = max(look.px(32), round(paint.line_height(font)) + 6)
        return QSize(round(paint.width_of(font, self.text())) + look.px(18 + 8 + 10), height)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def hitButton(self, pos: object) -> bool:
        return True

    def paintEvent(self, event: QPaintEvent) -> None:
        look, painter = theme.of(self), QPainter(self)
        side = look.px(18)
        box = QRectF(4, (self.height() - side) / 2, side, side)
        paint.check_box(painter, look, box, checked=self.isChecked(), enabled=self.isEnabled())
        ink = look.color("text" if self.isEnabled() else "text3")
        words = QRectF(box.right() + look.px(8), 0, self.width() - box.right() - look.px(8), self.height())
        paint.text(painter, words, self.text(), look.font(), ink)
        if self.hasFocus():
            paint.focus_ring(painter, box.adjusted(-4, -4, 4, 4), 8)


class MaskedText(QWidget):
    """A masked value with its eye; the eye asks, the screen reveals."""

    reveal_requested = Signal()

    def __init__(self, masked: str, name: str, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        from app.ui.widgets.button import IconButton

        self._text = Text(masked)
        self._eye = IconButton("eye", _("看完整的{name}", name=name))
        self._eye.clicked.connect(self.reveal_requested)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        row.addWidget(self._text)
        row.addWidget(self._eye)
        row.addStretch(1)

    def set_text(self, text: str, *, open_now: bool = False) -> None:
        """Show the value, masked or (for its 30 seconds) open."""
        self._text.setText(text)
        self._eye.set_icon("eye-off" if open_now else "eye", self._eye.toolTip())


def row_of(widgets: Sequence[QWidget], *, spacing: int = 8, stretch: bool = True) -> QWidget:
    """Return the widgets side by side."""
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(spacing)
    for widget in widgets:
        row.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)
    if stretch:
        row.addStretch(1)
    return holder
