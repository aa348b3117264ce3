"""Who runs a command: ``--staff NAME`` and a PIN, asked for or read from ``DOORSTEP_PIN``."""

import argparse
import getpass
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from app.db.keyring import Keyring
from app.errors import InvalidInputError, NotFoundError
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
