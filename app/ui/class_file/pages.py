"""The pages of a class's file: its lessons, its list."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app import texts
from app.models.codes import code_list
from app.models.hours import hours_text
from app.services.training.calendar import LessonLine
from app.services.training.rosters import RosterLine
from app.texts import _
from app.ui import theme
from app.ui.class_file import state
from app.ui.class_file.state import ClassView
from app.ui.rights import Rights
from app.ui.table import Column, RecordTable
from app.ui.training import words
from app.ui.training.slot_fields import LEAST_WORDS
from app.ui.widgets import Button, EmptyState, Text

ROW = 44


def _width(chinese: int, other: int) -> int:
    """Return a column's width in the language in force: English words are longer."""
    return chinese if texts.language() == "zh_CN" else other


class LessonsPage(QWidget):
    """The calendar of lessons as a list. ``opened`` carries a lesson on Enter."""

    opened = Signal(object)
    add_requested = Signal()
    move_requested = Signal()
    cancel_requested = Signal()

    def __init__(self, rights: Rights) -> None:
        super().__init__()
        self._rights = rights
        self._view: ClassView | None = None
        self.sum = Text("", "secondary", "text2")
        self.sum.setMinimumWidth(LEAST_WORDS)
        self.add = Button(_("加一次课"), "soft", "Ctrl N", "plus", height=32)
        self.move_one = Button(_("调课"), "outline", "Ctrl M", "calendar-days", height=32)
        self.call_off = Button(_("取消这次课"), "text", "Del", height=32)
        self.table: RecordTable[LessonLine] = RecordTable(
            self._columns(), name=_("课程表"), row_height=ROW, key=lambda row: row.id
        )
        self.table.set_empty(EmptyState(_("还没有排课"), _("按 Ctrl+N 加一次课。"), icon="calendar-days"))
        bar = QHBoxLayout()
        bar.setSpacing(theme.SPACE[1])
        bar.addWidget(self.sum, 1)
        for button in (self.call_off, self.move_one, self.add):
            button.setVisible(rights.may("class.lessons"))
            bar.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(theme.SPACE[1])
        column.addLayout(bar)
        column.addWidget(self.table, 1)
        self.setFocusProxy(self.table)
        self.table.row_activated.connect(self.opened)
        self.table.row_selected.connect(self._on_row)
        self.table.view.postponed.connect(self._on_del)
        self.add.clicked.connect(self.add_requested)
        self.move_one.clicked.connect(self.move_requested)
        self.call_off.clicked.connect(self.cancel_requested)

    def _columns(self) -> tuple[Column[LessonLine], ...]:
        return (
            Column(_("课次"), lambda row: str(row.number), width=58, align="right", sort_key=lambda row: row.number),
            Column(
                _("日期"),
                lambda row: words.day_words(row.held_on),
                width=_width(124, 130),
                bold=True,
                sort_key=lambda row: row.held_on,
            ),
            Column(_("时间"), lambda row: f"{row.starts}–{row.ends}", width=122),
            Column(_("课时"), lambda row: hours_text(row.hours), width=58, align="right"),
            Column(
                _("内容和变动"),
                self._note,
                width=130,
                stretch=3,
                tone=lambda row: "orange" if self._warned(row) else "text2",
            ),
            Column(_("地点"), lambda row: row.room or "", width=110, stretch=2),
            Column(_("教师"), lambda row: row.trainer_name or "", width=86, stretch=1),
            Column(_("状态"), self._state, width=_width(104, 132), chip=self._tone),
        )

    def _note(self, row: LessonLine) -> str:
        kind = code_list("LESSON_KIND").label(row.kind)
        notes = _("{n} 条上课记录", n=row.note_count) if row.note_count else ""
        return _("，").join(part for part in (*self._warned(row), kind, state.lesson_note(row), notes) if part)

    def _warned(self, row: LessonLine) -> tuple[str, ...]:
        return self._view.warned.get(row.id, ()) if self._view is not None else ()

    def _state(self, row: LessonLine) -> str:
        return state.lesson_state(self._view, row) if self._view is not None else ""

    def _tone(self, row: LessonLine) -> str:
        return state.lesson_tone(self._view, row) if self._view is not None else "neutral"

    def show_view(self, view: ClassView) -> None:
        """Show another class's lessons; the keyboard's row is the next lesson at first."""
        fresh = self._view is None or self._view.line.id != view.line.id
        self._view = view
        self.sum.setText(state.lessons_sum(view))
        self.table.set_rows(view.lessons)
        if fresh or self.table.current_row() is None:
            chosen = state.next_lesson(view)
            if chosen is None or not self.table.select_key(chosen.id):
                self.table.select_first()
        self._on_row(self.table.current_row())

    def current(self) -> LessonLine | None:
        """Return the chosen lesson."""
        return self.table.current_row()

    def _on_row(self, lesson: LessonLine | None) -> None:
        if self._view is None:
            return
        alive = self._view.line.state in ("10", "20", "30")
        self.add.setEnabled(alive)
        for button, act in ((self.move_one, "lesson.move"), (self.call_off, "lesson.cancel")):
            why = state.why_fixed(self._view, lesson, self._rights, act)
            button.setEnabled(not why)
            button.setToolTip(why)

    def _on_del(self, _row: int) -> None:
        self.cancel_requested.emit()


