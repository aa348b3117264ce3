"""What is written about a class from its file: each act with its words, its undo where there is one."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from app.services.training import calendar, classes, rosters
from app.services.training.calendar import LessonLine, PlannedLesson
from app.services.training.rosters import ToTell
from app.texts import _
from app.ui.acting import Doer
from app.ui.class_file.act_page import ActPage
from app.ui.class_file.state import ClassView
from app.ui.context import UiContext
from app.ui.training import words

if TYPE_CHECKING:
    from app.db.database import Transaction


class Deeds(QObject):
    """Writes for one class. ``changed``: read again; ``news``: people must be told something now; ``page_done``."""

    changed = Signal()
    news = Signal()
    page_done = Signal()

    def __init__(self, context: UiContext, parent: QObject) -> None:
        super().__init__(parent)
        self._context = context
        self._doer = Doer(context, self)
        self._doer.changed.connect(self.changed)

    def publish(self, view: ClassView) -> None:
        """Open the class for sign-up."""
        said = _("“{title}”开始报名了，{day} 截止", title=view.line.title, day=words.short_day(view.line.enrol_until))
        self._doer.do(partial(_publish, view.line.id), said)

    def open_class(self, view: ClassView, why: str | None) -> None:
        """Let the class begin; ``why`` where it is below its minimum."""
        self._doer.do(
            partial(_open, view.line.id, why), _("“{title}”开班了，上课在点名表里点名", title=view.line.title)
        )

    def cancel_class(self, view: ClassView, why: str) -> None:
        """Cancel the class for good."""
        said = _("“{title}”取消了，名单上的人都要通知", title=view.line.title)
        self._for_good(partial(_cancel_class, view.line.id, why), said, None)

    def cancel_lesson(self, view: ClassView, lesson: LessonLine, why: str) -> None:
        """Cancel one lesson."""
        said = _("第 {n} 课取消了，名单上的人都要通知", n=lesson.number)
        self._doer.do(partial(_cancel_lesson, lesson.id, why), said, on_done=self._on_news)

    def add_lesson(self, view: ClassView, page: ActPage, values: dict[str, Any]) -> None:
        """Put a lesson more into the class."""
        starts, ends = values["span"]
        plan = PlannedLesson(values["held_on"], starts, ends, float(values["hours"]))
        said = _("加了一次课，{day} {starts}", day=words.day_words(plan.held_on), starts=starts)
        work = partial(_add_lesson, view.line.id, plan, values["room"])
        self._doer.do(work, said, on_done=self._on_page_done, on_error=page.refused)

    def move_lesson(self, lesson: LessonLine, page: ActPage, values: dict[str, Any]) -> None:
        """Move a lesson to another day, hour or room."""
        day, starts = words.day_words(values["held_on"]), values["span"][0]
        said = _("第 {n} 课改到 {day} {starts}，名单上的人都要通知", n=lesson.number, day=day, starts=starts)
        self._doer.do(partial(_move, lesson.id, values), said, on_done=self._on_moved, on_error=page.refused)

    def postpone(self, view: ClassView, page: ActPage, values: dict[str, Any]) -> None:
        """Let what is to come begin on another day, for good."""
        said = _("“{title}”改到 {day} 开始", title=view.line.title, day=words.day_words(values["start_on"]))
        self._for_good(partial(_postpone, view.line.id, values), said, page)

    def told(self, people: Sequence[ToTell]) -> None:
        """Note that these were told everything there is to tell them."""
        if len(people) == 1:
            said = _("记下了：{name} 通知到了", name=people[0].name)
        else:
            said = _("记下了：{n} 个人通知到了", n=len(people))
        self._doer.do(partial(_told, [each.enrolment_id for each in people]), said)

    def _for_good(self, work: Any, said: str, page: ActPage | None) -> None:
        """Write what cannot be taken back: no undo is offered."""
        failed = page.refused if page is not None else self._context.messages.show_error
        self._context.runner.write(work, partial(self._on_for_good, said, page), failed)

    def _on_for_good(self, said: str, page: ActPage | None, _row: object) -> None:
        self._context.messages.remark(said)
        self.changed.emit()
        if page is not None:
            self.page_done.emit()
        self.news.emit()

    def _on_news(self, _row: object) -> None:
        self.news.emit()

    def _on_page_done(self, _row: object) -> None:
        self.page_done.emit()

    def _on_moved(self, _row: object) -> None:
        self.page_done.emit()
        self.news.emit()


def _publish(class_id: str, tx: Transaction) -> object:
    return classes.publish_class(tx, class_id)


def _open(class_id: str, why: str | None, tx: Transaction) -> object:
    return classes.open_class(tx, class_id, why=why)


def _cancel_class(class_id: str, why: str, tx: Transaction) -> object:
    return classes.cancel_class(tx, class_id, why)


def _cancel_lesson(lesson_id: str, why: str, tx: Transaction) -> object:
    return calendar.cancel_lesson(tx, lesson_id, why)


def _add_lesson(class_id: str, plan: PlannedLesson, room: str | None, tx: Transaction) -> object:
    return calendar.plan_lessons(tx, class_id, [plan], room=room)


def _move(lesson_id: str, values: dict[str, Any], tx: Transaction) -> object:
    starts, ends = values["span"]
    return calendar.move_lesson(
        tx, lesson_id, held_on=values["held_on"], starts=starts, ends=ends, why=values["why"], room=values["room"]
    )


def _postpone(class_id: str, values: dict[str, Any], tx: Transaction) -> object:
    return classes.postpone_class(tx, class_id, values["start_on"], values["why"])


def _told(enrolment_ids: list[str], tx: Transaction) -> int:
    return rosters.note_told(tx, enrolment_ids)
