"""The same person at two stations, found by a keyed hash of the identity number that reveals nothing else.

The hash is HMAC-SHA256 under a secret that only this server has; it never leaves it. Each station learns that another
one has a file of the same person, by that station's code and name, and nothing else of it.
"""

import hashlib
import hmac
import json
import re
import secrets
import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from app import clock
from app.db.inserts import table_of
from app.district.asking import Question, among_given, ask_all, writing
from app.district.heads import Key
from app.district.place_rulings import Wishes
from app.district.store import chunks, get_fact, insert_missing
from app.models.district import DistrictFact, EnrolCode, IdentityMark, RecordHead
from app.models.identity import (
    FOREIGN_RESIDENT,
    HK_MACAO_PERMIT,
    HOUSEHOLD_BOOK,
    ID_CARD,
    TAIWAN_PERMIT,
    id15_to_18,
    id_check_char,
    normalise_id,
)
from app.models.registry import STATION
from app.models.wire import to_wire

SECRET = "identity_secret"  # noqa: S105 - the name of a fact
RESIDENT, HINT, STATION_TYPE = "resident", "duplicate_hint", "station"
OPEN, GONE = "open", "gone"
MOST_FILES = 20
"""A number that stands in more files than this is a placeholder and says nothing about a person."""

_CHECKED = (ID_CARD, HK_MACAO_PERMIT, TAIWAN_PERMIT, FOREIGN_RESIDENT, HOUSEHOLD_BOOK)
_HINT_IDS = uuid.UUID("5a1f0c3e-0f5b-5c55-8d0c-9d2b1f6b7c42")

File = tuple[str, str]
"""Feed and id of a resident's file."""
Pair = tuple[str, str, str]
"""Feed and id of a file, and the feed of another station that has a file with the same number."""


def secret_of(connection: sa.Connection) -> bytes:
    """Return the server's secret; the first call makes it, for ever."""
    known = get_fact(connection, SECRET)
    if known is None:
        insert_missing(connection, DistrictFact, [{"key": SECRET, "value": secrets.token_hex(32)}])
        known = get_fact(connection, SECRET)
    return bytes.fromhex(str(known))


def mark_of(secret: bytes, values: Mapping[str, Any]) -> str | None:
    """Return the mark of a resident's file; None where it is deleted or its number is not a full one that checks.

    No clock is asked: the same number has the same mark on any day.
    """
    if values.get("deleted_at") is not None or values.get("id_type") not in _CHECKED:
        return None
    number = _full_number(normalise_id(str(values.get("id_no") or "")))
    return hmac.new(secret, number.encode(), hashlib.sha256).hexdigest() if number is not None else None


def _full_number(number: str) -> str | None:
    """Return the number in the form that all its writings share, or None where it does not check."""
    if re.fullmatch(r"[A-Z]{3}\d{12}", number, re.ASCII):  # the foreigners' card of before 2023
        return number
    if re.fullmatch(r"\d{15}", number, re.ASCII):
        return id15_to_18(number)
    if not re.fullmatch(r"\d{17}[\dX]", number, re.ASCII) or id_check_char(number[:17]) != number[17]:
        return None
    return number


def keep_marks(connection: sa.Connection, changed: Mapping[File, str | None]) -> set[Pair]:
    """Keep the marks of changed files; return every pair that was or is one because of them.

    The caller holds the turn of the rulings.
    """
    if not changed:
        return set()
    known = _marks_of_files(connection, changed)
    moved = {file: mark for file, mark in changed.items() if known.get(file) != mark}
    touched = sorted({mark for file in moved for mark in (known.get(file), moved[file]) if mark is not None})
    if not touched:
        return set()
    before, gone = set[Pair](), [file for file, mark in moved.items() if mark is None]
    if gone:
        before, table = _pairs(connection, touched), table_of(IdentityMark)
        for feed, record_id in gone:
            connection.execute(sa.delete(table).where(table.c.feed == feed, table.c.record_id == record_id))
    rows = [(*file, mark) for file, mark in moved.items() if mark is not None]
    with writing(connection) as out:
        were = out.ask(_SHARED, {"marks": touched})
        out.insert(IdentityMark, ("feed", "record_id", "mark"), rows, replace=True)
        are = out.ask(_SHARED, {"marks": touched})
    return before | _pairs_of(were()) | _pairs_of(are())


def _marks_of_files(connection: sa.Connection, files: Iterable[File]) -> dict[File, str]:
    table, found = table_of(IdentityMark), {}
    groups: dict[str, list[str]] = {}
    for feed, record_id in files:
        groups.setdefault(feed, []).append(record_id)
    for feed, ids in groups.items():
        for piece in chunks(ids):
            query = sa.select(table).where(table.c.feed == feed, table.c.record_id.in_(piece))
            found.update({(row.feed, row.record_id): row.mark for row in connection.execute(query)})
    return found


