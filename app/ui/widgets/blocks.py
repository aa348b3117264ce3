"""Blocks of a screen: cards, banner, key bar, search field, empty and loading states."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.widgets import paint
from app.ui.widgets.button import Button
from app.ui.widgets.small import IconTile, KeyCap
from app.ui.widgets.themed import Painted, Text, Themed, repaint_frame

SKELETON_AFTER_MS = 300
_NO_PICTURE_FROM = 1.75  # from this size of text on, a low window has room for the words alone


class Card(Themed, QFrame):
    """A bounded sheet: fill and border are tokens; ``body`` is its column."""

    def __init__(
        self,
        fill: str = "surface",
        border: str | None = "line2",
        *,
        radius: int = theme.RADIUS["panel"],
        padding: int = 16,
        width: float = 1.0,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._fill, self._border, self._radius, self._width = fill, border, radius, width
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(padding, padding, padding, padding)
        self.body.setSpacing(theme.SPACE[1])

    def set_look(self, fill: str, border: str | None = None, width: float = 1.0) -> None:
        """Change fill and border."""
        self._fill, self._border, self._width = fill, border, width
        self.update()

    def restyle(self) -> None:
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        look, painter = theme.of(self), QPainter(self)
        border = look.color(self._border) if self._border else None
        paint.rounded(painter, QRectF(self.rect()), self._radius, look.color(self._fill), border, self._width)


class BannerLine(Card):
    """One line over a screen: what is so, what goes on regardless, and what may be looked at."""

    def __init__(self, icon: str, title: str, text: str, *, tone: str = "yellow", soft: bool = False) -> None:
        ink, paper, _fill = theme.TONES[tone]
        super().__init__(paper if soft else "sunken", None if soft else "line", radius=theme.RADIUS["card"], padding=0)
        self._title, self._text = Text(title, "strong"), Text(text, "secondary", "text2", wrap=True)
        row = QHBoxLayout()
        row.setContentsMargins(16, 5, 8, 5)
        row.setSpacing(theme.SPACE[2])
        row.addWidget(IconTile(icon, ink), 0)
        row.addWidget(self._title, 0)
        row.addWidget(self._text, 1)
        self._row = row
        self.body.addLayout(row)
        self.setMinimumHeight(theme.of(self).px(42))
        self.set_text(title, text)

    def set_text(self, title: str, text: str) -> None:
        """Change the words."""
        self._title.setText(title)
        self._text.setText(text)
        self.setAccessibleName(f"{title}，{text}")

    def add(self, button: Button) -> None:
        """Add an act at the right end."""
        self._row.addWidget(button)


class SearchField(QFrame):
    """A field with a magnifier and its key; what is typed goes out after a short rest."""

    text_changed = Signal(str)
    submitted = Signal(str)

    def __init__(self, placeholder: str, key: str = "", *, rest_ms: int = 0, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.line = _BareLine(self)
        self.line.setPlaceholderText(placeholder)
        self.line.setAccessibleName(placeholder)
        self.setFocusProxy(self.line)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 8, 0)
        row.setSpacing(theme.SPACE[1])
        row.addWidget(IconTile("search", "text2"))
        row.addWidget(self.line, 1)
        if key:
            row.addWidget(KeyCap(key))
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(rest_ms)
        self._timer.timeout.connect(self._emit)
        self.line.textChanged.connect(self._on_text_changed)
        self.line.returnPressed.connect(self._on_return_pressed)
        self.setMinimumHeight(theme.of(self).px(theme.HEIGHT["field"]))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def text(self) -> str:
        """Return what stands in it."""
        return self.line.text()

    def set_text(self, text: str) -> None:
        """Put words in it."""
        self.line.setText(text)

    def sizeHint(self) -> QSize:
        look = theme.of(self)
        return QSize(look.px(260), max(look.px(theme.HEIGHT["field"]), round(paint.line_height(look.font())) + 8))

    def _on_text_changed(self) -> None:
        if self._timer.interval():
            self._timer.start()
        else:
            self._emit()

    def _emit(self) -> None:
        self.text_changed.emit(self.line.text())

    def _on_return_pressed(self) -> None:
        self.submitted.emit(self.line.text())

    def paintEvent(self, event: QPaintEvent) -> None:
        look, painter = theme.of(self), QPainter(self)
        on = self.line.hasFocus()
        border = look.color("accent" if on else "field")
        paint.rounded(painter, QRectF(self.rect()), 8, look.color("surface"), border, 2 if on else 1)


class _BareLine(QLineEdit):
    """A line without a frame of its own; its parent draws the frame."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("bare", True)
        self.setFrame(False)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        repaint_frame(self)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        repaint_frame(self)


