"""Encrypted backups: one file that restores on this PC with a PIN, or on another with the recovery key.

A backup is a zip of the encrypted database, the keyring as it was, and a manifest without personal data. The copy is
taken by SQLite's backup API under the same raw key, checked page by page before it counts as made, and appears in one
step: a backup that is there is whole.
"""

import hashlib
import json
import os
import shutil
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any

import sqlcipher3.dbapi2 as sqlcipher

from app import __version__, clock
from app.db.database import raw_connection, storage_error
from app.db.durable import disk_error, sync_file, sync_folder, translated
from app.db.keyring_file import fingerprint, parse_keyring
from app.errors import StorageError
from app.paths import DataFolder
from app.texts import _

FORMAT = 1
SUFFIX = ".backup"
DATABASE, KEYRING, MANIFEST = "doorstep.db", "keyring.json", "manifest.json"
HOURLY, UPGRADE, RISKY, BY_HAND = "hourly", "upgrade", "risky", "manual"
KEEP_HOURS, KEEP_DAYS, KEEP_WEEKS, KEEP_SPECIAL = 24, 14, 8, 6
_CHUNK = 1024 * 1024
_SPARE = 16 * _CHUNK


@dataclass(frozen=True)
class Backup:
    """A backup file. ``mark`` is the state of the store it was taken from; ``sha256`` that of the database in it."""

    path: Path
    made_at: datetime
    reason: str
    size: int
    database_size: int
    app_version: str
    mark: str
    sha256: str


def make_backup(folder: DataFolder, key: bytes, *, to: Path | None = None, reason: str = HOURLY) -> Backup:
    """Copy the store, as of this instant, into one encrypted file; writers go on meanwhile.

    Without ``to`` it goes into the folder of backups under a name with its time.

    Raises:
        StorageError: the disk is full, the database is damaged or the key wrong; no half file is left.
    """
    target = to if to is not None else folder.backups / _file_name(reason)
    with translated(target):
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _require_space(folder, target)
    made_at, mark = clock.now(), store_mark(folder)
    raw = target.with_name(f".{target.name}.{os.getpid()}.db")
    packed = target.with_name(f".{target.name}.{os.getpid()}.new")
    try:
        _copy_database(folder.database, raw, key)
        check_database(raw, key)
        manifest = {
            "format": FORMAT,
            "app": __version__,
            "made_at": made_at.isoformat(),
            "reason": reason,
            "mark": mark,
            "key": fingerprint(key),
            "database_size": raw.stat().st_size,
            "sha256": _sha256_of(raw),
        }
        with translated(target):
            _pack(packed, raw, folder.keyring, manifest)
            os.replace(packed, target)
            sync_folder(target.parent)
    finally:
        for left in (raw, packed, Path(f"{raw}-wal"), Path(f"{raw}-shm"), Path(f"{raw}-journal")):
            with suppress(OSError):
                left.unlink(missing_ok=True)
    return read_backup(target)


def due_backup(folder: DataFolder, *, every: timedelta = timedelta(hours=1)) -> bool:
    """Tell whether the store changed since the newest backup and that one is old enough.

    A newest backup from the future means that the clock stepped back: it counts as old.
    """
    if not folder.database.exists():
        return False
    newest = next(iter(list_backups(folder)), None)
    if newest is None:
        return True
    age = clock.now() - newest.made_at
    return newest.mark != store_mark(folder) and (age >= every or age < timedelta(0))


def backup_if_due(folder: DataFolder, key: bytes, *, every: timedelta = timedelta(hours=1)) -> Backup | None:
    """Make the hourly backup and thin the old ones, if one is due."""
    if not due_backup(folder, every=every):
        return None
    backup = make_backup(folder, key)
    thin_backups(folder)
    return backup


def list_backups(folder: DataFolder) -> tuple[Backup, ...]:
    """Return the readable backups of the folder, newest first."""
    found = []
    for path in folder.backups.glob(f"*{SUFFIX}"):
        with suppress(StorageError):
            found.append(read_backup(path))
    return tuple(sorted(found, key=lambda b: (b.made_at, b.path.name), reverse=True))


