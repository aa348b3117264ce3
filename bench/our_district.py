"""Our own district and counters for the benchmarks of the sync: real processes, real files, filled by bulk SQL."""

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from app import clock
from app.db import state
from app.db.database import Database, make_engine
from app.db.migrate import migrate
from app.district import accounts
from app.district.store import DistrictStore
from app.models.operation import Operation, OperationEdit
from app.sync.membership import enrol
from bench.sync_floor import ids, people

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


def code(database: str, station: str = STATION) -> str:
    """Make a one-time code in a district's database."""
    store = DistrictStore(database)
    store.prepare()
    with store.write() as connection:
        made = accounts.make_code(connection, station=station, role="clerk")
    store.close()
    return made


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
            {"op": clock.new_id(), "device": device, "seq": start + n + 1, "act": "resident.register", "made_at": made}
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
