"""Records as a push sees them: loaded in sets, changed in memory, written in sets."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import sqlalchemy as sa

from app.db.inserts import table_of
from app.district.asking import Asked, Question, Rows, Writing, among_given, ask_all, writing
from app.district.store import insert_missing
from app.models.district import FeedDigest, FeedEntry, FeedHead, RecordHead
from app.sync.protocol import digest_of, dumps, hex_digest

_ENTRY = ("feed", "seq", "op", "record_type", "record_id", "fields", "removed")
_HEAD = ("feed", "record_type", "record_id", "rev", "fields", "stamps", "first_rev", "first_device")
_DIGEST = ("feed", "record_type", "count", "digest")

_FEEDS = Question(
    lambda sqlite: (
        sa.select(table_of(FeedHead))
        .where(among_given(table_of(FeedHead).c.feed, "feeds", sqlite=sqlite))
        .order_by(table_of(FeedHead).c.feed)
        .with_for_update()
    )
)
_DIGESTS = Question(
    lambda sqlite: sa.select(table_of(FeedDigest)).where(
        among_given(table_of(FeedDigest).c.feed, "feeds", sqlite=sqlite)
    )
)
_HEADS = Question(
    lambda sqlite: sa.select(table_of(RecordHead)).where(
        table_of(RecordHead).c.feed == sa.bindparam("feed", type_=sa.Text),
        table_of(RecordHead).c.record_type == sa.bindparam("kind", type_=sa.Text),
        among_given(table_of(RecordHead).c.record_id, "ids", sqlite=sqlite),
    )
)


def _make_heads(sqlite: bool) -> sa.Executable:
    """Return what makes the heads of records out of the entries that made them: their values need not be sent twice."""
    entry = table_of(FeedEntry).c
    made = sa.select(
        *(entry.feed, entry.record_type, entry.record_id, entry.seq, entry.fields, sa.literal_column("'{}'")),
        *(entry.seq, sa.bindparam("device", type_=sa.Text)),
    ).where(entry.feed == sa.bindparam("feed", type_=sa.Text), among_given(entry.seq, "revs", sqlite=sqlite))
    return sa.insert(table_of(RecordHead)).from_select(_HEAD, made)


_MAKE_HEADS = Question(_make_heads)

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


Groups = Mapping[tuple[str, str], Sequence[str]]
"""{(feed, record type): ids}"""


def grouped(keys: Iterable[Key]) -> Groups:
    """Return records by feed and type, each once."""
    groups: dict[tuple[str, str], dict[str, None]] = {}
    for feed, kind, record_id in keys:
        groups.setdefault((feed, kind), {})[record_id] = None
    return {place: list(ids) for place, ids in groups.items()}


def about_heads(groups: Groups) -> list[Asked]:
    """Return the questions for the heads of these records."""
    return [(_HEADS, {"feed": feed, "kind": kind, "ids": ids}) for (feed, kind), ids in groups.items()]


def about_feeds(feeds: Iterable[str]) -> list[Asked]:
    """Return the questions that lock the heads of feeds, in sorted order against deadlocks, and that read digests."""
    wanted = {"feeds": sorted(feeds)}
    return [(_FEEDS, wanted), (_DIGESTS, wanted)]


@dataclass
class Shelf:
    """The heads of records, feeds and digests within one push, and what is to be written of them."""

    connection: sa.Connection
    feeds: dict[str, int]
    known_digests: Sequence[Any] | None = None
    _heads: dict[Key, Head | None] = field(default_factory=dict)
    _made: set[Key] = field(default_factory=set)
    _changed: set[Key] = field(default_factory=set)
    _entries: list[tuple[Any, ...]] = field(default_factory=list)
    _digests: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    entry_ops: dict[tuple[str, int], str] = field(default_factory=dict)

    def load(self, keys: Iterable[Key]) -> None:
        """Read the heads of records that may be needed, by sets."""
        groups = grouped(key for key in keys if key not in self._heads)
        self.fill(groups, ask_all(self.connection, about_heads(groups)))

    def fill(self, groups: Groups, found: Sequence[Sequence[Any]]) -> None:
        """Take the answers to ``about_heads``."""
        for (feed, kind), ids in groups.items():
            self._heads.update(dict.fromkeys([(feed, kind, record_id) for record_id in ids]))
        for row in chain.from_iterable(found):
            stamps = {name: (rev, who) for name, (rev, who) in json.loads(row.stamps).items()}
            self._heads[row.feed, row.record_type, row.record_id] = Head(
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
        digests = self.new_digests()
        with writing(self.connection) as out:
            self.write_to(out, digests)

    def write_to(self, out: Writing, digests: Rows) -> None:
        """Hand over everything that changed."""
        if not self._entries:
            return
        out.insert(FeedEntry, _ENTRY, self._entries)
        self._make_heads(out)
        out.insert(RecordHead, _HEAD, [self._head_row(key) for key in sorted(self._changed)], replace=True)
        out.insert(FeedDigest, _DIGEST, digests, replace=True)
        out.insert(FeedHead, ("feed", "head"), sorted(self.feeds.items()), replace=True)

    def _head_row(self, key: Key) -> tuple[Any, ...]:
        head = self._heads[key]
        assert head is not None
        stamps = dumps(head.stamps) if head.stamps else "{}"
        return (*key, head.rev, head.text, stamps, head.first_rev, head.first_device)

    def _make_heads(self, out: Writing) -> None:
        """Write the heads of new records; of those changed again meanwhile from what they are now."""
        plain: dict[tuple[str, str], list[int]] = {}
        changed = []
        for key in self._made:
            head = self._heads[key]
            assert head is not None
            if head.rev == head.first_rev:
                plain.setdefault((key[0], head.first_device), []).append(head.rev)
            else:
                changed.append(self._head_row(key))
        for (feed, device), revs in sorted(plain.items()):
            out.run(_MAKE_HEADS, {"feed": feed, "device": device, "revs": revs})
        out.insert(RecordHead, _HEAD, sorted(changed))

    def entries_of(self, feed: str) -> Rows:
        """Return what was put into a feed: number, operation, type, id and values of each."""
        return [entry[1:6] for entry in self._entries if entry[0] == feed]

    def new_digests(self) -> Rows:
        """Return the digests as they become, as rows."""
        if not self._digests:
            return []
        if self.known_digests is None:
            feeds = sorted({feed for feed, _kind in self._digests})
            (self.known_digests,) = ask_all(self.connection, [(_DIGESTS, {"feeds": feeds})])
        known = {(row.feed, row.record_type): row for row in self.known_digests}
        rows = []
        for (feed, kind), (count, digest) in sorted(self._digests.items()):
            row = known.get((feed, kind))
            if row is not None:
                count, digest = count + row[_COUNT], digest ^ int(row.digest, 16)
            rows.append((feed, kind, count, hex_digest(digest)))
        return rows


_COUNT = _DIGEST.index("count")
"""The place of a column whose name is that of a method of rows."""


def lock_feeds(connection: sa.Connection, feeds: Iterable[str]) -> dict[str, int]:
    """Lock the head rows of feeds, in sorted order against deadlocks, and return their heads."""
    wanted = sorted(feeds)
    (rows,) = ask_all(connection, [(_FEEDS, {"feeds": wanted})])
    return whole_heads(connection, wanted, rows)


def whole_heads(connection: sa.Connection, feeds: Collection[str], rows: Sequence[Any]) -> dict[str, int]:
    """Return the heads of feeds from their locked rows, making those that are missing."""
    if len(rows) < len(feeds):  # a feed of a kind that this server has only now
        insert_missing(connection, FeedHead, [{"feed": feed, "head": 0} for feed in feeds])
        (rows,) = ask_all(connection, [(_FEEDS, {"feeds": sorted(feeds)})])
    return {row.feed: row.head for row in rows}
