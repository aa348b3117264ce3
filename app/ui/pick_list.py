"""A painted list to pick one row from: under the search box and in the command palette."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.ui import icons, theme
from app.ui.widgets import paint

_Index = QModelIndex | QPersistentModelIndex
ROW_HEIGHT = 40


@dataclass(frozen=True)
class PickRow:
    """One row: icon, bold title, note, a word or key cap at the right. ``value`` is what was picked."""

    value: object
    title: str
    note: str = ""
    icon: str = ""
    key: str = ""


class PickModel(QAbstractListModel):
    """The rows."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: tuple[PickRow, ...] = ()

    def set_rows(self, rows: tuple[PickRow, ...]) -> None:
        """Replace all rows."""
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def rowCount(self, parent: _Index | None = None) -> int:
        """Return how many."""
        return len(self.rows)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a row's words, and the row itself for the delegate."""
        row = self.rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return row.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return "，".join(part for part in (row.title, row.note, row.key) if part)
        return row if role == Qt.ItemDataRole.UserRole else None


class _PickDelegate(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(100, theme.current().px(ROW_HEIGHT))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        look = theme.current()
        row: PickRow = index.data(Qt.ItemDataRole.UserRole)
        box = QRectF(option.rect)
        state = option.state
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if chosen or state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.color("selected" if chosen else "hover"))
            painter.drawRoundedRect(box, 6, 6)
        x = box.left() + 12
        if row.icon:
            icons.paint(painter, row.icon, x, box.center().y() - 7.5, look.color("accent_text" if chosen else "text2"))
            x += 28
        right = box.right() - 12
        if row.key:
            right -= paint.key_cap_width(look, row.key)
            paint.key_cap(painter, look, right, box.center().y() + 0.5, row.key)
            right -= 12
        title_font = look.font("body", bold=chosen)
        x = self._words(painter, title_font, "text", row.title, QRectF(x, box.top(), right - x, box.height()))
        if row.note:
            rest = QRectF(x + 14, box.top(), right - x - 14, box.height())
            self._words(painter, look.font("secondary"), "text2", row.note, rest)
        painter.restore()

    @staticmethod
    def _words(painter: QPainter, font: QFont, ink: str, words: str, box: QRectF) -> float:
        """Paint words on the row's common baseline; return where they end."""
        look = theme.current()
        body = QFontMetrics(look.font("body"))
        metrics = QFontMetrics(font)
        shown = metrics.elidedText(words, Qt.TextElideMode.ElideRight, max(0, int(box.width())))
        painter.setFont(font)
        painter.setPen(look.color(ink))
        baseline = box.center().y() + (body.ascent() - body.descent()) / 2
        painter.drawText(int(box.left()), round(baseline), shown)
        return box.left() + metrics.horizontalAdvance(shown)


class PickList(QListView):
    """Rows to pick with arrows, Enter or the mouse."""

    picked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = PickModel(self)
        self.setModel(self._model)
        self.setItemDelegate(_PickDelegate(self))
        self.setMouseTracking(True)
        self.setUniformItemSizes(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.clicked.connect(self._on_clicked)

    def set_rows(self, rows: tuple[PickRow, ...]) -> None:
        """Show these; the first is chosen."""
        self._model.set_rows(rows)
        if rows:
            self.setCurrentIndex(self._model.index(0, 0))

    def rows(self) -> tuple[PickRow, ...]:
        """Return what is shown."""
        return self._model.rows

    def step(self, by: int) -> None:
        """Choose the next or the previous row, round the ends."""
        count = len(self._model.rows)
        if count:
            row = (self.currentIndex().row() + by) % count
            self.setCurrentIndex(self._model.index(row, 0))

    def pick(self) -> None:
        """Take the chosen row."""
        row = self.currentIndex().row()
        if 0 <= row < len(self._model.rows):
            self.picked.emit(self._model.rows[row].value)

    def height_for_rows(self, most: int) -> int:
        """Return the height that shows all rows, or ``most`` of them."""
        return theme.current().px(ROW_HEIGHT) * min(most, max(1, len(self._model.rows)))

    def _on_clicked(self, index: QModelIndex) -> None:
        self.picked.emit(self._model.rows[index.row()].value)
