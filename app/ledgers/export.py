"""Ledgers as files: CSV and Excel. A file is whole or absent, whatever happens on the way, and memory stays flat.

Every ledger leaves with its head (unit, period, who made it), its definitions and the places to sign; one without rows
says so. Text is never a formula.
"""

from __future__ import annotations

import csv
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any

from app import clock
from app.db.durable import sync_folder, translated
from app.errors import StorageError
from app.ledgers.base import Kind, Ledger
from app.ledgers.read import Cell
from app.texts import _

EXCEL_ROWS = 1_048_576
"""What one sheet of Excel holds."""
STEP = 500
_DAY_ZERO = date(1899, 12, 30).toordinal()
"""Excel counts days from here, right from March 1900 on. The library's own conversion costs more than the cell."""
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")

Progress = Callable[[int], object]


@dataclass(frozen=True)
class Heading:
    """What stands over and under a ledger. ``whole_why``: why whole numbers were taken out; empty where masked.

    ``made_at`` is an instant; ``seal``: the hash of a closed month, empty for an open one. ``taken_by`` and
    ``taken_at``: who takes it out, where that is not who made it; only a paper with whole numbers says so.
    """

    unit: str
    period: str
    made_by: str
    made_at: datetime
    filters: str = ""
    whole_why: str = ""
    seal: str = ""
    taken_by: str = ""
    taken_at: datetime | None = None

    @property
    def made_on(self) -> str:
        """Return when it was made, in local time, to the minute."""
        return _minute(self.made_at)

    @property
    def watermark(self) -> str:
        """Return the words on a ledger with whole numbers; empty where it is masked."""
        if not self.whole_why:
            return ""
        who, when = self.taken_by or self.made_by, _minute(self.taken_at or self.made_at)
        return f"含完整个人信息，{who} {when} 导出，理由：{self.whole_why}"

    @property
    def sealed(self) -> str:
        """Return the words with the hash of a closed month; empty for an open one."""
        return f"{SEAL}：{self.seal}" if self.seal else ""


def _minute(at: datetime) -> str:
    return f"{clock.to_local(at):%Y-%m-%d %H:%M}"


EMPTY = "本期没有记录"
SEAL = "结账校验值（SHA-256）"
SIGN = ("制表人", "审核人", "单位（盖章）")


def definitions(ledger: Ledger) -> list[tuple[str, str]]:
    """Return what a ledger says of itself: title and text of each line of the sheet of definitions."""
    return [
        ("台账", f"{ledger.code} {ledger.title}"),
        ("计入口径", ledger.counted_by),
        ("说明", ledger.definition),
        ("期间", "从首日零点起，到末日次日零点前止，北京时间；补录的按真实日期计入。"),
        ("姓名、证件、电话", "按规定脱敏；取得权限、写明理由才导出完整的，并留痕。"),
    ]


@dataclass(frozen=True)
class Extra:
    """A second table that goes with a ledger: the corrections of earlier months. ``title``: of its sheet or section."""

    title: str
    ledger: Ledger
    rows: Sequence[Sequence[Cell]]


def write_csv(
    path: Path, ledger: Ledger, heading: Heading, rows: Iterable[Sequence[Cell]], *, progress: Progress | None = None
) -> int:
    """Write a ledger as UTF-8 with BOM, as Excel and WPS open it; return how many rows it has.

    A text that a spreadsheet would take for a formula gets an apostrophe before it.

    Raises:
        StorageError: no room, or the file is open elsewhere; no torn file is left.
    """
    with _beside(path) as made, made.open("w", encoding="utf-8-sig", newline="") as file:
        return _fill_csv(file, ledger, heading, rows, progress)


def _fill_csv(
    file: IO[str], ledger: Ledger, heading: Heading, rows: Iterable[Sequence[Cell]], progress: Progress | None
) -> int:
    out = csv.writer(file)
    out.writerow([f"{ledger.title}"])
    facts = [f"填报单位：{heading.unit}", f"期间：{heading.period}", f"制表人：{heading.made_by}", heading.made_on]
    out.writerow([*facts, heading.sealed] if heading.sealed else facts)
    if heading.watermark:
        out.writerow([heading.watermark])
    out.writerow(["序号", *(column.title for column in ledger.columns)])
    count = 0
    for count, cells in enumerate(_told(rows, progress), 1):
        out.writerow([count, *(_csv_cell(cell) for cell in cells)])
    if not count:
        out.writerow([EMPTY])
    return count


