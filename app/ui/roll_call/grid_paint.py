"""How the roll call looks: hairlines, the chosen lesson's column lit, a tile for what is not plainly there."""

from __future__ import annotations

from typing import cast

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPen, QPixmap
from PySide6.QtWidgets import QHeaderView, QStyledItemDelegate, QStyleOptionViewItem, QTableView

from app.models.attendance import AT_LESSON, PRESENT
from app.models.training import AS_PLANNED
from app.services.training.grid import Cell
from app.texts import _
from app.ui import icons, theme
from app.ui.roll_call import state
from app.ui.roll_call.grid_model import FIRST, NAME, NUMBER, RollModel
from app.ui.theme import Theme
from app.ui.widgets import paint

_Index = QModelIndex | QPersistentModelIndex
_TILE, _DOT = 24, 2
_BAR = 72
_PAD = 8


def _is_plain(cell: Cell) -> bool:
    return cell.mark == PRESENT and cell.entry == AT_LESSON and not cell.disagree


class RollDelegate(QStyledItemDelegate):
    """Draws every cell. ``column`` of the view's current index is the chosen lesson."""

    def __init__(self, view: QTableView, keyboard: QTableView) -> None:
        super().__init__(view)
        self._view, self._keyboard = view, keyboard
        self._ticks: dict[tuple[object, ...], QPixmap] = {}

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(60, self._view.verticalHeader().defaultSectionSize())

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        look = theme.current()
        model = cast("RollModel", self._view.model())
        rect: QRect = option.rect
        row, column = index.row(), index.column()
        if FIRST <= column < FIRST + len(model.lessons):
            cell = model.cell(row, column)
            if column != model.chosen and cell is not None and _is_plain(cell):
                self._plain_cell(painter, look, rect)
            else:
                painter.save()
                self._lesson_cell(painter, look, QRectF(rect), index, model)
                painter.restore()
            return
        painter.save()
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, look.color("line"))
        box = QRectF(rect).adjusted(_PAD, 0, -_PAD, -1)
        if column < FIRST:
            self._person_cell(painter, look, box, index, model)
        else:
            self._share_cell(painter, look, box, index, model)
        painter.restore()

    def _plain_cell(self, painter: QPainter, look: Theme, rect: QRect) -> None:
        """Paint what nearly every cell is, somebody who was there, without ado: a whole term is on the screen."""
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, look.color("line"))
        size = look.px(icons.SMALL)
        left, top = rect.left() + (rect.width() - size) // 2, rect.top() + (rect.height() - size) // 2
        painter.drawPixmap(left, top, self._tick(look, size))

    # -- who ------------------------------------------------------------------------------------------------------
    def _person_cell(self, painter: QPainter, look: Theme, box: QRectF, index: _Index, model: RollModel) -> None:
        person, column = model.people[index.row()], index.column()
        words = {NUMBER: str(index.row() + 1), NAME: person.name}.get(column, state.group_name(person))
        current = index.row() == self._keyboard.currentIndex().row()
        quiet = person.left or person.waiting
        if column == NAME:
            ink = "text3" if quiet else "text"
            paint.text(painter, box, words, look.font("body", bold=current), look.color(ink))
        elif column == NUMBER:
            paint.text(painter, box, words, look.font("secondary"), look.color("text2"), paint.CENTER)
        else:
            ink = "orange" if person.walk_in or quiet else "text2"
            paint.text(painter, box, words, look.font("secondary"), look.color(ink))

    # -- what -----------------------------------------------------------------------------------------------------
    def _lesson_cell(self, painter: QPainter, look: Theme, box: QRectF, index: _Index, model: RollModel) -> None:
        lit = index.column() == model.chosen
        if lit:
            self._light(painter, look, box, last=index.row() == len(model.people) - 1)
        painter.fillRect(QRectF(box.left(), box.bottom() - 1, box.width(), 1), look.color("line2" if lit else "line"))
        current = lit and index.row() == self._keyboard.currentIndex().row()
        if current:
            frame = box.adjusted(4, 2, -4, -3)
            ring = look.color("accent" if self._keyboard.hasFocus() else "field")
            paint.rounded(painter, frame, theme.RADIUS["field"], look.color("surface"), ring, 2)
        cell = model.cell(index.row(), index.column())
        if cell is not None:
            self._mark(painter, look, box, cell, bold=lit)
        elif current:
            middle = box.center()
            painter.fillRect(QRectF(middle.x(), middle.y() - 8, 1.6, 16), look.color("accent"))
        else:
            self._blank(painter, look, box, index, model)

    def _light(self, painter: QPainter, look: Theme, box: QRectF, *, last: bool) -> None:
        painter.setClipRect(box)
        ground = box.adjusted(1, -20 if last else 0, -1, 0)
        if last:
            paint.rounded(painter, ground, theme.RADIUS["field"], look.color("accent_soft"))
        else:
            painter.fillRect(ground, look.color("accent_soft"))
        painter.setClipping(False)

    def _mark(self, painter: QPainter, look: Theme, box: QRectF, cell: Cell, *, bold: bool) -> None:
        if cell.mark == PRESENT:
            size = look.px(18 if bold else icons.SMALL)
            at = box.center()
            painter.drawPixmap(round(at.x() - size / 2), round(at.y() - size / 2), self._tick(look, size))
        else:
            ink, paper, _fill = look.tone(state.TONES[cell.mark])
            font, words = look.font("secondary", bold=True), state.glyph(cell)
            width = min(max(look.px(_TILE), paint.width_of(font, words) + look.px(8)), box.width() - 4)
            height = look.px(_TILE) - 2
            tile = QRectF(box.center().x() - width / 2, box.center().y() - height / 2, width, height)
            paint.rounded(painter, tile, 5, paper)
            paint.text(painter, tile, words, font, ink, paint.CENTER)
        if cell.disagree or cell.entry != AT_LESSON:
            self._corner(painter, look, box, "orange_fill" if cell.disagree else "field")

    def _tick(self, look: Theme, size: int) -> QPixmap:
        """Return the tick: nearly every cell has one, so it is not looked for anew."""
        density = self._view.devicePixelRatioF()
        key = (look.dark, size, density)
        if key not in self._ticks:
            self._ticks[key] = icons.pixmap("check", "accent_text", size, density)
        return self._ticks[key]

    def _corner(self, painter: QPainter, look: Theme, box: QRectF, token: str) -> None:
        """Dot the corner of what was not simply called in the room: keyed in, made up, corrected, or told two ways."""
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.color(token))
        radius = look.px(_DOT) + 0.5
        painter.drawEllipse(QPointF(box.center().x() + look.px(16), box.top() + look.px(7)), radius, radius)

    def _blank(self, painter: QPainter, look: Theme, box: QRectF, index: _Index, model: RollModel) -> None:
        lesson, person = model.lessons[index.column() - FIRST], model.people[index.row()]
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if lesson.state != AS_PLANNED:
            paint.text(painter, box, "×", look.font("secondary"), look.color("text3"), paint.CENTER)
        elif lesson.held_on > model.today or not state.is_called(person):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.color("line2"))
            painter.drawEllipse(box.center(), look.px(_DOT), look.px(_DOT))
        else:
            painter.setPen(QPen(look.color("field"), 1.2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(box.center(), look.px(3.5), look.px(3.5))

    # -- how far --------------------------------------------------------------------------------------------------
    def _share_cell(self, painter: QPainter, look: Theme, box: QRectF, index: _Index, model: RollModel) -> None:
        done = model.progress(model.people[index.row()])
        if done.percent is None or model.people[index.row()].walk_in:
            paint.text(painter, box, "—", look.font(), look.color("text3"), paint.RIGHT)
            return
        lost = done.lessons_to_miss < 0 or done.percent < model.line
        width = min(look.px(_BAR), box.width() - look.px(44))
        bar = QRectF(box.left(), box.center().y() - look.px(3), width, look.px(6))
        paint.bar(painter, bar, done.percent / 100, look.color("red_fill" if lost else "accent"), look.color("track"))
        tick = bar.left() + bar.width() * model.line / 100
        painter.fillRect(QRectF(tick, bar.top() - look.px(3), 1.4, bar.height() + look.px(6)), look.color("text2"))
        ink = look.color("red" if lost else "text")
        paint.text(painter, box, f"{done.percent}%", look.font("body", bold=lost), ink, paint.RIGHT)


class RollHead(QHeaderView):
    """The head: number over day; the chosen lesson's is lit."""

    def __init__(self, view: QTableView) -> None:
        super().__init__(Qt.Orientation.Horizontal, view)
        self.setSectionsClickable(True)
        self.setHighlightSections(False)
        self.setMinimumSectionSize(20)
        self.setStretchLastSection(False)
        self.setAccessibleName(_("列标题"))

    def sizeHint(self) -> QSize:
        look = theme.of(self)
        lines = paint.line_height(look.font("strong")) + paint.line_height(look.font("caption"))
        return QSize(super().sizeHint().width(), max(look.px(46), round(lines) + 8))

    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:  # noqa: N803 - Qt's own
        look, model = theme.of(self), cast("RollModel", self.model())
        lesson, box = model.lesson(logicalIndex), QRectF(rect)
        painter.save()
        painter.setClipRect(rect)
        if lesson is None:
            words = str(model.headerData(logicalIndex, Qt.Orientation.Horizontal))
            align = paint.CENTER if logicalIndex == NUMBER else paint.LEFT
            inner = box.adjusted(_PAD, 0, -_PAD, 0) if logicalIndex != NUMBER else box
            paint.text(painter, inner, words, look.font("secondary"), look.color("text2"), align)
        else:
            lit, today = logicalIndex == model.chosen, lesson.held_on == model.today
            if lit:
                ground = box.adjusted(1, 2, -1, 20)
                paint.rounded(painter, ground, theme.RADIUS["field"], look.color("accent_soft"))
            off = lesson.state != AS_PLANNED
            upper = QRectF(box.left(), box.top() + look.px(4), box.width(), box.height() / 2 - look.px(2))
            lower = QRectF(box.left(), upper.bottom() - look.px(2), box.width(), box.height() / 2 - look.px(2))
            number = look.font("body", bold=lit or today)
            paint.text(painter, upper, str(lesson.number), number, look.color("text3" if off else "text"), paint.CENTER)
            ink = "accent_text" if today else "text3" if off else "text2"
            day = look.font("caption", bold=today)
            paint.text(painter, lower, state.day_words(lesson, model.today), day, look.color(ink), paint.CENTER)
        painter.fillRect(QRectF(box.left(), box.bottom() - 1, box.width(), 1), look.color("line2"))
        painter.restore()
