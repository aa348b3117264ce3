"""Brings a database to this program's form, and refuses one that is newer.

Migrations run on SQLite with foreign keys off and end in ``PRAGMA foreign_key_check`` (a batch rebuild with them on
empties child tables without an error), inside one transaction.
"""

from functools import cache
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text
from sqlmodel import SQLModel

from app.errors import StorageError
from app.texts import _

FOLDER = Path(__file__).resolve().parent / "migrations"


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("path_separator", "os")
    if connection is not None:
        config.attributes["connection"] = connection
    return config


@cache
def _steps() -> tuple[str, ...]:
    """Return the steps this program knows, newest first; reading them compiles every one, so once."""
    return tuple(step.revision for step in ScriptDirectory.from_config(_config()).walk_revisions())


def head() -> str:
    """Return the newest step this program knows."""
    return _steps()[0]


def knows(step: str) -> bool:
    """Tell whether this program knows the step: if not, a newer one wrote it."""
    return step in _steps()


def current(engine: Engine) -> str | None:
    """Return the step a database stands at, or None for an empty one."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def needs_upgrade(engine: Engine) -> bool:
    """Tell whether the database is older than this program; make a backup before you upgrade it.

    Raises:
        StorageError: the database is newer than this program.
    """
    at = current(engine)
    if at is None:
        return False
    if not knows(at):
        raise StorageError(_("数据文件比程序新，请先升级程序；数据没有动"), code="storage.newer")
    return at != head()


def migrate(engine: Engine) -> None:
    """Bring a database, also an empty one, to this program's form.

    Raises:
        StorageError: it is newer than this program, or a reference broke on the way; nothing was changed.
    """
    needs_upgrade(engine)
    if current(engine) == head():
        return
    sqlite = engine.dialect.name == "sqlite"
    with engine.connect().execution_options(writer=True) as connection:
        if sqlite:
            connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
            connection.commit()
        connection.info["capture_open"] = 1
        try:
            with connection.begin():
                command.upgrade(_config(connection), "head")
                if sqlite and connection.execute(text("PRAGMA foreign_key_check")).first() is not None:
                    raise StorageError(_("升级没有成功，数据没有动。请用最近的备份恢复"), code="storage.upgrade")
        finally:
            connection.info["capture_open"] = 0
            if sqlite:
                connection.exec_driver_sql("PRAGMA foreign_keys = ON")
                connection.commit()


def drift(engine: Engine) -> list[Any]:
    """Return what differs between a migrated database and the models; empty when the steps are complete."""
    with engine.connect() as connection:
        options = {"include_object": _visible, "compare_type": True}
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), SQLModel.metadata))


def _visible(_object: Any, name: str | None, kind: str, _reflected: bool, _other: Any) -> bool:
    return not (kind == "table" and name is not None and (name == "search" or name.startswith("search_")))


def write_step(engine: Engine, message: str) -> Path:
    """Write the next step by comparing a migrated database with the models; read what it wrote."""
    number = f"{len(list((FOLDER / 'versions').glob('[0-9]*.py'))) + 1:04d}"
    with engine.connect() as connection:
        script = command.revision(_config(connection), message=message, autogenerate=True, rev_id=number)
    assert script is not None and not isinstance(script, list)
    return Path(script.path)
