"""The heads of the counters' logs as they were told: kept for ever, compared at each telling, breaks noted.

A counter tells where its log ends and which hashes stand at the heads of before. What does not follow from them was
changed or cut off, unless the counter says that it was restored from a backup: then it is noted as that, for people to
know whether somebody did. No clock and no word of the counter hides a break.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from app import clock
from app.db.chain import LOGS
from app.db.inserts import table_of
from app.district.accounts import Caller
from app.errors import InvalidInputError, NotFoundError
from app.models.district import ChainBreak, ChainHead, Device
from app.models.wire import to_wire
from app.sync.protocol import MAX_SEQ, MalformedError, clean_text
from app.texts import _

CHANGED, CUT, RESTORED = "changed", "cut", "restored"
MOST_AT = 64
NEWEST, MOST_KEPT = 8, 24
RESTORES_SHOWN = timedelta(days=30)
_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class SaidHead:
    """Where a log ends, and what stands at the heads of before."""

    number: int
    chain: str
    at: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Said:
    """What a counter says of its logs; ``restored`` names its last restore from a backup.

    ``telling``: numbers what it says; None of one that does not number it.
    """

    logs: Mapping[str, SaidHead]
    restored: str | None
    telling: int | None = None


def read_said(body: Any) -> Said:
    """Read what a counter says; logs that this server does not know are passed over.

    Raises:
        MalformedError: something is missing or wrong.
    """
    if not isinstance(body, dict) or not isinstance(body.get("logs"), dict):
        raise MalformedError("logs", "must be an object")
    restored = body.get("restored")
    if restored is not None and not clean_text(restored, 60):
        raise MalformedError("restored", "must be text of at most 60 characters")
    telling = body.get("telling")
    if telling is not None and not _is_number(telling):
        raise MalformedError("telling", "must be a whole number")
    return Said({log: _head(body["logs"][log]) for log in LOGS if log in body["logs"]}, restored, telling)


def _head(value: Any) -> SaidHead:
    if not isinstance(value, dict) or not _is_number(value.get("number")) or not _is_hash(value.get("chain")):
        raise MalformedError("logs", "must have number and chain")
    at = value.get("at", [])
    if not isinstance(at, list) or len(at) > MOST_AT:
        raise MalformedError("at", f"must be at most {MOST_AT} pairs")
    for pair in at:
        if not (isinstance(pair, list) and len(pair) == 2 and _is_number(pair[0]) and _is_hash(pair[1])):
            raise MalformedError("at", "must be pairs of number and hash")
    return SaidHead(value["number"], value["chain"], dict(at))


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_SEQ


def _is_hash(value: Any) -> bool:
    return isinstance(value, str) and _HASH.fullmatch(value) is not None


def take_heads(connection: sa.Connection, caller: Caller, said: Said) -> dict[str, Any]:
    """Compare and keep what a counter says; return what is held of it, and at which numbers its hashes are wanted.

    What was said before and arrives once more, however late, has no effect: else the log would seem to be cut off.
    """
    last = _last_telling(connection, caller.id)
    if said.telling is not None and said.telling <= last:
        return _answer(connection, caller, {}, telling=last, known=True)
    held = {log: _live(connection, caller.id, log) for log in said.logs}
    ask = {log: _wanted(held[log], head) for log, head in said.logs.items()}
    if any(ask.values()):  # judged when all of it is there: a restore explains one telling as a whole
        return _answer(connection, caller, ask, telling=last)
    restored = said.restored if said.restored is not None and _is_new(connection, caller.id, said.restored) else None
    for log, head in said.logs.items():
        live = held[log]
        at = {**head.at, head.number: head.chain}
        broken = _break(live, head.number, at)
        if broken is not None or restored is not None:
            kind, first, last = broken or (RESTORED, 0, 0)
            _note(connection, caller.id, log, RESTORED if restored is not None else kind, first, last, restored)
            live = _let_go(connection, live, first) if broken is not None else live
        _put(connection, caller.id, log, head, live, at)
    if said.telling is not None:
        device, last = table_of(Device), said.telling
        connection.execute(sa.update(device).where(device.c.id == caller.id).values(telling=last))
    return _answer(connection, caller, ask, telling=last)


def current(connection: sa.Connection, caller: Caller) -> dict[str, Any]:
    """Return what is held of a counter's logs, as the answer to a telling of nothing."""
    return _answer(connection, caller, {}, telling=_last_telling(connection, caller.id))


def _answer(
    connection: sa.Connection, caller: Caller, ask: Mapping[str, list[int]], *, telling: int, known: bool = False
) -> dict[str, Any]:
    return {**held_heads(connection, caller.id), "ask": ask, "telling": telling, "known": known}


def _last_telling(connection: sa.Connection, device: str) -> int:
    table = table_of(Device)
    return int(connection.execute(sa.select(table.c.telling).where(table.c.id == device)).scalar() or 0)


def _wanted(live: Sequence[Any], head: SaidHead) -> list[int]:
    """Return the numbers of heads of before, lower than this one, whose hashes it did not say."""
    return [row.number for row in thinned(live) if row.number < head.number and row.number not in head.at]


