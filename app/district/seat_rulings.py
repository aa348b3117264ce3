"""Seats of classes: who has one and who waits, in the order in which they reached the district (``models/seats.py``).

A class and its enrolments live in one feed, so the order is the feed's own. Whose enrolments are a class's is kept in
``seat_claim``, entered when one is first met.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from app.db.inserts import table_of
from app.district.heads import Key
from app.district.place_rulings import Wishes
from app.district.store import chunks, insert_missing
from app.models.district import RecordHead, SeatClaim
from app.models.seats import Claim, decide_seats

ENROLMENT, CLASS = "enrolment", "training_class"

Read = Callable[[Iterable[Key]], Mapping[Key, Mapping[str, Any]]]


def enter(connection: sa.Connection, met: Mapping[tuple[str, str], Mapping[str, Any]]) -> None:
    """Enter enrolments among those of their classes; ``met``: {(feed, id): values}. Entering twice changes nothing."""
    head, groups = table_of(RecordHead), dict[str, list[str]]()
    for feed, record_id in met:
        groups.setdefault(feed, []).append(record_id)
    rows = []
    for feed, ids in groups.items():
        for piece in chunks(sorted(ids)):
            query = sa.select(head.c.record_id, head.c.first_rev).where(
                head.c.feed == feed, head.c.record_type == ENROLMENT, head.c.record_id.in_(piece)
            )
            for row in connection.execute(query):
                class_id = str(met[feed, row.record_id]["class_id"])
                about = {"class_id": class_id, "enrolment_id": row.record_id}
                rows.append({**about, "feed": feed, "seq": row.first_rev})
    if rows:
        insert_missing(connection, SeatClaim, rows)


def seat_wishes(connection: sa.Connection, classes: Mapping[str, str], read: Read) -> Wishes:
    """Return what is to change of the seats of these classes; ``classes``: class id → its feed."""
    table, order = table_of(SeatClaim), dict[str, dict[Key, int]]()
    for piece in chunks(sorted(classes)):
        for row in connection.execute(sa.select(table).where(table.c.class_id.in_(piece))):
            order.setdefault(row.class_id, {})[row.feed, ENROLMENT, row.enrolment_id] = row.seq
    rows = read((classes[class_id], CLASS, class_id) for class_id in sorted(order))
    people = read(key for keys in order.values() for key in sorted(keys))
    wishes: Wishes = {}
    for class_id, keys in sorted(order.items()):
        held_class = rows.get((classes[class_id], CLASS, class_id))
        if held_class is None:  # nobody knows yet how many it takes: it comes, and all of it is decided then
            continue
        mine = {key: people[key] for key in keys if people.get(key, {}).get("class_id") == class_id}
        found = wanted_seats(held_class.get("seats"), {k[2]: v for k, v in mine.items()}, {k[2]: keys[k] for k in mine})
        for key, values in mine.items():
            if values.get("seat") != found[key[2]]:
                wishes[key] = {"seat": found[key[2]]}
    return wishes


def wanted_seats(
    seats: int | None, people: Mapping[str, Mapping[str, Any]], order: Mapping[str, int]
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
    return decide_seats(seats, claims)