class RosterPage(QWidget):
    """The sign-up list with the waiting list, to read. ``opened`` carries a line on Enter."""

    opened = Signal(object)
    sign_up_requested = Signal()
    seats_requested = Signal()

    def __init__(self, rights: Rights) -> None:
        super().__init__()
        self.sum = Text("", "secondary", "text2")
        self.sum.setMinimumWidth(LEAST_WORDS)
        self.sign_up = Button(_("给人报名"), "soft", "Ctrl T", "user-round-plus", height=32)
        self.seats = Button(_("退班、递补、确认单"), "text", height=32)
        for button in (self.sign_up, self.seats):
            button.setVisible(rights.may("enrolment.add"))
        self.table: RecordTable[RosterLine] = RecordTable(
            self._columns(), name=_("报名名单"), row_height=ROW, key=lambda row: row.id
        )
        hint = _("按 Ctrl+T 给人报名。") if rights.may("enrolment.add") else _("站里报了名，同步以后就在这里。")
        self.table.set_empty(EmptyState(_("还没有人报名"), hint, icon="users-round"))
        bar = QHBoxLayout()
        bar.addWidget(self.sum, 1)
        bar.addWidget(self.seats)
        bar.addWidget(self.sign_up)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(theme.SPACE[1])
        column.addLayout(bar)
        column.addWidget(self.table, 1)
        self.setFocusProxy(self.table)
        self.table.row_activated.connect(self.opened)
        self.sign_up.clicked.connect(self.sign_up_requested)
        self.seats.clicked.connect(self.seats_requested)

    def _columns(self) -> tuple[Column[RosterLine], ...]:
        return (
            Column(
                _("姓名"),
                lambda row: row.name,
                width=110,
                stretch=1,
                bold=True,
                tone=lambda row: "text3" if row.drop_reason else "text",
            ),
            Column(_("电话"), state.phone_words, width=126, tone=lambda _row: "text2"),
            Column(_("人员类别"), state.target_words, width=128, stretch=2, second=state.subsidy_words),
            Column(_("名额"), state.seat_words, width=_width(132, 168), chip=state.seat_tone),
            Column(
                _("报名"),
                lambda row: words.short_day(row.enrolled_on),
                width=_width(88, 132),
                second=lambda row: "" if row.sent else _("等着送出"),
                sort_key=lambda row: row.enrolled_on,
            ),
            Column(_("报名号"), lambda row: row.enrol_no, width=184, tone=lambda _row: "text2"),
        )

    def show_view(self, view: ClassView) -> None:
        """Show another class's list."""
        self.sum.setText(state.roster_sum(view))
        self.sign_up.setEnabled(view.line.open_to_sign_up)
        self.table.set_rows(view.roster)
        if self.table.current_row() is None:
            self.table.select_first()
