"""Places of vacancies, over all stations: how many are left, and whose they are, in the order in which people came.

Who came when is kept in ``place_claim``: each referral of a vacancy once, numbered when it is first met.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from app.db.inserts import table_of
from app.district.heads import Key
from app.district.store import chunks
from app.models.district import FeedEntry, FeedHead, PlaceClaim, ReceivedOp, RecordHead
from app.models.registry import MARKET
from app.services.referrals import HIRED, LAPSED, REPLIED, VOID

REFERRAL, VACANCY = "referral", "vacancy"
HAS_PLACE, WAITS = "1", "2"
_NOT_HIRED, _NOT_KNOWN = ("3", "4", "5", "6"), "9"

Wishes = dict[Key, dict[str, Any]]
"""{record: {field: value}} of what the district wants to stand otherwise than it does."""


@dataclass(frozen=True)
class Claim:
    """One referral in a vacancy's log."""

    vacancy_id: str
    number: int
    feed: str
    referral_id: str


def is_hired(values: Mapping[str, Any]) -> bool:
    """Tell whether a referral took one of the places for good."""
    return values.get("deleted_at") is None and values.get("state") != VOID and values.get("outcome") == HIRED


def is_live(values: Mapping[str, Any]) -> bool:
    """Tell whether a referral still asks for a place, or has it: not void, lapsed, deleted or ended without a hire."""
    if values.get("deleted_at") is not None or values.get("state") in (VOID, LAPSED):
        return False
    outcome = values.get("outcome")
    return outcome not in _NOT_HIRED and not (values.get("state") == REPLIED and outcome == _NOT_KNOWN)


def places_of(openings: int | None, referrals: Sequence[Mapping[str, Any]]) -> list[str | None]:
    """Return the place of each of a vacancy's referrals, which stand in order. Without openings nobody can say."""
    if openings is None:
        return [None] * len(referrals)
    found: list[str | None] = []
    taken = 0
    for values in referrals:
        live = is_live(values)
        taken += live
        found.append(None if not live else HAS_PLACE if taken <= openings else WAITS)
    return found


def remaining_of(openings: int | None, referrals: Iterable[Mapping[str, Any]]) -> int | None:
    """Return how many places are left of a vacancy."""
    return None if openings is None else max(0, openings - sum(is_hired(values) for values in referrals))


def take_claims(connection: sa.Connection, met: Mapping[tuple[str, str], Mapping[str, Any]]) -> None:
    """Enter referrals that are met for the first time into their vacancies' logs, in the order in which they came.

    ``met``: {(feed, id): values}. The caller holds the turn of the rulings, so that numbers are given out once.
    """
    vacancies = {str(values["vacancy_id"]) for values in met.values()}
    known: dict[str, int] = {}
    entered: set[tuple[str, str, str]] = set()
    for claim in claims_of(connection, vacancies):
        known[claim.vacancy_id] = claim.number
        entered.add((claim.vacancy_id, claim.feed, claim.referral_id))
    fresh = [place for place, values in met.items() if (str(values["vacancy_id"]), *place) not in entered]
    rows = []
    for feed, record_id, op in _by_arrival(connection, fresh):
        vacancy = str(met[feed, record_id]["vacancy_id"])
        known[vacancy] = known.get(vacancy, 0) + 1
        row = {"vacancy_id": vacancy, "number": known[vacancy], "feed": feed, "referral_id": record_id, "op": op}
        rows.append(row)
    if rows:
        connection.execute(sa.insert(table_of(PlaceClaim)), rows)


def _by_arrival(connection: sa.Connection, places: Sequence[tuple[str, str]]) -> list[tuple[str, str, str]]:
    """Return (feed, referral, op that made it) in the order of arrival; within a feed, that of the feed."""
    head, entry, op = table_of(RecordHead), table_of(FeedEntry), table_of(ReceivedOp)
    found: list[tuple[Any, str, int, str, str]] = []
    for feed in sorted({feed for feed, _id in places}):
        rows: list[sa.Row[Any]] = []
        for piece in chunks(record_id for name, record_id in places if name == feed):
            query = (
                sa.select(head.c.record_id, head.c.first_rev, entry.c.op, op.c.received_at)
                .join(entry, sa.and_(entry.c.feed == head.c.feed, entry.c.seq == head.c.first_rev))
                .join(op, op.c.op == entry.c.op)
                .where(head.c.feed == feed, head.c.record_type == REFERRAL, head.c.record_id.in_(piece))
            )
            rows.extend(connection.execute(query))
        last = None
        for row in sorted(rows, key=lambda each: each.first_rev):
            last = row.received_at if last is None else max(last, row.received_at)
            found.append((last, feed, row.first_rev, row.record_id, row.op))
    return [(feed, record_id, op_id) for _at, feed, _rev, record_id, op_id in sorted(found)]


def claims_of(connection: sa.Connection, vacancies: Iterable[str]) -> list[Claim]:
    """Return the logs of vacancies, each in order."""
    table = table_of(PlaceClaim)
    found: list[Claim] = []
    for piece in chunks(sorted(set(vacancies))):
        query = sa.select(table).where(table.c.vacancy_id.in_(piece)).order_by(table.c.vacancy_id, table.c.number)
        found.extend(Claim(row.vacancy_id, row.number, row.feed, row.referral_id) for row in connection.execute(query))
    return found


def place_wishes(
    connection: sa.Connection,
    vacancies: Iterable[str],
    read: Callable[[Iterable[Key]], Mapping[Key, Mapping[str, Any]]],
) -> Wishes:
    """Return what is to change of these vacancies' ``remaining`` and of their referrals' ``place``."""
    wanted = sorted(set(vacancies))
    markets = market_feeds(connection)
    posts = {key[2]: (key, values) for key, values in read((m, VACANCY, v) for m in markets for v in wanted).items()}
    claims: dict[str, list[Key]] = {vacancy: [] for vacancy in wanted}
    for claim in claims_of(connection, wanted):
        claims[claim.vacancy_id].append((claim.feed, REFERRAL, claim.referral_id))
    heads = read(key for keys in claims.values() for key in keys)
    wishes: Wishes = {}
    for vacancy, keys in claims.items():
        mine = [key for key in keys if key in heads and heads[key].get("vacancy_id") == vacancy]
        post = posts.get(vacancy)
        openings = post[1].get("openings") if post is not None else None
        values = [heads[key] for key in mine]
        if post is not None and (left := remaining_of(openings, values)) != post[1].get("remaining"):
            wishes[post[0]] = {"remaining": left}
        for key, place in zip(mine, places_of(openings, values), strict=True):
            if heads[key].get("place") != place:
                wishes[key] = {"place": place}
    return wishes


def market_feeds(connection: sa.Connection) -> list[str]:
    """Return the feeds in which vacancies live."""
    table = table_of(FeedHead)
    return list(connection.scalars(sa.select(table.c.feed).where(table.c.feed.like(f"{MARKET}/%"))))
