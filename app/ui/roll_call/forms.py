"""What needs more than a key: a correction or a sign-in afterwards with its reason, somebody not on the list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from app import clock
from app.errors import AppError, InvalidInputError
from app.models.attendance import ABSENT, PRESENT
from app.services.training.calendar import LessonLine
from app.services.training.grid import GridPerson, TrailLine
from app.texts import _
from app.ui import theme
from app.ui.dialogs import QuietDialog
from app.ui.fields.base import Field
from app.ui.fields.choice import RadioField
from app.ui.fields.lines import NumberField, PhoneField, TextField
from app.ui.forms import FormGrid
from app.ui.roll_call import state
from app.ui.widgets import Button, Hairline, Text

MAKE_UP, CORRECTION, OTHER = "1", "2", "9"
_TRAIL_SHOWN = 6
_WIDTH = 620


@dataclass(frozen=True)
class CellValues:
    """What a cell's form says: the mark that is to stand, and why; ``made_up``: she was there and forgot to sign."""

    mark: str
    minutes: int | None
    why: str
    made_up: bool
    signed_at: str | None


class _Form(QuietDialog):
    """A short form over the window: Enter from field to field, F9 saves, Esc leaves."""

    save_requested = Signal(dict)

    def __init__(self, parent: QWidget | None, title: str, text: str, *, verb: str, icon: str) -> None:
        super().__init__(parent, title, text, icon=icon)
        self.form, self.first = FormGrid(2), ""
        self.setMinimumWidth(theme.of(self).px(_WIDTH))
        self.no, self.yes = Button(_("不改了"), key="Esc"), Button(verb, "filled", "F9", "check")
        self.no.clicked.connect(self.reject)
        self.yes.clicked.connect(self.submit)
        self.form.set_main_button(self.yes)

    def submit(self) -> None:
        """Check, and ask for it to be saved."""
        fields: list[Field] = [field for field in self.form.fields() if not field.isHidden()]
        wrong = [field for field in fields if not field.validate()]
        gaps = {field.name: _("这一栏要填") for field in fields if field.is_required and field.is_empty()}
        if gaps:
            self.form.set_errors(gaps)
        elif wrong:
            self.form.focus_field(wrong[0].name)
        elif not self.yes.is_busy:
            self.yes.set_busy(_("正在存…"))
            self.save_requested.emit(self.form.values())

    def show_error(self, error: AppError) -> bool:
        """Show the service's sentence at its field; False where it belongs to none."""
        self.yes.set_busy(None)
        fields = error.fields if isinstance(error, InvalidInputError) else {}
        known = {name: words for name, words in fields.items() if name in self.form.values()}
        self.form.set_errors(known)
        return bool(known)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._fit()
        if self.first:
            self.form.focus_field(self.first)

    def _fit(self) -> None:
        """Be as high as the fields need at this width: chips wrap."""
        if self.isVisible():
            self.form.updateGeometry()
            self.column.activate()
            self.resize(self.width(), self.column.totalHeightForWidth(self.width()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_F9:
            self.submit()
        else:
            super().keyPressEvent(event)


class CellForm(_Form):
    """One cell: every mark ever made in it, and what is to stand instead, with the reason.

    ``afterwards``: the lesson is past, so another mark is a correction and needs its reason; 补签 always does.
    """

    def __init__(
        self,
        parent: QWidget | None,
        person: GridPerson,
        lesson: LessonLine,
        trail: Sequence[TrailLine],
        *,
        code: str | None = None,
        why_not: str = "",
    ) -> None:
        about = _("第 {n} 课，{when}", n=lesson.number, when=state.when_words(lesson, clock.today()))
        verb = _("更正") if any(not line.taken_back for line in trail) else _("补签")
        super().__init__(parent, person.name, about, verb=verb, icon="pencil")
        self.is_correction = any(not line.taken_back for line in trail)
        self._stands = next((line.mark for line in trail if line.stands), "")
        for line in trail[:_TRAIL_SHOWN]:
            self.column.addWidget(_trail_line(line))
        if not trail:
            self.column.addWidget(Text(_("这一格还没有记号。"), "secondary", "text2"))
        self.column.addWidget(Hairline())
        if why_not:
            self.column.addWidget(Text(why_not, "body", "orange", wrap=True))
            self.form.hide()
            self.yes.hide()
            self.no.set_label(_("知道了"))
        else:
            self._add_fields(code)
            self.column.addWidget(self.form)
        self.add_buttons(self.no, self.yes)

    def _add_fields(self, code: str | None) -> None:
        add = self.form.add
        if self.is_correction:
            choices = [(each, state.mark_name(each)) for each in state.KEYS]
            self.mark = RadioField(_("现在记成"), choices, name="mark", required=True, hint=_("按数字选"))
            add(self.mark, span=2)
            self.minutes = add(NumberField(_("几分钟"), name="minutes", low=1, high=600))
            hows = [(MAKE_UP, _("补签：人来了，忘了签")), (CORRECTION, _("更正：当时记错了"))]
            self.how = add(RadioField(_("怎么回事"), hows, name="how"), span=2)
            self.how.set_value(CORRECTION)
            self.mark.set_value(code)
        else:
            self.form.add_widget(Text(_("本人来了、忘了签到的，补签成“到课”。"), "body", "text", wrap=True), span=2)
            add(TextField(_("几点到的"), name="signed_at", placeholder="13:30", max_length=5))
        picks = [*((str(n), _(words)) for n, words in enumerate(state.REASONS, 1)), (OTHER, _("别的原因"))]
        self.pick = add(RadioField(_("原因"), picks, name="pick", required=True, hint=_("按数字选")), span=2)
        self.why = add(TextField(_("写明原因"), name="why", required=True, max_length=200), span=2)
        self.form.value_changed.connect(self._on_value_changed)
        self._arrange()
        self.first = "mark" if self.is_correction and code is None else "pick"

    def _arrange(self) -> None:
        self.why.setVisible(self.pick.value() == OTHER)
        if self.is_correction:
            mark = self.mark.value()
            self.minutes.setVisible(mark in state.WITH_MINUTES)
            self.how.setVisible(mark == PRESENT and self._stands == ABSENT)
        self._fit()

    def _on_value_changed(self, name: str) -> None:
        self._arrange()
        if name == "pick" and self.pick.value() == OTHER:
            self.form.focus_field("why")
        elif name == "pick" and self.pick.value():
            self.yes.setFocus(Qt.FocusReason.TabFocusReason)

    def collected(self) -> CellValues:
        """Return what is to be saved."""
        values = self.form.values()
        pick = values.get("pick") or ""
        why = values["why"] if pick == OTHER else _(state.REASONS[int(pick) - 1])
        made_up = not self.is_correction or (not self.how.isHidden() and values["how"] == MAKE_UP)
        minutes = values.get("minutes") if self.is_correction and not self.minutes.isHidden() else None
        return CellValues(values.get("mark") or PRESENT, minutes, why or "", made_up, values.get("signed_at"))


def _trail_line(line: TrailLine) -> QWidget:
    """Return one mark that was made: what, how, by whom and when, and what became of it."""
    mark = state.mark_name(line.mark)
    if line.minutes:
        mark = _("{mark} {n} 分钟", mark=mark, n=line.minutes)
    made = clock.to_local(line.marked_at)
    parts = [mark, state.entry_name(line.entry), line.marked_by, f"{made:%m-%d %H:%M}"]
    if line.signed_on is not None and line.signed_on != made.date():
        parts.append(_("签到 {day}", day=f"{line.signed_on:%m-%d}"))
    parts += [words for words in (line.why, _("已撤销") if line.taken_back else "") if words]
    if line.stands:
        parts.append(_("现在算这个"))
    ink = "text" if line.stands else "text2"
    return Text(" · ".join(part for part in parts if part), "secondary", ink, bold=line.stands, wrap=True)


class WalkInForm(_Form):
    """Somebody who came without having signed up: a name, and a phone if she gives one."""

    def __init__(self, parent: QWidget | None, lesson: LessonLine) -> None:
        text = _("没报名就来的，先记名字和电话，记为到课。回到窗口再补报名。")
        title = _("第 {n} 课临时来的", n=lesson.number)
        super().__init__(parent, title, text, verb=_("记下"), icon="user-round-plus")
        self.form.add(TextField(_("姓名"), name="walk_in_name", required=True, max_length=50))
        self.form.add(PhoneField(_("电话"), name="walk_in_phone"))
        self.column.addWidget(self.form)
        self.add_buttons(self.no, self.yes)
        self.first = "walk_in_name"


class FinishDialog(QuietDialog):
    """Who has no mark yet, before the roll call ends: go on calling, all absent, or end like this."""

    BACK, ABSENT, END = range(3)

    def __init__(self, parent: QWidget | None, lesson: LessonLine, missing: Sequence[GridPerson]) -> None:
        names = "、".join(each.name for each in missing[:12])
        if len(missing) > 12:
            names = _("{names} 等", names=names)
        title = _("第 {n} 课还有 {count} 人没点", n=lesson.number, count=len(missing))
        super().__init__(parent, title, names, icon="circle-alert")
        self.column.addWidget(
            Text(_("点过的都已经存好。没点的人这一课没有记录，出勤算缺。"), "body", "text2", wrap=True)
        )
        self.answer = self.BACK
        self.back = Button(_("接着点"), "filled", "Esc")
        self.absent, self.end = Button(_("都记缺课"), key="0"), Button(_("就这样结束"), key="F9")
        self.add_buttons(self.end, self.absent, self.back)
        self.back.clicked.connect(self.reject)
        self.absent.clicked.connect(self._on_absent)
        self.end.clicked.connect(self._on_end)
        self.back.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_F9:
            self._on_end()
        elif event.text() == "0":
            self._on_absent()
        else:
            super().keyPressEvent(event)

    def _on_absent(self) -> None:
        self.answer = self.ABSENT
        self.accept()

    def _on_end(self) -> None:
        self.answer = self.END
        self.accept()
