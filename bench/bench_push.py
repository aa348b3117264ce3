"""Pushing to the district against a straight-line floor (bench.sync_floor), on the same residents, turn by turn.

``10,000 operations``: a real counter's encrypted file, its operation log, its engine and ``doorstep-district serve`` on
PostgreSQL, against requests, FastAPI and psycopg upserting the same 10,000 residents, both in batches of 500. ``from a
prepared body`` is the district's part of it: the same requests without a counter, as many under way. ``50 counters at
once``: each pushes its 200 in a request of its own. ``flat``: the last of many batches against the first ones. Where
``anki`` is installed, its own sync of 10,000 notes is run and told beside ours.
``python -m bench.bench_push`` prints.
"""

import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Barrier
from time import perf_counter
from typing import Any

import requests

from app.db.database import Database
from app.sync.engine import SyncEngine
from app.sync.membership import membership
from bench import our_district, sync_floor
from tests import postgres

COUNT, PUSH_TURNS, TURNS = 10_000, 7, 3
COUNTERS, EACH = 50, 200
LIMIT, FAIR_LIMIT, FLAT_LIMIT = 2.5, 3.0, 1.2
FLAT_COUNT, FLAT_PART = 60_000, 10_000
Row = tuple[str, float, float | None, str]


@contextmanager
def both(server: str) -> Iterator[tuple[str, str, str]]:
    """Yield the addresses of a fresh floor and a fresh district, and the district's database."""
    with (
        postgres.fresh_database(server) as bare,
        postgres.fresh_database(server) as database,
        sync_floor.serving(bare) as floor,
    ):
        our_district.prepare(database)
        with our_district.serving(database) as district:
            yield floor, district, database


def _seconds(act: Callable[[], object]) -> float:
    start = perf_counter()
    act()
    return perf_counter() - start


def push_all(counter: Database) -> float:
    """Push everything pending of a counter; return the seconds."""
    engine = SyncEngine(counter)
    with counter.read() as tx:
        member = membership(tx)
    assert member is not None
    transport = engine._transport(member)
    transport.status()
    spent = _seconds(lambda: engine._push(transport, member))
    engine.close()
    with counter.read() as tx:
        (left,) = tx.sql("SELECT count(*) FROM operation WHERE state != 'applied'")[0]
    assert left == 0, f"{left} operations were not applied"
    return spent


def _ten_thousand(server: str, folder: Path) -> list[Row]:
    records = list(zip(sync_floor.ids(COUNT), sync_floor.people(COUNT), strict=True))
    floors, ours, bodies = [], [], []
    for turn in range(PUSH_TURNS):
        with both(server) as (floor, district, database):
            counter = our_district.counter(folder / f"{turn}.db", district, our_district.code(database))
            our_district.fill(counter, COUNT)
            stranger = our_district.Stranger(district, our_district.code(database, "330110012002"))
            batches = stranger.batches(COUNT, start=COUNT)  # other people: one known at two stations is a ruling
            sync_floor.push(floor, records[:1])
            our_district.warmed(district, database)
            floors.append(_seconds(lambda at=floor: sync_floor.push(at, records)))  # type: ignore[misc]
            ours.append(push_all(counter))
            our_district.settled(database)
            bodies.append(_seconds(lambda who=stranger, all_of=batches: who.push_ahead(all_of)))  # type: ignore[misc]
            counter.close()
    detail = f"floor {_sorted(floors)}; counter to district {_sorted(ours)}; bodies alone {_sorted(bodies)}{_anki()}"
    return [
        (f"push of {COUNT:,} operations", _by_turns(ours, floors), LIMIT, detail),
        (f"push of {COUNT:,} from prepared bodies", _by_turns(bodies, floors), LIMIT, detail),
    ]


def _by_turns(ours: list[float], floors: list[float]) -> float:
    """Return the median of the turns' own ratios: a machine that changes its pace slows both sides of a turn."""
    return statistics.median(our / floor for our, floor in zip(ours, floors, strict=True))


def _sorted(times: list[float]) -> str:
    return " ".join(f"{each:.2f}" for each in sorted(times)) + " s"


