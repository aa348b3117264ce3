"""Rebuild the two rare-character fonts of this folder from the upstream files (see README.md).

    python build_rare_fonts.py HanaMinB.ttf HanaMinA.ttf BabelStoneHan.ttf NotoSansSC-Regular.ttf

Keeps only the Han characters that Noto Sans SC lacks, removes outline points that nobody can see (less than
0.4 % of the em off the line), sets the outlines on a grid of 512 units per em and leaves out all
tables that printing does not read. The same input gives the same bytes.
"""

import sys
from collections.abc import Iterable
from pathlib import Path

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.basePen import BasePen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont

Point = tuple[float, float]
TOLERANCE = 4.0
UNITS = 512
HAN = ((0x3007, 0x3007), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x323AF))
HANAZONO_NOTICE = (
    "Copyright 2008-2017 GlyphWiki Project. Hanazono Font License: unlimited permission is granted to use, copy, "
    "and distribute it, with or without modification, either commercially and noncommercially. "
    "THIS FONT IS PROVIDED AS IS WITHOUT WARRANTY."
)
ARPHIC_NOTICE = (
    "(c) 1994-1999 Arphic Technology Co., Ltd.; (c) 2009-2023 Andrew West. Arphic Public License. "
    "CHANGED 2026-11-23 for Doorstep: only the Han characters of CJK Extensions G and H and others that the companion "
    "fonts lack were kept, outlines simplified by at most 0.4 % of the em, font renamed."
)


def simplify(points: list[Point], tolerance: float = TOLERANCE) -> list[Point]:
    """Return the closed polygon without the points that lie within the tolerance of their neighbours' line."""
    if len(points) < 5:
        return points
    far = max(range(len(points)), key=lambda i: _square(points[0], points[i]))
    first = _open_line(points[: far + 1], tolerance)
    second = _open_line([*points[far:], points[0]], tolerance)
    kept = first[:-1] + second[:-1]
    return kept if len(kept) >= 3 else points


def on_grid(points: list[Point], scale: float) -> list[Point]:
    """Return the polygon on the new grid, without points that fall on the one before."""
    moved = [(round(x * scale), round(y * scale)) for x, y in points]
    return [point for i, point in enumerate(moved) if point != moved[i - 1]]


def _square(a: Point, b: Point) -> float:
    return (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2


def _open_line(points: list[Point], tolerance: float) -> list[Point]:
    """Douglas and Peucker's way for one open line."""
    keep = {0, len(points) - 1}
    spans = [(0, len(points) - 1)]
    while spans:
        low, high = spans.pop()
        a, b = points[low], points[high]
        length = _square(a, b) ** 0.5 or 1.0
        worst, where = tolerance, -1
        for i in range(low + 1, high):
            x, y = points[i]
            off = abs((b[0] - a[0]) * (a[1] - y) - (a[0] - x) * (b[1] - a[1])) / length
            if off > worst:
                worst, where = off, i
        if where >= 0:
            keep.add(where)
            spans += [(low, where), (where, high)]
    return [points[i] for i in sorted(keep)]


class Polygons(BasePen):  # type: ignore[misc]
    """Collects a glyph's contours as polygons; curves become short lines."""

    def __init__(self, glyphs: object) -> None:
        super().__init__(glyphs)
        self.contours: list[list[Point]] = []

    def _moveTo(self, pt: Point) -> None:  # noqa: N802 - the pen's own names
        self.contours.append([pt])

    def _lineTo(self, pt: Point) -> None:  # noqa: N802
        self.contours[-1].append(pt)

    def _qCurveToOne(self, pt1: Point, pt2: Point) -> None:  # noqa: N802
        x, y = self.contours[-1][-1]
        for step in range(1, 6):
            t = step / 5
            a, b, c = (1 - t) ** 2, 2 * t * (1 - t), t * t
            self.contours[-1].append((a * x + b * pt1[0] + c * pt2[0], a * y + b * pt1[1] + c * pt2[1]))


def draw_simplified(font: TTFont, name: str) -> object:
    """Return the glyph's outline, simplified and on our grid."""
    scale = UNITS / font["head"].unitsPerEm
    pen = Polygons(font.getGlyphSet())
    font.getGlyphSet()[name].draw(pen)
    out = TTGlyphPen(None)
    for contour in pen.contours:
        points = on_grid(simplify(contour), scale)
        if len(points) < 3:
            continue
        out.moveTo(points[0])
        for point in points[1:]:
            out.lineTo(point)
        out.closePath()
    return out.glyph()


def build(sources: Iterable[TTFont], skip: set[int], names: dict[str, str], target: Path) -> set[int]:
    """Write one font of the Han characters of the sources (the first that has one wins) that are not in ``skip``."""
    glyphs: dict[str, object] = {".notdef": TTGlyphPen(None).glyph()}
    widths: dict[str, tuple[int, int]] = {".notdef": (UNITS, 0)}
    cmap: dict[int, str] = {}
    for font in sources:
        best = font.getBestCmap()
        for code in sorted(best):
            if code in skip or code in cmap or not any(low <= code <= high for low, high in HAN):
                continue
            cmap[code] = f"u{code:X}"
            glyphs[cmap[code]] = draw_simplified(font, best[code])
            widths[cmap[code]] = (round(font["hmtx"][best[code]][0] * UNITS / font["head"].unitsPerEm), 0)
    cmap = dict(sorted(cmap.items()))
    order = [".notdef", *cmap.values()]
    builder = FontBuilder(UNITS, isTTF=True)
    builder.setupGlyphOrder(order)
    builder.setupCharacterMap(cmap)
    builder.setupGlyf({name: glyphs[name] for name in order})
    builder.setupHorizontalMetrics(
        {name: (widths[name][0], getattr(builder.font["glyf"][name], "xMin", 0)) for name in order}
    )
    builder.setupHorizontalHeader(ascent=450, descent=-100)
    builder.setupOS2(sTypoAscender=450, sTypoDescender=-100, usWinAscent=500, usWinDescent=130)
    builder.setupNameTable(names)
    builder.setupPost(keepGlyphNames=False)
    builder.font["head"].created = builder.font["head"].modified = 3_850_000_000
    builder.font.recalcTimestamp = False
    builder.save(target)
    return set(cmap)


def main() -> None:
    """Build both fonts beside this script."""
    hana_b, hana_a, babel, noto = (TTFont(name) for name in sys.argv[1:5])
    here = Path(__file__).resolve().parent
    have = set(noto.getBestCmap())
    names = {"familyName": "Doorstep Rare Han", "styleName": "Regular", "psName": "DoorstepRareHan-Regular"}
    names |= {"uniqueFontIdentifier": "DoorstepRareHan-1", "fullName": "Doorstep Rare Han", "version": "Version 1.000"}
    have |= build((hana_b, hana_a), have, names | {"copyright": HANAZONO_NOTICE}, here / "DoorstepRareHan-Regular.ttf")
    names = {key: value.replace("Rare Han", "Rare Han Two").replace("RareHan", "RareHanTwo") for key, value in names.items()}
    names |= {"copyright": ARPHIC_NOTICE, "licenseDescription": "Arphic Public License, see LICENSE-Arphic.txt"}
    build((babel,), have, names, here / "DoorstepRareHanTwo-Regular.ttf")


if __name__ == "__main__":
    main()
