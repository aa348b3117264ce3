"""The right panel: beside the sheet where there is room, else a drawer over it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QPainter, QPaintEvent, QResizeEvent, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.texts import _
from app.ui import theme
from app.ui.widgets.button import IconButton
from app.ui.widgets.themed import Themed


class CollapsiblePanel(Themed, QWidget):
    r"""Holds ``main`` and, at its right, ``panel``.

    Below 1180 pixels of window width, or from 150 % text, the panel becomes a drawer: hidden until ``Ctrl+\`` or the
    button in the strip at the right opens it over the sheet; Esc closes it.
    """

    drawer_changed = Signal(bool)

    def __init__(
        self, main: QWidget, panel: QWidget, *, width: int = theme.WIDTH["panel"], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._base_width, self.is_drawer, self.is_open = width, False, False
        self.main, self.panel = main, panel
        self._side = _Side(self, panel)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(0)
        self._row.addWidget(main, 1)
        self._row.addWidget(self._side)
        self._strip = _Strip(self)
        self._handle = self._strip.handle
        self._handle.clicked.connect(self.toggle)
        self._row.addWidget(self._strip)
        self._strip.hide()
        shortcut = QShortcut(QKeySequence("Ctrl+\\"), self)
        shortcut.setContext(Qt.ShortcutContext.WindowShortcut)
        shortcut.activated.connect(self.toggle)
        self._arrange()

    def toggle(self) -> None:
        """Open or close the drawer; beside the sheet, the panel always stays."""
        if self.is_drawer:
            self.set_open(not self.is_open)

    def set_open(self, is_open: bool) -> None:
        """Open or close the drawer."""
        self.is_open = is_open
        self._side.setVisible(is_open or not self.is_drawer)
        self._place()
        if is_open:
            self._side.raise_()
            self.panel.setFocus(Qt.FocusReason.ShortcutFocusReason)
        elif self.is_drawer:
            self.main.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def restyle(self) -> None:
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.is_drawer and self.is_open:
            self.set_open(False)
        else:
            super().keyPressEvent(event)

    def _arrange(self) -> None:
        look, window = theme.of(self), self.window().width()
        wide = window >= theme.WIDE_FROM
        self._side.setFixedWidth(look.px(theme.WIDTH["panel_wide"] if wide else self._base_width))
        drawer = look.scale >= theme.DRAWER_SCALE or window < theme.DRAWER_BELOW
        if drawer != self.is_drawer:
            self.is_drawer, self.is_open = drawer, False
            if drawer:
                self._row.removeWidget(self._side)
            else:
                self._row.addWidget(self._side)
            self._side.setVisible(not drawer)
            self.drawer_changed.emit(drawer)
        self._place()

    def _place(self) -> None:
        self._strip.setVisible(self.is_drawer)
        if self.is_drawer:
            width = min(self._side.width(), self.width())
            self._side.setGeometry(self.width() - width, 0, width, self.height())
            self._side.raise_()


class _Strip(Themed, QWidget):
    """The closed drawer's edge: the handle has a place of its own and covers nothing."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.handle = IconButton("panel-right", _("打开右栏"), "text", key="Ctrl+\\")
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 10, 3, 10)
        column.addWidget(self.handle)
        column.addStretch(1)

    def restyle(self) -> None:
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        look, painter = theme.of(self), QPainter(self)
        painter.fillRect(self.rect(), look.color("sunken"))
        painter.fillRect(0, 0, 1, self.height(), look.color("line"))


class _Side(Themed, QWidget):
    """The panel's ground, with its hairline at the left."""

    def __init__(self, parent: QWidget, panel: QWidget) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 20, 20, 20)
        column.addWidget(panel)

    def restyle(self) -> None:
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        look, painter = theme.of(self), QPainter(self)
        painter.fillRect(self.rect(), look.color("sunken"))
        painter.fillRect(0, 0, 1, self.height(), look.color("line"))
