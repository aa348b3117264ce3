"""入网通知: what one computer needs to join the district, two to an A4 sheet that is cut in the middle.

The code admits whoever has it, once: the sheet says until when, and that it is torn up afterwards.
"""

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from app.printing.flow import Blank, Block, Field, Group, Label, Space, Stack, draw_stack
from app.printing.fonts import FontSet, printable_row, shipped_fonts
from app.printing.page import MM, PAPERS, Sheet, Title, render

ROLE_WORDS = {
    "clerk": "窗口经办",
    "trainer": "培训教师",
    "supervisor": "站长",
    "officer": "区县经办",
    "operator": "第三方运营",
}
MARGIN = 14 * MM
QR = 50 * MM
HALF = PAPERS["A4"].height / 2


@dataclass(frozen=True)
class JoinRow:
    """One sheet. ``line``: what the QR code holds; ``pinned``: it names the key to trust, which nobody types."""

    station_code: str
    station_name: str
    role: str
    code: str
    url: str
    until: str
    line: str
    pinned: bool
    number: int = 1
    total: int = 1


def render_join_sheets(rows: Sequence[JoinRow], *, fonts: FontSet | None = None) -> bytes:
    """Return the PDF of the sheets, two a page. The same rows give the same bytes.

    Raises:
        PrintError: a character that no shipped font has, or a text too long for the paper.
    """
    if not rows:
        raise ValueError("no sheet to print")
    fonts = fonts or shipped_fonts()
    shown = [printable_row(row) for row in rows]
    fonts.require(value for row in shown for value in row.__dict__.values() if isinstance(value, str))
    pages: list[Callable[[Sheet], None]] = [
        partial(_draw_page, pair=shown[start : start + 2]) for start in range(0, len(shown), 2)
    ]
    return render(PAPERS["A4"], Title("入网通知", "加入区里", "Doorstep"), pages, fonts)


def join_table(rows: Sequence[JoinRow]) -> bytes:
    """Return the same as a table for Excel (CSV, UTF-8 with its mark)."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("站点编码", "站点", "岗位", "加入码", "区里的地址", "有效到", "整行文字"))
    for row in rows:
        role = ROLE_WORDS.get(row.role, row.role)
        writer.writerow((row.station_code, row.station_name, role, row.code, row.url, row.until, row.line))
    return out.getvalue().encode("utf-8-sig")


def _draw_page(sheet: Sheet, pair: Sequence[JoinRow]) -> None:
    for place, row in enumerate(pair):
        _draw(sheet, row, place * HALF)
    if len(pair) > 1:
        sheet.cut_line(HALF, "沿虚线裁开，一台电脑一张", size=7.5)


def _draw(sheet: Sheet, row: JoinRow, top: float) -> None:
    left, right = MARGIN, sheet.paper.width - MARGIN
    base = top + 22 * MM
    sheet.text(left, base, "入网通知", 22, bold=True, spacing=4)
    sheet.text(right, base, f"家门口 · 第 {row.number} 张，共 {row.total} 张", 10, align="right", grey=0.3)
    sheet.rule(left, base + 8, right, thick=1.1, grey=0.0)
    body = base + 8 + 5 * MM
    wide = right - left - QR - 8 * MM
    draw_stack(sheet, _facts(row), Stack(11, loosest=2.1), x=left, y=body, width=wide, height=24 * MM)
    _code_box(sheet, row, left, body + 26 * MM, wide)
    _draw_qr(sheet, row.line, right - QR, body)
    steps = body + QR + 9 * MM
    end = top + HALF - 9 * MM
    draw_stack(sheet, _steps(row), Stack(10.5, loosest=1.95), x=left, y=steps, width=right - left, height=end - steps)


def _code_box(sheet: Sheet, row: JoinRow, left: float, top: float, wide: float) -> None:
    tall = 22 * MM
    sheet.tint(left, top, wide, tall, grey=0.93)
    sheet.box(left, top, wide, tall, thick=0.9, grey=0.2)
    sheet.text(left + 3 * MM, top + 6 * MM, "加入码", 9, grey=0.2)
    size = 26.0
    while sheet.fonts.width(row.code, size, bold=True) > wide - 8 * MM:
        size -= 0.5
    sheet.text(left + wide / 2, top + 16.5 * MM, row.code, size, bold=True, align="centre")


def _draw_qr(sheet: Sheet, line: str, x: float, y: float) -> None:
    import segno

    sheet.modules(x, y, QR, segno.make_qr(line, error="m").matrix)
    sheet.text(x + QR / 2, y + QR + 11, "扫进“区里的地址”一栏", 9, align="centre", grey=0.2)


def _facts(row: JoinRow) -> tuple[Block, ...]:
    return (
        Block.of(Group.of(Label("站点"), Space(0.4), Field(row.station_name or row.station_code, 10))),
        Block.of(
            Group.of(Label("编码"), Space(0.4), Field(row.station_code, 7, bold=False)),
            Group.of(Label("岗位"), Space(0.4), Field(ROLE_WORDS.get(row.role, row.role), 5)),
        ),
        Block.of(Group.of(Label("区里的地址"), Space(0.4), Field(row.url, 10, bold=False))),
    )


def _steps(row: JoinRow) -> tuple[Block, ...]:
    without = "把下面这一行文字原样贴进去" if row.pinned else "就照抄地址和加入码"
    line = (Block.of(Group.of(Label(row.line, grey=0.25)), scale=0.74, leading=0.85),) if row.pinned else ()
    return (
        _step("1", "在这台电脑上打开“家门口”，选“加入区里”。已经在用的电脑，在“同步”一屏里加入。"),
        _step("2", f"光标放在“区里的地址”一栏，扫右上的二维码；没有扫码枪，{without}。"),
        *line,
        _step("3", "写区里登记的姓名，定一个 6 位 PIN。恢复密钥只给看一次：打印出来，交站长锁好。"),
        Block.of(
            Group.of(Label("这台电脑叫"), Space(0.3), Blank(8)),
            Group.of(Label("使用人"), Space(0.3), Blank(6)),
            Group.of(Label("装好日期"), Space(0.3), Blank(6)),
            before=0.5,
        ),
        Block.of(
            Group.of(Label(f"只能用一次，{row.until} 前有效。用过请撕掉；丢了请告诉区里，重发一张。", bold=True)),
            before=0.4,
        ),
    )


def _step(number: str, text: str) -> Block:
    return Block.of(Group.of(Label(number, bold=True), Space(0.6), Label(text)), before=0.15)