def _csv_cell(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return f"'{cell}" if cell.startswith(_DANGEROUS) else cell
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d %H:%M}"
    return f"{cell:.2f}" if isinstance(cell, float) else str(cell)


def write_excel(
    path: Path,
    ledger: Ledger,
    heading: Heading,
    rows: Iterable[Sequence[Cell]],
    *,
    progress: Progress | None = None,
    more: Extra | None = None,
) -> int:
    """Write a ledger as an Excel workbook for A4 across; return how many rows it has.

    Numbers, money and days are real ones. More rows than a sheet holds go on to further sheets, and the first says so.
    ``more`` gets a sheet of its own. The same rows and heading give the same bytes.

    Raises:
        StorageError: no room, or the file is open elsewhere; no torn file is left.
    """
    import xlsxwriter
    from xlsxwriter.exceptions import FileCreateError

    with _beside(path) as made:
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        book = xlsxwriter.Workbook(str(made), {**options, "tmpdir": str(made.parent)})
        book.set_properties({"title": ledger.title, "author": heading.unit, "created": heading.made_at})
        try:
            writer = _Book(book, ledger, heading)
            count = writer.fill(_told(rows, progress))
            if more is not None:
                _Book(book, more.ledger, heading, sheet=more.title).fill(iter(more.rows))
            writer.define(count)
            book.close()
        except FileCreateError as problem:
            raise problem.args[0] from problem
        finally:
            book.fileclosed = True  # what was begun goes with its folder
            for sheet in book.worksheets():
                sheet.row_data_fh.close()
    return count


