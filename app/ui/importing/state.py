"""What the import wizard shows and decides. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.models.codes import code_list, occupation_label
from app.models.masking import mask_id, mask_mobile
from app.services.imports.columns import ColumnMap
from app.services.imports.readers import RawRow
from app.services.imports.report import REFUSED, ImportReport, RowOutcome
from app.services.imports.rows import ReadRow
from app.services.imports.targets import targets_of
from app.texts import N_, _
from app.ui.vacancies.state import pay_words

KIND_WORDS: tuple[tuple[str, str, str], ...] = (
    ("vacancies", N_("岗位"), "vacancy.import"),
    ("employers", N_("单位"), "employer.import"),
    ("residents", N_("居民"), "resident.import"),
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
}
_REPEATED = (
    N_("已经导入过，没有重复记"),
    N_("已经登记过，没有新内容"),
    N_("这个证件号码已有档案，没有改动"),
    N_("与前面的一行相同"),
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
