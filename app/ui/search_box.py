"""The global search (F3): type any part of a person, pick from the list below. A trainer finds her students alone."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from app.texts import _
from app.ui import icons, theme
from app.ui.context import Found, Searcher
from app.ui.keys import command
from app.ui.pick_list import PickList, PickRow
from app.ui.tasks import Task, TaskRunner
from app.ui.widgets import paint

if TYPE_CHECKING:
    from app.db.database import Transaction

LIMIT = 8
PAUSE_MS = 25


class PopupCard(QFrame):
    """A raised card with one pixel of line, above everything in the window."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(10, 10, 10, 10)
        self.column.setSpacing(4)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the card."""
        look = theme.of(self)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(look.color("line2"), 1))
        painter.setBrush(look.color("raised"))
        radius = theme.RADIUS["panel"]
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)


class _Field(QLineEdit):
    """Passes arrows, Enter and Esc on to the list."""

    stepped = Signal(int)
    chosen = Signal()
    left = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self.stepped.emit(1 if key == Qt.Key.Key_Down else -1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.chosen.emit()
        elif key == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.left.emit()


class SearchBox(QWidget):
    """The field in the top bar, its list, and the question behind it."""

    resident_picked = Signal(str)

    def __init__(
        self, runner: TaskRunner, search: Searcher, parent: QWidget | None = None, *, students: bool = False
    ) -> None:
        super().__init__(parent)
        self._runner = runner
        self._search = search
        self._students = students
        self._asked: Task[tuple[str, Sequence[Found]]] | None = None
        self._answered = ""
        self._wait = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._wait.timeout.connect(self._ask)
        self._build()

    def _build(self) -> None:
        self.field = _Field(self)
        self.field.setProperty("bare", True)
        people = _("查人：姓名、拼音首字母、身份证后四位、手机号")
        self.field.setPlaceholderText(_("查学员：姓名、拼音首字母、手机号") if self._students else people)
        self.field.setAccessibleName(_("查学员") if self._students else _("查人"))
        self.field.setMaxLength(60)
        row = QHBoxLayout(self)
        cap = round(paint.key_cap_width(theme.of(self), command("find").keys[0]))
        row.setContentsMargins(38, 1, cap + 14, 1)
        row.addWidget(self.field)
        self.popup = PopupCard(self.window())
        self.list = PickList()
        self.nobody = QLabel()
        self.nobody.setWordWrap(True)
        self.nobody.setContentsMargins(12, 8, 12, 8)
        self.popup.column.addWidget(self.list)
        self.popup.column.addWidget(self.nobody)
        self.popup.hide()
        self.field.textEdited.connect(self._on_edited)
        self.field.stepped.connect(self.list.step)
        self.field.chosen.connect(self._on_chosen)
        self.field.left.connect(self.close_list)
        self.list.picked.connect(self._on_picked)

    def sizeHint(self) -> QSize:
        """Return the size of a field."""
        look = theme.of(self)
        return QSize(look.px(470), look.px(38))

    def focus(self) -> None:
        """Put the cursor in, with what stands there selected (F3)."""
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()

    def close_list(self) -> None:
        """Hide the list and forget the question."""
        self._wait.stop()
        if self._asked is not None:
            self._asked.cancel()
        self.popup.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the frame, the lens and the key."""
        look = theme.of(self)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        inside = self.field.hasFocus()
        painter.setPen(QPen(look.color("accent" if inside else "line2"), 2 if inside else 1))
        painter.setBrush(look.color("surface"))
        edge = 1.0 if inside else 0.5
        radius = theme.RADIUS["field"]
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(edge, edge, -edge, -edge), radius, radius)
        icons.paint(painter, "search", 12, (self.height() - 16) / 2, look.color("text2"))
        words = command("find").keys[0]
        left = self.width() - paint.key_cap_width(look, words) - 8
        paint.key_cap(painter, look, left, self.height() / 2, words)

    def _on_edited(self, words: str) -> None:
        self.update()
        if words.strip():
            self._wait.start()
        else:
            self.close_list()

    def _ask(self) -> None:
        words = self.field.text().strip()
        if self._asked is not None:
            self._asked.cancel()
        self._asked = self._runner.read(partial(self._find, words), self._on_found)

    def _find(self, words: str, tx: Transaction) -> tuple[str, Sequence[Found]]:
        return words, self._search(tx, words, limit=LIMIT)

    def _on_found(self, answer: tuple[str, Sequence[Found]]) -> None:
        words, found = answer
        if words != self.field.text().strip() or not self.field.hasFocus():
            return
        self._answered = words
        self.list.set_rows(tuple(PickRow(each.id, each.name, each.note, "user-round") for each in found))
        self.list.setVisible(bool(found))
        self.nobody.setVisible(not found)
        self.nobody.setText(self._nobody_words(words))
        self._place_list()

    def _nobody_words(self, words: str) -> str:
        if self._students:
            return _("您的班里没有“{words}”。换拼音首字母或手机号后四位试试。", words=words)
        return _("没有找到“{words}”。换拼音首字母或手机号后四位试试，没有档案就按 F2 新登记。", words=words)

    def _place_list(self) -> None:
        window = self.window()
        if self.popup.parentWidget() is not window:
            self.popup.setParent(window)
        self.list.setFixedHeight(self.list.height_for_rows(LIMIT))
        self.popup.setFixedWidth(max(self.width(), 420))
        self.popup.adjustSize()
        self.popup.move(self.mapTo(window, QPoint(0, self.height() + 4)))
        self.popup.raise_()
        self.popup.show()

    def _on_chosen(self) -> None:
        """Enter takes the chosen row; typed faster than found, it asks first."""
        if self.popup.isVisible() and self._answered == self.field.text().strip():
            self.list.pick()
        elif self.field.text().strip():
            self._ask()

    def _on_picked(self, resident_id: object) -> None:
        self.close_list()
        self.field.clear()
        self.resident_picked.emit(str(resident_id))
