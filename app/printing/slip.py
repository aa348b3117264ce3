"""职业介绍推荐信: one sheet in three strips, 存根 (kept here), 推荐信 (to the employer), 回执 (comes back).

The wording is the domain sheet's (2.8) and always Chinese. The row has no field for an ID number, an address of
the person or a hardship mark, so none can be printed; sex and phone are there only when the person agreed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from itertools import pairwise
from typing import Literal

from app import clock
from app.models.identity import slip_payload
from app.models.masking import mask_name
from app.printing.flow import Blank, Block, Box, Field, Group, Label, Space, Stack, Tag, draw_stack
from app.printing.fonts import FontSet, printable, shipped_fonts
from app.printing.page import MM, PAPERS, Sheet, Title, render

PaperName = Literal["A4", "A5"]
FREE_OF_CHARGE = "本推荐服务不收取求职者和用人单位任何费用。请勿扣押证件、收取押金或其他财物。"
REPLY_NOTE = "（用人单位填写，请于收信后 5 个工作日内返回）"
FAIL_REASONS = ("条件不符", "岗位已满", "薪资未谈妥", "本人放弃", "未到面试")


@dataclass(frozen=True)
class SlipRow:
    """Everything that the slip shows, and nothing else."""

    slip_no: str
    name: str
    sex_label: str | None
    phone: str | None
    employer_name: str
    employer_unverified: bool
    employer_address: str
    contact: str
    employer_phone: str
    vacancy_title: str
    vacancy_no: str
    interview_at: datetime | None
    valid_until: date
    issued_on: date
    station_name: str
    station_phone: str
    handled_by: str
    copy_no: int = 0
    void: bool = False
    places_note: bool = False
    waiting: bool = False


@dataclass(frozen=True)
class Layout:
    """Where the strips lie on one paper, in millimetres from the top, and the sizes of type in points."""

    cuts: tuple[float, float, float, float]
    band: tuple[float, float]  # left edge and width of the tinted band
    content: tuple[float, float]  # left and right edge of what is written
    margin: float  # between a strip's edges and its content
    body: float
    letter: float
    title: float
    head: float  # of strip titles and numbers
    small: float
    qr: float
    seal: float
    note_below_copy: bool  # no room for the reply's note beside the mark of a reprint


LAYOUTS: dict[str, Layout] = {
    "A4": Layout((5, 58, 182, 292), (10, 13), (29, 197), 6, 11, 11.8, 22, 12, 8.5, 23, 36, True),
    "A5": Layout((4, 32, 95, 144), (8, 11), (23, 201), 2.6, 8.6, 9.2, 15, 9, 7.5, 15.5, 21, False),
}


def qr_matrix(slip_no: str) -> tuple[bytearray, ...]:
    """Return the QR code's modules, dark ones 1: the number and its check digits, nothing about the person."""
    import segno

    matrix: tuple[bytearray, ...] = segno.make_qr(slip_payload(slip_no), error="m").matrix
    return matrix


def render_slips(rows: Sequence[SlipRow], *, paper: PaperName, fonts: FontSet | None = None) -> bytes:
    """Return the PDF of the slips, one a page. The same rows give the same bytes.

    Raises:
        PrintError: a character that no shipped font has, or a text too long for the paper.
    """
    if not rows:
        raise ValueError("no slip to print")
    fonts = fonts or shipped_fonts()
    clean = [_clean(row) for row in rows]
    fonts.require(text for row in clean for text in _texts(row))
    number = clean[0].slip_no if len(clean) == 1 else f"{clean[0].slip_no} - {clean[-1].slip_no}"
    title = Title(number, "职业介绍推荐信", clean[0].station_name)
    pages = [partial(_draw_slip, row=row, layout=LAYOUTS[paper]) for row in clean]
    return render(PAPERS[paper], title, pages, fonts)


_TEXT_FIELDS = (
    "name", "sex_label", "phone", "employer_name", "employer_address", "contact", "employer_phone", "vacancy_title",
    "vacancy_no", "station_name", "station_phone", "handled_by", "slip_no",
)  # fmt: skip


def _texts(row: SlipRow) -> list[str]:
    return [value for name in _TEXT_FIELDS if (value := getattr(row, name))]


def _clean(row: SlipRow) -> SlipRow:
    """Return the row with every text as paper takes it."""
    values = dict(row.__dict__)
    for name in _TEXT_FIELDS:
        if values[name]:
            values[name] = printable(values[name])
    return SlipRow(**values)


