"""What the district decides by itself, by operations of its own: places, seats, and who is known at two stations.

It reads each feed behind a cursor of its own (``ruling_cursor``) and decides in transactions of their own: a push never
waits for another station's feed, and what a crash left undecided is behind the cursor still. Deciding twice changes
nothing. One decides at a time in the whole district: whoever has the turn (a row of ``district_fact``).
"""

import json
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from app.db.inserts import table_of
from app.district.asking import Question, ask_all
from app.district.decide import blank
from app.district.heads import Key, Shelf, lock_feeds
from app.district.identity_marks import (
    RESIDENT,
    STATION_TYPE,
    File,
    Pair,
    hint_wishes,
    keep_marks,
    mark_of,
    pairs_with,
    secret_of,
)
from app.district.own_ops import own_op, write_own_ops
from app.district.place_rulings import REFERRAL, VACANCY, Wishes, place_wishes, take_claims
from app.district.seat_rulings import CLASS, ENROLMENT, enter, seat_wishes
from app.district.store import DistrictStore, chunks, insert_missing, upsert
from app.models.district import DistrictFact, FeedEntry, FeedHead, ReceivedOp, RecordHead, RulingCursor
from app.models.registry import MARKET, STATION, TRAINING, find_type
from app.sync.protocol import DISTRICT_DEVICE, WireEdit

TURN = "ruling_turn"
ASKS: Mapping[str, frozenset[str]] = {
    REFERRAL: frozenset({"vacancy_id", "state", "outcome", "deleted_at"}),
    VACANCY: frozenset({"openings", "deleted_at"}),
    RESIDENT: frozenset({"id_no", "id_type", "deleted_at"}),
    STATION_TYPE: frozenset({"name", "code", "deleted_at"}),
    ENROLMENT: frozenset({"class_id", "state", "ahead", "deleted_at"}),
    CLASS: frozenset({"seats", "deleted_at"}),
}
"""What rulings depend on, by type. An edit of anything else changes none."""
READS = tuple(ASKS)
_FEEDS = (STATION, MARKET, TRAINING)
PASS = 2000
"""So many entries are read in one transaction, of all feeds together: others wait no longer than that takes."""
STEP = 100
"""Of each feed, no fewer of its next entries are looked at for when they arrived: more than a counter's usual push."""
EDITS = 100
"""So many records are decided in one operation."""

DONE, MORE, TAKEN = "done", "more", "taken"
"""How a pass ended: nothing is left to read; more is; another process has the turn."""


@dataclass(frozen=True)
class Window:
    """What a pass reads of one feed: entries after ``after``, up to ``upto``, of ``head``."""

    feed: str
    after: int
    upto: int
    head: int


@dataclass(frozen=True)
class Passed:
    """How a pass ended, and whether it wrote anything that somebody may wait for."""

    state: str
    wrote: bool = False


@dataclass
class _News:
    """Which records the windows name, as they stand."""

    referrals: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    vacancies: set[str] = field(default_factory=set)
    files: dict[File, str | None] = field(default_factory=dict)
    stations: set[str] = field(default_factory=set)
    enrolments: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    classes: dict[str, str] = field(default_factory=dict)


def concerns(edits: Iterable[WireEdit]) -> bool:
    """Tell whether one of these edits may change a ruling; the others are read with the next that may."""
    return any(not ASKS.get(edit.type, frozenset()).isdisjoint(edit.changes) for edit in edits)


def waiting(connection: sa.Connection) -> int:
    """Return how many entries no ruling has read yet."""
    return sum(window.head - window.after for window in _behind(connection))


def undecided(connection: sa.Connection) -> bool:
    """Tell whether one of the entries that no ruling has read yet is of a kind that a ruling reads."""
    return _readable(connection, _behind(connection))


def _readable(connection: sa.Connection, windows: Iterable[Window]) -> bool:
    entry = table_of(FeedEntry)
    for window in windows:
        query = sa.select(entry.c.seq).where(*_within(window), entry.c.record_type.in_(READS)).limit(1)
        if connection.execute(query).first() is not None:
            return True
    return False


