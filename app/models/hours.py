"""Hours of the day as text (13:30), and class hours."""

import re
from typing import Any

_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)", re.ASCII)


def minutes_of(text: Any) -> int | None:
    """Return minutes since midnight of ``HH:MM``, or None when it is no hour of the day."""
    found = _CLOCK.fullmatch(text) if isinstance(text, str) else None
    return int(found[1]) * 60 + int(found[2]) if found else None


def overlap(one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Tell whether two stretches of one day have a minute in common."""
    starts, ends = minutes_of(one[0]) or 0, minutes_of(one[1]) or 0
    return starts < (minutes_of(other[1]) or 0) and (minutes_of(other[0]) or 0) < ends


def hours_text(hours: float) -> str:
    """Return class hours without a needless decimal: 4, 2.5."""
    return f"{hours:g}"
