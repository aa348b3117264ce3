"""Adding a lesson, or moving one: day, hours and room, with what speaks against them."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any

from app import clock
from app.services.training.calendar import LessonLine, PlannedLesson
from app.texts import _
from app.ui.class_file import state
from app.ui.class_file.act_page import ActPage
from app.ui.class_file.acts import MOVE_REASONS
from app.ui.class_file.state import ClassView
from app.ui.forms import DateField, TextField
from app.ui.tasks import Task
from app.ui.training import month_marks, planning, words
from app.ui.training.month_marks import DayMark, months_of
from app.ui.training.slot_fields import HoursField, SpanField


class LessonPage(ActPage):
    """One lesson. ``lesson`` is the one that is moved, None while one is added."""

    lesson: LessonLine | None = None

    def fill_form(self) -> None:
        self._asked: Task[tuple[str, ...]] | None = None
        self.form.add(
            DateField(_("哪一天"), name="held_on", required=True, prefer="future", hint=_("1130 就是 11 月 30 日"))
        )
        self.form.add(SpanField(_("几点到几点"), name="span", required=True, hint="1330-1700"))
        self.form.add(HoursField(_("几课时"), name="hours", required=True))
        self.form.add(TextField(_("上课地点"), name="room", max_length=60), span=3)
        self.add_why(MOVE_REASONS)

    def start_add(self, view: ClassView) -> None:
        """Begin a lesson more, with the hours and the room of the last one."""
        self.lesson, self.verb = None, _("加这次课")
        last = view.lessons[-1] if view.lessons else None
        self.title.setText(_("加一次课"))
        self.note.setText(_("“{title}”。加进去以后按日期重排课次", title=view.line.title))
        self._arrange()
        values: dict[str, Any] = {"room": (view.line.place or "")[:60]}
        if last is not None:
            values |= {"span": (last.starts, last.ends), "hours": last.hours}
        self.begin(view, values)

    def start_move(self, view: ClassView, lesson: LessonLine) -> None:
        """Begin to move this lesson."""
        self.lesson, self.verb = lesson, _("调到这时候")
        self.title.setText(_("调第 {n} 课", n=lesson.number))
        told = state.on_list(view.roster)
        when = f"{words.day_words(lesson.held_on)} {lesson.starts}–{lesson.ends}"
        note = _("原来 {when}。调了以后名单上 {n} 个人都要通知", when=when, n=told) if told else when
        self.note.setText(note)
        self._arrange()
        span = (lesson.starts, lesson.ends)
        self.begin(view, {"held_on": lesson.held_on, "span": span, "hours": lesson.hours, "room": lesson.room})

    def _arrange(self) -> None:
        moving = self.lesson is not None
        self.form.field("hours").set_derived(moving)
        for name in ("why_code", "why_own"):
            self.form.field(name).setVisible(moving)

    def field_done(self, name: str) -> None:
        if name == "span" and self.lesson is None and self.form.field("hours").is_empty():
            span = self.form.field("span").value()
            if span is not None:
                self.form.field("hours").set_value(planning.usual_hours(span))

    def problems(self) -> dict[str, str]:
        values = self.form.values()
        if self.lesson is not None and not self.why():
            return {"why_code": _("调课要写原因")}
        if self.lesson is not None and values["held_on"] and values["span"] and self._is_same(values):
            return {"held_on": _("和原来一样，没有要调的")}
        return {}

    def _is_same(self, values: dict[str, Any]) -> bool:
        was = self.lesson
        return was is not None and (values["held_on"], values["span"], values["room"]) == (
            was.held_on,
            (was.starts, was.ends),
            was.room or None,
        )

    def look(self) -> None:
        if self.view is None:
            return
        values = self.form.values()
        day = values["held_on"]
        self._show_calendar(day)
        if self._asked is not None:
            self._asked.cancel()
        if day is None or values["span"] is None:
            self.tell([])
            return
        plan = PlannedLesson(day, values["span"][0], values["span"][1], float(values["hours"] or 1))
        work = partial(
            state.lesson_warnings,
            class_id=self.view.line.id,
            lesson=plan,
            room=str(values["room"] or ""),
            but=self.lesson.id if self.lesson is not None else "",
        )
        self._asked = self._context.runner.read(work, self._on_warnings)

    def _on_warnings(self, lines: tuple[str, ...]) -> None:
        day = self.form.values()["held_on"]
        self._show_calendar(day, clashing=bool(lines))
        past = [_("这一天已经过了，保存后要补录考勤")] if day is not None and day < clock.today() else []
        self.tell([*past, *lines])

    def _show_calendar(self, day: date | None, *, clashing: bool = False) -> None:
        assert self.view is not None
        marks = state.calendar_marks(self.view)
        if self.lesson is not None:
            marks.pop(self.lesson.held_on, None)
        if day is not None:
            kind = month_marks.CLASH if clashing else month_marks.LESSON
            marks[day] = DayMark(kind, _("要排的课"), marks[day].sign if day in marks else "")
        days = [each.held_on for each in self.view.lessons] or [self.view.line.start_on]
        near = day is not None and abs((day - days[-1]).days) < 400
        self.grid.set_marks(marks, months_of([*days, day] if near and day is not None else days))
