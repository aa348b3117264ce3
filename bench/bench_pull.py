"""Pull, snapshot and live sync against straight-line code that fetches and stores the same residents (sync_floor).

Both servers run in processes of their own on one PostgreSQL. Ours goes through all that a counter does: the encrypted
file, the search index, the history, the running digests. ``python -m bench.bench_pull [quick]`` prints.
"""

import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any

import requests

from app.db.database import Database, make_engine
from app.db.migrate import migrate
from app.district import accounts
from app.district.store import DistrictStore
from app.sync.engine import SyncEngine, enrol
from bench import sync_floor
from tests import postgres

PULL_LIMIT = 3.5
COUNT, QUICK = 10_000, 1_000
ROUNDS = 3
STATION = "330110012001"
_KEY = bytes(range(32))
_ROOT = Path(__file__).resolve().parent.parent


class District:
    """Our server in a process of its own, as it is started at a district."""

    def __init__(self, database: str) -> None:
        self.store = DistrictStore(database)
        self.store.prepare()
        command = [sys.executable, "-m", "app.district", "serve", "--database", database, "--port", "0"]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=_ROOT
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        self.url = "http://" + line.partition("http://")[2].strip()

    def code(self) -> str:
        """Return a one-time code."""
        with self.store.write() as connection:
            return accounts.make_code(connection, station=STATION, role="supervisor")

    def fill(self, count: int, start: int = 0) -> None:
        """Push residents as a stranger's client would."""
        session = requests.Session()
        answer = session.post(f"{self.url}/v1/enrol", json={"code": self.code(), "device_name": "导入"}).json()
        session.headers["Authorization"] = f"Bearer {answer['token']}"
        pairs = list(zip(sync_floor.ids(count, start), sync_floor.people(count, start), strict=True))
        for at in range(0, count, 500):
            ops = [_op(at + n + 1, key, values) for n, (key, values) in enumerate(pairs[at : at + 500])]
            body = json.dumps({"epoch": answer["epoch"], "ops": ops}, ensure_ascii=False).encode()
            done = session.post(f"{self.url}/v1/push", data=body, headers={"Content-Type": "application/json"})
            done.raise_for_status()
            assert all(each["outcome"] == "applied" for each in done.json()["results"]), done.json()["results"][0]

    def stop(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.wait(20)
        self.store.close()


def _op(seq: int, record_id: str, values: dict[str, Any]) -> dict[str, Any]:
    edit = {
        "type": "resident",
        "id": record_id,
        "base": 0,
        "set": {name: [None, value] for name, value in values.items()},
    }
    return {
        "op": str(uuid.uuid4()), "seq": seq, "act": "resident.register", "actor": None, "reason": None, "schema": 1,
        "made_at": "2026-11-22T09:12:33.120+08:00", "edits": [edit],
    }  # fmt: skip


@contextmanager
def districts(postgres_url: str) -> Iterator[tuple[District, str]]:
    """Yield our server and the floor's address, on two empty databases of one PostgreSQL."""
    with postgres.fresh_database(postgres_url) as ours, postgres.fresh_database(postgres_url) as floor:
        district = District(ours)
        try:
            with sync_floor.serving(floor) as url:
                yield district, url
        finally:
            district.stop()


def template(folder: Path) -> Path:
    path = folder / "empty.db"
    engine = make_engine(path, _KEY)
    migrate(engine)
    engine.dispose()
    return path


def joined(source: Path, target: Path, district: District) -> Database:
    """Return the file of a counter that has just joined."""
    shutil.copyfile(source, target)
    database = Database(target, _KEY)
    enrol(database, district.url, district.code(), "窗口")
    return database


def pulled(count: int, folder: Path, district: District, floor: str) -> list[tuple[str, float, float | None, str]]:
    empty = template(folder)
    floor_times, our_times = [], []
    for round_ in range(ROUNDS):
        began = perf_counter()
        assert sync_floor.pull(floor, folder / f"floor{round_}.db") == count
        floor_times.append(perf_counter() - began)
        database = joined(empty, folder / f"ours{round_}.db", district)
        engine = SyncEngine(database, snapshot_from=10**9)
        began = perf_counter()
        report = engine.run_once()
        our_times.append(perf_counter() - began)
        assert report.ok and report.agreed and report.pulled == count and report.repaired == 0, report
        engine.close()
        database.close()
    low, high = statistics.median(floor_times), statistics.median(our_times)
    detail = f"{high:.2f} s for {count} residents ({high / count * 1e6:.0f} µs each), floor {low:.2f} s"
    return [("pull: status, pull, apply, compare", high / low, PULL_LIMIT, detail)]


def run(quick: bool = False) -> list[tuple[str, float, float | None, str]]:
    """Return (name, ratio, limit, detail) of each measure."""
    count = QUICK if quick else COUNT
    folder = Path(tempfile.mkdtemp(prefix="doorstep-bench-"))
    try:
        with postgres.running() as postgres_url, districts(postgres_url) as (district, floor):
            sync_floor.push(floor, list(zip(sync_floor.ids(count), sync_floor.people(count), strict=True)))
            district.fill(count)
            return pulled(count, folder, district, floor)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    for name, ratio, limit, detail in run("quick" in sys.argv[1:]):
        print(f"{name}: {ratio:.2f}x (limit {limit or '-'}) {detail}")
