"""What the class's file shows, without Qt: one read brings it all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from app import clock
from app.models.codes import code_list
from app.models.hours import hours_text, overlap
from app.models.masking import mask_mobile
from app.models.training import AS_PLANNED, LESSON_CANCELLED, OPEN, PLANNED, RUNNING, SIGNED_UP
from app.services.training import calendar, classes, listing, rosters
from app.services.training.calendar import Clash, LessonLine, PlannedLesson
from app.services.training.listing import ClassFile, ClassLine
from app.services.training.rosters import RosterLine, ToTell
from app.services.workdays import HOLIDAY, day_kind, special_days
from app.texts import _
from app.ui.rights import Rights
from app.ui.training import month_marks, words
from app.ui.training.month_marks import DayMark, months_of
from app.ui.training.planning import month_end

if TYPE_CHECKING:
    from app.db.database import Transaction

LESSONS, ROSTER, TELLING = "lessons", "roster", "tell"


@dataclass(frozen=True)
class ClassView:
    """One class at one moment. ``marked``: lesson id → how many have a mark; ``untold``: who must be told what.

    ``warned``: lesson id → what speaks against a lesson that is still to come.
    """

    file: ClassFile
    roster: tuple[RosterLine, ...]
    untold: tuple[ToTell, ...]
    marked: Mapping[str, int]
    special: Mapping[date, str]
    warned: Mapping[str, tuple[str, ...]]

    @property
    def line(self) -> ClassLine:
        """The class's own line."""
        return self.file.line

    @property
    def lessons(self) -> tuple[LessonLine, ...]:
        """Its lessons in order."""
        return self.file.lessons

    @property
    def called(self) -> int:
        """How many lessons were called."""
        return sum(lesson.id in self.marked for lesson in self.lessons)


@dataclass(frozen=True)
class Check:
    """One thing that a class needs before it can begin. ``text`` says how it stands."""

    done: bool
    text: str


def load_view(tx: Transaction, class_id: str, *, rights: Rights) -> ClassView:
    """Return everything about a class.

    Raises:
        NotFoundError: there is no such class.
        NotAllowedError: it is another trainer's.
    """
    found = listing.open_file(tx, class_id)
    tells = rights.may("enrolment.tell")
    line, marked = found.line, listing.marked_counts(tx, class_id)
    special = special_days(tx, line.start_on.replace(day=1), month_end(line.end_on))
    return ClassView(
        file=found,
        roster=tuple(rosters.list_roster(tx, class_id)),
        untold=tuple(rosters.list_to_tell(tx, class_id)) if tells else (),
        marked=marked,
        special=special,
        warned=_warned(tx, found, marked, special) if line.state in (PLANNED, OPEN, RUNNING) else {},
    )


def _warned(
    tx: Transaction, found: ClassFile, marked: Mapping[str, int], special: Mapping[date, str]
) -> dict[str, tuple[str, ...]]:
    """Return what speaks against each lesson from today on: a holiday, its room or its trainer taken."""
    ahead = [each for each in found.lessons if each.state == AS_PLANNED and each.held_on >= clock.today()]
    ahead = [each for each in ahead if each.id not in marked]
    texts: dict[str, list[str]] = {}
    for lesson in ahead:
        if lesson.held_on in special:
            texts.setdefault(lesson.id, []).append(_special_words(special[lesson.held_on]))
    for room in {each.room or "" for each in ahead}:
        here = [each for each in ahead if (each.room or "") == room]
        plans = [PlannedLesson(each.held_on, each.starts, each.ends, each.hours) for each in here]
        for clash in calendar.warnings_of(tx, found.line.id, plans, room, found.held_class.trainers):
            for each in here:
                if each.held_on == clash.held_on and overlap((each.starts, each.ends), (clash.starts, clash.ends)):
                    texts.setdefault(each.id, []).append(clash.text)
    return {lesson_id: tuple(dict.fromkeys(lines)) for lesson_id, lines in texts.items()}


def _special_words(kind: str) -> str:
    return _("法定节假日") if kind == HOLIDAY else _("调休上班日")


def lesson_argument(view: ClassView) -> dict[str, object]:
    """Return today's lesson as the argument of the roll call, if there is one."""
    today = clock.today()
    found = next((each for each in view.lessons if each.held_on == today and each.state == AS_PLANNED), None)
    return {"lesson_id": found.id} if found is not None else {}


def checks_of(view: ClassView) -> tuple[Check, ...]:
    """Return what a class needs before it can begin, each with how it stands; only while it has not begun."""
    line = view.line
    if line.state not in (PLANNED, OPEN):
        return ()
    return (_hours_check(view), _people_check(line), _deadline_check(line))


def _hours_check(view: ClassView) -> Check:
    planned, due = view.file.hours_planned, float(view.line.hours_total or 0)
    if not planned:
        return Check(False, _("还没有排课"))
    if planned < due:
        return Check(False, _("排了 {n} 课时，项目要 {due} 课时", n=hours_text(planned), due=hours_text(due)))
    return Check(True, _("{n} 次课，{hours} 课时", n=view.line.lesson_count, hours=hours_text(planned)))


