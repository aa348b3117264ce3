"""Values of a record in the words of a ledger's cell. Ledgers are Chinese papers, whatever language the screen has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from app.ledgers.base import Ask, joined
from app.models.codes import code_list, occupation, skill_rank
from app.models.divisions import division


def place_words(code: str, _ask: Ask) -> str:
    """Return the division a code names, or the code itself where it is none that is known."""
    found = division(code)
    return found.label if found is not None and len(code) >= 6 else code


@cache
def community_words(code: str) -> str:
    """Return the shortest name of where somebody lives: the street or community, else the code itself."""
    found = division(code)
    return found.name if found is not None and len(code) >= 6 else code


def code_words(list_id: str, value: Any) -> str:
    """Return the Chinese label of a code, or of several; an unknown code stays as it is."""
    known = code_list(list_id)
    codes = value if isinstance(value, list | tuple) else [value]
    return joined([item.label_zh if (item := known.get(str(code))) is not None else str(code) for code in codes])


def group_words(groups: Sequence[Any], _ask: Ask) -> str:
    """Return the priority groups of a resident: [{code, valid_from, …}] or plain codes."""
    return code_words("KG", [each.get("code", "") if isinstance(each, Mapping) else str(each) for each in groups])


def top_skill(skills: Sequence[Any], _ask: Ask) -> str:
    """Return the highest level among the skills of a registration: [{trade, level, …}]."""
    known = code_list("SKILL")
    levels = [item for each in skills if isinstance(each, Mapping) and (item := known.get(each.get("level")))]
    return max(levels, key=lambda item: skill_rank(item.code)).label_zh if levels else ""


def trade_words(trade: str | None) -> str:
    """Return the occupation of a code of any length."""
    item = occupation(trade)
    return item.label_zh if item is not None else trade or ""


def intent_words(intents: Sequence[Any], _ask: Ask) -> str:
    """Return what somebody looks for, up to three trades: [{trade, text, wage_min, …}]."""
    wanted = [each for each in intents if isinstance(each, Mapping)][:3]
    return joined([str(each.get("text") or trade_words(each.get("trade"))) for each in wanted])


def lowest_wage(intents: Sequence[Any], _ask: Ask) -> int | None:
    """Return the least monthly pay among the intents, in fen."""
    wages = [wage for each in intents if isinstance(each, Mapping) and isinstance(wage := each.get("wage_min"), int)]
    return min(wages, default=None)
