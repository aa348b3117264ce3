"""The right side of the two lists: one class with its next step, one course with what it is."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.models.codes import code_list
from app.services.training.courses import CourseLine
from app.services.training.listing import ClassLine
from app.texts import _
from app.ui import theme
from app.ui.rights import Rights
from app.ui.training import state, words
from app.ui.training.steps import step_of
from app.ui.widgets import Button, Chip, EmptyState, Fact, IconLabel, ProgressBarThin, Scroller, Text, flow_of


class ClassPanel(QWidget):
    """One class: how it stands, what comes next, and the ways into it."""

    open_requested = Signal(str)
    roll_call_requested = Signal(str)
    sign_up_requested = Signal(str)

    def __init__(self, rights: Rights) -> None:
        super().__init__()
        self._rights = rights
        self.line: ClassLine | None = None
        self._scroll = Scroller(spacing=theme.SPACE[2])
        self.roll_call = Button(_("点名"), icon="clipboard-check")
        self.sign_up = Button(_("给人报名"), key="Ctrl T", icon="user-round-plus")
        self.enter = Button(_("打开班级"), "filled", "F9", "clipboard-list", height=theme.HEIGHT["main"])
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE[1])
        column.addWidget(self._scroll, 1)
        for button in (self.roll_call, self.sign_up, self.enter):
            column.addWidget(button)
        self.enter.clicked.connect(self.do_main)
        self.roll_call.clicked.connect(self._on_roll_call)
        self.sign_up.clicked.connect(self.do_sign_up)
        self.show_line(None)

    def show_line(self, line: ClassLine | None) -> None:
        """Show this class; None: nothing is chosen."""
        self.line = line
        self._scroll.clear()
        body = self._scroll.body
        self.enter.setVisible(line is not None)
        self.roll_call.setVisible(line is not None and line.state in ("30", "40"))
        self.sign_up.setVisible(line is not None and line.open_to_sign_up and self._rights.may("enrolment.add"))
        if line is None:
            body.addWidget(EmptyState(_("没有选中班期"), _("在左边选一个。"), icon="graduation-cap"))
            body.addStretch(1)
            return
        body.addWidget(Text(line.title, "page", wrap=True))
        body.addWidget(Text(line.class_no, "secondary", "text2"))
        body.addWidget(flow_of([Chip(words.state_words(line), words.state_tone(line))]))
        step = step_of(line, self._rights)
        body.addWidget(IconLabel(step.icon, step.text, step.tone, wrap=True))
        self._people(line)
        body.addWidget(Fact(_("日期"), _("{span}，{n} 次课", span=words.span_words(line), n=line.lesson_count)))
        body.addWidget(Fact(_("地点"), line.place or "", due=True))
        body.addWidget(Fact(_("授课教师"), _("、").join(line.trainers), due=True))
        body.addStretch(1)

    def _people(self, line: ClassLine) -> None:
        body = self._scroll.body
        least = _("最低 {n} 人开班", n=line.min_open) if line.min_open else ""
        text = _("，").join(part for part in (words.list_words(line.counts), least) if part)
        body.addWidget(Fact(_("报名 {seats}", seats=words.seats_words(line)), text))
        if line.seats:
            bar = ProgressBarThin(
                line.counts.signed_up / line.seats, tone="orange" if words.lacking(line) else "accent"
            )
            bar.setAccessibleName(_("报名 {seats}", seats=words.seats_words(line)))
            body.addWidget(bar)

    def do_main(self) -> None:
        """Open the class (F9)."""
        if self.line is not None:
            self.open_requested.emit(self.line.id)

    def do_sign_up(self) -> None:
        """Go to sign somebody up (Ctrl+T)."""
        if self.line is not None and not self.sign_up.isHidden():
            self.sign_up_requested.emit(self.line.id)

    def _on_roll_call(self) -> None:
        if self.line is not None:
            self.roll_call_requested.emit(self.line.id)


class CoursePanel(QWidget):
    """One course: what it teaches, what it costs, and its classes."""

    plan_requested = Signal(str)
    edit_requested = Signal(str)
    classes_requested = Signal(str)
    stop_requested = Signal(object)
    add_requested = Signal()

    def __init__(self, rights: Rights) -> None:
        super().__init__()
        self._rights = rights
        self.line: CourseLine | None = None
        self._scroll = Scroller(spacing=theme.SPACE[2])
        self.edit = Button(_("修改"), "outline", "Ctrl E", "pencil", height=32)
        self.stop = Button(_("不再办"), "text", height=32)
        self.classes = Button(_("看班期"), "text", height=32)
        self.main = Button(_("排班期"), "filled", "F9", "calendar-days", height=theme.HEIGHT["main"])
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE[1])
        column.addWidget(self._scroll, 1)
        column.addWidget(flow_of([self.edit, self.classes, self.stop]))
        column.addWidget(self.main)
        self.main.clicked.connect(self.do_main)
        self.edit.clicked.connect(self._on_edit)
        self.stop.clicked.connect(self._on_stop)
        self.classes.clicked.connect(self._on_classes)
        self.show_line(None)

    def show_line(self, line: CourseLine | None) -> None:
        """Show this course; None: nothing is chosen."""
        self.line = line
        self._scroll.clear()
        body, may_edit = self._scroll.body, self._rights.may("course.edit")
        self.edit.setVisible(line is not None and may_edit)
        self.stop.setVisible(line is not None and may_edit)
        self.classes.setVisible(line is not None and line.class_count > 0)
        self.main.setVisible(self._rights.may("class.plan"))
        plans = line is not None and line.active
        self.main.set_label(_("排班期") if plans else _("登记项目"), icon="calendar-days" if plans else "plus")
        if line is None:
            text = _("在左边选一个，这里看内容。")
            body.addWidget(EmptyState(_("没有选中培训项目"), text, icon="book-open-text"))
        else:
            self.stop.set_label(_("不再办") if line.active else _("恢复办班"))
            self._facts(line)
        body.addStretch(1)

    def _facts(self, line: CourseLine) -> None:
        body = self._scroll.body
        body.addWidget(Text(line.name, "page", wrap=True))
        body.addWidget(flow_of([Chip(_("在办") if line.active else _("停办"), "good" if line.active else "neutral")]))
        facts = (
            (_("职业和等级"), state.trade_words(line)),
            (_("类型"), code_list("TRAIN_TYPE").label(line.train_type)),
            (_("课时"), state.hours_words(line)),
            (_("培训机构"), line.provider_name or ""),
            (
                _("收费和补贴"),
                _("，").join(part for part in (state.cost_words(line), state.subsidy_words(line)) if part),
            ),
            (_("考核方式"), code_list("ASSESS_WAY").label(line.assess_way)),
            (_("证书"), state.certificate_words(line)),
        )
        for label, text in facts:
            body.addWidget(Fact(label, text, due=True))

    def do_main(self) -> None:
        """Plan a class of this course, or register one where none is chosen (F9)."""
        if self.main.isHidden():
            return
        if self.line is not None and self.line.active:
            self.plan_requested.emit(self.line.id)
        else:
            self.add_requested.emit()

    def _on_edit(self) -> None:
        if self.line is not None:
            self.edit_requested.emit(self.line.id)

    def _on_stop(self) -> None:
        if self.line is not None:
            self.stop_requested.emit(self.line)

    def _on_classes(self) -> None:
        if self.line is not None:
            self.classes_requested.emit(self.line.name)
