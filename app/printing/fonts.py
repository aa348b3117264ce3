"""The shipped fonts, chosen character by character, so that every name that can be registered can be printed.

ReportLab prints a blank for a glyph that its font lacks and says nothing: here it is an error that names the
character. The first import of reportlab happens when something is printed, never when this module is imported.
"""

import threading
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from app import paths
from app.errors import PrintError
from app.texts import _

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Row = TypeVar("Row", bound="DataclassInstance")

REGULAR = "NotoSansSC-Regular.ttf"
BOLD = "NotoSansSC-Bold.ttf"
RARE = ("DoorstepRareHan-Regular.ttf", "DoorstepRareHanTwo-Regular.ttf")
FONT_FILES = (REGULAR, BOLD, *RARE)

GETA = "〓"
"""What stands for a character that no font has, as printers have always set it."""

_BFCHAR_LIMIT = 100  # entries in one block of a ToUnicode map, by the PDF specification


@dataclass(frozen=True)
class Run:
    """Neighbouring characters that one face prints. ``weight`` thickens the outline, in ems (a face has one weight)."""

    face: "Face"
    text: str
    weight: float


class Face:
    """One font file, parsed when first needed and once per process."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._font: Any = None

    @property
    def font(self) -> Any:
        """The reportlab font.

        Raises:
            PrintError: the file is missing or damaged.
        """
        if self._font is None:
            from reportlab.pdfbase import ttfonts

            module: Any = ttfonts
            module.makeToUnicodeCMap = to_unicode_map
            try:
                self._font = ttfonts.TTFont(self.file.stem, str(self.file), asciiReadable=False)
            except (OSError, ttfonts.TTFError) as reason:
                text = _("打印字体 {file} 读不了，什么都没有打。请重新安装家门口。", file=self.file.name)
                raise PrintError(text, code="print.font") from reason
        return self._font

    def __contains__(self, character: str) -> bool:
        return ord(character) in self.font.face.charToGlyph

    def advance(self, character: str) -> float:
        """Return the character's width in ems."""
        return float(self.font.face.getCharWidth(ord(character))) / 1000


class FontSet:
    """Which face prints which character, and how wide it is; both remembered.

    ``lock`` is held while a document is made: reportlab's fonts keep a reading position.
    """

    def __init__(self, folder: Path | None = None) -> None:
        where = folder or paths.resources() / "fonts"
        self.lock = threading.RLock()
        self._regular = Face(where / REGULAR)
        self._bold = Face(where / BOLD)
        self._rare = tuple(Face(where / name) for name in RARE)
        self._chosen: dict[tuple[str, bool], tuple[Face, float, float] | None] = {}

    def _choose(self, character: str, bold: bool) -> tuple[Face, float, float] | None:
        """Return face, width and outline weight for the character, or None when no face has it."""
        key = (character, bold)
        if key not in self._chosen:
            with self.lock:
                self._chosen[key] = self._find(character, bold)
        return self._chosen[key]

    def _find(self, character: str, bold: bool) -> tuple[Face, float, float] | None:
        main = self._bold if bold else self._regular
        if character in main:
            return main, main.advance(character), 0.0
        if ord(character) < 0x3007:  # the rare faces hold Han alone
            return None
        for face in self._rare:
            if character in face:
                return face, face.advance(character), 0.022 if bold else 0.01
        return None

    def width(self, text: str, size: float, *, bold: bool = False) -> float:
        """Return the width of a text in points.

        Raises:
            PrintError: a character that no shipped font has.
        """
        chosen = self._chosen
        total = 0.0
        for character in text:
            found = chosen.get((character, bold)) or self._choose(character, bold)
            if found is None:
                raise missing_glyph_error((character,))
            total += found[1]
        return total * size

    def runs(self, text: str, *, bold: bool = False) -> Iterator[Run]:
        """Cut a text where the face changes.

        Raises:
            PrintError: a character that no shipped font has.
        """
        start, current, weight = 0, None, 0.0
        for i, character in enumerate(text):
            found = self._chosen.get((character, bold)) or self._choose(character, bold)
            if found is None:
                raise missing_glyph_error((character,))
            if found[0] is not current:
                if current is not None:
                    yield Run(current, text[start:i], weight)
                start, current, weight = i, found[0], found[2]
        if current is not None:
            yield Run(current, text[start:], weight)

    def missing_glyphs(self, text: str) -> tuple[str, ...]:
        """Return the characters that no shipped font can print, each once, in order."""
        return tuple(dict.fromkeys(c for c in printable(text) if self._choose(c, False) is None))

    def stand_in(self, texts: Sequence[str]) -> list[str]:
        """Return the texts with 〓 for characters that no shipped font has: one name must not stop a whole list."""
        missing = {ord(c): GETA for c in self.missing_glyphs("".join(texts))}
        return [text.translate(missing) for text in texts] if missing else list(texts)

    def require(self, texts: Iterable[str]) -> None:
        """Check everything that a document will show, before any of it is drawn.

        Raises:
            PrintError: characters that no shipped font has, all of them named.
        """
        missing = self.missing_glyphs("".join(texts))
        if missing:
            raise missing_glyph_error(missing)


