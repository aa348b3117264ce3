"""The class file as tables of Chinese text, for its workbook and its PDF."""

from collections.abc import Sequence
from dataclasses import dataclass

from app import clock
from app.models.certificate import IN_FORCE
from app.models.codes import code_list
from app.models.hours import hours_text
from app.models.masking import mask_mobile
from app.models.training import AS_PLANNED
from app.services.training.certificates import CertificateLine
from app.services.training.class_file import ClassRecord
from app.services.training.completion import Graduation
from app.services.training.grid import Grid
from app.services.training.rosters import RosterLine


@dataclass(frozen=True)
class Sheet:
    """One table: its name, headings, rows of text."""

    name: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class ClassBook:
    """Everything of the class file. ``facts``: [(label, text)] for its head."""

    class_no: str
    title: str
    station_name: str
    facts: tuple[tuple[str, str], ...]
    roster: Sheet
    attendance: Sheet
    results: Sheet


def class_book(record: ClassRecord) -> ClassBook:
    """Return the tables of a class."""
    return ClassBook(
        class_no=record.file.line.class_no,
        title=record.file.line.title,
        station_name=record.station_name,
        facts=_facts(record),
        roster=_roster(record.roster, full=record.full),
        attendance=_attendance(record.grid),
        results=_results(record.graduation, record.certificates),
    )


def _zh(list_id: str, code: str | None) -> str:
    item = code_list(list_id).get(code)
    return item.label_zh if item is not None else code or ""


def _facts(record: ClassRecord) -> tuple[tuple[str, str], ...]:
    line, course = record.file.line, record.file.course
    return (
        ("培训项目", line.course_name),
        ("等级", _zh("SKILL", line.level)),
        ("总课时", str(line.hours_total or "")),
        ("培训机构", course.provider_name or ""),
        ("日期", f"{line.start_on.isoformat()} – {line.end_on.isoformat()}"),
        ("地点", line.place or ""),
        ("教师", "、".join(line.trainers)),
        ("状态", _zh("CLASS_STATE", line.state)),
        ("计划人数", str(line.seats or "")),
        ("报名人数", str(line.counts.signed_up)),
        ("填表", record.filled_by),
        ("填表日期", clock.today().isoformat()),
    )


def _roster(lines: Sequence[RosterLine], *, full: bool) -> Sheet:
    headings = (
        "序", "报名号", "姓名", "电话", "人员类别", "资格核验", "补贴", "名额", "报名日期"
    )  # fmt: skip
    rows = tuple(
        (
            str(place), line.enrol_no, line.name, (line.phone or "") if full else mask_mobile(line.phone),
            _zh("SUBSIDY_TARGET", line.target), _zh("ELIGIBILITY", line.eligibility),
            "是" if line.subsidised else "否", line.seat_text, line.enrolled_on.isoformat(),
        )
        for place, line in enumerate(lines, 1)
    )  # fmt: skip
    return Sheet("报名名单", headings, rows)


def _attendance(grid: Grid) -> Sheet:
    lessons = [lesson for lesson in grid.lessons if lesson.state == AS_PLANNED]
    days = tuple(f"{lesson.number}\n{lesson.held_on:%m-%d}" for lesson in lessons)
    rows = []
    for place, person in enumerate(grid.people, 1):
        cells = []
        for lesson in lessons:
            cell = person.cells.get(lesson.id)
            minutes = f"{cell.minutes}" if cell is not None and cell.minutes else ""
            cells.append(f"{_zh('ATTEND_MARK', cell.mark)}{minutes}" if cell is not None else "")
        done = person.progress
        rows.append((str(place), person.name, *cells, hours_text(done.attended), f"{done.percent_of_all}%"))
    return Sheet("考勤", ("序", "姓名", *days, "出勤课时", "占总课时"), tuple(rows))


def _results(found: Graduation, issued: Sequence[CertificateLine]) -> Sheet:
    certificates: dict[str, list[str]] = {}
    for line in issued:
        if line.state == IN_FORCE:
            certificates.setdefault(line.resident_id, []).append(line.cert_no)
    headings = ("序", "姓名", "出勤课时", "理论", "实操", "结业", "原因", "证书编号")
    rows = []
    for place, each in enumerate(found.lines, 1):
        score = each.score
        rows.append(
            (
                str(place), each.name, hours_text(each.progress.attended),
                hours_text(score.theory) if score and score.theory is not None else "",
                hours_text(score.practice) if score and score.practice is not None else "",
                "是" if each.may else "否", "；".join(each.reasons),
                "、".join(certificates.get(each.resident_id, ())),
            )
        )  # fmt: skip
    return Sheet("成绩和结业", headings, tuple(rows))
