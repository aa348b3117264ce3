"""What the roll-call screen shows and decides, without Qt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from app.errors import RuleError
from app.models.attendance import ABSENT, AT_LESSON, EARLY, LATE, ON_LEAVE, PRESENT
from app.models.codes import code_list
from app.models.hours import hours_text, minutes_of
from app.models.numbered import parse_number
from app.models.training import AS_PLANNED
from app.services.numbers import ENROLMENT
from app.services.training import grid as grids
from app.services.training import marking
from app.services.training.calendar import LessonLine
from app.services.training.grid import Cell, Grid, GridPerson, Progress
from app.texts import N_, _
from app.ui import entry

if TYPE_CHECKING:
    from app.db.database import Transaction

KEYS = (PRESENT, LATE, EARLY, ON_LEAVE, ABSENT)
"""The marks in the order of the panel; each is its own key."""

TONES = {PRESENT: "good", LATE: "yellow", EARLY: "yellow", ON_LEAVE: "blue", ABSENT: "red"}
GLYPHS = {PRESENT: N_("到"), LATE: N_("迟"), EARLY: N_("早"), ON_LEAVE: N_("假"), ABSENT: N_("缺")}
NAMES = {PRESENT: N_("到课"), LATE: N_("迟到"), EARLY: N_("早退"), ON_LEAVE: N_("请假"), ABSENT: N_("缺课")}
WITH_MINUTES = frozenset({LATE, EARLY})
GROUPS = {
    "1": N_("脱贫监测"),
    "2": N_("毕业生"),
    "3": N_("应届初高中"),
    "4": N_("农村转移"),
    "5": N_("失业人员"),
    "6": N_("就业困难"),
    "7": N_("企业职工"),
    "8": N_("退役军人"),
    "9": N_("其他"),
}
"""The subsidy's categories, short enough for a narrow column."""

REASONS = (N_("点错了"), N_("签到表上是这样"), N_("本人来说明了"), N_("教师记起来了"))
"""Reasons for a correction or a sign-in afterwards that a digit picks; any other is written out."""

NEAR_MISSES = 1
"""Who may still miss so many lessons, or none, is near the line."""

NEAR_SHOWN = 4


def load(class_id: str, tx: Transaction) -> Grid:
    """Read the whole roll call of a class."""
    return grids.load_grid(tx, class_id)


def lesson_to_open(grid: Grid, today: date, wanted: str | None = None) -> LessonLine | None:
    """Return the lesson that is chosen at first: the wanted one, today's not yet finished, else the last one held."""
    live = [lesson for lesson in grid.lessons if lesson.state == AS_PLANNED]
    named = next((lesson for lesson in grid.lessons if lesson.id == wanted), None)
    if named is not None or not grid.lessons:
        return named
    todays = [lesson for lesson in live if lesson.held_on == today]
    open_today = next((lesson for lesson in todays if grid.missing_in(lesson.id)), None)
    if todays:
        return open_today or todays[-1]
    past = [lesson for lesson in live if lesson.held_on < today]
    return past[-1] if past else (live or list(grid.lessons))[0]


def refusal(grid: Grid, lesson: LessonLine, person: GridPerson | None = None, code: str = PRESENT) -> RuleError | None:
    """Return why this key does nothing here, or None."""
    found = marking.refusal_of(
        number=lesson.number,
        held_on=lesson.held_on,
        state=lesson.state,
        title=grid.title,
        class_state=grid.state,
    )
    if found is not None or person is None:
        return found
    if person.left:
        return RuleError(_("{name} 已经退班，不能点名", name=person.name), code="attendance.dropped")
    if person.walk_in and code != PRESENT:
        return RuleError(_("{name} 是临时来的，来了按 1，没来不用记", name=person.name), code="attendance.walk_in")
    return None


