"""Runs of the simulation, one seed each: ``python -m tests.sim.soak sim --runs 10000 --seed 1``.

A failure prints its seed and its steps; ``--seed N --runs 1`` plays it again, ``--shrink`` looks for the shortest way.
"""

import argparse
import contextlib
import logging
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator, Sequence
from pathlib import Path

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests import postgres
from tests.sim.air import Killed
from tests.sim.machine import Simulation
from tests.sim.world import World

STEPS = 30
EVERY = 50
"""So often a line of progress is printed."""


def main(argv: Sequence[str]) -> int:
    """Run them; return the exit status."""
    options = _options(argv)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stop)  # in the background too, so that the PostgreSQL of the run ends with it
    passed, started = 0, time.monotonic()
    with _scene(options.database) as world:
        Simulation.world = world
        for number in range(options.seed, options.seed + options.runs):
            problem = run_one(number, shrink=options.shrink, steps=options.steps)
            if problem is not None:
                print(f"{problem}\nseed {number} failed after {passed} runs; to play it again:", flush=True)
                print(f'    make soak args="sim --seed {number} --runs 1{_how(options)}"', flush=True)
                if not options.go_on:
                    return 1
                continue
            passed += 1
            if passed % EVERY == 0:
                each = (time.monotonic() - started) / passed
                print(f"{passed} runs, up to seed {number}, {each:.2f} s each: nothing lost", flush=True)
    print(f"{passed} of {options.runs} runs from seed {options.seed} on: nothing lost in them")
    return 0 if passed == options.runs else 1


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
        else:
            url = kind
            if kind == "postgres":
                url = ends.enter_context(postgres.fresh_database(ends.enter_context(postgres.running())))
            url += ("&" if "?" in url else "?") + "options=-csynchronous_commit%3Doff"
        world = World(url, folder)
        ends.callback(world.close)
        yield world


def _memory() -> str | None:
    shared = Path("/dev/shm")
    return str(shared) if sys.platform == "linux" and shared.is_dir() else None
