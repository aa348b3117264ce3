"""The pushes of one device write in the order in which they came, while the next is looked at already.

One that waits for its turn holds no connection to the database. Each process counts for itself: what comes by another
one and too early meets the gap that the protocol tells of.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

LONGEST = 20.0
"""So long, in seconds, one waits for the one before; then the database decides."""


class Turns:
    """Who of a device writes next."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last: dict[str, threading.Event] = {}

    @contextmanager
    def turn(self, device: str) -> Iterator[Callable[[], None]]:
        """Take the next turn of a device; what is yielded waits until it has come."""
        mine = threading.Event()
        with self._lock:
            before, self._last[device] = self._last.get(device), mine
        try:
            yield lambda: _wait(before)
        finally:
            mine.set()
            with self._lock:
                if self._last.get(device) is mine:
                    del self._last[device]


def _wait(before: threading.Event | None) -> None:
    if before is not None:
        before.wait(LONGEST)
