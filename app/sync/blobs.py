"""Carries attachments after everything else, a few pieces a run: never a reason for a record to wait.

Where a sending stands is asked of the district, where a fetching stands is in the tables: a kill or a cut at any
instant costs at most the piece that was under way.
"""

import logging
from collections.abc import Callable, Iterator
from itertools import cycle
from typing import Protocol, runtime_checkable

from sqlalchemy import func, select
from sqlmodel import col

from app import clock
from app.db.database import Database
from app.errors import ExternalError, StorageError
from app.models.blob import HERE, MAX_PIECE, SENDING, SENT, WANTED, Blob, piece_key
from app.models.operation import LOCAL, PENDING, Operation
from app.services.attachments import add_piece, restart, stored_piece
from app.sync.transport import ProblemAnswer
from app.texts import _

log = logging.getLogger(__name__)

PIECES, SECONDS = 8, 5.0
"""What one run carries at most; one piece it always may."""

FIRST_PIECE, LEAST_PIECE = 64 * 1024, 16 * 1024
QUICK, SLOW = 0.5, 2.0
"""Seconds for one piece below which the next is larger, and above which it is smaller."""

LATER = 3600.0
"""After the district refused an attachment, it is tried again so many seconds later."""

Key = tuple[str, str]


@runtime_checkable
class BlobLine(Protocol):
    """A connection to the district that carries attachments."""

    def blob_offset(self, feed: str, sha256: str) -> int | None: ...  # noqa: D102

    def put_piece(self, feed: str, sha256: str, start: int, size: int, content: bytes) -> int: ...  # noqa: D102

    def get_piece(self, feed: str, sha256: str, start: int, length: int) -> tuple[bytes, int]: ...  # noqa: D102