def rule(store: DistrictStore, *, wait: bool = True, limit: int = PASS, surely: bool = False) -> Passed:
    """Decide what one pass reads, in one transaction. Without ``wait``, not while somebody else has the turn.

    ``surely``: something has come that a ruling reads; else that is looked for first.
    """
    if not surely and not _worth_a_pass(store, limit):
        return Passed(DONE)
    with store.write() as connection:
        if not _take_turn(connection, wait=wait):
            return Passed(TAKEN)
        windows = _windows(connection, limit)
        if not windows:
            return Passed(DONE)
        before, after = _rule(connection, windows)
        _keep_cursors(connection, windows, before, after)
    more = any(window.upto < window.head for window in windows)
    return Passed(MORE if more else DONE, wrote=bool(after))


def _worth_a_pass(store: DistrictStore, limit: int) -> bool:
    """Tell whether a ruling would read what has come; a few entries that none would are left until there are more."""
    with store.read() as connection:
        behind = _behind(connection)
        return sum(window.head - window.after for window in behind) > limit or _readable(connection, behind)


def catch_up(store: DistrictStore) -> None:
    """Decide everything that is there to decide."""
    while rule(store).state != DONE:
        pass


def _take_turn(connection: sa.Connection, *, wait: bool) -> bool:
    """Lock the row that one decider at a time holds."""
    if connection.dialect.name == "sqlite":
        return True  # its one writer is this transaction
    facts = table_of(DistrictFact)
    query = sa.select(facts.c.key).where(facts.c.key == TURN).with_for_update(skip_locked=not wait)
    if connection.execute(query).first() is not None:
        return True
    insert_missing(connection, DistrictFact, [{"key": TURN, "value": ""}])  # nobody ever had it, or somebody has it
    return connection.execute(query).first() is not None


def _behind(connection: sa.Connection) -> list[Window]:
    """Return the feeds that grew since they were read, as whole windows."""
    head, cursor = table_of(FeedHead), table_of(RulingCursor)
    after = sa.func.coalesce(cursor.c.seq, 0)
    query = (
        sa.select(head.c.feed, head.c.head, after.label("after"))
        .outerjoin(cursor, cursor.c.feed == head.c.feed)
        .where(head.c.head > after, sa.or_(*(head.c.feed.like(f"{kind}/%") for kind in _FEEDS)))
        .order_by(head.c.feed)
    )
    return [Window(row.feed, row.after, row.head, row.head) for row in connection.execute(query)]


