"""A feed without its past: each record once, as it stands, for a device that starts from nothing."""

from typing import Any

import sqlalchemy as sa

from app.db.inserts import table_of
from app.district.accounts import identify
from app.district.pull import PAGE_BYTES, check_feeds, entry_columns, entry_text, heads_of, stream
from app.district.store import EPOCH, get_fact
from app.models.district import FeedDigest, FeedEntry, ReceivedOp, RecordHead
from app.sync.protocol import dumps

WINDOWS = 20
"""A page looks at no more entries than so many times its limit; where nearly all were overtaken, it is short."""


def snapshot(
    connection: sa.Connection, token: str | None, feed: str, after: int, limit: int, sparse: bool = False
) -> str:
    """Return a page of lines: records whose last change is later than ``after``, in that order, and a closing line.

    A record that changes while somebody reads moves to the end and is met there: whoever has read up to ``after``
    can as well go on by pull from it. ``sparse``: fields that are null may be left out.
    """
    caller = identify(connection, token)
    check_feeds(connection, caller, {feed: 0})
    head = heads_of(connection, (feed,))[feed]
    lines: list[str] = []
    size, at, last = 0, after, min(head, after + WINDOWS * limit)
    while at < last and len(lines) < limit and size < PAGE_BYTES:
        upto = min(last, at + limit)
        with stream(connection, _standing(feed, at, upto), upto - at) as rows:
            at = upto
            for row in rows:
                lines.append(entry_text(row, sparse=sparse))
                size += len(lines[-1])
                if len(lines) >= limit or size >= PAGE_BYTES:
                    at = row.seq
                    break
    digest = table_of(FeedDigest)
    total = connection.execute(sa.select(sa.func.sum(digest.c["count"])).where(digest.c.feed == feed)).scalar() or 0
    end = {"end": True, "feed": feed, "epoch": get_fact(connection, EPOCH), "head": head}
    lines.append(dumps({**end, "after": at, "more": at < head, "total": int(total)}))
    return "\n".join(lines) + "\n"


def _standing(feed: str, after: int, upto: int) -> sa.Select[Any]:
    """Return the query of the entries in a window of a feed that still stand.

    Feeds have no gaps, so the window bounds the work, whatever the database thinks best for the rest of the feed.
    """
    entry, record, op = table_of(FeedEntry), table_of(RecordHead), table_of(ReceivedOp)
    here = (record.c[name] == entry.c[name] for name in ("feed", "record_type", "record_id"))
    return (
        sa.select(*entry_columns())
        .join(record, sa.and_(*here, record.c.rev == entry.c.seq))
        .join(op, op.c.op == entry.c.op)
        .where(entry.c.feed == feed, entry.c.seq > after, entry.c.seq <= upto, ~entry.c.removed)
        .order_by(entry.c.seq)
    )
