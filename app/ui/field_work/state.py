"""What the forms ask, offer and hand over: pure decisions, tested without Qt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from app import clock
from app.models.codes import code_list
from app.models.visit import ANSWERED, MET_WITH_NEEDS, WORKING
from app.services.followups import target_kind_of
from app.services.followups_due import say_due
from app.services.visits import may_take_status
from app.texts import N_, _
from app.ui.field_work.loading import FieldFacts, Origin
from app.ui.resident_file.unemployment_state import Hint
from app.ui.slip.consent import parse_time

VISIT, FOLLOWUP, GUIDANCE, INTRO = "visit", "followup", "guidance", "policy_intro"
FORMS: tuple[tuple[str, str, str], ...] = (
    (VISIT, N_("走访"), "footprints"),
    (FOLLOWUP, N_("回访"), "phone"),
    (GUIDANCE, N_("职业指导"), "message-circle"),
    (INTRO, N_("讲政策"), "megaphone"),
)
YES, NO, UNKNOWN = "1", "0", "9"
PLAN_LINES = 2


@dataclass(frozen=True)
class Asked:
    """What a form shows and demands now."""

    shown: frozenset[str]
    required: frozenset[str]


def moment_of(day: date | None, at: str | None) -> datetime | None:
    """Return the instant of a day and a time as typed; without a time it is now, or noon of an earlier day."""
    if day is None:
        return None
    now = clock.to_local(clock.now())
    try:
        typed = parse_time(at or "")
    except ValueError:
        typed = None
    if typed is None and day == now.date():
        return clock.now()
    return datetime.combine(day, typed or time(12), tzinfo=clock.LOCAL_ZONE).astimezone(UTC)


def day_and_time(moment: datetime | None) -> tuple[date, str]:
    """Return an instant, or now, as the two fields show it."""
    local = clock.to_local(moment or clock.now())
    return local.date(), f"{local:%H:%M}"


def is_late(day: date | None, facts: FieldFacts) -> bool:
    """Tell whether a day lies so far back that a reason is asked for."""
    entered = facts.record["entered_at"] if facts.record is not None else clock.now()
    return day is not None and (clock.to_local(entered).date() - day).days > facts.late_days


def truth(code: str | None) -> bool | None:
    """Return what 是, 否 or 不清楚 says."""
    return {YES: True, NO: False}.get(code or "")


def answer(value: bool | None, *, asked: bool = True) -> str | None:
    """Return the code of an answer; what was asked and is not known is 不清楚."""
    if value is None:
        return UNKNOWN if asked else None
    return YES if value else NO


# 走访 ---------------------------------------------------------------------------------------------------------------


def visit_asks(outcome: str | None) -> Asked:
    """Return what a visit with this outcome asks for."""
    answered, needy = outcome in ANSWERED, outcome == MET_WITH_NEEDS
    required = {"emp_status_found"} if answered else set()
    if needy:
        required |= {"needs", "next_action", "next_on"}
    shown = {"emp_status_found", "job_wish"} if answered or outcome in (None, "08", "10") else set()
    return Asked(frozenset(shown), frozenset(required))


def status_hint(facts: FieldFacts, found: str | None) -> Hint | None:
    """Say that what was found is not what the file says."""
    resident = facts.view.file.resident
    if not found or found == resident.emp_status:
        return None
    labels = code_list("EMP_STATUS")
    title = _("档案里是“{status}”", status=labels.label(resident.emp_status) or "—")
    if may_take_status(resident, found):
        return Hint(title, _("和这次看到的不一样。选“也改”，档案就跟着改，旧的留在历史里。"), "blue")
    return Hint(title, _("登记失业要走失业登记或注销，走访里不能直接改"), "orange")


def card_choices(facts: FieldFacts, given: Sequence[str] = ()) -> list[tuple[str, str]]:
    """Return the cards on offer, and those of a record that are no longer in force."""
    offered = [(card.id, card.name) for card in facts.cards]
    return [*offered, *((each, each) for each in given if each not in {code for code, _name in offered})]


def card_hint(facts: FieldFacts, chosen: Sequence[str]) -> Hint | None:
    """Say what the card chosen last says: what to read out."""
    card = next((card for code in reversed(chosen) for card in facts.cards if card.id == code), None)
    if card is None:
        return None
    parts = (card.audience, card.benefit, card.papers, card.channel, card.phone)
    facts_line = _("；").join(part for part in parts if part)
    number = card.doc_no or card.source
    since = _("{day} 起执行", day=card.since.isoformat()) if card.since else _("文号和标准以区里发布的为准")
    source = _("（{number}；{since}）", number=number, since=since)
    return Hint(card.name, " ".join(part for part in (card.summary, facts_line, source) if part))


def shortened(text: str, width: int) -> str:
    """Return a text of at most so many narrow characters; a Chinese one is as wide as two."""
    words, used = " ".join(text.split()), 0
    for at, char in enumerate(words):
        used += 1 if char.isascii() else 2
        if used > width:
            return words[:at].rstrip() + "…"
    return words


# 回访 ---------------------------------------------------------------------------------------------------------------


def origin_choices(facts: FieldFacts) -> list[tuple[str, str]]:
    """Return what may be followed up, what is due first and said so."""
    return [
        (each.key, each.text if each.due is None else _("{what}（到期）", what=each.text)) for each in facts.origins
    ]


def origin_named(facts: FieldFacts, key: str | None) -> Origin | None:
    """Return the origin of a choice."""
    return next((each for each in facts.origins if each.key == key), None)


def first_origin(facts: FieldFacts, origin_id: str = "") -> Origin | None:
    """Return the origin asked for, or what is due first."""
    named = next((each for each in facts.origins if each.record_id == origin_id), None)
    return named or next((each for each in facts.origins if each.due is not None), None)


def followup_asks(facts: FieldFacts, values: Mapping[str, Any]) -> Asked:
    """Return what a follow-up asks for: nothing of somebody not reached, about the job only of who has one."""
    reached = values.get("reached") == YES
    origin = origin_named(facts, values.get("origin"))
    if not reached:
        return Asked(frozenset(), frozenset())
    shown, required = {"result", "satisfaction", "needs"}, {"result"}
    if origin is None or _is_working(facts, origin):
        shown.add("still_employed")
        required.add("still_employed")
    if values.get("still_employed") == YES:
        shown |= {"contract_signed", "si_paid", "wage_paid_ok"}
        required |= {"contract_signed", "si_paid", "wage_paid_ok"}
    if values.get("still_employed") == NO:
        shown |= {"left_on", "left_why"}
        required |= {"left_on", "left_why"}
    return Asked(frozenset(shown), frozenset(required))


def _is_working(facts: FieldFacts, origin: Origin) -> bool:
    if facts.record is not None:
        return facts.record["target_kind"] in WORKING
    line = next((each for each in facts.view.file.referrals if each.id == origin.record_id), None)
    return target_kind_of(origin.kind, line.outcome if line is not None else None) in WORKING


def due_hint(facts: FieldFacts, origin: Origin | None, reached: str | None) -> Hint | None:
    """Say why it is due, and what another failed try means."""
    if origin is None or origin.due is None:
        return None
    text = _("{day} 到期。", day=origin.due.due_on.isoformat())
    if reached == NO:
        left = facts.tries - origin.due.tries - 1
        text += (
            _("再有 {n} 天试了没联系上，就算无法联系。", n=left) if left > 0 else _("这次再没联系上，就算无法联系。")
        )
    return Hint(say_due(origin.due), text, "orange" if origin.due.due_on < facts.today else "blue")


# 职业指导 -----------------------------------------------------------------------------------------------------------


def plan_of(values: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return the plan's items from the form's lines; a line without words is none."""
    items = []
    for n in range(1, PLAN_LINES + 1):
        what, by = values.get(f"plan{n}"), values.get(f"plan{n}_by")
        if what:
            items.append({"what": str(what), **({"by": by.isoformat()} if isinstance(by, date) else {})})
    return items


def plan_lines(items: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the form's lines from a plan's items."""
    lines: dict[str, Any] = {}
    for n, item in enumerate(items[:PLAN_LINES], start=1):
        lines[f"plan{n}"] = item.get("what")
        lines[f"plan{n}_by"] = date.fromisoformat(item["by"]) if item.get("by") else None
    return lines