def _at_once(acts: list[Callable[[], object]]) -> tuple[float, list[float]]:
    """Start all acts at the same instant; return how long all took, and each."""
    gate = Barrier(len(acts) + 1)

    def run(act: Callable[[], object]) -> float:
        gate.wait()
        return _seconds(act)

    with ThreadPoolExecutor(len(acts)) as pool:
        running = [pool.submit(run, act) for act in acts]
        gate.wait()
        whole = _seconds(lambda: [each.result() for each in running])
    return whole, [each.result() for each in running]


def _fifty(server: str) -> list[Row]:
    floors, ours, spread = [], [], []
    for _turn in range(TURNS):
        with both(server) as (floor, district, database):
            strangers = [
                our_district.Stranger(district, our_district.code(database, f"3301100120{number:02d}"))
                for number in range(COUNTERS)
            ]
            batches = [
                who.batches(EACH, start=EACH * number)[0] for number, who in enumerate(strangers)
            ]  # one request each
            sync_floor.push(floor, list(zip(sync_floor.ids(1), sync_floor.people(1), strict=True)))
            our_district.warmed(district, database)
            floors.append(_at_once([_floor_push(floor, number) for number in range(COUNTERS)])[0])
            acts = [_one_push(who, batch) for who, batch in zip(strangers, batches, strict=True)]
            whole, each = _at_once(acts)
            ours.append(whole)
            spread.append(max(each) / statistics.median(each))
    detail = f"floor {_sorted(floors)}; ours {_sorted(ours)}; none failed"
    name = f"{COUNTERS} counters x {EACH} at once"
    return [
        (name, _by_turns(ours, floors), LIMIT, detail),
        (f"{name}: slowest to median", statistics.median(spread), FAIR_LIMIT, detail),
    ]


def _floor_push(url: str, number: int) -> Callable[[], object]:
    ids, people = sync_floor.ids(EACH, EACH * number), sync_floor.people(EACH, EACH * number)
    records = list(zip(ids, people, strict=True))
    return lambda: sync_floor.push(url, records, requests.Session())


def _one_push(who: our_district.Stranger, batch: bytes) -> Callable[[], object]:
    return lambda: who.push_all([batch])


def flatness(database: str, count: int = FLAT_COUNT, part: int = FLAT_PART) -> tuple[float, str]:
    """Push ``count`` operations one batch after the other; return the last part's time by the first's."""
    our_district.prepare(database)
    with our_district.serving(database) as district:
        stranger = our_district.Stranger(district, our_district.code(database))
        spent = []
        for start in range(0, count, part):
            batches = stranger.batches(part, start=start)
            spent.append(_seconds(lambda now=batches: stranger.push_all(now)))  # type: ignore[misc]
            our_district.settled(database)
    return spent[-1] / spent[0], f"first {part:,}: {spent[0]:.2f} s, last of {count:,}: {spent[-1]:.2f} s"


def _flat(server: str, folder: Path) -> Iterator[Row]:
    with postgres.fresh_database(server) as database:
        ratio, detail = flatness(database)
    yield f"last {FLAT_PART:,} of {FLAT_COUNT:,}, PostgreSQL", ratio, FLAT_LIMIT, detail
    ratio, detail = flatness(f"sqlite:///{folder / 'flat.db'}")
    yield f"last {FLAT_PART:,} of {FLAT_COUNT:,}, SQLite", ratio, FLAT_LIMIT, detail


def _anki() -> str:
    """Return what Anki's own sync of 10,000 notes took, where it is installed; it is not a dependency."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.anki_peer", str(COUNT)], capture_output=True, text=True, check=False
    )
    return f"; Anki {float(done.stdout):.2f} s" if done.returncode == 0 else ""


def run() -> list[Row]:
    """Return (name, ratio, limit, detail) of each measure."""
    with postgres.running() as server, tempfile.TemporaryDirectory(prefix="doorstep-bench-") as folder:
        rows: list[Any] = [*_ten_thousand(server, Path(folder)), *_fifty(server), *_flat(server, Path(folder))]
    return rows


if __name__ == "__main__":
    for name, ratio, limit, detail in run():
        print(f"{name}: {ratio:.2f}x (limit {limit:g}x) — {detail}")
