"""May she be trained at public cost? Each rule a sentence with its value, its source and its date (domain sheet 5.6).

The values are district parameters with dates; what is asked of them is here.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from app import clock
from app.db.database import Transaction
from app.models.base import month_after
from app.models.codes import code_list, occupation_label
from app.models.resident import Resident
from app.models.retirement import bases_for, is_past
from app.models.training import CANCELLED, PASSED, SIGNED_UP, Course, Enrolment, TrainingClass
from app.services.policy import InForce, in_force
from app.texts import _

FINE, NO_SUBSIDY, BLOCK, UNKNOWN = "fine", "no_subsidy", "block", "unknown"
ELIGIBLE, UNSUBSIDISED, TO_CHECK = "1", "2", "3"
PENSIONER, STUDENT, NOT_KNOWN = "35", "31", (None, "", "90")
EMPLOYEE, GRADUATE, OTHER = "7", "2", "9"

_TARGET_OF_GROUP = (("KG02", "6"), ("KG08", "1"), ("KG04", "2"), ("KG09", "8"), ("KG07", "4"))
_TARGET_OF_STATUS = {"21": "5"}


@dataclass(frozen=True)
class Finding:
    """What one rule says of one person: a sentence, and the parameter in force that decided it."""

    rule: str
    verdict: str
    text: str
    key: str = ""
    value: Any = None
    source: str = ""
    since: str | None = None


@dataclass(frozen=True)
class Eligibility:
    """Everything that was asked. ``target``: the person's likely SUBSIDY_TARGET, to be confirmed at the counter."""

    result: str
    target: str
    checked_on: date
    findings: tuple[Finding, ...]

    @property
    def blocked(self) -> tuple[Finding, ...]:
        """Return what keeps her out altogether."""
        return tuple(found for found in self.findings if found.verdict == BLOCK)

    @property
    def against(self) -> tuple[Finding, ...]:
        """Return what stands against the subsidy, or is not known."""
        return tuple(found for found in self.findings if found.verdict in (NO_SUBSIDY, UNKNOWN))

    def as_json(self) -> list[dict[str, Any]]:
        """Return the findings as they are kept."""
        return [asdict(found) for found in self.findings]


@dataclass(frozen=True)
class _Past:
    """A subsidised sign-up of the past, or one under way."""

    course_name: str
    trade: str | None
    level: str | None
    year: int


@dataclass(frozen=True)
class _Case:
    """All that the rules look at."""

    resident: Resident
    course: Course
    start_on: date
    on: date
    past: tuple[_Past, ...]
    force: Callable[[str], InForce]


def check(tx: Transaction, resident_id: str, class_id: str, *, on: date | None = None) -> Eligibility:
    """Ask every rule as the district has it on that day (today).

    Raises:
        NotFoundError: there is no such resident, class or course.
    """
    day = on or clock.today()
    resident = tx.get(Resident, resident_id)
    held_class = tx.get(TrainingClass, class_id)
    course = tx.get(Course, held_class.course_id)

    def force(key: str) -> InForce:
        return in_force(tx, key, day)

    case = _Case(resident, course, held_class.start_on, day, _past(tx, resident_id, class_id), force)
    findings: list[Finding | None] = [_age(case)]
    if course.in_catalogue:
        findings += [rule(case) for rule in (_in_work, _retired, _in_school, _per_year, _in_total, _same_level)]
    else:
        findings.append(Finding("free", FINE, _("这个班不用补贴资金，谁都能报，不核补贴次数")))
    shown = tuple(found for found in findings if found is not None)
    return Eligibility(_result(course, shown), _target(resident, day), day, shown)


def _result(course: Course, findings: tuple[Finding, ...]) -> str:
    verdicts = {found.verdict for found in findings}
    if BLOCK in verdicts or NO_SUBSIDY in verdicts or not course.in_catalogue:
        return UNSUBSIDISED
    return TO_CHECK if UNKNOWN in verdicts else ELIGIBLE


def _target(resident: Resident, on: date) -> str:
    groups = {item.get("code") if isinstance(item, dict) else item for item in resident.priority_groups}
    if resident.graduate_date is not None and resident.graduate_date.year == on.year:
        return GRADUATE
    for group, target in _TARGET_OF_GROUP:
        if group in groups:
            return target
    if resident.emp_status in _TARGET_OF_STATUS:
        return _TARGET_OF_STATUS[resident.emp_status]
    return EMPLOYEE if _counts_as(resident.emp_status) == "employed" else OTHER


def _counts_as(status: str | None) -> object:
    item = code_list("EMP_STATUS").get(status)
    return item.extra.get("counts_as") if item else None


def _found(rule: str, verdict: str, text: str, given: InForce) -> Finding:
    since = given.since.isoformat() if given.since else None
    return Finding(rule, verdict, text, given.key, given.value, given.source, since)


def _age(case: _Case) -> Finding:
    given = case.force("training.min_age")
    least, born = int(given.value), case.resident.birth_date
    if born is None:
        return _found("age", UNKNOWN, _("档案里没有出生日期，先补上再核年龄"), given)
    if month_after(born, least * 12) > case.on:
        return _found("age", BLOCK, _("不满 {n} 周岁，不能参加", n=least), given)
    return _found("age", FINE, _("满 {n} 周岁", n=least), given)


