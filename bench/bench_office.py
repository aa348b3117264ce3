"""A ledger of 100,000 residents through the district, from the question to the last row at the client.

The floor is what nobody can spare: the same columns by a server-side cursor of the driver, put into JSON lines by
msgspec and streamed by FastAPI, fetched by ``requests`` and read again. Ours asks who it is, sees that the tables are
up to date, counts, leaves the line of the log, shapes and masks each cell, packs the stream and makes a ledger's rows
of it at the other end. Both servers run in this process, so that its processor time counts both ends; what PostgreSQL
does for the same query is in neither. Turn by turn, the smallest of three.

The second figure is what the first ledger waits for: the records of the feeds put into typed tables, against one
``INSERT … SELECT`` of ready columns into such a table with its indexes. That floor joins nothing and reads no JSON; of
ours, reading 40 fields of it is most. PostgreSQL works there alone, so it is wall time.
``python -m bench.bench_office [quick]`` prints; ``quick`` takes 10,000 residents.
"""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import psycopg
import requests
import sqlalchemy as sa
from fastapi import FastAPI
from fastapi.responses import StreamingResponse

from app.db.database import Database, make_engine
from app.db.migrate import migrate
from app.district.ledger_tables import bring_up
from app.ledgers import ledger_named
from app.ledgers.base import Ask
from app.ledgers.period import Period
from app.ledgers.several import for_stations
from app.sync.ledger_fetch import fetch_ledger
from app.sync.membership import enrol
from bench.our_district import KEY
from tests import postgres
from tests.district.live import Live

ROWS, QUICK, STATIONS = 100_000, 10_000, 20
TURNS = 3
LIMIT, FILL_LIMIT = 3.0, 6.0
CHUNK = 1000
_ASK = Ask(Period(date(2026, 1, 1), date(2027, 1, 1)))
_LEDGER = for_stations(ledger_named("L01"), _ASK)
_ROW = "substr(md5(n::text), 1, 8) || '-0000-7000-8000-' || lpad(n::text, 12, '0')"
_FIELDS = """json_build_object(
  'name', (ARRAY['葛守成','冯巧云','姚景行','郑阿菊','毛立根','金晓棠'])[1 + n % 6], 'id_type', '01',
  'id_no', '33011019' || (60 + n % 40) || lpad((1 + n % 12)::text, 2, '0') || '189991', 'sex', (1 + n % 2)::text,
  'birth_date', '19' || (60 + n % 40) || '-' || lpad((1 + n % 12)::text, 2, '0') || '-18', 'edu_level', '61',
  'hukou_region', '330110', 'live_region', '330110012', 'live_addr', '溪桥苑 ' || n % 90 || ' 幢', 'emp_status', '22',
  'mobile', '1990000' || lpad((n % 10000)::text, 4, '0'), 'priority_groups', '[]'::json, 'deleted_at', NULL,
  'station_code', '3301100120' || lpad((n % {stations})::text, 2, '0'), 'created_at', '2026-03-01T01:00:00Z')::text"""
_FILL = (
    "INSERT INTO received_op (op, device, seq, act, made_at, schema_version, edits, outcome, records, stood_off,"
    " received_at) VALUES ('bench', 'bench', 1, 'resident.import', '2026-03-01T01:00:00Z', 1, '[]', 'applied', '[]',"
    " '[]', now())",
    "INSERT INTO feed_entry (feed, seq, op, record_type, record_id, fields, removed)"
    f" SELECT 'station/3301100120' || lpad((n % {STATIONS})::text, 2, '0'), 1 + n / {STATIONS}, 'bench', 'resident',"
    f" {_ROW}, {_FIELDS.format(stations=STATIONS)}, false FROM generate_series(0, {{count}} - 1) n",
    "INSERT INTO record_head (feed, record_type, record_id, rev, fields, stamps, first_rev, first_device)"
    " SELECT feed, record_type, record_id, seq, fields, '{}', seq, 'bench' FROM feed_entry",
    "INSERT INTO feed_head (feed, head) SELECT feed, max(seq) FROM feed_entry GROUP BY feed ON CONFLICT (feed)"
    " DO UPDATE SET head = excluded.head",
)


