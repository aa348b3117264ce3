"""Do the rows of a trace (a reveal, a print, the close of a month) still say what their operations say?

The operations are proved by their chain; a trace is also a row of its own, which ledgers read. What it says is never
changed, so each field must hold what some operation on it made of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby, islice
from typing import Any

import msgspec
from sqlalchemy import Connection, select
from sqlmodel import col

from app.db.inserts import table_of
from app.models.operation import LOCAL, SEALED, WITHDRAWN, Cursor
from app.models.registry import RecordType, find_type
from app.models.wire import to_wire

TRACES: Mapping[str, frozenset[str]] = {
    "service_event": frozenset(),
    "slip_print": frozenset(),
    "month_close": frozenset({"state", "reopened_by", "reopened_name", "reopened_at", "reopen_why"}),
}
"""What is looked at, each with the fields that another counter may change later."""

_POINTERS = frozenset({"resident_id", "subject_id", "referral_id"})
_ENDING = frozenset({"deleted_at", "delete_reason"})
_EDITS = (
    "SELECT e.record_id, e.changes, e.rev, o.op, o.act, o.actor, o.made_at, o.state, o.origin FROM operation_edit e"
    " JOIN operation o ON o.op = e.op WHERE e.record_type = ? ORDER BY e.record_id"
)


@dataclass(frozen=True)
class WrongTrace:
    """A trace whose row was changed, taken away (``gone``) or put there without an act (``strange``)."""

    record_type: str
    record_id: str
    gone: bool = False
    strange: bool = False
    act: str = ""
    actor: str | None = None
    at: str | None = None


@dataclass
class _Said:
    """What the log says of one trace: the values each field was given, and by whom it was made."""

    act: str
    actor: str | None
    at: str | None
    made_here: bool
    values: dict[str, list[Any]] = field(default_factory=dict)
    rev: int | None = None
    set_aside: bool = False


def wrong_traces(connection: Connection, *, most: int = 20) -> list[WrongTrace]:
    """Return the traces whose row does not agree with the log, at most so many of each kind."""
    found: list[WrongTrace] = []
    for name in TRACES:
        kind = find_type(name)
        assert kind is not None
        feeds = connection.execute(select(col(Cursor.feed))).scalars()
        left = not any(feed.partition("/")[0] == kind.feed for feed in feeds)
        found += islice(_wrong(connection, kind, may_be_gone=left), most)
    return found


def _wrong(connection: Connection, kind: RecordType, *, may_be_gone: bool) -> Iterator[WrongTrace]:
    said = _said(connection, kind.name)
    table = table_of(kind.model)
    rows = iter(connection.execute(select(table).order_by(table.c.id)).mappings())
    told, row = next(said, None), next(rows, None)
    while told is not None or row is not None:
        if row is None or (told is not None and told[0] < row["id"]):
            assert told is not None
            # A feed that this device lost, or never had from a district, took its rows along; what was not sent stays.
            if not (told[1].set_aside or (may_be_gone and told[1].rev is not None)):
                yield _of(kind, *told, gone=True)
            told = next(said, None)
        elif told is None or row["id"] < told[0]:
            if row["rev"] == 0 and not _unconfirmed(connection, kind.name, row["id"]):
                yield WrongTrace(kind.name, row["id"], strange=True)
            row = next(rows, None)
        else:
            if not _agrees(kind, row, told[1]):
                yield _of(kind, *told)
            told, row = next(said, None), next(rows, None)


def _said(connection: Connection, name: str) -> Iterator[tuple[str, _Said]]:
    rows = connection.exec_driver_sql(_EDITS, (name,))
    for record_id, group in groupby(rows, key=lambda row: row[0]):
        yield str(record_id), _gathered(list(group))


def _gathered(edits: Sequence[Any]) -> _Said:
    made = next((row for row in edits if '"created_at":[null,' in row[1]), edits[0])
    said = _Said(made[4], made[5], made[6], made[8] == LOCAL)
    for _id, changes, rev, _op, _act, _actor, _at, state, _origin in edits:
        said.set_aside = said.set_aside or state in (WITHDRAWN, SEALED)
        said.rev = max(said.rev or 0, rev) if rev is not None else said.rev
        for name, pair in msgspec.json.decode(changes).items():
            said.values.setdefault(name, []).append(pair[1])
    return said


def _agrees(kind: RecordType, row: Any, said: _Said) -> bool:
    """Tell whether each field holds a value that it was given.

    Where the district said something later of which this log has no line (it was fetched as it stands), whom a trace
    points to may have moved with a merge.
    """
    later = row["rev"] > (said.rev or 0)
    for name in kind.fields:
        if name in TRACES[kind.name] or (name in _POINTERS | _ENDING and (later or said.set_aside)):
            continue
        value = to_wire(row[name])
        given = said.values.get(name)
        if given is None and value in (None, [], {}):
            continue
        if given is None or value not in given:
            return False
    return True


def _unconfirmed(connection: Connection, name: str, record_id: str) -> bool:
    """Tell whether the row came from a neighbour and waits for the district."""
    query = "SELECT 1 FROM neighbour_op WHERE instr(body, ?) > 0 LIMIT 1"
    return connection.exec_driver_sql(query, (record_id,)).first() is not None


def _of(kind: RecordType, record_id: str, said: _Said, *, gone: bool = False) -> WrongTrace:
    return WrongTrace(kind.name, record_id, gone, False, said.act, said.actor, said.at)
