"""Files that are whole or absent: atomic writing, one writer at a time, and disk errors as sentences."""

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.errors import StorageError
from app.texts import _

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl


def write_durable(path: Path, content: bytes) -> None:
    """Replace the file in one step and be sure that it is on the disk; readable by this user alone.

    Raises:
        StorageError: the disk is full or cannot be written; the old file stands untouched.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}.new")
    with translated(path):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(beside, path)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
        sync_folder(path.parent)


def sync_file(path: Path) -> None:
    """Force the file's content to the disk."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Force a rename in the folder to the disk, where the system knows such a thing."""
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def exclusive(path: Path, *, wait: bool = True) -> Iterator[None]:
    """Hold the lock file, so that two programs do not change the same file at once.

    Raises:
        StorageError: it cannot be made; or, without ``wait``, another program holds it.
    """
    with translated(path):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = path.open("a+b")
    with file:
        try:
            if sys.platform == "win32":
                msvcrt.locking(file.fileno(), msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)
            else:
                fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if wait or error.errno not in (errno.EAGAIN, errno.EACCES, errno.EDEADLK):
                raise
            raise StorageError(_("另一个程序正在做这件事，请等它做完"), code="storage.busy") from None
        try:
            yield
        finally:
            if sys.platform == "win32":
                file.seek(0)
                msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)
            else:
                fcntl.flock(file, fcntl.LOCK_UN)


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn an ``OSError`` on this file into a sentence."""
    try:
        yield
    except OSError as error:
        raise disk_error(error, path) from error


def disk_error(error: OSError, path: Path) -> StorageError:
    """Return the sentence for a disk's refusal."""
    where = str(path)
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StorageError(
            _("磁盘满了，这次没有写成；原来的文件没动。请腾出空间再试：{where}", where=where), code="storage.full"
        )
    if isinstance(error, FileNotFoundError):
        return StorageError(_("找不到文件：{where}", where=where), code="storage.missing")
    if isinstance(error, PermissionError) or error.errno == errno.EROFS:
        return StorageError(_("没有读写这个文件的权限，什么也没改：{where}", where=where), code="storage.permission")
    return StorageError(
        _("读写文件出错，什么也没改：{where}（{reason}）", where=where, reason=error.strerror or str(error)),
        code="storage.io",
    )
