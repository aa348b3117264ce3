"""The first column, laid over the table once it scrolls sideways."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractItemView, QApplication, QFrame, QHeaderView, QTableView

from app.ui import theme
from app.ui.table_paint import HeadView, RowDelegate

if TYPE_CHECKING:
    from app.ui.table import _View


class FrozenColumn(QTableView):
    """Shares model, choice and scroll position with its table; never has the keyboard."""

    def __init__(self, table: "_View", delegate: RowDelegate, *, checkable: bool) -> None:
        super().__init__(table)
        self._table = table
        self.setModel(table.model())
        self.setSelectionModel(table.selectionModel())
        self.setItemDelegate(delegate)
        head = HeadView(self, checkable=checkable)
        head.setSortIndicatorShown(True)
        self.setHorizontalHeader(head)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(str(table.model().headerData(0, Qt.Orientation.Horizontal)))
        for column in range(1, table.model().columnCount()):
            self.setColumnHidden(column, True)
        table.verticalScrollBar().valueChanged.connect(self.verticalScrollBar().setValue)
        table.horizontalScrollBar().valueChanged.connect(self.follow)
        self.doubleClicked.connect(table.doubleClicked)
        self.hide()

    def follow(self) -> None:
        """Take place, sizes and visibility from the table."""
        table, head = self._table, self._table.horizontalHeader()
        self.setVisible(table.horizontalScrollBar().value() > 0 and table.model().columnCount() > 1)
        if not self.isVisible():
            return
        self.horizontalHeader().setVisible(not head.isHidden())
        self.horizontalHeader().setFixedHeight(head.height())
        self.verticalHeader().setMinimumSectionSize(8)
        self.verticalHeader().setDefaultSectionSize(table.verticalHeader().defaultSectionSize())
        self.setColumnWidth(0, table.columnWidth(0))
        top = 0 if head.isHidden() else head.height()
        corner = table.viewport().geometry().topLeft()
        self.setGeometry(QRect(corner.x(), corner.y() - top, table.columnWidth(0), table.viewport().height() + top))
        self.verticalScrollBar().setValue(table.verticalScrollBar().value())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        self._table.toggle_at(self.indexAt(event.position().toPoint()), event.position().x())

    def wheelEvent(self, event: QWheelEvent) -> None:
        QApplication.sendEvent(self._table.viewport(), event)

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme.of(self)
        painter = QPainter(self.viewport())
        painter.fillRect(self.viewport().rect(), look.color("surface"))
        painter.fillRect(self.viewport().width() - 1, 0, 1, self.viewport().height(), look.color("line2"))
        painter.end()
        super().paintEvent(event)