def _people_check(line: ClassLine) -> Check:
    lack, least = words.lacking(line), line.min_open or 0
    have = line.counts.expected(line.seats)
    if lack:
        return Check(False, _("最低 {least} 人开班，现在 {have} 人，还差 {n} 人", least=least, have=have, n=lack))
    return Check(True, _("最低 {least} 人开班，现在 {have} 人", least=least, have=have))


def _deadline_check(line: ClassLine) -> Check:
    day, says = words.short_day(line.enrol_until), words.deadline_words(line)
    late_plan = line.state == PLANNED and words.is_late(line)
    return Check(not late_plan, _("报名截止 {day}（{says}）", day=day, says=says))


# Lessons --------------------------------------------------------------------------------------------------------------


def lesson_state(view: ClassView, lesson: LessonLine) -> str:
    """Return the word of a lesson's state: 已取消, 已点名 12 人, 没点名, 今天, or that it is still to come."""
    if lesson.state == LESSON_CANCELLED:
        return _("已取消")
    if lesson.id in view.marked:
        return _("点了 {n} 人", n=view.marked[lesson.id])
    if lesson.held_on < clock.today():
        return _("没点名") if view.line.state == RUNNING else ""
    if lesson.held_on == clock.today():
        return _("今天")
    return _("调过") if lesson.moved_from else ""


def lesson_tone(view: ClassView, lesson: LessonLine) -> str:
    """Return the tone of that word's chip."""
    if lesson.state == LESSON_CANCELLED:
        return "neutral"
    if lesson.id in view.marked:
        return "good"
    if lesson.held_on <= clock.today():
        return "orange"
    return "blue"


def lesson_note(lesson: LessonLine) -> str:
    """Return why a lesson was cancelled or moved, and from which day."""
    if lesson.state == LESSON_CANCELLED:
        return _("取消：{why}", why=lesson.changed_why or "")
    if lesson.moved_from is not None:
        return _("原定 {day}，{why}", day=words.short_day(lesson.moved_from), why=lesson.changed_why or "")
    return lesson.topic or ""


def why_fixed(view: ClassView, lesson: LessonLine | None, rights: Rights, act: str) -> str:
    """Return why this lesson cannot be moved or cancelled; empty where it can."""
    if lesson is None:
        return _("先选一次课")
    if not rights.may(act):
        return rights.why_not(act)
    if view.line.state not in (PLANNED, OPEN, RUNNING):
        return _("班期已经结束，课不能再改")
    if lesson.state == LESSON_CANCELLED:
        return _("第 {n} 课已经取消了", n=lesson.number)
    if lesson.id in view.marked:
        return _("第 {n} 课已经点过名，不能再调", n=lesson.number)
    return ""


def calendar_marks(view: ClassView) -> dict[date, DayMark]:
    """Return the marks of the month grid."""
    marks = month_marks.special(view.special)
    for lesson in view.lessons:
        sign = marks[lesson.held_on].sign if lesson.held_on in marks else ""
        if lesson.state == LESSON_CANCELLED:
            if lesson.held_on not in marks or marks[lesson.held_on].kind not in (month_marks.LESSON, month_marks.DONE):
                text = _("第 {n} 课取消", n=lesson.number)
                marks[lesson.held_on] = DayMark(month_marks.CALLED_OFF, text, sign)
            continue
        kind = month_marks.DONE if lesson.id in view.marked or lesson.held_on < clock.today() else month_marks.LESSON
        kind = month_marks.CLASH if lesson.id in view.warned else kind
        text = _("第 {n} 课 {starts}–{ends}", n=lesson.number, starts=lesson.starts, ends=lesson.ends)
        marks[lesson.held_on] = DayMark(kind, text, sign)
    return marks


def lesson_warnings(
    tx: Transaction, class_id: str, lesson: PlannedLesson, *, room: str, but: str = ""
) -> tuple[str, ...]:
    """Return what speaks against one lesson: holiday, room or trainer taken, another lesson of the class itself.

    ``but``: the lesson that is being moved.
    """
    found = listing.open_file(tx, class_id)
    return (
        *_day_warnings(tx, lesson.held_on),
        *_own_clashes(found.lessons, lesson, but),
        *(each.text for each in calendar.warnings_of(tx, class_id, [lesson], room, found.held_class.trainers)),
    )


def _day_warnings(tx: Transaction, day: date) -> list[str]:
    kind = day_kind(tx, day)
    if kind == HOLIDAY:
        return [_("{day} 是法定节假日", day=words.day_words(day))]
    if day in special_days(tx, day, day):
        return [_("{day} 调休上班，学员可能来不了", day=words.day_words(day))]
    return []


