"""培训报名确认单 on A5: what somebody signed up for, and how the seat stands. The code is what roll call scans.

No ID number, no address, no mark of hardship: the row has no field for them.
"""

from dataclasses import dataclass
from datetime import date

from app.printing.flow import Blank, Block, Field, Group, Label, Space, Stack, draw_stack
from app.printing.fonts import FontSet, printable_row, shipped_fonts
from app.printing.page import MM, PAPERS, Sheet, Title, render
from app.printing.slip import qr_matrix

UNCONFIRMED, CONFIRMED, WAITING, GONE, CANCELLED = "待确认", "名额已确认", "候补", "已退班", "班期已取消"
ADVICE = {
    UNCONFIRMED: "名额由区里按报名先后确认。确认前请不要辞工、买票；有结果站里打电话通知。",
    CONFIRMED: "请按时到课。来不了请提前打电话给站里，名额让给候补的人。",
    WAITING: "人已满，按先后排队；有人退班就依次递补，递补了站里打电话通知。",
    GONE: "本单已失效。",
    CANCELLED: "本班已取消，本单已失效；可以改报别的班，请问站里。",
}


@dataclass(frozen=True)
class SignUpRow:
    """Everything that the slip shows. ``standing`` is one of the words above; ``fee`` in words."""

    enrol_no: str
    name: str
    phone: str
    standing: str
    class_no: str
    title: str
    hours: str
    provider: str
    fee: str
    place: str
    days: str
    times: str
    trainers: str
    enrolled_on: date
    station_name: str
    station_phone: str
    handled_by: str


def render_sign_up(row: SignUpRow, *, fonts: FontSet | None = None) -> bytes:
    """Return the PDF of the slip on A5. The same row gives the same bytes.

    Raises:
        PrintError: a character that no shipped font has, or a text too long for the paper.
    """
    fonts = fonts or shipped_fonts()
    shown = printable_row(row)
    fonts.require(value for value in shown.__dict__.values() if isinstance(value, str))
    title = Title(shown.enrol_no, "培训报名确认单", shown.station_name)
    return render(PAPERS["A5"], title, [lambda sheet: _draw(sheet, shown)], fonts)


def _draw(sheet: Sheet, row: SignUpRow) -> None:
    left, right, top = 14 * MM, sheet.paper.width - 14 * MM, 10 * MM
    qr = 24 * MM
    if row.standing in (GONE, CANCELLED):
        sheet.slanted(sheet.paper.width / 2, sheet.paper.height / 2, "失 效", 34 * MM, grey=0.84)
    sheet.modules(right - qr, top, qr, qr_matrix(row.enrol_no))
    sheet.text(right - qr / 2, top + qr + 9, "点名时扫这里", 7.5, align="centre", grey=0.2)
    base = top + 16
    sheet.text((left + right) / 2, base, "培训报名确认单", 18, bold=True, align="centre", spacing=3)
    sheet.text(left, base + 18, f"报名号 {row.enrol_no}", 9.5, bold=True)
    y, band = base + 26, sheet.paper.height - 52 * MM
    blocks = _blocks(row, qr + 5 * MM)
    draw_stack(sheet, blocks, Stack(11.5, loosest=2.6), x=left, y=y, width=right - left, height=band - 3 * MM - y)
    _standing(sheet, row, left, right, band)
    _foot(sheet, row, left, right)


def _standing(sheet: Sheet, row: SignUpRow, left: float, right: float, top: float) -> None:
    """Draw how the seat stands, large, with what follows from it."""
    tall, word = 19 * MM, 58 * MM
    sheet.tint(left, top, word, tall, grey=0.93)
    sheet.box(left, top, right - left, tall, thick=0.9, grey=0.2)
    size = 20.0
    while sheet.fonts.width(row.standing, size, bold=True) > word - 8 * MM:
        size -= 0.5
    sheet.text(left + word / 2, top + tall / 2 + size * 0.36, row.standing, size, bold=True, align="centre")
    advice = (Block.of(Group.of(Label(ADVICE[row.standing]))),)
    x = left + word + 4 * MM
    draw_stack(sheet, advice, Stack(10.5, loosest=3.2), x=x, y=top + 2, width=right - x - 3 * MM, height=tall - 4)


def _blocks(row: SignUpRow, beside_qr: float) -> tuple[Block, ...]:
    return (
        Block.of(
            Group.of(Label("学员"), Space(0.2), Field(row.name, 4)),
            Group.of(Label("联系电话"), Space(0.2), Field(row.phone, 7)),
            inset=beside_qr,
        ),
        Block.of(
            Group.of(Label("班级"), Space(0.2), Field(row.title, 10)),
            Group.of(Label("班号"), Space(0.2), Field(row.class_no, 9)),
            inset=beside_qr,
        ),
        Block.of(
            Group.of(Label("课时"), Space(0.2), Field(row.hours, 3)),
            Group.of(Label("费用"), Space(0.2), Field(row.fee, 5)),
            Group.of(Label("培训机构"), Space(0.2), Field(row.provider, 10)),
        ),
        Block.of(
            Group.of(Label("日期"), Space(0.2), Field(row.days, 12)),
            Group.of(Label("时间"), Space(0.2), Field(row.times, 12)),
        ),
        Block.of(
            Group.of(Label("地点"), Space(0.2), Field(row.place, 12)),
            Group.of(Label("教师"), Space(0.2), Field(row.trainers, 5)),
        ),
    )


def _foot(sheet: Sheet, row: SignUpRow, left: float, right: float) -> None:
    base = sheet.paper.height - 29 * MM
    signed = (
        Block.of(
            Group.of(Label("学员签字"), Space(0.2), Blank(9)),
            Group.of(Label("经办人"), Space(0.2), Field(row.handled_by, 4)),
            Group.of(Label("报名日期"), Space(0.2), Field(row.enrolled_on.isoformat(), 5)),
        ),
        Block.of(
            Group.of(Label(f"{row.station_name}（章）", bold=True)),
            Group.of(Label("电话"), Space(0.2), Field(row.station_phone, 6)),
        ),
    )
    draw_stack(sheet, signed, Stack(9.5, loosest=2.1), x=left, y=base + 3, width=right - left, height=18 * MM)