def place_after(people: Sequence[GridPerson], marked: Mapping[str, bool], place: int, *, was_marked: bool) -> int:
    """Return whose turn it is after ``place``: the next without a mark, from the top again; else the next row."""
    count = len(people)
    if not was_marked:
        for step in range(1, count + 1):
            at = (place + step) % count
            if is_called(people[at]) and not marked[people[at].id]:
                return at
    return min(place + 1, count - 1)


def first_unmarked(people: Sequence[GridPerson], marked: Mapping[str, bool]) -> int:
    """Return the row where the roll call begins, or goes on."""
    return next((at for at, each in enumerate(people) if is_called(each) and not marked[each.id]), 0)


def is_called(person: GridPerson) -> bool:
    """Tell whether she is to be called: not who left, waits for a seat, or came by chance."""
    return not (person.left or person.waiting or person.walk_in)


def shown_progress(
    lessons: Sequence[LessonLine],
    cells: Mapping[str, Cell],
    called: frozenset[str],
    rule: Mapping[str, object],
    on: date,
) -> Progress:
    """Return how far somebody is; a lesson of today in which she was not called yet does not count against her."""
    open_today = {each.id for each in lessons if each.held_on == on and each.id not in cells}
    return grids.progress_of(cells, grids.Held.of(lessons, called - open_today), rule)


# -- words ------------------------------------------------------------------------------------------------------------


def glyph(cell: Cell) -> str:
    """Return the character of a mark, with its minutes."""
    word = _(GLYPHS[cell.mark])
    return f"{word}{cell.minutes}" if cell.minutes else word


def mark_name(code: str) -> str:
    """Return 迟到."""
    return _(NAMES[code])


def cell_words(cell: Cell | None) -> str:
    """Return a cell in full words, for the tooltip and the screen reader."""
    if cell is None:
        return _("没点")
    words = mark_name(cell.mark)
    if cell.minutes:
        words = _("{mark} {n} 分钟", mark=words, n=cell.minutes)
    parts = [words]
    if cell.entry != AT_LESSON:
        parts.append(entry_name(cell.entry))
    if cell.disagree:
        parts.append(_("两台电脑记得不一样，按后到区里的算"))
    return _("，").join(parts)


def entry_name(code: str) -> str:
    """Return how a mark was entered, in a word."""
    return code_list("ATTEND_ENTRY").label(code)


def group_name(person: GridPerson) -> str:
    """Return what stands in the third column: the category, or why she is not called."""
    if person.walk_in:
        return _("临时来")
    if person.left:
        return _("已退班")
    if person.waiting:
        return _("候补")
    return _(GROUPS[person.target]) if person.target in GROUPS else ""


def day_words(lesson: LessonLine, today: date) -> str:
    """Return what stands under a lesson's number."""
    if lesson.state != AS_PLANNED:
        return _("取消")
    return _("今天") if lesson.held_on == today else f"{lesson.held_on:%m-%d}"


def when_words(lesson: LessonLine, today: date) -> str:
    """Return 今天 13:30–17:00."""
    day = _("今天") if lesson.held_on == today else f"{lesson.held_on:%Y-%m-%d}"
    return f"{day} {lesson.starts}–{lesson.ends}"


def about_words(grid: Grid) -> list[str]:
    """Return what stands under the title: number, hours, room."""
    live = [lesson for lesson in grid.lessons if lesson.state == AS_PLANNED]
    each = {lesson.hours for lesson in live}
    total = hours_text(sum(lesson.hours for lesson in live))
    hours = _("{n} 课时，每次 {each} 课时", n=total, each=hours_text(each.pop())) if len(each) == 1 else ""
    rooms = dict.fromkeys(lesson.room for lesson in live if lesson.room)
    return [part for part in (grid.class_no, hours or _("{n} 课时", n=total), "、".join(rooms)) if part]


@dataclass(frozen=True)
class Near:
    """Somebody near the line, or below it for good."""

    person_id: str
    name: str
    words: str
    lost: bool


