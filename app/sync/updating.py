"""Looks after new versions behind the counter's work: asks the district, fetches, takes from a stick, unpacks.

One thread, one thing at a time; nobody at the counter waits for it. What it finds lies in the folder of programs, so a
kill at any point loses at most the piece that was under way. It never installs: that is the next start's.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from app import __version__, clock
from app.db.database import Database
from app.errors import AppError, Cancelled
from app.sync.release_fetch import ask, fetch, forget
from app.texts import _
from app.updates import standing as decisions
from app.updates.first_start import read_note
from app.updates.programs import MENDABLE, Programs, this_platform
from app.updates.standing import Standing, standing_of
from app.updates.unpack import prepare, take

log = logging.getLogger(__name__)

RESTING, ASKING, FETCHING, TAKING, UNPACKING = "resting", "asking", "fetching", "taking", "unpacking"
ALWAYS, QUIET, NEVER = "always", "quiet", "never"
FIRST_SECONDS, DAY, HOUR = 60.0, 24 * 3600.0, 3600.0
_QUIET_HOURS = (12, 13, *range(17, 24), *range(8))
_SILENT = frozenset({"sync.not_joined"})


@dataclass(frozen=True)
class UpdateView:
    """What stands at one moment: what lies here, what is under way and how far, the last trouble in words."""

    standing: Standing
    doing: str = RESTING
    version: str = ""
    done: int = 0
    size: int = 0
    paused: bool = False
    trouble: str = ""
    asked_at: float | None = None


class Updating:
    """The thread. ``on_change`` holds callables that receive each new view, on that thread or the caller's."""

    def __init__(
        self,
        database: Database,
        programs: Programs,
        *,
        when: Callable[[], str] = lambda: ALWAYS,
        syncing: Callable[[], bool] = lambda: False,
        ca: str | None = None,
        by_itself: bool = True,
    ) -> None:
        self._database, self._programs = database, programs
        self._when, self._syncing, self._ca, self._by_itself = when, syncing, ca, by_itself
        self._data = database.path.parent
        self._wake = threading.Condition()
        self._ended = self._stopped = self._asked = False
        self._taking: Path | None = None
        self._tried = ""
        self._due = clock.monotonic() + FIRST_SECONDS
        self._answered: float | None = None
        self._view = UpdateView(standing_of(programs, self._data))
        self._thread = threading.Thread(target=self._work, name="updates", daemon=True)
        self.on_change: list[Callable[[UpdateView], object]] = []

    def view(self) -> UpdateView:
        """Return how it stands; never blocks."""
        return self._view

    def start(self) -> None:
        """Start the thread; the district is asked a minute later."""
        self._thread.start()

    def stop(self, timeout: float = 10.0) -> None:
        """End after the present piece; what came so far stays."""
        with self._wake:
            self._ended = self._stopped = True
            self._wake.notify_all()
        self.on_change.clear()
        if self._thread.is_alive():
            self._thread.join(timeout)

    # What somebody asks for

    def ask_now(self) -> None:
        """Ask the district, and fetch what it offers, whatever the hour: somebody asked."""
        self._poke(_asked=True, _stopped=False)

    def pause(self) -> None:
        """Stop fetching or taking; what was fetched stays, and it goes on when somebody asks or the program starts."""
        self._poke(_stopped=True)
        self._tell(paused=True)

    def take(self, chosen: Path) -> None:
        """Take a package from a stick."""
        self._poke(_taking=chosen, _stopped=False)

    def want(self, version: str) -> None:
        """Install a version at the next start; it is unpacked now, so that the next start is short.

        Raises:
            StorageError: the folder of programs cannot be written.
        """
        decisions.want(self._programs, version)
        self._tell(trouble="")
        self._poke(_stopped=False, _tried="")

    def later(self, version: str) -> None:
        """Leave a version for another day."""
        decisions.later(self._programs, version)
        self._tell()

    def decline(self, version: str) -> None:
        """Not this version."""
        decisions.decline(self._programs, version)
        self._tell()

    def go_back(self) -> str:
        """Have the version before run from the next start on; return it.

        Raises:
            RuleError: there is none, or it cannot read the store any more.
        """
        back_to = decisions.go_back(self._programs, self._data)
        self._tell()
        return back_to

    def acknowledge(self) -> None:
        """Note that the clerk has read what happened."""
        decisions.acknowledge(self._programs)
        self._tell()

    def synced(self) -> None:
        """Take word that the district was just reached: if it was not asked for an hour, that is a good moment."""
        with self._wake:
            if self._answered is None or clock.monotonic() - self._answered > HOUR:
                self._due = min(self._due, clock.monotonic())
            self._wake.notify_all()

    def _poke(self, **set_: object) -> None:
        with self._wake:
            for name, value in set_.items():
                setattr(self, name, value)
            self._wake.notify_all()

    # The thread

    def _work(self) -> None:
        while (job := self._next()) is not None:
            try:
                job()
                self._tell(doing=RESTING, trouble="")
            except Cancelled:
                self._tell(doing=RESTING)
            except AppError as problem:
                log.warning("update: %s", problem.code)
                self._tell(doing=RESTING, trouble="" if problem.code in _SILENT else problem.text)
            except Exception as problem:
                log.exception("update failed")
                self._tell(doing=RESTING, trouble=_("程序更新出了问题（{what}）", what=type(problem).__name__))

    def _next(self) -> Callable[[], None] | None:
        """Wait for something to do; None at the end."""
        with self._wake:
            while not self._ended:
                if self._taking is not None:
                    return self._take
                if self._is_unpacking_due():
                    return self._unpack
                if self._asked or (self._is_due() and not self._stopped):
                    by_hand, self._asked = self._asked, False
                    self._due = clock.monotonic() + (DAY if by_hand else HOUR)
                    return self._fetch
                self._wake.wait(30.0)
        return None

    def _is_due(self) -> bool:
        when = self._when()
        hour = clock.to_local(clock.now()).hour
        fits = when == ALWAYS or (when == QUIET and hour in _QUIET_HOURS)
        return self._by_itself and fits and clock.monotonic() >= self._due

    def _is_unpacking_due(self) -> bool:
        wanted = self._view.standing.state.wanted
        return bool(wanted) and wanted != self._tried and self._programs.program(wanted) is None and not self._stopped

    def _fetch(self) -> None:
        self._tell(doing=ASKING, paused=False)
        schema = read_note(self._data).schema
        offer = ask(self._database, platform=this_platform(), version=__version__, schema=schema, ca=self._ca)
        self._answered, self._due = clock.monotonic(), clock.monotonic() + DAY
        self._tell(asked_at=self._answered)
        if offer is None:
            self._forget()
            return
        state = self._programs.state()
        if offer.release.version in state.declined or offer.release.version in state.failed:
            return
        self._tell(doing=FETCHING, version=offer.release.version, done=0, size=offer.release.size)
        try:
            fetch(
                self._database,
                offer,
                self._programs.fetched,
                progress=self._tell_progress,
                stopped=self._is_stopped,
                give_way=self._syncing,
                ca=self._ca,
            )
        except AppError:
            self._due = clock.monotonic() + HOUR
            raise

    def _forget(self) -> None:
        """Drop what was fetched and not installed: the district has withdrawn it, or has nothing newer."""
        wanted = self._programs.state().wanted
        here = self._programs.package(wanted) if wanted else None
        if here is not None and here.parent == self._programs.fetched:
            decisions.later(self._programs, wanted)
        forget(self._programs.fetched)

    def _take(self) -> None:
        chosen, self._taking = self._taking, None
        assert chosen is not None
        self._tell(doing=TAKING, version="", done=0, size=0, paused=False)
        release = take(
            self._programs,
            chosen,
            running=__version__,
            store=read_note(self._data),
            progress=self._tell_progress,
            stopping=self._is_stopped,
        )
        decisions.want(self._programs, release.version)

    def _unpack(self) -> None:
        wanted = self._tried = self._programs.state().wanted
        if not wanted:
            return
        self._tell(doing=UNPACKING, version=wanted, done=0, size=0)
        with self._programs.alone() as alone:
            if alone:
                store = read_note(self._data)
                try:
                    prepare(self._programs, wanted, running=__version__, store=store, stopping=self._is_stopped)
                except AppError as problem:
                    if problem.code not in MENDABLE and not isinstance(problem, Cancelled):
                        decisions.later(self._programs, wanted)
                    raise

    def _tell_progress(self, done: int, size: int) -> None:
        if size != self._view.size or done == size or done - self._view.done > size // 200:
            self._tell(done=done, size=size)

    def _is_stopped(self) -> bool:
        return self._stopped

    def _tell(self, **changes: Any) -> None:
        standing = self._view.standing
        if set(changes) != {"done", "size"}:
            standing = standing_of(self._programs, self._data)
        self._view = replace(self._view, standing=standing, **changes)
        for listener in tuple(self.on_change):
            listener(self._view)
