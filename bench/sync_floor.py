"""The straight-line floor of the sync: FastAPI and psycopg doing only the unavoidable, in a process of its own.

A push is parsed by pydantic, the numbers are given out, the records are upserted by COPY and one statement, and the
batch is committed; a pull reads what came after a number, and the client stores each page in SQLite. No operations, no
log, no checks, no merging, no roles. ``serving(url)`` starts it on a PostgreSQL database; ``push`` and ``pull`` are its
client; ``people(n)`` and ``ids(n)`` are the residents that both it and ours carry.
"""

import asyncio
import json
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import requests

from bench.bench_save import person

BATCH = 500
EMPTY = len('{"entries":[]}')
_ROWS = "id text PRIMARY KEY, rev bigint NOT NULL, fields text NOT NULL"
_STAGE = "CREATE TEMPORARY TABLE IF NOT EXISTS stage (id text, rev bigint, fields text) ON COMMIT DELETE ROWS"
_UPSERT = (
    "INSERT INTO floor_record (id, rev, fields) SELECT id, rev, fields FROM stage"
    " ON CONFLICT (id) DO UPDATE SET rev = excluded.rev, fields = excluded.fields"
)


def people(count: int, start: int = 0) -> list[dict[str, Any]]:
    """Return fictional residents of about 400 bytes of JSON, as they travel; every number gives another one."""
    return [
        {
            **person(number),
            "station_code": "330110012001",
            "region_code": "330110012",
            "source_channel": "01",
            "created_at": f"2026-11-22T{number // 3600 % 24:02d}:{number // 60 % 60:02d}:{number % 60:02d}.120Z",
            "remark": f"窗口登记第 {number} 号，上午来过一次，想找离家近的活",
        }
        for number in range(start, start + count)
    ]


def ids(count: int, start: int = 0) -> list[str]:
    """Return the ids of those residents."""
    return [f"0198f3c2-7d10-7c3e-9a55-{number:012x}" for number in range(start, start + count)]


@contextmanager
def serving(database: str) -> Iterator[str]:
    """Start the floor's server on an empty PostgreSQL database; yield its address."""
    command = [sys.executable, "-m", "bench.sync_floor", database.replace("postgresql+psycopg://", "postgresql://")]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).resolve().parent.parent
    ) as server:
        assert server.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(server.stdout.readline())}"
        finally:
            server.terminate()


def push(url: str, records: Sequence[tuple[str, dict[str, Any]]], session: requests.Session | None = None) -> None:
    """Send records batch by batch and read each answer."""
    session = session or requests.Session()
    for at in range(0, len(records), BATCH):
        batch = [{"id": record_id, "values": values} for record_id, values in records[at : at + BATCH]]
        body = json.dumps({"records": batch}, ensure_ascii=False).encode()
        answer = session.post(f"{url}/push", data=body, headers={"Content-Type": "application/json"}, timeout=60)
        answer.raise_for_status()
        assert len(answer.json()["revs"]) == len(batch)


def pull(url: str, file: Path, session: requests.Session | None = None, page: int = BATCH) -> int:
    """Fetch everything page by page and store each page in a SQLite file; return how many records came."""
    session = session or requests.Session()
    after = 0
    with sqlite3.connect(file, isolation_level=None) as store:
        store.execute("PRAGMA journal_mode = WAL")
        store.execute("PRAGMA synchronous = FULL")
        store.execute(f"CREATE TABLE record ({_ROWS})")
        while True:
            answer = session.post(f"{url}/pull", json={"after": after, "limit": page}, timeout=60)
            answer.raise_for_status()
            entries = answer.json()["entries"]
            store.execute("BEGIN IMMEDIATE")
            rows = [(each["id"], each["rev"], json.dumps(each["values"], ensure_ascii=False)) for each in entries]
            store.executemany("INSERT OR REPLACE INTO record VALUES (?, ?, ?)", rows)
            store.execute("COMMIT")
            if len(entries) < page:
                break
            after = entries[-1]["rev"]
        (count,) = store.execute("SELECT count(*) FROM record").fetchone()
    store.close()
    return int(count)


def _serve(database: str) -> None:
    import psycopg
    import uvicorn
    from fastapi import FastAPI, Response
    from fastapi.concurrency import run_in_threadpool
    from pydantic import BaseModel

    class Item(BaseModel):
        id: str
        values: dict[str, Any]

    class Batch(BaseModel):
        records: list[Item]

    class Ask(BaseModel):
        after: int
        limit: int

    api = FastAPI()
    idle: SimpleQueue[psycopg.Connection[Any]] = SimpleQueue()
    first = psycopg.connect(database)
    first.execute(f"CREATE TABLE floor_record ({_ROWS})")
    first.execute("CREATE INDEX ON floor_record (rev)")
    first.execute("CREATE TABLE floor_head (head bigint NOT NULL)")
    first.execute("INSERT INTO floor_head VALUES (0)")
    first.commit()
    for connection in (first, *(psycopg.connect(database) for _n in range(7))):
        connection.execute(_STAGE)
        connection.commit()
        idle.put(connection)

    @api.post("/push")
    def take(batch: Batch) -> dict[str, Any]:
        connection = idle.get()
        try:
            with connection.transaction(), connection.cursor() as cursor:
                count = len(batch.records)
                cursor.execute("UPDATE floor_head SET head = head + %s RETURNING head", (count,))
                (head,) = cursor.fetchone() or (0,)
                revs = list(range(head - count + 1, head + 1))
                texts = (json.dumps(item.values, ensure_ascii=False) for item in batch.records)
                with cursor.copy("COPY stage (id, rev, fields) FROM STDIN") as copy:
                    for item, rev, text in zip(batch.records, revs, texts, strict=True):
                        copy.write_row((item.id, rev, text))
                cursor.execute(_UPSERT)
            for loop, grown in tuple(waiting):
                loop.call_soon_threadsafe(grown.set)
            return {"revs": revs}
        finally:
            idle.put(connection)

    waiting: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = set()

    @api.post("/wait")
    async def wait(ask: Ask) -> Response:
        """Answer as a pull does, once there is something."""
        here = (asyncio.get_running_loop(), asyncio.Event())
        waiting.add(here)
        try:
            while True:
                answer = await run_in_threadpool(give, ask)
                if len(answer.body) > EMPTY:
                    return answer
                await here[1].wait()
                here[1].clear()
        finally:
            waiting.discard(here)

    @api.post("/pull")
    def give(ask: Ask) -> Response:
        connection = idle.get()
        try:
            with connection.transaction(), connection.cursor() as cursor:
                query = "SELECT id, rev, fields FROM floor_record WHERE rev > %s ORDER BY rev LIMIT %s"
                cursor.execute(query, (ask.after, ask.limit))
                lines = [f'{{"id":"{key}","rev":{rev},"values":{text}}}' for key, rev, text in cursor]
            return Response(f'{{"entries":[{",".join(lines)}]}}', media_type="application/json")
        finally:
            idle.put(connection)

    server = uvicorn.Server(uvicorn.Config(api, port=0, log_level="warning", access_log=False))
    threading.Thread(target=_tell_port, args=(server,), daemon=True).start()
    server.run()


def _tell_port(server: Any) -> None:
    """Print the port once it is known."""
    while not server.started:
        threading.Event().wait(0.01)
    print(server.servers[0].sockets[0].getsockname()[1], flush=True)


if __name__ == "__main__":
    _serve(sys.argv[1])