def _draw_slip(sheet: Sheet, *, row: SlipRow, layout: Layout) -> None:
    matrix = qr_matrix(row.slip_no)
    tops = [value * MM for value in layout.cuts]
    if row.void:
        _draw_void(sheet, layout, tops)
    bands = (("存根", "本站留存"), ("推荐信", "交用人单位"), ("回执", "单位寄回"))
    for (name, whose), top, bottom in zip(bands, tops[:-1], tops[1:], strict=True):
        _draw_band(sheet, layout, name, whose, top, bottom)
    sheet.cut_line(tops[1], "骑  缝  章 · 沿虚线撕下", size=layout.small)
    sheet.cut_line(tops[2], "沿虚线撕下", size=layout.small)
    _draw_counterfoil(sheet, row, layout)
    _draw_letter(sheet, row, layout, matrix)
    _draw_reply(sheet, row, layout, matrix)


def _draw_void(sheet: Sheet, layout: Layout, tops: list[float]) -> None:
    middle = (layout.content[0] + layout.content[1]) / 2 * MM
    for top, bottom in pairwise(tops):
        size = min((bottom - top) * 0.62, 40 * MM)
        sheet.slanted(middle, (top + bottom) / 2, "作 废", size, grey=0.82)


def _draw_band(sheet: Sheet, layout: Layout, name: str, whose: str, top: float, bottom: float) -> None:
    """Draw the tinted band at the left that says which strip this is and whose."""
    left, width = layout.band[0] * MM, layout.band[1] * MM
    margin = layout.margin * MM * 0.72
    sheet.tint(left, top + margin, width, bottom - top - 2 * margin)
    size = layout.head * 1.12
    leading = size * 1.4
    small = max(layout.small * 0.9, 7.5)
    tall = leading * len(name) + small * 1.6
    first = (top + bottom) / 2 - tall / 2 + size * 0.9
    sheet.column(left + width / 2, first, name, size, leading=leading)
    base = first + leading * (len(name) - 1) + small * 2
    sheet.text(left + width / 2, base, whose, min(small, width / 5.3), align="centre", grey=0.25)


def _head(sheet: Sheet, row: SlipRow, layout: Layout, top: float, title: str, *, right: float, note: str = "") -> float:
    """Write a strip's heading line: title, note, number at the right; return the y under it."""
    left = layout.content[0] * MM
    base = top + layout.margin * MM + layout.head * 0.88
    width = sheet.text(left, base, title, layout.head * 1.06, bold=True)
    if note:
        sheet.text(left + width + layout.small, base, note, layout.small, grey=0.2)
    number = sheet.text(right, base, f"编号 {row.slip_no}", layout.head * 0.9, bold=True, align="right")
    if row.copy_no:
        _copy_mark(sheet, row, layout, right - number - layout.head * 0.8, base)
    return base + layout.head * 0.5


def _copy_words(row: SlipRow) -> str:
    return f"副本 第 {row.copy_no} 次"


def _copy_width(sheet: Sheet, row: SlipRow, layout: Layout) -> float:
    return sheet.fonts.width(_copy_words(row), layout.head * 0.9, bold=True) + layout.head * 0.81


def _copy_mark(sheet: Sheet, row: SlipRow, layout: Layout, right: float, base: float) -> None:
    """Draw the framed words of a reprint, ending at ``right``."""
    size, width = layout.head * 0.9, _copy_width(sheet, row, layout)
    sheet.box(right - width, base - size * 1.12, width, size * 1.5, thick=0.9)
    sheet.text(right - size * 0.45, base, _copy_words(row), size, bold=True, align="right")


def _employer(row: SlipRow) -> tuple[Field | Tag, ...]:
    name = Field(row.employer_name, 6)
    return (name, Tag("待核验")) if row.employer_unverified else (name,)


