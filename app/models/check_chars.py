"""Arithmetic of check characters, and how numbers are written: no rule of any document, only the sums."""

import re
import unicodedata
from operator import mul

from app.texts import _

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHARS = "10X98765432"
USCC_CHARS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_ORG_CHARS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ORG_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_SEPARATORS = re.compile(r"[\s\-‐‑‒–—―−_·.]+")


def normalise_id(text: str) -> str:
    """Return the number as it is stored: half-width, upper case, no spaces or hyphens."""
    if text.isascii() and text.isalnum():  # nearly every number; there is only the X to be made large
        return text.upper()
    return _SEPARATORS.sub("", unicodedata.normalize("NFKC", text)).upper()


def id_check_char(body: str) -> str:
    """Return the check character of the first 17 digits of an ID number."""
    return _ID_CHARS[sum(map(mul, map(int, body), _ID_WEIGHTS)) % 11]


def id15_to_18(number: str) -> str:
    """Return the 18-digit form of a 15-digit ID number of before 1999."""
    body = number[:6] + "19" + number[6:]
    return body + id_check_char(body)


def uscc_check_char(body: str) -> str:
    """Return the check character of the first 17 characters of a unified social credit code."""
    return USCC_CHARS[-sum(USCC_CHARS.index(char) * pow(3, i, 31) for i, char in enumerate(body)) % 31]


def org_check_char(body: str) -> str:
    """Return the check character of the first 8 characters of an organisation code."""
    rest = 11 - sum(_ORG_CHARS.index(char) * w for char, w in zip(body, _ORG_WEIGHTS, strict=True)) % 11
    return {10: "X", 11: "0"}.get(rest, str(rest))


def icao_digit(body: str) -> str:
    """Return the passport check digit (ICAO 9303): weights 7-3-1, letters from A=10."""
    return str(sum(_ORG_CHARS.index(char) * (7, 3, 1)[i % 3] for i, char in enumerate(body)) % 10)


def slip_check_digits(slip_no: str) -> str:
    """Return the two check digits of a slip number: ISO 7064 MOD 97-10 over its letters and digits."""
    digits = "".join(str(_ORG_CHARS.index(char)) for char in normalise_id(slip_no))
    return f"{98 - int(digits + '00') % 97:02d}"


def count_text(have: int, want: int) -> str:
    """Say how many characters are missing or too many."""
    if have < want:
        return _(
            "少 {gap} 位：现在 {have} 位，应为 {want} 位",
            gap=want - have,
            have=have,
            want=want,
        )
    return _(
        "多 {gap} 位：现在 {have} 位，应为 {want} 位",
        gap=have - want,
        have=have,
        want=want,
    )