def read_backup(path: Path) -> Backup:
    """Return what the manifest says, without checking the database.

    Raises:
        StorageError: no such file, or not a whole backup.
    """
    with opened(path) as container:
        manifest = json.loads(container.read(MANIFEST))
        if manifest["format"] > FORMAT:
            raise StorageError(_("这份备份是更新的版本做的，请先升级家门口"), code="backup.newer")
        return Backup(
            path=path,
            made_at=datetime.fromisoformat(manifest["made_at"]),
            reason=manifest["reason"],
            size=path.stat().st_size,
            database_size=manifest["database_size"],
            app_version=manifest["app"],
            mark=manifest["mark"],
            sha256=manifest["sha256"],
        )


def backup_keyring(path: Path) -> bytes:
    """Return the keyring file in the backup, checked for shape.

    Raises:
        StorageError: not a whole backup.
    """
    with opened(path) as container:
        content = container.read(KEYRING)
    parse_keyring(content)
    return content


def verify_backup(path: Path, key: bytes | None = None, *, into: Path | None = None) -> Backup:
    """Read every byte of the backup and compare; with the key, also open the database and check every page.

    The database is unpacked to ``into`` and stays there if that is given.

    Raises:
        StorageError: damaged, cut off, or another key.
    """
    backup = read_backup(path)
    backup_keyring(path)
    place = into if into is not None else path.with_name(f".{path.name}.{os.getpid()}.check")
    digest = hashlib.sha256()
    try:
        with opened(path) as container, container.open(DATABASE) as source, _opened_or_none(place, key) as target:
            while chunk := source.read(_CHUNK):
                digest.update(chunk)
                if target is not None:
                    target.write(chunk)
        if digest.hexdigest() != backup.sha256:
            raise _damaged(path)
        if key is not None:
            check_database(place, key)
    except BaseException:
        place.unlink(missing_ok=True)
        raise
    finally:
        if into is None:
            place.unlink(missing_ok=True)
    return backup


def thin_backups(folder: DataFolder) -> tuple[Path, ...]:
    """Remove backups that newer ones make needless; return what was removed.

    Kept: the newest of each of the last 24 hours, 14 days and 8 weeks that have one, and the last 6 made before an
    upgrade or a risky act. Made by hand are never removed.
    """
    backups = list_backups(folder)
    keep = {b.path for b in backups[:1]} | {b.path for b in backups if b.reason == BY_HAND}
    keep |= {b.path for b in [b for b in backups if b.reason in (UPGRADE, RISKY)][:KEEP_SPECIAL]}
    for count, bucket in ((KEEP_HOURS, _hour), (KEEP_DAYS, _day), (KEEP_WEEKS, _week)):
        keep |= set(_newest_of_each(backups, bucket, count))
    removed = []
    for backup in backups:
        if backup.path not in keep:
            with translated(backup.path):
                backup.path.unlink(missing_ok=True)
            removed.append(backup.path)
    return tuple(removed)


def check_database(path: Path, key: bytes) -> None:
    """Check every page's seal and the structure of a database file that nobody else uses.

    Raises:
        StorageError: damaged, or another key.
    """
    try:
        connection = _plain_connection(path, key)
        try:
            faults = connection.execute("PRAGMA cipher_integrity_check").fetchall()
            faults += [row for row in connection.execute("PRAGMA quick_check") if row[0] != "ok"]
        finally:
            connection.close()
    except sqlcipher.DatabaseError as problem:
        raise storage_error(problem) from problem
    if faults:
        raise StorageError(_("数据库有 {count} 处坏了，这份不能用", count=len(faults)), code="backup.bad_pages")


def store_mark(folder: DataFolder) -> str:
    """Return a text that changes whenever something is written to the store."""
    parts = []
    for path in (folder.database, Path(f"{folder.database}-wal")):
        with suppress(FileNotFoundError):
            facts = path.stat()
            if facts.st_size:
                parts.append(f"{facts.st_size}.{facts.st_mtime_ns}")
    return "/".join(parts)


