"""Masking of personal data: how it is shown, printed and logged when nobody asked to see it."""

import re
import unicodedata

from app.models.names import surname_of

_NUMBER_IN_TEXT = re.compile(
    r"(?<![0-9A-Za-z])(?:\d{17}[\dXx]|\d{15}|[A-Z]{3}\d{12}|[HM]\d{8,10}|1[3-9]\d[ -]?\d{4}[ -]?\d{4})(?![0-9A-Za-z])",
    re.ASCII,
)
_PHONE_SHAPE = re.compile(r"1[3-9]\d[ -]?\d{4}[ -]?\d{4}", re.ASCII)
_TO_BUILDING = (
    re.compile(r".*?\d+\s*(?:幢|栋|号楼|座)", re.DOTALL),
    re.compile(r".*?\d+\s*弄\s*\d+\s*号", re.DOTALL),
    re.compile(r".*?\d+\s*号", re.DOTALL),
)


def mask_id(number: str | None) -> str:
    """Return a document number with its first 6 and last 4 characters; short ones keep less, at most a third."""
    if not number:
        return ""
    if len(number) >= 15:
        return number[:6] + "*" * (len(number) - 10) + number[-4:]
    if len(number) < 4:
        return "***"
    tail = 2 if len(number) >= 8 else 1
    return number[0] + "*" * (len(number) - 1 - tail) + number[-tail:]


def mask_id_public(number: str | None) -> str:
    """Return a document number for paper or a public screen: the first and the last character."""
    if not number:
        return ""
    return number[0] + "*" * (len(number) - 2) + number[-1] if len(number) > 3 else "***"


def mask_mobile(number: str | None) -> str:
    """Return a telephone number with its first 3 and last 4 digits; a land line keeps its last 2."""
    if not number:
        return ""
    if len(number) == 11 and number.isdecimal() and number[0] == "1":
        return f"{number[:3]}****{number[-4:]}"
    return "*" * max(len(number) - 2, 3) + number[-2:]


def mask_name(name: str | None) -> str:
    """Return a name for other stations, ledgers and stubs: ``沈*安``, ``李*``, ``欧阳**``, ``阿依古丽·***``."""
    if not name:
        return ""
    chars = unicodedata.normalize("NFC", name)
    if "·" in chars:
        return chars.split("·", 1)[0] + "·***"
    surname = surname_of(chars)
    given = chars[len(surname) :]
    if not surname:
        return chars[0] + "*" * 3 if len(chars) > 1 else "*"
    if len(given) >= 2 and len(surname) == 1:
        return surname + "*" * (len(given) - 1) + given[-1]
    return surname + "*" * max(len(given), 1)


def mask_address(address: str | None) -> str:
    """Return an address to the building, without unit and room."""
    if not address:
        return ""
    for shape in _TO_BUILDING:
        if match := shape.match(address):
            return match.group().strip()
    return re.sub(r"\s*\d[\d\-—室单元层号]*\s*$", "", address).strip()


def mask_text(text: str) -> str:
    """Return free text with every ID number and mobile number in it masked: for logs."""

    def cover(match: re.Match[str]) -> str:
        found = match.group()
        if _PHONE_SHAPE.fullmatch(found):
            return mask_mobile(re.sub(r"[ -]", "", found))
        return mask_id(found)

    return _NUMBER_IN_TEXT.sub(cover, text)
