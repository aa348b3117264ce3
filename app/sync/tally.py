"""Which feed each record came by, and the running digest of each feed that this keeps up.

A run in which nothing happened compares these digests and reads no record. They follow from what was applied, not from
the rows: a row that rots underneath is found when everything is counted anew (``verify.count_feed``).
"""

from collections.abc import Mapping, Sequence, Set
from typing import Any

from sqlalchemy import update

from app.db import state
from app.db.database import Transaction
from app.db.direct import run_many
from app.models.operation import Cursor
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
    "INSERT INTO feed_record (record_type, record_id, feed, rev, kept) VALUES (?, ?, ?, ?, NULL)"
    " ON CONFLICT (record_type, record_id) DO UPDATE SET feed = excluded.feed, rev = excluded.rev, kept = excluded.kept"
)
_KEEP = _PUT.replace("NULL", "?")
_DROP = "DELETE FROM feed_record WHERE record_type = ? AND record_id = ?"


def read_marks(tx: Transaction, ids: Mapping[str, Sequence[str]]) -> Marks:
    """Return what is known of these records."""
    return {
        (kind, record_id): (feed, rev)
        for kind, wanted in ids.items()
        for record_id, feed, rev in ask(tx, _MARKS, kind, dumps(wanted))
    }


def write_marks(tx: Transaction, before: Marks, latest: Mapping[Key, Entry], known: Set[str]) -> None:
    """Note by which feed and at which revision each record came last, and count it in the feed's running digest.

    The values of a record whose type is not ``known`` here are kept beside it: a newer program will place them.
    """
    changes = _Changes(state.get_state(tx.session, DIGESTS) or {})
    drop = [key for key, entry in latest.items() if entry.removed and key in before and before[key][0] == entry.feed]
    told = [(key, entry) for key, entry in latest.items() if not entry.removed]
    put = [(*key, entry.feed, entry.rev) for key, entry in told if key[0] in known]
    keep = [(*key, entry.feed, entry.rev, dumps(entry.values)) for key, entry in told if key[0] not in known]
    for key in drop:
        changes.take(key, *before[key])
    for key, entry in told if changes.counts else ():
        if key in before:
            changes.take(key, *before[key])
        changes.add(key, entry.feed, entry.rev)
    connection = tx.session.connection()
    if drop:
        run_many(connection, _DROP, drop)
    if put:
        run_many(connection, _PUT, put)
    if keep:
        run_many(connection, _KEEP, keep)
    changes.keep(tx)


class _Changes:
    """What a page does to the running digests. A feed that was never counted is left to the comparison."""

    def __init__(self, digests: Mapping[str, Mapping[str, Any]]) -> None:
        self._digests = {feed: dict(types) for feed, types in digests.items()}
        self._of: dict[tuple[str, str], list[int]] = {}

    @property
    def counts(self) -> bool:
        """Tell whether any feed is kept up."""
        return bool(self._digests)

    def add(self, key: Key, feed: str, rev: int) -> None:
        self._count(key, feed, rev, 1)

    def take(self, key: Key, feed: str, rev: int) -> None:
        self._count(key, feed, rev, -1)

    def _count(self, key: Key, feed: str, rev: int, more: int) -> None:
        if feed in self._digests:
            change = self._of.setdefault((feed, key[0]), [0, 0])
            change[0] += more
            change[1] ^= digest_of([(*key, rev)])

    def keep(self, tx: Transaction) -> None:
        if not self._of:
            return
        for (feed, kind), (more, mix) in self._of.items():
            count, digest = self._digests[feed].get(kind, (0, "0"))
            self._digests[feed][kind] = [count + more, hex_digest(int(digest, 16) ^ mix)]
        state.set_state(tx.session, DIGESTS, self._digests)


def running(tx: Transaction, feed: str) -> dict[str, tuple[int, str]] | None:
    """Return {type: (count, digest)} of a feed as it has been kept up; None where it was never counted."""
    types = (state.get_state(tx.session, DIGESTS) or {}).get(feed)
    return None if types is None else {kind: (count, digest) for kind, (count, digest) in types.items() if count}


def keep_running(tx: Transaction, feed: str, types: Mapping[str, tuple[int, str]]) -> None:
    """Take a fresh count for the running digest of a feed."""
    digests = dict(state.get_state(tx.session, DIGESTS) or {})
    digests[feed] = {kind: list(each) for kind, each in types.items()}
    state.set_state(tx.session, DIGESTS, digests)


def forget_running(tx: Transaction) -> None:
    """Forget what was counted and found equal: the next comparison counts anew from the rows."""
    state.set_state(tx.session, DIGESTS, {})
    tx.session.connection().execute(update(Cursor).values(verified_at=None, agreed=None))
    if tx.session.identity_map:
        tx.session.expire_all()


def drop_marks(tx: Transaction, feed: str, keys: Sequence[Key]) -> None:
    """Forget that these records came by a feed; the records themselves stay."""
    run_many(tx.session.connection(), _DROP, list(keys))
    digests = dict(state.get_state(tx.session, DIGESTS) or {})
    digests.pop(feed, None)
    state.set_state(tx.session, DIGESTS, digests)
