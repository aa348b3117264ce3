"""Paper sizes and the pen: text, rules, boxes, cut lines, placed from the top left corner in points.

The pen writes PDF operators itself and hands them to reportlab's canvas page by page; reportlab keeps what it
is good at: documents, fonts and their subsets. The same drawing always gives the same bytes.
"""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from app.printing.fonts import FontSet

MM = 72 / 25.4
_KAPPA = 0.5523  # how far a Bezier's handle stands off to draw a quarter of a circle


@dataclass(frozen=True)
class Paper:
    """A sheet's size in points."""

    name: str
    width: float
    height: float


PAPERS = {
    "A4": Paper("A4", 210 * MM, 297 * MM),
    "A5": Paper("A5", 210 * MM, 148 * MM),  # landscape
}


class Sheet:
    """One page being drawn. x to the right, y downward from the top edge; a text's y is its baseline."""

    def __init__(self, paper: Paper, fonts: FontSet, document: Any) -> None:
        self.paper = paper
        self.fonts = fonts
        self._document = document
        self._operators: list[str] = []
        self._grey = 0.0

    def getCode(self) -> str:  # noqa: N802 - the name that reportlab's canvas asks for
        """Return the page's operators."""
        return "\n".join(self._operators)

    def _ink(self, grey: float) -> None:
        if grey != self._grey:
            self._grey = grey
            self._operators.append(f"{grey:.3g} g {grey:.3g} G")

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float,
        *,
        bold: bool = False,
        grey: float = 0.0,
        align: str = "left",
        spacing: float = 0.0,
    ) -> float:
        """Write one line and return its width. ``align``: left, centre, right of x; ``spacing`` between characters."""
        if not text:
            return 0.0
        width = self.fonts.width(text, size, bold=bold) + spacing * (len(text) - 1)
        left = x - width if align == "right" else x - width / 2 if align == "centre" else x
        self._ink(grey)
        spread = f"{spacing:.4g} Tc " if spacing else ""
        self._operators.append(f"BT {spread}1 0 0 1 {left:.2f} {self.paper.height - y:.2f} Tm")
        self._show(text, size, bold)
        self._operators.append("0 Tc ET" if spacing else "ET")
        return width

    def _show(self, text: str, size: float, bold: bool) -> None:
        for run in self.fonts.runs(text, bold=bold):
            font = run.face.font
            if run.weight:
                self._operators.append(f"2 Tr {run.weight * size:.3f} w")
            for subset, codes in font.splitString(run.text, self._document):
                name = font.getSubsetInternalName(subset, self._document)
                self._operators.append(f"{name} {size:.4g} Tf <{codes.hex()}> Tj")
            if run.weight:
                self._operators.append("0 Tr")

    def column(self, x: float, y: float, text: str, size: float, *, leading: float, grey: float = 0.0) -> None:
        """Write characters one under the other, centred on x, in bold; y is the first baseline."""
        for i, character in enumerate(text):
            self.text(x, y + i * leading, character, size, bold=True, align="centre", grey=grey)

    def slanted(self, x: float, y: float, text: str, size: float, *, grey: float) -> None:
        """Write a mark across the paper in outlined bold letters, centred on (x, y), rising to the right."""
        width = self.fonts.width(text, size, bold=True)
        cos, sin = 0.9613, 0.2756  # 16 degrees
        left = x - cos * width / 2 + sin * size * 0.36
        base = self.paper.height - y - sin * width / 2 - cos * size * 0.36
        self._ink(grey)
        self._operators.append(f"BT {cos} {sin} {-sin} {cos} {left:.2f} {base:.2f} Tm")
        self._show(text, size, True)
        self._operators.append("ET")

    def rule(
        self,
        x: float,
        y: float,
        to_x: float,
        *,
        thick: float = 0.5,
        grey: float = 0.35,
        dash: tuple[float, float] | None = None,
    ) -> None:
        """Draw a level line."""
        self._ink(grey)
        height = self.paper.height - y
        start, end = (f"[{dash[0]:.3g} {dash[1]:.3g}] 0 d ", " [] 0 d") if dash else ("", "")
        self._operators.append(f"{start}{thick:.3g} w {x:.2f} {height:.2f} m {to_x:.2f} {height:.2f} l S{end}")

    def upright(self, x: float, y: float, to_y: float, *, thick: float = 0.5, grey: float = 0.35) -> None:
        """Draw a vertical line."""
        self._ink(grey)
        top, bottom = self.paper.height - y, self.paper.height - to_y
        self._operators.append(f"{thick:.3g} w {x:.2f} {top:.2f} m {x:.2f} {bottom:.2f} l S")

    def box(self, x: float, y: float, width: float, height: float, *, thick: float = 0.6, grey: float = 0.0) -> None:
        """Draw a rectangle; (x, y) is its top left corner."""
        self._ink(grey)
        low = self.paper.height - y - height
        self._operators.append(f"{thick:.3g} w {x:.2f} {low:.2f} {width:.2f} {height:.2f} re S")

    def tint(self, x: float, y: float, width: float, height: float, *, grey: float = 0.94) -> None:
        """Fill a rectangle."""
        self._ink(grey)
        self._operators.append(f"{x:.2f} {self.paper.height - y - height:.2f} {width:.2f} {height:.2f} re f")

    def circle(
        self,
        x: float,
        y: float,
        radius: float,
        *,
        thick: float = 0.7,
        grey: float = 0.45,
        dash: tuple[float, float] | None = None,
    ) -> None:
        """Draw a circle around (x, y)."""
        self._ink(grey)
        start, end = (f"[{dash[0]:.3g} {dash[1]:.3g}] 0 d ", " [] 0 d") if dash else ("", "")
        k, mid, r = _KAPPA * radius, self.paper.height - y, radius
        quarters = (
            (x + r, mid + k, x + k, mid + r, x, mid + r),
            (x - k, mid + r, x - r, mid + k, x - r, mid),
            (x - r, mid - k, x - k, mid - r, x, mid - r),
            (x + k, mid - r, x + r, mid - k, x + r, mid),
        )
        curves = " ".join(" ".join(f"{n:.2f}" for n in quarter) + " c" for quarter in quarters)
        self._operators.append(f"{start}{thick:.3g} w {x + r:.2f} {mid:.2f} m {curves} h S{end}")

    def check_box(self, x: float, y: float, size: float, *, ticked: bool = False) -> None:
        """Draw the square that stands before a choice on the baseline y, of a text of that size."""
        side = size * 0.86
        self.box(x, y - size * 0.78, side, side, thick=0.7)
        if ticked:
            base = self.paper.height - y
            points = ((0.16, 0.36), (0.38, 0.10), (0.74, 0.62))
            (ax, ay), (bx, by), (cx, cy) = [(x + px * size, base + py * size) for px, py in points]
            self._operators.append(
                f"{size * 0.13:.3g} w 1 J 1 j {ax:.2f} {ay:.2f} m {bx:.2f} {by:.2f} l {cx:.2f} {cy:.2f} l S 0 J 0 j"
            )

    def cut_line(self, y: float, words: str, *, size: float) -> None:
        """Draw a dashed line across the whole sheet with its words in a gap in the middle."""
        middle = self.paper.width / 2
        half = self.fonts.width(words, size) / 2 + size * 0.8
        self.rule(0, y, middle - half, dash=(4, 3), thick=0.6, grey=0.3)
        self.rule(middle + half, y, self.paper.width, dash=(4, 3), thick=0.6, grey=0.3)
        self.text(middle, y + size * 0.36, words, size, align="centre", grey=0.3)

    def modules(self, x: float, y: float, side: float, matrix: Sequence[Sequence[int]]) -> None:
        """Draw a QR code's dark modules as one path of exact squares, (x, y) its top left corner."""
        step = side / len(matrix)
        self._ink(0.0)
        top = self.paper.height - y
        parts: list[str] = []
        for row, cells in enumerate(matrix):
            column, low = 0, top - (row + 1) * step
            while column < len(cells):
                start = column
                while column < len(cells) and cells[column]:
                    column += 1
                if column > start:
                    parts.append(f"{x + start * step:.3f} {low:.3f} {(column - start) * step:.3f} {step:.3f} re")
                else:
                    column += 1
        self._operators.append(" ".join(parts) + " f")


@dataclass(frozen=True)
class Title:
    """A document's metadata: never a person's name."""

    title: str
    subject: str
    author: str


def render(paper: Paper, title: Title, pages: Sequence[Callable[[Sheet], None]], fonts: FontSet) -> bytes:
    """Return the PDF of the pages; fonts are cut to what they use once for the whole document."""
    from reportlab.pdfgen.canvas import Canvas

    buffer = io.BytesIO()
    with fonts.lock:
        canvas: Any = Canvas(buffer, pagesize=(paper.width, paper.height), pageCompression=1, invariant=1, lang="zh-CN")
        canvas.setTitle(title.title)
        canvas.setSubject(title.subject)
        canvas.setAuthor(title.author)
        canvas.setCreator("Doorstep")
        canvas.setProducer("Doorstep")
        document = canvas._doc  # noqa: SLF001 - the fonts keep their subset by document
        for draw in pages:
            sheet = Sheet(paper, fonts, document)
            draw(sheet)
            canvas.drawText(sheet)
            canvas.showPage()
        canvas.save()
    return buffer.getvalue()
