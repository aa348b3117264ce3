"""The table of records: rows of frozen dataclasses, columns declared, everything by keyboard.

A model and one delegate, no widgets in cells: a hundred thousand rows scroll as twenty do.
"""

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QPoint, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QGuiApplication, QKeyEvent, QKeySequence, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStackedLayout,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from app.texts import _
from app.ui import theme
from app.ui.table_frozen import FrozenColumn
from app.ui.table_model import Column, RowsModel, TablePaint
from app.ui.table_paint import HeadView, RowDelegate
from app.ui.widgets import EmptyState, SkeletonRows
from app.ui.widgets.themed import Themed

__all__ = ["Column", "RecordTable", "TablePaint"]

T = TypeVar("T")
_TYPING_REST_MS = 900
_LEAST_HEIGHT = 90


class RecordTable(Themed, QWidget, Generic[T]):
    """Shows rows; ``row_selected`` while moving, ``row_activated`` on Enter or a double click.

    ``key`` tells which row is which, so that the choice and the ticks survive a refresh.
    """

    row_activated = Signal(object)
    row_selected = Signal(object)
    checks_changed = Signal(list)
    postpone_requested = Signal(object)

    def __init__(
        self,
        columns: Sequence[Column[T]],
        *,
        name: str = "",
        row_height: int = theme.HEIGHT["row"],
        checkable: bool = False,
        key: Callable[[T], object] | None = None,
        empty: EmptyState | None = None,
        show_head: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._model: RowsModel[T] = RowsModel(tuple(columns), checkable=checkable, key=key)
        self.view = _View(self._model, row_height, checkable=checkable)
        self.view.setAccessibleName(name)
        self.view.horizontalHeader().setVisible(show_head)
        self._empty = empty or EmptyState(_("这里还没有内容"), "")
        self._loading = SkeletonRows(6)
        loading = QWidget()
        column = QVBoxLayout(loading)
        column.addWidget(self._loading)
        column.addStretch(1)
        self._stack = QStackedLayout(self)
        for page in (self.view, self._empty, loading):
            self._stack.addWidget(page)
        self.view.selectionModel().currentRowChanged.connect(self._on_current_changed)
        self.view.row_opened.connect(self._on_row_opened)
        self.view.postponed.connect(self._on_postponed)
        self._model.checks_changed.connect(self._on_checks_changed)

    def minimumSizeHint(self) -> QSize:
        """Return room for the head and some rows; empty and loading make do with what a low window leaves."""
        return QSize(super().minimumSizeHint().width(), theme.of(self).px(_LEAST_HEIGHT))

    # -- rows ---------------------------------------------------------------------------------------------------
    def set_rows(self, rows: Sequence[T]) -> None:
        """Show these rows; the chosen row stays chosen if it is still there."""
        before, place = self.current_row(), self.view.currentIndex().row()
        inside = self._has_keyboard()
        self._model.set_rows(rows)
        self._stack.setCurrentIndex(0 if rows else 1)
        if rows and before is not None:
            found = self._model.find(before)
            self._select(found if found is not None else min(place, len(rows) - 1))
        if inside:
            self._hand_on(Qt.FocusReason.OtherFocusReason)

    def rows(self) -> list[T]:
        """Return the rows in the order shown."""
        return self._model.rows()

    def set_loading(self) -> None:
        """Show skeleton rows until the next ``set_rows`` (they appear only after 0.3 s)."""
        if not self._model.rowCount():
            self._stack.setCurrentIndex(2)

    def set_empty(self, empty: EmptyState) -> None:
        """Say something else when there is nothing."""
        at, inside = self._stack.currentIndex(), self._has_keyboard()
        self._stack.removeWidget(self._empty)
        self._empty.deleteLater()
        self._empty = empty
        self._stack.insertWidget(1, empty)
        self._stack.setCurrentIndex(at)
        if inside:
            self._hand_on(Qt.FocusReason.OtherFocusReason)

    # The keyboard goes to what shows: the rows, the button of the empty state; while loading it waits here.

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._hand_on(event.reason())

    def _has_keyboard(self) -> bool:
        focused = self.window().focusWidget()
        return focused is self or (focused is not None and self.isAncestorOf(focused))

    def _hand_on(self, reason: Qt.FocusReason) -> None:
        shown: QWidget | None = {0: self.view, 1: self._empty.button}.get(self._stack.currentIndex())
        if shown is not None:
            shown.setFocus(reason)
        elif not self.hasFocus():
            self.setFocus(reason)

    def current_row(self) -> T | None:
        """Return the chosen row."""
        return self._model.row(self.view.currentIndex().row())

    def select_key(self, key: object) -> bool:
        """Choose the row with this key; False if it is not here."""
        found = self._model.find_key(key)
        if found is not None:
            self._select(found)
        return found is not None

    def select_first(self) -> None:
        """Choose the first row."""
        if self._model.rowCount():
            self._select(0)

    def _select(self, row: int) -> None:
        flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        index = self._model.index(row, max(0, self.view.currentIndex().column()))
        self.view.selectionModel().setCurrentIndex(index, flags)
        self.view.scrollTo(index)

    # -- ticks --------------------------------------------------------------------------------------------------
    def checked_rows(self) -> list[T]:
        """Return the ticked rows in the order shown."""
        return self._model.checked_rows()

    def set_checked(self, keys: Sequence[object]) -> None:
        """Tick the rows with these keys, and no others."""
        self._model.set_checked(keys)

    # -- order --------------------------------------------------------------------------------------------------
    def sort_by(self, column: int, *, descending: bool = False) -> None:
        """Put the rows in the order of a column."""
        order = Qt.SortOrder.DescendingOrder if descending else Qt.SortOrder.AscendingOrder
        self.view.sortByColumn(column, order)

    def restyle(self) -> None:
        self.view.fit_rows()

    def _on_current_changed(self, current: QModelIndex) -> None:
        row = self._model.row(current.row())
        if row is not None:
            self.row_selected.emit(row)

    def _on_row_opened(self, number: int) -> None:
        row = self._model.row(number)
        if row is not None:
            self.row_activated.emit(row)

    def _on_postponed(self, number: int) -> None:
        row = self._model.row(number)
        if row is not None:
            self.postpone_requested.emit(row)

    def _on_checks_changed(self) -> None:
        self.checks_changed.emit(self.checked_rows())


class _View(QTableView):
    """The view itself: keys, copying, hover, and the first column that stays."""

    row_opened = Signal(int)
    postponed = Signal(int)

    def __init__(self, model: RowsModel[Any], row_height: int, *, checkable: bool) -> None:
        super().__init__()
        self._rows, self._base, self._checkable = model, row_height, checkable
        self.setModel(model)
        self._delegate = RowDelegate(self, checkable=checkable)
        self.setItemDelegate(self._delegate)
        self.setHorizontalHeader(HeadView(self, checkable=checkable))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setMouseTracking(True)
        self.setCornerButtonEnabled(False)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setSortingEnabled(True)
        self.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.doubleClicked.connect(self._on_double_clicked)
        self._typed = ""
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_TYPING_REST_MS)
        self._rest.timeout.connect(self._forget_typed)
        self.frozen = FrozenColumn(self, self._delegate, checkable=checkable)
        self.fit_rows()

    def fit_rows(self) -> None:
        """Give rows and columns the sizes that the text needs."""
        look = theme.of(self)
        lines = max((column.lines for column in self._rows.columns), default=1)
        self.verticalHeader().setMinimumSectionSize(8)
        self.verticalHeader().setDefaultSectionSize(self._delegate.row_height(look, self._base, lines))
        self._fit_columns()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_columns()

    def _fit_columns(self) -> None:
        """Give what room is left to the columns that stretch."""
        look, columns = theme.of(self), self._rows.columns
        fixed = [look.px(column.width) for column in columns]
        head = self.horizontalHeader()
        spare = self.viewport().width() - sum(fixed)
        stretching = sum(column.stretch for column in columns)
        for number, column in enumerate(columns):
            extra = int(spare * column.stretch / stretching) if spare > 0 and stretching else 0
            head.resizeSection(number, fixed[number] + extra)
        self.frozen.follow()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, row = event.key(), self.currentIndex().row()
        plain = not event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
        if event.matches(QKeySequence.StandardKey.Copy):
            self._copy()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and plain:
            self.row_opened.emit(row)
        elif key == Qt.Key.Key_Space and self._checkable and not self._typed:
            self._rows.toggle(row)
        elif key == Qt.Key.Key_Delete and plain:
            self.postponed.emit(row)
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End) and plain:
            self.setCurrentIndex(self._rows.index(0 if key == Qt.Key.Key_Home else self._rows.rowCount() - 1, 0))
        elif plain and event.text().isalnum() and self._jump(event.text().lower()):
            event.accept()
        elif key in (
            Qt.Key.Key_Up,
            Qt.Key.Key_Down,
            Qt.Key.Key_PageUp,
            Qt.Key.Key_PageDown,
            Qt.Key.Key_Left,
            Qt.Key.Key_Right,
        ):
            super().keyPressEvent(event)
        else:
            event.ignore()  # a key of the screen or of the window

    def keyboardSearch(self, search: str) -> None:
        """Do nothing: type-ahead goes by pinyin initials, in ``_jump``."""

    def _jump(self, char: str) -> bool:
        """Go to the next row whose first words begin so, by characters or pinyin initials."""
        self._typed += char
        self._rest.start()
        start = self.currentIndex().row()
        found = self._rows.seek(self._typed, max(0, start) + (len(self._typed) == 1 and start >= 0))
        if found is not None:
            self.setCurrentIndex(self._rows.index(found, 0))
        return found is not None

    def _forget_typed(self) -> None:
        self._typed = ""

    def _copy(self) -> None:
        """Copy the chosen row as it is shown: what is masked stays masked."""
        row = self.currentIndex().row()
        if row >= 0:
            QGuiApplication.clipboard().setText("\t".join(self._rows.shown(row)))

    def _on_double_clicked(self, index: QModelIndex) -> None:
        self.row_opened.emit(index.row())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        super().mousePressEvent(event)
        self.toggle_at(index, event.position().x() - self.columnViewportPosition(0))

    def toggle_at(self, index: QModelIndex, left: float) -> None:
        """Tick the row when the click was on its box."""
        if index.isValid() and self._checkable and 0 <= left < self._delegate.check_width(theme.of(self)):
            self._rows.toggle(index.row())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self._hover(event.position().toPoint())

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._hover(QPoint(-1, -1))

    def _hover(self, at: QPoint) -> None:
        row, before = self.indexAt(at).row(), self._delegate.hovered
        if row != before:
            self._delegate.hovered = row
            for number in (row, before):
                if number >= 0:
                    top = self.rowViewportPosition(number)
                    self.viewport().update(QRect(0, top, self.viewport().width(), self.rowHeight(number)))
