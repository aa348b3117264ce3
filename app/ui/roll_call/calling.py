"""Calling the roll: from a key to a mark that shows, and to whose turn it is next."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Signal

from app.errors import RuleError
from app.models.attendance import AT_LESSON, KEYED_IN, PRESENT
from app.services.training.calendar import LessonLine
from app.services.training.grid import Cell, GridPerson
from app.services.training.marking import MarkInput
from app.texts import _
from app.ui.context import UiContext
from app.ui.roll_call import marker, state
from app.ui.roll_call.forming import Forming
from app.ui.roll_call.grid_view import RollGrid
from app.ui.roll_call.head import PastBar
from app.ui.roll_call.marker import Marker

SCANNED, CALLED = "2", "4"
"""How somebody signed in (SIGN_WAY): a code scanned, called by the trainer."""


class Calling(QObject):
    """Takes the keys of the grid: a mark is shown at once and handed on to be written."""

    keys_changed = Signal()
    taken_back = Signal()

    def __init__(self, context: UiContext, grid: RollGrid, marks: Marker, past: PastBar, forming: Forming) -> None:
        super().__init__(grid)
        self._context, self._grid, self._model = context, grid, grid.model
        self._marker, self._past, self._forming = marks, past, forming
        self._asked: tuple[str, str] = ("", "")

    def refusal(self, lesson: LessonLine, person: GridPerson | None = None, code: str = PRESENT) -> RuleError | None:
        """Return why this key does nothing in a lesson, or None."""
        grid = self._marker.grid
        return state.refusal(grid, lesson, person, code) if grid is not None else None

    def _is_refused(self, lesson: LessonLine, person: GridPerson | None = None, code: str = PRESENT) -> bool:
        """Say why the key does nothing, if so; nothing was shown or written."""
        error = self.refusal(lesson, person, code)
        if error is not None:
            self._context.messages.remark(error.text)
        return error is not None

    def call(self, code: str) -> None:
        """Mark whose row is chosen, and go on to the next."""
        self._call(code, CALLED)

    def call_scanned(self) -> None:
        """Mark whose badge was scanned as there."""
        self._call(PRESENT, SCANNED)

    def _call(self, code: str, way: str) -> None:
        person, lesson = self._grid.person, self._grid.lesson
        if person is None or lesson is None:
            return
        if self._is_refused(lesson, person, code):
            return
        before = self._marker.cell(person.id, lesson.id)
        today = lesson.held_on == self._model.today
        if before is not None and before.mark == code and before.minutes is None:
            self._go_on(person, lesson, was_marked=True)
        elif before is not None and not today:
            self._forming.open_cell(person, lesson, code)
        elif self._put(person, lesson, MarkInput(code, way=way)):
            self._asked = (person.id, lesson.id)
            if code in state.WITH_MINUTES:
                self._grid.ask_minutes(self._model.row_of(person.id), self._model.chosen, state.length_of(lesson))
                self.keys_changed.emit()
            else:
                self._go_on(person, lesson, was_marked=before is not None)

    def _put(self, person: GridPerson, lesson: LessonLine, given: MarkInput) -> bool:
        """Show the mark and have it written; False where it could not be, and was said so."""
        work: Callable[..., object]
        today = lesson.held_on == self._model.today
        if person.walk_in:
            work = partial(marker.mark_walk_in, lesson.id, person.id, person.name, person.phone)
        elif today:
            work = partial(marker.mark_now, lesson.id, person.id, given)
        else:
            day = self._past.signed_on()
            if day is None:
                self._context.messages.remark(self._past.day.error())
                return False
            work = partial(marker.mark_later, lesson.id, {person.id: given}, day)
        cell = Cell(given.mark, given.minutes, AT_LESSON if today else KEYED_IN, 1, disagree=False, sent=False)
        self._marker.put(lesson.id, {person.id: cell}, work)
        return self._marker.cell(person.id, lesson.id) == cell

    def _go_on(self, person: GridPerson, lesson: LessonLine, *, was_marked: bool) -> None:
        row = self._model.row_of(person.id)
        marked = self._model.marked(lesson.id)
        self._grid.go_down_to(state.place_after(self._model.people, marked, row, was_marked=was_marked))

    def add_minutes(self, minutes: int) -> None:
        """Add the minutes to the mark that was just made."""
        person, lesson, cell = self._just_marked()
        if person is not None and lesson is not None and cell is not None:
            self._put(person, lesson, MarkInput(cell.mark, minutes, way=CALLED))

    def leave_minutes(self) -> None:
        """Go on to the next person, with minutes or without."""
        person, lesson, _cell = self._just_marked()
        self._asked = ("", "")
        if person is not None and lesson is not None and lesson == self._grid.lesson:
            self._go_on(person, lesson, was_marked=False)
        self.keys_changed.emit()

    def _just_marked(self) -> tuple[GridPerson | None, LessonLine | None, Cell | None]:
        person_id, lesson_id = self._asked
        row, lesson = self._model.row_of(person_id), self._model.lesson(self._model.column_of(lesson_id))
        if row < 0 or lesson is None:
            return None, None, None
        return self._model.people[row], lesson, self._marker.cell(person_id, lesson_id)

    def call_rest(self, code: str = PRESENT) -> None:
        """Mark everybody who has no mark yet (其余都到)."""
        lesson = self._grid.lesson
        if lesson is None:
            return
        if self._is_refused(lesson):
            return
        missing = self._model.missing(lesson.id)
        if not missing:
            self._context.messages.remark(_("第 {n} 课都点到了", n=lesson.number))
            return
        today = lesson.held_on == self._model.today
        day = lesson.held_on if today else self._past.signed_on()
        if day is None:
            self._context.messages.remark(self._past.day.error())
            return
        given = MarkInput(code, way=CALLED)
        work: Callable[..., object] = partial(marker.mark_rest, lesson.id, code)
        if not today:
            work = partial(marker.mark_later, lesson.id, {each.id: given for each in missing}, day)
        cell = Cell(code, None, AT_LESSON if today else KEYED_IN, 1, disagree=False, sent=False)
        self._marker.put(lesson.id, {each.id: cell for each in missing}, work)

    def take_back(self) -> None:
        """Take back the last act of this sitting, and go where it was."""
        self._grid.minutes.drop()
        act = self._marker.undo(self._on_undone)
        if act is None:
            self._context.messages.remark(_("这一次还没有点过，没有可以撤销的"))
            return
        person, lesson = next(iter(act.before), ("", act.lesson_id))
        row, column = self._model.row_of(person), self._model.column_of(lesson)
        if column >= 0:
            self._grid.go_to(row if row >= 0 else max(0, self._grid.middle.currentIndex().row()), column)

    def _on_undone(self, _nothing: object) -> None:
        self._context.messages.remark(_("已撤销，和刚才之前一样。"))
        self.taken_back.emit()
