"""What the district wants its counters to know, as it was last heard: kept on this device until it expires."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from app import clock
from app.db import state
from app.db.database import Transaction

NOTICES = "district_notices"
MOST = 20


@dataclass(frozen=True)
class NoticeLine:
    """A word from the district. ``until``: when it is shown no longer; None while it is not taken back."""

    id: str
    text: str
    until: datetime | None


def notices_of(tx: Transaction) -> tuple[NoticeLine, ...]:
    """Return the district's notices that are in force now, latest first."""
    now = clock.now()
    lines = (_line(item) for item in state.get_state(tx.session, NOTICES) or ())
    return tuple(line for line in lines if line is not None and (line.until is None or line.until > now))


def news_of(tx: Transaction, told: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]] | None:
    """Return what is to be kept of what the district tells now; None when it is what is kept already."""
    kept = [
        {"id": line.id, "text": line.text, "until": line.until.isoformat() if line.until else None}
        for line in map(_line, told)
        if line is not None
    ][:MOST]
    return None if kept == (state.get_state(tx.session, NOTICES) or []) else kept


def _line(item: Any) -> NoticeLine | None:
    """Read one notice; what is not one is left out."""
    if not isinstance(item, Mapping) or not isinstance(item.get("id"), str) or not isinstance(item.get("text"), str):
        return None
    until = None
    if item.get("until") is not None:
        try:
            until = datetime.fromisoformat(str(item["until"]))
        except ValueError:
            return None
        until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return NoticeLine(item["id"], item["text"][:300], until)
