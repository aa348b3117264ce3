"""Pull, snapshot and one act from counter to counter, against straight-line code with the same residents (sync_floor).

Both servers run in processes of their own on one PostgreSQL, turn by turn with the floor. Ours does all that a counter
does: the encrypted file, the search index, the history of each field, the marks and digests, the comparison at the end.
``python -m bench.bench_pull [quick]`` prints.
"""

import gc
import json
import os
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from time import perf_counter

import psutil
import requests
from sqlalchemy import text

from app.db.database import Actor, Database
from app.models.resident import Resident
from app.sync.engine import PAGE, SyncEngine
from app.sync.loop import SyncLoop
from bench import our_district, sync_floor
from tests import postgres

Measure = tuple[str, float, float | None, str]

PULL_LIMIT, SNAPSHOT_LIMIT, ACT_LIMIT, MEMORY_LIMIT = 3.5, 3.0, 2.0, 1.2
COUNT, MANY, ACTS = 10_000, 50_000, 60
QUICK_COUNT, QUICK_MANY, QUICK_ACTS = 1_000, 4_000, 20
PULL_ROUNDS, SNAPSHOT_ROUNDS = 7, 3
ACTS_A_TURN, ACT_PAUSE = 20, 0.25
CUTS = 20
NEVER = 10**9
"""A feed is always longer or never: whether a snapshot is taken."""
_CLERK = Actor("0198f3c2-7d10-7c3e-9a55-0000000000aa", "方静", frozenset({"clerk", "supervisor"}))


class Ground:
    """Our district and the floor, each filled with the same residents, and a folder for counters."""

    def __init__(self, folder: Path, database: str, url: str, floor: str) -> None:
        self.folder, self.database, self.url, self.floor = folder, database, url, floor
        self.filled = 0
        self._made = 0
        self._filler = self.counter("filler")

    def fill(self, count: int) -> None:
        """Bring both to so many residents, ours by a counter's own push."""
        fresh = count - self.filled
        people = zip(sync_floor.ids(fresh, self.filled), sync_floor.people(fresh, self.filled), strict=True)
        sync_floor.push(self.floor, list(people))
        our_district.fill(self._filler, fresh, self.filled)
        engine = SyncEngine(self._filler)
        report = engine.run_once()
        engine.close()
        if report.pushed != fresh or report.parked:
            raise AssertionError(report)
        self.filled = count

    def counter(self, name: str) -> Database:
        """Return the file of a counter that has just joined."""
        self._made += 1
        return our_district.counter(self.path(name), self.url, our_district.code(self.database))

    def path(self, name: str) -> Path:
        """Return a new file's path."""
        return self.folder / f"{name}{self._made}.db"

    def server(self) -> psutil.Process:
        """Return the process of our server."""
        for process in psutil.Process().children():
            if "app.district" in process.cmdline():
                return process
        raise AssertionError("our server is not there")


@contextmanager
def ground(folder: Path) -> Iterator[Ground]:
    """Start everything."""
    with (
        postgres.running() as server,
        postgres.fresh_database(server) as ours,
        postgres.fresh_database(server) as floor,
        our_district.serving(ours) as url,
        sync_floor.serving(floor) as floor_url,
    ):
        yield Ground(folder, ours, url, floor_url)


def pulled(at: Ground, count: int) -> Iterator[Measure]:
    """Measure a pull with its history: status, pages, apply, comparison by recount."""
    floor_times, our_times = [], []
    for _round in range(PULL_ROUNDS):
        database = at.counter("pull")
        engine = SyncEngine(database, snapshot_from=NEVER)
        floor_times.append(_seconds(lambda: sync_floor.pull(at.floor, at.path("floor"))))
        our_times.append(_seconds(partial(_complete, engine, count)))
        engine.close()
        database.close()
    yield _judged("pull of 10,000: status, pages, apply, compare", our_times, floor_times, PULL_LIMIT, count)


