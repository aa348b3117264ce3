"""The head of the roll call: the class, its buttons or the field for badges, and the bar of a lesson that is past."""

from __future__ import annotations

from datetime import date

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app import clock
from app.models.codes import code_list
from app.models.training import CANCELLED, FINISHED, OPEN, PLANNED, RUNNING
from app.services.training.calendar import LessonLine
from app.services.training.grid import Grid
from app.texts import _
from app.ui import theme
from app.ui.fields.lines import DateField
from app.ui.roll_call import state
from app.ui.widgets import Button, Card, Chip, IconTile, SearchField, Text

_TONES = {PLANNED: "neutral", OPEN: "blue", RUNNING: "good", FINISHED: "neutral", CANCELLED: "red"}


class RollHeading(QWidget):
    """Title, number, hours, room; at the right the buttons, and in their place the field while something is typed."""

    typed = Signal(str)
    field_left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title, self.about, self.chip = Text("", "page"), Text("", "secondary", "text2"), Chip("")
        self.walk_in = Button(_("临时来的"), key="+", icon="user-round-plus")
        self.edit = Button(_("补签、更正"), key="Ctrl E", icon="pencil")
        self.print = Button(_("打印签到表"), key="Ctrl P", icon="printer")
        self.field = SearchField(_("扫胸牌，或者打姓名首字母"), "/")
        self.field.submitted.connect(self.typed)
        self.right = QStackedWidget()
        self._build()

    def _build(self) -> None:
        buttons = QWidget()
        row = QHBoxLayout(buttons)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.SPACE[1])
        row.addStretch(1)
        for button in (self.walk_in, self.edit, self.print):
            row.addWidget(button)
        self.right.addWidget(buttons)
        self.right.addWidget(self.field)
        for label in (self.title, self.about):
            label.setMinimumWidth(1)  # with big text, rather an ellipsis than a window that is too wide
        first = QHBoxLayout()
        first.setSpacing(theme.SPACE[1])
        first.addWidget(self.title)
        first.addWidget(self.chip)
        first.addStretch(1)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addLayout(first)
        words.addWidget(self.about)
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(theme.SPACE[2])
        outer.addLayout(words, 1)
        outer.addWidget(self.right)

    def show_class(self, grid: Grid) -> None:
        """Show which class this is."""
        self.title.setText(grid.title)
        self.about.setText("　".join(state.about_words(grid)))
        self.chip.set_state(code_list("CLASS_STATE").label(grid.state), _TONES.get(grid.state, "neutral"))

    def open_field(self, text: str = "") -> None:
        """Show the field with what was typed so far, and put the keyboard there."""
        self.right.setCurrentIndex(1)
        self.field.line.setFocus()
        self.field.set_text(text)

    def close_field(self) -> None:
        """Show the buttons again."""
        self.field.set_text("")
        self.right.setCurrentIndex(0)

    @property
    def is_typing(self) -> bool:
        """Whether the field is open."""
        return self.right.currentIndex() == 1


class PastBar(Card):
    """Over a lesson that is past: keys are keyed in from the paper, with its true day."""

    done = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("yellow_soft", None, radius=theme.RADIUS["card"], padding=0, parent=parent)
        self._lesson: LessonLine | None = None
        self._title, self._text = Text("", "strong"), Text("", "secondary", "text2", wrap=True)
        self.day = DateField(_("签到表上的日期"), name="signed_on", prefer="past", hint="Ctrl D")
        self.day.setMaximumWidth(theme.of(self).px(190))
        self.day.next_requested.connect(self.done)
        row = QHBoxLayout()
        row.setContentsMargins(16, 5, 12, 7)
        row.setSpacing(theme.SPACE[2])
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._title)
        words.addWidget(self._text)
        row.addWidget(IconTile("file-pen", "yellow"), 0)
        row.addLayout(words, 1)
        row.addWidget(self.day)
        self.body.addLayout(row)
        self.hide()

    def show_lesson(self, lesson: LessonLine | None, missing: int) -> None:
        """Show the bar for a past lesson, in which so many have no mark; None hides it."""
        self.setVisible(lesson is not None)
        if lesson is None:
            return
        self.set_look("yellow_soft" if missing else "sunken", None if missing else "line")
        self._title.setText(_("补录第 {n} 课", n=lesson.number) if missing else _("第 {n} 课上过了", n=lesson.number))
        keyed = _("照收回来的签到表按键，记号一样。已有记号的改动要写原因。")
        self._text.setText(keyed if missing else _("都有记号了。要改就按新的记号，写上原因；原来的留着可查。"))
        self.day.setVisible(missing > 0)
        if lesson != self._lesson:
            self._lesson = lesson
            self.day.set_value(lesson.held_on)
            self.day.set_error(None)

    def signed_on(self) -> date | None:
        """Return the day of the sheet; None where it is no day, or one to come: the field says so."""
        if not self.day.validate():
            return None
        day = self.day.value()
        if day is None:
            self.day.set_error(_("写签到表上的日期"))
        elif day > clock.today():
            self.day.set_error(_("签到日期还没到"))
            return None
        return day

    def keyPressEvent(self, event: QKeyEvent) -> None:
        event.ignore()