class KeyBar(Themed, QWidget):
    """The bar at the foot: which keys do what here."""

    def __init__(self, keys: Sequence[tuple[Sequence[str] | str, str]] = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keys: tuple[tuple[tuple[str, ...], str], ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_keys(keys)

    def set_keys(self, keys: Sequence[tuple[Sequence[str] | str, str]]) -> None:
        """Show these: (key or several keys, what they do)."""
        self._keys = tuple(((caps,) if isinstance(caps, str) else tuple(caps), words) for caps, words in keys)
        self.setAccessibleName("；".join(f"{' '.join(caps)} {words}" for caps, words in self._keys))
        self.update()

    def restyle(self) -> None:
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        look = theme.of(self)
        return QSize(200, max(look.px(theme.HEIGHT["key_bar"]), round(paint.key_cap_height(look)) + 10))

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        look, painter = theme.of(self), QPainter(self)
        painter.fillRect(self.rect(), look.color("sunken"))
        painter.fillRect(0, 0, self.width(), 1, look.color("line"))
        left, middle, font = 24.0, self.height() / 2, look.font("secondary")
        for caps, words in self._keys:
            need = sum(paint.key_cap_width(look, cap) + look.px(6) for cap in caps) + paint.width_of(font, words)
            if left + need > self.width() - 8:
                break
            for cap in caps:
                left += paint.key_cap(painter, look, left, middle, cap) + look.px(6)
            width = paint.width_of(font, words)
            paint.text(painter, QRectF(left, 0, width + 1, self.height()), words, font, look.color("text2"))
            left += width + look.px(20)


class EmptyState(Themed, QWidget):
    """Nothing here: one line what, one line what next, one button."""

    act_requested = Signal()

    def __init__(
        self,
        title: str,
        text: str,
        button: str | Button | None = None,
        *,
        icon: str = "inbox",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._title, self._text = Text(title, "section"), Text(text, "secondary", "text2", wrap=True)
        self._text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.button = Button(button) if isinstance(button, str) else button
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 16, 24, 16)
        column.setSpacing(theme.SPACE[1])
        column.addStretch(1)
        self._tile = IconTile(icon, "accent", size=22, tile=52, radius=12)
        column.addWidget(self._tile, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(4)
        column.addWidget(self._title, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self._text)
        if self.button is not None:
            self.button.clicked.connect(self.act_requested)
            column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)
        self.setAccessibleName(f"{title} {text}")
        self.restyle()

    def restyle(self) -> None:
        self._tile.setVisible(theme.of(self).scale < _NO_PICTURE_FROM)

    def set_text(self, title: str, text: str) -> None:
        """Change the two lines."""
        self._title.setText(title)
        self._text.setText(text)
        self.setAccessibleName(f"{title} {text}")


class SkeletonRows(Painted):
    """Grey rows where rows will be; they come only after 0.3 s, so that quick loads do not blink."""

    _SHARES = ((0.23, 0.58), (0.18, 0.65), (0.25, 0.48))

    def __init__(self, rows: int = 3, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows, self._ripe = rows, False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SKELETON_AFTER_MS)
        self._timer.timeout.connect(self.show_now)

    def show_now(self) -> None:
        """Do not wait."""
        self._ripe = True
        self.update()

    def showEvent(self, event: QEvent) -> None:
        if not self._ripe:
            self._timer.start()

    def hideEvent(self, event: QEvent) -> None:
        self._timer.stop()
        self._ripe = False

    def measure(self) -> QSize:
        return QSize(200, theme.of(self).px(30) * self._rows + 12)

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._ripe:
            return
        look, painter = theme.of(self), QPainter(self)
        pitch, thick, track = look.px(30), look.px(12), look.color("track")
        for row in range(self._rows):
            first, second = self._SHARES[row % 3]
            top = row * pitch + (pitch - thick) / 2 + 6
            paint.rounded(painter, QRectF(0, top, self.width() * first, thick), thick / 2, track)
            paint.rounded(painter, QRectF(self.width() * 0.3, top, self.width() * second, thick), thick / 2, track)
