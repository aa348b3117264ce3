"""The tables that ledgers read, kept up with the feeds: a counter's own, so that its queries run here unchanged.

The district keeps records as JSON; ledgers are SQL over typed tables with their indexes. What came since the last
ledger is put into them first, behind a cursor of its own for each feed (as rulings are): a push does nothing for it. On
PostgreSQL the server works by itself, a statement for each type; on SQLite, and where a value is written in a way that
only Python reads, row by row.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any

import sqlalchemy as sa

from app.db.inserts import insert_many, table_of
from app.district.store import DistrictStore, get_fact, put_fact, upsert
from app.errors import Cancelled
from app.models.district import FeedEntry, FeedHead, LedgerCursor, RecordHead
from app.models.registry import RECORD_TYPES
from app.models.wire import ANY, DAY, INSTANT, LIST, NUMBER, OBJECT, TRUTH, WHOLE, from_wire
from app.sync.protocol import dumps, read_instant
from app.sync.shapes import Shape, shape_of

WINDOW, WINDOW_SQLITE = 20_000, 2_000
"""How many entries one transaction takes: SQLite has one writer, who must not be kept waiting."""

MANY = 1_000
"""So many new rows, and the planner is told what the tables hold."""

SHAPE = "ledger_shape"
"""What the tables were filled by: with other fields they are filled anew."""

Told = Callable[[int, int], object]

_PG_TYPES = {
    WHOLE: "bigint", NUMBER: "double precision", TRUTH: "boolean", DAY: "date", INSTANT: "timestamptz",
    LIST: "json", OBJECT: "json", ANY: "json",
}  # fmt: skip
_OWN = ("id", "rev", "extra", "updated_at", "updated_by")


def bring_up(store: DistrictStore, *, told: Told | None = None, stopped: Callable[[], bool] = lambda: False) -> None:
    """Put into the tables what came since the last time; ``told`` how many entries are done, and of how many.

    Raises:
        Cancelled: ``stopped`` says so; what was done stays done.
    """
    done = total = 0
    with store.read() as connection:
        total = sum(head - after for _feed, after, head in _behind(connection))
        fresh = get_fact(connection, SHAPE) == _shape()
    if fresh and not total:
        return
    while True:
        if stopped():
            raise Cancelled
        with store.write() as connection:
            left, taken = _step(connection, store.sqlite)
        done += taken
        if told is not None and left:
            told(done, max(total, done))
        if not left:
            return


def _step(connection: sa.Connection, sqlite: bool) -> tuple[bool, int]:
    """Take a window of each feed, all as of one moment; tell whether more is left, and how many entries it were."""
    if not sqlite:
        # What another process does at the same time is waited for before the moment is chosen.
        connection.execute(sa.text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        connection.execute(sa.text("LOCK TABLE ledger_cursor IN EXCLUSIVE MODE"))
    if get_fact(connection, SHAPE) != _shape():
        _empty(connection)
    window = WINDOW_SQLITE if sqlite else WINDOW
    behind, taken, cursors, grown = _behind(connection), 0, [], Counter[str]()
    for feed, after, head in behind:
        upto = min(head, after + window - taken)
        if upto > after:
            grown.update(_take_window(connection, feed, after, upto))
            cursors.append({"feed": feed, "seq": upto})
            taken += upto - after
    upsert(connection, LedgerCursor, cursors)
    for name in [name for name, count in grown.items() if count >= MANY]:
        connection.exec_driver_sql(f'ANALYZE "{shape_of(name).table.name}"')
    return sum(head - after for _feed, after, head in behind) > taken, taken


def _behind(connection: sa.Connection) -> list[tuple[str, int, int]]:
    """Return the feeds that grew: name, how far they stand in the tables, how far they have grown."""
    head, cursor = table_of(FeedHead), table_of(LedgerCursor)
    after = sa.func.coalesce(cursor.c.seq, 0)
    query = sa.select(head.c.feed, after, head.c.head).outerjoin(cursor, cursor.c.feed == head.c.feed)
    return [tuple(row) for row in connection.execute(query.where(head.c.head > after).order_by(head.c.feed))]


def stamp(connection: sa.Connection) -> str:
    """Return what tells whether two readings are of the same state."""
    cursor = table_of(LedgerCursor)
    rows = connection.execute(sa.select(cursor.c.feed, cursor.c.seq).order_by(cursor.c.feed)).all()
    return hashlib.sha256(dumps([list(row) for row in rows]).encode()).hexdigest()[:32]


@cache
def _shape() -> str:
    fields = {kind.name: {name: each.kind for name, each in kind.fields.items()} for kind in RECORD_TYPES}
    return hashlib.sha256(json.dumps(fields, sort_keys=True).encode()).hexdigest()


def _empty(connection: sa.Connection) -> None:
    """Begin anew."""
    for kind in RECORD_TYPES:
        connection.execute(sa.delete(table_of(kind.model)))
    connection.execute(sa.delete(table_of(LedgerCursor)))
    put_fact(connection, SHAPE, _shape())


def _take_window(connection: sa.Connection, feed: str, after: int, upto: int) -> dict[str, int]:
    """Bring the records changed in a window of a feed into the tables; return how many of each type."""
    entry = table_of(FeedEntry)
    within = (entry.c.feed == feed, entry.c.seq > after, entry.c.seq <= upto)
    count, removed = sa.func.count(), sa.func.max(sa.case((entry.c.removed, 1), else_=0))
    query = sa.select(entry.c.record_type, count, removed).where(*within).group_by(entry.c.record_type)
    found = {}
    for name, number, gone in connection.execute(query).all():
        if name not in _known():
            continue
        if gone:
            _remove(connection, name, within)
        _put(connection, name, {"feed": feed, "kind": name, "after": after, "upto": upto})
        found[name] = number
    return found


@cache
def _known() -> frozenset[str]:
    return frozenset(kind.name for kind in RECORD_TYPES)


def _remove(connection: sa.Connection, name: str, within: Iterable[sa.ColumnElement[bool]]) -> None:
    """Take out records that left the feed, unless they stand in another one."""
    entry, record, table = table_of(FeedEntry), table_of(RecordHead), shape_of(name).table
    left = sa.select(entry.c.record_id).where(*within, entry.c.record_type == name, entry.c.removed)
    stands = sa.select(record.c.record_id).where(record.c.record_type == name, record.c.record_id == table.c.id)
    connection.execute(sa.delete(table).where(table.c.id.in_(left), ~stands.exists()))


def _put(connection: sa.Connection, name: str, window: Mapping[str, Any]) -> None:
    if connection.dialect.name == "sqlite":
        _put_by_hand(connection, name, window)
        return
    try:
        with connection.begin_nested():
            connection.execute(_statement(name), window)
    except sa.exc.DataError:  # an instant as PostgreSQL does not read it
        _put_by_hand(connection, name, window)


_STANDING = (
    "SELECT e.record_id, e.seq, h.fields, o.made_at, o.actor FROM feed_entry e"
    " JOIN record_head h ON h.feed = e.feed AND h.record_type = e.record_type AND h.record_id = e.record_id"
    " AND h.rev = e.seq JOIN received_op o ON o.op = e.op"
    " WHERE e.feed = :feed AND e.record_type = :kind AND e.seq > :after AND e.seq <= :upto AND NOT e.removed"
)
"""A type's records that stand as a window of the feed says."""


