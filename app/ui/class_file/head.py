"""The head of a class's file: what it is, how it stands, when and where, how full."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.models.codes import code_list
from app.models.hours import hours_text
from app.texts import _
from app.ui import theme
from app.ui.class_file.state import ClassView
from app.ui.training import words
from app.ui.training.slot_fields import LEAST_WORDS
from app.ui.widgets import Chip, IconLabel, Text
from app.ui.widgets.flow import FlowLayout


class ClassHead(QWidget):
    """Title and chip, then one line of facts, then the seats."""

    def __init__(self) -> None:
        super().__init__()
        self.title, self.chip = Text("", "title"), Chip("")
        self.note = Text("", "secondary", "text2")
        self.when = IconLabel("calendar", "", "text2", role="secondary")
        self.where = IconLabel("map-pin", "", "text2", role="secondary")
        self.who = IconLabel("user-round", "", "text2", role="secondary")
        self.seats = IconLabel("users-round", "", "text2", role="secondary")
        for words_of in (self.title, self.note):
            words_of.setMinimumWidth(LEAST_WORDS)  # at a big size of text they end with an ellipsis
        first = QHBoxLayout()
        first.setSpacing(theme.SPACE[2])
        first.addWidget(self.title)
        first.addWidget(self.chip)
        first.addWidget(self.note, 1)
        facts = QWidget()
        flow = FlowLayout(facts, spacing=theme.SPACE[3])
        for label in (self.when, self.where, self.who, self.seats):
            flow.addWidget(label)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE[1])
        column.addLayout(first)
        column.addWidget(facts)

    def show_view(self, view: ClassView) -> None:
        """Show another class, or the same one anew."""
        line, course = view.line, view.file.course
        self.title.setText(line.title)
        self.chip.set_state(words.state_words(line), words.state_tone(line))
        level = code_list("SKILL").label(line.level)
        course_words = line.course_name if line.course_name != line.title else ""
        parts = (line.class_no, course_words, level, course.provider_name)
        self.note.setText("　".join(part for part in parts if part))
        hours = hours_text(view.file.hours_planned)
        self.when.set_text(
            _("{span}，{n} 次课 {hours} 课时", span=words.span_words(line), n=line.lesson_count, hours=hours)
        )
        self.where.set_text(line.place or _("没有写地点"))
        self.who.set_text(_("、").join(line.trainers) or _("没有写教师"))
        seats = _("报名 {seats}", seats=words.seats_words(line))
        least = _("最低 {n} 人开班", n=line.min_open) if line.min_open else ""
        self.seats.set_text(_("，").join(part for part in (seats, least) if part))
