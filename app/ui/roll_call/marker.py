"""Marks that show at once: a key never waits for the disk. A write that fails puts its cells back, with a sentence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from app.errors import AppError
from app.services.training import marking
from app.services.training.grid import Cell, Grid, undo_mark
from app.services.training.marking import MarkInput
from app.ui.context import UiContext

if TYPE_CHECKING:
    from app.db.database import Transaction

Work = Callable[["Transaction"], Any]
Failed = Callable[[AppError], object]
Place = tuple[str, str]
"""Person and lesson."""

UNDO_MOST = 50


@dataclass
class Act:
    """One act of this sitting: the cells it changed, as they were before. ``tx`` knows its operation once committed."""

    lesson_id: str
    before: Mapping[Place, Cell | None]
    turn: int
    tx: Transaction | None = field(default=None, repr=False)


class Marker(QObject):
    """The grid as it is on the screen: what was read, and over it what was pressed since.

    ``changed`` names the people whose row is to be painted anew, none for all; ``refused`` the place that went back.
    """

    changed = Signal(list)
    refused = Signal(str, str)

    def __init__(self, context: UiContext, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._turn = 0
        self._over: dict[Place, tuple[int, Cell | None]] = {}
        self._acts: list[Act] = []
        self._read: dict[str, Mapping[str, Cell]] = {}
        self.waiting = 0
        self.grid: Grid | None = None

    # -- looking --------------------------------------------------------------------------------------------------
    @property
    def turn(self) -> int:
        """The number of the last press: a reading asked for now will hold everything up to it."""
        return self._turn

    def show(self, grid: Grid, turn: int) -> None:
        """Take a fresh reading that was asked for at that turn; what was pressed later stays over it."""
        same = self.grid is not None and self.grid.class_id == grid.class_id
        self.grid = grid
        self._read = {each.id: each.cells for each in grid.people}
        if not same:
            self._acts = []
        self._over = {place: kept for place, kept in self._over.items() if same and kept[0] > turn}

    def cell(self, person_id: str, lesson_id: str) -> Cell | None:
        """Return what shows in a cell."""
        kept = self._over.get((person_id, lesson_id))
        return kept[1] if kept is not None else self.cells_read(person_id).get(lesson_id)

    def cells_read(self, person_id: str) -> Mapping[str, Cell]:
        """Return somebody's cells as they were read."""
        return self._read.get(person_id, {})

    def cells(self, person_id: str) -> Mapping[str, Cell]:
        """Return somebody's cells as they show."""
        read = self.cells_read(person_id)
        own = {lesson: cell for (person, lesson), (_turn, cell) in self._over.items() if person == person_id}
        if not own:
            return read
        return {lesson: cell for lesson, cell in {**read, **own}.items() if cell is not None}

    def called(self) -> frozenset[str]:
        """Return the lessons in which anybody shows a mark."""
        if self.grid is None:
            return frozenset()
        return self.grid.called | {lesson for (_person, lesson), (_turn, cell) in self._over.items() if cell}

    # -- writing --------------------------------------------------------------------------------------------------
    def put(self, lesson_id: str, cells: Mapping[str, Cell], work: Work) -> None:
        """Show these cells of a lesson (by person) now, and have ``work`` write them."""
        self._turn += 1
        before = {(person, lesson_id): self.cell(person, lesson_id) for person in cells}
        for person, cell in cells.items():
            self._over[person, lesson_id] = (self._turn, cell)
        self._write(Act(lesson_id, before, self._turn), work)
        self.changed.emit(list(cells) if len(cells) == 1 else [])

    def do(self, lesson_id: str, work: Work, *, on_done: Callable[[Any], object], on_error: Failed) -> None:
        """Write what shows only once it is written (a form); it can be taken back like a key."""
        self._turn += 1
        act = Act(lesson_id, {}, self._turn)
        self._acts = [*self._acts, act][-UNDO_MOST:]
        self.waiting += 1
        self._context.runner.write(
            partial(_keep, act, work), partial(self._on_done, act, on_done), partial(self._on_form_error, act, on_error)
        )

    def _write(self, act: Act, work: Work) -> None:
        self._acts = [*self._acts, act][-UNDO_MOST:]
        self.waiting += 1
        self._context.runner.write(
            partial(_keep, act, work), partial(self._on_done, act, None), partial(self._on_error, act)
        )

    def _on_done(self, act: Act, told: Callable[[Any], object] | None, value: Any) -> None:
        self.waiting -= 1
        if act.tx is None or act.tx.op_id is None:  # it stood so already: there is nothing to take back
            self._acts = [each for each in self._acts if each is not act]
        if told is not None:
            told(value)

    def _on_form_error(self, act: Act, told: Failed, error: AppError) -> None:
        self.waiting -= 1
        self._acts = [each for each in self._acts if each is not act]
        told(error)

    def _on_error(self, act: Act, error: AppError) -> None:
        """Put the cells back as they were, where nothing was pressed since, and say why."""
        self.waiting -= 1
        self._acts = [each for each in self._acts if each is not act]
        for place in act.before:
            kept = self._over.get(place)
            if kept is not None and kept[0] == act.turn:
                del self._over[place]
        self.changed.emit([])
        person, lesson = next(iter(act.before), ("", act.lesson_id))
        self._context.messages.show_error(error)
        self.refused.emit(person, lesson)

    # -- taking back ----------------------------------------------------------------------------------------------
    def undo(self, on_done: Callable[[Any], object]) -> Act | None:
        """Take back the last act of this sitting; return it, or None where there is none."""
        if not self._acts:
            return None
        act = self._acts.pop()
        self._turn += 1
        for place, cell in act.before.items():
            self._over[place] = (self._turn, cell)
        back = Act(act.lesson_id, dict.fromkeys(act.before), self._turn)
        self.waiting += 1
        self._context.runner.write(
            partial(_take_back, act), partial(self._on_undone, on_done), partial(self._on_error, back)
        )
        self.changed.emit([])
        return act

    def _on_undone(self, told: Callable[[Any], object], value: Any) -> None:
        self.waiting -= 1
        told(value)


def _keep(act: Act, work: Work, tx: Transaction) -> Any:
    """Do the work, and keep the transaction at the act: after the commit it knows the operation."""
    value = work(tx)
    act.tx = tx
    return value


def _take_back(act: Act, tx: Transaction) -> None:
    """Undo the act's operation; it was written before, for the lane keeps the order."""
    if act.tx is not None and act.tx.op_id is not None:
        undo_mark(tx, act.lesson_id, act.tx.op_id)


# -- the acts themselves ----------------------------------------------------------------------------------------------


def mark_now(lesson_id: str, person_id: str, given: MarkInput, tx: Transaction) -> object:
    """Mark somebody on the day."""
    return marking.mark(tx, lesson_id, person_id, given.mark, minutes=given.minutes, way=given.way)


def mark_later(lesson_id: str, marks: Mapping[str, MarkInput], signed_on: date, tx: Transaction) -> object:
    """Key in what the paper says, with its true day."""
    return marking.enter_sheet(tx, lesson_id, marks, signed_on=signed_on)


def mark_rest(lesson_id: str, code: str, tx: Transaction) -> object:
    """Mark everybody who has no mark yet."""
    return marking.mark_rest(tx, lesson_id, code)


def mark_walk_in(lesson_id: str, person_id: str, name: str, phone: str | None, tx: Transaction) -> object:
    """Note that somebody not on the list came again."""
    return marking.walk_in(tx, lesson_id, name, phone=phone, walk_in_id=person_id)
