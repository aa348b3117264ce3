"""The open classes for one person, those first that close a gap of hers or fit what she looks for."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from app.db.database import Transaction
from app.errors import RuleError
from app.models.codes import occupation_label
from app.models.training import Course, TrainingClass
from app.services.matching.query import match_resident
from app.services.registrations import active_registration
from app.services.training.listing import ClassLine, list_open_classes
from app.services.training.openings import closing_classes
from app.services.training.rosters import list_sign_ups

LOOKED_AT = 50
"""How many suggested vacancies, and how many of those where she should train first, are asked what they lack."""


@dataclass(frozen=True)
class FittingClass:
    """One open class as it concerns a person.

    ``closes``: the certificate it leads to that she lacks, asked for by ``wanted_by`` vacancies; ``wish``: what she
    looks for that it trains for. ``signed_up``: she is on its list already. ``slots`` as in the class.
    """

    line: ClassLine
    slots: tuple[Mapping[str, Any], ...]
    closes: str
    wanted_by: int
    wish: str
    signed_up: bool

    @property
    def rank(self) -> tuple[bool, bool, int, bool]:
        """Return its place in the order: open to her, closes a gap (of more vacancies first), fits a wish."""
        return self.signed_up, not self.closes, -self.wanted_by, not self.wish


def fitting_classes(tx: Transaction, resident_id: str) -> list[FittingClass]:
    """Return every class one may sign up for today, what fits this person first, else what starts first."""
    lines = list_open_classes(tx)
    lacking = _lacking(tx, resident_id)
    closing = {found.line.id: found.cert_name for found in closing_classes(tx, lacking)}
    mine = {line.class_id for line in list_sign_ups(tx, resident_id) if line.state != "40"}
    wishes = _wishes(tx, resident_id)
    more = _more(tx, [line.id for line in lines])
    found = []
    for line in lines:
        slots, trade = more.get(line.id, ((), None))
        closes = closing.get(line.id, "")
        found.append(
            FittingClass(line, slots, closes, lacking[closes] if closes else 0, _wish(wishes, trade), line.id in mine)
        )
    return sorted(found, key=lambda each: (*each.rank, each.line.start_on, each.line.title, each.line.id))


def _lacking(tx: Transaction, resident_id: str) -> Counter[str]:
    """Count the vacancies that would do but for a certificate, by its name; none without a registration in force."""
    try:
        result = match_resident(tx, resident_id, top=LOOKED_AT)
    except RuleError:
        return Counter()
    vacancies = (*result.suggestions, *result.train_first)
    return Counter(name for one in vacancies for name in dict.fromkeys(one.lacking))


def _wishes(tx: Transaction, resident_id: str) -> list[tuple[str, str]]:
    """Return (occupation code, her words) of what she looks for."""
    registration = active_registration(tx, resident_id)
    intents = registration.intents if registration is not None else ()
    return [
        (str(each["trade"]), str(each.get("text") or occupation_label(each["trade"])))
        for each in intents
        if isinstance(each, dict) and each.get("trade")
    ]


def _wish(wishes: Sequence[tuple[str, str]], trade: str | None) -> str:
    fit = (words for code, words in wishes if trade and (code.startswith(trade) or trade.startswith(code)))
    return next(fit, "")


def _more(tx: Transaction, class_ids: Sequence[str]) -> dict[str, tuple[tuple[Mapping[str, Any], ...], str | None]]:
    """Return class id → its hours and its course's trade."""
    statement = (
        select(col(TrainingClass.id), col(TrainingClass.slots), col(Course.trade))
        .outerjoin(Course, col(Course.id) == col(TrainingClass.course_id))
        .where(col(TrainingClass.id).in_(class_ids))
    )
    return {
        row.id: (tuple(slot for slot in row.slots if isinstance(slot, dict)), row.trade) for row in tx.rows(statement)
    }
