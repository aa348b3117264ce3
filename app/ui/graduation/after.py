"""After training: employed within the days or not, how many are left, and who is to be asked how it goes. No Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app import clock
from app.models.codes import code_list
from app.services.training.afterwards import (
    EMPLOYED,
    NOT_EMPLOYED,
    NOT_KNOWN,
    STILL_OPEN,
    AfterClass,
    AfterLine,
    FollowUpDue,
    after_class,
    list_follow_ups,
)
from app.texts import _
from app.ui.sign_up.state import day_words

if TYPE_CHECKING:
    from app.db.database import Transaction

TONES = {EMPLOYED: "good", STILL_OPEN: "yellow", NOT_EMPLOYED: "orange", NOT_KNOWN: "neutral"}
AHEAD_DAYS = 14


@dataclass(frozen=True)
class AfterView:
    """What became of the graduates of a class, and the follow-ups that are due by enrolment id."""

    found: AfterClass
    due: Mapping[str, FollowUpDue]


def load_after(tx: Transaction, class_id: str) -> AfterView:
    """Read what became of everybody.

    Raises:
        NotFoundError: there is no such class.
    """
    due: dict[str, FollowUpDue] = {}
    for each in list_follow_ups(tx, ahead=AHEAD_DAYS):
        if each.class_id == class_id:
            due.setdefault(each.enrolment_id, each)
    return AfterView(after_class(tx, class_id), due)


def is_here(line: AfterLine) -> bool:
    """Say whether her file is this station's."""
    return line.outcome != NOT_KNOWN


def outcome_words(line: AfterLine) -> str:
    """Return what became of her, with the days that are left while it is open."""
    if line.outcome == STILL_OPEN:
        return _("还没就业，剩 {n} 天", n=(line.until - clock.today()).days)
    known = {EMPLOYED: _("已就业"), NOT_EMPLOYED: _("到期没就业"), NOT_KNOWN: _("档案不在本站")}
    return known[line.outcome]


def how_words(line: AfterLine) -> str:
    """Return how she found work, and how many days it took."""
    if line.employed_on is None:
        return ""
    how = _("推荐录用") if line.how == "referral" else code_list("EMP_STATUS").label(line.how)
    return _("{how}，结业后 {n} 天", how=how, n=line.days)


def due_words(line: AfterLine, view: AfterView) -> str:
    """Return the follow-up that is due."""
    due = view.due.get(line.enrolment_id)
    if due is None:
        return ""
    late = (clock.today() - due.due_on).days
    if late > 0:
        return _("{day} 该回访，过了 {n} 天", day=day_words(due.due_on), n=late)
    return _("今天回访") if late == 0 else _("{day} 回访", day=day_words(due.due_on))


def due_tone(line: AfterLine, view: AfterView) -> str:
    """Return the ink of it."""
    due = view.due.get(line.enrolment_id)
    if due is None or due.due_on > clock.today():
        return "text2"
    return "red" if due.due_on < clock.today() else "orange"


def sum_words(view: AfterView) -> str:
    """Return the figures of the class in one sentence."""
    found = view.found
    if not found.lines:
        return _("还没有人结业。")
    open_count = sum(line.outcome == STILL_OPEN for line in found.lines)
    words = _("结业 {n} 人，{days} 天内就业 {k} 人", n=len(found.lines), days=found.within_days, k=found.employed_count)
    if found.percent is not None:
        words += _("，占有结果的 {percent}%", percent=found.percent)
    return words + (_("；{n} 人还没到期", n=open_count) if open_count else "")