@contextmanager
def opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """Open a backup file; turn every way in which it can be broken into a sentence.

    Raises:
        StorageError: no such file, or not a whole backup.
    """
    try:
        with zipfile.ZipFile(path) as container:
            yield container
    except OSError as error:
        raise disk_error(error, path) from error
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, ValueError, TypeError, NotImplementedError) as error:
        raise _damaged(path) from error


def _damaged(path: Path) -> StorageError:
    return StorageError(
        _("这不是一份完整的备份，可能没拷完：{file}。请换一份再试，数据没有动", file=path.name), code="backup.damaged"
    )


@contextmanager
def _opened_or_none(path: Path, key: bytes | None) -> Iterator[IO[bytes] | None]:
    if key is None:
        yield None
        return
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o600)
    with os.fdopen(handle, "wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


def _copy_database(source_path: Path, target_path: Path, key: bytes) -> None:
    if not source_path.exists():
        raise StorageError(_("还没有数据可以备份：{where}", where=str(source_path)), code="backup.nothing")
    source = raw_connection(source_path, key)
    try:
        target = _plain_connection(target_path, key)
        try:
            source.backup(target)  # in one step: in WAL mode a reader holds up no writer
        finally:
            target.close()
        target_path.chmod(0o600)
    except sqlcipher.DatabaseError as problem:
        raise storage_error(problem) from problem
    finally:
        source.close()


def _plain_connection(path: Path, key: bytes) -> Any:
    """Open a file without changing its journal mode: a copy shall stay one file."""
    connection = sqlcipher.connect(str(path), isolation_level=None)
    connection.execute("PRAGMA cipher_log_level = NONE")
    connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
    return connection


def _pack(target: Path, database: Path, keyring: Path, manifest: dict[str, Any]) -> None:
    handle = os.open(target, os.O_RDWR | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o600)
    with os.fdopen(handle, "w+b") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as container:
        container.writestr(zipfile.ZipInfo(MANIFEST), json.dumps(manifest, indent=1))
        container.writestr(zipfile.ZipInfo(KEYRING), keyring.read_bytes())
        # Without the files' times: a clock before 1980, which a zip cannot tell, must not stop a backup.
        with database.open("rb") as source, container.open(zipfile.ZipInfo(DATABASE), "w", force_zip64=True) as sink:
            shutil.copyfileobj(source, sink, _CHUNK)
    sync_file(target)


def _require_space(folder: DataFolder, target: Path) -> None:
    """Refuse before anything is written: the copy and the packed file stand side by side for a moment."""
    wal = Path(f"{folder.database}-wal")
    size = sum(p.stat().st_size for p in (folder.database, wal) if p.exists())
    needed, free = 2 * size + _SPARE, shutil.disk_usage(target.parent).free
    if free < needed:
        sentence = _(
            "磁盘只剩 {free} MB，备份要 {needed} MB，没有做。请腾出空间再试，数据没有动",
            free=free // _CHUNK,
            needed=needed // _CHUNK,
        )
        raise StorageError(sentence, code="storage.full")


def _file_name(reason: str) -> str:
    local = clock.to_local(clock.now())
    return f"doorstep-{local:%Y%m%d-%H%M%S}-{local.microsecond:06d}-{reason}{SUFFIX}"


def _sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _newest_of_each(backups: tuple[Backup, ...], bucket: Callable[[datetime], str], count: int) -> list[Path]:
    newest: dict[str, Path] = {}
    for backup in backups:
        newest.setdefault(bucket(clock.to_local(backup.made_at)), backup.path)
    return list(newest.values())[:count]


def _hour(local: datetime) -> str:
    return f"{local:%Y-%m-%d %H}"


def _day(local: datetime) -> str:
    return f"{local:%Y-%m-%d}"


def _week(local: datetime) -> str:
    return f"{local:%G-%V}"