def _in_work(case: _Case) -> Finding:
    given = case.force("training.in_work_types")
    flexible_given = case.force("training.flexible_is_in_work")
    status = code_list("EMP_STATUS").get(case.resident.emp_status)
    label = status.label if status else ""
    if case.resident.emp_status in NOT_KNOWN or status is None:
        return _found("in_work", UNKNOWN, _("就业状态不明，先核实再定能不能补贴"), given)
    flexible = bool(status.extra.get("flexible"))
    working = status.extra.get("counts_as") == "employed" and (not flexible or bool(flexible_given.value))
    if not working:
        if flexible:
            return _found("in_work", FINE, _("是“{status}”，不算在职", status=label), flexible_given)
        return _found("in_work", FINE, _("不在职：{status}", status=label), given)
    kind = code_list("TRAIN_TYPE").label(case.course.train_type)
    if case.course.train_type in given.value:
        return _found("in_work", FINE, _("在职，“{kind}”面向在职人员", kind=kind), given)
    text = _("在职（{status}），“{kind}”不补贴在职人员", status=label, kind=kind)
    return _found("in_work", NO_SUBSIDY, text, flexible_given if flexible else given)


def _retired(case: _Case) -> Finding:
    given, resident = case.force("training.retired_subsidised"), case.resident
    pension = resident.emp_status == PENSIONER
    past = False
    if resident.birth_date is not None:
        _warn, stop = bases_for(resident.sex, resident.female_retire_base)
        past = is_past(resident.birth_date, stop, case.on)
    if not pension and not past:
        return _found("retired", FINE, _("没到退休年龄，没领养老金"), given)
    why = _("已领养老金") if pension else _("已到法定退休年龄")
    if given.value:
        return _found("retired", FINE, _("{why}，本区仍可补贴", why=why), given)
    return _found("retired", NO_SUBSIDY, _("{why}，不能补贴", why=why), given)


def _in_school(case: _Case) -> Finding:
    given, resident = case.force("training.in_school_subsidised"), case.resident
    if resident.emp_status != STUDENT:
        return _found("in_school", FINE, _("不在校"), given)
    if resident.graduate_date is not None and resident.graduate_date.year == case.on.year:
        return _found("in_school", FINE, _("在校，今年毕业，按毕业年度高校毕业生办"), given)
    if given.value:
        return _found("in_school", FINE, _("在校，本区可以补贴"), given)
    return _found("in_school", NO_SUBSIDY, _("在校学生，不能补贴"), given)


def _per_year(case: _Case) -> Finding:
    given, year = case.force("training.per_year"), case.start_on.year
    had = [each for each in case.past if each.year == year]
    if given.value is None:
        return _found("per_year", FINE, _("本区不限每年次数"), given)
    most, names = int(given.value), _("、").join(f"“{each.course_name}”" for each in had)
    if len(had) >= most:
        text = _("{year} 年已补贴 {n} 次（{names}），每年最多 {most} 次", year=year, n=len(had), names=names, most=most)
        return _found("per_year", NO_SUBSIDY, text, given)
    text = _("{year} 年已补贴 {n} 次，每年最多 {most} 次", year=year, n=len(had), most=most)
    return _found("per_year", FINE, text, given)


def _in_total(case: _Case) -> Finding | None:
    given = case.force("training.in_total")
    if given.value is None:
        return None
    had, most = len(case.past), int(given.value)
    if had >= most:
        return _found("in_total", NO_SUBSIDY, _("一共已补贴 {n} 次，最多 {most} 次", n=had, most=most), given)
    return _found("in_total", FINE, _("一共已补贴 {n} 次，最多 {most} 次", n=had, most=most), given)


def _same_level(case: _Case) -> Finding:
    given, course = case.force("training.same_trade_level_once"), case.course
    trade, level = occupation_label(course.trade), code_list("SKILL").label(course.level)
    if not given.value:
        return _found("same_level", FINE, _("本区不限同工种同等级的次数"), given)
    if any(each.trade == course.trade and each.level == course.level for each in case.past):
        text = _("“{trade}”{level}已经补贴过，同工种同等级只补一次", trade=trade, level=level)
        return _found("same_level", NO_SUBSIDY, text, given)
    return _found("same_level", FINE, _("“{trade}”{level}没有补贴过", trade=trade, level=level), given)


def _past(tx: Transaction, resident_id: str, but_class: str) -> tuple[_Past, ...]:
    """Return the person's subsidised sign-ups that count: under way or completed, of classes not cancelled."""
    statement = (
        select(col(Course.name), col(Course.trade), col(Course.level), col(TrainingClass.start_on))
        .join_from(Enrolment, TrainingClass, col(TrainingClass.id) == col(Enrolment.class_id))
        .join(Course, col(Course.id) == col(TrainingClass.course_id))
        .where(col(Enrolment.resident_id) == resident_id, col(Enrolment.subsidised).is_(True))
        .where(col(Enrolment.state).in_((SIGNED_UP, PASSED)), col(Enrolment.deleted_at).is_(None))
        .where(col(TrainingClass.state) != CANCELLED, col(TrainingClass.id) != but_class)
        .order_by(col(TrainingClass.start_on))
    )
    return tuple(_Past(row.name, row.trade, row.level, row.start_on.year) for row in tx.rows(statement))
