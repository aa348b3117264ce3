"""People by lessons as a table model: what the marker shows, with everybody's share of the hours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from app import clock
from app.services.training.calendar import LessonLine
from app.services.training.grid import Cell, GridPerson, Progress
from app.texts import _
from app.ui.roll_call import state
from app.ui.roll_call.marker import Marker

_Index = QModelIndex | QPersistentModelIndex
NUMBER, NAME, GROUP = range(3)
FIRST = 3
"""The column of the first lesson; the share of hours comes after the last."""


class RollModel(QAbstractTableModel):
    """One row a person, one column a lesson."""

    def __init__(self, marker: Marker, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._marker = marker
        self.people: tuple[GridPerson, ...] = ()
        self.lessons: tuple[LessonLine, ...] = ()
        self.chosen = -1
        self._called: frozenset[str] = frozenset()
        self._progress: dict[str, Progress] = {}
        self._todays: list[str] = []
        self.today = clock.today()
        marker.changed.connect(self._on_changed)

    # -- what Qt asks ---------------------------------------------------------------------------------------------
    def rowCount(self, parent: _Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self.people)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else FIRST + len(self.lessons) + 1

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        person, lesson = self.people[index.row()], self.lesson(index.column())
        if role == Qt.ItemDataRole.DisplayRole:
            return self._words(index.row(), index.column())
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            if lesson is not None:
                cell = self._marker.cell(person.id, lesson.id)
                return _("{name}，第 {n} 课，{mark}", name=person.name, n=lesson.number, mark=state.cell_words(cell))
            return self._words(index.row(), index.column())
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal or role != Qt.ItemDataRole.DisplayRole:
            return None
        lesson = self.lesson(section)
        if lesson is not None:
            return _("第 {n} 课 {day}", n=lesson.number, day=state.day_words(lesson, self.today))
        return {NUMBER: _("序"), NAME: _("姓名"), GROUP: _("类别")}.get(section, _("出勤率"))

    def _words(self, row: int, column: int) -> str:
        person, lesson = self.people[row], self.lesson(column)
        if lesson is not None:
            cell = self._marker.cell(person.id, lesson.id)
            return state.glyph(cell) if cell is not None else ""
        if column == NUMBER:
            return str(row + 1)
        if column in (NAME, GROUP):
            return person.name if column == NAME else state.group_name(person)
        percent = None if person.walk_in else self.progress(person).percent
        return "—" if percent is None else f"{percent}%"

    # -- what the delegates and the screen ask --------------------------------------------------------------------
    def lesson(self, column: int) -> LessonLine | None:
        """Return the lesson of a column, if it is one's."""
        place = column - FIRST
        return self.lessons[place] if 0 <= place < len(self.lessons) else None

    def column_of(self, lesson_id: str) -> int:
        """Return the column of a lesson, -1 where it is not here."""
        return next((FIRST + at for at, each in enumerate(self.lessons) if each.id == lesson_id), -1)

    def row_of(self, person_id: str) -> int:
        """Return the row of somebody, -1 where she is not here."""
        return next((at for at, each in enumerate(self.people) if each.id == person_id), -1)

    def cell(self, row: int, column: int) -> Cell | None:
        """Return what shows in a cell."""
        lesson = self.lesson(column)
        return self._marker.cell(self.people[row].id, lesson.id) if lesson is not None else None

    def marked(self, lesson_id: str) -> Mapping[str, bool]:
        """Return person → whether she shows a mark in a lesson."""
        return {each.id: self._marker.cell(each.id, lesson_id) is not None for each in self.people}

    def tally(self, lesson_id: str) -> dict[str, int]:
        """Return how many show each mark in a lesson."""
        counts: dict[str, int] = {}
        for each in self.people:
            cell = self._marker.cell(each.id, lesson_id)
            if cell is not None:
                counts[cell.mark] = counts.get(cell.mark, 0) + 1
        return counts

    def missing(self, lesson_id: str) -> list[GridPerson]:
        """Return who is to be called in a lesson and shows no mark."""
        marked = self.marked(lesson_id)
        return [each for each in self.people if state.is_called(each) and not marked[each.id]]

    def progress(self, person: GridPerson) -> Progress:
        """Return how far somebody is, with what was pressed since."""
        known = self._progress.get(person.id)
        if known is None:
            known = self._progress[person.id] = self._work_out(person)
        return known

    def _work_out(self, person: GridPerson) -> Progress:
        """Return what was read, unless something was pressed since, or today's lesson is being called without her."""
        grid, cells = self._marker.grid, self._marker.cells(person.id)
        open_today = any(lesson_id in self._called and lesson_id not in cells for lesson_id in self._todays)
        if grid is None or (cells is person.cells and self._called == grid.called and not open_today):
            return person.progress
        return state.shown_progress(self.lessons, cells, self._called, grid.rule, self.today)

    def everybody(self) -> Sequence[tuple[GridPerson, Progress]]:
        """Return all with how far they are."""
        return [(each, self.progress(each)) for each in self.people]

    @property
    def line(self) -> int:
        """The share of hours that is asked, in per cent."""
        return int(self._marker.grid.rule["attend_percent"]) if self._marker.grid is not None else 0

    # -- changing -------------------------------------------------------------------------------------------------
    def show(self) -> None:
        """Take over what the marker has; the rows stay where the people and the lessons are the same."""
        grid = self._marker.grid
        people = grid.people if grid is not None else ()
        lessons = grid.lessons if grid is not None else ()
        self.today = clock.today()
        same = [each.id for each in people] == [each.id for each in self.people] and lessons == self.lessons
        if same:
            self.people, self.lessons = people, lessons
            self._on_changed([])
            return
        self.beginResetModel()
        self.people, self.lessons = people, lessons
        self._forget()
        self.endResetModel()

    def choose(self, column: int) -> None:
        """Light another lesson's column."""
        self.chosen = column

    def _forget(self) -> None:
        self._progress.clear()
        self._todays = [each.id for each in self.lessons if each.held_on == self.today]
        self._called = self._marker.called()

    def _on_changed(self, people: list[str]) -> None:
        if not self.people:
            return
        rows = [row for row in map(self.row_of, people) if row >= 0]
        if rows and self._marker.called() == self._called:
            for row in rows:
                self._progress.pop(self.people[row].id, None)
                self.dataChanged.emit(self.index(row, 0), self.index(row, self.columnCount() - 1))
            return
        self._forget()
        self.dataChanged.emit(self.index(0, 0), self.index(len(self.people) - 1, self.columnCount() - 1))
