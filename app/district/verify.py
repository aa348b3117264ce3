"""Rebuilds every record from the operation log and compares: with the feeds, the heads, the digests, the rulings."""

import json
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from app.db.inserts import table_of
from app.district.decide import blank
from app.district.verify_rulings import RulingFacts
from app.models.district import FeedDigest, FeedEntry, FeedHead, ReceivedOp, RecordHead
from app.models.registry import find_type
from app.sync.protocol import digest_of, hex_digest

Key = tuple[str, str]


@dataclass(frozen=True)
class VerifyReport:
    """What a verification looked at, and each fault as one line."""

    records: int
    entries: int
    faults: tuple[str, ...]


def verify(connection: sa.Connection) -> VerifyReport:
    """Rebuild and compare everything; memory is that of one feed's records, and a line for what rulings follow from."""
    faults: list[str] = []
    records = entries = 0
    heads, decided = table_of(FeedHead), RulingFacts(connection)
    for feed, head in connection.execute(sa.select(heads.c.feed, heads.c.head).order_by(heads.c.feed)).all():
        rebuilt, count = _rebuild(connection, feed, head, faults)
        entries += count
        records += len(rebuilt)
        _compare_heads(connection, feed, rebuilt, faults)
        _compare_digests(connection, feed, rebuilt, faults)
        decided.take(feed, ((key, values) for key, (_rev, values) in rebuilt.items()))
    faults.extend(decided.faults())
    return VerifyReport(records, entries, tuple(faults))


def _rebuild(
    connection: sa.Connection, feed: str, head: int, faults: list[str]
) -> tuple[dict[Key, tuple[int, dict[str, Any]]], int]:
    """Replay a feed's operations; return {(type, id): (rev, values)} and how many entries there were."""
    entry, done = table_of(FeedEntry), table_of(ReceivedOp)
    told = sa.select(entry, done.c.edits, done.c.stood_off).outerjoin(done, done.c.op == entry.c.op)
    query = told.where(entry.c.feed == feed).order_by(entry.c.seq).execution_options(yield_per=1000)
    rebuilt: dict[Key, tuple[int, dict[str, Any]]] = {}
    seen, op, edits = 0, "", _Edits()
    for row in connection.execute(query):
        seen += 1
        if row.seq != seen:
            faults.append(f"{feed}: gap before {row.seq}")
            seen = row.seq
        if row.op != op:  # the entries of one operation stand together
            op, edits = row.op, _edits_of(row)
        key = (row.record_type, row.record_id)
        values = _replay(key, edits, rebuilt.get(key))
        if not _same(key[0], values, json.loads(row.fields)):
            faults.append(f"{feed}/{row.seq}: {key[0]} {key[1]} differs from its operations")
        rebuilt[key] = (row.seq, values)
    if seen != head:
        faults.append(f"{feed}: head {head}, entries up to {seen}")
    return rebuilt, seen


class _Edits(dict[Key, dict[str, Any]]):
    """What one operation set, by record, without the values that stood off in a conflict."""


def _edits_of(row: sa.Row[Any]) -> _Edits:
    """Return what the operation of an entry set; nothing where the district has no such operation."""
    edits = _Edits()
    if row.edits is None:
        return edits
    off = {tuple(each) for each in json.loads(row.stood_off)}
    for edit in json.loads(row.edits):
        key = (edit["type"], edit["id"])
        into = edits.setdefault(key, {})
        into.update({name: new for name, (_old, new) in edit["set"].items() if (*key, name) not in off})
    return edits


def _replay(key: Key, edits: _Edits, before: tuple[int, dict[str, Any]] | None) -> dict[str, Any]:
    kind = find_type(key[0])
    if before is not None:
        values = dict(before[1])
    else:
        values = blank(kind) if kind is not None else {}
    values.update(edits.get(key, {}))
    return values


def _same(kind_name: str, rebuilt: dict[str, Any], stored: dict[str, Any]) -> bool:
    """Tell whether a record reads alike: one stored before its type had a field holds that field's blank value."""
    if rebuilt == stored:
        return True
    kind = find_type(kind_name)
    return kind is not None and rebuilt == {**blank(kind), **stored}


def _compare_heads(
    connection: sa.Connection, feed: str, rebuilt: dict[Key, tuple[int, dict[str, Any]]], faults: list[str]
) -> None:
    table = table_of(RecordHead)
    left = set(rebuilt)
    for row in connection.execute(sa.select(table).where(table.c.feed == feed).execution_options(yield_per=1000)):
        key = (row.record_type, row.record_id)
        rev, values = rebuilt.get(key, (None, {}))
        if rev != row.rev or not _same(key[0], values, json.loads(row.fields)):
            faults.append(f"{feed}: {key[0]} {key[1]} stands otherwise than its operations say")
        left.discard(key)
    faults.extend(f"{feed}: {kind} {record_id} is missing" for kind, record_id in sorted(left))


def _compare_digests(
    connection: sa.Connection, feed: str, rebuilt: dict[Key, tuple[int, dict[str, Any]]], faults: list[str]
) -> None:
    table = table_of(FeedDigest)
    kept = {
        row["record_type"]: (row["count"], row["digest"])
        for row in connection.execute(sa.select(table).where(table.c.feed == feed)).mappings()
    }
    for kind in sorted(set(kept) | {kind for kind, _id in rebuilt}):
        revs = [(each, record_id, rev) for (each, record_id), (rev, _values) in rebuilt.items() if each == kind]
        if kept.get(kind) != (len(revs), hex_digest(digest_of(revs))):
            faults.append(f"{feed}: digest of {kind} is wrong")
