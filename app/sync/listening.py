"""Hears from the district that a feed grew, so that a counter need not ask. A thread of its own; it only pokes."""

import logging
import random
import threading
from collections.abc import Callable, Mapping

from app.db.database import Database
from app.errors import AppError, AuthError
from app.models.operation import Cursor
from app.sync.membership import membership
from app.sync.transport import HttpTransport, ProblemAnswer

log = logging.getLogger(__name__)

FIRST_WAIT, LAST_WAIT, NOT_OFFERED_WAIT = 5.0, 300.0, 3600.0


class Listener:
    """Listens while the program runs; ``poke`` is called when the district has what this device lacks.

    While ``busy``, a run is under way that may fetch just that: its end is waited for.
    """

    def __init__(
        self,
        database: Database,
        poke: Callable[[], object],
        *,
        busy: Callable[[], bool] = lambda: False,
        ca: str | None = None,
    ) -> None:
        self._database = database
        self._poke = poke
        self._busy = busy
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
            for heads in self._transport.events():
                if self._stop.is_set():
                    break
                heard = True
                while self._busy() and not self._stop.wait(0.02):
                    pass
                if self._behind(heads):
                    self._poke()
        finally:
            self._transport.close()
        return heard

    def _behind(self, heads: Mapping[str, int]) -> bool:
        with self._database.read() as tx:
            for feed, head in heads.items():
                row = tx.session.get(Cursor, feed)
                if head > (row.seq if row is not None else 0):
                    return True
        return False
