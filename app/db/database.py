"""The encrypted file of one counter, and the only two ways to use it: ``read()`` and ``write(actor)``.

Every write is one transaction, one act, one operation: ``capture`` writes it beside the rows at commit. Writers are
serialised in the process by a lock and between processes by ``BEGIN IMMEDIATE``.
"""

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlcipher3.dbapi2 as sqlcipher
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.pool import QueuePool
from sqlmodel import Session

from app.db.capture import Capture, CapturingSession, refuse_bypass
from app.db.transaction import Actor, Transaction
from app.errors import StorageError
from app.texts import _

KEY_BYTES = 32
BUSY_MS = 20_000

__all__ = ["Actor", "Database", "Transaction", "make_engine", "storage_error"]

sqlcipher.register_adapter(type(None), {}.get)
sqlcipher.register_adapter(bool, int)
"""What the driver makes of the two anyway; not told of it, it searches at each value and takes ten times as long."""


def make_engine(path: Path, key: bytes | None) -> Engine:
    """Return an engine on one SQLite file; ``key`` is the raw 32-byte data key, ``None`` for a file without secrets.

    WAL, ``synchronous=FULL``, foreign keys on. A raw key opens in 2 ms: no passphrase ever reaches SQLite.
    """
    if key is not None and len(key) != KEY_BYTES:
        raise ValueError(f"the data key has {len(key)} bytes, not {KEY_BYTES}")

    def connect() -> Any:
        return raw_connection(path, key)

    engine = create_engine(
        "sqlite:///" + str(path),
        module=sqlcipher,
        creator=connect,
        poolclass=QueuePool,
        pool_size=5,
        json_serializer=_json,
    )

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writer = connection.get_execution_options().get("writer", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writer else "BEGIN")

    return engine


def _json(value: Any) -> str:
    """Write JSON with Chinese as it is: escaped, it would take twice the room in the log."""
    return _ENCODE(value)


_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def raw_connection(path: Path, key: bytes | None) -> Any:
    """Open one connection of the driver with every pragma set.

    Raises:
        StorageError: the file cannot be opened with this key.
    """
    try:
        connection = sqlcipher.connect(str(path), check_same_thread=False, isolation_level=None, timeout=BUSY_MS / 1000)
        connection.execute("PRAGMA cipher_log_level = NONE")
        if key is not None:
            connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA wal_autocheckpoint = 4000")  # 16 MB: fewer pauses while much is saved
        connection.execute("PRAGMA temp_store = MEMORY")
        connection.execute("PRAGMA cache_size = -32000")
        connection.execute("PRAGMA recursive_triggers = ON")
    except sqlcipher.DatabaseError as problem:
        raise storage_error(problem) from problem
    return connection


class Database:
    """One counter's store.

    ``on_commit`` holds callables that receive the names of the record types a commit touched (a frozenset), on the
    thread that committed.
    """

    def __init__(self, path: Path, key: bytes | None) -> None:
        self.path = path
        self.engine = make_engine(path, key)
        self.on_commit: list[Callable[[frozenset[str]], None]] = []
        self._writer = threading.RLock()
        event.listen(self.engine, "before_cursor_execute", refuse_bypass)

    @contextmanager
    def read(self, actor: Actor | None = None) -> Iterator[Transaction]:
        """Open a read transaction: a stable view, nothing may be written. ``actor``: who looks, where that matters.

        Raises:
            StorageError: the file cannot be read.
        """
        session = Session(self.engine, expire_on_commit=False, autoflush=False)
        try:
            yield Transaction(session, actor=actor, writable=False)
        except DBAPIError as problem:
            raise storage_error(problem.orig or problem) from problem
        finally:
            session.close()

    @contextmanager
    def write(self, actor: Actor | None, *, reason: str | None = None) -> Iterator[Transaction]:
        """Open a write transaction; on leaving, its operation is written and all of it committed, or nothing.

        Raises:
            StorageError: the disk is full, the file is locked or damaged; nothing was saved.
        """
        with self._writer:
            connection = self.engine.connect().execution_options(writer=True)
            capture = Capture()
            session = CapturingSession(connection, capture)
            tx = Transaction(session, actor=actor, writable=True, reason=reason, capture=capture)
            try:
                yield tx
                session.flush()
                capture.write(tx)
                session.commit()
            except DBAPIError as problem:
                session.rollback()
                raise storage_error(problem.orig or problem) from problem
            except BaseException:
                session.rollback()
                raise
            finally:
                session.close()
                connection.close()
        touched = frozenset(tx.touched)
        if touched:
            for listener in tuple(self.on_commit):
                listener(touched)

    def close(self) -> None:
        """Close every connection; the last one folds the WAL into the file."""
        self.engine.dispose()


def storage_error(problem: BaseException) -> StorageError:
    """Turn the driver's error into a sentence with a stable code."""
    said = str(problem).lower()
    for pattern, code, text in _SENTENCES:
        if re.search(pattern, said):
            return StorageError(text(), code=code)
    if isinstance(problem, OperationalError):
        return StorageError(_("数据文件暂时打不开，什么都没有丢。请稍后再试"), code="storage.operational")
    return StorageError(_("数据文件出了问题：{problem}", problem=type(problem).__name__), code="storage.failed")


_SENTENCES: tuple[tuple[str, str, Callable[[], str]], ...] = (
    (r"disk is full|no space", "storage.full", lambda: _("磁盘满了，这一步没有存。请腾出空间再试，之前的都在")),
    (r"locked|busy", "storage.busy", lambda: _("数据正被别的程序占用，这一步没有存。请稍后再试")),
    (r"not a database|file is encrypted", "storage.key", lambda: _("打不开数据文件：密钥不对，或者文件不是家门口的")),
    (r"malformed|corrupt", "storage.damaged", lambda: _("数据文件损坏。请用最近的备份恢复：doorstep restore")),
    (r"unable to open", "storage.unreachable", lambda: _("打不开数据文件：文件夹不在，或者没有权限")),
    (r"readonly|read-only", "storage.readonly", lambda: _("数据文件夹是只读的，存不进去")),
    (r"disk i/o", "storage.io", lambda: _("磁盘读写出错，这一步没有存。请检查磁盘")),
)
