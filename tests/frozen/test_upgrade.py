"""A store that any earlier version left is brought forward by today's program: nothing in it is lost or changed."""

import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from app import __version__
from app.commands.demo_parts import contents_of
from app.db import migrate, state
from app.db.backup import list_backups, verify_backup
from app.db.database import Database, make_engine, raw_connection
from app.db.inserts import table_of
from app.district.rulings import catch_up
from app.district.store import UNIQUE_FIELDS, DistrictStore
from app.district.verify import verify
from app.errors import StorageError
from app.ledgers.months import closes
from app.ledgers.snapshot import check_frozen
from app.models import chain  # noqa: F401 - a table that only migrations name
from app.models.base import Record
from app.models.registry import RECORD_TYPES, RecordType
from app.models.resident import Resident
from app.services import health, outbox, tamper
from app.services.attachments import read_blob
from app.services.counters import OpenCounter, open_counter
from app.services.residents import search_residents
from app.services.stations import get_station
from app.sync.engine import SyncEngine, SyncReport
from tests import postgres
from tests.district.live import Live, running
from tests.frozen import play, stores
from tests.frozen.stores import FREEZE, NAMES, Frozen, lost, tables, thaw
from tests.sync import world

OLDER = [name for name in NAMES if not name.endswith(f"-{migrate.head()}")]
every_store = pytest.mark.parametrize("name", NAMES)
# A dump of PostgreSQL takes seconds: the longest way and the newest one; all of them when asked.
dumps = NAMES if os.environ.get("DOORSTEP_ALL_FROZEN") else sorted({OLDER[0], OLDER[-1]})
every_dump = pytest.mark.parametrize("name", dumps)


@pytest.fixture(scope="module")
def empty_counter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a counter of today that has not joined."""
    return world.template(tmp_path_factory.mktemp("counter"))


@contextmanager
def signed_in(store: Frozen) -> Iterator[OpenCounter]:
    """Sign the supervisor in with her PIN, as she would the morning after the update."""
    name, pin = store.facts["supervisor"]
    counter = open_counter(store.folder, name=name, pin=pin)
    try:
        yield counter
    finally:
        counter.database.close()


def test_this_version_and_its_newest_step_are_frozen() -> None:
    newest = f"{__version__}-{migrate.head()}"

    assert newest in NAMES, (
        f"there is no frozen store of {newest}: run {FREEZE} --name {newest}, and commit what it wrote"
    )


@every_store
def test_it_opens_after_a_backup_and_every_row_stands_as_it_was(name: str, tmp_path: Path) -> None:
    store = thaw(name, tmp_path)
    before = tables(store.folder.database, store.key)

    with signed_in(store) as counter:
        assert migrate.drift(counter.database.engine) == []
        assert all(finding.level != health.FAULT for finding in health.examine(store.folder, counter.database))
        read_by_models(counter.database, before)

    made = list_backups(store.folder)
    assert [backup.reason for backup in made] == (["upgrade"] if name in OLDER else [])
    for backup in made:
        verify_backup(backup.path, store.key, into=tmp_path / "backup.db")
        assert tables(tmp_path / "backup.db", store.key) == before
    assert sum(len(rows) for _columns, rows in before.values()) > 500
    assert lost(before, tables(store.folder.database, store.key)) == []


def read_by_models(database: Database, before: dict[str, stores.Table]) -> None:
    """Read every record through its model: each field's value, written back, is what stood in the file before."""
    for kind in RECORD_TYPES:
        table = table_of(kind.model)
        if table.name not in before:
            continue
        columns, rows = before[table.name]
        stood = {row[columns.index("id")]: dict(zip(columns, row, strict=True)) for row in rows}
        with database.read() as tx:
            found = tx.session.scalars(sa.select(kind.model)).all()
        assert {row.id for row in found} == set(stood)
        for row in found:
            old = stood[row.id]
            assert {name: written(row, name, database) for name in old} == {k: parsed(row, k, old[k]) for k in old}


def written(row: Record, name: str, database: Database) -> Any:
    """Return a field as the file would hold it; JSON as what it says."""
    kind, value = table_of(type(row)).c[name].type, getattr(row, name)
    if isinstance(kind, sa.JSON):
        return value
    bind = kind.dialect_impl(database.engine.dialect).bind_processor(database.engine.dialect)
    return bind(value) if bind is not None else value


def parsed(row: Record, name: str, stored: Any) -> Any:
    if isinstance(table_of(type(row)).c[name].type, sa.JSON) and isinstance(stored, str):
        return json.loads(stored)
    return bool(stored) if isinstance(getattr(row, name), bool) else stored