def _windows(connection: sa.Connection, limit: int) -> list[Window]:
    """Return what this pass reads, about ``limit`` entries, in the order in which they arrived over all feeds.

    So that a station whose feed is short does not come before another that was earlier.
    """
    behind = _behind(connection)
    if sum(window.head - window.after for window in behind) <= limit:
        return behind
    step = max(STEP, limit // len(behind))
    cut = [Window(w.feed, w.after, min(w.head, w.after + step), w.head) for w in behind]
    asked = [(_ARRIVED, {"feed": w.feed, "after": w.after, "upto": w.upto}) for w in cut]
    arrived = [[row.received_at for row in rows] for rows in ask_all(connection, asked)]
    # What came later than the last that is known of a longer feed is left: more of that feed may be earlier.
    longer = [moments[-1] for window, moments in zip(cut, arrived, strict=True) if window.upto < window.head]
    known = min(longer) if longer else max(moments[-1] for moments in arrived)
    first = sorted(moment for moments in arrived for moment in moments if moment <= known)
    upto = first[min(limit, len(first)) - 1]
    return [
        Window(window.feed, window.after, window.after + count, window.head)
        for window, moments in zip(cut, arrived, strict=True)
        if (count := bisect_right(moments, upto))
    ]


def _arrivals(_sqlite: bool) -> sa.Executable:
    entry, op = table_of(FeedEntry), table_of(ReceivedOp)
    after, upto = sa.bindparam("after", type_=sa.BigInteger), sa.bindparam("upto", type_=sa.BigInteger)
    which = (entry.c.feed == sa.bindparam("feed", type_=sa.Text), entry.c.seq > after, entry.c.seq <= upto)
    return sa.select(op.c.received_at).join(entry, entry.c.op == op.c.op).where(*which).order_by(entry.c.seq)


_ARRIVED = Question(_arrivals)


def _within(window: Window) -> tuple[sa.ColumnElement[bool], ...]:
    entry = table_of(FeedEntry)
    return entry.c.feed == window.feed, entry.c.seq > window.after, entry.c.seq <= window.upto


def _keep_cursors(
    connection: sa.Connection, windows: Sequence[Window], before: Mapping[str, int], after: Mapping[str, int]
) -> None:
    """Note what was read. Where nothing else had come, the district's own entries need not be read again."""
    table = table_of(RulingCursor)
    query = sa.select(table).where(table.c.feed.in_(before))
    kept = {row.feed: row.seq for row in connection.execute(query)} if before else {}
    read = {**kept, **{window.feed: window.upto for window in windows}}
    own = {feed: head for feed, head in after.items() if read.get(feed, 0) == before[feed]}
    upsert(connection, RulingCursor, [{"feed": feed, "seq": seq} for feed, seq in sorted({**read, **own}.items())])


def _rule(connection: sa.Connection, windows: Sequence[Window]) -> tuple[dict[str, int], dict[str, int]]:
    """Decide what the windows bring; return the heads of the feeds written to, before and after."""
    news = _news(connection, windows)
    pairs = keep_marks(connection, news.files)
    for feed in news.stations:
        pairs |= pairs_with(connection, feed)
    take_claims(connection, news.referrals)
    enter(connection, news.enrolments)
    wishes = _wishes(connection, news, pairs)
    if not wishes:
        return {}, {}
    locked = lock_feeds(connection, {key[0] for key in wishes})
    before = dict(locked)
    if connection.dialect.name != "sqlite":
        # Somebody may have written between the look and the lock. What that changes in a feed that is not locked is
        # behind the cursor of its feed: the next pass sees it.
        wishes = {key: wish for key, wish in _wishes(connection, news, pairs).items() if key[0] in locked}
    shelf = Shelf(connection, locked)
    _write(connection, shelf, wishes)
    return before, dict(shelf.feeds)


def _wishes(connection: sa.Connection, news: _News, pairs: set[Pair]) -> Wishes:
    def read(keys: Iterable[Key]) -> dict[Key, dict[str, Any]]:
        return values_of(connection, keys)

    return {
        **place_wishes(connection, news.vacancies, read),
        **seat_wishes(connection, news.classes, read),
        **hint_wishes(connection, pairs, read),
    }


def _news(connection: sa.Connection, windows: Sequence[Window]) -> _News:
    news, entry = _News(), table_of(FeedEntry)
    named: list[Key] = []
    for window in windows:
        query = sa.select(entry.c.record_type, entry.c.record_id).where(*_within(window)).distinct()
        for row in connection.execute(query.where(entry.c.record_type.in_(READS))):
            if row.record_type == VACANCY:
                news.vacancies.add(row.record_id)
            elif row.record_type == STATION_TYPE:
                news.stations.add(window.feed)
            elif row.record_type == CLASS:
                news.classes[row.record_id] = window.feed
            else:
                named.append((window.feed, row.record_type, row.record_id))
    secret = secret_of(connection)
    for (feed, kind, record_id), values in values_of(connection, named).items():
        if kind == RESIDENT:
            news.files[feed, record_id] = mark_of(secret, values)
        elif kind == ENROLMENT:
            news.enrolments[feed, record_id] = values
            news.classes[str(values["class_id"])] = feed
        else:
            news.referrals[feed, record_id] = values
            news.vacancies.add(str(values["vacancy_id"]))
    news.vacancies |= {vacancy for _feed, vacancy in _left(connection, windows, REFERRAL, news.referrals)}
    moved = _left(connection, windows, ENROLMENT, news.enrolments)
    news.classes.update({class_id: feed for feed, class_id in moved})
    return news


_PARENTS = {REFERRAL: "vacancy_id", ENROLMENT: "class_id"}


def _left(
    connection: sa.Connection, windows: Sequence[Window], kind: str, places: Iterable[tuple[str, str]]
) -> set[tuple[str, str]]:
    """Return (feed, id) of the vacancies that referrals were moved away from, or the classes of enrolments."""
    upto, parent = {window.feed: window.upto for window in windows}, _PARENTS[kind]
    head, entry = table_of(RecordHead), table_of(FeedEntry)
    found: set[tuple[str, str]] = set()
    groups: dict[str, list[str]] = {}
    for feed, record_id in places:
        groups.setdefault(feed, []).append(record_id)
    for feed, ids in groups.items():
        for piece in chunks(ids):
            query = sa.select(head.c.record_id, head.c.stamps).where(
                head.c.feed == feed, head.c.record_type == kind, head.c.record_id.in_(piece)
            )
            moved = [row.record_id for row in connection.execute(query) if parent in json.loads(row.stamps)]
            if not moved:  # nearly always: no screen moves a referral, or a sign-up
                continue
            past = sa.select(entry.c.fields).where(
                entry.c.feed == feed, entry.c.seq <= upto[feed], entry.c.record_id.in_(moved)
            )
            rows = connection.execute(past.where(entry.c.record_type == kind))
            found.update((feed, str(json.loads(row.fields)[parent])) for row in rows)
    return found


def values_of(connection: sa.Connection, keys: Iterable[Key]) -> dict[Key, dict[str, Any]]:
    """Return records as they stand, by sets; those that are not there are left out."""
    table = table_of(RecordHead)
    groups: dict[tuple[str, str], set[str]] = {}
    for feed, kind, record_id in keys:
        groups.setdefault((feed, kind), set()).add(record_id)
    found: dict[Key, dict[str, Any]] = {}
    for (feed, kind), ids in groups.items():
        for piece in chunks(sorted(ids)):
            query = sa.select(table.c.record_id, table.c.fields).where(
                table.c.feed == feed, table.c.record_type == kind, table.c.record_id.in_(piece)
            )
            for row in connection.execute(query):
                found[feed, kind, row.record_id] = json.loads(row.fields)
    return found


def _write(connection: sa.Connection, shelf: Shelf, wishes: Mapping[Key, Mapping[str, Any]]) -> None:
    """Write what the district decided: operations of its own, and the records after them."""
    shelf.load(wishes)
    rows = []
    keys = sorted(wishes)
    for feed in sorted({key[0] for key in keys}):
        mine = [key for key in keys if key[0] == feed]
        for start in range(0, len(mine), EDITS):
            rows.append(_decide(shelf, {key: wishes[key] for key in mine[start : start + EDITS]}))
    write_own_ops(connection, rows)
    shelf.write()


def _decide(shelf: Shelf, wishes: Mapping[Key, Mapping[str, Any]]) -> dict[str, Any]:
    """Put records of one feed on the shelf as the district wants them; return the operation that says so."""
    edits = []
    for key, wish in wishes.items():
        head = shelf.get(key)
        old = head.values if head is not None else {}
        pairs = {name: [old.get(name), value] for name, value in wish.items()}
        edits.append({"type": key[1], "id": key[2], "base": head.rev if head is not None else 0, "set": pairs})
    row = own_op(edits)
    for key, wish in wishes.items():
        head = shelf.get(key)
        kind = find_type(key[1])
        assert kind is not None
        values = {**(head.values if head is not None else blank(kind)), **wish}
        shelf.put(key, op=str(row["op"]), device=DISTRICT_DEVICE, values=values, changed=wish)
    return row
