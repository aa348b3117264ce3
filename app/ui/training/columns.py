"""The columns of the two tables."""

from __future__ import annotations

from app import texts
from app.models.codes import code_list
from app.models.training import OPEN, PLANNED, RUNNING
from app.services.training.courses import CourseLine
from app.services.training.listing import ClassLine
from app.texts import _
from app.ui.table import Column
from app.ui.training import state, words


def _width(chinese: int, other: int) -> int:
    """Return a column's width in the language in force: English words are longer."""
    return chinese if texts.language() == "zh_CN" else other


def class_columns() -> tuple[Column[ClassLine], ...]:
    """Return the columns of the classes, titled in the language in force."""
    return (
        Column(
            _("班期"), lambda line: line.title, width=_width(200, 190), stretch=3, bold=True,
            second=lambda line: line.class_no,
        ),
        Column(
            _("日期"), words.span_words, width=_width(128, 140), second=_next_words,
            sort_key=lambda line: line.start_on,
        ),
        Column(
            _("地点"), lambda line: line.place or "", width=_width(116, 104), stretch=2,
            second=lambda line: _("、").join(line.trainers),
        ),
        Column(
            _("人数"), words.seats_words, width=_width(112, 122), second=_people_words,
            sort_key=lambda line: line.counts.signed_up,
        ),
        Column(
            _("报名截止"), lambda line: words.short_day(line.enrol_until), width=_width(90, 108), second=_until_words,
            sort_key=lambda line: line.enrol_until.isoformat() if line.enrol_until else "",
        ),
        Column(_("状态"), words.state_words, width=_width(92, 124), chip=words.state_tone),
    )  # fmt: skip


def _next_words(line: ClassLine) -> str:
    """Return the next lesson, where the class is under way; else how many lessons."""
    if line.state == RUNNING and line.next_on is not None:
        return _("下次课 {day}", day=words.when_words(line.next_on))
    return _("{n} 次课", n=line.lesson_count)


def _people_words(line: ClassLine) -> str:
    """Return how many are lacking before it can begin, else how many wait."""
    lack = words.lacking(line) if line.state in (PLANNED, OPEN) else 0
    if lack:
        return _("还差 {n} 人开班", n=lack)
    return _("候补 {n}", n=line.counts.waiting) if line.counts.waiting else ""


def _until_words(line: ClassLine) -> str:
    return words.deadline_words(line) if line.state in (PLANNED, OPEN) else ""


def course_columns() -> tuple[Column[CourseLine], ...]:
    """Return the columns of the catalogue."""
    return (
        Column(
            _("培训项目"), lambda line: line.name, width=_width(220, 200), stretch=3, bold=True,
            second=state.trade_words, tone=lambda line: "text" if line.active else "text3",
        ),
        Column(_("类型"), _kind_words, width=_width(120, 130), stretch=1, second=_hours_words),
        Column(
            _("培训机构"), lambda line: line.provider_name or "", width=_width(150, 130), stretch=2,
            second=state.certificate_words,
        ),
        Column(
            _("收费"), state.cost_words, width=_width(112, 132), second=state.subsidy_short,
            sort_key=lambda line: line.fee or 0,
        ),
        Column(
            _("班期"), lambda line: str(line.class_count) if line.class_count else "", width=_width(60, 74),
            align="right", sort_key=lambda line: line.class_count,
        ),
        Column(_("状态"), _active_words, width=_width(76, 92), chip=lambda line: "good" if line.active else "neutral"),
    )  # fmt: skip


def _kind_words(line: CourseLine) -> str:
    return code_list("TRAIN_TYPE").label(line.train_type)


def _hours_words(line: CourseLine) -> str:
    return _("{n} 课时", n=line.hours_total) if line.hours_total else ""


def _active_words(line: CourseLine) -> str:
    return _("在办") if line.active else _("停办")
