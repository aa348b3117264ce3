"""Fields that choose from a list: by code, by words, by pinyin initials, or by digit."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QAction, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from app.texts import _
from app.ui import entry, icons, theme
from app.ui.fields.base import Field
from app.ui.widgets import RadioChips, ToggleChipGroup, paint
from app.ui.widgets.themed import Themed

_Index = QModelIndex | QPersistentModelIndex
_SHOWN_ROWS = 8


@dataclass(frozen=True)
class ChoiceItem:
    """A choice: code, words, what stands beside them, what stands at the right."""

    code: str
    label: str
    note: str = ""
    figure: str = ""


class ChoiceField(Field):
    """One of a code list: type the code or the pinyin initials, or open the list with the arrow down."""

    def __init__(
        self,
        label: str,
        items: Sequence[ChoiceItem | tuple[str, str]] = (),
        *,
        show_code: bool = True,
        find: Callable[[str], Sequence[ChoiceItem]] | None = None,
        **options: Any,
    ) -> None:
        self.line = _ChoiceLine(self)
        self._show_code, self._find, self._chosen = show_code, find, None
        self._items: tuple[ChoiceItem, ...] = ()
        self._popup: _Popup | None = None
        super().__init__(label, self.line, **options)
        self._arrow = QAction(icons.icon("chevron-down"), _("打开清单"), self.line)
        self.line.addAction(self._arrow, QLineEdit.ActionPosition.TrailingPosition)
        self._arrow.triggered.connect(self.open_list)
        self.line.textEdited.connect(self._on_text_edited)
        self.set_items(items)

    _chosen: ChoiceItem | None

    def set_items(self, items: Sequence[ChoiceItem | tuple[str, str]]) -> None:
        """Offer other choices; the chosen one stays if it is among them."""
        self._items = tuple(item if isinstance(item, ChoiceItem) else ChoiceItem(*item) for item in items)
        if self._chosen is not None and not self._find:
            self.set_value(self._chosen.code)

    def value(self) -> str | None:
        return self._chosen.code if self._chosen else None

    def item(self) -> ChoiceItem | None:
        """Return the whole choice."""
        return self._chosen

    def set_value(self, value: Any) -> None:
        self._chosen = next((item for item in self._items if item.code == value), None)
        self._show()

    def set_item(self, item: ChoiceItem | None) -> None:
        """Show a choice that need not be among the items (one that ``find`` gives)."""
        self._chosen = item
        self._show()

    def is_empty(self) -> bool:
        return self._chosen is None and not self.line.text().strip()

    def candidates(self, typed: str) -> list[ChoiceItem]:
        """Return what fits: codes that begin so first, then words, then initials."""
        if self._find is not None:
            return list(self._find(typed))
        wanted = entry.half_width(typed).strip()
        if not wanted:
            return list(self._items)
        by_code = [item for item in self._items if item.code.startswith(wanted)]
        exact = [item for item in by_code if item.code == wanted]
        rest = [item for item in self._items if item not in by_code and entry.matches(item.label, wanted)]
        return exact + [item for item in by_code if item not in exact] + rest

    def tidy(self) -> str | None:
        typed = self.line.text().strip()
        self.close_list()
        if not typed:
            self._choose(None)
        elif self._chosen is None or typed != self._words(self._chosen):
            fit = self.candidates(typed)
            sure = [item for item in fit if typed in (item.code, item.label, self._words(item))]
            if sure or len(fit) == 1:
                self._choose((sure or fit)[0])
            else:
                return _("清单里没有“{typed}”。键入代码或拼音首字母", typed=typed)
        return None

    def open_list(self) -> None:
        """Show the whole list."""
        self.line.setFocus()
        self._offer(self._items if self._find is None else self.candidates(""))

    def close_list(self) -> None:
        """Take the list away."""
        if self._popup is not None:
            self._popup.hide()

    @property
    def list_is_open(self) -> bool:
        """Whether the list is on screen."""
        return self._popup is not None and self._popup.isVisible()

    def restyle_arrow(self) -> None:
        """Tint the arrow anew."""
        self._arrow.setIcon(icons.icon("chevron-down"))

    def _words(self, item: ChoiceItem) -> str:
        return f"{item.code}  {item.label}" if self._show_code else item.label

    def _show(self) -> None:
        self.line.setText(self._words(self._chosen) if self._chosen else "")
        self.line.setCursorPosition(0)

    def _choose(self, item: ChoiceItem | None) -> None:
        changed = item != self._chosen
        self._chosen = item
        self._show()
        if changed:
            self.value_changed.emit()

    def _on_text_edited(self, text: str) -> None:
        if self._chosen is not None:
            self._chosen = None
            self.value_changed.emit()
        self._offer(self.candidates(text))

    def _offer(self, items: Sequence[ChoiceItem]) -> None:
        if not items:
            self.close_list()
            return
        if self._popup is None:
            self._popup = _Popup(self, show_code=self._show_code)
        at = items.index(self._chosen) if self._chosen in items else 0
        self._popup.offer(items, at, under=self.line)

    def take(self, item: ChoiceItem) -> None:
        """Take a choice from the list and stay in the field."""
        self._choose(item)
        self.close_list()
        self.set_error(None)

    def _on_key(self, event: QKeyEvent) -> bool:
        key = event.key()
        if self.list_is_open and self._popup is not None:
            if key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
                self._popup.step(1 if key == Qt.Key.Key_Down else -1)
                return True
            if key == Qt.Key.Key_Escape:
                self.close_list()
                return True
            if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab):
                self.take(self._popup.current())
        elif key == Qt.Key.Key_Down:
            self.open_list()
            return True
        return super()._on_key(event)


class _ChoiceLine(Themed, QLineEdit):
    """The line of a choice; the whole text is selected when it is entered, so that typing begins anew."""

    def __init__(self, owner: ChoiceField) -> None:
        super().__init__()
        self._owner = owner

    def restyle(self) -> None:
        if hasattr(self._owner, "_arrow"):
            self._owner.restyle_arrow()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        if not self.isReadOnly() and not self._owner.list_is_open:
            self.selectAll()
            self._owner.open_list()


class _Choices(QAbstractListModel):
    def __init__(self) -> None:
        super().__init__()
        self.items: tuple[ChoiceItem, ...] = ()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:
        return len(self.items)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        item = self.items[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return " ".join(part for part in (item.code, item.label, item.note, item.figure) if part)
        return item if role == Qt.ItemDataRole.UserRole else None


class _Popup(Themed, QFrame):
    """The list under a choice: a child of the window, so that the line keeps the keyboard and the input method."""

    def __init__(self, field: ChoiceField, *, show_code: bool) -> None:
        super().__init__(field.window())
        self._field = field
        self._list, self._model = QListView(), _Choices()
        self._list.setModel(self._model)
        self._delegate = _ChoicePainter(show_code)
        self._list.setItemDelegate(self._delegate)
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.setMouseTracking(True)
        self._list.setUniformItemSizes(True)
        self._list.setAccessibleName(field.label())
        self._list.clicked.connect(self._on_clicked)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        column = QVBoxLayout(self)
        column.setContentsMargins(9, 9, 9, 11)
        column.addWidget(self._list)
        field.window().installEventFilter(self)
        field.destroyed.connect(self.deleteLater)
        self.hide()

    def offer(self, items: Sequence[ChoiceItem], at: int, *, under: QWidget) -> None:
        """Show the items under the line, or above it where there is no room."""
        self._model.beginResetModel()
        self._model.items = tuple(items)
        self._model.endResetModel()
        self._list.setCurrentIndex(self._model.index(at))
        look, window = theme.of(self), self.window()
        row = self._delegate.row_height(look)
        need = max(self._delegate.width(look, item) for item in items[:200]) + 40
        width = min(max(under.width() + 6, round(need)), window.width() - 16)
        height = row * min(len(items), _SHOWN_ROWS) + 20
        corner = under.mapTo(window, QPoint(-3, under.height() + 2))
        if corner.y() + height > window.height() - 4:
            above = under.mapTo(window, QPoint(0, 0)).y() - height - 2
            corner.setY(above if above > 0 else max(4, window.height() - height - 4))
        corner.setX(max(4, min(corner.x(), window.width() - width - 4)))
        self.setGeometry(corner.x(), corner.y(), width, height)
        self.show()
        self.raise_()
        self._list.scrollTo(self._list.currentIndex())

    def current(self) -> ChoiceItem:
        """Return the marked item."""
        return self._model.items[max(0, self._list.currentIndex().row())]

    def step(self, by: int) -> None:
        """Mark the next item or the one before."""
        row = (self._list.currentIndex().row() + by) % len(self._model.items)
        self._list.setCurrentIndex(self._model.index(row))

    def _on_clicked(self, index: QModelIndex) -> None:
        self._field.take(self._model.items[index.row()])

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Hide):
            self.hide()
        return super().eventFilter(watched, event)

    def paintEvent(self, event: QPaintEvent) -> None:
        look, painter = theme.of(self), QPainter(self)
        box = QRectF(self.rect()).adjusted(3, 2, -3, -4)
        shade = look.color("shadow").toRgb()
        for grow in (3, 2, 1):
            shade.setAlphaF(0.05)
            paint.rounded(painter, box.adjusted(-grow, -grow + 2, grow, grow + 1), 10 + grow, shade)
        paint.rounded(painter, box, 10, look.color("raised"), look.color("line2"))


class _ChoicePainter(QStyledItemDelegate):
    def __init__(self, show_code: bool) -> None:
        super().__init__()
        self._show_code = show_code

    def row_height(self, look: theme.Theme) -> int:
        """Return the height of one row."""
        return max(look.px(36), round(paint.line_height(look.font())) + 10)

    def width(self, look: theme.Theme, item: ChoiceItem) -> float:
        """Return the width that an item needs."""
        small, extra = look.font("secondary"), item.note + item.figure
        return (
            paint.width_of(look.font("body", bold=True), f"{item.code}  {item.label}")
            + paint.width_of(small, extra)
            + 40
        )

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(100, self.row_height(theme.current()))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        look, box = theme.current(), QRectF(option.rect)
        item: ChoiceItem = index.data(Qt.ItemDataRole.UserRole)
        state = option.state
        on = bool(state & QStyle.StateFlag.State_Selected)
        painter.save()
        if on or state & QStyle.StateFlag.State_MouseOver:
            paint.rounded(painter, box, 6, look.color("accent_soft" if on else "hover"))
        small, font = look.font("secondary"), look.font("body", bold=on)
        left, right = box.left() + look.px(10), box.right() - look.px(10)
        if item.figure:
            width = paint.width_of(small, item.figure)
            paint.text(
                painter,
                QRectF(right - width - 1, box.top(), width + 1, box.height()),
                item.figure,
                small,
                look.color("text2"),
            )
            right -= width + look.px(10)
        if self._show_code:
            width = paint.width_of(small, item.code)
            paint.text(painter, QRectF(left, box.top(), width + 1, box.height()), item.code, small, look.color("text2"))
            left += width + look.px(10)
        width = min(paint.width_of(font, item.label), right - left)
        paint.text(painter, QRectF(left, box.top(), width + 1, box.height()), item.label, font, look.color("text"))
        left += width + look.px(10)
        if item.note and left < right:
            paint.text(
                painter, QRectF(left, box.top(), right - left, box.height()), item.note, small, look.color("text2")
            )
        painter.restore()


class MultiChoiceField(Field):
    """Several of a few, ticked by digit; the value is a tuple of codes."""

    def __init__(self, label: str, choices: Sequence[tuple[str, str]], **options: Any) -> None:
        self.group = ToggleChipGroup(choices, name=label)
        super().__init__(label, self.group, **options)
        self.group.codes_changed.connect(self._on_changed)

    def set_choices(self, choices: Sequence[tuple[str, str]]) -> None:
        """Offer other choices, none of them ticked."""
        self.group.set_choices(choices)

    def value(self) -> tuple[str, ...]:
        return tuple(self.group.codes())

    def set_value(self, value: Any) -> None:
        self.group.set_codes(tuple(value or ()))

    def _on_changed(self) -> None:
        self.value_changed.emit()


class RadioField(Field):
    """One of a few, by digit; the value is the code."""

    def __init__(self, label: str, choices: Sequence[tuple[str, str]], **options: Any) -> None:
        self.group = RadioChips(choices, name=label)
        super().__init__(label, self.group, **options)
        self.group.chosen.connect(self._on_changed)

    def value(self) -> str | None:
        return self.group.code() or None

    def set_value(self, value: Any) -> None:
        self.group.set_code(value or "")

    def _on_changed(self) -> None:
        self.value_changed.emit()
