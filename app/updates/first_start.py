"""The store around the first start of a new version: copied aside before, put back if that version does not do.

None of it needs a key: the store is copied as it lies, encrypted. ``store.json`` in the data folder says in clear which
form the store has and which program opened it last; a program that brings it forward says so there before it begins.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import IO

from app import __version__, paths
from app.db.durable import sync_file, sync_folder, translated, write_durable
from app.errors import StorageError
from app.texts import _
from app.updates.programs import Programs, State, passed

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

NOTE = "store.json"
COPIED = ("keyring.json", NOTE, "doorstep.db-wal", "doorstep.db")
FOLDER = "before-update"
_SHARED_LOCK, _SHARED_BYTES = 0x40000002, 510  # where every open SQLite file in WAL mode holds a lock
_SPARE = 64 * 1024**2
_PLACING = "placing"


@dataclass(frozen=True)
class StoreNote:
    """Which form the store has; ``forward``: the form it was being brought to when this was written."""

    schema: str = ""
    program: str = ""
    forward: str = ""


def read_note(data: Path) -> StoreNote:
    """Return what is noted of a store; empty where nothing is."""
    try:
        content = json.loads((data / NOTE).read_bytes())
        found = StoreNote(**{name: str(content.get(name, "")) for name in ("schema", "program", "forward")})
    except (OSError, ValueError, AttributeError):
        return StoreNote()
    return found


def write_note(data: Path, note: StoreNote) -> None:
    """Note it, unless it stands there already.

    Raises:
        StorageError: the data folder cannot be written.
    """
    if read_note(data) != note:
        write_durable(data / NOTE, (json.dumps(asdict(note)) + "\n").encode())


@contextmanager
def closed_store(data: Path) -> Iterator[IO[bytes] | None]:
    """Hold the store so that nobody opens it; hand back its file, None where there is no store yet.

    Raises:
        StorageError: somebody has it open, or it cannot be read.
    """
    path = data / "doorstep.db"
    if not path.exists():
        yield None
        return
    with translated(path):
        file = path.open("r+b")
    with file:
        try:
            if sys.platform == "win32":
                file.seek(_SHARED_LOCK)
                msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, _SHARED_BYTES)
            else:
                fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, _SHARED_BYTES, _SHARED_LOCK)
        except OSError:
            raise StorageError(_("家门口正开着，等它关了再装新版本。"), code="update.in_use") from None
        file.seek(0)
        yield file
        if sys.platform == "win32":
            file.seek(_SHARED_LOCK)
            msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, _SHARED_BYTES)


def copy_aside(data: Path, version: str) -> Path | None:
    """Copy the closed store before a version's first start; return where to, None where there is no store yet.

    Raises:
        StorageError: no room, somebody has the store open, or it cannot be read; no half copy counts.
    """
    import shutil  # each start does without

    with closed_store(data) as store:
        if store is None:
            return None
        size = sum((data / name).stat().st_size for name in COPIED if (data / name).exists())
        free = shutil.disk_usage(data).free
        if free < size + _SPARE:
            raise StorageError(
                _(
                    "装新版本前要先把数据留一份，磁盘不够：要 {need} MB，只剩 {free} MB。"
                    "旧版本照常用；腾出空间后下次启动再装。",
                    need=(size + _SPARE) // 1024**2,
                    free=free // 1024**2,
                ),
                code="update.no_room",
            )
        place = data / FOLDER / version
        part = place.with_name(f"{version}.part")
        with translated(part):
            _copy_into(part, data, store)
            shutil.rmtree(place, ignore_errors=True)
            os.replace(part, place)
            sync_folder(place.parent)
    return place


def _copy_into(part: Path, data: Path, store: IO[bytes]) -> None:
    """Copy the files. The store itself is read through the handle that holds the lock: another's close would end it."""
    import shutil  # each start does without

    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(mode=0o700, parents=True)
    for name in COPIED:
        if not (data / name).exists():
            continue
        with (part / name).open("wb") as target:
            if name == "doorstep.db":
                shutil.copyfileobj(store, target, 1024**2)
            else:
                with (data / name).open("rb") as source:
                    shutil.copyfileobj(source, target, 1024**2)
        os.chmod(part / name, 0o600)
        sync_file(part / name)


