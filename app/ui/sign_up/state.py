"""What signing up shows and decides: whom, which class, what the rules say, what she has to be told. No Qt."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from app import clock
from app.models.codes import code_list
from app.models.resident import Resident
from app.models.training import TrainingClass
from app.services.training import enrolments
from app.services.training.eligibility import BLOCK, FINE, NO_SUBSIDY, Eligibility, Finding
from app.services.training.enrolments import CLASH, Concern, SignUpCheck, check_sign_up
from app.services.training.fitting import FittingClass, fitting_classes
from app.services.training.listing import ClassLine, open_file
from app.texts import N_, _
from app.ui.sync_badge import ALONE, OFFLINE, SyncSummary

if TYPE_CHECKING:
    from app.db.database import Transaction

FULL = "full"
MARKS = {FINE: "full", NO_SUBSIDY: "partly", BLOCK: "none"}
RESULT_TONES = {"1": "good", "2": "yellow", "3": "orange"}
_DAYS = (N_("周一"), N_("周二"), N_("周三"), N_("周四"), N_("周五"), N_("周六"), N_("周日"))
_RULES: Mapping[str, str] = {
    "age": N_("年龄"),
    "in_work": N_("在职"),
    "retired": N_("退休"),
    "in_school": N_("在校"),
    "per_year": N_("每年次数"),
    "in_total": N_("总次数"),
    "same_level": N_("同工种同等级"),
    "free": N_("不用补贴资金"),
}


@dataclass(frozen=True)
class Person:
    """Whom it is about."""

    id: str
    name: str
    status: str


@dataclass(frozen=True)
class Offer:
    """The classes open today for one person, what fits her first."""

    person: Person
    classes: tuple[FittingClass, ...]


@dataclass(frozen=True)
class CheckView:
    """One person and one class, with everything that speaks for or against it."""

    person: Person
    line: ClassLine
    times: str
    found: SignUpCheck

    @property
    def key(self) -> tuple[str, str]:
        """Return whose and which: ticks made for one pair are not those of another."""
        return self.person.id, self.line.id


@dataclass(frozen=True)
class Told:
    """Something the person has to hear before she signs up; ``asks_why``: her answer is written down."""

    code: str
    text: str
    asks_why: bool


def load_person(tx: Transaction, resident_id: str) -> Person:
    """Return who it is.

    Raises:
        NotFoundError: there is no such file.
    """
    row = tx.get(Resident, resident_id)
    return Person(row.id, row.name, code_list("EMP_STATUS").label(row.emp_status))


def load_offer(tx: Transaction, resident_id: str) -> Offer:
    """Return the open classes for somebody.

    Raises:
        NotFoundError: there is no such file.
    """
    return Offer(load_person(tx, resident_id), tuple(fitting_classes(tx, resident_id)))


def load_class(tx: Transaction, class_id: str) -> ClassLine:
    """Return the class that people are signed up for.

    Raises:
        NotFoundError: there is none.
    """
    return open_file(tx, class_id).line


def load_check(tx: Transaction, class_id: str, resident_id: str) -> CheckView:
    """Look at everything for one person and one class.

    Raises:
        NotFoundError: the person or the class is gone.
    """
    line = load_class(tx, class_id)
    slots = tx.get(TrainingClass, class_id).slots
    return CheckView(load_person(tx, resident_id), line, slot_words(slots), check_sign_up(tx, class_id, resident_id))


def save(
    tx: Transaction, class_id: str, resident_id: str, *, target: str, knowing: Collection[str], why: str | None
) -> str:
    """Sign somebody up; return the sign-up's id.

    Raises:
        RuleError: it cannot be done, or there is something new that she was not told.
        InvalidInputError: by field.
    """
    return enrolments.enrol(tx, class_id, resident_id, target=target, knowing=knowing, why=why).id


# -- words ------------------------------------------------------------------------------------------------------------


def slot_words(slots: Sequence[Mapping[str, Any]]) -> str:
    """Return 周一、周三 13:30–17:00 for the hours of a class."""
    parts = []
    for slot in slots:
        days = sorted(int(day) for day in slot.get("weekdays", ()))
        named = _("每天") if days == list(range(1, 8)) else _("、").join(_(_DAYS[day - 1]) for day in days)
        parts.append(f"{named} {slot.get('from', '')}–{slot.get('to', '')}")
    return _("；").join(parts)


def day_words(day: date) -> str:
    """Return a day as tables show it: 11-24, with the year if it is another."""
    return f"{day:%m-%d}" if day.year == clock.today().year else f"{day:%Y-%m-%d}"


def places_left(line: ClassLine) -> int | None:
    """Return how many places are free as far as this device knows; None where the class has no limit."""
    return None if line.seats is None else max(0, line.seats - line.counts.signed_up)


def places_words(line: ClassLine) -> str:
    """Return how many places are left, or how many wait already."""
    left = places_left(line)
    if left is None:
        return _("不限")
    return _("还有 {n} 个", n=left) if left else _("满了，候补 {n} 人", n=line.counts.signed_up - (line.seats or 0))


def places_tone(line: ClassLine) -> str:
    """Return the ink of the places: few are to be seen, none is an answer of its own."""
    left = places_left(line)
    return "text" if left is None or left > 3 else "orange" if left == 0 else "yellow"


def fit_words(each: FittingClass) -> str:
    """Return why this class is good for her; nothing where it is only open."""
    if each.signed_up:
        return _("已经报了")
    if each.closes:
        return _("补上缺的“{cert}”，{n} 个岗位要", cert=each.closes, n=each.wanted_by)
    return _("合意向“{wish}”", wish=each.wish) if each.wish else ""


def fit_tone(each: FittingClass) -> str:
    """Return the ink of it."""
    return "text2" if each.signed_up or not (each.closes or each.wish) else "accent_text"


def rule_words(finding: Finding) -> str:
    """Return the short name of a rule."""
    return _(_RULES.get(finding.rule, finding.rule))


def mark_of(finding: Finding) -> str:
    """Return the mark of a finding: ✓ in order, △ no subsidy, ✗ not at all, – not known."""
    return MARKS.get(finding.verdict, "skipped")


def verdict_words(finding: Finding) -> str:
    """Return what the mark means, for who does not see it."""
    known = {FINE: _("符合"), NO_SUBSIDY: _("能参加，不补贴"), BLOCK: _("不能参加")}
    return known.get(finding.verdict, _("资料不全"))


def source_words(finding: Finding) -> str:
    """Return whose rule this is and since when."""
    if not finding.key:
        return ""
    if finding.since is None:
        return _("区里还没下发，按程序自带的规则")
    return _("区里的规则：{source}，{day} 起", source=finding.source or finding.key, day=finding.since)


def result_words(found: Eligibility) -> tuple[str, str]:
    """Return the outcome of all rules together, and its tone."""
    if found.blocked:
        return _("不能参加"), "red"
    return code_list("ELIGIBILITY").label(found.result), RESULT_TONES.get(found.result, "neutral")


def seat_chip(view: CheckView) -> tuple[str, str]:
    """Return what to expect of the seat, and its tone."""
    found = view.found
    if found.places_left is None:
        return _("名额不限"), "neutral"
    if found.waiting_place is not None:
        return _("满了，大概候补第 {n} 位", n=found.waiting_place), "orange"
    return _("还有 {n} 个名额", n=found.places_left), "yellow" if found.places_left <= 3 else "good"


def to_tell(view: CheckView) -> tuple[Told, ...]:
    """Return what she has to be told before she signs up."""
    told = [Told(each.code, each.text, each.code == CLASH) for each in view.found.warnings]
    if view.found.waiting_place is not None and not view.found.blocks:
        text = _(
            "名额报满了，现在报大概是候补第 {n} 位；有人退班才轮得到，名额以区里确认为准", n=view.found.waiting_place
        )
        told.append(Told(FULL, text, False))
    return tuple(told)


def blocks(view: CheckView) -> tuple[Concern, ...]:
    """Return what cannot be helped."""
    return view.found.blocks


def missing_words(told: Sequence[Told], ticked: Collection[str], why: str | None) -> tuple[str, str]:
    """Return what is still to be done before saving: (what to say, "tick", "why" or "")."""
    left = [each for each in told if each.code not in ticked]
    if left:
        return _("还有 {n} 条没跟本人说。说清楚了，本人还要报，就打勾。", n=len(left)), "tick"
    if not why and any(each.asks_why for each in told):
        return _("两个班时间撞了，写一句本人打算怎么办"), "why"
    return "", ""


def seat_note(summary: SyncSummary | None) -> str:
    """Return who decides about the seat and when one hears of it."""
    if summary is None or summary.state == ALONE:
        return _("名额按报名先后定。")
    if summary.state == OFFLINE:
        return _("现在离线，先记“待确认”。联网后区里按先后确认，没轮到的转候补，两边都会通知。")
    return _("名额由区里按先后确认，确认前单子上印“待确认”。没轮到的转候补，两边都会通知。")


def targets() -> list[tuple[str, str]]:
    """Return the categories of people."""
    return [(code.code, code.label) for code in code_list("SUBSIDY_TARGET").choices()]
