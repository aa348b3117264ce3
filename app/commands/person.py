"""Who runs a command: ``--staff NAME`` and a PIN, asked for or read from ``DOORSTEP_PIN``."""

import argparse
import getpass
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.db.keyring import Keyring
from app.errors import InvalidInputError, NotFoundError
from app.ledgers.locking import check_password
from app.paths import DataFolder
from app.services.counters import OpenCounter, is_founded, open_counter
from app.texts import _


def ask_pin() -> str:
    """Return the PIN from ``DOORSTEP_PIN``, or ask for it where somebody sits.

    Raises:
        InvalidInputError: nobody can be asked.
    """
    given = os.environ.get("DOORSTEP_PIN")
    if given:
        return given
    if not sys.stdin.isatty():
        raise InvalidInputError({"pin": _("要 PIN：在终端里运行，或设环境变量 DOORSTEP_PIN")})
    return getpass.getpass("PIN: ")


def ask_password(where: str) -> str:
    """Return the password of a file that is made: the first line of a file, or typed twice for ``-``.

    Raises:
        InvalidInputError: the file cannot be read, nobody can be asked, it is too simple, or typed differently.
    """
    if where == "-":
        if not sys.stdin.isatty():
            raise InvalidInputError({"password": _("没有终端可以问：把打开密码写进一个文件，用 --password 指出来")})
        typed, again = getpass.getpass(_("打开密码：")), getpass.getpass(_("再输一遍："))
        if typed != again:
            raise InvalidInputError({"password": _("两遍不一样，重来一次")})
        return check_password(typed)
    try:
        lines = Path(where).read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError):
        raise InvalidInputError({"password": _("读不了密码文件 {path}", path=where)}) from None
    return check_password(lines[0] if lines else "")


@contextmanager
def opened_counter(options: argparse.Namespace) -> Iterator[OpenCounter]:
    """Yield the counter of ``--data``, opened by ``--staff``; closed afterwards.

    Raises:
        NotFoundError: no counter there, or several people and none named.
        InvalidInputError: wrong PIN.
    """
    folder = DataFolder(options.data)
    if not is_founded(folder):
        where = str(folder.root)
        raise NotFoundError(_("{where} 里还没有站点：打开程序建站，或用 doorstep enrol 加入区里", where=where))
    name = options.staff
    if name is None:
        people = Keyring.open(folder).people()
        if len(people) != 1:
            names = "、".join(person.name for person in people)
            raise NotFoundError(_("请用 --staff 说明谁在办，这台电脑上有：{names}", names=names or "—"))
        name = people[0].name
    counter = open_counter(folder, name=name, pin=ask_pin())
    try:
        yield counter
    finally:
        counter.database.close()
