"""Forms as tables: sections with a band at the left, rows of cells that grow when their text needs it."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.printing.flow import Block, Box, Group, Label, Stack, draw_stack, lay_out
from app.printing.fonts import FontSet, printable
from app.printing.page import MM, Paper, Sheet

UNITS = 24  # columns of the grid
PAD = 1.4 * MM
SMALLEST = 7.5
_TIGHT = 1.16


@dataclass(frozen=True)
class Cell:
    """Some columns of a row. ``squares`` draws that many boxes for one character each, filled from ``text``."""

    units: int
    blocks: tuple[Block, ...] = ()
    label: bool = False
    squares: int = 0
    text: str = ""


@dataclass(frozen=True)
class Row:
    """Cells side by side; ``height`` in millimetres is the least."""

    cells: tuple[Cell, ...]
    height: float = 7.4


@dataclass(frozen=True)
class Section:
    """Rows under one band. ``head`` stands over them, on each page anew."""

    name: str
    rows: tuple[Row, ...]
    head: Row | None = None


@dataclass(frozen=True)
class Frame:
    """The table's place on the sheet, in points."""

    left: float
    top: float
    right: float
    bottom: float
    band: float

    @property
    def unit(self) -> float:
        """Return one column's width."""
        return (self.right - self.left - self.band) / UNITS


def label(text: str, units: int = 3) -> Cell:
    """Return a tinted cell with a field's name."""
    return Cell(units, (Block.of(Group.of(Label(text))),), label=True)


def value(text: str, units: int) -> Cell:
    """Return a cell with what was filled in, or white to write on."""
    text = printable(text)
    return Cell(units, (Block.of(Group.of(Label(text, bold=True))),) if text else ())


def boxes(choices: Sequence[tuple[str, bool]], units: int, *, gap: float = 0.85) -> Cell:
    """Return a cell with one box to tick per choice."""
    groups = tuple(Group.of(Box(text, ticked)) for text, ticked in choices)
    return Cell(units, (Block.of(*groups, gap=gap),))


def squares(count: int, text: str, units: int) -> Cell:
    """Return a cell with one square per character to be written; a filled value is simply printed."""
    return value(text, units) if text else Cell(units, squares=count)


def spread(*groups: Group, units: int) -> Cell:
    """Return a cell with free groups."""
    return Cell(units, (Block.of(*groups, gap=0.8),))


def header(*titles: tuple[str, int]) -> Row:
    """Return a row of column titles."""
    return Row(tuple(label(text, units) for text, units in titles), height=5.6)


def _least(cell: Cell, fonts: FontSet, frame: Frame) -> float:
    """Return the height that the cell's text needs at the smallest legible size."""
    width = cell.units * frame.unit - 2 * PAD
    lines = sum(len(lay_out(block, fonts, SMALLEST, width)) for block in cell.blocks)
    return lines * SMALLEST * _TIGHT + 2.5


def row_height(row: Row, fonts: FontSet, frame: Frame) -> float:
    """Return the height of a row in points: its least, or what its longest text needs."""
    return max([row.height * MM, *(_least(cell, fonts, frame) for cell in row.cells)])


Page = list[tuple[str, list[tuple[Row, float]]]]


def paginate(sections: Sequence[Section], fonts: FontSet, frame: Frame) -> list[Page]:
    """Deal the rows out to pages; a section that goes over keeps its band on both."""
    pages: list[Page] = [[]]
    y = frame.top
    for section in sections:
        pages[-1].append((section.name, []))
        head = [(section.head, row_height(section.head, fonts, frame))] if section.head is not None else []
        for row in (*(row for row, _height in head), *section.rows):
            height = row_height(row, fonts, frame)
            if y + height > frame.bottom + 0.01 and any(rows for _name, rows in pages[-1]):
                if not pages[-1][-1][1]:
                    pages[-1].pop()
                pages.append([(section.name, [])])
                pages[-1][-1][1].extend(head)
                y = frame.top + sum(tall for _row, tall in head)
            pages[-1][-1][1].append((row, height))
            y += height
    return pages


def draw_page(sheet: Sheet, page: Page, frame: Frame, size: float) -> float:
    """Draw one page of the table and return the y under it."""
    y = frame.top
    for name, rows in page:
        top = y
        tall = sum(height for _row, height in rows)
        sheet.tint(frame.left, top, frame.band, tall, grey=0.9)
        leading = min(size * 1.5, (tall - 4) / max(1, len(name)))
        first = top + tall / 2 - leading * (len(name) - 1) / 2 + size * 0.36
        sheet.column(frame.left + frame.band / 2, first, name, min(size, leading * 0.95), leading=leading)
        for row, height in rows:
            _draw_row(sheet, row, frame, y, height, size)
            y += height
        sheet.rule(frame.left, top, frame.right, thick=0.8, grey=0.15)
    sheet.box(frame.left, frame.top, frame.right - frame.left, y - frame.top, thick=1, grey=0.1)
    sheet.upright(frame.left + frame.band, frame.top, y, thick=0.6, grey=0.3)
    return y


def _draw_row(sheet: Sheet, row: Row, frame: Frame, y: float, height: float, size: float) -> None:
    lefts = [frame.left + frame.band]
    for cell in row.cells:
        lefts.append(lefts[-1] + cell.units * frame.unit)
    for cell, x in zip(row.cells, lefts, strict=False):
        if cell.label:
            sheet.tint(x, y, cell.units * frame.unit, height, grey=0.955)
    for cell, x in zip(row.cells, lefts, strict=False):
        width = cell.units * frame.unit
        if cell.squares:
            _draw_squares(sheet, cell.squares, x + PAD, y, width - 2 * PAD, height)
        elif cell.blocks:
            stack = Stack(size * 0.94 if cell.label else size, floor=SMALLEST, tightest=_TIGHT, loosest=9)
            draw_stack(sheet, cell.blocks, stack, x=x + PAD, y=y + 1, width=width - 2 * PAD, height=height - 2)
    for x in lefts[1:-1]:
        sheet.upright(x, y, y + height, thick=0.4, grey=0.4)
    sheet.rule(frame.left + frame.band, y, frame.right, thick=0.4, grey=0.4)


def _draw_squares(sheet: Sheet, count: int, x: float, y: float, width: float, height: float) -> None:
    side = min(width / count, height - 5)
    step = min(width / count, side * 1.12)
    for i in range(count):
        sheet.box(x + i * step, y + (height - side) / 2, side * 0.96, side, thick=0.4, grey=0.4)


def frame_of(paper: Paper, *, top: float, bottom: float, side: float, band: float) -> Frame:
    """Return a frame from margins in millimetres."""
    return Frame(side * MM, top * MM, paper.width - side * MM, paper.height - bottom * MM, band * MM)
