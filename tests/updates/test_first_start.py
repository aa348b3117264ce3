"""What the store says of its form in clear, and when a version has passed its trial."""

import os
import sqlite3
from collections.abc import Callable
from dataclasses import replace

import pytest
from alembic import command
from sqlalchemy import Engine, event
from sqlalchemy.exc import OperationalError

from app import __version__, paths
from app.db import migrate
from app.db.database import make_engine
from app.db.durable import write_durable
from app.errors import StorageError
from app.paths import DataFolder
from app.services import counters
from app.updates.choose import own_schema
from app.updates.environment import clean_environment
from app.updates.first_start import StoreNote, brought_forward, closed_store, copy_aside, read_note
from app.updates.programs import Programs, Trial
from tests.fixtures_db import STATION

KEY = bytes(32)
PIN = "274916"


def test_signing_in_passes_the_trial_of_the_version_that_runs(tmp_path):
    folder = DataFolder(tmp_path / "data")
    counters.found_counter(folder, STATION, supervisor="陶丽华", pin=PIN)[0].database.close()
    programs = Programs(paths.programs())
    programs.root.mkdir(parents=True)
    programs.change(lambda state: replace(state, trial=Trial(__version__, "0.0.9", starts=1)))

    counters.open_counter(folder, name="陶丽华", pin=PIN).database.close()

    state = programs.state()
    assert (state.current, state.previous, state.trial) == (__version__, "0.0.9", None)
    assert state.schemas == {__version__: migrate.head()}
    assert read_note(folder.root) == StoreNote(migrate.head(), __version__)


def test_signing_in_makes_no_folder_of_programs_where_none_is(tmp_path):
    folder = DataFolder(tmp_path / "data")
    counters.found_counter(folder, STATION, supervisor="陶丽华", pin=PIN)[0].database.close()

    counters.open_counter(folder, name="陶丽华", pin=PIN).database.close()

    assert not paths.programs().exists()


def test_a_store_that_may_have_been_brought_forward_says_so_before_it_begins(tmp_path):
    """The disk gives out in the midst of the upgrade: the note was there first."""
    folder = DataFolder(tmp_path / "data")
    folder.create()
    engine = make_engine(folder.database, KEY)
    with engine.connect().execution_options(writer=True) as connection, connection.begin():
        command.upgrade(migrate._config(connection), "0007")
    engine.dispose()
    write_durable(folder.keyring, b"{}")
    copy_aside(folder.root, "0.2.0")
    assert not brought_forward(folder.root, "0.2.0")

    def give_out(_connection, _cursor, statement, *_more):
        if statement.startswith("UPDATE alembic_version"):
            raise OperationalError(statement, {}, Exception("disk is full"))

    event.listen(Engine, "before_cursor_execute", give_out)
    try:
        with pytest.raises(OperationalError):
            counters.open_database(folder, KEY)
    finally:
        event.remove(Engine, "before_cursor_execute", give_out)

    assert read_note(folder.root).forward == migrate.head()
    assert brought_forward(folder.root, "0.2.0")
    counters.open_database(folder, KEY).close()
    assert read_note(folder.root) == StoreNote(migrate.head(), __version__)


def _in_another_process(work: Callable[[], object]) -> str:
    """Return what an error said there; locks of one process do not hold against itself."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            work()
            os.write(write, b"done")
        except (StorageError, sqlite3.DatabaseError) as problem:
            os.write(write, str(getattr(problem, "code", problem)).encode())
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    os.close(write)
    with os.fdopen(read) as said:
        return said.read()


def test_an_open_store_is_not_copied(tmp_path):
    folder = DataFolder(tmp_path / "data")
    database = counters.open_database(folder, KEY)
    with database.read() as tx:
        tx.sql("SELECT count(*) FROM resident")
    assert _in_another_process(lambda: copy_aside(folder.root, "0.2.0")) == "update.in_use"

    database.close()

    assert _in_another_process(lambda: copy_aside(folder.root, "0.2.0")) == "done"
    copied = folder.root / "before-update" / "0.2.0" / "doorstep.db"
    assert copied.read_bytes() == folder.database.read_bytes()


def test_nobody_opens_a_store_while_it_is_copied(tmp_path):
    folder = DataFolder(tmp_path / "data")
    counters.open_database(folder, KEY).close()

    with closed_store(folder.root):
        opened = _in_another_process(
            lambda: sqlite3.connect(folder.database, timeout=0.0).execute("PRAGMA user_version")
        )

    assert opened == "database is locked"


def test_the_names_of_the_migrations_tell_what_the_program_knows():
    assert own_schema() == migrate.head()


def test_another_program_inherits_nothing_of_the_packed_ones_libraries():
    env = {
        "PATH": "/usr/bin:/opt/doorstep/_internal/bin",
        "QT_PLUGIN_PATH": "/opt/doorstep/_internal/PySide6/plugins",
        "LD_LIBRARY_PATH": "/opt/doorstep/_internal",
        "LD_LIBRARY_PATH_ORIG": "/usr/local/lib",
        "_PYI_ARCHIVE_FILE": "/opt/doorstep/doorstep",
        "HOME": "clerk",
    }

    found = clean_environment(env, own="/opt/doorstep/_internal")

    assert found == {
        "PATH": "/usr/bin",
        "LD_LIBRARY_PATH": "/usr/local/lib",
        "HOME": "clerk",
        "PYINSTALLER_RESET_ENVIRONMENT": "1",
    }
