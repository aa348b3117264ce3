"""Handing out feeds: entries in commit order, heads, digests, and what a client must know to be written."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from app.district.accounts import Caller, identify, readable_feeds
from app.district.problems import ProblemError
from app.district.store import table_of
from app.models.district import FeedDigest, FeedEntry, FeedHead, ReceivedOp
from app.sync.protocol import dumps
from app.texts import _

PAGE_BYTES = 4 * 1024 * 1024


def heads_of(connection: sa.Connection, feeds: tuple[str, ...]) -> dict[str, int]:
    """Return the heads of feeds; a feed that nobody wrote yet stands at 0."""
    table = table_of(FeedHead)
    found = {
        row.feed: row.head
        for row in connection.execute(sa.select(table.c.feed, table.c.head).where(table.c.feed.in_(feeds)))
    }
    return {feed: found.get(feed, 0) for feed in feeds}


def check_feeds(connection: sa.Connection, caller: Caller, feeds: Mapping[str, int]) -> tuple[str, ...]:
    """Return the feeds a device may read; none named means all of them.

    Raises:
        ProblemError: 403, a feed that is not its own.
    """
    mine = readable_feeds(connection, caller)
    for feed in feeds:
        if feed not in mine:
            raise ProblemError(403, "not_your_feed", _("这台电脑不能读这一路：{feed}", feed=feed[:60]), feed=feed[:60])
    return tuple(sorted(feeds)) if feeds else mine


def pull(connection: sa.Connection, token: str | None, cursors: Mapping[str, int], limit: int) -> str:
    """Return a page after the cursors as JSON: feed after feed, each in order, at most ``limit`` entries."""
    caller = identify(connection, token)
    feeds = check_feeds(connection, caller, cursors)
    heads = heads_of(connection, feeds)
    parts: list[str] = []
    after = {feed: cursors.get(feed, 0) for feed in feeds}
    size = 0
    for feed in feeds:
        if len(parts) >= limit or size >= PAGE_BYTES:
            break
        for row in connection.execute(_entries(feed, after[feed], heads[feed], limit - len(parts))):
            part = entry_text(row)
            parts.append(part)
            size += len(part)
            after[feed] = row.seq
            if size >= PAGE_BYTES:
                break
    more = any(after[feed] < heads[feed] for feed in feeds)
    tail = f'"cursors":{dumps(after)},"heads":{dumps(heads)},"more":{"true" if more else "false"}'
    return f'{{"entries":[{",".join(parts)}],{tail}}}'


def _entries(feed: str, after: int, head: int, limit: int) -> sa.Select[Any]:
    entry, op = table_of(FeedEntry), table_of(ReceivedOp)
    return (
        sa.select(entry, op.c.device, op.c.act, op.c.actor, op.c.made_at)
        .join(op, op.c.op == entry.c.op)
        .where(entry.c.feed == feed, entry.c.seq > after, entry.c.seq <= head)
        .order_by(entry.c.seq)
        .limit(limit)
    )


def entry_text(row: sa.Row[Any]) -> str:
    """Return an entry as JSON."""
    head = {
        "feed": row.feed,
        "seq": row.seq,
        "op": row.op,
        "device": row.device,
        "act": row.act,
        "actor": row.actor,
        "made_at": row.made_at,
        "type": row.record_type,
        "id": row.record_id,
        "rev": row.seq,
    }
    removed = ',"removed":true' if row.removed else ""
    return f'{dumps(head)[:-1]},"values":{row.fields}{removed}}}'


def digest(connection: sa.Connection, token: str | None, feed: str) -> dict[str, Any]:
    """Return count and digest of each type of a feed, as of its head."""
    caller = identify(connection, token)
    check_feeds(connection, caller, {feed: 0})
    table, heads = table_of(FeedDigest), table_of(FeedHead)
    # One statement, so that head and digests are of the same moment.
    query = (
        sa.select(heads.c.head, table.c.record_type, table.c["count"], table.c.digest)
        .select_from(heads.outerjoin(table, table.c.feed == heads.c.feed))
        .where(heads.c.feed == feed)
    )
    rows = list(connection.execute(query).mappings())
    types = {
        row["record_type"]: {"count": row["count"], "digest": row["digest"]}
        for row in rows
        if row["record_type"] is not None and row["count"]
    }
    return {"head": rows[0]["head"] if rows else 0, "types": types}
