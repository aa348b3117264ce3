"""Which version runs: decided at each start of the packed program, before Qt and the database are imported.

A version that somebody wanted is brought in here, when nobody works: unpacked, the store copied aside, its self-test
run, then started on trial. The trial is passed when somebody has signed in in it; until then this process waits for
it. If it does not do, the version before runs, and the store is as it was.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import replace
from pathlib import Path

from app import __version__
from app.db.durable import exclusive
from app.errors import AppError, StorageError
from app.updates import first_start
from app.updates.environment import clean_environment
from app.updates.first_start import read_note
from app.updates.programs import (
    BY_THE_START,
    MENDABLE,
    NOT_INSTALLED,
    WENT_BACK,
    Programs,
    State,
    Told,
    Trial,
    failed,
    order,
)

STARTS = 2
"""So often a version may start without anybody signing in before it is given up."""
SELF_TEST_SECONDS = 180.0
DIED_AT_ONCE_SECONDS = 60.0
"""A program that ends with an error within this time is started once more at once."""
SELF_TEST, DIED, MISSING, MACHINE = "self_test", "died", "missing", "machine"


def choose(root: Path, data: Path, arguments: Sequence[str], *, window: bool, shown: Sequence[str] = ()) -> int | None:
    """Start the version that is to run; None: it is this one, the exit status: another ran and has ended.

    ``window``: the desktop is asked for, not a command; only then a new version is brought in. ``shown``: the command
    that shows a window with a sentence while that takes long.
    """
    if os.environ.pop(BY_THE_START, None) is not None or not root.is_dir():
        return None
    return Chooser(Programs(root), data, arguments, shown=shown).run(window=window)


def own_schema() -> str:
    """Return the newest form of the store that this program knows, from the names of its migrations."""
    folder = Path(__file__).resolve().parent.parent / "db" / "migrations" / "versions"
    with suppress(OSError):
        return max((each[:4] for each in os.listdir(folder) if each[:4].isdigit()), default="")
    return ""


class Chooser:
    """One start of the packed program."""

    def __init__(
        self,
        programs: Programs,
        data: Path,
        arguments: Sequence[str],
        *,
        own: str = __version__,
        shown: Sequence[str] = (),
    ) -> None:
        self._programs, self._data, self._arguments = programs, data, list(arguments)
        self._own, self._shown = own, shown
        self._installed = Path(sys.executable) if getattr(sys, "frozen", False) else None
        self._opened_on_trial = False

    def run(self, *, window: bool) -> int | None:
        """Bring in what is wanted, if this is a start of the window; then start what is to run."""
        if window:
            try:
                with self._programs.alone() as alone:
                    free = alone and not self._in_use()
                    status = self._bring_in() if free else None
                self._opened_on_trial = not free
                if status is not None:
                    return status
            except (OSError, AppError) as problem:
                self._log("update: nothing brought in, %s", getattr(problem, "code", type(problem).__name__))
        return self._start()

    def running(self, state: State | None = None) -> str:
        """Return the version that runs when nothing is brought in: the current one, or the installed one if newer."""
        state = state or self._programs.state()
        if order(state.current) > order(self._own) and self._programs.program(state.current) is not None:
            return state.current
        return self._rescue() or self._own

    def _rescue(self) -> str:
        """Return the version that a store too new for the installed one needs, where the state names none any more."""
        note = read_note(self._data)
        if note.schema > own_schema() and order(note.program) > order(self._own):
            return note.program if self._programs.program(note.program) is not None else ""
        return ""

    def _in_use(self) -> bool:
        """Tell whether a window of this data folder is open, or somebody has its store open."""
        try:
            with self._no_window(), first_start.closed_store(self._data):
                return False
        except StorageError:
            return True

    def _no_window(self) -> AbstractContextManager[None]:
        lock = self._data / "doorstep.lock"
        return exclusive(lock, wait=False) if lock.exists() else nullcontext()

    # Bringing in

    def _bring_in(self) -> int | None:
        """Do what a start of the window may do; None: start what is there."""
        state = self._settle()
        if state.trial is None and state.wanted:
            from app.updates.waiting import Waiting

            with Waiting(self._shown):
                self._prepare(state.wanted)
        state = self._programs.state()
        return self._try() if state.trial is not None else None

    def _settle(self) -> State:
        """End what was cut off, and drop what the administrator's newer program makes needless."""

        def newest_wins(state: State) -> State:
            older = [each for each in (state.wanted, state.current) if each and order(each) <= order(self._own)]
            return replace(
                state,
                wanted="" if state.wanted in older else state.wanted,
                trial=None if state.trial and order(state.trial.version) <= order(self._own) else state.trial,
                current="" if state.current in older else state.current,
                previous="" if state.current in older else state.previous,
            )

        state = self._programs.change(newest_wins)
        if state.trial is not None and (state.trial.going_back or self._is_over(state.trial)):
            self._go_back(state.trial.going_back or self._is_over(state.trial))
            state = self._programs.state()
        if state.trial is None:
            if state.current and read_note(self._data).program == state.current:
                first_start.forget_copies(self._data)
            self._programs.sweep(self._own, opened=read_note(self._data).program)
        return state

    def _is_over(self, trial: Trial) -> str:
        """Tell why a trial is over; "" while it goes on."""
        if self._programs.program(trial.version) is None:
            return MISSING
        return DIED if trial.starts >= STARTS else ""

    def _prepare(self, version: str) -> None:
        """Unpack, copy the store aside, run the self-test; what does not go is told, and the version before runs."""
        before = self.running()
        try:
            program = self._programs.program(version) or self._unpack(version, before)
            first_start.copy_aside(self._data, version)
        except AppError as problem:
            keep = problem.code in MENDABLE
            self._log("update %s not installed: %s", version, problem.code)
            told = Told(NOT_INSTALLED, version, problem.code)
            self._programs.change(lambda state: replace(state, wanted=version if keep else "", told=told))
            return
        if not run_self_test(program, self._data, self._programs.root / "self-test.txt"):
            self._not_passed(version, before)
            return
        own = {self._own: own_schema()}  # nobody may have signed in in it since there is a folder that notes it
        self._programs.change(
            lambda state: replace(state, wanted="", trial=Trial(version, before), schemas={**state.schemas, **own})
        )

    def _not_passed(self, version: str, before: str) -> None:
        """Give a version up, unless the one in use does not pass here either: then the machine is at fault."""
        self._undo_copy(version)
        used = self._programs.program(before) or self._installed
        if used is not None and not run_self_test(used, self._data, self._programs.root / "self-test-before.txt"):
            self._log("update %s not installed: no version passes its self-test here", version)
            told = Told(NOT_INSTALLED, version, MACHINE)
            self._programs.change(lambda state: replace(state, told=told))
            return
        self._log("update %s: self-test failed", version)
        self._programs.change(lambda state: failed(state, version, SELF_TEST))
        self._programs.sweep(self._own, opened=read_note(self._data).program)

    def _unpack(self, version: str, before: str) -> Path:
        from app.updates.unpack import prepare  # brings the cryptography, only when there is something to verify

        return prepare(self._programs, version, running=before, store=read_note(self._data))

    def _try(self) -> int | None:
        """Start the version on trial and wait for it; None: it did not do, start the version before."""
        while True:
            trial = self._programs.state().trial
            if trial is None:
                return None
            why = self._is_over(trial)
            program = self._programs.program(trial.version)
            if why or program is None:
                self._go_back(why or MISSING)
                return None
            if trial.starts and not first_start.brought_forward(self._data, trial.version):
                first_start.copy_aside(self._data, trial.version)
            self._count(trial, trial.starts + 1)
            started = time.monotonic()
            status, asked = self._run(program, trial.version)
            if asked:  # the session ended: that says nothing of the program
                self._count(trial, trial.starts)
            state = self._programs.state()
            if state.trial is None or asked or status == 0 or time.monotonic() - started > DIED_AT_ONCE_SECONDS:
                return status

    def _count(self, trial: Trial, starts: int) -> None:
        counted = replace(trial, starts=starts)
        self._programs.change(lambda state: replace(state, trial=counted) if state.trial else state)

    def _run(self, program: Path, version: str) -> tuple[int, bool]:
        """Run it to its end; return its exit status, and whether somebody asked this process to end it."""
        import signal
        import subprocess  # each start but that of a trial does without

        asked: list[int] = []
        try:
            child = subprocess.Popen([program, *self._arguments], env=self._environment(version))
        except OSError:
            return 127, False

        def pass_on(number: int, _frame: object) -> None:
            asked.append(number)
            child.send_signal(number)

        numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP", "SIGINT") if hasattr(signal, name)]
        handlers = [(number, signal.signal(number, pass_on)) for number in numbers]
        try:
            status = child.wait()
        finally:
            for number, handler in handlers:
                signal.signal(number, handler)
        return (status if status >= 0 else 128 - status), bool(asked)

    def _go_back(self, why: str) -> None:
        """Put the store back if it was brought forward, and mark the version as failed; repeatable until it is done."""

        def begin(state: State) -> State:
            trial = state.trial
            return replace(state, trial=replace(trial, going_back=why)) if trial else state

        trial = self._programs.change(begin).trial
        if trial is None:
            return
        self._undo_copy(trial.version)
        self._log("update %s went back: %s", trial.version, why)
        self._programs.change(lambda state: failed(state, trial.version, why))

    def _undo_copy(self, version: str) -> None:
        """Put the store back if it was brought forward; else the copy has served."""
        if first_start.brought_forward(self._data, version):
            first_start.put_back(self._data, version)
        else:
            first_start.drop_copy(self._data, version)

    # Starting

    def _start(self) -> int | None:
        """Become the version that is to run; None: this one is."""
        state = self._programs.state()
        version = self.running(state)
        trial = state.trial
        if trial is not None and not trial.going_back and self._needs(trial):
            version = trial.version
        program = self._programs.program(version)
        if version == self._own or program is None:
            return None
        env = self._environment(version)
        try:
            if sys.platform == "win32":
                import subprocess

                return subprocess.call([program, *self._arguments], env=env)
            os.execve(program, [str(program), *self._arguments], env)  # noqa: S606
        except OSError:
            self._log("update %s cannot be started", version)
            with suppress(AppError):
                self._programs.change(lambda state: replace(state, current="", told=Told(WENT_BACK, version, MISSING)))
        return None

    def _needs(self, trial: Trial) -> bool:
        """Tell whether the version on trial is open this very moment, or alone can read the store."""
        return self._opened_on_trial or first_start.brought_forward(self._data, trial.version)

    def _environment(self, version: str) -> dict[str, str]:
        return {**clean_environment(), BY_THE_START: version}

    def _log(self, text: str, *values: object) -> None:
        """Write one line into the program's log, for whoever looks for the cause."""
        import logging

        from app import logs

        with suppress(OSError):
            logs.set_up(self._data / "logs")
            logging.getLogger("app.updates").warning(text, *values)
            logs.stop()


def run_self_test(
    program: Path,
    data: Path,
    said_in: Path,
    *,
    seconds: float = SELF_TEST_SECONDS,
    clean: Callable[[], dict[str, str]] = clean_environment,
) -> bool:
    """Run a program's self-test; what it says is kept in a file."""
    import signal
    import subprocess

    command = [str(program), "doctor", "--self-test", "--data", str(data)]
    with said_in.open("wb") as said:
        try:
            child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                env={**clean(), BY_THE_START: "self-test"},
                start_new_session=True,
            )
        except OSError:
            return False
        try:
            return child.wait(seconds) == 0
        except subprocess.TimeoutExpired:
            return False
        finally:
            if child.poll() is None:
                with suppress(OSError):
                    os.killpg(child.pid, signal.SIGKILL) if hasattr(os, "killpg") else child.kill()
                child.wait()
