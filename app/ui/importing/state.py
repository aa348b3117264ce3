"""What the import wizard shows and decides. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from app.models.codes import code_list, occupation_label
from app.models.masking import mask_id, mask_mobile
from app.services.imports.columns import ColumnMap
from app.services.imports.job import ImportJob
from app.services.imports.readers import RawRow
from app.services.imports.report import REFUSED, ImportReport, RowOutcome
from app.services.imports.rows import ReadRow
from app.services.imports.targets import ENROLMENTS, targets_of
from app.services.training.listing import ClassLine, list_open_classes
from app.services.training.sign_up_lists import check_enrolments
from app.texts import N_, _
from app.ui.vacancies.state import pay_words

if TYPE_CHECKING:
    from app.db.database import Transaction

KIND_WORDS: tuple[tuple[str, str, str], ...] = (
    ("vacancies", N_("岗位"), "vacancy.import"),
    ("employers", N_("单位"), "employer.import"),
    ("residents", N_("居民"), "resident.import"),
    (ENROLMENTS, N_("培训报名名单"), "enrolment.import"),
)
"""Kind, its word, the act that brings it in."""
FILE_FILTER = "*.xlsx *.xlsm *.csv *.txt"
PREVIEW_ROWS = 20
SAMPLE_CHARS = 14
SHOWN_ROWS = 20_000
UNDO_MOST = 20
_COLUMN_WORDS = {
    "vacancies": (N_("岗位"), N_("单位"), N_("薪酬"), N_("职业")),
    "employers": (N_("单位名称"), N_("统一社会信用代码"), N_("类型"), N_("联系人")),
    "residents": (N_("姓名"), N_("证件号码"), N_("手机号"), N_("常住地址")),
    ENROLMENTS: (N_("姓名"), N_("证件号码"), N_("手机号"), N_("人员类别")),
}
_REPEATED = (
    N_("已经导入过，没有重复记"),
    N_("已经登记过，没有新内容"),
    N_("这个证件号码已有档案，没有改动"),
    N_("与前面的一行相同"),
    N_("已经报过这个班，没有重复记"),
)


@dataclass(frozen=True)
class PreviewLine:
    """A row of the file as it will be taken."""

    number: int
    cells: tuple[str, str, str, str]
    notes: str
    refused: bool


def column_words(kind: str) -> tuple[str, ...]:
    """Return the titles of the preview's columns."""
    return tuple(_(words) for words in _COLUMN_WORDS[kind])


def preview_line(kind: str, row: ReadRow) -> PreviewLine:
    """Return a row as the preview shows it: what would be stored, with its remarks, or why it would not be."""
    notes = "；".join(row.refusals or row.remarks)
    return PreviewLine(row.number, _cells(kind, row), notes, bool(row.refusals))


def load_open_classes(tx: Transaction) -> list[ClassLine]:
    """Return the classes that a list may be signed up for."""
    return list_open_classes(tx)


def class_note(line: ClassLine) -> str:
    """Return what tells a class from the next of the same title: number, first day, how many are on its list."""
    seats = "—" if line.seats is None else str(line.seats)
    day = f"{line.start_on:%m-%d}"
    return _("{no}，{day} 开班，{n} / {seats} 人", no=line.class_no, day=day, n=line.counts.signed_up, seats=seats)


def looked_at(tx: Transaction, class_id: str, rows: Sequence[ReadRow]) -> list[PreviewLine]:
    """Return rows of a sign-up list as the store would take them: whose they are, what speaks against it."""
    outcomes = {outcome.number: outcome for outcome in check_enrolments(tx, class_id, rows)}
    return [
        replace(
            preview_line(ENROLMENTS, row),
            notes="；".join(outcomes[row.number].notes),
            refused=outcomes[row.number].outcome == REFUSED,
        )
        for row in rows
    ]