def _draw_counterfoil(sheet: Sheet, row: SlipRow, layout: Layout) -> None:
    top, bottom = layout.cuts[0] * MM, layout.cuts[1] * MM
    left, right = layout.content[0] * MM, layout.content[1] * MM
    y = _head(sheet, row, layout, top, "职业介绍推荐信存根", right=right)
    blocks = (
        Block.of(
            Group.of(Label("求职者"), Space(0.2), Field(mask_name(row.name), 4)),
            Group.of(Label("推荐单位"), Space(0.2), *_employer(row)),
            Group.of(Label("岗位"), Space(0.2), Field(row.vacancy_title, 4)),
        ),
        Block.of(
            Group.of(Label("开具日期"), Space(0.2), Field(row.issued_on.isoformat(), 4)),
            Group.of(Label("有效期至"), Space(0.2), Field(row.valid_until.isoformat(), 4)),
            Group.of(Label("经办人"), Space(0.2), Field(row.handled_by, 4)),
            Group.of(Label("领信人签字"), Space(0.2), Blank(9, stretch=True)),
        ),
    )
    height = bottom - layout.margin * MM - y
    draw_stack(sheet, blocks, Stack(layout.body, loosest=2.9), x=left, y=y, width=right - left, height=height)


def _draw_letter(sheet: Sheet, row: SlipRow, layout: Layout, matrix: Sequence[bytearray]) -> None:
    top, bottom = layout.cuts[1] * MM, layout.cuts[2] * MM
    left, right = layout.content[0] * MM, layout.content[1] * MM
    edge, qr, head = layout.margin * MM, layout.qr * MM, layout.head
    sheet.modules(right - qr, top + edge, qr, matrix)
    under_qr = top + edge + qr + layout.small * 1.2
    sheet.text(right - qr / 2, under_qr, "扫码核对编号", layout.small, align="centre", grey=0.2)
    base = top + edge + layout.title * 0.95
    spacing = layout.title * 0.14
    sheet.text((left + right) / 2, base, "职业介绍推荐信", layout.title, bold=True, align="centre", spacing=spacing)
    size = max(head * 0.8, 7.5)
    number = left + sheet.text(left, base, f"编号 {row.slip_no}", size, bold=True)
    if row.copy_no:
        mark = _copy_width(sheet, row, layout)
        beside = number + head * 0.8 + mark < (left + right) / 2 - layout.title * 4.2
        _copy_mark(
            sheet,
            row,
            layout,
            number + head * 0.8 + mark if beside else left + mark,
            base if beside else base - head * 1.25,
        )
    foot = layout.letter * 3.5
    y = base + layout.title * 0.5
    draw_stack(
        sheet, _letter_blocks(row, qr + 4 * MM, layout), Stack(layout.letter, loosest=2.5),
        x=left, y=y, width=right - left, height=bottom - edge - foot - y,
    )  # fmt: skip
    _draw_signature(sheet, row, layout, bottom - edge - layout.letter * 0.5)


def _letter_blocks(row: SlipRow, beside_qr: float, layout: Layout) -> tuple[Block, ...]:
    about = [text for text in (_named("性别", row.sex_label), _named("联系电话", row.phone)) if text]
    said = f"（{'，'.join(about)}）" if about else ""
    number = f"（岗位编号 {row.vacancy_no}）" if row.vacancy_no else ""
    introduced = Group.of(
        Label("兹介绍求职者"), Space(0.2), Field(row.name, 4), Label(f"{said}前往贵单位应聘"), Space(0.2),
        Field(row.vacancy_title, 4), Space(0.2), Label(f"岗位{number}，请予接洽。"),
    )  # fmt: skip
    interview = [Group.of(Label("面试时间"), Space(0.2), Field(_moment(row.interview_at), 9))]
    if row.waiting:
        interview.append(Group.of(Tag("候补"), Space(0.2), Label("名额空出后递补")))
    elif row.places_note:
        interview.append(Group.of(Label("名额以区里确认为准")))
    return (
        Block.of(Group.of(*_employer(row), Label("：")), scale=1.08, inset=beside_qr),
        Block.of(introduced, indent=2, inset=beside_qr),
        Block.of(Group.of(Label(FREE_OF_CHARGE, bold=True)), indent=2),
        Block.of(
            Group.of(Label("单位地址"), Space(0.2), Field(row.employer_address, 12)),
            Group.of(Label("联系人"), Space(0.2), Field(row.contact, 5)),
            Group.of(Label("电话"), Space(0.2), Field(row.employer_phone, 7)),
            scale=0.94, before=0.35,
        ),
        Block.of(
            *interview[:1],
            Group.of(Label("本信有效期至"), Space(0.2), Field(_day(row.valid_until), 6)),
            *interview[1:],
            scale=0.94, inset=layout.seal * MM + 3 * MM,
        ),
    )  # fmt: skip


def _named(label: str, value: str | None) -> str:
    return f"{label} {value}" if value else ""


def _day(day: date) -> str:
    return f"{day.year} 年 {day.month} 月 {day.day} 日"


