"""Lines of labels, underlined values and check boxes that wrap like Chinese text and never run over.

A block that does not fit at its size is set smaller, down to a floor, wrapping where it must; what does not fit
even then stops the print with a sentence: nothing is ever cut off.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from app.errors import PrintError
from app.printing.fonts import FontSet, printable
from app.printing.page import Sheet
from app.texts import _

NO_START = frozenset("，。、；：？！）》”’】〉…—,.;:?!)]}%·")
NO_END = frozenset("（《“‘【〈([{")
WORD_LIMIT = 26  # a Latin word longer than this breaks anywhere
PAD = 0.28  # ems of rule before and after a value
_STEPS = (1.0, 0.97, 0.94, 0.91, 0.88, 0.85, 0.82, 0.79, 0.76, 0.73, 0.7, 0.66, 0.62, 0.58)


@dataclass(frozen=True)
class Label:
    """Printed wording."""

    text: str
    bold: bool = False
    grey: float = 0.0


@dataclass(frozen=True)
class Field:
    """A value on a rule; empty leaves the rule to be written on. ``least``: its smallest width in ems."""

    text: str
    least: float = 2.0
    bold: bool = True


@dataclass(frozen=True)
class Blank:
    """A rule to write on; ``stretch`` runs it to the end of the line."""

    width: float
    stretch: bool = False


@dataclass(frozen=True)
class Box:
    """A square to tick, and its words."""

    text: str
    ticked: bool = False


@dataclass(frozen=True)
class Tag:
    """A small framed mark after a value, such as 待核验."""

    text: str


@dataclass(frozen=True)
class Space:
    """White, in ems."""

    width: float


Piece = Label | Field | Blank | Box | Tag | Space


@dataclass(frozen=True)
class Group:
    """Pieces that stay on one line while they fit on a line at all."""

    pieces: tuple[Piece, ...]

    @classmethod
    def of(cls, *pieces: Piece) -> "Group":
        """Return the group of these pieces."""
        return cls(pieces)


@dataclass(frozen=True)
class Block:
    """A paragraph of groups. Sizes are ratios of the stack's size, distances ems of it."""

    groups: tuple[Group, ...]
    scale: float = 1.0
    indent: float = 0.0
    before: float = 0.0
    inset: float = 0.0  # points kept free at the right
    gap: float = 1.2
    leading: float = 1.0

    @classmethod
    def of(
        cls,
        *groups: Group,
        scale: float = 1.0,
        indent: float = 0.0,
        before: float = 0.0,
        inset: float = 0.0,
        gap: float = 1.2,
        leading: float = 1.0,
    ) -> "Block":
        """Return the block of these groups."""
        return cls(groups, scale, indent, before, inset, gap, leading)


@dataclass(frozen=True)
class Placed:
    """One piece, or a part of it, at its place on a line."""

    piece: Piece
    text: str
    x: float
    width: float
    first: bool = True
    last: bool = True


@dataclass(frozen=True)
class _Atom:
    piece: Piece
    text: str
    width: float
    first: bool
    last: bool


Line = list[Placed]


def words(text: str) -> Iterator[str]:
    """Cut a text where a line may break: after any Han character, around Latin words, never before 。 or after （."""
    held = ""
    start = 0
    for i, character in enumerate(text):
        following = text[i + 1] if i + 1 < len(text) else ""
        if not following:
            break
        joined = _is_word(character) and _is_word(following) and i - start < WORD_LIMIT
        if joined or following in NO_START or character in NO_END:
            continue
        yield held + text[start : i + 1]
        start = i + 1
    if start < len(text):
        yield text[start:]


def _is_word(character: str) -> bool:
    return character.isascii() and (character.isalnum() or character in "-_./@:+#&'")


def _atoms(piece: Piece, fonts: FontSet, size: float) -> list[_Atom]:
    if isinstance(piece, Label):
        parts = [_Atom(piece, w, fonts.width(w, size, bold=piece.bold), False, False) for w in words(piece.text)]
    elif isinstance(piece, Field):
        text = printable(piece.text)
        if fonts.width(text, size, bold=piece.bold) + 2 * PAD * size <= piece.least * size:
            return [_Atom(piece, text, piece.least * size, True, True)]
        parts = [_Atom(piece, w, fonts.width(w, size, bold=piece.bold), False, False) for w in words(text)]
    elif isinstance(piece, Box):
        return [_Atom(piece, piece.text, size * 1.25 + fonts.width(piece.text, size), True, True)]
    elif isinstance(piece, Tag):
        return [_Atom(piece, piece.text, fonts.width(piece.text, size * 0.8) + size * 0.9, True, True)]
    else:
        return [_Atom(piece, "", piece.width * size, True, True)]
    pad = PAD * size if isinstance(piece, Field) else 0.0
    if parts:
        parts[0] = replace(parts[0], width=parts[0].width + pad, first=True)
        parts[-1] = replace(parts[-1], width=parts[-1].width + pad, last=True)
    return parts


