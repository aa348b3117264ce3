"""Many counters push at once, for minutes, against the straight-line floor; and a million operations, to see whether
the last cost what the first did.

``make soak args="load"``: 1,000 counters of 100 stations are enrolled, 100 of them push without a pause for five
minutes on a real PostgreSQL. Fails where a push fails, where a counter starves, where less than a third of the floor's
throughput is reached, or where the log does not rebuild every record afterwards. ``--operations 1000000`` runs the
other one, on SQLite and on PostgreSQL.
"""

import argparse
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import requests

from app.district.store import DistrictStore
from app.district.verify import verify
from bench import our_district, sync_floor
from bench.bench_push import FLAT_LIMIT, FLAT_PART, flatness
from tests import postgres

BATCH = 50
LEAST_SHARE = 1 / 3
STARVED = 1 / 3
"""A counter that got less than this part of what the median counter got has starved."""


def main(argv: Sequence[str]) -> int:
    """Run what is asked for; return the exit status."""
    parser = argparse.ArgumentParser(prog="soak load", description=__doc__)
    parser.add_argument("--counters", type=int, default=1000, help="enrolled (1000)")
    parser.add_argument("--active", type=int, default=100, help="pushing at once (100)")
    parser.add_argument("--minutes", type=float, default=5.0, help="how long ours is pushed to (5)")
    parser.add_argument(
        "--operations", type=int, metavar="N", help="instead: is the last as quick as the first (1000000)"
    )
    options = parser.parse_args(argv)
    with postgres.running() as server, tempfile.TemporaryDirectory(prefix="doorstep-load-") as folder:
        if options.operations:
            return flat(server, Path(folder), options.operations)
        return sustained(server, options.counters, active=options.active, seconds=options.minutes * 60)


def flat(server: str, folder: Path, count: int) -> int:
    """Push so many operations to each kind of database; tell the last 10,000 by the first."""
    worst = 0.0
    with postgres.fresh_database(server) as database:
        for name, url in (("PostgreSQL", database), ("SQLite", f"sqlite:///{folder / 'flat.db'}")):
            ratio, detail = flatness(url, count, min(FLAT_PART, count // 2))
            print(f"{name}: {ratio:.2f}x (limit {FLAT_LIMIT:g}x) — {detail}", flush=True)
            worst = max(worst, ratio)
    return 1 if worst > FLAT_LIMIT else 0


def sustained(server: str, enrolled: int, *, active: int, seconds: float) -> int:
    """Push to the floor for a while, then to ours for as long as was asked; compare the rates."""
    with postgres.fresh_database(server) as bare, sync_floor.serving(bare) as url:
        floor = _run([_to_floor(url, number) for number in range(active)], min(seconds, 30.0))
    print(f"floor: {_told(floor)}", flush=True)
    with postgres.fresh_database(server) as database:
        our_district.prepare(database)
        with our_district.serving(database) as url:
            strangers = [
                our_district.Stranger(url, our_district.code(database, f"3301100{number % 100:05d}"))
                for number in range(enrolled)
            ]
            print(f"{enrolled} counters are enrolled", flush=True)
            ours = _run([_to_ours(who, number) for number, who in enumerate(strangers[:active])], seconds)
            share = ours.rate / floor.rate
            print(f"ours: {_told(ours)}\n{share:.2f} of the floor (at least {LEAST_SHARE:.2f})", flush=True)
            started = time.monotonic()
            our_district.settled(database)
        print(f"what follows from it was decided {time.monotonic() - started:.0f} s later", flush=True)
        faults = _faults(database)
    print(f"{len(faults)} faults", flush=True)
    for problem in (*ours.failures[:10], *faults[:10]):
        print(problem, file=sys.stderr)
    starved = min(ours.counts) < STARVED * statistics.median(ours.counts)
    return 1 if ours.failures or floor.failures or faults or starved or share < LEAST_SHARE else 0


class Tally:
    """What each of many clients got done, and what went wrong."""

    def __init__(self, clients: int, seconds: float) -> None:
        self.counts = [0] * clients
        self.failures: list[str] = []
        self.seconds = seconds

    @property
    def rate(self) -> float:
        """Return operations in a second, of all clients together."""
        return sum(self.counts) / self.seconds


def _run(clients: Sequence[Callable[[], None]], seconds: float) -> Tally:
    """Let every client push one batch after the other until the time is over."""
    tally, end = Tally(len(clients), seconds), time.monotonic() + seconds

    def work(number: int, push: Callable[[], None]) -> None:
        while time.monotonic() < end:
            try:
                push()
            except Exception as problem:  # noqa: BLE001 - whatever it was, it is told
                tally.failures.append(f"client {number}: {type(problem).__name__}: {problem}")
                return
            tally.counts[number] += BATCH

    threads = [threading.Thread(target=work, args=(number, push)) for number, push in enumerate(clients)]
    started = time.monotonic()
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    tally.seconds = time.monotonic() - started
    return tally


def _to_floor(url: str, number: int) -> Callable[[], None]:
    session, turn = requests.Session(), [0]

    def push() -> None:
        start = 1_000_000 * (number % 50) + 20_000 * (number // 50) + BATCH * turn[0]
        turn[0] += 1
        records = list(zip(sync_floor.ids(BATCH, start), sync_floor.people(BATCH, start), strict=True))
        sync_floor.push(url, records, session)

    return push


def _to_ours(who: our_district.Stranger, number: int) -> Callable[[], None]:
    turn = [0]

    def push() -> None:
        start = 1_000_000 * (number % 50) + 20_000 * (number // 50) + BATCH * turn[0]
        turn[0] += 1
        who.push_all(who.batches(BATCH, start))

    return push


def _faults(database: str) -> tuple[str, ...]:
    store = DistrictStore(database)
    with store.read() as connection:
        found = verify(connection).faults
    store.close()
    return found


def _told(tally: Tally) -> str:
    spread = f"slowest {min(tally.counts)}, median {statistics.median(tally.counts):g}, quickest {max(tally.counts)}"
    return f"{tally.rate:.0f} operations a second for {tally.seconds:.0f} s; {spread}; {len(tally.failures)} failures"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
