"""The roll call's forms: opened over the grid, saved through the marker, so that Ctrl+Z takes them back too."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app.errors import AppError
from app.models.acts import may
from app.services.training import grid as grids
from app.services.training import marking
from app.services.training.calendar import LessonLine
from app.services.training.grid import GridPerson, TrailLine
from app.texts import _
from app.ui.context import UiContext
from app.ui.roll_call import state
from app.ui.roll_call.adopting import AdoptDialog
from app.ui.roll_call.forms import CellForm, CellValues, WalkInForm
from app.ui.roll_call.marker import Marker

if TYPE_CHECKING:
    from app.db.database import Transaction


def read_trail(lesson_id: str, person_id: str, tx: Transaction) -> list[TrailLine]:
    """Read every mark that was ever made in a cell."""
    return grids.list_trail(tx, lesson_id, person_id)


def save_cell(lesson_id: str, person_id: str, values: CellValues, tx: Transaction) -> object:
    """Sign somebody in afterwards, or correct what stands."""
    if values.made_up:
        return marking.make_up(tx, lesson_id, person_id, values.why, signed_at=values.signed_at)
    return marking.correct(tx, lesson_id, person_id, values.mark, values.why, minutes=values.minutes)


def save_walk_in(lesson_id: str, name: str, phone: str | None, tx: Transaction) -> object:
    """Note somebody who came without having signed up."""
    return marking.walk_in(tx, lesson_id, name, phone=phone)


class Forming(QObject):
    """Opens a form, saves it, and gives the keyboard back."""

    saved = Signal()

    def __init__(self, context: UiContext, over: QWidget, marker: Marker) -> None:
        super().__init__(over)
        self._context, self._over, self._marker = context, over, marker
        self.form: CellForm | WalkInForm | None = None
        self.adopting: AdoptDialog | None = None
        self._code: str | None = None
        self._cell: tuple[GridPerson, LessonLine] | None = None

    def open_cell(self, person: GridPerson, lesson: LessonLine, code: str | None = None) -> None:
        """Show a cell's marks, and what may be done with them; ``code`` is the key that was pressed on it.

        At the counter, a walk-in gets her sign-up instead.
        """
        if person.walk_in and code is None and may(self._context.actor.roles, "attendance.adopt"):
            self._open_adopting(person)
            return
        self._code, self._cell = code, (person, lesson)
        self._context.runner.read(partial(read_trail, lesson.id, person.id), self._on_trail)

    def _open_adopting(self, person: GridPerson) -> None:
        if self._marker.grid is not None:
            self.adopting = AdoptDialog(self._context, self._over.window(), self._marker.grid.class_id, person)
            self.adopting.adopted.connect(self._context.messages.say)
            self.adopting.finished.connect(self._on_adopting_closed)
            self.adopting.open()

    def _on_adopting_closed(self, _result: int) -> None:
        dialog, self.adopting = self.adopting, None
        if dialog is not None:
            dialog.deleteLater()
        self._over.setFocus()
        self.saved.emit()

    def open_walk_in(self, lesson: LessonLine) -> None:
        """Ask who came."""
        self._show(WalkInForm(self._over.window(), lesson), lesson)

    def _on_trail(self, trail: list[TrailLine]) -> None:
        grid = self._marker.grid
        if self._cell is None or grid is None:
            return
        person, lesson = self._cell
        error = state.refusal(grid, lesson, person)
        why_not = error.text if error is not None else ""
        if person.walk_in and not why_not:
            why_not = _("临时来的人只记到课；回到窗口补了报名，再更正。")
        form = CellForm(self._over.window(), person, lesson, trail, code=self._code, why_not=why_not)
        self._show(form, lesson)

    def _show(self, form: CellForm | WalkInForm, lesson: LessonLine) -> None:
        self.form = form
        form.save_requested.connect(partial(self._on_save, lesson))
        form.finished.connect(self._on_closed)
        form.open()

    def _on_save(self, lesson: LessonLine, values: dict[str, Any]) -> None:
        if isinstance(self.form, CellForm) and self._cell is not None:
            work = partial(save_cell, lesson.id, self._cell[0].id, self.form.collected())
        else:
            work = partial(save_walk_in, lesson.id, values["walk_in_name"] or "", values["walk_in_phone"])
        self._marker.do(lesson.id, work, on_done=self._on_saved, on_error=self._on_not_saved)

    def _on_saved(self, _row: object) -> None:
        words = _("已记下，原来的记号留着可查") if isinstance(self.form, CellForm) else _("已记下临时来的人")
        if self.form is not None:
            self.form.accept()
        self._context.messages.say(words)
        self.saved.emit()

    def _on_not_saved(self, error: AppError) -> None:
        if self.form is None or not self.form.show_error(error):
            self._context.messages.show_error(error)

    def _on_closed(self, _result: int) -> None:
        form, self.form = self.form, None
        if form is not None:
            form.deleteLater()
        self._over.setFocus()
