"""One tree for SQLite and PostgreSQL; a newer file is refused, an older one is backed up before it is upgraded."""

from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text

from app.db import migrate
from app.db.backup import list_backups
from app.db.database import make_engine
from app.errors import StorageError
from app.paths import DataFolder
from app.services.counters import open_database
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


def set_version(engine: Engine, version: str) -> None:
    with engine.connect().execution_options(writer=True) as connection, connection.begin():
        connection.execute(text("UPDATE alembic_version SET version_num = :v"), {"v": version})