def _moment(moment: datetime | None) -> str:
    if moment is None:
        return ""
    local = clock.to_local(moment)
    return f"{_day(local.date())} {local:%H:%M}"


def _draw_signature(sheet: Sheet, row: SlipRow, layout: Layout, base: float) -> None:
    """Write who issued the letter and when, and show where the station's seal goes."""
    left, right = layout.content[0] * MM, layout.content[1] * MM
    radius, size = layout.seal / 2 * MM, layout.letter * 0.94
    middle = right - radius - 1 * MM
    sheet.circle(middle, base - radius + size * 0.4, radius, dash=(2.4, 2), grey=0.5)
    sheet.text(middle, base - radius + size * 0.7, "盖章处", layout.small, align="centre", grey=0.45)
    edge = middle - radius - 3 * MM
    signed, day = f"{row.station_name}（章）", _day(row.issued_on)
    handled = Block.of(
        Group.of(Label("经办人"), Space(0.2), Field(row.handled_by, 4)),
        Group.of(Label("电话"), Space(0.2), Field(row.station_phone, 6)),
    )
    while size > 7.5 and sheet.fonts.width(signed, size, bold=True) > edge - left:
        size = max(7.5, size - 0.25)
    sheet.text(edge, base - size * 1.75, signed, size, bold=True, align="right")
    sheet.text(edge, base, day, size, bold=True, align="right")
    room = edge - left - size * 11
    draw_stack(
        sheet,
        (handled,),
        Stack(size, leading=1.38, loosest=1.38),
        x=left,
        y=base - size * 1.05,
        width=room,
        height=size * 2.6,
    )


def _draw_reply(sheet: Sheet, row: SlipRow, layout: Layout, matrix: Sequence[bytearray]) -> None:
    top, bottom = layout.cuts[2] * MM, layout.cuts[3] * MM
    left, right = layout.content[0] * MM, layout.content[1] * MM
    edge = layout.margin * MM
    qr = layout.qr * MM * (0.86 if layout.body > 10 else 1)
    sheet.modules(right - qr, top + edge, qr, matrix)
    number_right = right - qr - 4 * MM
    blocks, note = _reply_blocks(row, qr + 4 * MM), REPLY_NOTE
    if row.copy_no and layout.note_below_copy:
        blocks, note = (Block.of(Group.of(Label(REPLY_NOTE, grey=0.2)), scale=0.8, inset=qr + 4 * MM), *blocks), ""
    y = _head(sheet, row, layout, top, "回执", right=number_right, note=note)
    draw_stack(
        sheet, blocks, Stack(layout.body, loosest=3.5),
        x=left, y=y, width=right - left, height=bottom - edge - y,
    )  # fmt: skip


def _reply_blocks(row: SlipRow, beside_qr: float) -> tuple[Block, ...]:
    reasons = tuple(Group.of(Box(reason)) for reason in FAIL_REASONS)
    told = Group.of(
        Label(f"{row.station_name}：你站推荐的求职者"), Space(0.2), Field(row.name, 4), Space(0.2), Label("已于"),
        Blank(2.6), Label("月"), Blank(2.6), Label("日来我单位应聘"), Space(0.2), Field(row.vacancy_title, 4),
        Space(0.2), Label("岗位，结果："),
    )  # fmt: skip
    return (
        Block.of(told, inset=beside_qr),
        Block.of(
            Group.of(Box("录用（上岗日期"), Blank(5.6)), Group.of(Label("合同期限"), Blank(4.6)),
            Group.of(Label("月工资"), Blank(4), Label("元")),
            Group.of(Label("是否参保"), Space(0.5), Box("是"), Space(0.5), Box("否"), Label("）")), gap=0.4,
        ),
        Block.of(Group.of(Box("试岗中（至"), Blank(2.6), Label("月"), Blank(2.6), Label("日）"))),
        Block.of(
            Group.of(Box("未录用，原因："), Space(0.1)), *reasons,
            Group.of(Box("其他"), Blank(4, stretch=True)), gap=0.6,
        ),
        Block.of(
            Group.of(Label("单位（章）/经办人"), Blank(9)), Group.of(Label("电话"), Blank(7.2, stretch=True)),
            Group.of(Blank(3.2), Label("年"), Blank(2.2), Label("月"), Blank(2.2), Label("日")), before=0.3, gap=0.8,
        ),
    )  # fmt: skip
