"""The base of widgets that follow the theme, and of those that are drawn by hand."""

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from app.ui import theme


class Themed:
    """Mixed in before a widget class: calls ``restyle`` when the theme or the scale changes."""

    _worn: theme.Theme | None = None

    def restyle(self) -> None:
        """Take colours, fonts and sizes from the theme anew."""

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)  # type: ignore[misc]
        if event.type() == QEvent.Type.StyleChange and self._worn is not theme.current():
            self._worn = theme.current()  # Qt sends the same when a widget gets a parent: then nothing has changed
            self.restyle()


class Painted(Themed, QWidget):
    """A widget drawn by hand. Says its size in ``measure`` and its meaning in full words by its accessible name."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def measure(self) -> QSize:
        """Return the size that the content needs in the theme in force."""
        return QSize(0, 0)

    def restyle(self) -> None:
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return self.measure()

    def minimumSizeHint(self) -> QSize:
        return self.measure()


class Text(Themed, QLabel):
    """A label in one of the type roles and one of the text tokens."""

    def __init__(
        self,
        text: str = "",
        role: str = "body",
        tone: str = "text",
        *,
        bold: bool | None = None,
        wrap: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, parent)
        self._role, self._tone, self._bold = role, tone, bold
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(wrap)
        if wrap:
            self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self.restyle()

    def changeEvent(self, event: QEvent) -> None:
        """Take size and ink again where Qt, once more dressing the label, put back those from before."""
        super().changeEvent(event)
        if event.type() != QEvent.Type.StyleChange:
            return
        look, ink = theme.of(self), self.palette().color(QPalette.ColorRole.WindowText)
        if abs(self.font().pointSizeF() - look.pt(self._role)) > 0.01 or ink != look.color(self._tone):
            self.restyle()

    def set_tone(self, tone: str) -> None:
        """Change the ink; ``tone`` is a token."""
        self._tone = tone
        self.restyle()

    def restyle(self) -> None:
        look = theme.of(self)
        self.setFont(look.font(self._role, bold=self._bold))
        inks = self.palette()
        for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text):
            inks.setColor(role, look.color(self._tone))
        self.setPalette(inks)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Where one line finds too little room, end it with an ellipsis; the tooltip has it whole."""
        if self.wordWrap() or self.sizeHint().width() <= self.width() + 1 or not self.text():
            super().paintEvent(event)
            return
        if not self.toolTip():
            self.setToolTip(self.text())
        box, painter = self.contentsRect(), QPainter(self)
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        words = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, box.width())
        painter.drawText(box, int(self.alignment()), words)


def part(widget: QWidget, name: str) -> QWidget:
    """Give a plain widget one of the sheet's backgrounds: bg, surface, sunken, transparent, dialog."""
    widget.setProperty("part", name)
    widget.setAttribute(Qt.WidgetAttribute.WA_StyledBackground, True)
    return widget


def repaint_frame(widget: QWidget) -> None:
    """Have the parent draw the frame anew that it draws round this widget."""
    frame = widget.parentWidget()
    if frame is not None:
        frame.update()
