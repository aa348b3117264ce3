"""The grid: who stays at the left, how far at the right, the lessons between them scroll. Keys are marks."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractItemView, QApplication, QFrame, QHBoxLayout, QHeaderView, QTableView, QWidget

from app.services.training.calendar import LessonLine
from app.services.training.grid import GridPerson
from app.texts import _
from app.ui import theme
from app.ui.roll_call import state
from app.ui.roll_call.grid_model import FIRST, GROUP, NAME, NUMBER, RollModel
from app.ui.roll_call.grid_paint import RollDelegate, RollHead
from app.ui.roll_call.minutes import MinutesField
from app.ui.widgets import paint
from app.ui.widgets.themed import Themed

WIDTHS = {NUMBER: 34, NAME: 78, GROUP: 82}
SHARE, LEAST, MOST = 132, 46, 72
_REST_KEY = "a"


class _Pane(QTableView):
    """One of the three parts of the grid; they share model, choice and height."""

    stepped = Signal(QKeyEvent)

    def __init__(self, model: RollModel, keyboard: _Pane | None = None) -> None:
        super().__init__()
        self._keyboard = keyboard or self
        self.setModel(model)
        self.setItemDelegate(RollDelegate(self, self._keyboard))
        self.setHorizontalHeader(RollHead(self))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectItems)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setMinimumSectionSize(8)
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
        if keyboard is not None:
            self.setSelectionModel(keyboard.selectionModel())
            self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self.stepped.emit(event)

    def keyboardSearch(self, search: str) -> None:
        """Do nothing: keys are marks."""

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.viewport().update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._click(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._click(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Leave the choice where it is: dragging chooses nothing here."""

    def _click(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        self._keyboard.setFocus(Qt.FocusReason.MouseFocusReason)
        if index.isValid():
            self.clicked.emit(index)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self._keyboard is self:
            super().wheelEvent(event)
        else:
            QApplication.sendEvent(self._keyboard.viewport(), event)


class RollGrid(Themed, QWidget):
    """Shows the grid and says which keys were pressed in it."""

    mark_requested = Signal(str)
    rest_requested = Signal()
    open_requested = Signal()
    walk_in_requested = Signal()
    typed = Signal(str)
    lesson_chosen = Signal(object)
    person_chosen = Signal(object)
    minutes_given = Signal(int)
    minutes_left = Signal()

    def __init__(self, model: RollModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = model
        self.middle = _Pane(model)
        self.left, self.right = _Pane(model, self.middle), _Pane(model, self.middle)
        for pane, name in ((self.left, _("姓名")), (self.middle, _("点名表")), (self.right, _("出勤率"))):
            pane.setAccessibleName(name)
        self.middle.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.right.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.minutes = MinutesField(self.middle.viewport())
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.left)
        row.addWidget(self.middle, 1)
        row.addWidget(self.right)
        row.addStretch(0)
        self.setFocusProxy(self.middle)
        self._connect()
        self.restyle()

    def _connect(self) -> None:
        bars = [pane.verticalScrollBar() for pane in (self.left, self.middle, self.right)]
        for bar in bars:
            for other in bars:
                if other is not bar:
                    bar.valueChanged.connect(other.setValue)
        for pane in (self.left, self.middle, self.right):
            pane.clicked.connect(self._on_clicked)
            pane.horizontalHeader().sectionPressed.connect(self._on_head_pressed)
        self.middle.stepped.connect(self._on_key)
        self.middle.selectionModel().currentChanged.connect(self._on_current_changed)
        self.middle.horizontalScrollBar().valueChanged.connect(self._on_scrolled)
        self.middle.verticalScrollBar().valueChanged.connect(self._on_scrolled)
        self.model.modelReset.connect(self._fit)
        self.minutes.given.connect(self.minutes_given)
        self.minutes.closed.connect(self._on_minutes_closed)
        self.minutes.passed_on.connect(self._on_key)

    # -- where ----------------------------------------------------------------------------------------------------
    @property
    def person(self) -> GridPerson | None:
        """Whose row is chosen."""
        row = self.middle.currentIndex().row()
        return self.model.people[row] if 0 <= row < len(self.model.people) else None

    @property
    def lesson(self) -> LessonLine | None:
        """Which lesson is chosen."""
        return self.model.lesson(self.model.chosen)

    def go_to(self, row: int, column: int) -> None:
        """Choose a cell and bring it into view."""
        index = self.model.index(row, column)
        if index.isValid():
            flag = QItemSelectionModel.SelectionFlag.NoUpdate
            self.middle.selectionModel().setCurrentIndex(index, flag)
            self.middle.scrollTo(index)

    def go_down_to(self, row: int) -> None:
        """Choose another person in the same lesson."""
        self.go_to(row, self.model.chosen)

    def ask_minutes(self, row: int, column: int, most: int) -> None:
        """Open the small field for minutes over a cell that was just marked."""
        rect = self.middle.visualRect(self.model.index(row, column))
        self.minutes.open_at(rect, most)

    def _on_current_changed(self, current: QModelIndex, _before: QModelIndex) -> None:
        if not current.isValid():
            return
        if self.model.lesson(current.column()) is not None and current.column() != self.model.chosen:
            self.model.choose(current.column())
            self.lesson_chosen.emit(self.lesson)
        for pane in (self.left, self.middle, self.right):
            pane.viewport().update()
            pane.horizontalHeader().viewport().update()
        self.person_chosen.emit(self.person)

    def _on_clicked(self, index: QModelIndex) -> None:
        self.minutes.leave()
        column = index.column() if self.model.lesson(index.column()) is not None else self.model.chosen
        self.go_to(index.row(), column)

    def _on_head_pressed(self, column: int) -> None:
        self.minutes.leave()
        self.middle.setFocus(Qt.FocusReason.MouseFocusReason)
        if self.model.lesson(column) is not None:
            self.go_to(max(0, self.middle.currentIndex().row()), column)

    def _on_scrolled(self, _value: int) -> None:
        self.minutes.leave()

    def _on_minutes_closed(self) -> None:
        self.middle.setFocus(Qt.FocusReason.OtherFocusReason)
        self.minutes_left.emit()

    # -- keys -----------------------------------------------------------------------------------------------------
    def _on_key(self, event: QKeyEvent) -> None:
        key, text = event.key(), event.text()
        held = event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
        if held:
            event.ignore()
        elif text in state.KEYS:
            self.mark_requested.emit(text)
        elif text.lower() == _REST_KEY:
            self.rest_requested.emit()
        elif text == "+":
            self.walk_in_requested.emit()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.open_requested.emit()
        elif self._step(key):
            event.accept()
        elif text.isalnum():
            self.typed.emit(text)
        else:
            event.ignore()

    def _step(self, key: int) -> bool:
        """Go where a key leads; True when it was one of these."""
        row, column = max(0, self.middle.currentIndex().row()), self.model.chosen
        page = max(1, self.middle.viewport().height() // max(1, self.middle.verticalHeader().defaultSectionSize()))
        last, final = len(self.model.people) - 1, FIRST + len(self.model.lessons) - 1
        ways = {
            Qt.Key.Key_Up: (row - 1, column), Qt.Key.Key_Down: (row + 1, column),
            Qt.Key.Key_Left: (row, column - 1), Qt.Key.Key_Right: (row, column + 1),
            Qt.Key.Key_PageUp: (row - page, column), Qt.Key.Key_PageDown: (row + page, column),
            Qt.Key.Key_Home: (0, column), Qt.Key.Key_End: (last, column),
        }  # fmt: skip
        to = next((way for known, way in ways.items() if known == key), None)
        if to is None:
            return False
        self.go_to(min(max(0, to[0]), last), min(max(FIRST, to[1]), final))
        return True

    # -- sizes ----------------------------------------------------------------------------------------------------
    def restyle(self) -> None:
        look = theme.of(self)
        need = round(paint.line_height(look.font("body"))) + 6
        for pane in (self.left, self.middle, self.right):
            pane.verticalHeader().setDefaultSectionSize(max(look.px(theme.HEIGHT["roll"]), need))
            pane.horizontalHeader().setFixedHeight(pane.horizontalHeader().sizeHint().height())
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()
        self.middle.scrollTo(self.middle.currentIndex())

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest:
            self._fit()
        return done

    def _fit(self) -> None:
        """Give each part its columns; the lessons share the room between."""
        look, count = theme.of(self), self.model.columnCount()
        for column in range(count):
            lesson = FIRST <= column < count - 1
            self.left.setColumnHidden(column, column >= FIRST)
            self.middle.setColumnHidden(column, not lesson)
            self.right.setColumnHidden(column, column != count - 1)
        for column, width in WIDTHS.items():
            self.left.setColumnWidth(column, look.px(width))
        self.left.setFixedWidth(sum(look.px(width) for width in WIDTHS.values()))
        bar = self.right.verticalScrollBar()
        self.right.setColumnWidth(count - 1, look.px(SHARE))
        self.right.setFixedWidth(look.px(SHARE) + (bar.sizeHint().width() if bar.maximum() > 0 else 0))
        lessons = count - 1 - FIRST
        if lessons > 0:
            room = self.width() - self.left.width() - self.right.width()
            width = min(look.px(MOST), max(look.px(LEAST), room // lessons))
            for column in range(FIRST, count - 1):
                self.middle.setColumnWidth(column, width)
            self.middle.setMaximumWidth(max(1, width * lessons))  # the share of hours follows the last lesson
        self._level()

    def _level(self) -> None:
        """Keep the foot of the three parts level when the middle has a scroll bar below."""
        bar = self.middle.horizontalScrollBar()
        low = bar.sizeHint().height() if bar.maximum() > 0 else 0
        for pane in (self.left, self.right):
            pane.setViewportMargins(0, pane.horizontalHeader().height(), 0, low)

    def cell_rect(self, row: int, column: int) -> QRect:
        """Return where a cell is, in this widget's coordinates."""
        rect = self.middle.visualRect(self.model.index(row, column))
        return QRect(self.middle.viewport().mapTo(self, QPoint(rect.left(), rect.top())), rect.size())
