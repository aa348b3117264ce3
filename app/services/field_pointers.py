"""Whose a visit is: the person's own, and those of her household at which she was met too."""

import json

from sqlalchemy import ColumnElement, String, and_, cast, or_, select
from sqlmodel import col

from app.db.database import Transaction
from app.models.resident import HouseholdMember, Resident
from app.models.visit import Visit
from app.services.merged import merged_files


def visits_with(tx: Transaction, resident_id: str) -> ColumnElement[bool]:
    """Return the condition on ``visit``: hers, or she (or a file that went into hers) is among ``also_met``.

    Looked for only at the doors where she lives or lived, so that both halves have their index.
    """
    own = col(Visit.resident_id) == resident_id
    people = [resident_id, *(merged.drop_id for merged in merged_files(tx, resident_id))]
    doors = _doors_of(tx, people)
    if not doors:
        return own
    text = cast(col(Visit.also_met), String)  # the JSON as stored: looked for as a whole quoted string
    met = or_(*(text.contains(json.dumps(each), autoescape=True) for each in people))
    return or_(own, and_(col(Visit.household_id).in_(doors), met))


def _doors_of(tx: Transaction, people: list[str]) -> set[str]:
    """Return the households that these people belong or once belonged to."""
    now = select(col(Resident.household_id)).where(col(Resident.id).in_(people))
    ever = select(col(HouseholdMember.household_id)).where(col(HouseholdMember.resident_id).in_(people))
    return {row[0] for statement in (now, ever) for row in tx.rows(statement) if row[0]}
