"""The folders before anything is written into them: whose they are, whether they can be used, what lies there.

Each refusal is a sentence; nothing was changed.
"""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

from app.errors import StorageError
from app.paths import DataFolder
from app.texts import _

_PROBE = ".start-probe"
_PROBE_BYTES = 256 * 1024


def foreign_owner(folder: Path) -> str | None:
    """Return who owns the folder, if that is not who runs this program; None where the system knows no owners.

    Root is somebody else too: what root writes into a clerk's folder, the clerk can never write again.
    """
    if sys.platform == "win32":
        return None
    owner = folder.stat().st_uid
    if owner == os.geteuid():
        return None
    import pwd  # only to name somebody else

    try:
        return pwd.getpwuid(owner).pw_name
    except KeyError:
        return str(owner)


def is_foreign(root: Path) -> bool:
    """Tell whether nothing may be written here before ``check_owner`` has said why."""
    try:
        check_owner(root.absolute())
    except (StorageError, OSError):
        return True
    return False


def check_data(folder: DataFolder) -> None:
    """See that this user can keep a counter here, and make the folders.

    Raises:
        StorageError: a file is in the way, the folder is somebody else's or cannot be written, the disk is full.
    """
    root = folder.root.absolute()
    try:
        check_owner(root)
        folder.create()
        probe = root / f"{_PROBE}.{os.getpid()}"
        try:
            with probe.open("wb") as file:
                file.write(bytes(_PROBE_BYTES))
        finally:
            probe.unlink(missing_ok=True)
    except OSError as problem:
        raise _refused(problem, root) from problem


def check_owner(root: Path) -> None:
    """See that the folder, or the one it would be made in, is not somebody else's.

    Raises:
        StorageError: it is, or a file is in its place.
    """
    if root.exists():
        if not root.is_dir():
            text = _("数据文件夹的位置上是一个文件：{where}。请把它移走或改名，再打开家门口", where=str(root))
            raise StorageError(text, code="start.file_in_the_way")
        owner = foreign_owner(root)
    else:
        here = next(each for each in root.parents if each.exists())
        owner = foreign_owner(here) if _is_root() else None  # else the system itself says whether we may
    if owner is not None:
        text = _(
            "这里的数据是用户 {owner} 的：{where}。什么都没有动。请用 {owner} 登录电脑再打开，"
            "或者用 --data 指明自己的文件夹",
            owner=owner,
            where=str(root),
        )
        raise StorageError(text, code="start.other_user")


def _is_root() -> bool:
    return sys.platform != "win32" and os.geteuid() == 0


def _refused(problem: OSError, root: Path) -> StorageError:
    named = str(problem.filename or root)
    where = str(root) if Path(named).name.startswith(_PROBE) else named  # she knows the folder, not our trial file
    if problem.errno in (errno.ENOSPC, errno.EDQUOT):
        text = _("磁盘满了，家门口打不开。已经保存的都在。请腾出空间再打开：{where}", where=str(root))
        return StorageError(text, code="storage.full")
    if problem.errno == errno.EROFS or isinstance(problem, PermissionError):
        text = _(
            "数据文件夹不能写：{where}。已经保存的都在。请管理员把写的权限还给这个用户，或者用 --data 指明别的文件夹",
            where=where,
        )
        return StorageError(text, code="storage.readonly")
    if isinstance(problem, NotADirectoryError | FileExistsError):
        text = _("数据文件夹的位置上是一个文件：{where}。请把它移走或改名，再打开家门口", where=where)
        return StorageError(text, code="start.file_in_the_way")
    reason = problem.strerror or type(problem).__name__
    text = _("数据文件夹用不了：{where}（{reason}）。已经保存的都在", where=where, reason=reason)
    return StorageError(text, code="storage.io")


def check_whole(folder: DataFolder) -> None:
    """See that of database and keyring neither has got lost: founding anew would put the other aside.

    Raises:
        StorageError: one of them is not there.
    """
    if (folder.root / ".founding").exists():
        return  # a founding that was cut off: the wizard does it again
    database, keyring = folder.database.exists(), folder.keyring.exists()
    if keyring and not database:
        lost = folder.database.name
    elif database and folder.database.stat().st_size and not keyring:
        lost = folder.keyring.name
    else:
        return
    text = _(
        "数据文件夹里少了 {lost}：{where}。别的都没有动。请用最近的备份恢复（doorstep restore），"
        "备份在 backups 里；不要重新建站",
        lost=lost,
        where=str(folder.root),
    )
    raise StorageError(text, code="start.lost")


def check_form(schema: str | None) -> None:
    """See that the data are not newer than this program, before anybody types a PIN.

    Raises:
        StorageError: a newer program wrote them; nothing was changed.
    """
    if schema is None:
        return
    import app

    steps = Path(str(app.__file__)).resolve().parent / "db" / "migrations" / "versions"
    known = {file.name.partition("_")[0] for file in steps.glob("[0-9]*_*")} if steps.is_dir() else set()
    if known and schema not in known:
        text = _("数据文件比程序新（{schema}），请先升级程序；数据没有动", schema=schema)
        raise StorageError(text, code="storage.newer")
