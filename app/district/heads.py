"""Records as a push sees them: loaded in sets, changed in memory, written in sets."""

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from app.district.store import among, insert_all, insert_missing, replace_all, table_of, upsert
from app.models.district import FeedDigest, FeedEntry, FeedHead, RecordHead
from app.sync.protocol import digest_of, dumps, hex_digest

_ENTRY = ("feed", "seq", "op", "record_type", "record_id", "fields", "removed")
_HEAD = ("feed", "record_type", "record_id", "rev", "fields", "stamps", "first_rev", "first_device")

Key = tuple[str, str, str]
"""Feed, record type, record id."""


class Head:
    """A record as it stands; never changed, another one takes its place. ``text``: its values as JSON.

    ``stamps``: {field: (rev, device)}; what has none was set at the making, or never.
    """

    __slots__ = ("_values", "first_device", "first_rev", "rev", "stamps", "text")

    def __init__(
        self,
        rev: int,
        text: str,
        stamps: dict[str, tuple[int, str]],
        *,
        first_rev: int,
        first_device: str,
        values: dict[str, Any] | None = None,
    ) -> None:
        self.rev = rev
        self.text = text
        self.stamps = stamps
        self.first_rev = first_rev
        self.first_device = first_device
        self._values = values

    @property
    def values(self) -> dict[str, Any]:
        """Return every field; read out of the text when somebody asks."""
        if self._values is None:
            self._values = json.loads(self.text)
        return self._values

    def stamp(self, name: str) -> tuple[int, str] | None:
        """Return who changed a field last, at which revision; None when nobody ever did."""
        known = self.stamps.get(name)
        if known is None and self.values.get(name) not in (None, [], {}):
            return self.first_rev, self.first_device
        return known

    def changed_since(self, base: int, device: str, but: Collection[str] = ()) -> bool:
        """Tell whether another device changed anything of the record since ``base``, ``but`` these fields."""
        if self.first_rev > base and self.first_device != device:
            return True
        stamps = ((name, *stamp) for name, stamp in self.stamps.items())
        return any(rev > base and who != device and name not in but for name, rev, who in stamps)


@dataclass
class Shelf:
    """The heads of records, feeds and digests within one push, and what is to be written of them."""

    connection: sa.Connection
    feeds: dict[str, int]
    _heads: dict[Key, Head | None] = field(default_factory=dict)
    _made: set[Key] = field(default_factory=set)
    _changed: set[Key] = field(default_factory=set)
    _entries: list[tuple[Any, ...]] = field(default_factory=list)
    _digests: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    entry_ops: dict[tuple[str, int], str] = field(default_factory=dict)

    def load(self, keys: Iterable[Key]) -> None:
        """Read the heads of records that may be needed, by sets."""
        groups: dict[tuple[str, str], set[str]] = {}
        for feed, kind, record_id in keys:
            if (feed, kind, record_id) not in self._heads:
                groups.setdefault((feed, kind), set()).add(record_id)
                self._heads[feed, kind, record_id] = None
        table = table_of(RecordHead)
        for (feed, kind), ids in groups.items():
            query = sa.select(table).where(
                table.c.feed == feed,
                table.c.record_type == kind,
                among(table.c.record_id, sorted(ids), self.connection.dialect),
            )
            for row in self.connection.execute(query):
                stamps = {name: (rev, who) for name, (rev, who) in json.loads(row.stamps).items()}
                self._heads[feed, kind, row.record_id] = Head(
                    row.rev, row.fields, stamps, first_rev=row.first_rev, first_device=row.first_device
                )

    def get(self, key: Key) -> Head | None:
        """Return a record's head, as changed so far."""
        if key not in self._heads:
            self.load([key])
        return self._heads[key]

    def put(
        self,
        key: Key,
        *,
        op: str,
        device: str,
        values: dict[str, Any] | None,
        changed: Iterable[str],
        text: str | None = None,
    ) -> Head:
        """Give a record its next revision: the next number of its feed. ``text``: the values as JSON, if that is known;
        then they themselves need not be given.
        """
        feed, kind, record_id = key
        before = self._heads.get(key)
        rev = self.feeds[feed] = self.feeds[feed] + 1
        if text is None:
            text = dumps(values)
        digest = self._digests.setdefault((feed, kind), [0, 0])
        digest[1] ^= digest_of(((kind, record_id, rev),))
        if before is None:
            head = Head(rev, text, {}, first_rev=rev, first_device=device, values=values)
            self._made.add(key)
            digest[0] += 1
        else:
            stamps = {**before.stamps, **dict.fromkeys(changed, (rev, device))}
            first_rev, first_device = before.first_rev, before.first_device
            head = Head(rev, text, stamps, first_rev=first_rev, first_device=first_device, values=values)
            digest[1] ^= digest_of(((kind, record_id, before.rev),))
            if key not in self._made:
                self._changed.add(key)
        self._heads[key] = head
        self.entry_ops[feed, rev] = op
        self._entries.append((feed, rev, op, kind, record_id, text, False))
        return head

    def write(self) -> None:
        """Write everything that changed."""
        if not self._entries:
            return
        insert_all(self.connection, FeedEntry, _ENTRY, self._entries)
        insert_all(self.connection, RecordHead, _HEAD, [self._head_row(key) for key in sorted(self._made)])
        replace_all(self.connection, RecordHead, _HEAD, [self._head_row(key) for key in sorted(self._changed)])
        self._write_digests()
        upsert(self.connection, FeedHead, [{"feed": feed, "head": head} for feed, head in sorted(self.feeds.items())])

    def _head_row(self, key: Key) -> tuple[Any, ...]:
        head = self._heads[key]
        assert head is not None
        stamps = dumps(head.stamps) if head.stamps else "{}"
        return (*key, head.rev, head.text, stamps, head.first_rev, head.first_device)

    def _write_digests(self) -> None:
        table = table_of(FeedDigest)
        query = sa.select(table).where(table.c.feed.in_(sorted({feed for feed, _kind in self._digests})))
        known = {(row["feed"], row["record_type"]): row for row in self.connection.execute(query).mappings()}
        rows = []
        for (feed, kind), (count, digest) in sorted(self._digests.items()):
            row = known.get((feed, kind))
            rows.append(
                {
                    "feed": feed,
                    "record_type": kind,
                    "count": count + (row["count"] if row else 0),
                    "digest": hex_digest(digest ^ (int(row["digest"], 16) if row else 0)),
                }
            )
        upsert(self.connection, FeedDigest, rows)


def lock_feeds(connection: sa.Connection, feeds: Iterable[str]) -> dict[str, int]:
    """Lock the head rows of feeds, in sorted order against deadlocks, and return their heads."""
    table, wanted = table_of(FeedHead), sorted(feeds)
    query = sa.select(table.c.feed, table.c.head).where(table.c.feed.in_(wanted)).order_by(table.c.feed)
    found = {row.feed: row.head for row in connection.execute(query.with_for_update())}
    if len(found) < len(wanted):  # a feed of a kind that this server has only now
        insert_missing(connection, FeedHead, [{"feed": feed, "head": 0} for feed in wanted])
        found = {row.feed: row.head for row in connection.execute(query.with_for_update())}
    return found
