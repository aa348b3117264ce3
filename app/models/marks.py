"""Which attendance mark stands, and what it is worth in class hours. Pure: the same on every device."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from app.models.attendance import COUNTED, EARLY, LATE

UNSENT = 2**62
"""Order of a mark that the district has not numbered: after all that it has."""


class Mark(NamedTuple):
    """One mark as the rule sees it; ``person`` is an enrolment or a walk-in."""

    id: str
    lesson_id: str
    person: str
    mark: str
    minutes: int | None
    entry: str
    corrects: str | None
    rev: int


class Standing(NamedTuple):
    """The mark that stands of one person in one lesson, of ``tries``. ``disagree``: two devices marked differently."""

    mark: Mark
    tries: int
    disagree: bool


def standing_of(marks: Sequence[Mark]) -> Standing:
    """Return the mark that stands: what another one corrected is past; of the rest the latest in the district's order.

    A mark not sent yet is later than all that were. No clock is asked.
    """
    if len(marks) == 1:
        return Standing(marks[0], 1, False)
    corrected = {mark.corrects for mark in marks}
    heads = [mark for mark in marks if mark.id not in corrected] or list(marks)
    top = max(heads, key=lambda mark: (mark.rev or UNSENT, mark.id))
    return Standing(top, len(marks), any(mark.mark != top.mark for mark in heads))


def standing_marks(marks: Iterable[Mark]) -> dict[tuple[str, str], Standing]:
    """Return (person, lesson) → the mark that stands."""
    cells: dict[tuple[str, str], list[Mark]] = {}
    for mark in marks:
        cells.setdefault((mark.person, mark.lesson_id), []).append(mark)
    return {cell: standing_of(found) for cell, found in cells.items()}


def credited(hours: float, mark: str, minutes: int | None, rule: Mapping[str, Any]) -> float:
    """Return how many of a lesson's class hours a mark is worth.

    Late or early up to the rule's minutes counts in full; beyond, what was missed is taken off, in half hours upward.
    """
    if mark not in COUNTED:
        return 0.0
    if mark not in (LATE, EARLY) or minutes is None or minutes <= int(rule.get("late_minutes", 0)):
        return hours
    missed = math.ceil(2 * minutes / max(1, int(rule.get("hour_minutes", 45)))) / 2
    return max(0.0, hours - missed)


def enough(attended: float, total: float, percent: int) -> bool:
    """Tell whether so many hours of all are the share that is asked; exact, hours come in halves."""
    return total > 0 and attended * 100 >= total * percent
