"""What visits, follow-ups, guidance and policy talks add to a resident's file: words for the timeline."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from app import clock
from app.db.database import Transaction
from app.models.codes import code_list
from app.models.guidance import Guidance, PolicyIntro
from app.models.visit import Followup, Visit
from app.services.entering import days_late
from app.services.field_pointers import visits_with
from app.services.policy_cards import card_names
from app.texts import _

TYPES = ("policy_intro", "guidance", "followup", "visit")
"""In order of weight: of several records of one act the last one gives the line its words."""
_LONGEST = 60


def texts_of(tx: Transaction, resident_id: str) -> dict[str, str]:
    """Return record id → its words, of every such record of a person."""
    cards = card_names(tx)
    found: dict[str, str] = {}
    visits = select(
        col(Visit.id),
        col(Visit.visited_at),
        col(Visit.entered_at),
        col(Visit.outcome),
        col(Visit.policies),
        col(Visit.narrative),
    ).where(visits_with(tx, resident_id))
    for row in tx.rows(visits):
        told = _("讲了{policies}", policies=_names(cards, row.policies)) if row.policies else ""
        words = (code_list("VISIT_OUTCOME").label(row.outcome), told, _short(row.narrative))
        found[row.id] = _joined(late_words(row.visited_at, row.entered_at), *words)
    found.update(_followup_texts(tx, resident_id))
    talks = select(
        col(Guidance.id),
        col(Guidance.guided_at),
        col(Guidance.entered_at),
        col(Guidance.duration_min),
        col(Guidance.problem),
        col(Guidance.advice),
    ).where(col(Guidance.resident_id) == resident_id)
    for row in tx.rows(talks):
        length = _("{n} 分钟", n=row.duration_min) if row.duration_min else ""
        words = (length, _short(row.problem), _short(row.advice))
        found[row.id] = _joined(late_words(row.guided_at, row.entered_at), *words)
    intros = select(
        col(PolicyIntro.id), col(PolicyIntro.told_at), col(PolicyIntro.entered_at), col(PolicyIntro.policies)
    ).where(col(PolicyIntro.resident_id) == resident_id)
    for row in tx.rows(intros):
        found[row.id] = _joined(late_words(row.told_at, row.entered_at), _names(cards, row.policies))
    return found


def _followup_texts(tx: Transaction, resident_id: str) -> dict[str, str]:
    calls = select(
        col(Followup.id),
        col(Followup.done_at),
        col(Followup.entered_at),
        col(Followup.origin_kind),
        col(Followup.result),
        col(Followup.attempts),
        col(Followup.difficulty),
    ).where(col(Followup.resident_id) == resident_id)
    found = {}
    for row in tx.rows(calls):
        result = code_list("FU_RESULT").label(row.result) or _("没联系上，试过 {n} 次", n=row.attempts)
        words = (code_list("FU_ORIGIN").label(row.origin_kind), result, _short(row.difficulty))
        found[row.id] = _joined(late_words(row.done_at, row.entered_at), *words)
    return found


def late_words(happened_at: datetime, entered_at: datetime) -> str:
    """Return the true day of what was entered on another day; nothing where it was entered the same day."""
    if days_late(happened_at, entered_at) <= 0:
        return ""
    return _("补录，实际是 {day}", day=clock.to_local(happened_at).date().isoformat())


def state_of(record_type: str, changes: dict[str, Any]) -> str:
    """Return the short word for the line's chip: the outcome of a visit or follow-up."""
    for kind, field, list_id in (("visit", "outcome", "VISIT_OUTCOME"), ("followup", "result", "FU_RESULT")):
        if record_type == kind and field in changes and changes[field][1]:
            return code_list(list_id).label(changes[field][1])
    return ""


def _names(cards: dict[str, str], ids: list[str]) -> str:
    return _("、").join(cards.get(each, each) for each in ids)


def _short(text: str | None) -> str:
    words = " ".join((text or "").split())
    return words if len(words) <= _LONGEST else words[: _LONGEST - 1] + "…"


def _joined(*parts: str) -> str:
    return _("，").join(part for part in parts if part)
