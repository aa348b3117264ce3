"""Whose classes somebody sees: a trainer her own, the station's staff all of the district.

A trainer's laptop holds the district's whole training feed; what it shows is decided here, in every query and verb.
"""

import json
from typing import Any

from sqlalchemy import ColumnElement, String, cast, or_, true
from sqlmodel import col

from app.db.database import Transaction
from app.errors import NotAllowedError, NotFoundError
from app.models.acts import TRAINER
from app.models.training import TrainingClass
from app.texts import _


def is_only_trainer(tx: Transaction) -> bool:
    """Tell whether the actor is a trainer and nothing else."""
    return tx.actor is not None and tx.actor.roles == frozenset({TRAINER})


def own_classes(tx: Transaction) -> ColumnElement[bool]:
    """Return the condition on ``training_class`` that keeps a trainer to her own; true for others.

    Found by her id, or by her name: on a laptop of her own the station's list of staff is not known.
    """
    if not is_only_trainer(tx) or tx.actor is None:
        return true()
    text = cast(col(TrainingClass.trainers), String)  # the JSON as stored: looked for as a whole quoted string
    words = (json.dumps(word, ensure_ascii=False) for word in (tx.actor.staff_id, tx.actor.name) if word)
    return or_(*(text.contains(word, autoescape=True) for word in words))


def check_own(tx: Transaction, trainers: list[Any]) -> None:
    """Refuse a trainer a class that is not hers.

    Raises:
        NotAllowedError: she does not teach it.
    """
    if not is_only_trainer(tx) or tx.actor is None:
        return
    actor = tx.actor
    if not any(
        isinstance(each, dict) and (each.get("staff_id") == actor.staff_id or each.get("name") == actor.name)
        for each in trainers
    ):
        raise NotAllowedError(_("这个班不是您教的，看不到也改不了"))


def get_class(tx: Transaction, class_id: str) -> TrainingClass:
    """Return a class that the actor may see.

    Raises:
        NotFoundError: there is none.
        NotAllowedError: it is another trainer's.
    """
    found = tx.find(TrainingClass, class_id)
    if found is None:
        raise NotFoundError(_("找不到这个班期，可能已经作废"))
    check_own(tx, found.trainers)
    return found


def actor_name(tx: Transaction) -> str | None:
    """Return the actor's name as records keep it: other devices may not know her id."""
    return tx.actor.name if tx.actor else None
