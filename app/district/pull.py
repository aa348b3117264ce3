"""Handing out feeds: entries in commit order, heads, digests, and what a client must know to be written."""

import re
from collections.abc import Mapping, Sequence
from json.encoder import encode_basestring as _text
from typing import Any

import sqlalchemy as sa

from app.db.inserts import table_of
from app.district.accounts import READS, Caller, identify, readable_feeds
from app.district.problems import ProblemError
from app.models.acts import OFFICER
from app.models.district import FeedDigest, FeedEntry, FeedHead, ReceivedOp
from app.models.registry import STATION
from app.sync.protocol import dumps
from app.texts import _

PAGE_BYTES = 4 * 1024 * 1024
PIECE = 500
"""Rows held at a time."""


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


def reads(caller: Caller, feed: str) -> bool:
    """Tell whether a device may read a feed that is there: ``check_feeds`` without a look."""
    if caller.role == OFFICER and feed.startswith(f"{STATION}/"):
        return True
    return feed in caller.writable or feed in [caller.feed_of(kind) for kind in READS.get(caller.role, ())]


def pull(
    connection: sa.Connection, token: str | None, cursors: Mapping[str, int], limit: int, sparse: bool = False
) -> str:
    """Return a page after the cursors as JSON: feed after feed, each in order, at most ``limit`` entries.

    ``sparse``: fields that are null may be left out.
    """
    return page_for(connection, identify(connection, token), cursors, limit, sparse=sparse)


def page_for(
    connection: sa.Connection, caller: Caller, cursors: Mapping[str, int], limit: int, *, sparse: bool = False
) -> str:
    """Return a page for a device that is known."""
    feeds = check_feeds(connection, caller, cursors)
    heads = heads_of(connection, feeds)
    parts: list[str] = []
    after = {feed: cursors.get(feed, 0) for feed in feeds}
    size = 0
    for feed in feeds:
        if len(parts) >= limit or size >= PAGE_BYTES:
            break
        most = min(limit - len(parts), heads[feed] - after[feed])
        if most <= 0:
            continue
        with stream(connection, entries_between(feed, after[feed], heads[feed], most), most) as rows:
            for row in rows:
                part = entry_text(row, sparse=sparse)
                parts.append(part)
                size += len(part)
                after[feed] = row.seq
                if size >= PAGE_BYTES:
                    break
    more = any(after[feed] < heads[feed] for feed in feeds)
    tail = f'"cursors":{dumps(after)},"heads":{dumps(heads)},"more":{"true" if more else "false"}'
    return f'{{"entries":[{",".join(parts)}],{tail}}}'


def entries_between(feed: str, after: int, head: int, limit: int) -> sa.Select[Any]:
    """Return the query of so many entries of a feed after a number, up to its head.

    Feeds have no gaps, so the numbers bound the work, whatever the database thinks best for the rest of the feed.
    """
    entry, op = table_of(FeedEntry), table_of(ReceivedOp)
    return (
        sa.select(*entry_columns())
        .join(op, op.c.op == entry.c.op)
        .where(entry.c.feed == feed, entry.c.seq > after, entry.c.seq <= min(head, after + limit))
        .order_by(entry.c.seq)
    )


def entry_columns() -> tuple[sa.Column[Any], ...]:
    """Return what ``entry_text`` wants, in its order."""
    entry, op = table_of(FeedEntry).c, table_of(ReceivedOp).c
    return (
        *(entry.feed, entry.seq, entry.op, op.device, op.act, op.actor, op.made_at),
        *(entry.record_type, entry.record_id, entry.fields, entry.removed),
    )


def entry_text(row: Sequence[Any], *, sparse: bool = False) -> str:
    """Return an entry as JSON; its values are JSON already and not read. ``sparse``: null fields may be left out."""
    feed, seq, op, device, act, actor, made_at, kind, record_id, fields, removed = row
    mark = _REMOVED if removed else ""
    if sparse and (short := without_nulls(fields)) != fields:
        fields, mark = short, mark + _SPARSE
    return (
        f'{{"feed":{_text(feed)},"seq":{seq},"op":{_text(op)},"device":{_text(device)},"act":{_text(act)},'
        f'"actor":{"null" if actor is None else _text(actor)},"made_at":{_text(made_at)},"type":{_text(kind)},'
        f'"id":{_text(record_id)},"rev":{seq},"values":{fields}{mark}}}'
    )


_REMOVED, _SPARSE = ',"removed":true', ',"sparse":true'

_NULL = re.compile(r',"[a-z_0-9]+":null(?=[,}])')
"""A field that is null, but for the first one. Inside a text no quotation mark stands without a backslash before it,
and one that ends a text is followed by no letter; so nothing of a text is taken for a field."""


def without_nulls(fields: str) -> str:
    """Return a record's JSON without its null fields; one with objects among its values as it is: those stay whole."""
    return fields if fields.find("{", 1) >= 0 else _NULL.sub("", fields)


def stream(connection: sa.Connection, query: sa.Select[Any], count: int) -> sa.CursorResult[Any]:
    """Run a query; where many rows may come, fetch them piece by piece, so that no more than a piece is held."""
    if count <= PIECE:
        return connection.execute(query)
    return connection.execute(query.execution_options(yield_per=PIECE))


def digests(connection: sa.Connection, token: str | None, feeds: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return {feed: {head, types}}: count and digest of each type of each feed, as of its head."""
    caller = identify(connection, token)
    check_feeds(connection, caller, dict.fromkeys(feeds, 0))
    table, heads = table_of(FeedDigest), table_of(FeedHead)
    # One statement, so that head and digests are of the same moment.
    query = (
        sa.select(heads.c.feed, heads.c.head, table.c.record_type, table.c["count"], table.c.digest)
        .select_from(heads.outerjoin(table, table.c.feed == heads.c.feed))
        .where(heads.c.feed.in_(feeds))
    )
    found: dict[str, dict[str, Any]] = {feed: {"head": 0, "types": {}} for feed in feeds}
    for feed, head, kind, count, digest in connection.execute(query):
        found[feed]["head"] = head
        if kind is not None and count:
            found[feed]["types"][kind] = {"count": count, "digest": digest}
    return found
