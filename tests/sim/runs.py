"""Runs of the simulation, one seed each: ``python -m tests.sim.soak sim --runs 10000 --seed 1``.

A failure prints its seed and its steps; ``--seed N --runs 1`` plays it again, ``--shrink`` looks for the shortest way.
With ``--log FILE`` each run that ended is written down there, and a call that was interrupted goes on where it was;
``--jobs N`` shares the seeds among so many processes; ``--count`` tells what a log says.
"""

import argparse
import contextlib
import gc
import logging
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator, Sequence
from pathlib import Path

import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, core, seed, settings, stateful
from hypothesis.stateful import run_state_machine_as_test

from tests import postgres
from tests.sim.air import Killed
from tests.sim.machine import Simulation
from tests.sim.runlog import RunLog
from tests.sim.world import World

STEPS = 30
EVERY = 50
"""So often a line of progress is printed."""
FRESH = 500
"""So many runs use one district and one set of files; then everything is set up anew."""


def main(argv: Sequence[str]) -> int:
    """Run them; return the exit status."""
    options = _options(argv)
    if options.log and options.count:
        print(RunLog(options.log).told())
        return 0
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stop)  # in the background too, so that the PostgreSQL of the run ends with it
    if options.log and not options.share:
        RunLog(options.log).begin(database=options.database, steps=options.steps)
    if options.jobs > 1:
        return _in_several(argv, options)
    seeds = [number for number in range(options.seed, options.seed + options.runs) if _is_mine(number, options.share)]
    if options.log:
        over = RunLog(options.log).ended()
        seeds = [number for number in seeds if number not in over]
    passed = _play(seeds, options)
    print(f"{passed} of {len(seeds)} runs from seed {options.seed} on: nothing lost in them")
    return 0 if passed == len(seeds) else 1


def _is_mine(number: int, share: str) -> bool:
    which, _of, jobs = share.partition("/")
    return not share or number % int(jobs) == int(which)


def _in_several(argv: Sequence[str], options: argparse.Namespace) -> int:
    """Let as many processes as asked for have a share of the seeds each; return the worst exit status."""
    command = [sys.executable, "-m", "tests.sim.soak", "sim", *argv, "--jobs", "1"]
    workers = [subprocess.Popen([*command, "--share", f"{which}/{options.jobs}"]) for which in range(options.jobs)]
    try:
        return max(abs(worker.wait()) for worker in workers)
    finally:
        for worker in workers:
            worker.terminate()
        for worker in workers:
            worker.wait()


def _play(seeds: Sequence[int], options: argparse.Namespace) -> int:
    """Play these runs, and return how many passed; the first that fails ends it, unless it is to go on."""
    log = RunLog(options.log) if options.log else None
    passed, started = 0, time.monotonic()
    for first in range(0, len(seeds), FRESH):
        with _scene(options.database) as world:
            Simulation.world = world
            _spare()
            for number in seeds[first : first + FRESH]:
                began = time.process_time()
                problem = run_one(number, shrink=options.shrink, steps=options.steps)
                if log:
                    log.note(number, time.process_time() - began, problem)
                if problem is not None:
                    print(f"{problem}\nseed {number} failed after {passed} runs; to play it again:", flush=True)
                    print(f'    make soak args="sim --seed {number} --runs 1{_how(options)}"', flush=True)
                    if not options.go_on:
                        return passed
                    continue
                passed += 1
                if passed % EVERY == 0:
                    each = (time.monotonic() - started) / passed
                    print(f"{passed} runs, up to seed {number}, {each:.2f} s each: nothing lost", flush=True)
    return passed


def _stop(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


def _options(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="soak sim", description=__doc__)
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1, help="of the first run; each next run has the next seed")
    parser.add_argument("--steps", type=int, default=STEPS, help="how much happens in one run")
    where = "the district's: postgres, sqlite, or the URL of an empty one of PostgreSQL"
    parser.add_argument("--database", default="postgres", help=where)
    parser.add_argument("--shrink", action="store_true", help="look for the shortest way to a failure")
    parser.add_argument("--go-on", action="store_true", help="go on after a failure")
    parser.add_argument("--jobs", type=int, default=1, help="so many processes, each with a district of its own")
    parser.add_argument(
        "--log", type=Path, metavar="FILE", help="write each run down; what is in it is not played again"
    )
    parser.add_argument("--count", action="store_true", help="play nothing: tell what the log says")
    parser.add_argument("--share", default="", help=argparse.SUPPRESS)
    return parser.parse_args(argv)


def _how(options: argparse.Namespace) -> str:
    steps = "" if options.steps == STEPS else f" --steps {options.steps}"
    return steps + (" --database sqlite" if options.database == "sqlite" else "")


def run_one(number: int, *, shrink: bool = False, steps: int = STEPS) -> str | None:
    """Live through one run; return what went wrong, or nothing."""
    phases = (Phase.generate, Phase.shrink) if shrink else (Phase.generate,)
    how = settings(
        max_examples=1,
        stateful_step_count=steps,
        database=None,
        deadline=None,
        phases=phases,
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
    )
    watch = _ErrorWatch()
    logging.getLogger().addHandler(watch)
    try:
        run_state_machine_as_test(seed(number)(Simulation), settings=how)
    except (Exception, Killed):  # noqa: BLE001 - whatever it is, it is told with its seed
        return traceback.format_exc()
    finally:
        logging.getLogger().removeHandler(watch)
    return "\n".join(watch.seen) or None


def _spare() -> None:
    """Leave out what costs time and tests nothing: looking through what lives as long as the program, again and again;
    reading this program's source for hypothesis's own memory, which is not used.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    for module in (core, stateful):
        module.function_digest = lambda function: function.__name__.encode()  # type: ignore[attr-defined]


class _ErrorWatch(logging.Handler):
    """Remembers what was logged as an error: a district that answered 500 hides there."""

    def __init__(self) -> None:
        super().__init__(level=logging.ERROR)
        self.seen: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.seen.append(f"logged as an error: {record.name}: {record.getMessage()}")


@contextlib.contextmanager
def _scene(kind: str) -> Iterator[World]:
    """Yield a world in memory where there is room: the disk's own slowness proves nothing here."""
    folder = Path(tempfile.mkdtemp(prefix="doorstep-sim-", dir=_memory()))
    with contextlib.ExitStack() as ends:
        ends.callback(shutil.rmtree, folder, ignore_errors=True)
        if kind == "sqlite":
            url = f"sqlite:///{folder / 'district.db'}"
        elif kind == "postgres":
            server = ends.enter_context(postgres.running(in_memory=True))
            _hasten(server)
            url = ends.enter_context(postgres.fresh_database(server))
        else:
            url = kind + ("&" if "?" in kind else "?") + "options=-csynchronous_commit%3Doff"
        world = World(url, folder)
        ends.callback(world.close)
        yield world


def _hasten(server: str) -> None:
    """Let a PostgreSQL of our own spare what only a power cut needs: in a run the program dies, never the machine."""
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        for name in ("fsync", "synchronous_commit", "full_page_writes", "jit"):
            connection.execute(sa.text(f"ALTER SYSTEM SET {name} = off"))
        connection.execute(sa.text("SELECT pg_reload_conf()"))
    engine.dispose()


def _memory() -> str | None:
    shared = Path("/dev/shm")
    return str(shared) if sys.platform == "linux" and shared.is_dir() else None
