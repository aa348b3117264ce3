"""The pushes of one device write in the order in which they came, while the next is looked at already.

One that waits for its turn holds no connection to the database. Each process counts for itself: what comes by another
one and too early meets the gap that the protocol tells of.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

LONGEST = 20.0
"""So long, in seconds, one waits for the one before; then the database decides."""


@dataclass(eq=False)
class Turn:
    """A push's place in the line of its device. Where workers are few, none is given to one whose predecessor still
    waits for one: it could not write before it.
    """

    before: "Turn | None"
    begun: threading.Event = field(default_factory=threading.Event)
    over: threading.Event = field(default_factory=threading.Event)

    def is_first(self) -> bool:
        """Tell whether nothing of its device is under way before it."""
        return self.before is None or self.before.over.is_set()

    def wait_to_begin(self) -> None:
        """Wait until the one before is being looked at."""
        if self.before is not None:
            self.before.begun.wait(LONGEST)

    def begin(self) -> None:
        """Say that this one is being looked at."""
        self.begun.set()

    def wait_to_write(self) -> None:
        """Wait until the one before is written."""
        if self.before is not None:
            self.before.over.wait(LONGEST)

    def end(self) -> None:
        """Say that this one is written, or never will be."""
        self.begun.set()
        self.over.set()
        self.before = None


class Turns:
    """Who of a device writes next."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last: dict[str, Turn] = {}

    @contextmanager
    def turn(self, device: str) -> Iterator[Turn]:
        """Take the next turn of a device, over at the end."""
        with self._lock:
            mine = self._last[device] = Turn(self._last.get(device))
        try:
            yield mine
        finally:
            mine.end()
            with self._lock:
                if self._last.get(device) is mine:
                    del self._last[device]
