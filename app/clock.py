"""The only source of time and of ids.

Instants are aware UTC. Local time is the station's, always China Standard Time (UTC+8, no daylight saving):
a counter PC with a wrong zone must not move a referral to another day.
"""

import os
import threading
import time
from datetime import UTC, date, datetime, timedelta, timezone

LOCAL_ZONE = timezone(timedelta(hours=8), "CST")

_offset = timedelta(0)
_id_lock = threading.Lock()
_last_id = 0


def now() -> datetime:
    """Return this instant, aware, in UTC."""
    return datetime.now(UTC) + _offset


def moment(stamp: float) -> datetime:
    """Return the instant of a file's time, aware, in UTC."""
    return datetime.fromtimestamp(stamp, UTC)


def today() -> date:
    """Return the station's calendar day."""
    return to_local(now()).date()


def to_local(instant: datetime) -> datetime:
    """Return the instant in the station's local time."""
    return instant.astimezone(LOCAL_ZONE)


def zone_of_pc() -> str:
    """Return this PC's own zone, as an offset: for people who look after it; the program never reckons in it."""
    return f"UTC{datetime.now(UTC).astimezone():%z}"


def monotonic() -> float:
    """Return seconds from a clock that never steps back; only for durations."""
    return time.monotonic()


def shift(offset: timedelta) -> None:
    """Set how far this process's clock is wrong. For tests, simulations and the demo alone."""
    global _offset
    _offset = offset


def new_id() -> str:
    """Return a fresh UUIDv7 as text: 48 bits of milliseconds, then a counter and random bits.

    Strictly increasing within a process, also when the clock stands still or steps back (RFC 9562, method 3).
    """
    global _last_id
    stamp = int(now().timestamp() * 1000) & 0xFFFF_FFFF_FFFF
    noise = int.from_bytes(os.urandom(10), "big")
    high = (stamp << 80) | (0x7 << 76) | (((noise >> 64) & 0xFFF) << 64)
    value = high | (0b10 << 62) | (noise & 0x3FFF_FFFF_FFFF_FFFF)
    with _id_lock:
        if value <= _last_id and (_last_id >> 80) - stamp < 10_000:
            # Same or earlier millisecond: keep the order by adding a random step inside the last 62 bits.
            value = _last_id + 1 + (noise & 0xFFFF)
        _last_id = value
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
