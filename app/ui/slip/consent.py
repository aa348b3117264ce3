"""Before a slip: the person agrees that this employer is told, and to what stands on the letter."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QDialog, QFrame, QHBoxLayout, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from app import clock
from app.texts import _
from app.ui import entry, theme
from app.ui.fields.lines import DateField, TextField
from app.ui.slip.issue import Order, Target
from app.ui.widgets import Button, CheckBox, Chip, Hairline, IconLabel, Text, paint, part

_SHOWN_AT_ONCE = 3


def parse_time(text: str) -> time | None:
    """Read a time of day: 14:00, 1400, 9点, 9; None for an empty text.

    Raises:
        ValueError: there is no such time.
    """
    raw = entry.half_width(text).strip().replace("点", ":").replace("分", "").replace(".", ":").rstrip(":")
    if not raw:
        return None
    hours, colon, minutes = raw.partition(":")
    if not colon and len(raw) > 2:
        hours, minutes = raw[:-2], raw[-2:]
    return time(int(hours), int(minutes or 0))


def time_problem(text: str) -> str | None:
    """Return a sentence when the text is no time of day."""
    try:
        parse_time(text)
    except ValueError:
        return _("没有这个时间。可以写 14:00 或 1400")
    return None


def interview_moment(day: date | None, at: time | None) -> datetime | None:
    """Return the interview as an instant, where day and time are both there."""
    if day is None or at is None:
        return None
    return datetime.combine(day, at, tzinfo=clock.LOCAL_ZONE).astimezone(UTC)


class TargetLine(QWidget):
    """One employer: the tick that the person agrees, and the interview if it is known."""

    def __init__(self, target: Target, number: int) -> None:
        super().__init__()
        self.target = target
        digit = f"{number}  " if number <= 9 else ""
        self.agreed = CheckBox(_("{digit}同意告诉 {employer}", digit=digit, employer=target.employer_name))
        self.day = DateField(_("面试日期"), name="day", prefer="future", hint=_("可以不填"))
        self.time = TextField(_("面试时间"), name="time", placeholder="14:00", check=time_problem, max_length=8)
        self.error = IconLabel("circle-alert", "", "red", role="secondary", wrap=True)
        self.error.hide()
        known = [target.title, target.contact, _("名额 {n} 个", n=target.places) if target.places is not None else ""]
        about = QHBoxLayout()
        about.setContentsMargins(30, 0, 0, 0)
        about.addWidget(Text(" · ".join(word for word in known if word), "secondary", "text2", wrap=True), 1)
        if target.unverified:
            about.addWidget(Chip(_("待核验"), "yellow"))
        fields = QHBoxLayout()
        fields.setContentsMargins(30, 0, 0, 0)
        fields.setSpacing(theme.SPACE[2])
        for field in (self.day, self.time):
            field.setMaximumWidth(theme.of(self).px(190))
            fields.addWidget(field, 0, Qt.AlignmentFlag.AlignTop)
        fields.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 8)
        column.setSpacing(2)
        column.addWidget(self.agreed)
        column.addLayout(about)
        column.addLayout(fields)
        column.addWidget(self.error)

    def show_error(self, words: str) -> None:
        """Say under the line what is amiss; nothing takes it away."""
        self.error.set_text(words)
        self.error.setVisible(bool(words))

    def is_right(self) -> bool:
        """Check the interview: readable, both or none of its two parts, not in the past."""
        if not (self.day.validate() and self.time.validate()):
            return False
        day, at = self.day.value(), parse_time(self.time.value() or "")
        moment = interview_moment(day, at)
        said = ""
        if (day is None) != (at is None):
            said = _("面试的日期和时间要么都填，要么都不填")
        elif moment is not None and moment < clock.now():
            said = _("这个面试时间已经过了")
        self.show_error(said)
        return not said


class ReferDialog(QDialog):
    """Asks for the consent to tell each employer; ``orders`` is empty when the answer is no."""

    def __init__(self, parent: QWidget | None, name: str, targets: Sequence[Target]) -> None:
        super().__init__(parent)
        self.orders: tuple[Order, ...] = ()
        self.lines = [TargetLine(target, number) for number, target in enumerate(targets, start=1)]
        self._title = _("给{name}开推荐信", name=name)
        self.setModal(True)
        self.setWindowTitle(self._title)
        self.setAccessibleName(self._title)
        self.setWindowFlags(Qt.WindowType.Dialog | Qt.WindowType.FramelessWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        self._build()
        self._connect()
        self.lines[0].agreed.setFocus()

    def _build(self) -> None:
        self.setMinimumWidth(theme.of(self).px(560))
        column = QVBoxLayout(self)
        column.setContentsMargins(22, 18, 22, 18)
        column.setSpacing(theme.SPACE[1])
        column.addWidget(Text(self._title, "page"))
        told = _(
            "念给本人听：姓名和应聘的岗位会写在推荐信上，交给下面的单位，只用来安排面试和回执。可以不同意，也可以以后撤回。"
        )
        column.addWidget(Text(told, "body", "text2", wrap=True))
        column.addWidget(self._list())
        column.addWidget(Hairline())
        self.sex, self.phone = CheckBox(_("性别")), CheckBox(_("电话"))
        row = QHBoxLayout()
        row.addWidget(Text(_("本人同意印在信上："), "body"))
        row.addWidget(self.sex)
        row.addWidget(self.phone)
        row.addStretch(1)
        column.addLayout(row)
        column.addWidget(IconLabel("lock", _("身份证号、住址、困难标记从不印"), "text2", role="secondary"))
        self.error = IconLabel("circle-alert", "", "red", wrap=True)
        self.error.hide()
        column.addWidget(self.error)
        self.no, self.yes = Button(_("不开"), key="Esc"), Button(_("开推荐信"), "filled", "F9", "file-text")
        foot = QHBoxLayout()
        foot.setSpacing(theme.SPACE[1])
        foot.addStretch(1)
        foot.addWidget(self.no)
        foot.addWidget(self.yes)
        column.addLayout(foot)

    def _list(self) -> QWidget:
        holder = part(QWidget(), "transparent")
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        for line in self.lines:
            column.addWidget(line)
        if len(self.lines) <= _SHOWN_AT_ONCE:
            return holder
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setWidget(holder)
        self._scroll.setMinimumHeight(theme.of(self).px(320))
        return self._scroll

    def _connect(self) -> None:
        self.no.clicked.connect(self.reject)
        self.yes.clicked.connect(self._on_yes)
        for line in self.lines:
            for field in (line.day, line.time):
                field.next_requested.connect(self._on_next)
                field.previous_requested.connect(self._on_previous)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        digit = event.text()
        if event.key() in (Qt.Key.Key_F9, Qt.Key.Key_F8):
            self._on_yes()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._on_next()
        elif digit.isdigit() and not isinstance(QApplication.focusWidget(), QLineEdit):
            self._tick(int(digit))
        else:
            super().keyPressEvent(event)

    def _tick(self, number: int) -> None:
        if 1 <= number <= len(self.lines):
            box = self.lines[number - 1].agreed
            box.toggle()
            box.setFocus()

    def _on_next(self) -> None:
        self.focusNextChild()

    def _on_previous(self) -> None:
        self.focusPreviousChild()

    def _on_yes(self) -> None:
        agreed = [line for line in self.lines if line.agreed.isChecked()]
        if not agreed:
            self.error.set_text(_("本人还没同意告诉单位，不能开推荐信。同意了就按空格勾上。"))
            self.error.show()
            self.lines[0].agreed.setFocus()
            return
        self.error.hide()
        wrong = [line for line in agreed if not line.is_right()]
        if wrong:
            wrong[0].day.line.setFocus()
            return
        self.orders = tuple(self._order(line) for line in agreed)
        self.accept()

    def _order(self, line: TargetLine) -> Order:
        moment = interview_moment(line.day.value(), parse_time(line.time.value() or ""))
        return Order(line.target, self.sex.isChecked(), self.phone.isChecked(), moment)

    def paintEvent(self, event: QPaintEvent) -> None:
        look, painter = theme.of(self), QPainter(self)
        paint.rounded(painter, QRectF(self.rect()), theme.RADIUS["dialog"], look.color("surface"), look.color("line2"))
