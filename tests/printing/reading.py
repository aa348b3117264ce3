"""Read real PDFs back: text, boxes, pictures, codes."""

from dataclasses import dataclass

import pypdfium2 as pdfium
import zxingcpp


@dataclass(frozen=True)
class Glyph:
    """One character and its box in points, from the bottom left corner."""

    text: str
    left: float
    bottom: float
    right: float
    top: float


def page_text(document: bytes, page: int = 0) -> str:
    with pdfium.PdfDocument(document) as pdf:
        text = pdf[page].get_textpage().get_text_range()
    return text.replace("\r\n", "\n")


def squeezed(document: bytes, page: int = 0) -> str:
    """Return the text without white: wrapping and spacing do not matter."""
    return "".join(page_text(document, page).split())


def glyphs(document: bytes, page: int = 0) -> list[Glyph]:
    """Return every visible character with its box."""
    with pdfium.PdfDocument(document) as pdf:
        text = pdf[page].get_textpage()
        found = [(text.get_text_range(i, 1), text.get_charbox(i)) for i in range(text.count_chars())]
    return [Glyph(character, *box) for character, box in found if character.strip()]


def page_count(document: bytes) -> int:
    with pdfium.PdfDocument(document) as pdf:
        return len(pdf)


def page_size_mm(document: bytes) -> tuple[int, int]:
    with pdfium.PdfDocument(document) as pdf:
        width, height = pdf[0].get_size()
    return round(width / 72 * 25.4), round(height / 72 * 25.4)


def metadata(document: bytes) -> dict[str, str]:
    with pdfium.PdfDocument(document) as pdf:
        return dict(pdf.get_metadata_dict())


def codes(document: bytes, *, dpi: int) -> list[str]:
    """Return what a scanner reads on the first page at that resolution, in grey."""
    with pdfium.PdfDocument(document) as pdf:
        picture = pdf[0].render(scale=dpi / 72, grayscale=True).to_pil()
    return [code.text for code in zxingcpp.read_barcodes(picture, zxingcpp.BarcodeFormat.QRCode)]
