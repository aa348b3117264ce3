"""Sending what is pending, strictly in order; while the district answers one batch, the next are on their way."""

import json
import logging
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

from app import clock
from app.db.database import Database
from app.errors import ProtocolError
from app.services import outbox
from app.sync.answers import store_results
from app.sync.epoch import close_gap, number_anew
from app.sync.membership import Membership
from app.sync.protocol import MAX_OPS, Result, parse_results
from app.sync.sending import emptied, pending_ops
from app.sync.transport import ProblemAnswer, Transport
from app.texts import _

log = logging.getLogger(__name__)

UNFIT = ("malformed", "too_large", "too_many_ops")
"""Problems of a batch that smaller batches may not have."""

UNDER_WAY = 3
"""So many batches are under way at once: the district looks at one while it writes the one before."""

FIRST_PACE = 0.01
"""So long, in seconds, the second batch waits until it is known how long an answer takes."""


class Push:
    """One push of one counter. ``takes`` leaves of a batch what the district's version can take; ``stored`` is told how
    many answers each transaction kept. ``first``: the first batch, where it was read already.
    """

    def __init__(
        self,
        database: Database,
        transport: Transport,
        member: Membership,
        *,
        takes: Callable[[list[str]], list[str]],
        stopping: Callable[[], bool],
        stored: Callable[[int], None],
        first: list[str] | None = None,
    ) -> None:
        self._database = database
        self._transport = transport
        self._member = member
        self._takes = takes
        self._stopping = stopping
        self._stored = stored
        self._first = first
        self._start: int | None = None
        self._most = MAX_OPS
        self._pace = FIRST_PACE

    def run(self) -> None:
        """Send everything pending; each batch's answers are stored in a transaction of their own."""
        while not self._stopping():
            batch = self._read() if self._first is None else self._takes(self._first)
            self._first = None
            if not batch:
                return
            try:
                if len(batch) == MAX_OPS and self._start is None:
                    self._run_ahead(batch)
                else:
                    self._keep(self._transport.push(self._member.epoch, batch)[0])
            except _TroubleError as trouble:
                if not trouble.overtook:
                    self._mend(trouble.batch, trouble.problem)
            except ProblemAnswer as problem:
                self._mend(batch, problem)

    def _read(self, after: int = 0) -> list[str]:
        with self._database.read() as tx:
            return self._takes(pending_ops(tx, self._member.device, self._start, self._most, after=after))

    def _run_ahead(self, batch: list[str]) -> None:
        """Send batch after batch, some under way at once. The next leaves before the answer to one before is stored.

        A kill between the two leaves it unanswered here: it is sent again, and gets the answer of the first time. So it
        is with one that arrives too early: the district says that there is a gap, and does nothing of it.
        """
        with ThreadPoolExecutor(UNDER_WAY, "doorstep-push") as line:
            flying = deque([self._depart(line, batch, ahead=False)])
            while flying:
                coming = self._read(after=flying[-1].last)
                if coming and len(flying) < UNDER_WAY and not flying[0].over_in(self._pace):
                    flying.append(self._depart(line, coming, ahead=True))
                    coming = self._read(after=flying[-1].last)
                first = flying.popleft()
                results = first.results()
                self._pace = first.took / 2
                if coming and len(results) == len(first.batch) and not self._stopping():
                    flying.append(self._depart(line, coming, ahead=bool(flying)))
                self._keep(results)

    def _depart(self, line: ThreadPoolExecutor, batch: list[str], *, ahead: bool) -> "_Flight":
        return _Flight(batch, ahead, clock.monotonic(), line.submit(self._transport.push, self._member.epoch, batch))

    def _keep(self, results: tuple[Result, ...]) -> None:
        if not results:
            raise ProtocolError(_("区里没有回答送去的东西，稍后再试"))
        self._store(results)
        self._start, self._most = None, MAX_OPS

    def _store(self, results: Iterable[Result]) -> None:
        kept = tuple(results)
        with self._database.write(None) as tx:
            store_results(tx, kept)
        self._stored(len(kept))

    def _mend(self, batch: list[str], problem: ProblemAnswer) -> None:
        """Do what a problem of the batch asks for, or raise it."""
        if problem.problem in UNFIT:
            self._most = self._make_way(batch, problem)
        elif problem.problem == "seq_taken" and self._number_anew(problem):
            self._start = None
        elif problem.problem == "seq_gap" and self._start != problem.body.get("expect"):
            # The district wants an earlier one than we thought: go back to exactly that.
            self._start = int(problem.body["expect"])
            self._store(parse_results(problem.body) if "results" in problem.body else ())
        elif problem.problem == "seq_gap" and self._close_gap(int(problem.body["expect"])):
            self._start = None
        else:
            raise problem

    def _number_anew(self, problem: ProblemAnswer) -> bool:
        """Give new numbers to what this PC did after it was restored from its own backup; tell whether it did."""
        op, expect = problem.body.get("op"), problem.body.get("expect")
        if not isinstance(op, str) or not isinstance(expect, int):
            return False
        with self._database.write(None) as tx:
            return number_anew(tx, self._member.device, op, expect) > 0

    def _close_gap(self, expect: int) -> bool:
        """Give what is unsent numbers from one on that nobody has any more; tell whether there was anything."""
        with self._database.write(None) as tx:
            return close_gap(tx, self._member.device, expect) > 0

    def _make_way(self, batch: list[str], problem: ProblemAnswer) -> int:
        """Find the one operation of a batch that the district cannot take, and let the others past it.

        Its number goes out empty, so that the count stays dense; the operation itself is set aside, a large one sent
        anew in pieces. Returns how many to send next.
        """
        if len(batch) > 1:
            return len(batch) // 2
        op = json.loads(batch[0])
        log.warning("operation %s does not fit the protocol (%s); set aside", op["op"], problem.problem)
        self._transport.push(self._member.epoch, [emptied(batch[0])])
        with self._database.write(None) as tx:
            outbox.set_aside_unfit(tx, op["op"], problem.problem, problem.text)
        return MAX_OPS


@dataclass(frozen=True)
class _Flight:
    """A batch under way since a moment; ``ahead``: it left before the one before it was answered."""

    batch: list[str]
    ahead: bool
    left_at: float
    answer: Future[tuple[tuple[Result, ...], int]]

    @property
    def last(self) -> int:
        """The number of its last operation."""
        return int(json.loads(self.batch[-1])["seq"])

    @property
    def took(self) -> float:
        """How long it has been under way, in seconds."""
        return clock.monotonic() - self.left_at

    def over_in(self, seconds: float) -> bool:
        """Wait until it is answered or has been under way so long; tell whether it is answered."""
        wait([self.answer], max(0.0, seconds - self.took))
        return self.answer.done()

    def results(self) -> tuple[Result, ...]:
        """Return what it was answered.

        Raises:
            _TroubleError: with a problem.
        """
        try:
            return self.answer.result()[0]
        except ProblemAnswer as problem:
            raise _TroubleError(self.batch, problem, overtook=self.ahead and problem.problem == "seq_gap") from problem


class _TroubleError(Exception):
    """A batch sent ahead met a problem; ``overtook``: only that it came before the one before it, which is kept."""

    def __init__(self, batch: list[str], problem: ProblemAnswer, *, overtook: bool) -> None:
        super().__init__(problem.problem)
        self.batch = batch
        self.problem = problem
        self.overtook = overtook
