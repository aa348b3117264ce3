"""What comes next for a class: one sentence and one act, the same in the list and in the class's file. No Qt."""

from __future__ import annotations

from dataclasses import dataclass

from app import clock
from app.models.training import CANCELLED, FINISHED, OPEN, PLANNED
from app.services.training.listing import ClassLine
from app.texts import _
from app.ui.rights import Rights
from app.ui.training import words

PUBLISH, ENROL, OPEN_CLASS, ROLL_CALL, GRADUATE, TELL, LESSONS = (
    "publish", "enrol", "open", "roll_call", "graduate", "tell", "lessons",
)  # fmt: skip
ACTS = {
    PUBLISH: "class.publish",
    ENROL: "enrolment.add",
    OPEN_CLASS: "class.open",
    TELL: "enrolment.tell",
    LESSONS: "class.lessons",
}


@dataclass(frozen=True)
class Step:
    """What to do next. ``act`` may be empty: then there is only something to know."""

    text: str
    act: str = ""
    label: str = ""
    icon: str = "check"
    tone: str = "text2"


def step_of(line: ClassLine, rights: Rights, *, untold: int = 0) -> Step:
    """Return the next step of a class for somebody with these rights; ``untold``: people who must be told something."""
    step = _first_told(line, untold) or _by_state(line)
    act = ACTS.get(step.act, "")
    if act and not rights.may(act):
        return Step(step.text, "", "", step.icon, step.tone)
    return step


def _first_told(line: ClassLine, untold: int) -> Step | None:
    if not untold:
        return None
    text = _("有 {n} 个人还不知道最新的安排，先逐个通知到", n=untold)
    return Step(text, TELL, _("看要通知谁"), "megaphone", "orange")


def _by_state(line: ClassLine) -> Step:
    if line.state == PLANNED:
        return _planned(line)
    if line.state == OPEN:
        return _open(line)
    if line.state == FINISHED:
        return Step(_("已经结业，名单、成绩和证书都在结业里"), GRADUATE, _("看结业名单"), "graduation-cap")
    if line.state == CANCELLED:
        return Step(_("班期取消了，不用再办什么"))
    if words.is_over(line):
        return Step(_("课上完了，登成绩、办结业"), GRADUATE, _("办结业"), "graduation-cap", "orange")
    if line.next_on is None:
        return Step(_("后面没有排课"), ROLL_CALL, _("看点名表"), "clipboard-check")
    if line.next_on == clock.today():
        return Step(_("今天有课，上课前点名"), ROLL_CALL, _("点名"), "clipboard-check", "orange")
    return Step(_("下次课 {day}", day=words.when_words(line.next_on)), ROLL_CALL, _("点名"), "clipboard-check")


def _planned(line: ClassLine) -> Step:
    if not line.lesson_count:
        return Step(_("还没有排课，先排课再开始报名"), LESSONS, _("加一次课"), "calendar-days", "orange")
    if words.is_late(line):
        day = words.short_day(line.enrol_until)
        return Step(
            _("报名截止 {day} 已过，先改报名截止，再开始报名", day=day), "edit", _("改班期"), "pencil", "orange"
        )
    text = _("课排好了，{day} 开课。开始报名后窗口才能报名", day=words.when_words(line.start_on))
    return Step(text, PUBLISH, _("开始报名"), "megaphone")


def _open(line: ClassLine) -> Step:
    lack, begins = words.lacking(line), words.when_words(line.start_on)
    closed = words.is_late(line) or line.start_on <= clock.today()
    if lack and closed:
        text = _("还差 {n} 人到最低开班人数：延期、取消，或写明原因照开", n=lack)
        return Step(text, OPEN_CLASS, _("照开"), "check", "orange")
    if lack:
        text = _("还差 {n} 人到最低开班人数，{day} 截止报名", n=lack, day=words.short_day(line.enrol_until))
        return Step(text, ENROL, _("给人报名"), "user-round-plus", "orange")
    full = line.seats is not None and line.counts.signed_up >= line.seats
    if closed or full:
        text = _("{have} 人报名，{day} 开课，可以开班", have=line.counts.expected(line.seats), day=begins)
        return Step(text, OPEN_CLASS, _("开班"), "check")
    text = _("人数够开班了，还能再报 {n} 人", n=(line.seats or 0) - line.counts.signed_up)
    if line.seats is None:
        text = _("人数够开班了，还能再报")
    return Step(text, ENROL, _("给人报名"), "user-round-plus")