@every_store
def test_its_logs_verify_its_people_are_found_and_its_closed_months_stand(name: str, tmp_path: Path) -> None:
    store = thaw(name, tmp_path)
    with signed_in(store) as counter:
        findings = tamper.examine_logs(counter.database)

        with counter.database.read(counter.actor) as tx:
            people = tx.session.scalars(sa.select(Resident).where(sa.text("deleted_at IS NULL"))).all()
            unfound = [
                person.id
                for person in people
                for typed in (person.name, person.mobile[-4:], (person.id_no or "")[-4:])
                if person.id not in {hit.id for hit in search_residents(tx, typed, limit=500)}
            ]
            frozen = [entry for close in closes(tx, get_station(tx).code).values() for entry in close.ledgers]
            for entry in frozen:
                check_frozen(tx, entry)
            kept = [row[0] for row in tx.sql("SELECT sha256 FROM blob")] if store.schema >= "0002" else []
            whole = [b"".join(read_blob(tx, sha256)) for sha256 in kept]

    assert [finding.text for finding in findings if finding.level == health.FAULT] == []
    assert len(people) > 10
    assert unfound == []
    assert bool(frozen) == (store.schema >= "0006")
    assert (play.PHOTO in whole) == (store.schema >= "0002")


@every_store
def test_what_waited_reaches_a_district_of_today_that_was_brought_forward(
    name: str, tmp_path: Path, empty_counter: Path
) -> None:
    store = thaw(name, tmp_path)
    before = settled_facts(tables(store.district, None))
    assert stores.step_of(store.district, None) == stores.step_of(store.folder.database, store.key) == store.schema
    with running(f"sqlite:///{store.district}") as live, signed_in(store) as counter:
        assert lost(before, tables(store.district, None), grown=True) == []
        assert faults_of(live.store) == ()
        waited, returned = operations(counter, "pending"), operations(counter, "parked", "held")

        report = synchronise(counter, live.url)

        assert (report.error, report.agreed, report.pushed) == (None, True, len(waited))
        assert operations(counter, "pending") == []
        assert operations(counter, "parked", "held") == returned
        assert faults_of(live.store) == ()
        assert_joins(live, world.counter(empty_counter, tmp_path / "fresh.db"), counter)


@every_dump
def test_a_district_of_that_time_on_postgresql_is_brought_forward(
    name: str, tmp_path: Path, postgres_server: str, empty_counter: Path
) -> None:
    with postgres.fresh_database(postgres_server) as url:
        engine = sa.create_engine(url)
        with engine.begin() as connection:
            connection.connection.driver_connection.execute(stores.dump_of_postgres(name))  # type: ignore[union-attr]
            connection.exec_driver_sql("SET search_path TO public")
        before = settled_facts(rows_of(engine))
        assert migrate.current(engine) == stores.facts_of(name)["schema"]

        with running(url) as live:
            assert lost(before, rows_of(engine), grown=True) == []
            assert faults_of(live.store) == ()
            assert migrate.drift(live.store.engine) == []
            assert_joins(live, world.counter(empty_counter, tmp_path / "fresh.db"), None)
        engine.dispose()


def settled_facts(found: dict[str, stores.Table]) -> dict[str, stores.Table]:
    """Leave out what says for which fields the numbers were put down: each program writes its own."""
    columns, rows = found["district_fact"]
    return {**found, "district_fact": (columns, [row for row in rows if UNIQUE_FIELDS not in str(row)])}


def rows_of(engine: sa.Engine) -> dict[str, stores.Table]:
    """Return every table of a PostgreSQL with its columns and rows, by plain SQL."""
    found = {}
    with engine.connect() as connection:
        for name in sa.inspect(engine).get_table_names():
            if name != "alembic_version":
                rows = connection.exec_driver_sql(f'SELECT * FROM "{name}"')
                columns = tuple(rows.keys())
                found[name] = (columns, sorted((tuple(map(repr, row)) for row in rows), key=repr))
    return found


def faults_of(store: DistrictStore) -> tuple[str, ...]:
    """Rebuild every record from its operations and compare."""
    catch_up(store)
    with store.read() as connection:
        report = verify(connection)
    assert report.records > 100
    return report.faults


def operations(counter: OpenCounter, *states: str) -> list[str]:
    with counter.database.read() as tx:
        rows = tx.sql("SELECT op, state FROM operation ORDER BY seq")
    return [op for op, state_of in rows if state_of in states]


def synchronise(counter: OpenCounter, url: str) -> SyncReport:
    """Synchronise with the district at its new address until nothing is left; return the first run's report."""
    with counter.database.write(None) as tx:
        state.set_state(tx.session, outbox.DISTRICT_URL, url)
    engine = SyncEngine(counter.database)
    try:
        first = engine.run_once()
        while engine.run_once().attachments_left:
            continue
        return first
    finally:
        engine.close()


def returned_in(counter: OpenCounter) -> set[str]:
    """Return the records that acts touched which the district sent back: they stand here as their clerk left them."""
    with counter.database.read() as tx:
        query = "SELECT e.record_id, o.state FROM operation_edit e JOIN operation o ON o.op = e.op"
        return {record for record, standing in tx.sql(query) if standing in ("parked", "held")}