def _break(live: Sequence[Any], number: int, at: Mapping[int, str]) -> tuple[str, int, int] | None:
    """Return kind, first and last line of what does not follow from the heads of before."""
    wrong = [row.number for row in live if at.get(row.number, row.chain) != row.chain]
    if wrong:
        good = [row.number for row in live if row.number < wrong[0] and at.get(row.number) == row.chain]
        return CHANGED, max(good, default=0) + 1, wrong[0]
    last = live[-1].number if live else 0
    return (CUT, number + 1, last) if last > number else None


def _live(connection: sa.Connection, device: str, log: str) -> list[Any]:
    head = table_of(ChainHead)
    query = sa.select(head).where(head.c.device == device, head.c.log == log, head.c.live).order_by(head.c.number)
    return list(connection.execute(query))


def _is_new(connection: sa.Connection, device: str, token: str) -> bool:
    """Tell whether a restore was not told of before: each explains one break."""
    known = table_of(ChainBreak)
    query = sa.select(known.c.id).where(known.c.device == device, known.c.token == token)
    return connection.execute(query.limit(1)).first() is None


def _note(
    connection: sa.Connection, device: str, log: str, kind: str, first: int, last: int, token: str | None
) -> None:
    values = {"id": clock.new_id(), "device": device, "log": log, "kind": kind, "first": first, "last": last}
    connection.execute(sa.insert(table_of(ChainBreak)).values(**values, token=token, noted_at=clock.now()))


def _let_go(connection: sa.Connection, live: Sequence[Any], first: int) -> list[Any]:
    """Go on from the last head before the break: those from ``first`` on are of a log that is no more."""
    head, gone = table_of(ChainHead), [row.id for row in live if row.number >= first]
    connection.execute(sa.update(head).where(head.c.id.in_(gone)).values(live=False))
    return [row for row in live if row.number < first]


def _put(
    connection: sa.Connection, device: str, log: str, said: SaidHead, live: Sequence[Any], at: Mapping[int, str]
) -> None:
    """Keep the new head. It takes the place of one of the same day that it was seen to follow from."""
    now, table = clock.now(), table_of(ChainHead)
    top = live[-1] if live else None
    if said.number == 0 or (top is not None and top.number >= said.number):
        return
    values = {"number": said.number, "chain": said.chain, "told_at": now}
    same_day = top is not None and clock.to_local(top.told_at).date() == clock.to_local(now).date()
    if top is not None and same_day and top.number in at:
        connection.execute(sa.update(table).where(table.c.id == top.id).values(**values))
    else:
        connection.execute(sa.insert(table).values(id=clock.new_id(), device=device, log=log, live=True, **values))


def thinned(rows: Sequence[Any]) -> list[Any]:
    """Return the newest heads, and of the older ones fewer the further back they lie."""
    newest, older = list(rows[-NEWEST:]), list(rows[:-NEWEST])
    found: list[Any] = []
    step = 1
    while older and len(found) < MOST_KEPT - NEWEST:
        found.append(older[-1])
        older = older[:-step]
        step *= 2
    return [*reversed(found), *newest]


def held_heads(connection: sa.Connection, device: str) -> dict[str, Any]:
    """Return the heads that are held of a device's logs, thinned, as the protocol tells them."""
    logs = {}
    for log in LOGS:
        rows = thinned(_live(connection, device, log))
        logs[log] = {"heads": [[row.number, row.chain, to_wire(row.told_at)] for row in rows]}
    return {"logs": logs, "breaks": breaks_of(connection, [device]).get(device, [])}


def breaks_of(connection: sa.Connection, devices: Iterable[str]) -> dict[str, list[dict[str, Any]]]:
    """Return for each device what somebody should look into: breaks that nobody settled, restores of late."""
    known, since = table_of(ChainBreak), clock.now() - RESTORES_SHOWN
    query = (
        sa.select(known)
        .where(known.c.device.in_(list(devices)), known.c.settled_at.is_(None))
        .where(sa.or_(known.c.kind != RESTORED, known.c.noted_at > since))
        .order_by(known.c.noted_at, known.c.id)
    )
    found: dict[str, list[dict[str, Any]]] = {}
    for row in connection.execute(query):
        told = {"log": row.log, "kind": row.kind, "first": row.first, "last": row.last}
        found.setdefault(row.device, []).append({**told, "noted_at": to_wire(row.noted_at)})
    return found


def settle_breaks(connection: sa.Connection, device: str, why: str) -> int:
    """Note that somebody looked into a device's breaks, and what it was; return how many. They stay on record.

    Raises:
        InvalidInputError: no reason was given.
        NotFoundError: there is nothing to settle.
    """
    if not clean_text(why.strip(), 200) or not why.strip():
        raise InvalidInputError({"why": _("写明查到了什么，最多 200 个字")})
    known = table_of(ChainBreak)
    update = sa.update(known).where(known.c.device == device, known.c.settled_at.is_(None))
    count = connection.execute(update.values(settled_at=clock.now(), settled_why=why.strip())).rowcount
    if not count:
        raise NotFoundError(_("这台电脑没有要了结的日志提示"))
    return int(count)