def _pairs(connection: sa.Connection, marks: Iterable[str]) -> set[Pair]:
    """Return the pairs of files at two stations among these marks."""
    wanted = sorted(marks)
    return _pairs_of(ask_all(connection, [(_SHARED, {"marks": wanted})])[0]) if wanted else set()


def _pairs_of(rows: Iterable[Any]) -> set[Pair]:
    groups: dict[str, list[File]] = {}
    for row in rows:
        groups.setdefault(row.mark, []).append((row.feed, row.record_id))
    return {pair for files in groups.values() for pair in pairs_among(files)}


def _shared(sqlite: bool) -> sa.Executable:
    """Return what asks for the files whose mark, among those given, stands in others too, but not in too many."""
    table, count = table_of(IdentityMark), sa.func.count()
    several = (
        sa.select(table.c.mark)
        .where(among_given(table.c.mark, "marks", sqlite=sqlite))
        .group_by(table.c.mark)
        .having(sa.and_(count > 1, count <= MOST_FILES))
    )
    return sa.select(table.c.feed, table.c.record_id, table.c.mark).where(table.c.mark.in_(several))


_SHARED = Question(_shared)


def pairs_among(files: Iterable[File]) -> set[Pair]:
    """Return who is to be told of whom among the files of one number: each file, every other station once."""
    whole = list(files)
    if len(whole) > MOST_FILES:
        return set()
    feeds = {feed for feed, _id in whole}
    return {(feed, record_id, other) for feed, record_id in whole for other in feeds if other != feed}


def pairs_with(connection: sa.Connection, feed: str) -> set[Pair]:
    """Return the pairs that tell others of this station's files."""
    mine, theirs = table_of(IdentityMark).alias(), table_of(IdentityMark).alias()
    query = (
        sa.select(theirs.c.mark)
        .join(mine, mine.c.mark == theirs.c.mark)
        .where(mine.c.feed == feed, theirs.c.feed != feed)
        .distinct()
    )
    return {pair for pair in _pairs(connection, connection.scalars(query)) if pair[2] == feed}


def hint_key(pair: Pair) -> Key:
    """Return the record that tells a pair: always the same one, however often it comes and goes."""
    return pair[0], HINT, str(uuid.uuid5(_HINT_IDS, "|".join(pair)))


def hint_wishes(
    connection: sa.Connection,
    pairs: Iterable[Pair],
    read: Callable[[Iterable[Key]], Mapping[Key, Mapping[str, Any]]],
) -> Wishes:
    """Return what is to change of the hints of these pairs, by the marks as they are kept now."""
    wanted = set(pairs)
    if not wanted:
        return {}
    marks = _marks_of_files(connection, {pair[:2] for pair in wanted})
    standing = _pairs(connection, set(marks.values()))
    names = station_names(connection, {pair[2] for pair in wanted})
    heads = read(hint_key(pair) for pair in wanted)
    wishes: Wishes = {}
    for pair in wanted:
        key, name = hint_key(pair), names.get(pair[2])
        known, here = heads.get(key), pair in standing
        if known is None and here:
            wishes[key] = {
                "resident_id": pair[1],
                "other_station": station_of(pair[2]),
                "other_name": name,
                "since": to_wire(clock.now()),
                "state": OPEN,
                "station_code": station_of(pair[0]),
                "created_at": to_wire(clock.now()),
            }
        elif known is not None and here and known.get("state") != OPEN:
            wishes[key] = {"state": OPEN, "since": to_wire(clock.now()), "other_name": name}
        elif known is not None and here and name is not None and known.get("other_name") != name:
            wishes[key] = {"other_name": name}
        elif known is not None and not here and known.get("state") != GONE:
            wishes[key] = {"state": GONE}
    return wishes


def station_of(feed: str) -> str:
    """Return the code of the station whose feed it is."""
    return feed.partition("/")[2]


def station_names(connection: sa.Connection, feeds: Iterable[str]) -> dict[str, str]:
    """Return the names of stations by their feeds: of their own record, else of the code by which they joined."""
    head, code, found = table_of(RecordHead), table_of(EnrolCode), {}
    wanted = sorted(set(feeds))
    for piece in chunks(wanted):
        query = (
            sa.select(code.c.station_code, code.c.station_name)
            .where(code.c.station_code.in_([station_of(feed) for feed in piece]), code.c.station_name.is_not(None))
            .order_by(code.c.made_at)
        )
        found.update({f"{STATION}/{row.station_code}": row.station_name for row in connection.execute(query)})
        rows = sa.select(head.c.feed, head.c.fields).where(head.c.feed.in_(piece), head.c.record_type == STATION_TYPE)
        for row in connection.execute(rows):
            values = json.loads(row.fields)
            if values.get("code") == station_of(row.feed) and values.get("deleted_at") is None:
                found[row.feed] = values["name"]
    return {feed: str(name)[:60] for feed, name in found.items()}
