"""What is asked of the district's ledgers, and who may: officers of every station, a station's head of her own."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from app.db.inserts import table_of
from app.district.accounts import Caller
from app.district.deps import malformed
from app.district.problems import ProblemError
from app.errors import UserError
from app.ledgers.base import Ask
from app.ledgers.making import EXPORT, EXPORT_WHOLE
from app.ledgers.period import Period, check
from app.models.acts import OFFICER, may
from app.models.district import FeedHead, RecordHead
from app.models.registry import STATION
from app.sync.protocol import MAX_SEQ, MalformedError, clean_text, is_id
from app.texts import _

MOST_STATIONS = 500
_STAFF = "staff"


@dataclass(frozen=True)
class Asked:
    """A question, checked. ``after``: how many rows of the state ``stamp`` the asker has already.

    ``why``: the reason for whole values; empty for masked ones.
    """

    ask: Ask
    kind: str = ""
    actor: str | None = None
    why: str = ""
    after: int = 0
    stamp: str = ""
    blocks: str = ""


def read_question(body: Any, caller: Caller) -> Asked:
    """Read and check a question; a station's head asks of her own station whatever she leaves out.

    Raises:
        ProblemError: 400, it is not one; 403, of another station.
    """
    if not isinstance(body, dict):
        raise malformed(MalformedError("body", "must be an object"))
    texts = {name: _text(body, name, most) for name, most in _TEXTS.items()}
    actor = body.get("actor")
    if actor is not None and not is_id(actor):
        raise malformed(MalformedError("actor", "must be an id"))
    if texts["why"] and actor is None:
        raise malformed(MalformedError("actor", "must say who wants whole values"))
    filters: dict[str, Any] = {name: texts[name] for name in ("community", "grid", "officer", "group")}
    ask = Ask(_period(body), _stations(body, caller), **filters)
    rest = {name: texts[name] for name in ("stamp", "blocks", "why")}
    return Asked(ask, texts["ledger"], actor, after=_whole(body, "after"), **rest)


_TEXTS = {
    "ledger": 40, "community": 12, "grid": 16, "officer": 36, "group": 16, "why": 100, "stamp": 32, "blocks": 8,
}  # fmt: skip


def _text(body: Mapping[str, Any], name: str, most: int) -> str:
    value = body.get(name)
    if value is None or value == "":
        return ""
    if not clean_text(value, most):
        raise malformed(MalformedError(name, f"must be text of at most {most} characters"))
    return str(value).strip()


def _whole(body: Mapping[str, Any], name: str) -> int:
    value = body.get(name, 0)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_SEQ:
        raise malformed(MalformedError(name, "must be a whole number"))
    return value


def _period(body: Mapping[str, Any]) -> Period:
    """Return the period asked for: half-open, begun, of years that there are."""
    days = []
    for name in ("first", "until"):
        value = body.get(name)
        try:
            day = date.fromisoformat(value) if isinstance(value, str) and len(value) == 10 else None
        except ValueError:
            day = None
        if day is None or not 1900 <= day.year <= 2200:
            raise malformed(MalformedError(name, "must be a date"))
        days.append(day)
    if days[0] >= days[1]:
        raise malformed(MalformedError("until", "must be later than first"))
    try:
        return check(Period(*days))
    except UserError as problem:
        raise ProblemError(400, "malformed", problem.text, field="first") from None


def _stations(body: Mapping[str, Any], caller: Caller) -> tuple[str, ...]:
    value = body.get("stations")
    given = [] if value is None else value
    if not isinstance(given, list) or len(given) > MOST_STATIONS or not all(clean_text(each, 12) for each in given):
        raise malformed(MalformedError("stations", "must be a list of station codes"))
    if caller.role == OFFICER:
        return tuple(sorted(set(given)))
    if set(given) - {caller.station_code}:
        raise ProblemError(403, "not_your_station", _("别的站的台账只有区里能看，这台电脑只能取本站的"))
    return (caller.station_code,)


def admit(connection: sa.Connection, caller: Caller, asked: Asked | None = None) -> None:
    """Let a device have ledgers, and its person whole values if those are asked for.

    Raises:
        ProblemError: 403, the role may not.
    """
    roles = {caller.role}
    if not may(frozenset(roles), EXPORT):
        raise ProblemError(403, "not_allowed", _("区里的台账给站长和区里的人看；这台电脑的岗位不能取，请转站长"))
    if asked is None or asked.actor is None:
        return
    staff = _member(connection, caller, asked.actor)
    if staff is not None:
        if staff.get("active") is False or staff.get("deleted_at") is not None:
            raise ProblemError(403, "not_allowed", _("经办人已停用"))
        roles = {str(role) for role in staff.get("roles") or ()} | ({OFFICER} & roles)
    act = EXPORT_WHOLE if asked.why else EXPORT
    if not may(frozenset(roles), act):
        raise ProblemError(403, "not_allowed", _("您的岗位不能导出台账，请转站长"))


def _member(connection: sa.Connection, caller: Caller, actor: str) -> Mapping[str, Any] | None:
    head = table_of(RecordHead)
    query = sa.select(head.c.fields).where(
        head.c.feed == caller.feed_of(STATION), head.c.record_type == _STAFF, head.c.record_id == actor
    )
    text = connection.execute(query).scalar()
    found: Mapping[str, Any] | None = None if text is None else json.loads(text)
    return found


def known_stations(connection: sa.Connection, caller: Caller) -> Sequence[dict[str, str]]:
    """Return code and name of the stations a device may ask for, by code."""
    head, feed = table_of(RecordHead), table_of(FeedHead)
    feeds = sa.select(feed.c.feed).where(feed.c.feed.like(f"{STATION}/%"))
    if caller.role != OFFICER:
        feeds = feeds.where(feed.c.feed == caller.feed_of(STATION))
    query = sa.select(head.c.fields).where(head.c.record_type == STATION, head.c.feed.in_(feeds))
    found = {}
    for text in connection.scalars(query):
        facts = json.loads(text)
        if facts.get("deleted_at") is None:
            found[str(facts.get("code"))] = str(facts.get("name"))
    return [{"code": code, "name": name} for code, name in sorted(found.items())]
