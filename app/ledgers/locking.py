"""A workbook behind a password: AES as Excel and WPS write it themselves ([MS-OFFCRYPTO] 2.3.4.10, agile encryption).

The ready workbook lies in a folder of its own until it is locked, never beside the wanted file: what was deleted on a
stick can be found again.
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable
from pathlib import Path

from app.db.durable import translated
from app.errors import InvalidInputError
from app.ledgers.export import write_whole
from app.texts import _

SHORTEST, LONGEST = 8, 64
"""How many characters a password may have. It is guessed on the finder's own machine, as often as he likes."""


def check_password(password: str) -> str:
    """Return the password if it is long enough to be one.

    Raises:
        InvalidInputError: it is not; with a sentence for the field ``password``.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        words = _("打开密码要 {shortest} 到 {longest} 个字", shortest=SHORTEST, longest=LONGEST)
    elif password != password.strip():
        words = _("打开密码前后不要有空格")
    elif len(set(password)) < 4:
        words = _("打开密码里同一个字太多了，换一个")
    elif not password.isprintable():
        words = _("打开密码里有看不见的字符，换一个")
    else:
        return password
    raise InvalidInputError({"password": words})


def write_locked(path: Path, password: str, write: Callable[[Path], int]) -> int:
    """Have a workbook written, and put it locked in its place; return what ``write(path)`` returns.

    Raises:
        InvalidInputError: the password is none.
        StorageError: no room, or the file is open elsewhere; no torn file is left, and none that is not locked.
    """
    check_password(password)
    with translated(path), tempfile.TemporaryDirectory(prefix="doorstep-") as room:
        plain = Path(room) / "plain.xlsx"
        count = write(plain)
        write_whole(path, locked(plain.read_bytes(), password))
    return count


def locked(workbook: bytes, password: str) -> bytes:
    """Return a workbook encrypted under a password."""
    from msoffcrypto.format.ooxml import OOXMLFile

    made = io.BytesIO()
    OOXMLFile(io.BytesIO(workbook)).encrypt(password, made)
    return made.getvalue()
