"""How a table looks: hairlines, no vertical lines, no zebra; figures right, codes left."""

from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QHeaderView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTableView

from app.texts import _
from app.ui import icons, theme
from app.ui.table_model import EMPTY, Column, RowsModel
from app.ui.theme import Theme
from app.ui.widgets import paint

_Index = QModelIndex | QPersistentModelIndex
_ALIGN = {"left": paint.LEFT, "right": paint.RIGHT, "center": paint.CENTER}
_PAD = 8
CHECK_WIDTH = 40


class RowDelegate(QStyledItemDelegate):
    """Draws every cell of a table."""

    def __init__(self, view: QTableView, *, checkable: bool) -> None:
        super().__init__(view)
        self._view, self._checkable = view, checkable
        self.hovered = -1

    def row_height(self, look: Theme, base: int, lines: int) -> int:
        """Return the height of a row: at least ``base``, more where the text needs it."""
        need = paint.line_height(look.font("row" if lines > 1 else "body"))
        need += paint.line_height(look.font("secondary")) * (lines - 1)
        return max(look.px(base), round(need) + 8)

    def check_width(self, look: Theme) -> int:
        """Return the room of the tick box."""
        return look.px(CHECK_WIDTH) if self._checkable else 0

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(80, self._view.verticalHeader().defaultSectionSize())

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        look = theme.current()
        model: RowsModel[Any] = self._view.model()  # type: ignore[assignment]
        row, column = model.row(index.row()), model.columns[index.column()]
        rect: QRect = option.rect
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        self._ground(painter, look, rect, index, selected=selected)
        box = QRectF(rect).adjusted(_PAD, 0, -_PAD, -1)
        if index.column() == 0 and self._checkable:
            side = look.px(18)
            tick = QRectF(rect.left() + look.px(10), rect.center().y() - side / 2 + 0.5, side, side)
            paint.check_box(painter, look, tick, checked=model.is_checked(index.row()))
            box.setLeft(rect.left() + self.check_width(look))
        if column.paint is not None:
            column.paint(painter, look, box, row, selected=selected)
        else:
            self._text_cell(painter, look, box, row, column, selected=selected)
        painter.restore()

    def _ground(self, painter: QPainter, look: Theme, rect: QRect, index: _Index, *, selected: bool) -> None:
        """Lay the row's ground over all its cells: a rounded slab when chosen, else a hairline below."""
        painter.setClipRect(rect)
        # the slab spans the row, so that only its outer corners are round
        whole = QRectF(rect)
        last = index.column() == self._view.model().columnCount() - 1
        whole.adjust(0 if index.column() == 0 else -20, 0, 0 if last else 20, -1)
        if selected:
            paint.rounded(painter, whole, 8, look.color("selected"))
            if self._view.hasFocus():
                paint.focus_ring(painter, whole, 8)
        else:
            if self.hovered == index.row():
                paint.rounded(painter, whole, 8, look.color("hover"))
            painter.fillRect(QRectF(rect.left(), rect.bottom(), rect.width(), 1), look.color("line"))

    def _text_cell(
        self, painter: QPainter, look: Theme, box: QRectF, row: Any, column: Column[Any], *, selected: bool
    ) -> None:
        words = column.text(row)
        align = _ALIGN[column.align]
        if column.chip is not None and words:
            icon = column.chip_icon(row) if column.chip_icon is not None else None
            tone, middle = column.chip(row), box.center().y()
            paint.chip(painter, look, box.left(), middle, words, tone, icon or None, selected=selected)
            return
        font = look.font("row" if column.lines > 1 and column.bold else column.role, bold=column.bold)
        ink = look.color(column.tone(row) if column.tone is not None else "text")
        if column.lines == 1:
            paint.text(painter, box, words or EMPTY, font, ink if words else look.color("text3"), align)
            return
        self._lines(painter, look, box, row, column, font_and_ink=(words, font, ink))

    def _lines(
        self,
        painter: QPainter,
        look: Theme,
        box: QRectF,
        row: Any,
        column: Column[Any],
        *,
        font_and_ink: tuple[Any, ...],
    ) -> None:
        words, font, ink = font_and_ink
        small = look.font("secondary")
        lines: list[tuple[str, Any, QColor]] = [(words or EMPTY, font, ink)]
        if column.second is not None:
            lines.append((column.second(row), small, look.color("text2")))
        if column.third is not None:
            tone = column.third_tone(row) if column.third_tone is not None else "text2"
            lines.append((column.third(row), small, look.color(tone)))
        lines = [line for line in lines if line[0]]
        heights = [paint.line_height(line_font) for _words, line_font, _ink in lines]
        top = box.top() + (box.height() - sum(heights)) / 2
        for (said, line_font, line_ink), height in zip(lines, heights, strict=True):
            paint.text(
                painter, QRectF(box.left(), top, box.width(), height), said, line_font, line_ink, _ALIGN[column.align]
            )
            top += height


class HeadView(QHeaderView):
    """The head: quiet words over a hairline, an arrow where the order comes from."""

    def __init__(self, view: QTableView, *, checkable: bool) -> None:
        super().__init__(Qt.Orientation.Horizontal, view)
        self._checkable = checkable
        self.setSectionsClickable(True)
        self.setHighlightSections(False)
        self.setAccessibleName(_("列标题"))
        self.setStretchLastSection(False)
        self.setMinimumSectionSize(24)

    def sizeHint(self) -> QSize:
        look = theme.of(self)
        height = max(look.px(theme.HEIGHT["head"]), round(paint.line_height(look.font("secondary"))) + 8)
        return QSize(super().sizeHint().width(), height)

    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:  # noqa: N803 - Qt's own
        look = theme.of(self)
        model: RowsModel[Any] = self.model()  # type: ignore[assignment]
        column = model.columns[logicalIndex]
        painter.save()
        painter.setClipRect(rect)
        painter.fillRect(QRectF(rect.left(), rect.bottom(), rect.width(), 1), look.color("line2"))
        box = QRectF(rect).adjusted(_PAD, 0, -_PAD, 0)
        if logicalIndex == 0 and self._checkable:
            box.setLeft(rect.left() + look.px(CHECK_WIDTH))
        sorted_here = self.isSortIndicatorShown() and self.sortIndicatorSection() == logicalIndex and column.sortable
        font, size = look.font("secondary", bold=sorted_here), look.px(12)
        if sorted_here and column.align != "center":
            up = self.sortIndicatorOrder() == Qt.SortOrder.AscendingOrder
            width = min(paint.width_of(font, column.title), box.width() - size - 4)
            left = box.left() + width + 4 if column.align == "left" else box.right() - size
            icons.paint(painter, "arrow-up" if up else "arrow-down", left, box.center().y() - size / 2, "text2", size)
            if column.align == "right":
                box.setRight(box.right() - size - 4)
        paint.text(painter, box, column.title, font, look.color("text2"), _ALIGN[column.align])
        painter.restore()
