"""Months with their marked days: lessons, holidays, worked weekends. Drawn by hand, read out in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app import clock
from app.texts import _
from app.ui import theme
from app.ui.training import words
from app.ui.training.month_marks import CALLED_OFF, CLASH, DONE, HOLIDAY, LESSON, MAKE_UP, DayMark, months_of, weeks_of
from app.ui.widgets import Painted, paint

_CELL, _TITLE = 30, 26


class MonthGrid(Painted):
    """The months in which there are marks, one under the other."""

    _INKS = {
        LESSON: ("accent_text", "accent_soft"),
        DONE: ("text2", "track"),
        CALLED_OFF: ("text3", ""),
        HOLIDAY: ("red", ""),
        MAKE_UP: ("text2", ""),
        CLASH: ("orange", "orange_soft"),
    }

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._marks: dict[date, DayMark] = {}
        self._months: list[date] = []

    def set_marks(self, marks: Mapping[date, DayMark], months: Sequence[date] | None = None) -> None:
        """Show these days; ``months`` where not all months with a mark are wanted."""
        self._marks = dict(marks)
        self._months = list(months) if months is not None else months_of(list(marks))
        said = [f"{words.day_words(day)} {mark.text}" for day, mark in sorted(self._marks.items())]
        self.setAccessibleName(_("日历：{days}", days=_("；").join(said)) if said else _("日历，没有课"))
        self.restyle()

    def marks(self) -> Mapping[date, DayMark]:
        """Return what is marked."""
        return self._marks

    def measure(self) -> QSize:
        look = theme.of(self)
        rows = sum(len(weeks_of(month)) + 1 for month in self._months)
        return QSize(look.px(7 * 32), look.px(rows * _CELL + len(self._months) * _TITLE))

    def paintEvent(self, event: QPaintEvent) -> None:
        look, painter = theme.of(self), QPainter(self)
        top = 0.0
        for month in self._months:
            top = self._paint_month(painter, look, month, top)

    def _paint_month(self, painter: QPainter, look: theme.Theme, month: date, top: float) -> float:
        cell, title = float(look.px(_CELL)), float(look.px(_TITLE))
        wide = min(self.width() / 7, cell * 1.5)
        name = _("{year} 年 {month} 月", year=month.year, month=month.month)
        paint.text(painter, QRectF(0, top, self.width(), title), name, look.font("strong"), look.color("text"))
        top += title
        for column, word in enumerate(words.weekday_names()):
            box = QRectF(column * wide, top, wide, cell)
            ink = look.color("text3" if column < 5 else "text2")
            paint.text(painter, box, word[-1:] if len(word) == 2 else word[:2], look.font("caption"), ink, paint.CENTER)
        top += cell
        for week in weeks_of(month):
            for column, day in enumerate(week):
                if day is not None:
                    self._paint_day(painter, look, day, QRectF(column * wide, top, wide, cell))
            top += cell
        return top

    def _paint_day(self, painter: QPainter, look: theme.Theme, day: date, box: QRectF) -> None:
        mark = self._marks.get(day)
        ink, paper = self._INKS[mark.kind] if mark is not None else ("text3", "")
        inner = box.adjusted(2, 2, -2, -2)
        if paper:
            paint.rounded(painter, inner, 6, look.color(paper))
        if day == clock.today():
            paint.rounded(painter, inner, 6, None, look.color("accent"), 1.6)
        font = look.font("secondary", bold=mark is not None and mark.kind in (LESSON, CLASH))
        if mark is not None and mark.kind == CALLED_OFF:
            font.setStrikeOut(True)
        sign = mark.sign if mark is not None else ""
        figure = f"{day.day}"
        if not sign:
            paint.text(painter, box, figure, font, look.color(ink), paint.CENTER)
            return
        small = look.font("caption")
        width = paint.width_of(font, figure)
        room = width + paint.width_of(small, sign) + 1
        left = box.center().x() - room / 2
        paint.text(painter, QRectF(left, box.top(), width + 1, box.height()), figure, font, look.color(ink))
        up = QRectF(left + width + 1, box.top() - look.px(3), room, box.height())
        paint.text(painter, up, sign, small, look.color(ink))