def bootstrapped(at: Ground, count: int, judged: bool) -> Iterator[Measure]:
    """Measure the start of a counter from a snapshot, and the memory of both sides on the way."""
    floor_times, our_times = [], []
    here, there = psutil.Process(), at.server()
    sizes: list[tuple[int, int]] = []
    for _round in range(SNAPSHOT_ROUNDS):
        sizes.clear()
        database = at.counter("snapshot")
        engine = SyncEngine(
            database,
            snapshot_from=0,
            progress=lambda *_told: sizes.append((here.memory_info().rss, there.memory_info().rss)),
        )
        floor_times.append(_seconds(lambda: sync_floor.pull(at.floor, at.path("floor"))))
        our_times.append(_seconds(partial(_complete, engine, count)))
        engine.close()
        database.close()
    yield _judged("snapshot of 50,000", our_times, floor_times, SNAPSHOT_LIMIT, count)
    fifth = max(1, len(sizes) // 5)
    for name, side in (("counter", 0), ("server", 1)):
        early, late = max(size[side] for size in sizes[:fifth]), sizes[-1][side]
        limit = MEMORY_LIMIT if judged else None
        yield f"snapshot: memory of the {name}, end / first fifth", late / early, limit, f"{late >> 20} MB"


def cut_often(at: Ground, count: int) -> Iterator[Measure]:
    """Pull the cable twenty times while a counter starts; count the pages that the server handed out."""
    database = at.counter("cut")
    pages, cut, told = 0, 0, [0]
    whole = -(-count // PAGE)
    engine = SyncEngine(database, snapshot_from=0, progress=lambda _feed, here, _all: told.append(here))
    engine._transport(_member(database))  # the connection of the engine, to pull its cable
    assert engine._own is not None
    ask = engine._own.snapshot

    def fetch(feed: str, after: int, limit: int, epoch: str) -> object:
        nonlocal pages, cut
        page = ask(feed, after, limit, epoch)
        if not feed.startswith("station/"):
            return page
        pages += 1
        if cut < CUTS and pages % 2 == 0:
            cut += 1
            raise _offline()
        return page

    engine._own.snapshot = fetch  # type: ignore[method-assign,assignment]
    runs = 0
    while not (report := engine.run_once()).ok:
        runs += 1
    held = _held(database)
    if held != count or report.repaired or told != sorted(told):
        raise AssertionError(f"{held} of {count} here, {report}")
    engine.close()
    database.close()
    detail = f"{pages} pages handed out for {whole}, cable pulled {cut} times, {runs + 1} runs, {held} residents here"
    yield "snapshot cut off 20 times: pages twice, per cut", (pages - whole) / cut, 1.0, detail


def acts(at: Ground, times: int) -> Iterator[Measure]:
    """Measure from the commit at one counter to the row in another counter's tables, events on.

    Floor and ours take turns, with the same pause between two acts: whoever acts seldom meets a colder machine.
    """
    one, two = at.counter("a"), at.counter("b")
    _together(one, snapshot=True)
    _together(two, snapshot=True)
    loop = SyncLoop(one)
    reader, writer = os.pipe()
    with subprocess.Popen(
        [sys.executable, "-m", "bench.bench_pull", "watch", str(two.path)],
        stdout=subprocess.PIPE,
        stdin=reader,
        text=True,
    ) as watch:
        assert watch.stdout is not None
        two.close()
        loop.start()
        assert watch.stdout.readline() == "ready\n"
        ours, floor = list[float](), list[float]()
        for number in range(times):
            if number % ACTS_A_TURN == 0:
                floor += _floor_acts(at, min(ACTS_A_TURN, times - number), number)
            threading.Event().wait(ACT_PAUSE)
            began = _act(one, number)
            ours.append(float(watch.stdout.readline()) - began)
        os.close(writer)
    os.close(reader)
    loop.stop()
    one.close()
    low, high = statistics.median(floor), statistics.median(ours)
    detail = f"p50 {high * 1e3:.1f} ms, p90 {sorted(ours)[int(times * 0.9)] * 1e3:.1f} ms; floor {low * 1e3:.1f} ms"
    yield "one act, counter to counter, p50", high / low, ACT_LIMIT, detail


def _act(database: Database, number: int) -> float:
    """Register somebody; return the moment of the commit."""
    values = sync_floor.people(1, 900_000 + number)[0] | {"created_at": None}
    row = Resident.model_validate({name: value for name, value in values.items() if value is not None})
    with database.write(_CLERK) as tx:
        tx.act("resident.register")
        tx.add(row)
    return perf_counter()


def watch(path: str) -> None:
    """Be the other counter: say when each resident who was not here is to be seen in its tables."""
    database = Database(Path(path), our_district.KEY)
    loop, ready, ended = SyncLoop(database), threading.Event(), threading.Event()
    loop.on_report.append(lambda _report: ready.set())

    def seen(touched: frozenset[str]) -> None:
        if "resident" in touched:
            print(perf_counter(), flush=True)

    loop.start()
    ready.wait(60)
    ended.wait(1.0)  # until it listens
    database.on_commit.append(seen)
    print("ready", flush=True)
    sys.stdin.read()
    loop.stop()
    database.close()


def _floor_acts(at: Ground, times: int, start: int) -> list[float]:
    """Do the same in a straight line, from this number on: a row and its push here, a long poll and its row there."""
    found: list[float] = []
    here, there = requests.Session(), requests.Session()
    came = threading.Event()

    def wait() -> None:
        after = at.filled + start
        with _plain(at.path("poll")) as store:
            for _number in range(times):
                entries = there.post(f"{at.floor}/wait", json={"after": after, "limit": 500}, timeout=60).json()[
                    "entries"
                ]
                store.execute("INSERT INTO record VALUES (?, ?)", (entries[0]["id"], json.dumps(entries[0]["values"])))
                store.commit()
                after = entries[-1]["rev"]
                found.append(perf_counter())
                came.set()

    thread = threading.Thread(target=wait)
    thread.start()
    began: list[float] = []
    with _plain(at.path("act")) as store:
        for number in range(start, start + times):
            threading.Event().wait(ACT_PAUSE)
            came.clear()
            record = (sync_floor.ids(1, 900_000 + number)[0], sync_floor.people(1, 900_000 + number)[0])
            store.execute("INSERT INTO record VALUES (?, ?)", (record[0], json.dumps(record[1])))
            store.commit()
            began.append(perf_counter())
            sync_floor.push(at.floor, [record], here)
            came.wait(60)
    thread.join()
    return [end - start for start, end in zip(began, found, strict=True)]


@contextmanager
def _plain(path: Path) -> Iterator[sqlite3.Connection]:
    store = sqlite3.connect(path, check_same_thread=False)
    store.execute("PRAGMA journal_mode = WAL")
    store.execute("PRAGMA synchronous = FULL")
    store.execute("CREATE TABLE IF NOT EXISTS record (id TEXT PRIMARY KEY, fields TEXT)")
    yield store
    store.close()


def _together(database: Database, *, snapshot: bool) -> None:
    engine = SyncEngine(database, snapshot_from=0 if snapshot else NEVER)
    report = engine.run_once()
    engine.close()
    if not report.ok:
        raise AssertionError(report)


def _complete(engine: SyncEngine, count: int) -> None:
    report = engine.run_once()
    if not (report.ok and report.agreed and report.pulled == count and report.repaired == 0):
        raise AssertionError(report)


def _held(database: Database) -> int:
    with database.read() as tx:
        return int(tx.rows(text("SELECT count(*) FROM resident"))[0][0])


def _member(database: Database):  # noqa: ANN202
    from app.sync.membership import membership

    with database.read() as tx:
        return membership(tx)


def _offline() -> Exception:
    from app.errors import OfflineError

    return OfflineError("the cable was pulled")


def _seconds(work: Callable[[], object]) -> float:
    """Time a piece of work as on the desktop, where this thread collects no garbage (app/ui/collecting.py)."""
    gc.collect()
    gc.disable()
    began = perf_counter()
    try:
        work()
        return perf_counter() - began
    finally:
        gc.enable()


def _judged(name: str, ours: list[float], floor: list[float], limit: float, count: int) -> Measure:
    """Return the median of the turns' own ratios: a machine that changes its pace slows both sides of a turn."""
    low, high = statistics.median(floor), statistics.median(ours)
    ratio = statistics.median(our / bare for our, bare in zip(ours, floor, strict=True))
    return name, ratio, limit, f"{high:.2f} s ({high / count * 1e6:.0f} µs each), floor {low:.2f} s"


def run(quick: bool = False) -> list[Measure]:
    """Return (name, ratio, limit, detail) of each measure."""
    count, many, times = (QUICK_COUNT, QUICK_MANY, QUICK_ACTS) if quick else (COUNT, MANY, ACTS)
    folder = Path(tempfile.mkdtemp(prefix="doorstep-bench-"))
    try:
        with ground(folder) as at:
            at.fill(count)
            found = [*pulled(at, count), *acts(at, times)]
            at.fill(many)
            return [*found, *bootstrapped(at, many + times, not quick), *cut_often(at, many + times)]
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["watch"]:
        watch(sys.argv[2])
    else:
        for name, ratio, limit, detail in run("quick" in sys.argv[1:]):
            print(f"{name}: {ratio:.2f}x (limit {limit or '-'}) {detail}")