def missing_glyph_error(characters: tuple[str, ...]) -> PrintError:
    """Return the error that names the characters and says what to do."""
    named = "、".join(f"“{c}”（U+{ord(c):04X}）" for c in characters)
    text = _(
        "{characters} 打不出来：随软件的字体里没有这个字。还没有打印，登记的内容都在。请先核对是不是录错了；"
        "没有录错，就打印空白表手写这个字，并把括号里的字码报给区里补字体。",
        characters=named,
    )
    return PrintError(text, code="print.missing_glyph")


@cache
def _invisible(character: str) -> bool:
    """Say whether a character has no shape of its own: variation selectors, joiners, marks of direction."""
    code = ord(character)
    return unicodedata.category(character) == "Cf" or 0xFE00 <= code <= 0xFE0F or 0xE0100 <= code <= 0xE01EF


def printable(text: str) -> str:
    """Return the text as paper takes it: one line, single spaces, nothing invisible."""
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    return "".join(c for c in " ".join(text.split()) if not _invisible(c))


def printable_row(row: Row) -> Row:
    """Return a printed form's row with every text as ``printable`` has it."""
    clean: dict[str, Any] = {name: printable(text) for name, text in row.__dict__.items() if isinstance(text, str)}
    return replace(row, **clean)


def to_unicode_map(name: str, subset: list[int]) -> str:
    """Return the PDF map from a font subset's codes to text.

    Stands in for reportlab's own, which writes characters beyond U+FFFF as five digits: they print right and
    read back, search and copy as another character.
    """
    pairs = [(code, point) for code, point in enumerate(subset) if point]
    lines = [
        "/CIDInit /ProcSet findresource begin",
        "12 dict begin",
        "begincmap",
        f"/CIDSystemInfo << /Registry ({name}) /Ordering ({name}) /Supplement 0 >> def",
        f"/CMapName /{name} def",
        "/CMapType 2 def",
        "1 begincodespacerange",
        f"<00> <{len(subset) - 1:02X}>",
        "endcodespacerange",
    ]
    for start in range(0, len(pairs), _BFCHAR_LIMIT):
        block = pairs[start : start + _BFCHAR_LIMIT]
        lines.append(f"{len(block)} beginbfchar")
        lines += [f"<{code:02X}> <{chr(point).encode('utf-16-be').hex().upper()}>" for code, point in block]
        lines.append("endbfchar")
    lines += ["endcmap", "CMapName currentdict /CMap defineresource pop", "end", "end"]
    return "\n".join(lines)


@cache
def shipped_fonts() -> FontSet:
    """Return the process's one set of shipped fonts."""
    return FontSet()