def _cells(kind: str, row: ReadRow) -> tuple[str, str, str, str]:
    values = row.values
    if kind == "vacancies":
        sure = values.get("trade_confidence")
        trade = occupation_label(values.get("trade"))
        if trade and sure is not None and sure < 1:
            trade = _("{trade} {percent}%", trade=trade, percent=round(sure * 100))
        pay = pay_words(values.get("pay_unit"), values.get("pay_min"), values.get("pay_max"))
        return str(values.get("title", "")), str(row.employer.get("name", "")), pay, trade
    if kind == "employers":
        sort = code_list("EMPLOYER_TYPE").label(values.get("employer_kind"))
        return str(values.get("name", "")), str(values.get("uscc") or ""), sort, str(values.get("contact") or "")
    hidden = mask_id(values.get("id_no"))
    if kind == ENROLMENTS:
        sort = code_list("SUBSIDY_TARGET").label(values.get("target"))
        return str(values.get("name", "")), hidden, mask_mobile(values.get("mobile")), sort
    return str(values.get("name", "")), hidden, mask_mobile(values.get("mobile")), str(values.get("live_addr") or "")


def sample_of(sample: Sequence[RawRow], index: int) -> str:
    """Return the first cell that a column holds, shortened."""
    text = next((row.cells[index] for row in sample if index < len(row.cells) and row.cells[index]), "")
    flat = " ".join(text.split())
    return flat if len(flat) <= SAMPLE_CHARS else flat[:SAMPLE_CHARS] + "…"


def target_choices(kind: str) -> list[tuple[str, str]]:
    """Return what a column can hold, as choices; the first leaves the column out."""
    return [("", _("不导入"))] + [
        (target.name, _("{label}（必有）", label=_(target.label)) if target.required else _(target.label))
        for target in targets_of(kind)
    ]


def missing_words(columns: ColumnMap) -> str:
    """Return what must still be pointed out; nothing when rows can be taken."""
    lacking = "、".join(_(target.label) for target in columns.missing())
    return _("还没有指定：{columns}", columns=lacking) if lacking else ""


def missing_class(job: ImportJob) -> str:
    """Return that a list of sign-ups still lacks its class; nothing for any other file."""
    return _("先选报到哪个班") if job.columns.kind == ENROLMENTS and not job.into else ""


def advice(kind: str) -> tuple[str, ...]:
    """Return what to know before choosing a file."""
    if kind == ENROLMENTS:
        return (
            _("先选报到哪个班，再选名单；列名和顺序不限，要有姓名和证件号码。"),
            _("按证件号码对档案：本站没有档案的不会报上，先登记再报名。"),
            _("条件一个一个核：不能参加的说明原因，不能算补贴的照报、有说明。"),
            _("名额满了照样报，排在候补，以区里确认为准。"),
        )
    return (
        _("招聘会、人才网站、单位报来的表都行，列名和顺序不限。"),
        _("岗位导入后是“待审”，站长看过才发布。"),
        _("只知道名称的单位记成“待核验”。"),
        _("写着性别、年龄、婚育、户籍、身高的话另存，不当招聘条件。"),
    )


def file_words(path: Path, encoding: str, rows: int) -> str:
    """Return the file in a line: format and about how many rows."""
    kinds = {"xlsx": "Excel", "utf-8-sig": "CSV UTF-8", "utf-8": "CSV UTF-8", "gb18030": "CSV GB18030"}
    shown = kinds.get(encoding, f"CSV {encoding}".strip())
    return _("{format}，约 {n} 行", format=shown, n=f"{rows:,}")


def nothing_changed(report: ImportReport) -> bool:
    """Tell whether every row was there already: the file was imported before."""
    known = {_(words) for words in _REPEATED}
    reasons = [note for outcome, note, _count in report.reasons() if outcome == REFUSED]
    return report.read > 0 and report.taken_count == 0 and bool(reasons) and set(reasons) <= known


def title_of(report: ImportReport) -> str:
    """Return the report's heading."""
    if nothing_changed(report):
        return _("什么都没有变：这些行以前都导入过")
    if report.stopped:
        return _("没有读完")
    if report.cancelled:
        return _("停下了")
    return _("导入完了")


def rows_of(report: ImportReport, outcome: str) -> list[RowOutcome]:
    """Return the rows with this outcome, up to a screenful of scrolling."""
    found = []
    for row in report.rows():
        if row.outcome == outcome:
            found.append(row)
            if len(found) == SHOWN_ROWS:
                break
    return found


def seconds_left(done: int, total: int, spent: float) -> float | None:
    """Return how long it still takes at this pace; None while that is a guess."""
    if spent < 1 or done <= 0 or total <= done:
        return None
    return spent / done * (total - done)