def near_line(people: Sequence[tuple[GridPerson, Progress]]) -> list[Near]:
    """Return who is near the line, the worst first: who cannot reach it any more, then who may miss least.

    Who missed nothing is left out: where the line is high, nobody may miss a lesson.
    """
    found = []
    for person, done in people:
        if not is_called(person) or done.percent in (None, 100) or done.lessons_to_miss > NEAR_MISSES:
            continue
        left = done.lessons_to_miss
        if left < 0:
            words = _("{n}%，结不了业了", n=done.percent)
        elif left == 0:
            words = _("{n}%，再缺 1 次结不了业", n=done.percent)
        else:
            words = _("{n}%，还能缺 {left} 次", n=done.percent, left=left)
        found.append((left, done.percent or 0, Near(person.id, person.name, words, left <= 0)))
    return [near for _left, _percent, near in sorted(found, key=lambda each: each[:2])]


# -- minutes ----------------------------------------------------------------------------------------------------------


def length_of(lesson: LessonLine) -> int:
    """Return how many minutes a lesson takes: nobody is later than that."""
    return (minutes_of(lesson.ends) or 0) - (minutes_of(lesson.starts) or 0)


# -- badges and names typed -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Typed:
    """What was typed over the grid: a person by her badge, or by her name. ``trouble`` says why nobody."""

    person: GridPerson | None = None
    by_badge: bool = False
    trouble: str = ""


def find_typed(grid: Grid, text: str) -> Typed:
    """Return who is meant by what a scanner or a person typed: a badge with its check digits, or a name."""
    raw = entry.half_width(text).strip()
    if not raw:
        return Typed()
    if raw.upper().startswith(ENROLMENT) and any(char.isdigit() for char in raw):
        return _by_badge(grid, raw)
    fitting = [each for each in grid.people if entry.matches(each.name, raw)]
    first = [each for each in fitting if entry.starts_with_initials(each.name, raw.lower())] or fitting
    if not first:
        return Typed(trouble=_("这个班里没有“{words}”", words=raw))
    return Typed(first[0])


def _by_badge(grid: Grid, raw: str) -> Typed:
    try:
        number = parse_number(raw, ENROLMENT)
    except RuleError as error:
        return Typed(by_badge=True, trouble=error.text)
    person = next((each for each in grid.people if each.badge.startswith(f"{number}-")), None)
    if person is None:
        return Typed(
            by_badge=True, trouble=_("{number} 不在这个班的名单上。人在这里的话，按 + 记临时来的", number=number)
        )
    return Typed(person, by_badge=True)


# -- the sheet --------------------------------------------------------------------------------------------------------

THIS, WEEK, AHEAD = "this", "week", "ahead"


def lessons_to_print(grid: Grid, chosen: LessonLine, which: str, today: date) -> list[LessonLine]:
    """Return the lessons whose sheets are printed: the chosen one, the rest of this week's, all that are to come."""
    live = [lesson for lesson in grid.lessons if lesson.state == AS_PLANNED]
    if which == THIS:
        return [chosen]
    end = today + timedelta(days=7 - today.isoweekday()) if which == WEEK else date.max
    return [lesson for lesson in live if today <= lesson.held_on <= end]


def sheet_name(grid: Grid, lessons: Sequence[LessonLine]) -> str:
    """Return the name that a saved sheet is offered: class and lessons, nobody's name."""
    numbers = f"{lessons[0].number}" if len(lessons) == 1 else f"{lessons[0].number}-{lessons[-1].number}"
    return f"{grid.class_no}-{_('签到表')}-{numbers}.pdf"


def finish_words(counts: Mapping[str, int]) -> str:
    """Return 到课 13，迟到 1: what stands in a lesson."""
    parts = [_("{mark} {n}", mark=mark_name(code), n=counts[code]) for code in KEYS if counts.get(code)]
    return _("，").join(parts)
