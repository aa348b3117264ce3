"""The class file as a workbook and as a PDF: head, sign-up list, attendance, results, and where to sign."""

import io
from collections.abc import Callable, Sequence
from functools import partial

from app.printing import grid
from app.printing.class_sheets import ClassBook, Sheet
from app.printing.fonts import FontSet, printable, shipped_fonts
from app.printing.grid import UNITS, Row, Section, header, label, value
from app.printing.page import MM, PAPERS, Title, render
from app.printing.page import Sheet as Paper

LESSONS_ACROSS = 8
_WIDTHS = {
    "roster": (1, 5, 3, 3, 3, 3, 1, 2, 3),
    "results": (1, 3, 2, 2, 2, 2, 6, 6),
}


def class_workbook(book: ClassBook) -> bytes:
    """Return the class file as an Excel workbook, a sheet for each table; every cell is text, none a formula."""
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    made = Workbook()
    made.remove(made.worksheets[0])
    for table in (book.roster, book.attendance, book.results):
        sheet = made.create_sheet(table.name[:31])
        sheet.append([f"{book.title}（{book.class_no}）{table.name}"])
        sheet.append(["　".join(f"{name}：{text}" for name, text in book.facts)])
        sheet.append(list(table.headings))
        for row in table.rows:
            sheet.append(list(row))
        for cells in sheet.iter_rows():
            for cell in cells:
                if isinstance(cell.value, str):
                    cell.data_type = "s"
        sheet["A1"].font = Font(bold=True, size=14)
        for cell in sheet[3]:
            cell.font = Font(bold=True)
            cell.alignment = Alignment(wrap_text=True, horizontal="center")
        for place in range(1, len(table.headings) + 1):
            longest = max([len(table.headings[place - 1].split("\n")[0]), *(len(row[place - 1]) for row in table.rows)])
            sheet.column_dimensions[get_column_letter(place)].width = min(40, 4 + 1.9 * longest)
        sheet.freeze_panes = "C4"
    buffer = io.BytesIO()
    made.save(buffer)
    return buffer.getvalue()


def class_pdf(book: ClassBook, *, fonts: FontSet | None = None) -> bytes:
    """Return the class file as a PDF on A4. The same file gives the same bytes.

    Raises:
        PrintError: a character that no shipped font has.
    """
    fonts = fonts or shipped_fonts()
    fonts.require(text for table in (book.roster, book.attendance, book.results) for row in table.rows for text in row)
    fonts.require(text for _name, text in book.facts)
    paper = PAPERS["A4"]
    frame = grid.frame_of(paper, top=24, bottom=22, side=13, band=8)
    sections = (
        _head(book),
        _table(book.roster, _WIDTHS["roster"]),
        *_attendance(book.attendance),
        _table(book.results, _WIDTHS["results"]),
    )
    pages = grid.paginate(sections, fonts, frame)
    draws: list[Callable[[Paper], None]] = [
        partial(_draw, book=book, page=page, frame=frame, number=i + 1, count=len(pages))
        for i, page in enumerate(pages)
    ]
    return render(paper, Title(f"{book.class_no} 班级台账", "培训班级台账", book.station_name), draws, fonts)


def _head(book: ClassBook) -> Section:
    rows = []
    facts = list(book.facts)
    for start in range(0, len(facts), 2):
        pair = [*facts[start : start + 2], ("", "")][:2]
        rows.append(Row(tuple(cell for name, text in pair for cell in (label(name), value(text, UNITS // 2 - 3))), 6.4))
    return Section("班期", tuple(rows))


def _table(table: Sheet, widths: Sequence[int]) -> Section:
    rows = [
        Row(tuple(value(text, units) for text, units in zip(line, widths, strict=True)), 6.2) for line in table.rows
    ]
    return Section(table.name, (header(*zip(table.headings, widths, strict=True)), *rows))


def _attendance(table: Sheet) -> list[Section]:
    """Return the attendance in pieces of eight lessons across; the last one has the sums."""
    days = len(table.headings) - 4
    sections = []
    for start in range(0, max(1, days), LESSONS_ACROSS):
        last = start + LESSONS_ACROSS >= days
        places = [0, 1, *range(2 + start, 2 + min(start + LESSONS_ACROSS, days))]
        places += [len(table.headings) - 2, len(table.headings) - 1] if last else []
        own = [1, 3, *[2] * (len(places) - 2)]
        own[1] += UNITS - sum(own)
        cut = Sheet(
            table.name,
            tuple(table.headings[place].replace("\n", " ") for place in places),
            tuple(tuple(row[place] for place in places) for row in table.rows),
        )
        sections.append(_table(cut, own))
    return sections


def _draw(sheet: Paper, *, book: ClassBook, page: grid.Page, frame: grid.Frame, number: int, count: int) -> None:
    sheet.text(sheet.paper.width / 2, 13 * MM, "培训班级台账", 16, bold=True, align="centre", spacing=3)
    sheet.text(frame.left, 20 * MM, printable(f"{book.title}（{book.class_no}）"), 9.5, bold=True)
    sheet.text(frame.right, 20 * MM, printable(book.station_name), 9, align="right")
    grid.draw_page(sheet, page, frame, 8.5)
    foot = sheet.paper.height - 13 * MM
    sheet.text(frame.left, foot, "制表人 ＿＿＿＿＿＿　审核人 ＿＿＿＿＿＿　单位（盖章）", 9)
    sheet.text(frame.right, foot, f"第 {number} 页 共 {count} 页", 7.5, align="right", grey=0.25)
