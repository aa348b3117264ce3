"""The hash chains over this computer's operations and its access log: written here, and walked by the doctor.

``chain(i) = SHA-256(chain(i-1) ‖ i ‖ text of line i)``. The text of an operation is what never changes once it is made:
id, act, actor, moment, reason, what it undoes, its edits as they are stored. Its number, device, state and answers may
change for good reasons (restored, joined again, sent again), so they are left out (ADR 0011).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection

OPERATIONS, LOOKS = "operations", "looks"
LOGS = (OPERATIONS, LOOKS)

BEFORE = "before:"
"""What stands for the operation in the chain's beginning, with how many were in the log before there was a chain."""

TABLES: Mapping[str, str] = {OPERATIONS: "operation_link", LOOKS: "access_log"}

_OP_COLUMNS = "o.op, o.act, o.actor, o.made_at, o.reason, o.undoes, o.schema_version, o.origin"
_EDIT_COLUMNS = "e.position, e.record_type, e.record_id, e.base, e.changes"
_ONE = f"SELECT {_OP_COLUMNS}, {_EDIT_COLUMNS} FROM operation o LEFT JOIN operation_edit e ON e.op = o.op WHERE o.op = ? ORDER BY e.position"  # noqa: S608, E501 - names of ours
OPERATION_LINES = (
    f"SELECT l.number, l.op, l.chain, {_OP_COLUMNS}, {_EDIT_COLUMNS} FROM operation_link l"  # noqa: S608 - names of ours
    " LEFT JOIN operation o ON o.op = l.op LEFT JOIN operation_edit e ON e.op = o.op"
    " WHERE l.number > ? ORDER BY l.number, e.position"
)
LOOK_COLUMNS = ("looked_at", "staff_id", "act", "subject_type", "subject_id", "station_code", "detail")
LOOK_LINES = f"SELECT number, chain, {', '.join(LOOK_COLUMNS)} FROM access_log WHERE number > ? ORDER BY number"  # noqa: S608 - names of ours
_LAST = {
    log: f"SELECT number, chain FROM {table} ORDER BY number DESC LIMIT 1"  # noqa: S608 - names of ours
    for log, table in TABLES.items()
}
_LINK = "INSERT INTO operation_link (number, op, chain) VALUES (?, ?, ?)"


@dataclass(frozen=True)
class Head:
    """The end of a chain: how many lines it has, and its hash."""

    number: int
    chain: str


@dataclass(frozen=True)
class Line:
    """One line of a log as it stands in the file. ``text`` None: the link is there, the line is not."""

    number: int
    chain: str
    text: bytes | None
    act: str
    actor: str | None
    at: str | None
    key: str


def text_of(parts: Sequence[Any]) -> bytes:
    """Write values as one text in which none can pass for a part of its neighbour: the lengths stand before them."""
    words = [None if part is None else str(part) for part in parts]
    lengths = ",".join(["-" if word is None else str(len(word)) for word in words])
    return f"{lengths}\n{''.join([word for word in words if word is not None])}".encode("utf-8", "surrogatepass")


def following(chain: str, number: int, text: bytes) -> str:
    """Return the chain's hash after line ``number`` with this text."""
    return hashlib.sha256(b"%s %d %s" % (chain.encode(), number, text)).hexdigest()


def beginning(log: str, before: int = 0) -> str:
    """Return the hash that a log begins with; ``before``: operations that were there before there was a chain."""
    return hashlib.sha256(f"doorstep {log} 1 {before}".encode()).hexdigest()


def head_of(connection: Connection, log: str) -> Head:
    """Return where a log ends."""
    row = connection.exec_driver_sql(_LAST[log]).first()
    return Head(0, beginning(log)) if row is None else Head(int(row[0]), str(row[1]))


def chain_at(connection: Connection, log: str, numbers: Iterable[int]) -> dict[int, str]:
    """Return the hashes that stand at these numbers."""
    query = f"SELECT chain FROM {TABLES[log]} WHERE number = ?"  # noqa: S608 - names of ours
    found = {number: connection.exec_driver_sql(query, (number,)).scalar() for number in numbers}
    return {number: str(chain) for number, chain in found.items() if chain is not None}


def link_operation(connection: Connection, op: str) -> None:
    """Put an operation that was just written at the end of the chain, in the same transaction.

    It is read back as it is stored: what the doctor will read is what was hashed.
    """
    cursor = connection.connection.cursor()
    try:
        last = cursor.execute(_LAST[OPERATIONS]).fetchone()
        number, chain = (0, beginning(OPERATIONS)) if last is None else last
        text = operation_text(cursor.execute(_ONE, (op,)).fetchall())
        assert text is not None
        cursor.execute(_LINK, (number + 1, op, following(chain, number + 1, text)))
    finally:
        cursor.close()


def operation_text(rows: Sequence[Sequence[Any]]) -> bytes | None:
    """Return the text of an operation, given as a row for each of its edits; None where it is gone."""
    first = rows[0]
    if first[0] is None:
        return None
    parts = list(first[:8])
    for row in rows:
        if row[8] is not None:
            parts += row[8:13]
    return text_of(parts)


def look_text(values: Sequence[Any]) -> bytes:
    """Return the text of a line of the access log, its columns in their order, as they are stored."""
    return text_of(values)


def lines(connection: Connection, log: str, after: int = 0) -> Iterator[Line]:
    """Read a log from the line after ``after`` on, in the order of its numbers, without holding it in memory."""
    cursor = connection.connection.cursor()
    cursor.arraysize = 2000
    try:
        if log == LOOKS:
            cursor.execute(LOOK_LINES, (after,))
            for row in _rows(cursor):
                yield Line(row[0], str(row[1]), look_text(row[2:]), row[4] or "", row[3], row[2], f"{row[5]} {row[6]}")
            return
        cursor.execute(OPERATION_LINES, (after,))
        for _number, group in groupby(_rows(cursor), key=itemgetter(0)):
            rows = [row[1:] for row in group]
            op, chain, _id, act, actor, at = rows[0][:6]
            text = operation_text([row[2:] for row in rows])
            yield Line(_number, str(chain), text, act or "", actor, at, str(op))
    finally:
        cursor.close()


def _rows(cursor: Any) -> Iterator[Any]:
    while found := cursor.fetchmany():
        yield from found
