"""What can be done with a class, with the sentence why not; and the reasons that are offered. No Qt."""

from __future__ import annotations

from dataclasses import dataclass

from app.models.training import CANCELLED, FINISHED, OPEN, PLANNED, RUNNING
from app.services.training.listing import ClassLine
from app.texts import N_, _
from app.ui.rights import Rights
from app.ui.training import words

ROLL_CALL, SIGN_UP, GRADUATE, PUBLISH, OPEN_CLASS, EDIT, POSTPONE, CANCEL, EXPORT = (
    "roll_call", "sign_up", "graduate", "publish", "open", "edit", "postpone", "cancel", "export",
)  # fmt: skip

Reasons = tuple[tuple[str, str], ...]
MOVE_REASONS: Reasons = (
    ("1", N_("教师有事")),
    ("2", N_("场地占用")),
    ("3", N_("多数学员来不了")),
    ("4", N_("天气原因")),
)
POSTPONE_REASONS: Reasons = (
    ("1", N_("报名人数不够")),
    ("2", N_("教师有事")),
    ("3", N_("场地占用")),
    ("4", N_("天气原因")),
)
CANCEL_REASONS: Reasons = (
    ("1", N_("报名人数不够")),
    ("2", N_("教师来不了")),
    ("3", N_("场地没有了")),
    ("4", N_("培训机构退出")),
)
OPEN_REASONS: Reasons = (
    ("1", N_("区里同意照开")),
    ("2", N_("开课前还有人要来报名")),
    ("3", N_("公益班，不看人数")),
)


@dataclass(frozen=True)
class ActState:
    """One act as the panel offers it. ``why``: the sentence why it cannot be done now; empty where it can."""

    name: str
    label: str
    icon: str
    key: str = ""
    why: str = ""


def acts_of(line: ClassLine, rights: Rights) -> tuple[ActState, ...]:
    """Return what this person is offered; acts of other roles are left out, but for the head of the station's."""
    offered = []
    if line.state in (RUNNING, FINISHED):
        offered.append(ActState(ROLL_CALL, _("点名表"), "clipboard-check"))
        offered.append(ActState(GRADUATE, _("结业"), "graduation-cap"))
    if rights.may("enrolment.add") and line.state in (PLANNED, OPEN):
        offered.append(ActState(SIGN_UP, _("给人报名"), "user-round-plus", "Ctrl T", why_no_sign_up(line)))
    if rights.may("class.publish") and line.state == PLANNED:
        why = "" if line.lesson_count else _("还没有排课，先排课再开始报名")
        offered.append(ActState(PUBLISH, _("开始报名"), "megaphone", "", why))
    if rights.may("class.open") and line.state == OPEN:
        offered.append(ActState(OPEN_CLASS, _("开班"), "check"))
    if line.state in (PLANNED, OPEN, RUNNING):
        if rights.may("class.edit"):
            offered.append(ActState(EDIT, _("改班期"), "pencil", "Ctrl E"))
        if rights.may("class.postpone"):
            offered.append(ActState(POSTPONE, _("延期"), "calendar-days"))
        if not rights.only_trainer:
            offered.append(ActState(CANCEL, _("取消班期"), "ban", "", rights.why_not("class.cancel")))
    offered.append(ActState(EXPORT, _("导出台账"), "file-down", "Ctrl S"))
    return tuple(offered)


def why_no_sign_up(line: ClassLine) -> str:
    """Return why nobody can be signed up now; empty where it can be done."""
    if line.open_to_sign_up:
        return ""
    if line.state == PLANNED:
        return _("还没开始报名，先按“开始报名”")
    if line.state == OPEN and words.is_late(line):
        day = words.short_day(line.enrol_until)
        return _("{day} 截止报名，已经过了；还要收人就改报名截止", day=day)
    if line.state == RUNNING:
        return _("已经开班，人在课堂上的在点名表里临时签到")
    return _("班期已经结束，不能再报")


def sentence_for(line: ClassLine, rights: Rights) -> str:
    """Return one sentence for who may only look here; empty for who may act."""
    if rights.only_trainer:
        return _("您看得到自己班的课程表和名单，可以点名、登成绩。排课、报名、延期由站里的人办。")
    if line.state not in (FINISHED, CANCELLED) and not rights.may("class.edit"):
        return _("您的岗位只看不改，排课、报名由站里的窗口办。")
    return ""
