"""The end of a class: scores, who has completed it and why not, the graduation list (domain sheet 2.12)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import col, select

from app import clock
from app.db.database import Transaction
from app.errors import InvalidInputError, RuleError
from app.models.attendance import Assessment, AssessmentDraft
from app.models.base import parse_draft
from app.models.codes import code_list
from app.models.hours import hours_text
from app.models.training import (
    AS_PLANNED,
    DROPPED,
    FINISHED,
    NOT_PASSED,
    PASSED,
    RUNNING,
    Course,
    Enrolment,
)
from app.services.training.calendar import check_alive
from app.services.training.grid import Grid, GridPerson, Progress, load_grid
from app.services.training.scope import actor_name, get_class
from app.texts import _


@dataclass(frozen=True)
class Score:
    """The assessment that stands of one person; ``count``: how many were entered."""

    id: str
    theory: float | None
    practice: float | None
    passed: bool
    assessed_on: date
    note: str | None
    marked_by: str
    count: int


@dataclass(frozen=True)
class GraduationLine:
    """One person of the graduation list. ``may``: completed it; ``reasons``: why not, a sentence each."""

    enrolment_id: str
    resident_id: str
    name: str
    target: str | None
    state: str
    subsidised: bool
    progress: Progress
    score: Score | None
    may: bool
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Graduation:
    """The whole list. ``open_points``: what must be done before the class can end; empty when it can."""

    class_id: str
    title: str
    percent: int
    needs_score: bool
    lines: tuple[GraduationLine, ...]
    open_points: tuple[str, ...]

    @property
    def passed_count(self) -> int:
        """Return how many have completed it."""
        return sum(line.may for line in self.lines)


def assess(tx: Transaction, enrolment_id: str, values: Mapping[str, Any]) -> Assessment:
    """Enter somebody's scores; ``passed`` follows from them by the class's least score where it is not said.

    Raises:
        InvalidInputError: by field; a score that this course's way of assessment wants is missing.
        RuleError: she has left, or the class has ended.
        NotAllowedError: it is another trainer's class.
    """
    tx.act("assessment.mark")
    row = tx.get(Enrolment, enrolment_id)
    held_class = get_class(tx, row.class_id)
    check_alive(held_class)
    if row.state == DROPPED:
        raise RuleError(_("{name} 已经退班，不用登成绩", name=row.name), code="assessment.dropped")
    course = tx.get(Course, held_class.course_id)
    wanted = _wanted_scores(course)
    if values.get("passed") is None and (missing := [name for name in wanted if values.get(name) is None]):
        raise InvalidInputError({name: _("这一栏要填") for name in missing})
    before = scores_of(tx, row.class_id).get(enrolment_id)
    least = int(held_class.rule.get("pass_score", 60))
    filled = {
        "class_id": row.class_id,
        "enrolment_id": enrolment_id,
        "assessed_on": clock.today(),
        "passed": all(float(values.get(name) or 0) >= least for name in wanted),
        **{name: value for name, value in values.items() if value is not None},
        "corrects": before.id if before else None,
        "marked_by_name": actor_name(tx),
    }
    draft = parse_draft(AssessmentDraft, filled)
    if draft.assessed_on > clock.today():
        raise InvalidInputError({"assessed_on": _("考核日期还没到")})
    return tx.add(Assessment.from_draft(draft))


def _wanted_scores(course: Course) -> list[str]:
    item = code_list("ASSESS_WAY").get(course.assess_way)
    found = item.extra.get("scores") if item else None
    return [str(name) for name in found] if isinstance(found, list) else []


def scores_of(tx: Transaction, class_id: str) -> dict[str, Score]:
    """Return enrolment id → the assessment that stands, by the same rule as attendance marks."""
    statement = select(Assessment).where(col(Assessment.class_id) == class_id, col(Assessment.deleted_at).is_(None))
    rows: dict[str, list[Assessment]] = {}
    for row in tx.session.exec(statement).all():
        rows.setdefault(row.enrolment_id, []).append(row)
    return {person: _score(found) for person, found in rows.items()}


def _score(rows: Sequence[Assessment]) -> Score:
    corrected = {row.corrects for row in rows}
    heads = [row for row in rows if row.id not in corrected] or list(rows)
    top = max(heads, key=lambda row: (row.rev or 2**62, row.id))
    return Score(
        top.id, top.theory, top.practice, top.passed, top.assessed_on, top.note, top.marked_by_name or "", len(rows)
    )


def load_graduation(tx: Transaction, class_id: str) -> Graduation:
    """Return who has completed a class and who has not, with the reasons; nothing is changed.

    Raises:
        NotFoundError: there is no such class.
        NotAllowedError: it is another trainer's.
    """
    held_class = get_class(tx, class_id)
    course = tx.get(Course, held_class.course_id)
    grid, scores = load_grid(tx, class_id), scores_of(tx, class_id)
    needs_score = bool(_wanted_scores(course))
    percent = int(grid.rule["attend_percent"])
    statement = select(Enrolment).where(col(Enrolment.class_id) == class_id, col(Enrolment.deleted_at).is_(None))
    rows = {row.id: row for row in tx.session.exec(statement).all()}
    lines = []
    for person in grid.people:
        if person.walk_in or person.left or (person.waiting and not person.cells):
            continue
        row, score = rows[person.id], scores.get(person.id)
        reasons = _reasons(person, score, percent, needs_score)
        about = (row.id, row.resident_id, row.name, row.target, row.state, row.subsidised)
        lines.append(GraduationLine(*about, person.progress, score, not reasons, tuple(reasons)))
    points = _open_points(grid, lines, needs_score)
    return Graduation(class_id, held_class.title, percent, needs_score, tuple(lines), tuple(points))


def _reasons(person: GridPerson, score: Score | None, percent: int, needs_score: bool) -> list[str]:
    reasons, done = [], person.progress
    if done.attended <= 0:
        reasons.append(_("一次课也没上"))
    elif not done.enough:
        reasons.append(
            _(
                "出勤 {have} 课时，占 {rate}%，不到 {percent}%（{all} 课时）",
                have=hours_text(done.attended),
                rate=done.percent_of_all,
                percent=percent,
                all=hours_text(done.total),
            )
        )
    if needs_score and score is None:
        reasons.append(_("还没登成绩"))
    if score is not None and not score.passed:
        reasons.append(_("考核不合格"))
    return reasons


def _open_points(grid: Grid, lines: Sequence[GraduationLine], needs_score: bool) -> list[str]:
    points = []
    today = clock.today()
    ahead = [lesson for lesson in grid.lessons if lesson.state == AS_PLANNED and lesson.held_on > today]
    if ahead:
        points.append(_("还有 {n} 次课没上，最后一次 {day}", n=len(ahead), day=ahead[-1].held_on.isoformat()))
    for lesson in grid.lessons:
        if lesson.state != AS_PLANNED or lesson.held_on > today:
            continue
        missing = grid.missing_in(lesson.id)
        if missing:
            names = _("、").join(each.name for each in missing[:3])
            points.append(_("第 {n} 课还有 {count} 人没点：{names}", n=lesson.number, count=len(missing), names=names))
    walk_ins = [each.name for each in grid.people if each.walk_in]
    if walk_ins:
        points.append(_("临时来的 {names} 还没补报名", names=_("、").join(walk_ins)))
    without = [line.name for line in lines if needs_score and line.score is None and line.progress.enough]
    if without:
        points.append(_("{names} 还没登成绩", names=_("、").join(without[:3])))
    return points


def finish_class(tx: Transaction, class_id: str, *, why: str | None = None) -> Graduation:
    """End a class: everybody on its list has completed it or has not, by the rule.

    ``why``: a reason ends it in spite of open points; whoever lacks a mark was not there.

    Raises:
        RuleError: it has not begun, or there are open points and no reason.
    """
    tx.act("class.finish")
    held_class = get_class(tx, class_id)
    check_alive(held_class)
    if held_class.state != RUNNING:
        raise RuleError(_("还没开班，不能结业"), code="class.not_running")
    found = load_graduation(tx, class_id)
    if found.open_points and not why:
        raise RuleError(_("还不能结业：{points}", points=_("；").join(found.open_points)), code="class.open_points")
    today = clock.today()
    for line in found.lines:
        row = tx.get(Enrolment, line.enrolment_id)
        tx.change(row, {"state": PASSED if line.may else NOT_PASSED, "ended_on": today})
    held_class.finished_on = today
    held_class.state = FINISHED
    if why:
        held_class.ended_why = why
    return found