def lay_out(block: Block, fonts: FontSet, size: float, width: float) -> list[Line]:
    """Break a block into lines of at most this width, at this size of type."""
    lines: list[Line] = [[]]
    x = block.indent * size
    for group in block.groups:
        atoms = [atom for piece in group.pieces for atom in _atoms(piece, fonts, size)]
        whole = sum(atom.width for atom in atoms)
        if lines[-1]:
            x += block.gap * size
            if x + whole > width and (whole <= width or x > width * 0.7):
                lines.append([])
                x = 0.0
        for i, atom in enumerate(atoms):
            held = atoms[i + 1].width if isinstance(atom.piece, Blank) and i + 1 < len(atoms) else 0.0  # ____月
            if x + atom.width + held > width and lines[-1]:
                lines.append([])
                x = 0.0
                if isinstance(atom.piece, Space):
                    continue
            _put(lines[-1], atom, x)
            x += atom.width
    for line in lines:
        _stretch(line, width)
    return lines


def _put(line: Line, atom: _Atom, x: float) -> None:
    """Add the atom to the line, joining it to its piece's part that already stands there."""
    if line and line[-1].piece is atom.piece and not atom.first:
        before = line[-1]
        line[-1] = replace(before, text=before.text + atom.text, width=before.width + atom.width, last=atom.last)
    else:
        line.append(Placed(atom.piece, atom.text, x, atom.width, atom.first, atom.last))


def _stretch(line: Line, width: float) -> None:
    """Let the line's stretching rule take what is left of it."""
    for i, placed in enumerate(line):
        if isinstance(placed.piece, Blank) and placed.piece.stretch:
            spare = width - line[-1].x - line[-1].width
            line[i] = replace(placed, width=placed.width + spare)
            line[i + 1 :] = [replace(later, x=later.x + spare) for later in line[i + 1 :]]
            return


def draw_line(sheet: Sheet, line: Line, x: float, y: float, size: float) -> None:
    """Draw one line with its baseline at y."""
    under = y + size * 0.24
    for placed in line:
        piece, left = placed.piece, x + placed.x
        if isinstance(piece, Label):
            sheet.text(left, y, placed.text, size, bold=piece.bold, grey=piece.grey)
        elif isinstance(piece, Field):
            sheet.rule(left, under, left + placed.width, thick=0.45, grey=0.25)
            sheet.text(left + (PAD * size if placed.first else 0.0), y, placed.text, size, bold=piece.bold)
        elif isinstance(piece, Blank):
            sheet.rule(left + size * 0.1, under, left + placed.width - size * 0.1, thick=0.45, grey=0.25)
        elif isinstance(piece, Box):
            sheet.check_box(left, y, size, ticked=piece.ticked)
            sheet.text(left + size * 1.15, y, piece.text, size)
        elif isinstance(piece, Tag):
            frame = placed.width - size * 0.4
            sheet.box(left + size * 0.3, y - size * 0.82, frame, size * 1.04, thick=0.5)
            sheet.text(left + size * 0.3 + frame / 2, y - size * 0.02, piece.text, size * 0.8, align="centre")


@dataclass(frozen=True)
class Stack:
    """Blocks one under the other in a rectangle: size of type, line distance and room to spare, in ems."""

    size: float
    leading: float = 1.75
    floor: float = 7.5
    tightest: float = 1.26
    loosest: float = 2.3


def draw_stack(
    sheet: Sheet, blocks: Sequence[Block], stack: Stack, *, x: float, y: float, width: float, height: float
) -> float:
    """Set the blocks into the rectangle and return the height used.

    Shrinks size and line distance as far as needed; spare height is spread between the lines up to a limit.

    Raises:
        PrintError: too long even at the smallest legible size.
    """
    for step in _STEPS:
        size = stack.size * step
        if size < stack.floor:
            break
        set_blocks = _set(blocks, sheet.fonts, size, stack.floor, width)
        if _height(set_blocks, size, stack.tightest) <= height:
            return _draw_set(sheet, set_blocks, stack, size, x=x, y=y, height=height)
    size = stack.floor
    set_blocks = _set(blocks, sheet.fonts, size, stack.floor, width)
    if _height(set_blocks, size, stack.tightest) <= height:
        return _draw_set(sheet, set_blocks, stack, size, x=x, y=y, height=height)
    raise PrintError(
        _(
            "内容太长，缩到最小字号（{size} 磅）这张纸也放不下，没有打印。请改用 A4，或把单位名称、地址写短些。",
            size=stack.floor,
        ),
        code="print.too_long",
    )


_SetBlock = tuple[Block, float, list[Line]]


def _set(blocks: Iterable[Block], fonts: FontSet, size: float, floor: float, width: float) -> list[_SetBlock]:
    placed: list[_SetBlock] = []
    for block in blocks:
        own = max(size * block.scale, floor)
        placed.append((block, own, lay_out(block, fonts, own, width - block.inset)))
    return placed


def _height(blocks: Iterable[_SetBlock], size: float, leading: float) -> float:
    return sum(block.before * size + own * leading * block.leading * len(lines) for block, own, lines in blocks)


def _draw_set(
    sheet: Sheet, blocks: list[_SetBlock], stack: Stack, size: float, *, x: float, y: float, height: float
) -> float:
    tall = sum(own * block.leading * len(lines) for block, own, lines in blocks)
    before = sum(block.before for block, _own, _lines in blocks) * size
    leading = min(stack.loosest, max(stack.tightest, (height - before) / tall))
    leading = min(leading, stack.leading) if size < stack.size else leading
    top = y
    for block, own, lines in blocks:
        top += block.before * size
        for line in lines:
            pitch = own * leading * block.leading
            draw_line(sheet, line, x, top + pitch * 0.5 + own * 0.36, own)
            top += pitch
    return top - y
