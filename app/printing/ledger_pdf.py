"""A ledger on paper: A4 across, columns as wide as it says, its head on every page, places to sign at the end."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from app.ledgers.base import Kind, Ledger
from app.ledgers.export import EMPTY, SIGN, STEP, Extra, Heading, Progress, definitions
from app.ledgers.read import Cell, cell_words
from app.printing.flow import Block, Group, Label, Line, draw_line, lay_out
from app.printing.fonts import GETA, FontSet, printable, shipped_fonts
from app.printing.page import MM, Paper, Sheet, Title, render

ACROSS = Paper("A4 横", 297 * MM, 210 * MM)
_SIDE, _TOP, _BOTTOM = 9 * MM, 25 * MM, 15 * MM
_PAD = 1.6
_SIZE, _LEADING, _LINES, _MORE_LINES = 7.0, 8.6, 3, 12
_UNBROKEN = {
    Kind.DATE: "2026-10-20",
    Kind.MOMENT: "2026-10-20",
    Kind.ID_NO: "3" * 18,
    Kind.MOBILE: "1" * 11,
    Kind.SERIAL: "QZ330110261101-0001",
}
"""What a cell of a kind holds that no line may break."""
_RIGHT = frozenset({Kind.NUMBER, Kind.MONEY})


@dataclass(frozen=True)
class _Row:
    """One row set in its columns: the lines of each cell, how high it is in points, and whether 〓 stands in it."""

    cells: tuple[tuple[Line, ...], ...]
    height: float
    stands_in: bool = False


class _Table:
    """The columns of a ledger on paper, and how texts are set in them."""

    def __init__(self, ledger: Ledger, fonts: FontSet, *, lines: int = _LINES) -> None:
        self.ledger, self.fonts, self._most = ledger, fonts, lines
        self.widths = self._widths()
        self.right = [True, *(column.kind in _RIGHT for column in ledger.columns)]
        self.head = self.set(["序号", *(column.title for column in ledger.columns)], bold=True)

    def _widths(self) -> list[float]:
        """Share the width among the columns as the ledger says; none is too narrow for a day or a number."""
        shares = [5.0, *(float(column.width) for column in self.ledger.columns)]
        least = [0.0, *(self._wide(_UNBROKEN.get(column.kind, "")) for column in self.ledger.columns)]
        room = ACROSS.width - 2 * _SIDE
        firm: set[int] = set()
        while True:
            left = room - sum(least[at] for at in firm)
            unit = left / (sum(share for at, share in enumerate(shares) if at not in firm) or 1)
            tight = {at for at, share in enumerate(shares) if at not in firm and share * unit < least[at]}
            if not tight or left <= 0 or len(firm | tight) == len(shares):
                return [least[at] if at in firm else share * unit for at, share in enumerate(shares)]
            firm |= tight

    def _wide(self, text: str) -> float:
        """Return how wide a column has to be for a text in one line."""
        lines = lay_out(Block.of(Group.of(Label(text))), self.fonts, _SIZE, ACROSS.width) if text else []
        return lines[0][-1].x + lines[0][-1].width + 2 * _PAD + 0.5 if lines and lines[0] else 0.0

    def set(self, texts: Sequence[str], *, bold: bool = False) -> _Row:
        """Set one row; a cell that needs more than three lines ends in an ellipsis."""
        cells = tuple(self._lines(text, width, bold=bold) for text, width in zip(texts, self.widths, strict=True))
        height = max(1, *(len(lines) for lines in cells)) * _LEADING + 2 * _PAD
        return _Row(cells, height, any(GETA in text for text in texts))

    def _lines(self, text: str, width: float, *, bold: bool) -> tuple[Line, ...]:
        if not text:
            return ()
        lines = lay_out(Block.of(Group.of(Label(text, bold=bold))), self.fonts, _SIZE, width - 2 * _PAD)
        if len(lines) <= self._most:
            return tuple(lines)
        while text and len(lines) > self._most:
            text = text[: max(1, len(text) * self._most // len(lines) - 1)]
            lines = lay_out(Block.of(Group.of(Label(text + "…", bold=bold))), self.fonts, _SIZE, width - 2 * _PAD)
        return tuple(lines)

    def draw(self, sheet: Sheet, row: _Row, y: float) -> None:
        """Draw one row with the lines between its cells."""
        x = _SIDE
        for width, lines, right in zip(self.widths, row.cells, self.right, strict=True):
            for number, line in enumerate(lines):
                wide = line[-1].x + line[-1].width if line else 0.0
                left = x + width - _PAD - wide if right and len(lines) == 1 else x + _PAD
                draw_line(sheet, line, left, y + _PAD + number * _LEADING + _SIZE * 0.88, _SIZE)
            sheet.upright(x, y, y + row.height, thick=0.4, grey=0.55)
            x += width
        sheet.upright(x, y, y + row.height, thick=0.4, grey=0.55)
        sheet.rule(_SIDE, y + row.height, x, thick=0.4, grey=0.55)


def ledger_pdf(
    ledger: Ledger,
    heading: Heading,
    rows: Sequence[Sequence[Cell]],
    *,
    fonts: FontSet | None = None,
    progress: Progress | None = None,
    more: Extra | None = None,
) -> bytes:
    """Return a ledger as a PDF on A4 across; ``more`` begins on a page of its own behind it.

    The same rows and heading give the same bytes. For a character that no shipped font has stands 〓, and the page says
    so: the workbook has it, and one damaged word must not keep a month from being printed.
    """
    fonts = fonts or shipped_fonts()
    pages = _pages(_Table(ledger, fonts), rows, progress)
    if more is not None:
        pages += _pages(_Table(more.ledger, fonts, lines=_MORE_LINES), more.rows, None)
    draws: list[Callable[[Sheet], None]] = [
        partial(_page, table=table, heading=heading, rows=page, number=number, count=len(pages))
        for number, (table, page) in enumerate(pages, 1)
    ]
    return render(ACROSS, Title(f"{ledger.title} {heading.period}", ledger.title, heading.unit), draws, fonts)


def _pages(table: _Table, rows: Sequence[Sequence[Cell]], progress: Progress | None) -> list[tuple[_Table, list[_Row]]]:
    """Set the rows of a table, page by page; one without rows has a page all the same."""
    pages: list[list[_Row]] = [[]]
    y = _TOP + table.head.height
    for number, cells in enumerate(rows, 1):
        if progress is not None and number % STEP == 0:
            progress(number)
        texts = table.fonts.stand_in([str(number), *(printable(cell_words(cell)) for cell in cells)])
        row = table.set(texts)
        if y + row.height > ACROSS.height - _BOTTOM and pages[-1]:
            pages.append([])
            y = _TOP + table.head.height
        pages[-1].append(row)
        y += row.height
    return [(table, page) for page in pages]


def _page(sheet: Sheet, *, table: _Table, heading: Heading, rows: Sequence[_Row], number: int, count: int) -> None:
    left, right = _SIDE, ACROSS.width - _SIDE
    sheet.text(ACROSS.width / 2, 12 * MM, table.ledger.title, 15, bold=True, align="centre", spacing=2)
    facts = f"填报单位：{heading.unit}　　期间：{heading.period}"
    sheet.text(left, 18.5 * MM, printable(f"{facts}　　{heading.filters}" if heading.filters else facts), 8.5)
    made = f"制表人：{heading.made_by}　制表时间：{heading.made_on}"
    sheet.text(right, 18.5 * MM, printable(made), 8.5, align="right")
    if heading.watermark:
        sheet.text(left, 22.5 * MM, printable(heading.watermark), 7.5, bold=True)
        sheet.slanted(ACROSS.width / 2, ACROSS.height / 2, "含完整个人信息", 54, grey=0.9)
    y = _TOP
    sheet.tint(left, y, right - left, table.head.height, grey=0.92)
    sheet.rule(left, y, right, thick=0.8, grey=0.2)
    for row in (table.head, *rows):
        table.draw(sheet, row, y)
        y += row.height
    if not rows:
        sheet.text(left + 4, y + 12, EMPTY, 9)
    foot = ACROSS.height - 8 * MM
    if number == count:
        sheet.text(left, foot, "　　　".join(f"{name} ＿＿＿＿＿＿＿" for name in SIGN), 8.5)
    sheet.text(right, foot, f"第 {number} 页 共 {count} 页", 7.5, align="right", grey=0.25)
    note = heading.sealed or _said(table.ledger)
    sheet.text(left, foot + 9, note, 6.5, grey=0.35)
    if any(row.stands_in for row in rows):
        sheet.text(right, foot + 9, f"{GETA} 是软件字体里没有的字，原字见 Excel 台账", 6.5, align="right", grey=0.35)


def _said(ledger: Ledger) -> str:
    return f"{ledger.code}　{dict(definitions(ledger))['说明']}"
