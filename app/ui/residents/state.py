"""What the list of residents shows, without Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from app import clock
from app.models.codes import code_list
from app.models.masking import mask_address, mask_id, mask_mobile
from app.services import residents
from app.services.neighbours import unconfirmed_residents
from app.services.residents import ResidentHit
from app.texts import _

if TYPE_CHECKING:
    from app.db.database import Transaction

LIMIT = 200


@dataclass(frozen=True)
class Question:
    """What was asked for; the answer comes back with it, so that a late one is known as such."""

    typed: str

    def ask(self, tx: Transaction) -> Answer:
        """Return the best hits first; without words, the files touched last."""
        if self.typed:
            hits = residents.search_residents(tx, self.typed, limit=LIMIT)
        else:
            hits = residents.list_recent(tx, limit=LIMIT)
        return Answer(self, hits, unconfirmed_residents(tx, [hit.id for hit in hits]))


@dataclass(frozen=True)
class Answer:
    """What was found, and whose file holds something of a neighbour that the district has not confirmed."""

    question: Question
    hits: Sequence[ResidentHit]
    unconfirmed: frozenset[str]


def heading(typed: str, count: int) -> str:
    """Return the words beside the title."""
    if not typed:
        return _("最近动过的 {n} 份", n=count) if count else ""
    if count >= LIMIT:
        return _("只列最像的 {n} 位，再多打一点", n=LIMIT)
    return _("找到 {n} 位", n=count)


def who(hit: ResidentHit) -> str:
    """Return 女 47 岁."""
    sex = code_list("SEX").get(hit.sex)
    parts = [sex.short_label if sex is not None else ""]
    if (years := age(hit)) is not None:
        parts.append(_("{age} 岁", age=years))
    return " ".join(part for part in parts if part)


def age(hit: ResidentHit) -> int | None:
    """Return full years of age."""
    born, today = hit.birth_date, clock.today()
    return None if born is None else today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def id_masked(hit: ResidentHit) -> str:
    """Return the document's number, its middle hidden."""
    return mask_id(hit.id_no)


def mobile_masked(hit: ResidentHit) -> str:
    """Return the phone, its middle hidden."""
    return mask_mobile(hit.mobile)


def building(hit: ResidentHit) -> str:
    """Return the address, to the building."""
    return mask_address(hit.live_addr)


def status(hit: ResidentHit) -> str:
    """Return the employment status."""
    return code_list("EMP_STATUS").label(hit.emp_status)


def status_tone(hit: ResidentHit) -> str:
    """Return the tone of the status chip: working good, out of work orange, the rest neutral."""
    item = code_list("EMP_STATUS").get(hit.emp_status)
    counts_as = item.extra.get("counts_as") if item is not None else None
    return {"employed": "good", "unemployed": "orange", "preparation": "blue"}.get(str(counts_as), "neutral")


def touched(hit: ResidentHit) -> str:
    """Return when the file was touched last: the time today, else the day, with the year if another."""
    return when_words(hit.updated_at)


def when_words(moment: datetime | None) -> str:
    """Return 10:06, 11-24 or 2025-11-24."""
    if moment is None:
        return ""
    local, today = clock.to_local(moment), clock.today()
    if local.date() == today:
        return f"{local:%H:%M}"
    return f"{local:%m-%d}" if local.year == today.year else f"{local:%Y-%m-%d}"