def brought_forward(data: Path, version: str) -> bool:
    """Tell whether the store was, or may have been, brought to another form since it was copied."""
    copy = data / FOLDER / version
    if not copy.is_dir():
        return False
    before, after = read_note(copy), read_note(data)
    return (copy / _PLACING).exists() or after.schema != before.schema or bool(after.forward)


def put_back(data: Path, version: str) -> Path | None:
    """Put the copy in the place of the store; return where the store that it replaces is kept.

    Moves alone, so it takes no room; cut off at any point, the next call ends it.

    Raises:
        StorageError: the data folder cannot be written.
    """
    import shutil  # each start does without

    copy, kept = data / FOLDER / version, data / FOLDER / f"{version}.kept"
    if not copy.is_dir():
        return None
    with translated(data):
        if not (copy / _PLACING).exists():
            kept.mkdir(mode=0o700, exist_ok=True)
            for name in (*COPIED, "doorstep.db-shm"):
                if (data / name).exists():
                    os.replace(data / name, kept / name)
            sync_folder(kept)
            sync_folder(data)
            write_durable(copy / _PLACING, b"")
        for name in COPIED:
            if (copy / name).exists():
                os.replace(copy / name, data / name)
        sync_folder(data)
        done = copy.with_name(f"{version}.part")
        shutil.rmtree(done, ignore_errors=True)
        os.replace(copy, done)
        shutil.rmtree(done, ignore_errors=True)
    return kept


def drop_copy(data: Path, version: str) -> None:
    """Remove a copy that is not needed: the store is as it was."""
    import shutil  # each start does without

    copy = data / FOLDER / version
    with suppress(OSError):
        gone = copy.with_name(f"{version}.part")
        if copy.is_dir():
            shutil.rmtree(gone, ignore_errors=True)
            os.replace(copy, gone)
        shutil.rmtree(gone, ignore_errors=True)
        copy.parent.rmdir()


def note_forward(data: Path, schema: str) -> None:
    """Note that the store is about to be brought to this form: if the program dies meanwhile, it may be.

    Raises:
        StorageError: the data folder cannot be written.
    """
    note = read_note(data)
    write_note(data, StoreNote(note.schema, note.program, schema))


def note_opened(data: Path, schema: str) -> None:
    """Note that this program has opened the store in this form; where it cannot be written, work goes on."""
    with suppress(StorageError):
        write_note(data, StoreNote(schema, __version__))


def pass_trial(schema: str) -> None:
    """Note that somebody signed in in this version: a trial is passed, and the form of the store it knows is known."""
    root = paths.programs()
    if not root.is_dir():
        return
    programs = Programs(root)

    def signed_in(state: State) -> State:
        return passed(replace(state, schemas={**state.schemas, __version__: schema}), __version__)

    if signed_in(state := programs.state()) == state:
        return
    try:
        programs.change(signed_in)
    except StorageError as problem:
        import logging  # the start of the program does without

        logging.getLogger(__name__).warning("the trial of %s cannot be noted: %s", __version__, problem.code)


def forget_copies(data: Path) -> None:
    """Remove the copies made for earlier versions, once the new one has passed its trial."""
    import shutil  # each start does without

    with suppress(OSError):
        for each in (data / FOLDER).iterdir():
            gone = each.with_name(f"{each.name}.part")
            if each != gone and not each.name.endswith(".part"):
                os.replace(each, gone)
            shutil.rmtree(gone if gone.exists() else each, ignore_errors=True)
        (data / FOLDER).rmdir()
