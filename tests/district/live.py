"""A real district server on the loopback, and a small client that uses nothing of ``app``."""

import asyncio
import atexit
import contextlib
import functools
import json
import shutil
import socket
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import requests
import sqlalchemy as sa
import uvicorn

from app.db.migrate import migrate
from app.district import accounts
from app.district.api import create_api
from app.district.store import DistrictStore, make_district_engine
from tests import postgres
from tests.factories import fictional_id

STATION = "330110012001"
OTHER = "330110012002"


class _Server(uvicorn.Server):
    """Looks a hundred times a second whether it should end, not ten times, and ends as soon as nobody is served."""

    async def main_loop(self) -> None:
        while not self.should_exit:
            await asyncio.sleep(0.01)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        for _turn in range(20):
            if not self.server_state.connections and not self.server_state.tasks:
                return
            await asyncio.sleep(0.002)
        await self._wait_tasks_to_complete()


class Live:
    """One running server with its store."""

    def __init__(self, url: str) -> None:
        self.database_url = url
        _plant(url)
        self.store = DistrictStore(url)
        self.store.prepare()
        self.api = create_api(self.store)
        config = uvicorn.Config(self.api, port=0, log_config=None, access_log=False, lifespan="off")
        self._server = _Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        while not self._server.started:
            time.sleep(0.005)
        port = self._server.servers[0].sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"

    def code(self, role: str = "clerk", station: str = STATION, hours: int = 72) -> str:
        with self.store.write() as connection:
            return accounts.make_code(connection, station=station, role=role, hours=hours)

    def client(self, role: str = "clerk", station: str = STATION) -> "Client":
        client = Client(self.url)
        status, answer = client.post("/v1/enrol", {"code": self.code(role, station), "device_name": "窗口"})
        assert status == 200, answer
        client.take(answer)
        return client

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(10)
        self.api.state.rulings.close()
        self.api.state.workers.close()
        self.store.close()


def _plant(url: str) -> None:
    """Put a migrated, empty database where none is yet: the steps have tests of their own and take half a second."""
    path = sa.make_url(url).database
    if url.startswith("sqlite") and path and not Path(path).exists():
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(_empty_file(), path)


@functools.cache
def _empty_file() -> Path:
    path = Path(_folder().name) / "empty.db"
    _migrate(f"sqlite:///{path}")
    return path


@functools.cache
def _folder() -> "tempfile.TemporaryDirectory[str]":
    return tempfile.TemporaryDirectory(prefix="doorstep-district-")


@functools.cache
def _empty_database(server_url: str) -> str:
    """Return the name of a migrated, empty database of that server."""
    made = contextlib.ExitStack()
    url = made.enter_context(postgres.fresh_database(server_url))
    _migrate(url)
    atexit.register(_forget, made)
    return str(sa.make_url(url).database)


def _forget(made: contextlib.ExitStack) -> None:
    with contextlib.suppress(sa.exc.OperationalError):  # a server of this run's own has ended already
        made.close()


def _migrate(url: str) -> None:
    engine = make_district_engine(url)
    migrate(engine)
    engine.dispose()


@contextlib.contextmanager
def on_postgres(server_url: str) -> Iterator[Live]:
    """Run a server on a migrated, empty PostgreSQL database of its own."""
    with postgres.fresh_database(server_url, template=_empty_database(server_url)) as url, running(url) as live:
        yield live


@contextlib.contextmanager
def running(url: str) -> Iterator[Live]:
    live = Live(url)
    try:
        yield live
    finally:
        live.stop()


class Client:
    """A stranger's client: plain HTTP and JSON."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.token: str | None = None
        self.epoch = ""
        self.device = ""
        self.feeds: list[str] = []
        self.seq = 0
        self.cursors: dict[str, int] = {}

    def take(self, answer: dict[str, Any]) -> None:
        self.token, self.epoch, self.device = answer["token"], answer["epoch"], answer["device"]
        self.feeds = answer["feeds"]

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}

    def post(self, path: str, body: Any) -> tuple[int, dict[str, Any]]:
        answer = requests.post(self.url + path, json=body, headers=self.headers, timeout=60)
        return answer.status_code, answer.json()

    def raw(self, path: str, content: bytes, **headers: str) -> requests.Response:
        return requests.post(self.url + path, data=content, headers={**self.headers, **headers}, timeout=60)

    def get(self, path: str) -> tuple[int, dict[str, Any]]:
        answer = requests.get(self.url + path, headers=self.headers, timeout=60)
        return answer.status_code, answer.json()

    def op(
        self, *edits: dict[str, Any], act: str = "stranger.act", seq: int | None = None, **more: Any
    ) -> dict[str, Any]:
        if seq is None:
            self.seq += 1
            seq = self.seq
        base = {"op": str(uuid.uuid4()), "seq": seq, "act": act, "actor": None, "reason": None, "schema": 1}
        return {**base, "made_at": "2026-11-22T09:12:33.120+08:00", "edits": list(edits), **more}

    def push(self, *ops: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        return self.post("/v1/push", {"epoch": self.epoch, "ops": list(ops)})

    def results(self, *ops: dict[str, Any]) -> list[dict[str, Any]]:
        status, answer = self.push(*ops)
        assert status == 200, answer
        return answer["results"]

    def one(self, *edits: dict[str, Any], **more: Any) -> dict[str, Any]:
        return self.results(self.op(*edits, **more))[0]

    def pull(self, limit: int = 500, cursors: dict[str, int] | None = None) -> dict[str, Any]:
        body = {"epoch": self.epoch, "cursors": self.cursors if cursors is None else cursors, "limit": limit}
        status, answer = self.post("/v1/pull", body)
        assert status == 200, answer
        if cursors is None:
            self.cursors = answer["cursors"]
        return answer

    def everything(self, limit: int = 500) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = []
        while True:
            page = self.pull(limit)
            entries += page["entries"]
            if not page["more"]:
                return entries

    def heads(self) -> dict[str, int]:
        return self.get("/v1/status")[1]["feeds"]


def resident(record_id: str | None = None, n: int = 0, **values: Any) -> dict[str, Any]:
    """Return an edit that makes a fictional resident."""
    fresh = {"name": "葛守成", "id_type": "01", "id_no": fictional_id("19700218", 996 + n % 4), "mobile": "19900000003"}
    return make("resident", record_id, **{**fresh, **values})


def make(kind: str, record_id: str | None = None, **values: Any) -> dict[str, Any]:
    fields = {name: [None, value] for name, value in values.items()}
    return {"type": kind, "id": record_id or str(uuid.uuid4()), "base": 0, "set": fields}


def change(kind: str, record_id: str, base: int, **pairs: Any) -> dict[str, Any]:
    return {"type": kind, "id": record_id, "base": base, "set": {name: list(pair) for name, pair in pairs.items()}}


def dump(value: Any) -> bytes:
    return json.dumps(value).encode()
