"""What 今日 shows, without Qt: one read brings it all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.services import drafts, outbox, todos, vacancies
from app.services.drafts import KeptDraft
from app.services.todos import NOTICE, OVERDUE, SOON, TODAY, MyDay, Todo, TodoRule
from app.texts import _

if TYPE_CHECKING:
    from app.db.database import Transaction

ALL = "all"
TONES = {OVERDUE: "red", TODAY: "orange", SOON: "yellow", NOTICE: "blue"}
ORDER = (OVERDUE, TODAY, SOON, NOTICE)


@dataclass(frozen=True)
class TodayFacts:
    """The whole page at one moment."""

    todos: Sequence[Todo]
    rules: Sequence[TodoRule]
    mine: MyDay
    drafts: Sequence[KeptDraft]
    parked: int
    conflicts: int
    waiting: int


@dataclass(frozen=True)
class TodayQuestion:
    """Who asks."""

    staff_id: str

    def ask(self, tx: Transaction) -> TodayFacts:
        """Read everything in one view of the file."""
        sent = outbox.sync_summary(tx)
        return TodayFacts(
            todos=todos.list_todos(tx),
            rules=todos.list_rules(tx),
            mine=todos.my_day(tx, self.staff_id),
            drafts=drafts.list_drafts(tx, self.staff_id, "register"),
            parked=sent.parked,
            conflicts=sent.conflicts,
            waiting=vacancies.count_by_state(tx).get(vacancies.WAITING, 0),
        )


def labels() -> dict[str, str]:
    """Return the words of the slices."""
    return {ALL: _("全部"), OVERDUE: _("已逾期"), TODAY: _("今天到期"), SOON: _("三天内"), NOTICE: _("留意")}


def counts(found: Sequence[Todo]) -> dict[str, int]:
    """Return how many stand in each slice."""
    return {ALL: len(found)} | {level: sum(todo.urgency == level for todo in found) for level in ORDER}


def in_slice(found: Sequence[Todo], level: str) -> list[Todo]:
    """Return those of a slice."""
    return [todo for todo in found if level in ("", ALL) or todo.urgency == level]


def key_of(todo: Todo) -> tuple[str, str]:
    """Return what tells a to-do from others."""
    return todo.record_type, todo.record_id


def due_words(todo: Todo) -> str:
    """Return 逾期 2 天, 今天, 还有 3 天, or the day."""
    if todo.days < 0:
        return _("逾期 {n} 天", n=-todo.days)
    if todo.days == 0:
        return _("今天")
    if todo.days <= 7:
        return _("还有 {n} 天", n=todo.days)
    return _("{month} 月 {day} 日", month=todo.due_on.month, day=todo.due_on.day)


def verb(todo: Todo) -> str:
    """Return what Enter does."""
    verbs = {
        "referral": _("登记回执"),
        "followup": _("记回访"),
        "vacancy": _("看岗位"),
        "enrolment": _("去通知"),
        "lesson": _("补录考勤"),
        "training_class": _("打开班级"),
    }
    return verbs.get(todo.record_type, _("看档案"))


def way_to(todo: Todo) -> tuple[str, dict[str, Any]]:
    """Return the screen, with its arguments, that the to-do is about."""
    if todo.record_type == "referral":
        return "referrals", {"id": todo.record_id}
    if todo.record_type == "followup":
        return "field_work", {"form": "followup", "id": todo.resident_id, "origin": todo.record_id}
    if todo.record_type == "vacancy":
        return "vacancies", {"vacancy": todo.record_id}
    if todo.record_type == "enrolment":
        return "class_file", {"id": todo.class_id, "tab": "tell"}
    if todo.record_type == "lesson":
        return "roll_call", {"id": todo.class_id, "lesson_id": todo.record_id}
    if todo.record_type == "training_class":
        return "class_file", {"id": todo.record_id}
    return "resident_file", {"id": todo.resident_id}


def badge_count(found: Sequence[Todo]) -> int:
    """Return what the rail shows: what is overdue or due today."""
    return sum(todo.urgency in (OVERDUE, TODAY) for todo in found)
