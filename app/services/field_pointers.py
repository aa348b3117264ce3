"""Whose a visit is: the person's own, and those of her household at which she was met too."""

import json

from sqlalchemy import ColumnElement, String, cast, or_
from sqlmodel import col

from app.db.database import Transaction
from app.models.visit import Visit
from app.services.merged import merged_files


def visits_with(tx: Transaction, resident_id: str) -> ColumnElement[bool]:
    """Return the condition on ``visit``: hers, or she (or a file that went into hers) is among ``also_met``."""
    people = (resident_id, *(merged.drop_id for merged in merged_files(tx, resident_id)))
    text = cast(col(Visit.also_met), String)  # the JSON as stored: looked for as a whole quoted string
    met = (text.contains(json.dumps(each), autoescape=True) for each in people)
    return or_(col(Visit.resident_id) == resident_id, *met)
