"""Walks a chain from its beginning and names the first line that somebody tampered with, and how.

What was done to it is read off what still fits: after the line before stands the one that belongs there, or its hash
follows from one further on. Whoever has the key of the file can also compute every hash anew: that shows only against
the heads that the district was told (ADR 0011).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import islice

from sqlalchemy import Connection

from app.db.chain import BEFORE, OPERATIONS, TABLES, Head, Line, beginning, following, head_of, lines
from app.errors import Cancelled

CHANGED, REMOVED, INSERTED, REORDERED, CUT, REWRITTEN = (
    "changed", "removed", "inserted", "reordered", "cut", "rewritten",
)  # fmt: skip
TELL_EVERY = 2000
_FAR = 1000
"""So many lines that were taken out or put in on end are recognised as such."""

Progress = Callable[[int, int], object]


@dataclass(frozen=True)
class Fault:
    """The first line that is not as it was written, and what was done. ``last``: as far as it is known to reach.

    ``act``, ``actor``, ``at`` of the line that stands there now; empty where there is none.
    """

    kind: str
    number: int
    last: int
    act: str = ""
    actor: str | None = None
    at: str | None = None


@dataclass(frozen=True)
class Walked:
    """What a walk found. ``before``: operations that were there before there was a chain, which it says nothing of."""

    head: Head
    fault: Fault | None
    before: int = 0


def walk(
    connection: Connection,
    log: str,
    told: Mapping[int, str] | None = None,
    *,
    progress: Progress = lambda _done, _all: None,
    stopped: Callable[[], bool] = lambda: False,
) -> Walked:
    """Check a log line by line; ``told``: heads that the district holds of it, which must be among its hashes.

    Raises:
        Cancelled: ``stopped`` said so.
    """
    marks, agreed, total = dict(told or {}), 0, head_of(connection, log).number
    start = _start(connection, log)
    if isinstance(start, Fault):
        return Walked(Head(0, ""), start)
    chain, before = start
    number = 0
    for line in lines(connection, log):
        number += 1
        if number % TELL_EVERY == 0:
            progress(number, total)
            if stopped():
                raise Cancelled
        if line.number != number:
            return Walked(Head(number - 1, chain), Fault(REMOVED, number, line.number - 1), before)
        if line.text is None:
            return Walked(Head(number - 1, chain), _fault(REMOVED, line), before)
        if following(chain, number, line.text) != line.chain:
            return Walked(Head(number - 1, chain), _found_at(connection, log, chain, line), before)
        chain = line.chain
        if number in marks:
            if marks[number] != chain:
                return Walked(Head(number, chain), Fault(REWRITTEN, agreed + 1, number), before)
            agreed = number
    progress(total, total)
    last = max(marks, default=0)
    cut = Fault(CUT, number + 1, last) if last > number else None
    return Walked(Head(number, chain), cut, before)


def _start(connection: Connection, log: str) -> tuple[str, int] | Fault:
    """Return the hash that the chain begins with, and how many operations lie before it."""
    if log != OPERATIONS:
        return beginning(log), 0
    row = connection.exec_driver_sql("SELECT op, chain FROM operation_link WHERE number = 0").first()
    count = str(row[0]).removeprefix(BEFORE) if row is not None else ""
    if row is None or not count.isdigit() or beginning(log, int(count)) != row[1]:
        return Fault(REMOVED if row is None else CHANGED, 0, 0)
    return str(row[1]), int(count)


def _fault(kind: str, line: Line) -> Fault:
    return Fault(kind, line.number, line.number, line.act, line.actor, line.at)


def _found_at(connection: Connection, log: str, chain: str, line: Line) -> Fault:
    """Return the fault at a line whose hash does not follow from ``chain``, the hash before it.

    Where it follows from one before that, the lines between were put in, with hashes that fit.
    """
    assert line.text is not None
    query = f"SELECT number, chain FROM {TABLES[log]} WHERE number < ? ORDER BY number DESC LIMIT ?"  # noqa: S608 - ours
    earlier = [(number, held) for number, held in connection.exec_driver_sql(query, (line.number - 1, _FAR))]
    if len(earlier) == line.number - 2 and log != OPERATIONS:
        earlier.append((0, beginning(log)))
    for number, before in earlier:
        if following(before, number + 1, line.text) == line.chain:
            strange = next(islice(lines(connection, log, number), 1), line)
            return Fault(INSERTED, number + 1, line.number - 1, strange.act, strange.actor, strange.at)
    return _fault(_done_to(connection, log, chain, line), line)


def _done_to(connection: Connection, log: str, chain: str, line: Line) -> str:
    """Tell what was done to a line whose hash does not follow from ``chain``, the hash before it."""
    number = line.number
    belongs = fits = False
    for other in lines(connection, log, number):
        if other.text is None:
            continue
        expected = following(chain, number, other.text)
        if not belongs and expected in (other.chain, line.chain):
            belongs = True  # the line that was here stands further on
            fits = fits or expected == line.chain
        if not fits and line.text is not None:
            fits = line.chain in (
                following(other.chain, number + 1, line.text),
                following(other.chain, other.number, line.text),
                following(other.chain, other.number + 1, line.text),
            )
        if belongs and fits:
            return REORDERED
    if belongs:
        return INSERTED
    return REMOVED if _numbers_moved_up(connection, log, line) else CHANGED


def _numbers_moved_up(connection: Connection, log: str, line: Line) -> bool:
    """Tell whether the lines from this one on once had higher numbers: those before it were taken out."""
    after = next(islice(lines(connection, log, line.number), 1), None)
    if after is None or after.text is None:
        return False
    text = after.text
    return any(following(line.chain, after.number + gone, text) == after.chain for gone in range(1, _FAR + 1))
