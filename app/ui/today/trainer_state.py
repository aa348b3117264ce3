"""What a trainer's 今日 shows, without Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app import clock
from app.services.training import day
from app.services.training.day import DayLesson, OwnClass
from app.texts import _

if TYPE_CHECKING:
    from app.db.database import Transaction


@dataclass(frozen=True)
class TrainerFacts:
    """The whole page at one moment."""

    lessons: Sequence[DayLesson]
    classes: Sequence[OwnClass]


def load(tx: Transaction) -> TrainerFacts:
    """Read everything in one view of the file."""
    return TrainerFacts(day.list_day(tx, clock.today()), day.list_own_classes(tx))


def key_of(lesson: DayLesson) -> str:
    """Return what tells a lesson from others."""
    return lesson.lesson_id


def when(lesson: DayLesson) -> str:
    """Return 今天 13:30–17:00, or the day."""
    days = (lesson.held_on - clock.today()).days
    named = {0: _("今天"), 1: _("明天")}.get(days, f"{lesson.held_on:%m-%d}")
    return f"{named} {lesson.starts}–{lesson.ends}"


def title(lesson: DayLesson) -> str:
    """Return the class."""
    return lesson.title


def number(lesson: DayLesson) -> str:
    """Return 第 6 课."""
    return _("第 {n} 课", n=lesson.number)


def room(lesson: DayLesson) -> str:
    """Return where."""
    return lesson.room or ""


def standing(lesson: DayLesson) -> str:
    """Return how far the roll call is."""
    if lesson.held_on > clock.today():
        return _("{n} 人", n=lesson.people)
    if not lesson.called:
        return _("还没点名") if lesson.held_on == clock.today() else _("没点名，要补录")
    if lesson.called < lesson.people:
        return _("点了 {done}/{n}", done=lesson.called, n=lesson.people)
    return _("点完了")


def tone(lesson: DayLesson) -> str:
    """Return the tone of that word."""
    if lesson.held_on > clock.today():
        return "neutral"
    if lesson.held_on < clock.today():
        return "red"
    if lesson.called < lesson.people:
        return "orange"
    return "good"


def verb(lesson: DayLesson) -> str:
    """Return what Enter does."""
    if lesson.held_on > clock.today():
        return _("看名单")
    return _("补录") if lesson.held_on < clock.today() else _("点名")


def lead_words(lessons: Sequence[DayLesson]) -> str:
    """Return what stands beside the title: how many lessons today."""
    count = sum(each.held_on == clock.today() for each in lessons)
    return _("今天 {n} 次", n=count) if count else _("今天没有课")


def badge_count(lessons: Sequence[DayLesson]) -> int:
    """Return how many lessons are to be called or keyed in."""
    return sum(each.held_on <= clock.today() and each.called < each.people for each in lessons)
