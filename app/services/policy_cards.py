"""Policy cards: what may be explained to people, as dated district data (domain sheet 2.11).

A card is a district parameter ``policy.card.<id>``; its dates and source are the parameter's. The cards shipped with
the program name the policy and say it in one sentence; document number and amounts come from the district.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from app import clock, paths, texts
from app.db.database import Transaction
from app.errors import InvalidInputError
from app.models.station import PolicyParam
from app.texts import _

PREFIX = "policy.card."


@dataclass(frozen=True)
class PolicyCard:
    """One policy. ``since`` and ``until``: the days the district has it in force; None for a shipped card."""

    id: str
    name: str
    summary: str
    doc_no: str = ""
    issuer: str = ""
    audience: str = ""
    benefit: str = ""
    papers: str = ""
    channel: str = ""
    phone: str = ""
    source: str = ""
    since: date | None = None
    until: date | None = None


def list_cards(tx: Transaction, on: date | None = None) -> tuple[PolicyCard, ...]:
    """Return the cards in force on a day (today), the shipped ones first; the district's replace those of their id."""
    day = on or clock.today()
    found = {card.id: card for card in _shipped(texts.language())}
    for row in _rows(tx):
        if row.effective_from <= day:
            found.pop(_id_of(row.key), None)
        if row.effective_from <= day and (row.effective_to is None or row.effective_to >= day):
            found[_id_of(row.key)] = _card(row)
    return tuple(found.values())


def card_names(tx: Transaction) -> dict[str, str]:
    """Return id → name of every card, also of those no longer in force: what was explained then keeps its name."""
    names = {card.id: card.name for card in _shipped(texts.language())}
    names.update({_id_of(row.key): _card(row).name for row in _rows(tx)})
    return names


def say_cards(tx: Transaction, ids: Iterable[str]) -> str:
    """Return the names of cards in one line."""
    names = card_names(tx)
    return _("、").join(names.get(each, each) for each in ids)


def check_cards(tx: Transaction, ids: Iterable[str], on: date) -> None:
    """Refuse cards that were not in force on that day.

    Raises:
        InvalidInputError: one was not.
    """
    known = {card.id for card in list_cards(tx, on)}
    wrong = [each for each in ids if each not in known]
    if wrong:
        text = _("{day} 没有这项政策在执行：{names}", day=on.isoformat(), names=say_cards(tx, wrong))
        raise InvalidInputError({"policies": text})


def _rows(tx: Transaction) -> list[Any]:
    """Return the district's cards, an older edition before a newer one."""
    statement = (
        select(
            col(PolicyParam.key),
            col(PolicyParam.value),
            col(PolicyParam.source_doc),
            col(PolicyParam.effective_from),
            col(PolicyParam.effective_to),
        )
        .where(col(PolicyParam.key).startswith(PREFIX, autoescape=True), col(PolicyParam.deleted_at).is_(None))
        .order_by(col(PolicyParam.effective_from), col(PolicyParam.id))
    )
    return [row for row in tx.rows(statement) if isinstance(row.value, dict) and row.value.get("name")]


def _id_of(key: str) -> str:
    return key.removeprefix(PREFIX)


_TEXTS = ("name", "summary", "doc_no", "issuer", "audience", "benefit", "papers", "channel", "phone")


def _card(row: Any) -> PolicyCard:
    said = {name: str(row.value.get(name) or "") for name in _TEXTS}
    source = row.source_doc or ""
    return PolicyCard(id=_id_of(row.key), **said, source=source, since=row.effective_from, until=row.effective_to)


@cache
def _shipped(language: str) -> tuple[PolicyCard, ...]:
    file = paths.resources() / "policy" / "cards.json"
    cards: list[Mapping[str, str]] = json.loads(file.read_text("utf-8"))
    ending = "zh" if language == "zh_CN" else "en"
    return tuple(
        PolicyCard(id=card["id"], name=card[f"name_{ending}"], summary=card[f"summary_{ending}"], source=card["source"])
        for card in cards
    )
