"""What the graduation list shows and decides: hours, scores, who completed the class, what is still open. No Qt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.models.acts import may
from app.models.certificate import COMPLETION, IN_FORCE
from app.models.codes import code_list
from app.models.hours import hours_text
from app.models.training import CANCELLED, FINISHED, PASSED, RUNNING
from app.services.training import certificates, completion
from app.services.training.certificates import CertificateLine, list_certificates
from app.services.training.completion import Graduation, GraduationLine, load_graduation
from app.services.training.listing import ClassLine, open_file
from app.services.training.prints import prints_of
from app.texts import N_, _
from app.ui.sign_up.state import day_words

if TYPE_CHECKING:
    from app.db.database import Transaction

SHOWN_POINTS = 3
BY_SCORE, PASS, FAIL = "0", "1", "2"
FINISH_REASONS = (
    ("1", N_("没点到的按缺课算")),
    ("2", N_("没考的不补考了")),
    ("3", N_("临时来的不补报名")),
    ("4", N_("剩下的课不上了")),
)


@dataclass(frozen=True)
class GradRow:
    """One person of the list. ``own``: her certificate of completion in force; ``others``: what else was entered;
    ``printed``: how often the own one went to paper.
    """

    line: GraduationLine
    own: CertificateLine | None
    others: tuple[CertificateLine, ...]
    printed: int


@dataclass(frozen=True)
class GradView:
    """The whole list of a class. ``scores``: which scores its course wants."""

    held: ClassLine
    found: Graduation
    scores: tuple[str, ...]
    pass_score: int
    rows: tuple[GradRow, ...]

    @property
    def is_running(self) -> bool:
        """Whether the class goes on: scores may be entered, it may be ended."""
        return self.held.state == RUNNING

    @property
    def is_finished(self) -> bool:
        """Whether it was ended by the rule: certificates may be issued."""
        return self.held.state == FINISHED


def load_view(tx: Transaction, class_id: str) -> GradView:
    """Read the graduation list with the certificates of its people.

    Raises:
        NotFoundError: there is no such class.
        NotAllowedError: it is another trainer's.
    """
    file = open_file(tx, class_id)
    found = load_graduation(tx, class_id)
    known: dict[str, list[CertificateLine]] = {}
    for each in list_certificates(tx, class_id=class_id):
        if each.state == IN_FORCE:
            known.setdefault(each.resident_id, []).append(each)
    own = {
        person: next((c for c in held if c.cert_type == COMPLETION and c.code), None) for person, held in known.items()
    }
    prints = prints_of(tx, [each.id for each in own.values() if each is not None])
    rows = []
    for line in found.lines:
        mine = own.get(line.resident_id)
        others = tuple(each for each in known.get(line.resident_id, ()) if each is not mine)
        rows.append(GradRow(line, mine, others, sum(prints.get(mine.id, {}).values()) if mine is not None else 0))
    rule = file.held_class.rule
    return GradView(file.line, found, scores_of(file.course.assess_way), int(rule.get("pass_score", 60)), tuple(rows))


def scores_of(assess_way: str | None) -> tuple[str, ...]:
    """Return which scores a way of assessment wants."""
    item = code_list("ASSESS_WAY").get(assess_way)
    wanted = item.extra.get("scores") if item else None
    return tuple(str(name) for name in wanted) if isinstance(wanted, list) else ()


def assess(tx: Transaction, enrolment_id: str, values: Mapping[str, Any]) -> None:
    """Enter scores.

    Raises:
        InvalidInputError: by field.
        RuleError: she has left, or the class has ended.
    """
    completion.assess(tx, enrolment_id, values)


def finish(tx: Transaction, class_id: str, why: str | None) -> int:
    """End the class; return how many completed it.

    Raises:
        RuleError: it has not begun, or there are open points and no reason.
    """
    return completion.finish_class(tx, class_id, why=why).passed_count


def issue(tx: Transaction, enrolment_id: str) -> str:
    """Issue a certificate of completion; return its id.

    Raises:
        RuleError: she did not complete the class, never attended, or has one already.
    """
    return certificates.issue_completion(tx, enrolment_id).id


def score_values(theory: float | None, practice: float | None, passed: str | None, note: str | None) -> dict[str, Any]:
    """Return what is entered: without a word on the result, it follows from the scores."""
    told = {PASS: True, FAIL: False}.get(passed or "")
    return {"theory": theory, "practice": practice, "passed": told, "note": note}


# -- words ------------------------------------------------------------------------------------------------------------


def score_words(row: GradRow, name: str) -> str:
    """Return one score as the table shows it."""
    score = getattr(row.line.score, name) if row.line.score is not None else None
    return hours_text(score) if score is not None else ""


def hours_words(row: GradRow) -> str:
    """Return 32 / 40."""
    done = row.line.progress
    return f"{hours_text(done.attended)} / {hours_text(done.total)}"


def result_words(row: GradRow, view: GradView) -> str:
    """Return the outcome: what it is once the class has ended, what it would be before."""
    if view.is_finished:
        return code_list("ENROL_STATE").label(row.line.state)
    return _("够结业") if row.line.may else _("还不够")


def result_tone(row: GradRow, view: GradView) -> str:
    """Return the tone of it."""
    passed = row.line.state == PASSED if view.is_finished else row.line.may
    return "good" if passed else "orange" if view.is_finished or row.line.progress.held else "neutral"


def reason_words(row: GradRow) -> str:
    """Return why not, in one line."""
    return _("；").join(row.line.reasons)


def certificate_words(row: GradRow) -> str:
    """Return the number of her certificate, and whether it is still to be printed."""
    if row.own is None:
        return ""
    return row.own.cert_no[-4:] if row.printed else _("{no}，没打印", no=row.own.cert_no[-4:])


def other_words(row: GradRow) -> str:
    """Return what else she got."""
    return _("、").join(each.cert_name or each.cert_no for each in row.others)


def progress_words(row: GradRow, percent: int) -> str:
    """Return her attendance against the rule in full words."""
    done = row.line.progress
    return _(
        "出勤 {have} 课时，占总课时 {rate}%（要 {percent}%）",
        have=hours_text(done.attended), rate=done.percent_of_all, percent=percent,
    )  # fmt: skip


def title_words(view: GradView) -> tuple[str, str]:
    """Return the title and the line under it."""
    held = view.held
    days = f"{day_words(held.start_on)} – {day_words(held.end_on)}"
    rule = _("出勤满 {percent}% 才结业", percent=view.found.percent)
    if view.scores:
        rule = _("出勤满 {percent}%、每项满 {score} 分才结业", percent=view.found.percent, score=view.pass_score)
    return held.title, "　".join((held.class_no, days, rule))


def points_words(view: GradView) -> tuple[str, ...]:
    """Return what is open, the first few of it."""
    points = view.found.open_points if view.is_running else ()
    rest = len(points) - SHOWN_POINTS
    shown = points[:SHOWN_POINTS]
    return (*shown, _("还有 {n} 条", n=rest)) if rest > 0 else tuple(shown)


# -- what may be done -------------------------------------------------------------------------------------------------


def why_no_score(row: GradRow, view: GradView, roles: frozenset[str]) -> str:
    """Return why no score can be entered; nothing where it can."""
    if not may(roles, "assessment.mark"):
        return _("您的岗位不能登成绩，请转窗口。")
    if view.is_finished:
        return _("班已经结业，成绩不再改。")
    if view.held.state == CANCELLED:
        return _("班取消了，不用登成绩。")
    return "" if view.scores else _("这个班只看出勤，不用登成绩。")


def why_no_finish(view: GradView, roles: frozenset[str]) -> str:
    """Return why the class cannot be ended; nothing where it can (open points want a reason, they do not forbid)."""
    if not may(roles, "class.finish"):
        return _("办结业由站里的人做。")
    if view.is_finished:
        return _("已经办过结业。")
    return "" if view.is_running else _("还没开班，不能结业")


def why_no_certificate(row: GradRow, view: GradView, roles: frozenset[str]) -> str:
    """Return why she gets no certificate of completion now; nothing where she does."""
    if not may(roles, "certificate.issue"):
        return _("您的岗位不能发证，请转窗口。")
    if row.line.progress.attended <= 0:
        return _("{name} 一次课也没上，不能发证", name=row.line.name)
    if not view.is_finished:
        return _("先办结业，再发证。")
    if row.line.state != PASSED:
        why = reason_words(row)
        return _("没有结业，不能发证：{why}", why=why) if why else _("{name} 没有结业，不能发证", name=row.line.name)
    return _("发过了，编号 {no}", no=row.own.cert_no) if row.own is not None else ""


def why_no_entry(row: GradRow, view: GradView, roles: frozenset[str]) -> str:
    """Return why no certificate of another issuer can be entered for her; nothing where it can."""
    why = why_no_certificate(row, view, roles)
    return "" if row.own is not None and view.is_finished and may(roles, "certificate.issue") else why


def to_issue(view: GradView, roles: frozenset[str]) -> tuple[GradRow, ...]:
    """Return who gets a certificate of completion now."""
    return tuple(row for row in view.rows if not why_no_certificate(row, view, roles))


def main_words(view: GradView | None, roles: frozenset[str]) -> tuple[str, str, str]:
    """Return the main button's words, its icon, and why it is off."""
    if view is None:
        return _("办结业"), "check", _("还没有班")
    if not view.is_finished:
        return _("办结业"), "check", why_no_finish(view, roles)
    waiting = to_issue(view, roles)
    if waiting:
        return _("发结业证明（{n} 人）", n=len(waiting)), "graduation-cap", ""
    if not any(row.own for row in view.rows):
        why = _("没有人结业") if may(roles, "certificate.issue") else _("您的岗位不能发证，请转窗口。")
        return _("发结业证明"), "graduation-cap", why
    denied = "" if may(roles, "certificate.print") else _("您的岗位不能打印，请转窗口。")
    return _("看结业证明，打印"), "printer", denied


def own_ids(rows: Sequence[GradRow]) -> tuple[str, ...]:
    """Return the ids of the certificates of completion of these people."""
    return tuple(row.own.id for row in rows if row.own is not None)


def paper_of(row: GradRow | None, view: GradView | None, roles: frozenset[str]) -> tuple[tuple[str, ...], str]:
    """Return the certificate of completion to show, or why there is none."""
    if row is None or view is None:
        return (), _("没有选中")
    if row.own is not None:
        return (row.own.id,), ""
    return (), why_no_certificate(row, view, roles) or _("还没有结业证明可打")