class _Book:
    """Sheets of one ledger under way."""

    def __init__(self, book: Any, ledger: Ledger, heading: Heading, *, sheet: str = "") -> None:
        self._book, self._ledger, self._heading = book, ledger, heading
        self._name = (sheet or ledger.title)[:24].replace("/", "／")
        line = {"border": 1, "font_size": 10, "valign": "vcenter", "font_name": "宋体"}
        self._title = book.add_format({"bold": True, "font_size": 16, "align": "center", "font_name": "宋体"})
        self._note = book.add_format({"font_size": 10, "font_name": "宋体"})
        self._warn = book.add_format({"font_size": 10, "bold": True, "font_color": "#B42318", "font_name": "宋体"})
        self._head = book.add_format(
            {**line, "bold": True, "text_wrap": True, "align": "center", "bg_color": "#E6F0EC"}
        )
        self._text = book.add_format(line)
        self._number = book.add_format({**line, "num_format": "0"})
        self._money = book.add_format({**line, "num_format": "#,##0.00"})
        self._day = book.add_format({**line, "num_format": "yyyy-mm-dd", "align": "center"})
        self._moment = book.add_format({**line, "num_format": "yyyy-mm-dd hh:mm", "align": "center"})
        self._sheet: Any = None
        self._at = self._sheets = 0

    def fill(self, rows: Iterator[Sequence[Cell]]) -> int:
        """Write all rows, a sheet after the other, and the places to sign under the last."""
        count = 0
        self._new_sheet()
        numbers = [self._money if column.kind == Kind.MONEY else self._number for column in self._ledger.columns]
        for count, cells in enumerate(rows, 1):
            if self._at >= EXCEL_ROWS - 3 - bool(self._heading.seal):
                self._new_sheet()
            self._row(count, cells, numbers)
            self._at += 1
        if not count:
            self._sheet.write_string(self._at, 0, EMPTY, self._note)
            self._at += 1
        self._sheet.write_string(self._at + 1, 0, self._signature(), self._note)
        if self._heading.sealed:
            self._sheet.write_string(self._at + 2, 0, self._heading.sealed, self._note)
        return count

    def _row(self, count: int, cells: Sequence[Cell], numbers: Sequence[Any]) -> None:
        """Write one row: as bare as the library lets it, most of the time of a ledger is spent here."""
        sheet, at, text = self._sheet, self._at, self._text
        write_string = sheet.write_string
        sheet.write_number(at, 0, count, self._number)
        for place, cell in enumerate(cells, 1):
            if isinstance(cell, str):
                write_string(at, place, cell, text)
            elif cell is None:
                sheet.write_blank(at, place, None, text)
            elif isinstance(cell, datetime):
                sheet.write_datetime(at, place, cell, self._moment)
            elif isinstance(cell, date) and cell.year > 1900:
                sheet.write_number(at, place, cell.toordinal() - _DAY_ZERO, self._day)
            elif isinstance(cell, date):
                sheet.write_datetime(at, place, cell, self._day)
            else:
                sheet.write_number(at, place, cell, numbers[place - 1])

    def define(self, count: int) -> None:
        """Add the sheet of definitions."""
        sheet = self._book.add_worksheet("口径说明")
        sheet.set_column(0, 0, 20)
        sheet.set_column(1, 1, 90)
        said = [*definitions(self._ledger), ("行数", str(count))]
        if self._sheets > 1:
            said.append(("分表", f"一张表放不下，分成 {self._sheets} 张，序号连着。"))
        if self._heading.seal:
            said.append((SEAL, self._heading.seal))
        for row, (name, text) in enumerate(said):
            sheet.write_string(row, 0, name, self._note)
            sheet.write_string(row, 1, text, self._note)

    def _new_sheet(self) -> None:
        self._sheets += 1
        name = self._name if self._sheets == 1 else f"{self._name}（{self._sheets}）"
        sheet = self._sheet = self._book.add_worksheet(name)
        columns = self._ledger.columns
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.7)
        sheet.set_footer("&L&9" + "　　".join(f"{name}：＿＿＿＿＿＿" for name in SIGN) + self._foot())
        if self._heading.watermark:
            sheet.set_header("&C&9" + self._heading.watermark.replace("&", "&&"))
        sheet.set_column(0, 0, 6)
        for place, column in enumerate(columns, 1):
            sheet.set_column(place, place, column.width)
        sheet.write_string(0, 0, self._ledger.title, self._title)
        sheet.write_string(1, 0, self._facts(), self._note)
        top = 2
        if self._heading.watermark:
            sheet.write_string(top, 0, self._heading.watermark, self._warn)
            top += 1
        sheet.set_row(top, 30)
        sheet.write_string(top, 0, "序号", self._head)
        for place, column in enumerate(columns, 1):
            sheet.write_string(top, place, column.title, self._head)
        sheet.repeat_rows(0, top)
        sheet.freeze_panes(top + 1, 2)
        self._at = top + 1

    def _foot(self) -> str:
        seal = f"&C&6 {self._heading.seal}" if self._heading.seal else ""
        return f"{seal}&R&9第 &P 页 共 &N 页"

    def _facts(self) -> str:
        heading = self._heading
        facts = [f"填报单位：{heading.unit}", f"期间：{heading.period}", f"制表人：{heading.made_by}"]
        facts += [f"制表时间：{heading.made_on}", heading.filters and f"筛选：{heading.filters}"]
        return "　　".join(fact for fact in facts if fact)

    def _signature(self) -> str:
        return "　　　　".join(f"{name}：＿＿＿＿＿＿＿＿" for name in SIGN)


def write_whole(path: Path, content: bytes) -> None:
    """Write a ledger made in memory, as the PDF is.

    Raises:
        StorageError: no room, or the file is open elsewhere; no torn file is left.
    """
    with _beside(path) as made:
        made.write_bytes(content)


def _told(rows: Iterable[Sequence[Cell]], progress: Progress | None) -> Iterator[Sequence[Cell]]:
    """Pass rows on and tell how many there were; whoever is told may raise Cancelled."""
    for count, cells in enumerate(rows, 1):
        if progress is not None and count % STEP == 0:
            progress(count)
        yield cells


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """Give a new file in a folder of its own beside the wanted one, and put it in its place when it is whole.

    Raises:
        StorageError: the disk says no, or the old file is open in another program.
    """
    with translated(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{path.name}.", dir=path.parent, ignore_cleanup_errors=True) as room:
            made = Path(room) / "new"
            yield made
            with made.open("rb+") as file:
                os.fsync(file.fileno())
            _replace(made, path)
        sync_folder(path.parent)


def _replace(made: Path, path: Path) -> None:
    try:
        os.replace(made, path)
    except PermissionError:
        raise StorageError(
            _("“{name}”正被别的程序打开着，关掉它再导出；原来的文件没有动", name=path.name), code="ledger.file_open"
        ) from None
