"""Days, seats and states of classes in words. No Qt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from app import clock
from app.models.codes import code_list
from app.models.hours import hours_text
from app.models.training import CANCELLED, FINISHED, OPEN, PLANNED, RUNNING
from app.services.training.listing import ClassLine
from app.services.training.seats import SeatCounts
from app.texts import _

STATE_TONES = {PLANNED: "neutral", OPEN: "blue", RUNNING: "good", FINISHED: "neutral", CANCELLED: "neutral"}


def weekday_short(day: date) -> str:
    """Return 周二."""
    return weekday_names()[day.weekday()]


def weekday_names() -> tuple[str, ...]:
    """Return 周一 to 周日."""
    return (_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日"))


def short_day(day: date | None) -> str:
    """Return 11-24, with the year if it is another; empty for none."""
    if day is None:
        return ""
    return f"{day:%m-%d}" if day.year == clock.today().year else f"{day:%Y-%m-%d}"


def day_words(day: date) -> str:
    """Return 11-24 周二."""
    return f"{short_day(day)} {weekday_short(day)}"


def when_words(day: date) -> str:
    """Return 今天, 明天, or 11-24 周二."""
    ahead = (day - clock.today()).days
    return {0: _("今天"), 1: _("明天")}.get(ahead, day_words(day))


def span_words(line: ClassLine) -> str:
    """Return from when to when."""
    if line.start_on == line.end_on:
        return short_day(line.start_on)
    return _("{first} 至 {last}", first=short_day(line.start_on), last=short_day(line.end_on))


def slot_words(slots: Sequence[Any]) -> str:
    """Return 周一、周三 13:30–17:00，每次 4 课时 for each slot."""
    names = weekday_names()
    parts = []
    for slot in slots:
        if not isinstance(slot, Mapping):
            continue
        days = _("、").join(names[day - 1] for day in sorted(slot.get("weekdays") or ()) if day in range(1, 8))
        times = f"{slot.get('from')}–{slot.get('to')}"
        parts.append(_("{days} {times}，每次 {n} 课时", days=days, times=times, n=hours_text(slot.get("hours") or 0)))
    return _("；").join(parts)


def is_over(line: ClassLine) -> bool:
    """Tell whether the lessons of a class under way are past: it waits to be ended."""
    return line.state == RUNNING and line.end_on < clock.today()


def state_words(line: ClassLine) -> str:
    """Return the state's word; 待结业 for a class whose lessons are past."""
    return _("待结业") if is_over(line) else code_list("CLASS_STATE").label(line.state)


def state_tone(line: ClassLine) -> str:
    """Return the tone of the state's chip."""
    return "orange" if is_over(line) else STATE_TONES.get(line.state, "neutral")


def seats_words(line: ClassLine) -> str:
    """Return 12 / 16."""
    return f"{line.counts.signed_up} / {line.seats}" if line.seats is not None else str(line.counts.signed_up)


def list_words(counts: SeatCounts) -> str:
    """Return how the list is made up: 确认 10，待确认 2，候补 1."""
    parts = [_("已确认 {n}", n=counts.confirmed), _("待确认 {n}", n=counts.unanswered)]
    return _("，").join([*parts, _("候补 {n}", n=counts.waiting)] if counts.waiting else parts)


def lacking(line: ClassLine) -> int:
    """Return how many people are lacking for the class to begin."""
    return max(0, (line.min_open or 0) - line.counts.expected(line.seats))


def deadline_words(line: ClassLine) -> str:
    """Return what is to be said about the deadline of sign-up: 还有 3 天, 今天截止, 已截止."""
    if line.enrol_until is None:
        return ""
    left = (line.enrol_until - clock.today()).days
    if left < 0:
        return _("已截止")
    return _("今天截止") if left == 0 else _("还有 {n} 天", n=left)


def is_late(line: ClassLine) -> bool:
    """Tell whether sign-up is over by its deadline."""
    return line.enrol_until is not None and line.enrol_until < clock.today()
