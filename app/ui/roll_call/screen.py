"""Roll call: a class's people by lessons. Each key is a mark, durable at once; nothing here waits for the disk."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from app.errors import AppError
from app.models.access_log import CLASS_LOOK
from app.models.acts import TRAINER
from app.models.attendance import ABSENT
from app.services.training.calendar import LessonLine
from app.services.training.grid import Grid, GridPerson
from app.texts import _
from app.ui import theme
from app.ui.acting import show_keys
from app.ui.context import UiContext
from app.ui.keys import KeyHint
from app.ui.roll_call import state
from app.ui.roll_call.calling import Calling
from app.ui.roll_call.forming import Forming
from app.ui.roll_call.forms import FinishDialog
from app.ui.roll_call.grid_model import RollModel
from app.ui.roll_call.grid_view import RollGrid
from app.ui.roll_call.head import PastBar, RollHeading
from app.ui.roll_call.marker import Marker
from app.ui.roll_call.panel import RollPanel
from app.ui.roll_call.paper import SheetPage, SheetPanel
from app.ui.widgets import EmptyState

SOON_MS = 250
"""Marks come in a row: the grid is read again once they rest, or so often while they do not."""


class RollCallScreen(QWidget):
    """The grid with its panel; over it, the sheet to be printed."""

    def __init__(self, context: UiContext) -> None:
        super().__init__()
        self._context = context
        self._class_id, self._wanted, self._wanted_person = "", "", ""
        self._fresh = self._came = True
        self._soon = QTimer(self, singleShot=True, interval=SOON_MS)
        self._soon.timeout.connect(self._read)
        self.marker = Marker(context, self)
        self.model = RollModel(self.marker, self)
        self._build()
        self.forming = Forming(context, self, self.marker)
        self.calling = Calling(context, self.grid, self.marker, self.past, self.forming)
        self._connect()

    # -- making ---------------------------------------------------------------------------------------------------
    def _build(self) -> None:
        self.heading, self.past, self.grid = RollHeading(), PastBar(), RollGrid(self.model)
        self.empty = EmptyState(_("还没有人可点"), "", icon="users-round")
        self.body = QStackedWidget()
        self.body.addWidget(self.grid)
        self.body.addWidget(self.empty)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(24, 12, 24, 6)
        column.setSpacing(theme.SPACE[1])
        column.addWidget(self.heading)
        column.addWidget(self.past)
        column.addWidget(self.body, 1)
        self.roll_panel, self.sheet_panel = RollPanel(), SheetPanel()
        self.panel = QStackedWidget()
        self.panel.addWidget(self.roll_panel)
        self.panel.addWidget(self.sheet_panel)
        self.sheet = SheetPage(self._context, self.sheet_panel)
        self.stack = QStackedWidget()
        self.stack.addWidget(page)
        self.stack.addWidget(self.sheet)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.stack)
        self.setFocusProxy(self.grid)

    def _connect(self) -> None:
        grid = self.grid
        grid.mark_requested.connect(self.calling.call)
        grid.rest_requested.connect(self.calling.call_rest)
        grid.open_requested.connect(self._on_edit)
        grid.walk_in_requested.connect(self._on_walk_in)
        grid.typed.connect(self.heading.open_field)
        grid.lesson_chosen.connect(self._on_lesson)
        grid.person_chosen.connect(self.roll_panel.show_person)
        grid.minutes_given.connect(self.calling.add_minutes)
        grid.minutes_left.connect(self.calling.leave_minutes)
        self.marker.changed.connect(self._show_counts)
        self.marker.refused.connect(self._on_refused)
        self.calling.keys_changed.connect(self._on_keys_changed)
        self.calling.taken_back.connect(self._read)
        self.forming.saved.connect(self._read)
        self.heading.typed.connect(self._on_typed)
        self.heading.walk_in.clicked.connect(self._on_walk_in)
        self.heading.edit.clicked.connect(self._on_edit)
        self.heading.print.clicked.connect(self._on_print)
        self.past.done.connect(self._to_grid)
        self.roll_panel.rest_requested.connect(self.calling.call_rest)
        self.roll_panel.finish_requested.connect(self.main_action)
        self.sheet.closed.connect(self._close_sheet)

    # -- what the window calls ------------------------------------------------------------------------------------
    def open(self, **arguments: object) -> None:
        """Show the class ``id``; at the lesson ``lesson_id`` and the person ``person`` where they are named."""
        class_id = str(arguments.get("id") or self._class_id)
        self._wanted, self._wanted_person = str(arguments.get("lesson_id") or ""), str(arguments.get("person") or "")
        self._fresh = self._fresh or class_id != self._class_id or bool(self._wanted or self._wanted_person)
        self._class_id, self._came = class_id, True
        self._close_sheet()

    def refresh(self) -> None:
        """Read the class again: at once on coming, after a short rest while marks are pressed."""
        if self._fresh or self._came:
            self._came = False
            self._read()
        elif not self._soon.isActive():
            self._soon.start()

    def key_hints(self) -> list[KeyHint]:
        """Return the entries of the key bar."""
        if self.is_printing:
            return [KeyHint(("1", "2", "3"), _("选哪几课")), KeyHint(("PgUp", "PgDn"), _("翻页")),
                    KeyHint(("F9",), _("打印")), KeyHint(("Ctrl S",), _("存 PDF")),
                    KeyHint(("Esc",), _("回到点名"))]  # fmt: skip
        if self.grid.minutes.is_open:
            return [KeyHint(("0–9",), _("几分钟")), KeyHint(("Enter",), _("接着点，不写分钟也行"))]
        return [KeyHint(state.KEYS, _("点名")), KeyHint(("↑", "↓"), _("选学员")), KeyHint(("←", "→"), _("换课")),
                KeyHint(("A",), _("其余都到")), KeyHint(("Ctrl Z",), _("撤销")), KeyHint(("F9",), _("点完")),
                KeyHint(("Enter",), _("看这一格")), KeyHint(("/",), _("扫胸牌、找人"))]  # fmt: skip

    def acts(self) -> dict[str, Callable[[], object]]:
        """Return the commands this screen knows."""
        if self.is_printing:
            return {"save_pdf": self.sheet.save, "print": self.sheet.print}
        known: dict[str, Callable[[], object]] = {"filter": self.heading.open_field, "undo": self.calling.take_back}
        if self.grid.lesson is not None:
            known |= {"edit": self._on_edit, "print": self._on_print}
        return known

    def main_action(self) -> None:
        """Print the sheet, or end the roll call of this lesson (F9)."""
        if self.is_printing:
            self.sheet.print()
        elif self.grid.lesson is not None and self.grid.minutes.leave():
            lesson = self.grid.lesson
            self.roll_panel.finish.set_busy(_("正在存…"))
            read = partial(state.load, self._class_id)
            self._context.runner.read(read, partial(self._on_finished, lesson, self.marker.turn), self._on_not_read)

    def may_leave(self) -> bool:
        """Let the person go: every mark was handed on when its key was pressed."""
        self.grid.minutes.drop()
        self.heading.close_field()
        return True

    @property
    def is_printing(self) -> bool:
        """Whether the sheet is in front."""
        return self.stack.currentIndex() == 1

    # -- reading --------------------------------------------------------------------------------------------------
    def _read(self) -> None:
        if not self._class_id:
            self.empty.set_text(_("还没有选班"), _("从培训里打开一个班，再点名。"))
            self.body.setCurrentIndex(1)
            return
        read = partial(state.load, self._class_id)
        self._context.runner.read(read, partial(self._on_grid, self.marker.turn), self._on_not_read)

    def _on_not_read(self, error: AppError) -> None:
        self.roll_panel.finish.set_busy(None)
        self.empty.set_text(_("这个班打不开"), getattr(error, "text", ""))
        self.body.setCurrentIndex(1)
        self._context.messages.show_error(error)

    def _on_grid(self, turn: int, grid: Grid) -> None:
        if grid.class_id != self._class_id:
            return
        person, lesson = self.grid.person, self.grid.lesson
        self._context.looked(CLASS_LOOK, "training_class", self._class_id)
        self.marker.show(grid, turn)
        self.model.show()
        self.heading.show_class(grid)
        self.roll_panel.show_near(self.model.line, state.near_line(self.model.everybody()))
        usable = bool(grid.lessons and self.model.people)
        self.body.setCurrentIndex(0 if usable else 1)
        if not usable:
            text = _("先在班里报名。") if grid.lessons else _("先在班里排课。")
            self.empty.set_text(_("还没有人可点") if grid.lessons else _("这个班还没有课"), text)
        if self._fresh and usable:
            self._fresh = False
            self._begin(grid)
        elif usable and (self.grid.person is None or self.grid.lesson is None):
            self._go_back_to(person, lesson)
        self._show_counts()
        show_keys(self)

    def _begin(self, grid: Grid) -> None:
        """Choose the lesson of the moment and whose turn it is."""
        lesson = state.lesson_to_open(grid, self.model.today, self._wanted or None)
        column = self.model.column_of(lesson.id) if lesson is not None else -1
        if lesson is None or column < 0:
            return
        row = self.model.row_of(self._wanted_person)
        if row < 0:
            row = state.first_unmarked(self.model.people, self.model.marked(lesson.id))
        self.model.choose(-1)
        self.grid.go_to(row, column)
        self.grid.setFocus()

    def _go_back_to(self, person: GridPerson | None, lesson: LessonLine | None) -> None:
        """Choose the same cell after the rows changed."""
        column = self.model.column_of(lesson.id) if lesson is not None else -1
        row = self.model.row_of(person.id) if person is not None else -1
        if column < 0 and self.marker.grid is not None:
            self._begin(self.marker.grid)
        else:
            self.model.choose(-1)
            self.grid.go_to(max(0, row), column)

    # -- showing --------------------------------------------------------------------------------------------------
    def _show_counts(self, _people: list[str] | None = None) -> None:
        lesson = self.grid.lesson
        if lesson is None:
            self.roll_panel.show_lesson(None, 0, {}, [], "")
            self.past.show_lesson(None, 0)
            return
        people = sum(state.is_called(each) for each in self.model.people)
        missing, tally = self.model.missing(lesson.id), self.model.tally(lesson.id)
        when = state.when_words(lesson, self.model.today)
        self.roll_panel.show_lesson(lesson, people, tally, missing, when)
        past = lesson.held_on < self.model.today and self.calling.refusal(lesson) is None
        self.past.show_lesson(lesson if past else None, len(missing))

    def _on_lesson(self, _lesson: LessonLine) -> None:
        self._show_counts()

    def _on_keys_changed(self) -> None:
        show_keys(self)

    def _to_grid(self) -> None:
        self.grid.setFocus()

    def _on_refused(self, person_id: str, lesson_id: str) -> None:
        """Go back to the cell that was not written, and see how things are."""
        self.grid.minutes.drop()
        row, column = self.model.row_of(person_id), self.model.column_of(lesson_id)
        if row >= 0 and column >= 0:
            self.grid.go_to(row, column)
        self._read()

    # -- badges and names -----------------------------------------------------------------------------------------
    def _on_typed(self, text: str) -> None:
        grid, lesson = self.marker.grid, self.grid.lesson
        if grid is None or lesson is None:
            return
        found = state.find_typed(grid, text)
        if found.person is None:
            if found.trouble:
                self._context.messages.remark(found.trouble)
                self.heading.field.line.selectAll()
                return
            self._leave_field()
            return
        self._leave_field()
        self.grid.go_down_to(self.model.row_of(found.person.id))
        if found.by_badge:
            self.calling.call_scanned()

    def _leave_field(self) -> None:
        self.heading.close_field()
        self.grid.setFocus()

    # -- forms, paper, the end ------------------------------------------------------------------------------------
    def _on_edit(self) -> None:
        person, lesson = self.grid.person, self.grid.lesson
        if person is not None and lesson is not None and self.grid.minutes.leave():
            self.forming.open_cell(person, lesson)

    def _on_walk_in(self) -> None:
        lesson = self.grid.lesson
        if lesson is not None:
            error = self.calling.refusal(lesson)
            if error is not None:
                self._context.messages.remark(getattr(error, "text", ""))
            else:
                self.forming.open_walk_in(lesson)

    def _on_print(self) -> None:
        grid, lesson = self.marker.grid, self.grid.lesson
        if grid is None or lesson is None:
            return
        self.grid.minutes.drop()
        self.stack.setCurrentIndex(1)
        self.panel.setCurrentIndex(1)
        self.setFocusProxy(self.sheet)
        self.sheet.show_class(grid, lesson)
        self.sheet.setFocus()
        show_keys(self)

    def _close_sheet(self) -> None:
        if self.is_printing:
            self.stack.setCurrentIndex(0)
            self.panel.setCurrentIndex(0)
            self.setFocusProxy(self.grid)
            self.grid.setFocus()
            show_keys(self)

    def _on_finished(self, lesson: LessonLine, turn: int, grid: Grid) -> None:
        """Every mark is in the store now: say so, or say who has none."""
        self.roll_panel.finish.set_busy(None)
        self._on_grid(turn, grid)
        missing = grid.missing_in(lesson.id)
        if self.calling.refusal(lesson) is not None or not missing:
            self._end(lesson)
            return
        dialog = FinishDialog(self.window(), lesson, missing)
        dialog.finished.connect(partial(self._on_finish_answered, dialog, lesson))
        dialog.open()

    def _on_finish_answered(self, dialog: FinishDialog, lesson: LessonLine, _result: int) -> None:
        answer = dialog.answer
        dialog.deleteLater()
        self.grid.setFocus()
        if answer == FinishDialog.ABSENT:
            self.calling.call_rest(ABSENT)
        elif answer == FinishDialog.END:
            self._end(lesson)

    def _end(self, lesson: LessonLine) -> None:
        counts = self.marker.grid.tally(lesson.id) if self.marker.grid is not None else {}
        if counts:
            words = _("第 {n} 课点完，都存好了：{counts}", n=lesson.number, counts=state.finish_words(counts))
            self._context.messages.say(words)
        if self._context.actor.roles == frozenset({TRAINER}):
            self._context.navigate("today")
        else:
            self._context.navigate("class_file", id=self._class_id)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        held = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if event.key() == Qt.Key.Key_Escape and self.heading.is_typing:
            self._leave_field()
        elif event.key() == Qt.Key.Key_D and held and not self.past.isHidden():
            self.past.day.line.setFocus()
            self.past.day.line.selectAll()
        else:
            super().keyPressEvent(event)
