"""Postponing a class: from which day on, why, and what then becomes of its lessons."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from app import clock
from app.texts import _
from app.ui.class_file import state
from app.ui.class_file.act_page import ActPage
from app.ui.class_file.acts import POSTPONE_REASONS
from app.ui.class_file.state import ClassView, Postponing
from app.ui.forms import DateField
from app.ui.tasks import Task
from app.ui.training import month_marks, words
from app.ui.training.month_marks import DayMark, months_of
from app.ui.training.planning import clash_words


class PostponePage(ActPage):
    """What is still to come of a class begins on another day, by the same slots. It cannot be taken back."""

    found: Postponing | None = None

    def fill_form(self) -> None:
        self._asked: Task[Postponing] | None = None
        self.back.set_label(_("不延期"))
        self.form.add(DateField(_("改到哪天开始"), name="start_on", required=True, prefer="future"))
        self.add_why(POSTPONE_REASONS)

    def start(self, view: ClassView) -> None:
        """Begin, with a week later proposed."""
        self.verb = _("延期")
        self.title.setText(_("延期“{title}”", title=view.line.title))
        self.note.setText(_("延期撤不回；要再改，就再延一次"))
        ahead = [each.held_on for each in view.lessons if each.id not in view.marked and each.state == "10"]
        first = max(ahead[0] if ahead else view.line.start_on, clock.today())
        self.begin(view, {"start_on": first + timedelta(days=7)})

    def problems(self) -> dict[str, str]:
        wrong = {}
        day = self.form.values()["start_on"]
        if day is not None and day < clock.today():
            wrong["start_on"] = _("不能改到过去的日子")
        elif self.found is not None and not self.found.fits:
            wrong["start_on"] = state.postponing_words(self.found)
        if not self.why():
            wrong["why_code"] = _("延期要写原因")
        return wrong

    def look(self) -> None:
        if self.view is None:
            return
        if self._asked is not None:
            self._asked.cancel()
        day = self.form.values()["start_on"]
        self.found = None
        if day is None or day < clock.today():
            self.tell([_("不能改到过去的日子")] if day is not None else [])
            return
        work = partial(state.load_postponing, class_id=self.view.line.id, start_on=day)
        self._asked = self._context.runner.read(work, self._on_found)

    def _on_found(self, found: Postponing) -> None:
        self.found = found
        if not found.fits:
            self.tell([state.postponing_words(found)])
            return
        self.tell([*found.skipped, *map(clash_words, found.clashes)], facts=[state.postponing_words(found)])
        self._show_calendar(found)

    def _show_calendar(self, found: Postponing) -> None:
        assert self.view is not None
        marks = {
            day: mark
            for day, mark in state.calendar_marks(self.view).items()
            if mark.kind not in (month_marks.LESSON, month_marks.CALLED_OFF)
        }
        clashing = {clash.held_on for clash in found.clashes}
        for lesson in found.lessons:
            kind = month_marks.CLASH if lesson.held_on in clashing else month_marks.LESSON
            text = _("新的课 {starts}–{ends}", starts=lesson.starts, ends=lesson.ends)
            marks[lesson.held_on] = DayMark(kind, text)
        self.grid.set_marks(marks, months_of([*[each.held_on for each in found.lessons], clock.today()]))
        self.grid.setAccessibleDescription(words.day_words(found.lessons[0].held_on))
