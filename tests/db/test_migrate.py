"""One tree for SQLite and PostgreSQL; a newer file is refused, an older one is backed up before it is upgraded."""

from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Engine, create_engine, text

from app.db import migrate
from app.db.backup import list_backups
from app.db.database import Database, make_engine, raw_connection
from app.errors import StorageError
from app.paths import DataFolder
from app.services.counters import open_database
from app.services.residents import search_residents
from tests.fixtures_db import KEY


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return make_engine(tmp_path / "x.db", KEY)


def test_an_empty_file_is_brought_to_the_newest_form(engine: Engine) -> None:
    assert migrate.current(engine) is None

    migrate.migrate(engine)

    assert migrate.current(engine) == migrate.head()
    assert migrate.drift(engine) == []
    assert not migrate.needs_upgrade(engine)


def test_migrating_twice_changes_nothing(engine: Engine) -> None:
    migrate.migrate(engine)
    migrate.migrate(engine)

    assert migrate.current(engine) == migrate.head()


def test_the_same_tree_fits_postgresql(postgres_url: str) -> None:
    engine = create_engine(postgres_url)

    migrate.migrate(engine)

    assert migrate.current(engine) == migrate.head()
    assert migrate.drift(engine) == []
    engine.dispose()


def test_a_newer_file_is_refused_with_a_sentence(engine: Engine) -> None:
    migrate.migrate(engine)
    set_version(engine, "9999")

    with pytest.raises(StorageError, match="比程序新") as told:
        migrate.migrate(engine)

    assert told.value.code == "storage.newer"
    with pytest.raises(StorageError):
        migrate.needs_upgrade(engine)


def test_a_newer_counter_is_not_opened(data_folder: DataFolder) -> None:
    open_database(data_folder, KEY).close()
    engine = make_engine(data_folder.database, KEY)
    set_version(engine, "9999")
    engine.dispose()

    with pytest.raises(StorageError, match="升级程序"):
        open_database(data_folder, KEY)


def test_an_older_file_is_backed_up_before_the_upgrade(
    data_folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_database(data_folder, KEY).close()
    data_folder.keyring.write_text("{}", "utf-8")
    monkeypatch.setattr("app.services.counters.needs_upgrade", lambda _engine: True)

    open_database(data_folder, KEY).close()

    assert [backup.reason for backup in list_backups(data_folder)] == ["upgrade"]


def test_files_of_the_former_search_index_are_found_by_every_beginning_after_the_upgrade(
    engine: Engine, tmp_path: Path
) -> None:
    with engine.connect().execution_options(writer=True) as connection, connection.begin():
        command.upgrade(migrate._config(connection), "0003")
    fill_as_before(tmp_path / "x.db", 2_500)

    migrate.migrate(engine)

    database = Database(tmp_path / "x.db", KEY)
    with database.read() as tx:
        for typed in ("沈", "以安", "s", "she", "shenyi", "sya", "9975"):
            assert {hit.name for hit in search_residents(tx, typed, limit=5)} == {"沈以安"}, typed
        assert len(search_residents(tx, "shen", limit=5_000)) == 2_499
        assert search_residents(tx, "gone") == []
    with engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO search (search, rank) VALUES ('integrity-check', 1)")
    database.close()


def test_a_store_whose_step_0009_numbered_the_word_on_the_logs_already_is_brought_forward_too(engine: Engine) -> None:
    with engine.connect().execution_options(writer=True) as connection, connection.begin():
        command.upgrade(migrate._config(connection), "0009")
        connection.execute(text("ALTER TABLE device ADD COLUMN telling BIGINT DEFAULT '0' NOT NULL"))

    migrate.migrate(engine)

    assert migrate.current(engine) == migrate.head()
    assert migrate.drift(engine) == []


def fill_as_before(path: Path, count: int) -> None:
    """Put in files as an older program indexed them; the first is deleted, and so has no tokens."""
    raw = raw_connection(path, KEY)
    raw.execute("BEGIN")
    for number in range(count):
        deleted = "2026-01-01 00:00:00.000000" if number == 0 else None
        raw.execute(
            "INSERT INTO resident (id, rev, extra, name, id_type, id_no, mobile, priority_groups, mismatch_confirmed,"
            " deleted_at) VALUES (?, 0, '{}', '沈以安', '01', '330110198006149975', '19900000001', '[]', 0, ?)",
            (f"r{number}", deleted),
        )
        tokens = "" if deleted else "沈以安 以安 安 shenyian yian an sya ya i9975 w330110198006149975"
        row = raw.execute(
            "INSERT INTO search_entry (record_type, record_id, tokens) VALUES ('resident', ?, ?)",
            (f"r{number}", tokens),
        ).lastrowid
        raw.execute("INSERT INTO search (rowid, tokens) VALUES (?, ?)", (row, tokens))
    raw.execute("COMMIT")
    raw.close()


def set_version(engine: Engine, version: str) -> None:
    with engine.connect().execution_options(writer=True) as connection, connection.begin():
        connection.execute(text("UPDATE alembic_version SET version_num = :v"), {"v": version})
