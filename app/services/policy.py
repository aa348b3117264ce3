"""District parameters with their dates and source: rules that differ by district and day are data, not code.

Shipped defaults (``resources/policy/defaults.json``) stand until the district sends its own.
"""

import json
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import bindparam, or_, select
from sqlmodel import col

from app import clock, paths
from app.db.database import Transaction
from app.models.station import PolicyParam

_IN_FORCE = (
    select(col(PolicyParam.value))
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
