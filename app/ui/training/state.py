"""What the screen 培训 shows, without Qt: slices of classes with their counts, the catalogue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.models.codes import code_list, occupation_label
from app.models.training import CANCELLED, FINISHED, OPEN, PLANNED, RUNNING
from app.services.training import courses, listing
from app.services.training.courses import CourseLine
from app.services.training.listing import ClassLine
from app.texts import N_, _
from app.ui.entry import show_fen

if TYPE_CHECKING:
    from app.db.database import Transaction

SIGN_UP, UNDER_WAY, TO_END, PLAN, ALL = "open", "running", "ending", "planned", "all"
SLICES: tuple[tuple[str, str, tuple[str, ...], bool | None, str], ...] = (
    (SIGN_UP, N_("报名中"), (OPEN,), None, "blue"),
    (UNDER_WAY, N_("已开班"), (RUNNING,), False, ""),
    (TO_END, N_("待结业"), (RUNNING,), True, "orange"),
    (PLAN, N_("计划"), (PLANNED,), None, ""),
    (ALL, N_("全部"), (PLANNED, OPEN, RUNNING, FINISHED, CANCELLED), None, ""),
)
"""code, words, states, whether the last lesson is past (None: either), tone of the dot."""
LISTED = 500


@dataclass(frozen=True)
class ClassPage:
    """One slice of the classes, with the counts of all."""

    words: str
    counts: Mapping[str, int]
    lines: Sequence[ClassLine]


def load_classes(tx: Transaction, *, name: str, words: str = "", course_id: str = "") -> ClassPage:
    """Return a slice of the classes, those that come next at the top; with ``course_id`` only that course's."""
    states, ended = next((states, ended) for code, _label, states, ended, _tone in SLICES if code == name)
    lines = listing.list_classes(
        tx, states=states, ended=ended, filter_text=words, course_id=course_id or None, limit=LISTED
    )
    if name in (SIGN_UP, PLAN):
        lines = sorted(lines, key=lambda line: (line.start_on, line.title, line.id))
    elif name == UNDER_WAY:
        lines = sorted(lines, key=lambda line: (line.next_on or line.end_on, line.title, line.id))
    elif name == TO_END:
        lines = sorted(lines, key=lambda line: (line.end_on, line.title, line.id))
    return ClassPage(words, slice_counts(listing.count_classes(tx)), lines)


def slice_counts(found: Mapping[tuple[str, bool], int]) -> dict[str, int]:
    """Return how many classes each slice holds."""
    return {
        code: sum(n for (state, past), n in found.items() if state in states and ended in (None, past))
        for code, _label, states, ended, _tone in SLICES
    }


def first_slice(counts: Mapping[str, int]) -> str:
    """Return the slice to begin with: where something is under way, in the order of the slices."""
    return next((code for code, *_rest in SLICES if counts.get(code)), SIGN_UP)


def load_catalogue(tx: Transaction, *, words: str = "", all_of_them: bool = False) -> list[CourseLine]:
    """Return the catalogue."""
    return courses.list_courses(tx, filter_text=words, all_of_them=all_of_them)


def load_course(tx: Transaction, course_id: str) -> tuple[str, dict[str, Any]]:
    """Return a course's id and values for its form.

    Raises:
        NotFoundError: there is no such course.
    """
    return course_id, courses.course_values(tx, course_id)


# The catalogue in words -----------------------------------------------------------------------------------------------


def trade_words(line: CourseLine) -> str:
    """Return trade and level."""
    return _("，").join(
        part for part in (occupation_label(line.trade), code_list("SKILL").label(line.level)) if part and line.trade
    )


def hours_words(line: CourseLine) -> str:
    """Return 40 课时（理论 12，实操 28）."""
    if line.hours_total is None:
        return ""
    parts = {"total": line.hours_total, "theory": line.hours_theory or 0, "practice": line.hours_practice or 0}
    return _("{total} 课时（理论 {theory}，实操 {practice}）", **parts)


def cost_words(line: CourseLine) -> str:
    """Return 免费, or what it costs."""
    if line.free or not line.fee:
        return _("免费") if line.free else ""
    return _("收费 {fee} 元", fee=show_fen(line.fee))


def subsidy_words(line: CourseLine) -> str:
    """Return whether it stands in the subsidy catalogue, and how much a person."""
    if not line.in_catalogue:
        return _("不在补贴目录")
    if not line.subsidy_amount:
        return _("在补贴目录")
    return _("在补贴目录，每人 {n} 元", n=show_fen(line.subsidy_amount))


def subsidy_short(line: CourseLine) -> str:
    """Return the subsidy as the table shows it."""
    if not line.in_catalogue:
        return _("不在补贴目录")
    return _("补贴 {n} 元", n=show_fen(line.subsidy_amount)) if line.subsidy_amount else _("在补贴目录")


def certificate_words(line: CourseLine) -> str:
    """Return what it leads to."""
    return line.cert_name or code_list("CERT_TYPE").label(line.cert_type)
