"""培训签到表 on A4, one lesson: names to sign beside, and the same codes as the keys of roll call, to key in later.

Names and nothing else of a person: the sheet goes round the room.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from app.models.codes import code_list
from app.printing import grid
from app.printing.fonts import FontSet, printable, shipped_fonts
from app.printing.grid import Cell, Row, Section, header, label, value
from app.printing.page import MM, PAPERS, Sheet, Title, render

BLANK_ROWS = 3
"""Empty rows for people who were not on the list."""

_COLUMNS = (("序", 1), ("姓名", 3), ("签到时间", 3), ("签名", 4), ("记号（打勾）", 8), ("分钟", 2), ("备注", 3))


@dataclass(frozen=True)
class SignInRow:
    """Everything that the sheet shows. ``names`` in the order of the grid: its numbers are those of the screen."""

    title: str
    class_no: str
    lesson_number: int
    held_on: date
    time: str
    hours: str
    place: str
    trainer: str
    topic: str
    names: tuple[str, ...]
    station_name: str


def render_sign_in(rows: Sequence[SignInRow], *, fonts: FontSet | None = None) -> bytes:
    """Return the PDF of the sheets, each on as many pages as its list needs. The same rows give the same bytes.

    Raises:
        PrintError: a character that no shipped font has.
    """
    if not rows:
        raise ValueError("no lesson to print")
    fonts = fonts or shipped_fonts()
    paper = PAPERS["A4"]
    frame = grid.frame_of(paper, top=34, bottom=24, side=13, band=7)
    draws: list[Callable[[Sheet], None]] = []
    for row in rows:
        fonts.require(text for text in (row.title, row.place, row.trainer, row.topic, row.station_name, *row.names))
        pages = grid.paginate((Section("签到", _lines(row), header(*_COLUMNS)),), fonts, frame)
        draws += [
            partial(_draw, row=row, page=page, frame=frame, number=i + 1, count=len(pages))
            for i, page in enumerate(pages)
        ]
    title = Title(f"{rows[0].class_no} 签到表", "培训签到表", rows[0].station_name)
    return render(paper, title, draws, fonts)


def _lines(row: SignInRow) -> tuple[Row, ...]:
    return tuple(_line(place, name) for place, name in enumerate((*row.names, *[""] * BLANK_ROWS), 1))


def _line(place: int, name: str) -> Row:
    marks = [(f"{item.code}{item.label_zh}", False) for item in code_list("ATTEND_MARK")]
    ticks = grid.boxes(marks, 8, gap=0.35)
    return Row((label(str(place), 1), value(name, 3), Cell(3), Cell(4), ticks, Cell(2), Cell(3)), 7.6)


def _draw(sheet: Sheet, *, row: SignInRow, page: grid.Page, frame: grid.Frame, number: int, count: int) -> None:
    sheet.text(sheet.paper.width / 2, 14.5 * MM, "培训签到表", 17, bold=True, align="centre", spacing=3)
    base = 21.5 * MM
    sheet.text(frame.left, base, printable(f"{row.title}（{row.class_no}）"), 9.5, bold=True)
    sheet.text(frame.right, base, printable(row.station_name), 9, align="right")
    day = f"{row.held_on.year}年{row.held_on.month}月{row.held_on.day}日"
    sheet.text(frame.left, base + 15, f"第 {row.lesson_number} 课　{day}　{row.time}　{row.hours} 课时", 9.5)
    sheet.text(frame.right, base + 15, printable(f"{row.place}　教师 {row.trainer}"), 9.5, align="right")
    if row.topic:
        sheet.text(frame.left, base + 28, printable(f"内容：{row.topic}"), 9)
    under = grid.draw_page(sheet, page, frame, 9)
    foot = max(under, frame.bottom) + 13
    keys = "　".join(f"{item.code} {item.label_zh}" for item in code_list("ATTEND_MARK"))
    sheet.text(
        frame.left, foot, f"记号和电脑点名的键一样：{keys}。迟、早写分钟。补录时照本表按键，日期写本表的日期。", 8
    )
    sheet.text(frame.left, foot + 17, f"应到 {len(row.names)} 人　实到 ＿＿＿＿ 人", 9.5)
    sheet.text(frame.left + 75 * MM, foot + 17, "教师签字 ＿＿＿＿＿＿＿＿", 9.5)
    sheet.text(frame.right, foot + 17, f"第 {number} 页 共 {count} 页", 8, align="right", grey=0.25)
