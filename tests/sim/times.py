"""The time of a simulation: one clock that ticks by being looked at, and how wrong each machine's is."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

from app import clock

START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


class Times:
    """Stands in for ``app.clock``: the same seed gives the same instants and the same ids."""

    def __init__(self) -> None:
        self._ticks = 0
        self.offset = timedelta(0)
        self._dice = random.Random(0)

    def begin(self, seed: int, start: datetime = START) -> None:
        """Set the clock to the start of a run."""
        self._ticks = int((start - START).total_seconds() * 1000)
        self.offset = timedelta(0)
        self._dice = random.Random(seed)
        clock._last_id = 0

    def now(self) -> datetime:
        """Return this instant as the machine at work believes it to be, a tick later than the last."""
        self._ticks += 1
        return START + timedelta(milliseconds=self._ticks) + self.offset

    def pass_by(self, span: timedelta) -> None:
        """Let time go by."""
        self._ticks += int(span.total_seconds() * 1000)

    @contextmanager
    def at(self, offset: timedelta) -> Iterator[None]:
        """Let a machine whose clock is off by so much work."""
        before, self.offset = self.offset, offset
        try:
            yield
        finally:
            self.offset = before

    @contextmanager
    def in_charge(self) -> Iterator[None]:
        """Be the program's clock meanwhile."""
        before = clock.now, clock.os
        clock.now, clock.os = self.now, SimpleNamespace(urandom=self._noise)
        try:
            yield
        finally:
            clock.now, clock.os = before
            clock._last_id = 0

    def _noise(self, size: int) -> bytes:
        return self._dice.randbytes(size)
