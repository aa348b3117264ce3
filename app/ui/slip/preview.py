"""The sheet on screen: the very PDF that is printed, whole or across the room."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from app.texts import _
from app.ui import theme
from app.ui.slip.state import SHAPES, page_width
from app.ui.widgets import Painted, paint, part

_EDGE = 18
_REST_MS = 120


class _Sheet(Painted):
    """The page itself; paper stays white in the dark."""

    def __init__(self) -> None:
        super().__init__()
        self.image = QImage()
        self._size = QSize(0, 0)

    def set_page(self, size: QSize) -> None:
        """Take so much room."""
        self._size = size
        self.setFixedSize(size)
        self.update()

    def measure(self) -> QSize:
        return self._size

    def paintEvent(self, event: QPaintEvent) -> None:
        look, painter = theme.of(self), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        box = QRectF(self.rect())
        if self.image.isNull():
            paint.rounded(painter, box, 2, look.color("surface"), look.color("line2"))
        else:
            painter.drawImage(box, self.image)
            paint.rounded(painter, box, 2, None, look.color("line2"))


class PreviewView(QScrollArea):
    """Shows a page; ``picture_wanted`` asks for one of that many device pixels across."""

    picture_wanted = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._paper, self._whole, self._asked = "A4", True, 0
        self.sheet = _Sheet()
        ground = part(QWidget(), "bg")
        column = QVBoxLayout(ground)
        column.setContentsMargins(_EDGE, _EDGE, _EDGE, _EDGE)
        column.addWidget(self.sheet, 0, Qt.AlignmentFlag.AlignCenter)
        self.setWidget(ground)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(_("推荐信预览"))
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self._ask)

    @property
    def is_whole(self) -> bool:
        """Whether the whole page is in view."""
        return self._whole

    def set_paper(self, paper: str) -> None:
        """Show another size of paper; the picture must be asked for anew."""
        self._paper = paper
        self.sheet.image = QImage()
        self.refresh()

    def set_whole(self, whole: bool) -> None:
        """Show the whole page, or the page as wide as the room."""
        self._whole = whole
        self.refresh()

    def refresh(self) -> None:
        """Fit the page and ask for its picture."""
        self._fit()
        self._ask()

    def set_image(self, image: QImage, words: str) -> None:
        """Show the picture; ``words`` say what is on the sheet."""
        self.sheet.image = image
        self.sheet.setAccessibleName(words)
        self.sheet.update()

    def _fit(self) -> None:
        room = (self.viewport().width() - 2 * _EDGE, self.viewport().height() - 2 * _EDGE)
        width = page_width(self._paper, room, whole=self._whole)
        self.sheet.set_page(QSize(width, round(width / SHAPES[self._paper])))

    def _ask(self) -> None:
        self._asked = round(self.sheet.width() * self.devicePixelRatioF())
        self.picture_wanted.emit(self._asked)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()
        self._rest.start()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            super().keyPressEvent(event)
        else:
            event.ignore()  # page keys turn to the next slip: they are the screen's
