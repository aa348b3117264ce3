"""Taking a counter off this PC for good: its files, and the secret by which they open.

It opens no transaction: what it removes is the store itself. Files that are not the program's stay where they are.
"""

import os
import shutil
from contextlib import suppress
from pathlib import Path

from app.db.durable import translated
from app.db.keyring import Keyring
from app.paths import DataFolder
from app.updates.first_start import FOLDER, NOTE

_OURS = (
    "doorstep.db*", "keyring.json*", ".keyring*", "settings*.json", "settings.new", "backups", "logs", "drafts",
    ".founding", "replaced-*", "restore.pending", ".restored.*", "*.unreadable", "window.json", "window.sock",
    ".start-probe.*", NOTE, FOLDER,
)  # fmt: skip
_LEAVING = ".forgetting"


def forget_counter(folder: DataFolder, keyring: Keyring) -> tuple[str, ...]:
    """Remove the counter; return the names of files that are not ours and so stay.

    Everything is moved together first: cut off in the middle, no half of a counter is left that could be opened. From
    the moment that the device's secret is gone, what is left of it on the disk opens with the recovery key alone.

    Raises:
        StorageError: the system refused; what was not removed yet is still there.
    """
    leaving = folder.root / _LEAVING
    with translated(folder.root):
        leaving.mkdir(mode=0o700, exist_ok=True)
        for file in ours(folder.root):
            os.replace(file, leaving / file.name)
    return _finish(folder, keyring)


def was_cut_off(folder: DataFolder) -> bool:
    """Tell whether a counter was half removed here: nothing of it can be opened."""
    return (folder.root / _LEAVING).is_dir() and not folder.keyring.exists()


def finish_forgetting(folder: DataFolder) -> tuple[str, ...]:
    """Remove what a forgetting that was cut off had left; return the names of files that are not ours.

    Raises:
        StorageError: the system refused.
    """
    aside = DataFolder(folder.root / _LEAVING)
    return _finish(folder, Keyring.open(aside) if aside.keyring.exists() else None)


def _finish(folder: DataFolder, keyring: Keyring | None) -> tuple[str, ...]:
    if keyring is not None:
        keyring.forget_device()
    with translated(folder.root):
        shutil.rmtree(folder.root / _LEAVING)
    folder.lock.unlink(missing_ok=True)
    left = tuple(sorted(each.name for each in folder.root.iterdir()))
    with suppress(OSError):
        folder.root.rmdir()
    return left


def ours(root: Path) -> tuple[Path, ...]:
    """Return what the program itself made in the folder, the lock excepted: it is held while this runs."""
    return tuple(sorted({file for pattern in _OURS for file in root.glob(pattern)}))
