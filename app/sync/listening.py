"""Hears from the district that a feed grew, so that a counter need not ask. A thread of its own; it only tells."""

import logging
import random
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from app.db.database import Database
from app.errors import AppError, AuthError
from app.models.operation import Cursor
from app.sync.membership import membership
from app.sync.protocol import Page
from app.sync.transport import HttpTransport, ProblemAnswer

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class News:
    """What the district told by itself. ``page``: the epoch and what is new, if it is little."""

    heads: Mapping[str, int] = field(default_factory=dict)
    page: tuple[str, Page] | None = None


FIRST_WAIT, LAST_WAIT, NOT_OFFERED_WAIT = 5.0, 300.0, 3600.0


class Listener:
    """Listens while the program runs; ``hear`` is told the news of feeds of which this device lacks something."""

    def __init__(self, database: Database, hear: Callable[[News], object], *, ca: str | None = None) -> None:
        self._database = database
        self._hear = hear
        self._ca = ca
        self._stop = threading.Event()
        self._transport: HttpTransport | None = None
        self._thread = threading.Thread(target=self._work, name="sync-events", daemon=True)

    def start(self) -> None:
        """Start listening."""
        self._thread.start()

    def stop(self, timeout: float = 5.0) -> None:
        """End; a stream that is open is cut."""
        self._stop.set()
        if self._transport is not None:
            self._transport.cut()
        if self._thread.is_alive():
            self._thread.join(timeout)

    def _work(self) -> None:
        failures = 0
        while not self._stop.is_set():
            try:
                heard = self._listen()
                failures = 0 if heard else failures + 1
                wait = FIRST_WAIT if not heard else random.uniform(0.0, 1.0)
            except ProblemAnswer as problem:
                wait = NOT_OFFERED_WAIT if problem.problem == "not_found" else LAST_WAIT
            except AuthError:
                wait = LAST_WAIT
            except AppError as problem:
                failures += 1
                asked = getattr(problem, "retry_after", None) or 0.0
                wait = max(asked, min(FIRST_WAIT * 2.0 ** min(failures - 1, 10), LAST_WAIT) * random.uniform(0.5, 1.0))
            self._stop.wait(wait)

    def _listen(self) -> bool:
        """Listen to one stream until it ends; tell whether anything was heard. Not joined: nothing is."""
        with self._database.read() as tx:
            member = membership(tx)
        if member is None:
            return False
        heard = False
        self._transport = member.connect(self._ca)
        try:
            for heads, page in self._transport.events():
                if self._stop.is_set():
                    break
                heard = True
                behind = heads if page is not None else self._behind(heads)
                if behind:
                    self._hear(News(behind, page))
        finally:
            self._transport.close()
        return heard

    def _behind(self, heads: Mapping[str, int]) -> dict[str, int]:
        with self._database.read() as tx:
            rows = {feed: tx.session.get(Cursor, feed) for feed in heads}
        return {feed: head for feed, head in heads.items() if (row := rows[feed]) is None or row.seq < head}
