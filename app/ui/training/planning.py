"""Planning a class: the slots as they are typed, the calendar that they give, what speaks against it. No Qt."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from app.models.hours import hours_text, minutes_of
from app.services.staff import list_staff
from app.services.training import calendar, classes, courses
from app.services.training.calendar import CalendarPlan, Clash
from app.services.training.courses import CourseLine
from app.services.workdays import special_days, unknown_years
from app.texts import _
from app.ui import entry
from app.ui.training import month_marks, words

if TYPE_CHECKING:
    from app.db.database import Transaction
    from app.ui.training.month_marks import DayMark

SLOT_ROWS = 3
_HOUR_MINUTES = 45


@dataclass(frozen=True)
class Offer:
    """What the class form offers: courses, and the station's trainers by name."""

    courses: tuple[CourseLine, ...]
    trainers: Mapping[str, str]


@dataclass(frozen=True)
class Preview:
    """The calendar of a class that is not there yet."""

    plan: CalendarPlan
    clashes: tuple[Clash, ...]
    special: Mapping[date, str]
    unknown: tuple[int, ...] = ()

    @property
    def hours(self) -> float:
        """Return the class hours planned."""
        return sum(lesson.hours for lesson in self.plan.lessons)


def load_offer(tx: Transaction) -> Offer:
    """Return what can be chosen in the class form."""
    people = {row.name: row.id for row in list_staff(tx) if row.active and "trainer" in row.roles}
    return Offer(tuple(courses.list_courses(tx)), people)


def load_preview(
    tx: Transaction,
    *,
    course_id: str,
    start_on: date,
    slots: Sequence[Mapping[str, Any]],
    end_on: date | None = None,
    room: str = "",
    trainers: Sequence[Mapping[str, Any]] = (),
) -> Preview:
    """Return the calendar that the slots give, with holidays and what else is in the room or with the trainer then."""
    plan = classes.preview(tx, course_id=course_id, start_on=start_on, slots=slots, end_on=end_on)
    clashes = calendar.warnings_of(tx, None, plan.lessons, room[:60], trainers) if plan.lessons else []
    last = plan.lessons[-1].held_on if plan.lessons else start_on
    special = special_days(tx, start_on.replace(day=1), month_end(last))
    return Preview(plan, tuple(clashes), special, tuple(unknown_years(tx, start_on, last)))


def month_end(day: date) -> date:
    """Return the last day of a day's month."""
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def preview_marks(preview: Preview) -> dict[date, DayMark]:
    """Return the marks of the month grid."""
    marks = month_marks.special(preview.special)
    clashing = {clash.held_on for clash in preview.clashes}
    for lesson in preview.plan.lessons:
        kind = month_marks.CLASH if lesson.held_on in clashing else month_marks.LESSON
        text = f"{lesson.starts}–{lesson.ends}"
        sign = marks[lesson.held_on].sign if lesson.held_on in marks else ""
        marks[lesson.held_on] = month_marks.DayMark(kind, text, sign)
    return marks


def plan_words(preview: Preview) -> str:
    """Return 10 次课，40 课时，11-30 至 12-18."""
    lessons = preview.plan.lessons
    if not lessons:
        return _("按这些时段一次课也排不出来，请看日期和星期")
    first, last = words.short_day(lessons[0].held_on), words.short_day(lessons[-1].held_on)
    count, hours = len(lessons), hours_text(preview.hours)
    return _("{n} 次课，{hours} 课时，{first} 至 {last}", n=count, hours=hours, first=first, last=last)


def warning_lines(preview: Preview) -> list[str]:
    """Return what speaks against the plan: hours that found no place, days left out, clashes."""
    lines = []
    if preview.plan.short and preview.plan.lessons:
        lines.append(_("还有 {n} 课时没排上，往后延结束日期或加时段", n=hours_text(preview.plan.short)))
    lines += [_("{year} 年的放假安排还没有，节假日要自己看", year=year) for year in preview.unknown]
    lines += [
        _("{day} {why}，不排课", day=words.day_words(skipped.day), why=skipped.why) for skipped in preview.plan.skipped
    ]
    lines += [clash_words(clash) for clash in preview.clashes]
    return lines


def clash_words(clash: Clash) -> str:
    """Return 11-30 周一 13:30–17:00：二楼实训室这个时间有“…”."""
    when = f"{words.day_words(clash.held_on)} {clash.starts}–{clash.ends}"
    return _("{when}：{what}", when=when, what=clash.text)


# What is typed --------------------------------------------------------------------------------------------------------


def weekdays_of(text: str) -> list[int] | None:
    """Read weekdays: 135, 1,3,5, or their names; None where something else stands there."""
    raw = entry.half_width(text)
    for number, name in enumerate(words.weekday_names(), 1):
        raw = raw.replace(name, str(number))
        raw = raw.replace(name[-1], str(number)) if len(name) == 2 else raw
    raw = re.sub(r"[\s,/]", "", raw)
    return sorted({int(char) for char in raw}) if re.fullmatch(r"[1-7]*", raw) else None


def weekdays_text(days: Sequence[int]) -> str:
    """Return 1, 3, 5 as 周一、周三、周五."""
    names = words.weekday_names()
    return _("、").join(names[day - 1] for day in days)


def span_of(text: str) -> tuple[str, str] | None:
    """Read a stretch of a day: 13:30-17:00, 1330-1700, 13301700, 8:30 11; None where it is none."""
    raw = entry.half_width(text).strip()
    if re.fullmatch(r"\d{8}", raw):
        raw = f"{raw[:4]}-{raw[4:]}"
    parts = [part for part in re.split(r"[^0-9:]+", raw) if part]
    times = [_time_of(part) for part in parts]
    if len(times) != 2 or None in times:
        return None
    return times[0] or "", times[1] or ""


def _time_of(text: str) -> str | None:
    hours, _colon, minutes = text.rstrip(":").partition(":")
    if not minutes and len(hours) in (3, 4):
        hours, minutes = hours[:-2], hours[-2:]
    known = f"{int(hours or 0):02d}:{int(minutes or 0):02d}" if hours.isdigit() else ""
    return known if minutes_of(known) is not None else None


def usual_hours(span: tuple[str, str]) -> float:
    """Return the class hours that a stretch usually counts for: whole ones of 45 minutes."""
    minutes = (minutes_of(span[1]) or 0) - (minutes_of(span[0]) or 0)
    return float(max(1, minutes // _HOUR_MINUTES))


def slot_of(days: Sequence[int] | None, span: tuple[str, str] | None, hours: float | None) -> dict[str, Any] | None:
    """Return a slot as a class keeps it, or None while something is missing."""
    if not days or span is None or not hours:
        return None
    return {"weekdays": list(days), "from": span[0], "to": span[1], "hours": hours}


def trainers_of(text: str, known: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the trainers that are named in a line; the station's own with their id."""
    names = [name.strip() for name in re.split(r"[、，,;；/]+", text) if name.strip()]
    return [
        {"staff_id": known[name], "name": name} if name in known else {"name": name} for name in dict.fromkeys(names)
    ]


def trainer_names(trainers: Sequence[Any]) -> str:
    """Return the names as the line shows them."""
    return "、".join(str(each["name"]) for each in trainers if isinstance(each, Mapping) and each.get("name"))
