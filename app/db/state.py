"""Facts of this device alone: its id and number, its station, where the district is."""

import json
from typing import Any

from sqlmodel import Session

from app import clock
from app.db.direct import fetch, run

DEVICE_ID = "device_id"
DEVICE_NO = "device_no"
STATION_CODE = "station_code"
COUNTY_CODE = "county_code"

_READ = "SELECT key, value FROM local_state"
_WRITE = "INSERT INTO local_state (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value"


def _facts(session: Session) -> dict[str, Any]:
    """Return all facts, read once per transaction; those that were asked for are no longer JSON."""
    facts: dict[str, Any] | None = session.info.get("local_state")
    if facts is None:
        facts = session.info["local_state"] = dict(fetch(session.connection(), _READ))
        session.info["local_state_read"] = set()
    return facts


def _parsed(value: Any) -> Any:
    """Return a JSON column's value; SQLite itself turns bare numbers into numbers."""
    return json.loads(value) if isinstance(value, str) else value


def get_state(session: Session, key: str, default: Any = None) -> Any:
    """Return a fact, or the default."""
    facts = _facts(session)
    read: set[str] = session.info["local_state_read"]
    if key not in read and key in facts:  # most of them nobody asks for in this transaction
        facts[key] = _parsed(facts[key])
        read.add(key)
    return facts.get(key, default)


def set_state(session: Session, key: str, value: Any) -> None:
    """Keep a fact in this transaction."""
    _facts(session)[key] = value
    session.info["local_state_read"].add(key)
    run(session.connection(), _WRITE, (key, json.dumps(value, ensure_ascii=False)))


def device_id(session: Session) -> str:
    """Return this device's id; made at the first call, replaced by the district's at enrolment."""
    known = get_state(session, DEVICE_ID)
    if known is None:
        known = clock.new_id()
        set_state(session, DEVICE_ID, known)
    return str(known)


def station_code(session: Session) -> str | None:
    """Return the code of the station this device serves, once founded or joined."""
    value = get_state(session, STATION_CODE)
    return None if value is None else str(value)
