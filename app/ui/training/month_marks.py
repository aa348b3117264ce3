"""The marks of a calendar: lessons, holidays, worked weekends. No Qt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from app.services.workdays import HOLIDAY as HOLIDAY_KIND
from app.texts import _

LESSON, DONE, CALLED_OFF, HOLIDAY, MAKE_UP, CLASH = "lesson", "done", "off", "holiday", "make_up", "clash"
MOST_MONTHS = 18


@dataclass(frozen=True)
class DayMark:
    """What is on a day. ``sign``: the small word beside the figure (休, 班); ``text``: what is read out."""

    kind: str
    text: str
    sign: str = ""


def special(days: Mapping[date, str]) -> dict[date, DayMark]:
    """Return the marks of holidays and worked weekend days."""
    return {
        day: DayMark(HOLIDAY, _("法定节假日"), _("休"))
        if kind == HOLIDAY_KIND
        else DayMark(MAKE_UP, _("调休上班日"), _("班"))
        for day, kind in days.items()
    }


def months_of(days: Sequence[date]) -> list[date]:
    """Return the first days of the months from the first to the last of these days."""
    if not days:
        return []
    month, last = min(days).replace(day=1), max(days)
    found: list[date] = []
    while month <= last and len(found) < MOST_MONTHS:
        found.append(month)
        month = (month + timedelta(days=32)).replace(day=1)
    return found


def weeks_of(month: date) -> list[list[date | None]]:
    """Return the weeks of a month, Monday first; None where another month's day would stand."""
    first = month.replace(day=1)
    last = (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    days: list[date | None] = [None] * first.weekday()
    days += [first + timedelta(days=n) for n in range((last - first).days + 1)]
    days += [None] * (-len(days) % 7)
    return [days[n : n + 7] for n in range(0, len(days), 7)]
