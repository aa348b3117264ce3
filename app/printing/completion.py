"""结业证明 on A4: who completed which class, numbered; its code holds the number and its check digits, nothing else."""

from dataclasses import dataclass
from datetime import date

from app.printing.flow import Block, Field, Group, Label, Space, Stack, draw_stack
from app.printing.fonts import FontSet, printable_row, shipped_fonts
from app.printing.page import MM, PAPERS, Sheet, Title, render
from app.printing.slip import qr_matrix


@dataclass(frozen=True)
class CompletionRow:
    """Everything that the certificate shows; no ID number: it is checked by its own."""

    cert_no: str
    name: str
    course_name: str
    level: str
    class_no: str
    hours_total: str
    hours_attended: str
    theory: str
    practice: str
    start_on: date
    end_on: date
    issuer: str
    station_name: str
    station_phone: str
    issued_on: date
    void: bool = False


def render_completion(row: CompletionRow, *, fonts: FontSet | None = None) -> bytes:
    """Return the PDF of the certificate. The same row gives the same bytes.

    Raises:
        PrintError: a character that no shipped font has, or a text too long for the paper.
    """
    fonts = fonts or shipped_fonts()
    shown = printable_row(row)
    fonts.require(value for value in shown.__dict__.values() if isinstance(value, str))
    title = Title(shown.cert_no, "结业证明", shown.issuer)
    return render(PAPERS["A4"], title, [lambda sheet: _draw(sheet, shown)], fonts)


def _draw(sheet: Sheet, row: CompletionRow) -> None:
    paper = sheet.paper
    left, right = 30 * MM, paper.width - 30 * MM
    sheet.box(15 * MM, 15 * MM, paper.width - 30 * MM, paper.height - 30 * MM, thick=1.6, grey=0.2)
    sheet.box(17 * MM, 17 * MM, paper.width - 34 * MM, paper.height - 34 * MM, thick=0.5, grey=0.4)
    if row.void:
        sheet.slanted(paper.width / 2, paper.height / 2, "作 废", 46 * MM, grey=0.84)
    sheet.text(paper.width / 2, 62 * MM, "结业证明", 38, bold=True, align="centre", spacing=12)
    sheet.text(paper.width / 2, 72 * MM, f"编号 {row.cert_no}", 11, align="centre")
    draw_stack(
        sheet, _blocks(row), Stack(16, loosest=2.2, leading=2.2), x=left, y=88 * MM, width=right - left, height=92 * MM
    )
    _foot(sheet, row, left, right)


def _blocks(row: CompletionRow) -> tuple[Block, ...]:
    level = f"（{row.level}）" if row.level and row.level[:2] not in row.course_name else ""
    scores = "，".join(f"{name} {score} 分" for name, score in (("理论", row.theory), ("实操", row.practice)) if score)
    told = [f"共 {row.hours_total} 课时，"] if row.hours_total else []
    told += [f"出勤 {row.hours_attended} 课时，"] if row.hours_attended else []
    told += [f"考核合格（{scores}），"] if scores else []
    days = f"{_day(row.start_on)}至{_day(row.end_on)}"
    return (
        Block.of(Group.of(Field(row.name, 6), Label("：")), scale=1.15),
        Block.of(
            Group.of(Label(f"于 {days}参加"), Space(0.1)), Group.of(Field(f"{row.course_name}{level}", 8)),
            Group.of(Label("培训，")), *(Group.of(Label(text)) for text in told),
            Group.of(Label("准予结业。", bold=True)), indent=2, gap=0.12,
        ),
        Block.of(Group.of(Label("特此证明。")), indent=2),
    )  # fmt: skip


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _foot(sheet: Sheet, row: CompletionRow, left: float, right: float) -> None:
    base, qr = sheet.paper.height - 42 * MM, 30 * MM
    sheet.modules(left, base - qr, qr, qr_matrix(row.cert_no))
    sheet.text(left + qr / 2, base + 10, "扫码或报编号可核对", 8.5, align="centre", grey=0.2)
    sheet.text(left + qr / 2, base + 21, f"班号 {row.class_no}", 8.5, align="centre", grey=0.2)
    middle, radius = right - 24 * MM, 20 * MM
    sheet.circle(middle, base - 22 * MM, radius, dash=(2.4, 2), grey=0.55)
    sheet.text(middle, base - 22 * MM + 3, "盖章处", 9, align="centre", grey=0.5)
    size = 13.0
    while size > 8 and sheet.fonts.width(row.issuer, size, bold=True) > right - left - qr - 6 * MM:
        size -= 0.25
    sheet.text(right, base, row.issuer, size, bold=True, align="right")
    sheet.text(right, base + 18, _day(row.issued_on), 12, align="right")
    note = f"{row.station_name}　核对电话 {row.station_phone}" if row.station_phone else row.station_name
    sheet.text(sheet.paper.width / 2, sheet.paper.height - 23 * MM, note, 9, align="centre", grey=0.25)