@cache
def _statement(name: str) -> sa.TextClause:
    """Return what puts them into their table on PostgreSQL, without a value passing through here."""
    shape = shape_of(name)
    fields = {each: _PG_TYPES.get(kind.kind, "text") for each, kind in shape.kind.fields.items()}
    read = ", ".join(f'"{each}" {type_}' for each, type_ in fields.items())
    values = ", ".join(_or_default(each, type_, shape.fallback[each]) for each, type_ in fields.items())
    names = ", ".join(f'"{each}"' for each in (*_OWN, *fields))
    sets = ", ".join(f'"{each}" = excluded."{each}"' for each in (*_OWN[1:], *fields))
    return sa.text(
        f'INSERT INTO "{shape.table.name}" ({names})'  # noqa: S608 - names of our own tables and columns
        f" SELECT s.record_id, s.seq, CAST('{{}}' AS json), CAST(s.made_at AS timestamptz), s.actor, {values}"
        f" FROM ({_STANDING}) s, json_to_record(CAST(s.fields AS json)) AS v ({read})"
        f" ON CONFLICT (id) DO UPDATE SET {sets}"
    )


def _or_default(field: str, type_: str, default: Any) -> str:
    if default is None:
        return f'v."{field}"'
    text = default if isinstance(default, str) else dumps(default)
    quoted = text.replace("'", "''").replace(":", r"\:")
    return f"COALESCE(v.\"{field}\", CAST('{quoted}' AS {type_}))"


def _put_by_hand(connection: sa.Connection, name: str, window: Mapping[str, Any]) -> None:
    """Put them there row by row."""
    shape = shape_of(name)
    rows = [_row(shape, *each) for each in connection.execute(sa.text(_STANDING), window)]
    if not rows:
        return
    for start in range(0, len(rows), 400):
        ids = [row["id"] for row in rows[start : start + 400]]
        connection.execute(sa.delete(shape.table).where(shape.table.c.id.in_(ids)))
    if connection.dialect.name == "sqlite":
        insert_many(connection, shape.table, rows, shape.common)
    else:
        connection.execute(sa.insert(shape.table), [{**shape.common, **row} for row in rows])


def _row(shape: Shape, record_id: str, rev: int, fields: str, made_at: str, actor: str | None) -> dict[str, Any]:
    wire = json.loads(fields)
    row: dict[str, Any] = {"id": record_id, "rev": rev, "extra": {}, "updated_at": read_instant(made_at)}
    row["updated_by"] = actor
    for each, kind in shape.kind.fields.items():
        value = wire.get(each)
        row[each] = shape.fallback[each] if value is None else from_wire(kind, value)
    return row