class BlobCarrier:
    """Sends and fetches attachments of one counter. ``stopping`` is asked between pieces."""

    def __init__(self, database: Database, stopping: Callable[[], bool]) -> None:
        self._database = database
        self._stopping = stopping
        self._piece = FIRST_PIECE
        self._later: dict[Key, float] = {}

    def run(self, line: object, feeds: tuple[str, ...]) -> int:
        """Carry a few pieces, sending and fetching by turns; return how many attachments can go on at once.

        None can after a run that moved nothing. What goes wrong is no failure of the run.
        """
        if not isinstance(line, BlobLine):
            return 0
        until, moved, newest = clock.monotonic() + SECONDS, 0, self._newest()
        ways: list[Iterator[int] | None] = [self._send(line, feeds), self._fetch(line, feeds)]
        try:
            for way in cycle((0, 1)):
                ended = moved >= PIECES or (moved and clock.monotonic() > until)
                if ended or self._stopping() or self._newest() > newest or not any(ways):
                    break
                steps = ways[way]
                if steps is not None and next(steps, None) is None:
                    ways[way] = None
                elif steps is not None:
                    moved += 1
        except ExternalError as problem:
            log.info("attachments wait: %s", problem.code)
            self._piece = max(self._piece // 4, LEAST_PIECE)  # a line that breaks so early lets small ones through
            return 0
        return len(self._queue(feeds, (HERE, SENDING, WANTED))) if moved else 0

    def _newest(self) -> int:
        """Return the number of the last act that waits to be sent: a later one is to go before the next piece."""
        query = select(func.max(Operation.seq)).where(col(Operation.origin) == LOCAL, col(Operation.state) == PENDING)
        with self._database.read() as tx:
            return int(tx.rows(query)[0][0] or 0)

    def _queue(self, feeds: tuple[str, ...], states: tuple[str, ...]) -> list[tuple[str, str, int, int]]:
        """Return hash, feed, size and what is here of the attachments in these states; short ones first."""
        query = (
            select(col(Blob.sha256), col(Blob.feed), col(Blob.size), col(Blob.have))
            .where(col(Blob.state).in_(states), col(Blob.feed).in_(feeds))
            .order_by(col(Blob.state).desc(), col(Blob.size), col(Blob.made_at), col(Blob.sha256))
        )
        with self._database.read() as tx:
            rows = [tuple(row) for row in tx.rows(query)]
        now = clock.monotonic()
        return [row for row in rows if self._later.get((row[0], row[1]), now) <= now]

    # -- sending ------------------------------------------------------------------------------------------------

    def _send(self, line: BlobLine, feeds: tuple[str, ...]) -> Iterator[int]:
        """Send what is queued; yield after each piece."""
        for sha256, feed, size, _have in self._queue(feeds, (HERE, SENDING)):
            try:
                at = line.blob_offset(feed, sha256) or 0
                if at < size:
                    self._mark(sha256, feed, SENDING)
                while at < size:
                    with self._database.read() as tx:
                        content = stored_piece(tx, piece_key(sha256, feed), at)[: self._piece]
                    started = clock.monotonic()
                    at = _put(line, feed, sha256, at, size, content)
                    self._learn(clock.monotonic() - started)
                    yield at
            except ProblemAnswer as problem:
                self._put_off(sha256, feed, problem.problem)
            except StorageError as problem:
                self._put_off(sha256, feed, problem.code)
            else:
                self._mark(sha256, feed, SENT)

    def _mark(self, sha256: str, feed: str, state: str) -> None:
        with self._database.read() as tx:
            row = tx.session.get(Blob, (sha256, feed))
            if row is None or row.state == state:
                return
        with self._database.write(None) as tx:
            row = tx.session.get(Blob, (sha256, feed))
            if row is not None:
                row.state = state

    # -- fetching -----------------------------------------------------------------------------------------------

    def _fetch(self, line: BlobLine, feeds: tuple[str, ...]) -> Iterator[int]:
        """Fetch what is wanted; yield after each piece. What the district has not whole yet comes another time."""
        for sha256, feed, _size, at in self._queue(feeds, (WANTED,)):
            whole: bool | None = None
            while whole is None:
                started = clock.monotonic()
                try:
                    content, size = line.get_piece(feed, sha256, at, self._piece)
                except ProblemAnswer as problem:
                    self._stop_fetching(sha256, feed, problem)
                    break
                self._learn(clock.monotonic() - started)
                with self._database.write(None) as tx:
                    row = tx.session.get(Blob, (sha256, feed))
                    if row is None or row.state != WANTED or row.have != at:
                        break  # kept here meanwhile, or the feed was lost
                    whole = add_piece(tx, row, content, size)
                at += len(content)
                yield at
            if whole is False:
                self._put_off(sha256, feed, "came damaged, is fetched anew")

    def _stop_fetching(self, sha256: str, feed: str, problem: ProblemAnswer) -> None:
        if problem.status == 416:
            # The district has it shorter than what is here: what is here cannot be right.
            with self._database.write(None) as tx:
                row = tx.session.get(Blob, (sha256, feed))
                if row is not None and row.state == WANTED:
                    restart(tx, row)
        elif problem.status != 404:
            self._put_off(sha256, feed, problem.problem)

    def _put_off(self, sha256: str, feed: str, why: str) -> None:
        log.warning("attachment %s of %s waits: %s", sha256, feed, why)
        self._later[sha256, feed] = clock.monotonic() + LATER

    def _learn(self, seconds: float) -> None:
        """Make the next piece as large as this line takes in about a second: a cut then costs no more than that."""
        if seconds < QUICK:
            self._piece = min(self._piece * 2, MAX_PIECE)
        elif seconds > SLOW:
            self._piece = max(self._piece // 2, LEAST_PIECE)


def _put(line: BlobLine, feed: str, sha256: str, at: int, size: int, content: bytes) -> int:
    """Send a piece; return where to go on: where the district is, if that was somewhere else."""
    if not content:
        raise StorageError(_("附件在这台电脑上不全，送不出去。请用备份恢复：doorstep restore"), code="blob.damaged")
    try:
        have = line.put_piece(feed, sha256, at, size, content)
    except ProblemAnswer as problem:
        have = problem.body.get("have")  # type: ignore[assignment]
        if problem.problem != "piece_gap" or not isinstance(have, int) or have == at:
            raise
    return have
