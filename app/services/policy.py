"""District parameters with their dates and source: rules that differ by district and day are data, not code.

Shipped defaults (``resources/policy/defaults.json``) stand until the district sends its own.
"""

import json
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import bindparam, or_, select
from sqlmodel import col

from app import clock, paths
from app.db.database import Transaction
from app.models.station import PolicyParam


@dataclass(frozen=True)
class InForce:
    """A parameter as it stands on a day. ``since``: from when the district has it so; None for a shipped default."""

    key: str
    value: Any
    source: str
    since: date | None


_IN_FORCE = (
    select(col(PolicyParam.value), col(PolicyParam.source_doc), col(PolicyParam.effective_from))
    .where(
        col(PolicyParam.key) == bindparam("key"),
        col(PolicyParam.effective_from) <= bindparam("day"),
        col(PolicyParam.deleted_at).is_(None),
    )
    .where(or_(col(PolicyParam.effective_to).is_(None), col(PolicyParam.effective_to) >= bindparam("day")))
    .order_by(col(PolicyParam.effective_from).desc(), col(PolicyParam.id).desc())
    .limit(1)
)


@cache
def _defaults() -> dict[str, dict[str, Any]]:
    file = paths.resources() / "policy" / "defaults.json"
    return {item["key"]: item for item in json.loads(file.read_text("utf-8"))}


def parameter(tx: Transaction, key: str, on: date | None = None) -> Any:
    """Return the value of a parameter in force on a day (today): the district's, else the shipped default."""
    day = on or clock.today()
    found = tx.rows(_IN_FORCE, {"key": key, "day": day})
    return found[0][0] if found else _defaults()[key]["value"]


def in_force(tx: Transaction, key: str, on: date | None = None) -> InForce:
    """Return a parameter in force on a day with where it comes from, to be shown beside what was decided by it."""
    found = tx.rows(_IN_FORCE, {"key": key, "day": on or clock.today()})
    if found:
        return InForce(key, found[0][0], found[0][1] or "", found[0][2])
    default = _defaults()[key]
    return InForce(key, default["value"], default["source_doc"], None)
