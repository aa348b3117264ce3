"""Many codes at once: for a station or for a list of stations, printed as sheets or written as a table."""

import csv
import io
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

from app import clock
from app.district import accounts
from app.errors import InvalidInputError, StorageError
from app.printing.join_sheet import JoinRow, join_table, render_join_sheets
from app.sync.invitation import Invitation
from app.texts import _

MOST = 500
"""Codes of one batch."""
COLUMNS = ("station", "role", "name", "count")


@dataclass(frozen=True)
class Wish:
    """So many codes of one kind."""

    station: str
    role: str
    name: str | None
    count: int


def read_list(file: Path) -> list[Wish]:
    """Read the stations from a table with the columns station, role, name and count (UTF-8 or GB18030).

    Raises:
        InvalidInputError: it cannot be read, or a line is not whole; the sentence names the line.
    """
    try:
        content = file.read_bytes()
    except OSError as problem:
        text = _("读不了 {file}：{why}", file=file, why=problem.strerror or "")
        raise InvalidInputError({"list": text}) from problem
    try:
        table = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        table = content.decode("gb18030", "replace")
    rows = csv.DictReader(io.StringIO(table))
    if not {"station", "role"} <= set(rows.fieldnames or ()):
        told = _("{file} 的第一行要写列名：{columns}", file=file, columns=",".join(COLUMNS))
        raise InvalidInputError({"list": told})
    wishes = [_wish(row, rows.line_num) for row in rows if any((value or "").strip() for value in row.values())]
    if not wishes:
        raise InvalidInputError({"list": _("{file} 里一个站点也没有", file=file)})
    return wishes


def _wish(row: dict[str, str], line: int) -> Wish:
    station, role, name, count = ((row.get(column) or "").strip() for column in COLUMNS)
    if not station or not role or not (count or "1").isdigit() or not 1 <= int(count or "1") <= MOST:
        raise InvalidInputError({"list": _("第 {n} 行不对：要站点编码、岗位，台数在 1 到 {most}", n=line, most=MOST)})
    return Wish(station, role, name or None, int(count or "1"))


def make_batch(
    connection: sa.Connection, wishes: Sequence[Wish], invitation: Invitation, *, hours: int
) -> list[JoinRow]:
    """Make every code and return the sheets.

    Raises:
        InvalidInputError: a station or role is not one, or there are too many; no code is made.
    """
    total = sum(wish.count for wish in wishes)
    if not 1 <= total <= MOST:
        raise InvalidInputError({"count": _("一次发 1 到 {most} 个加入码", most=MOST)})
    until = accounts.local_text(clock.now() + timedelta(hours=hours))
    made: list[JoinRow] = []
    for wish in wishes:
        for _each in range(wish.count):
            code = accounts.make_code(connection, station=wish.station, role=wish.role, name=wish.name, hours=hours)
            own = Invitation(invitation.url, code, invitation.pin, wish.station)
            facts = (wish.station, wish.name or "", wish.role, code, own.url, until, own.text, bool(own.pin))
            made.append(JoinRow(*facts, len(made) + 1, total))
    return made


def check_out(file: Path) -> None:
    """See before any code is made that the sheets can be written.

    Raises:
        InvalidInputError: another kind of file, or one that is there: its codes would be lost.
    """
    if file.suffix.lower() not in (".pdf", ".csv"):
        raise InvalidInputError({"out": _("入网通知只能存成 .pdf 或 .csv：{file}", file=file)})
    if file.exists():
        raise InvalidInputError({"out": _("已经有 {file} 了，没有覆盖。换个文件名", file=file)})


def write_batch(file: Path, rows: Sequence[JoinRow]) -> None:
    """Write the sheets, for this user alone.

    Raises:
        StorageError: it cannot be written.
    """
    content = render_join_sheets(rows) if file.suffix.lower() == ".pdf" else join_table(rows)
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(content)
    except OSError as problem:
        text = _(
            "写不了 {file}：{why}。刚发的加入码没人拿到，到期就作废，请换个地方再发",
            file=file,
            why=problem.strerror or "",
        )
        raise StorageError(text, code="district.sheets") from problem
