"""Our own district and counters for the benchmarks of the sync: real processes, real files, filled by bulk SQL."""

import re
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import requests
from sqlalchemy import insert

from app import clock
from app.db import state
from app.db.database import Database, make_engine
from app.db.migrate import migrate
from app.district import accounts
from app.district.rulings import undecided
from app.district.store import DistrictStore
from app.models.operation import Operation, OperationEdit
from app.sync.membership import enrol
from app.sync.protocol import dumps
from app.sync.pushing import FIRST_PACE, UNDER_WAY
from bench.sync_floor import BATCH, ids, people

STATION = "330110012001"
KEY = bytes(range(32))
ROOT = Path(__file__).resolve().parent.parent


@contextmanager
def serving(database: str) -> Iterator[str]:
    """Run ``doorstep-district serve`` on a database in a process of its own; yield its address."""
    command = [sys.executable, "-m", "app.district", "serve", "--database", database, "--port", "0"]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=quiet, text=True, cwd=ROOT) as server:
        assert server.stdout is not None
        try:
            found = re.search(r"http://\S+", server.stdout.readline())
            if found is None:
                raise RuntimeError("the district server did not start")
            yield found.group()
        finally:
            server.terminate()


def prepare(database: str) -> None:
    """Bring an empty database to our form."""
    store = DistrictStore(database)
    store.prepare()
    store.close()


def code(database: str, station: str = STATION) -> str:
    """Make a one-time code in a district's database."""
    store = DistrictStore(database)
    with store.write() as connection:
        made = accounts.make_code(connection, station=station, role="clerk")
    store.close()
    return made


def warmed(url: str, database: str) -> None:
    """Let the processes start that take large pushes, as the first large push of a morning does."""
    Stranger(url, code(database, "330110012099")).push_some()
    while not re.search("^doorstep_push_workers [1-9]", requests.get(f"{url}/metrics", timeout=60).text, re.MULTILINE):
        threading.Event().wait(0.05)
    threading.Event().wait(0.5)
    settled(database)


def settled(database: str) -> None:
    """Wait until the district has decided what the last pushes left to decide."""
    store = DistrictStore(database)
    while True:
        with store.read() as connection:
            if not undecided(connection):
                break
        threading.Event().wait(0.05)
    store.close()


class Stranger:
    """A client of the protocol alone, whose bodies are ready before the clock runs. It asks for brief answers."""

    def __init__(self, url: str, enrolment: str) -> None:
        self._url = url
        self._session = requests.Session()
        answer = self._session.post(
            f"{url}/v1/enrol", json={"code": enrolment, "device_name": "窗口", "app_version": "1"}, timeout=60
        ).json()
        self._device, self._epoch = answer["device"], answer["epoch"]
        self._session.headers["Authorization"] = f"Bearer {answer['token']}"
        self._session.headers["Content-Type"] = "application/json"
        self._session.close()  # a server closes a line that lay idle, perhaps just when the next request leaves
        self._next = 1

    def batches(self, count: int, start: int = 0) -> list[bytes]:
        """Return the bodies of so many registrations, 500 in each."""
        items = [
            {"op": clock.new_id(), "device": self._device, "seq": self._next + n, "act": "resident.register"}
            | {"actor": None, "made_at": "2026-11-22T01:12:33.120Z", "reason": None, "schema": 1}
            | {"edits": [{"type": "resident", "id": clock.new_id(), "base": 0, "set": as_set(values)}]}
            for n, values in enumerate(people(count, start))
        ]
        self._next += count
        parts = (items[at : at + BATCH] for at in range(0, count, BATCH))
        return [dumps({"epoch": self._epoch, "brief": True, "ops": part}).encode() for part in parts]

    def push_some(self) -> None:
        """Push one full batch of people whom nobody else has."""
        self.push_all(self.batches(BATCH, start=900_000))

    def push_all(self, bodies: Iterable[bytes]) -> None:
        """Send bodies one after the other and read each answer; each operation must be applied."""
        for body in bodies:
            self._push(body)

    def push_ahead(self, bodies: Iterable[bytes]) -> None:
        """Do the same as a counter does it: as many under way at once."""
        flying = deque[Future[None]]()
        with ThreadPoolExecutor(UNDER_WAY) as line:
            for body in bodies:
                if len(flying) == UNDER_WAY:
                    flying.popleft().result()
                flying.append(line.submit(self._push, body))
                if len(flying) < UNDER_WAY:
                    wait(flying, FIRST_PACE)
            for each in flying:
                each.result()

    def _push(self, body: bytes) -> None:
        answer = self._session.post(f"{self._url}/v1/push", data=body, timeout=600)
        while answer.status_code == 409:  # it came before the one before it, and nothing was done of it
            threading.Event().wait(FIRST_PACE)
            answer = self._session.post(f"{self._url}/v1/push", data=body, timeout=600)
        answer.raise_for_status()
        assert {result["outcome"] for result in answer.json()["results"]} == {"applied"}


def counter(path: Path, url: str, enrolment: str) -> Database:
    """Make an empty encrypted counter and let it join."""
    engine = make_engine(path, KEY)
    migrate(engine)
    engine.dispose()
    database = Database(path, KEY)
    enrol(database, url, enrolment, "窗口")
    return database


def fill(database: Database, count: int, start: int = 0) -> None:
    """Put operations into a counter's log, each registering one of the floor's residents, as if done at the window."""
    with database.write(None) as tx:
        device = state.device_id(tx.session)
        names = ids(count, start)
        made = datetime(2026, 11, 22, 1, 12, 33, tzinfo=UTC)
        ops = [
            {"op": clock.new_id(), "device": device, "seq": start + n + 1, "act": "resident.register"}
            | {"made_at": made + timedelta(seconds=start + n)}
            | {"schema_version": 1, "origin": "local", "state": "pending"}
            for n in range(count)
        ]
        edits = [
            {"op": op["op"], "position": 0, "record_type": "resident", "record_id": record_id, "base": 0}
            | {"changes": as_set(values)}
            for op, record_id, values in zip(ops, names, people(count, start), strict=True)
        ]
        connection = tx.session.connection()
        connection.execute(insert(Operation), ops)
        connection.execute(insert(OperationEdit), edits)


def as_set(values: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return a new record's values as an operation carries them."""
    return {name: [None, value] for name, value in values.items()}
