"""Who makes the rulings: the request that pushed a little, after its commit; else one thread of this server."""

import logging
import threading
from collections.abc import Callable

import sqlalchemy as sa

from app import clock
from app.district.rulings import DONE, MORE, rule
from app.district.store import DistrictStore
from app.errors import StorageError

log = logging.getLogger(__name__)

SMALL = 50
"""A push of no more operations than this has its rulings made before it is answered, if they are as few."""
QUIET, LONGEST = 0.3, 5.0
"""The thread waits until nothing was pushed for the first, but no longer than the second, in seconds: rulings on what
comes in large pushes would take the processor and the feeds from the pushes that follow."""
FIRST_RETRY, LAST_RETRY = 2.0, 300.0
TROUBLE = (sa.exc.DBAPIError, sa.exc.TimeoutError, StorageError)


class Rulings:
    """Sees to it that what was pushed is ruled on. ``ring`` is called when a ruling wrote something."""

    def __init__(self, store: DistrictStore, ring: Callable[[], object]) -> None:
        self._store = store
        self._ring = ring
        self._turn = threading.Lock()
        self._state = threading.Condition()
        self._wanted = False
        self._closed = False
        self._pushed_at = -QUIET
        self._thread: threading.Thread | None = None

    @property
    def busy(self) -> bool:
        """Tell whether the thread has something to do."""
        with self._state:
            return self._thread is not None

    def after_push(self, ops: int) -> None:
        """Rule on what a push brought, once it is committed. Its answer stands, whatever becomes of this."""
        self._pushed_at = clock.monotonic()
        if ops > SMALL or not self._turn.acquire(blocking=False):
            self.wake()
            return
        try:
            passed = rule(self._store, wait=False, limit=4 * SMALL, surely=True)
        except TROUBLE as problem:
            log.warning("rulings put off: %s", type(problem).__name__)
            self.wake()
            return
        except Exception as problem:  # the push is done: it must not fail for this
            log.error("rulings failed: %s", type(problem).__name__, exc_info=problem)
            return
        finally:
            self._turn.release()
        if passed.wrote:
            self._ring()
        if passed.state != DONE:
            self.wake()

    def read_on(self) -> None:
        """Have the thread read what a push brought that changes no ruling, when it is quiet."""
        self._pushed_at = clock.monotonic()
        self.wake()

    def wake(self) -> None:
        """Have the thread rule on whatever there is."""
        with self._state:
            self._wanted = True
            if self._thread is None and not self._closed:
                self._thread = threading.Thread(target=self._work, name="rulings", daemon=True)
                self._thread.start()
            self._state.notify_all()

    def settle(self, timeout: float = 60.0) -> bool:
        """Wait until the thread has nothing to do; tell whether it came to that."""
        with self._state:
            return self._state.wait_for(lambda: self._thread is None, timeout)

    def close(self, timeout: float = 30.0) -> None:
        """End after the present pass; the rest is made up at the next start."""
        with self._state:
            self._closed = True
            self._state.notify_all()
            self._state.wait_for(lambda: self._thread is None, timeout)

    def _work(self) -> None:
        failures = 0
        while True:
            with self._state:
                if failures and not self._closed:
                    self._state.wait(min(LAST_RETRY, FIRST_RETRY * 2.0 ** min(failures - 1, 10)))
                if self._closed or not self._wanted:
                    self._thread = None
                    self._state.notify_all()
                    return
                self._wait_for_quiet()
                self._wanted = False
            failures = 0 if self._pass() else failures + 1
            if failures:
                with self._state:
                    self._wanted = True

    def _wait_for_quiet(self) -> None:
        end = clock.monotonic() + LONGEST
        while not self._closed:
            left = min(self._pushed_at + QUIET, end) - clock.monotonic()
            if left <= 0:
                return
            self._state.wait(left)

    def _pass(self) -> bool:
        """Make rulings until there is nothing to rule on; tell whether it came to that."""
        try:
            while not self._closed:
                with self._turn:
                    passed = rule(self._store)
                if passed.wrote:
                    self._ring()
                if passed.state != MORE:
                    break
        except TROUBLE as problem:
            log.warning("rulings put off: %s", type(problem).__name__)
            return False
        except Exception as problem:
            log.error("rulings failed: %s", type(problem).__name__, exc_info=problem)
            return False
        return True
