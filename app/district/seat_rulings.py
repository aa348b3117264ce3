"""Seats of classes: who has one and who waits, in the order in which they reached the district (``models/seats.py``).

A class and its enrolments live in one feed, so the order is the feed's own. Which enrolments a class has is kept as a
log, ``seats/<class id>`` in the table of feed entries, like the places of vacancies: no feed, no head, no reader.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from app.district.heads import Key
from app.district.place_rulings import Wishes
from app.district.store import chunks, table_of
from app.models.district import FeedEntry, RecordHead
from app.models.seats import Claim, decide_seats

ENROLMENT, CLASS = "enrolment", "training_class"
LOG = "seats/"

Read = Callable[[Iterable[Key]], Mapping[Key, Mapping[str, Any]]]


def enter(connection: sa.Connection, met: Mapping[tuple[str, str], Mapping[str, Any]]) -> None:
    """Enter enrolments that are met for the first time into their classes' logs.

    ``met``: {(feed, id): values}. The caller holds the turn of the rulings, so that numbers are given out once.
    """
    known = entries_of(connection, {str(values["class_id"]) for values in met.values()})
    fresh = [place for place, values in met.items() if place[1] not in known.get(str(values["class_id"]), ())]
    rows = []
    for feed, record_id, op in _makers(connection, fresh):
        class_id = str(met[feed, record_id]["class_id"])
        known.setdefault(class_id, []).append(record_id)
        rows.append(
            {
                "feed": LOG + class_id,
                "seq": len(known[class_id]),
                "op": op,
                "record_type": ENROLMENT,
                "record_id": record_id,
                "fields": "{}",
                "removed": False,
            }
        )
    if rows:
        connection.execute(sa.insert(table_of(FeedEntry)), rows)


def _makers(connection: sa.Connection, places: Sequence[tuple[str, str]]) -> list[tuple[str, str, str]]:
    """Return (feed, enrolment, operation that made it), in the order of each feed."""
    head, entry = table_of(RecordHead), table_of(FeedEntry)
    found: list[tuple[str, int, str, str]] = []
    for feed in sorted({feed for feed, _id in places}):
        for piece in chunks(sorted(record_id for name, record_id in places if name == feed)):
            query = (
                sa.select(head.c.record_id, head.c.first_rev, entry.c.op)
                .join(entry, sa.and_(entry.c.feed == head.c.feed, entry.c.seq == head.c.first_rev))
                .where(head.c.feed == feed, head.c.record_type == ENROLMENT, head.c.record_id.in_(piece))
            )
            found.extend((feed, row.first_rev, row.record_id, row.op) for row in connection.execute(query))
    return [(feed, record_id, op) for feed, _rev, record_id, op in sorted(found)]


def entries_of(connection: sa.Connection, classes: Iterable[str]) -> dict[str, list[str]]:
    """Return class id → the enrolments of its log, in order of their numbers."""
    entry, found = table_of(FeedEntry), dict[str, list[str]]()
    for piece in chunks(sorted({LOG + class_id for class_id in classes})):
        query = (
            sa.select(entry.c.feed, entry.c.record_id)
            .where(entry.c.feed.in_(piece))
            .order_by(entry.c.feed, entry.c.seq)
        )
        for row in connection.execute(query):
            found.setdefault(row.feed[len(LOG) :], []).append(row.record_id)
    return found


def seat_wishes(connection: sa.Connection, classes: Mapping[str, str], read: Read) -> Wishes:
    """Return what is to change of the seats of these classes; ``classes``: class id → its feed."""
    wishes: Wishes = {}
    logs = entries_of(connection, classes)
    rows = read((classes[class_id], CLASS, class_id) for class_id in sorted(classes))
    people = read((classes[class_id], ENROLMENT, each) for class_id, ids in sorted(logs.items()) for each in ids)
    order = _first_revs(connection, people)
    for class_id, ids in sorted(logs.items()):
        feed = classes[class_id]
        held_class = rows.get((feed, CLASS, class_id))
        if held_class is None:  # nobody knows yet how many it takes: it comes, and all of it is decided then
            continue
        mine = {each: people[feed, ENROLMENT, each] for each in ids if (feed, ENROLMENT, each) in people}
        mine = {each: values for each, values in mine.items() if values.get("class_id") == class_id}
        for each, seat in wanted_seats(held_class, mine, {key[2]: rev for key, rev in order.items()}).items():
            if mine[each].get("seat") != seat:
                wishes[feed, ENROLMENT, each] = {"seat": seat}
    return wishes


def wanted_seats(
    held_class: Mapping[str, Any], people: Mapping[str, Mapping[str, Any]], order: Mapping[str, int]
) -> dict[str, str | None]:
    """Return the seat of each enrolment of a class. ``order``: the revision by which each came."""
    claims = [
        Claim(
            record_id,
            str(values.get("state") or ""),
            values.get("seat"),
            bool(values.get("ahead")),
            order.get(record_id, 0),
            live=values.get("deleted_at") is None,
        )
        for record_id, values in people.items()
    ]
    return decide_seats(held_class.get("seats"), claims)


def _first_revs(connection: sa.Connection, keys: Iterable[Key]) -> dict[Key, int]:
    head, found = table_of(RecordHead), dict[Key, int]()
    groups: dict[str, list[str]] = {}
    for feed, _kind, record_id in keys:
        groups.setdefault(feed, []).append(record_id)
    for feed, ids in groups.items():
        for piece in chunks(sorted(ids)):
            query = sa.select(head.c.record_id, head.c.first_rev).where(
                head.c.feed == feed, head.c.record_type == ENROLMENT, head.c.record_id.in_(piece)
            )
            found.update({(feed, ENROLMENT, row.record_id): row.first_rev for row in connection.execute(query)})
    return found
