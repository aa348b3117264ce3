"""Which feed each record came by, and the running digest of each feed that this keeps up.

A run in which nothing happened compares these digests and reads no record. They follow from what was applied, not from
the rows: a row that rots underneath is found when everything is counted anew (``verify.count_feed``).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from app.db import state
from app.db.database import Transaction
from app.sync.protocol import Entry, digest_of, dumps, hex_digest
from app.sync.rows import Key, ask

DIGESTS = "sync_digests"
"""{feed: {type: [count, digest]}} in ``local_state``; a feed that was never counted is absent."""

Marks = dict[Key, tuple[str, int]]
"""{(type, id): (feed, rev)} of records that the district told this device of."""

_MARKS = (
    "SELECT record_id, feed, rev FROM feed_record"
    " WHERE record_type = ? AND record_id IN (SELECT value FROM json_each(?))"
)
_PUT = (
    "INSERT INTO feed_record (record_type, record_id, feed, rev, kept) VALUES (?, ?, ?, ?, ?)"
    " ON CONFLICT (record_type, record_id) DO UPDATE SET feed = excluded.feed, rev = excluded.rev, kept = excluded.kept"
)
_DROP = "DELETE FROM feed_record WHERE record_type = ? AND record_id = ?"


def read_marks(tx: Transaction, ids: Mapping[str, Sequence[str]]) -> Marks:
    """Return what is known of these records."""
    return {
        (kind, record_id): (feed, rev)
        for kind, wanted in ids.items()
        for record_id, feed, rev in ask(tx, _MARKS, kind, dumps(wanted))
    }


def write_marks(tx: Transaction, before: Marks, latest: Mapping[Key, Entry], placed: Mapping[Key, object]) -> None:
    """Note by which feed and at which revision each record came last, and count it in the feed's running digest.

    The values of a record that has no place here (``placed``) are kept beside it: a newer program will place them.
    """
    put, drop, changes = [], [], _Changes()
    for key, entry in latest.items():
        old = before.get(key)
        if entry.removed:
            if old is not None and old[0] == entry.feed:
                drop.append(key)
                changes.take(key, *old)
            continue
        if old is not None:
            changes.take(key, *old)
        changes.add(key, entry.feed, entry.rev)
        kept = None if key in placed else dumps(entry.values)
        put.append((entry.type, entry.id, entry.feed, entry.rev, kept))
    connection = tx.session.connection()
    if drop:
        connection.exec_driver_sql(_DROP, drop)
    if put:
        connection.exec_driver_sql(_PUT, put)
    changes.keep(tx)


class _Changes:
    """What a page does to the running digests: {(feed, type): [records more, digest to mix in]}."""

    def __init__(self) -> None:
        self._of: dict[tuple[str, str], list[int]] = {}

    def add(self, key: Key, feed: str, rev: int) -> None:
        change = self._of.setdefault((feed, key[0]), [0, 0])
        change[0] += 1
        change[1] ^= digest_of([(*key, rev)])

    def take(self, key: Key, feed: str, rev: int) -> None:
        change = self._of.setdefault((feed, key[0]), [0, 0])
        change[0] -= 1
        change[1] ^= digest_of([(*key, rev)])

    def keep(self, tx: Transaction) -> None:
        digests = state.get_state(tx.session, DIGESTS)
        if not self._of or digests is None:
            return  # nothing was counted yet: the first comparison does
        digests = {feed: dict(types) for feed, types in digests.items()}
        for (feed, kind), (more, mix) in self._of.items():
            types = digests.get(feed)
            if types is not None:
                count, digest = types.get(kind, (0, "0"))
                types[kind] = [count + more, hex_digest(int(digest, 16) ^ mix)]
        state.set_state(tx.session, DIGESTS, digests)


def running(tx: Transaction, feed: str) -> dict[str, tuple[int, str]] | None:
    """Return {type: (count, digest)} of a feed as it has been kept up; None where it was never counted."""
    types = (state.get_state(tx.session, DIGESTS) or {}).get(feed)
    return None if types is None else {kind: (count, digest) for kind, (count, digest) in types.items() if count}


def keep_running(tx: Transaction, feed: str, types: Mapping[str, tuple[int, str]]) -> None:
    """Take a fresh count for the running digest of a feed."""
    digests = dict(state.get_state(tx.session, DIGESTS) or {})
    digests[feed] = {kind: list(each) for kind, each in types.items()}
    state.set_state(tx.session, DIGESTS, digests)


def forget_running(tx: Transaction, feeds: Iterable[str] | None = None) -> None:
    """Forget running digests, of all feeds where none is named: the next comparison counts anew."""
    digests: dict[str, Any] = dict(state.get_state(tx.session, DIGESTS) or {})
    for feed in list(digests if feeds is None else feeds):
        digests.pop(feed, None)
    state.set_state(tx.session, DIGESTS, digests)