def fill(url: str, count: int) -> None:
    """Let so many residents stand in the feeds of twenty stations, by SQL alone."""
    with psycopg.connect(_plain(url), autocommit=True) as connection:
        for statement in _FILL:
            connection.execute(statement.replace("{count}", str(count)))  # type: ignore[arg-type]
        for table in ("feed_entry", "record_head", "received_op", "feed_head"):
            connection.execute(f"ANALYZE {table}")  # type: ignore[arg-type]


def _plain(url: str) -> str:
    return sa.make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def bare_server(live: Live) -> None:
    """Give the server of the run one more address: the same columns as they are, streamed as JSON lines."""
    engine = live.store.engine
    query = str(_LEDGER.query(_ASK).compile(engine, compile_kwargs={"literal_binds": True})).replace("%%", "%")
    encode = msgspec.json.Encoder().encode
    url = _plain(live.database_url)

    def lines() -> Iterator[bytes]:
        with psycopg.connect(url) as connection, connection.cursor("bench") as cursor:
            cursor.itersize = CHUNK
            cursor.execute(query)  # type: ignore[arg-type]
            while rows := cursor.fetchmany(CHUNK):
                yield encode(rows) + b"\n"

    api: FastAPI = live.api

    @api.get("/bench/bare")
    def bare() -> StreamingResponse:
        return StreamingResponse(lines(), media_type="application/x-ndjson")


def floor(live: Live) -> tuple[float, int]:
    """Fetch the bare rows; return the processor time of both ends and how many rows came."""
    started, count = time.process_time(), 0
    decode = msgspec.json.Decoder().decode
    with requests.get(live.url + "/bench/bare", stream=True, timeout=600) as answer:
        for line in answer.iter_lines(chunk_size=64 * 1024):
            count += len(decode(line))
    return time.process_time() - started, count


def ours(database: Database) -> tuple[float, int]:
    """Fetch the ledger; return the processor time of both ends and how many rows came."""
    started = time.process_time()
    found = fetch_ledger(database, _LEDGER.name, _ASK)
    return time.process_time() - started, len(found.rows)


def bare_fill(url: str) -> float:
    """Copy the filled table into another one with the same indexes; return the seconds."""
    with psycopg.connect(_plain(url), autocommit=True) as connection:
        connection.execute("CREATE TABLE bench_resident (LIKE resident INCLUDING ALL)")
        started = time.perf_counter()
        connection.execute("INSERT INTO bench_resident SELECT * FROM resident")
        spent = time.perf_counter() - started
        connection.execute("DROP TABLE bench_resident")
    return spent


@contextmanager
def officer(live: Live) -> Iterator[Database]:
    """Yield the file of an officer's PC that joined."""
    with TemporaryDirectory(prefix="doorstep-office-") as folder:
        path = Path(folder) / "officer.db"
        engine = make_engine(path, KEY)
        migrate(engine)
        engine.dispose()
        database = Database(path, KEY)
        enrol(database, live.url, live.code("officer"), "区里")
        yield database
        database.close()


def run(quick: bool = False) -> list[tuple[str, float, float, str]]:
    """Measure both."""
    count = QUICK if quick else ROWS
    with postgres.running() as server, postgres.fresh_database(server) as url:
        live = Live(url)
        try:
            fill(url, count)
            started = time.perf_counter()
            bring_up(live.store)
            filled = time.perf_counter() - started
            copied = bare_fill(url)
            bare_server(live)
            with officer(live) as database:
                turns = [(floor(live), ours(database)) for _turn in range(TURNS)]
        finally:
            live.stop()
    assert {rows for turn in turns for _spent, rows in turn} == {count}, turns
    bare, whole = (min(turn[side][0] for turn in turns) for side in (0, 1))
    width = len(_LEDGER.columns)
    spoken = f"{bare:.2f} s bare, {whole:.2f} s of both ends' processor, {count:,} rows x {width} columns"
    return [
        (f"district's ledger of {count:,} rows at the client", whole / bare, LIMIT, spoken),
        (
            "its tables filled from the feeds",
            filled / copied,
            FILL_LIMIT,
            f"{copied:.2f} s copied, {filled:.2f} s filled",
        ),
    ]


if __name__ == "__main__":
    measured: list[Any] = run("quick" in sys.argv[1:])
    print(json.dumps(measured, ensure_ascii=False, indent=1))
