"""Everything that happened, newest first: a list drawn as a line with stations."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.texts import _
from app.ui import icons, theme
from app.ui.theme import Theme
from app.ui.widgets import paint
from app.ui.widgets.themed import Themed

_Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True)
class TimelineEntry:
    """One thing that happened; with only ``day`` it is the line that opens a month."""

    day: str
    time: str = ""
    icon: str = ""
    title: str = ""
    detail: str = ""
    who: str = ""
    tone: str = "neutral"
    chip: str = ""
    chip_tone: str = "neutral"
    is_pending: bool = False
    key: object = None

    def words(self) -> str:
        """Return the entry in full words."""
        pending = _("等着送出") if self.is_pending else ""
        return "，".join(
            part for part in (self.day, self.time, self.title, self.chip, self.detail, self.who, pending) if part
        )


class _Entries(QAbstractListModel):
    def __init__(self) -> None:
        super().__init__()
        self.entries: tuple[TimelineEntry, ...] = ()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self.entries)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        entry = self.entries[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return entry.words()
        return entry if role == Qt.ItemDataRole.UserRole else None

    def flags(self, index: _Index) -> Qt.ItemFlag:
        is_month = not self.entries[index.row()].title
        return Qt.ItemFlag.NoItemFlags if is_month else Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable


class TimelineView(Themed, QListView):
    """The list of entries; Enter or a double click opens one."""

    entry_activated = Signal(object)

    def __init__(self, entries: Sequence[TimelineEntry] = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = _Entries()
        self.setModel(self._model)
        self._delegate = _Painter()
        self.setItemDelegate(self._delegate)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setAccessibleName(_("全部经过"))
        self.activated.connect(self._on_activated)
        self.set_entries(entries)

    def set_entries(self, entries: Sequence[TimelineEntry]) -> None:
        """Show these, newest first."""
        self._model.beginResetModel()
        self._model.entries = tuple(entries)
        self._model.endResetModel()

    def restyle(self) -> None:
        self.scheduleDelayedItemsLayout()

    def _on_activated(self, index: QModelIndex) -> None:
        self.entry_activated.emit(self._model.entries[index.row()])


class _Painter(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        look, entry = theme.current(), index.data(Qt.ItemDataRole.UserRole)
        lines = paint.line_height(look.font("row")) + paint.line_height(look.font("secondary"))
        full = max(look.px(theme.HEIGHT["timeline"]), round(lines) + 16)
        return QSize(200, full if entry.title else look.px(30))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        look, box = theme.current(), QRectF(option.rect)
        entry: TimelineEntry = index.data(Qt.ItemDataRole.UserRole)
        painter.save()
        rail = box.left() + look.px(82)
        last = index.row() == index.model().rowCount() - 1
        if not entry.title:
            paint.text(painter, box, entry.day, look.font("secondary", bold=True), look.color("text2"))
            painter.fillRect(QRectF(rail - 1, box.top(), 2, box.height()), look.color("track"))
            left = box.left() + look.px(114)
            painter.fillRect(QRectF(left, box.center().y(), box.right() - left, 1), look.color("line"))
        else:
            state = option.state
            selected = bool(state & QStyle.StateFlag.State_Selected)
            if selected:
                left = box.left() + look.px(106)
                area = QRectF(left, box.top() + 2, box.right() - left, box.height() - 4)
                paint.rounded(painter, area, 8, look.color("selected"))
                if state & QStyle.StateFlag.State_HasFocus:
                    paint.focus_ring(painter, area)
            self._paint_entry(painter, look, box, entry, rail, last=last, selected=selected)
        painter.restore()

    def _paint_entry(
        self,
        painter: QPainter,
        look: Theme,
        box: QRectF,
        entry: TimelineEntry,
        rail: float,
        *,
        last: bool,
        selected: bool,
    ) -> None:
        title, small = look.font("row"), look.font("secondary")
        first, second = paint.line_height(title), paint.line_height(small)
        top = box.top() + look.px(6)
        middle = top + first / 2
        size = look.px(icons.SMALL)
        self._paint_rail(painter, look, box, entry, rail, middle, last=last)
        dates = QRectF(box.left(), top, look.px(66), first)
        day = look.font("secondary", bold=bool(entry.day))
        paint.text(painter, dates, entry.day or entry.time, day, look.color("text"))
        if entry.day:
            paint.text(painter, dates.translated(0, second), entry.time, small, look.color("text2"))
        left, right = box.left() + look.px(114), box.right() - look.px(10)
        width = paint.width_of(small, entry.who)
        paint.text(painter, QRectF(right - width - 1, top, width + 1, first), entry.who, small, look.color("text2"))
        right -= width + look.px(24)
        if entry.is_pending:
            icons.paint(painter, "cloud-off", right, middle - size / 2, "yellow", size)
        chip = paint.chip_width(look, entry.chip) + look.px(10) if entry.chip else 0
        run = min(paint.width_of(title, entry.title), right - left - look.px(8))
        paint.text(painter, QRectF(left, top, run + 1, first), entry.title, title, look.color("text"))
        if entry.chip and left + run + chip < right:
            at = left + run + look.px(10)
            paint.chip(painter, look, at, middle, entry.chip, entry.chip_tone, selected=selected)
        elif entry.chip:  # no room beside a big title: the state goes to the line below, never away
            at = top + first + second / 2
            paint.chip(painter, look, left, at, entry.chip, entry.chip_tone, selected=selected)
            left += chip
        below = QRectF(left, top + first, box.right() - look.px(10) - left, second)
        paint.text(painter, below, entry.detail, small, look.color("text2"))

    def _paint_rail(
        self,
        painter: QPainter,
        look: Theme,
        box: QRectF,
        entry: TimelineEntry,
        rail: float,
        middle: float,
        *,
        last: bool,
    ) -> None:
        """Draw the dot with its icon, and the line down to the next one."""
        radius, size = look.px(14.5), look.px(icons.SMALL)
        if not last:
            start = middle + radius + 3
            painter.fillRect(QRectF(rail - 1, start, 2, box.bottom() + look.px(6) - start), look.color("track"))
        ink, paper, _fill = look.tone(entry.tone)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(paper)
        painter.drawEllipse(QPointF(rail, middle), radius, radius)
        icons.paint(painter, entry.icon or "circle", rail - size / 2, middle - size / 2, ink, size)