def settled(counter: OpenCounter, kind: RecordType, without: set[str]) -> list[tuple[Any, ...]]:
    """Return what stands, by id; an empty JSON column was the word ``null`` in the first files: it reads alike."""
    rows = [row for row in contents_of(counter, kind) if row[0] not in without]
    return [tuple(None if value == "null" else value for value in row) for row in rows]


def assert_joins(live: Live, fresh: world.Counter, old: OpenCounter | None) -> None:
    """Let a counter of today join the district of that time: it holds what the old one holds."""
    try:
        fresh.join(live)
        report = fresh.sync()
        assert (report.error, report.agreed) == (None, True)
        joined = OpenCounter(None, fresh.database, b"", world.CLERK)  # type: ignore[arg-type]
        for kind in RECORD_TYPES if old is not None else ():
            ours, theirs = (settled(counter, kind, returned_in(old)) for counter in (old, joined))
            assert ours == theirs, kind.name
        with fresh.database.read() as tx:
            assert len(tx.sql("SELECT id FROM resident WHERE deleted_at IS NULL")) > 10
    finally:
        fresh.close()


_DIE = """
import os, signal, sys
from pathlib import Path
from sqlalchemy import event
from app.db import migrate
from app.db.database import make_engine

engine = make_engine(Path(sys.argv[1]), bytes.fromhex(sys.argv[2]))
left = int(sys.argv[3])

def die(*_arguments):
    global left
    left -= 1
    if left <= 0:
        os.kill(os.getpid(), signal.SIGKILL)

event.listen(engine, "before_cursor_execute", die)
event.listen(engine, "commit", die)
migrate.migrate(engine)
"""


@pytest.mark.parametrize(("name", "seed"), [(OLDER[0], 1), (OLDER[0], 2), (OLDER[-1], 3)])
def test_an_upgrade_killed_at_any_statement_is_made_at_the_next_start(name: str, seed: int, tmp_path: Path) -> None:
    store = thaw(name, tmp_path)
    before = tables(store.folder.database, store.key)
    statement = random.Random(seed).randint(1, statements_of_an_upgrade(name, tmp_path))

    command = [sys.executable, "-c", _DIE, str(store.folder.database), store.key.hex(), str(statement)]
    died = subprocess.run(command, check=False, capture_output=True, cwd=Path(__file__).parents[2])

    assert died.returncode == -signal.SIGKILL, died.stderr
    with signed_in(store) as counter:
        assert not migrate.needs_upgrade(counter.database.engine)
    assert lost(before, tables(store.folder.database, store.key)) == []


_COUNTED: dict[str, int] = {}


def statements_of_an_upgrade(name: str, folder: Path) -> int:
    """Count the statements and commits of an upgrade, on a copy; once for each store."""
    if name in _COUNTED:
        return _COUNTED[name]
    store = thaw(name, folder / "counted")
    path = store.folder.database
    engine, seen = make_engine(path, store.key), []
    event.listen(engine, "before_cursor_execute", lambda *_all: seen.append(1))
    event.listen(engine, "commit", lambda *_all: seen.append(1))
    migrate.migrate(engine)
    engine.dispose()
    assert len(seen) > 10
    return _COUNTED.setdefault(name, len(seen))


def test_a_store_newer_than_the_program_is_refused_with_a_sentence_and_not_touched(tmp_path: Path) -> None:
    store = thaw(NAMES[-1], tmp_path)
    for path, key in ((store.folder.database, store.key), (store.district, None)):
        with closing(raw_connection(path, key)) as connection:
            connection.execute("UPDATE alembic_version SET version_num = '9999'")
    held = {path: path.read_bytes() for path in (store.folder.database, store.district)}

    with pytest.raises(StorageError, match="比程序新，请先升级程序；数据没有动"), signed_in(store):
        pass
    served = DistrictStore(f"sqlite:///{store.district}")
    with pytest.raises(StorageError, match="比程序新，请先升级程序；数据没有动"):
        served.prepare()
    served.close()

    assert {path: path.read_bytes() for path in held} == held
    assert list_backups(store.folder) == ()


def test_a_migration_that_loses_something_is_seen(tmp_path: Path) -> None:
    store = thaw(NAMES[-1], tmp_path)
    before = tables(store.folder.database, store.key)
    with closing(raw_connection(store.folder.database, store.key)) as connection:
        connection.execute("UPDATE resident SET mobile = '19900000000' WHERE rowid = 1")
        connection.execute("DELETE FROM guidance")

    found = lost(before, tables(store.folder.database, store.key))

    assert any(line.startswith("resident: ") and "1 are changed" in line for line in found)
    assert any(line.startswith("guidance: ") for line in found)
