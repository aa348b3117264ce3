"""Putting a backup in the place of the store, in a way that a power cut cannot leave half done.

The steps after the point of no return are moves that can be repeated: a marker file says that they are under way, and
``finish_restore`` ends them at the next start.
"""

import json
import os
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from app import clock
from app.db.backup import backup_keyring, verify_backup
from app.db.database import raw_connection
from app.db.durable import sync_folder, translated, write_durable
from app.db.keyring import Keyring
from app.db.keyring_file import fingerprint, parse_keyring, unwrap_with_recovery
from app.db.secret_store import SecretStore
from app.errors import NotFoundError, StorageError
from app.paths import DataFolder
from app.texts import _

RESTORED_AT = "restored_at"
SKIPPED_NUMBERS = 500
"""Business numbers passed over after a restore: slips printed since the backup bear the next ones."""
_MARKER = "restore.pending"
_READY = ".restored.db"
_READY_KEYRING = ".restored.keyring.json"


@dataclass(frozen=True)
class Restored:
    """What a restore did.

    ``replaced`` holds the store as it was before; ``keyring_replaced`` tells that the PINs are now those of the backup.
    """

    replaced: Path | None
    keyring_replaced: bool


def unlock_backup(path: Path, name: str, pin: str, *, store: SecretStore | None = None) -> bytes:
    """Return the data key of a backup to somebody who could sign in when it was made, on the same PC.

    Raises:
        NotFoundError: nobody of that name, or the backup is of another PC (then the recovery key opens it).
        InvalidInputError: wrong PIN.
    """
    with tempfile.TemporaryDirectory(prefix="doorstep-") as place:
        folder = DataFolder(Path(place))
        write_durable(folder.keyring, backup_keyring(path))
        keyring = Keyring.open(folder, store=store)
        if not keyring.bound:
            raise StorageError(_("这份备份是另一台电脑的，请用打印的恢复密钥"), code="backup.other_pc")
        for person in keyring.people():
            if person.name == name:
                return keyring.unlock(person.entry_id, pin)
    raise NotFoundError(_("这份备份里没有 {name}，或者名字不一样", name=name), code="backup.no_person")


def recover_backup(path: Path, recovery_key: str) -> bytes:
    """Return the data key of a backup to the holder of the recovery key, on any PC.

    Raises:
        InvalidInputError: copied wrong, or another station's.
    """
    return unwrap_with_recovery(parse_keyring(backup_keyring(path)), recovery_key)


def restore_backup(path: Path, folder: DataFolder, key: bytes) -> Restored:
    """Replace the store by a backup, when no program has the store open; the replaced one is kept aside.

    The keyring stays if it opens the same data (newer PINs go on working); else the backup's takes its place.

    Raises:
        StorageError: the backup is damaged or of another key, or the disk is full; the store stands untouched.
    """
    finish_restore(folder)
    with translated(folder.root):
        folder.create()
    ready = folder.root / _READY
    verify_backup(path, key, into=ready)
    _note_restore(ready, key)
    keyring = backup_keyring(path)
    replace_keyring = not _opens_same(folder, key)
    if replace_keyring:
        write_durable(folder.root / _READY_KEYRING, keyring)
    aside = (
        folder.root / f"replaced-{clock.to_local(clock.now()):%Y%m%d-%H%M%S-%f}" if folder.database.exists() else None
    )
    marker = {"aside": aside.name if aside else None}
    write_durable(folder.root / _MARKER, json.dumps(marker).encode())
    finish_restore(folder)
    return Restored(aside, replace_keyring)


def finish_restore(folder: DataFolder) -> bool:
    """End a restore that was cut off; call it before the store is opened. Tells whether there was one.

    Raises:
        StorageError: a file cannot be moved; calling again goes on from there.
    """
    marker = folder.root / _MARKER
    ready, ready_keyring = folder.root / _READY, folder.root / _READY_KEYRING
    with translated(folder.root):
        if not marker.exists():
            for left in (ready, ready_keyring):
                left.unlink(missing_ok=True)
            return False
        name = json.loads(marker.read_bytes())["aside"]
        aside = folder.root / name if name else None
        if ready.exists():
            _move_aside(folder, aside, with_keyring=ready_keyring.exists())
            os.replace(ready, folder.database)
        if ready_keyring.exists():
            os.replace(ready_keyring, folder.keyring)
        sync_folder(folder.root)
        marker.unlink()
        sync_folder(folder.root)
    return True


def _move_aside(folder: DataFolder, aside: Path | None, *, with_keyring: bool) -> None:
    """Move the old store away whole: its write-ahead log holds the last commits and must not meet the new file."""
    moved = [Path(f"{folder.database}{end}") for end in ("-wal", "-shm", "-journal")]
    if aside is None:
        for stale in moved:
            stale.unlink(missing_ok=True)
        return
    aside.mkdir(mode=0o700, exist_ok=True)
    # The keyring is copied, the database moved last: at every moment it is clear which of the two is complete.
    if with_keyring and folder.keyring.exists() and not (aside / folder.keyring.name).exists():
        write_durable(aside / folder.keyring.name, folder.keyring.read_bytes())
    for path in (*moved, folder.database):
        with suppress(FileNotFoundError):
            os.replace(path, aside / path.name)
    sync_folder(aside)


def _note_restore(database: Path, key: bytes) -> None:
    """Leave word in the restored store: its numbers (operations, slips) may have been used since the backup."""
    connection = raw_connection(database, key)
    try:
        known = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'local_state'").fetchone()
        if known is not None:
            connection.execute(
                "INSERT OR REPLACE INTO local_state (key, value) VALUES (?, ?)",
                (RESTORED_AT, json.dumps(clock.now().isoformat())),
            )
            connection.execute("UPDATE number_counter SET last = last + ?", (SKIPPED_NUMBERS,))
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.close()
    for end in ("-wal", "-shm"):
        Path(f"{database}{end}").unlink(missing_ok=True)


def _opens_same(folder: DataFolder, key: bytes) -> bool:
    try:
        return bool(parse_keyring(folder.keyring.read_bytes())["check"] == fingerprint(key))
    except (OSError, StorageError):
        return False