def _own_clashes(lessons: Sequence[LessonLine], new: PlannedLesson, but: str) -> list[str]:
    same = [
        each
        for each in lessons
        if each.id != but and each.state == AS_PLANNED and each.held_on == new.held_on
        if overlap((each.starts, each.ends), (new.starts, new.ends))
    ]
    return [_("和第 {n} 课 {starts}–{ends} 撞了", n=each.number, starts=each.starts, ends=each.ends) for each in same]


# Postponing -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Postponing:
    """What would become of a class that begins on another day. ``told``: how many people must be told."""

    lessons: tuple[PlannedLesson, ...]
    due: int
    skipped: tuple[str, ...]
    clashes: tuple[Clash, ...]
    told: int

    @property
    def fits(self) -> bool:
        """Whether every lesson that is still to come found a day."""
        return len(self.lessons) == self.due and self.due > 0


def load_postponing(tx: Transaction, class_id: str, start_on: date) -> Postponing:
    """Return when the lessons still to come would be held by the class's slots from that day on."""
    found = listing.open_file(tx, class_id)
    marked = listing.marked_counts(tx, class_id)
    pending = [each for each in found.lessons if each.state == AS_PLANNED and each.id not in marked]
    held = found.held_class
    plan = calendar.propose(tx, start_on=start_on, slots=held.slots, count=len(pending))
    clashes = calendar.warnings_of(tx, class_id, plan.lessons, (held.place or "")[:60], held.trainers)
    skipped = tuple(_("{day} {why}，不排课", day=words.day_words(day.day), why=day.why) for day in plan.skipped)
    return Postponing(plan.lessons, len(pending), skipped, tuple(clashes), on_list(rosters.list_roster(tx, class_id)))


def on_list(roster: Sequence[RosterLine]) -> int:
    """Return how many are on the list now."""
    return sum(line.state == SIGNED_UP for line in roster)


def postponing_words(found: Postponing) -> str:
    """Return what would become of it in one sentence."""
    if not found.due:
        return _("课都上完了，没有可以延期的")
    if not found.fits:
        return _("按原来的时段排不下，请先改上课时段")
    first, last = found.lessons[0], found.lessons[-1]
    return _(
        "还没上的 {n} 次课改到 {first} 至 {last}，{starts} 开始；名单上 {told} 个人都要通知",
        n=found.due,
        first=words.day_words(first.held_on),
        last=words.day_words(last.held_on),
        starts=first.starts,
        told=found.told,
    )


# The list -------------------------------------------------------------------------------------------------------------


def seat_words(line: RosterLine) -> str:
    """Return the word on the seat, with the place on the waiting list."""
    if line.queue_place is not None:
        return _("{word}第 {n} 位", word=line.seat_text if line.seat else _("可能候补"), n=line.queue_place)
    return line.seat_text


def seat_tone(line: RosterLine) -> str:
    """Return the tone of its chip."""
    if line.state != SIGNED_UP:
        return "good" if line.state == "50" else "neutral"
    if line.queue_place is not None:
        return "yellow"
    return "good" if line.seat else "blue"


def phone_words(line: RosterLine) -> str:
    """Return the phone as lists show it."""
    return mask_mobile(line.phone)


def target_words(line: RosterLine) -> str:
    """Return the subsidy category, and whether she counts as subsidised."""
    return code_list("SUBSIDY_TARGET").label(line.target)


def subsidy_words(line: RosterLine) -> str:
    """Return 补贴 or 不补贴, or why she left."""
    if line.drop_reason:
        return code_list("DROP_REASON").label(line.drop_reason)
    return _("算补贴人员") if line.subsidised else _("不算补贴人员")


def roster_sum(view: ClassView) -> str:
    """Return the sum over the list."""
    line = view.line
    left = sum(1 for each in view.roster if each.drop_reason)
    text = _("报名 {seats}（{parts}）", seats=words.seats_words(line), parts=words.list_words(line.counts))
    return _("{sum}，退班 {n}", sum=text, n=left) if left else text


def class_values(tx: Transaction, class_id: str) -> tuple[str, dict[str, Any]]:
    """Return a class's id and values for its form."""
    return class_id, classes.class_values(tx, class_id)


def next_lesson(view: ClassView) -> LessonLine | None:
    """Return the lesson that comes next, from today on; else the last one."""
    live = [each for each in view.lessons if each.state == AS_PLANNED]
    return next((each for each in live if each.held_on >= clock.today()), live[-1] if live else None)


def lessons_sum(view: ClassView) -> str:
    """Return the sum over the lessons."""
    off = sum(each.state == LESSON_CANCELLED for each in view.lessons)
    hours, due = hours_text(view.file.hours_planned), hours_text(float(view.line.hours_total or 0))
    text = _("{n} 次课，{hours} / {due} 课时", n=view.line.lesson_count, hours=hours, due=due)
    if view.called:
        text = _("{sum}，点过名 {n} 次", sum=text, n=view.called)
    return _("{sum}，取消 {n} 次", sum=text, n=off) if off else text


def shown_months(view: ClassView) -> list[date]:
    """Return the months of the lessons."""
    return months_of([each.held_on for each in view.lessons] or [view.line.start_on])
