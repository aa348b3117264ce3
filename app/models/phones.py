"""Telephone numbers: mobile and land line, as stored and as shown."""

import re
import unicodedata
from typing import NamedTuple

from app.texts import _

_MOBILE = re.compile(r"1[3-9]\d{9}", re.ASCII)
_LAND = re.compile(r"(0\d{2,3}-?)?\d{7,8}(-\d{1,6})?", re.ASCII)
_SPACES = re.compile(r"[\s()（）.·]+")
_DASHES = re.compile(r"[‐‑‒–—―−－_]+")


class PhoneCheck(NamedTuple):
    """A telephone number as it is stored, and what is wrong with it (nothing when it is right)."""

    number: str
    text: str = ""

    @property
    def ok(self) -> bool:
        """Say whether the number may be saved."""
        return not self.text


def normalise_mobile(text: str) -> str:
    """Return the digits of a mobile number, without spaces, hyphens and the country's code."""
    number = re.sub(r"[\s\-()]+", "", _half_width(text))
    if number.startswith("+86"):
        return number[3:]
    return number[2:] if number.startswith("86") and len(number) == 13 else number


def check_mobile(text: str) -> PhoneCheck:
    """Check a mobile number: 11 digits that begin with 13 to 19."""
    if _MOBILE.fullmatch(text):
        return PhoneCheck(text)
    number = normalise_mobile(text)
    if not number:
        return PhoneCheck(number, _("还没填手机号"))
    odd = next((char for char in number if char not in "0123456789"), None)
    if odd is not None:
        return PhoneCheck(number, _("手机号里有“{char}”，应全是数字", char=odd))
    if len(number) < 11:
        return PhoneCheck(number, _("少 {gap} 位：现在 {have} 位，应为 11 位", gap=11 - len(number), have=len(number)))
    if len(number) > 11:
        return PhoneCheck(number, _("多 {gap} 位：现在 {have} 位，应为 11 位", gap=len(number) - 11, have=len(number)))
    if not _MOBILE.fullmatch(number):
        return PhoneCheck(number, _("手机号应是 13 到 19 开头，现在是 {head}", head=number[:2]))
    return PhoneCheck(number)


def check_phone(text: str) -> PhoneCheck:
    """Check a telephone number that may be a mobile or a land line with area code and extension."""
    mobile = normalise_mobile(text)
    if _MOBILE.fullmatch(mobile):
        return PhoneCheck(mobile)
    number = _DASHES.sub("-", _SPACES.sub("", _half_width(text))).replace("转", "-").strip("-")
    if not number:
        return PhoneCheck(number, _("还没填电话"))
    if re.fullmatch(r"1\d{8,}", mobile, re.ASCII):
        return check_mobile(mobile)
    if not _LAND.fullmatch(number):
        return PhoneCheck(number, _("电话应像 0571-88886666，或 11 位手机号"))
    return PhoneCheck(number)


def format_phone(number: str | None) -> str:
    """Return a number as it is read out: ``138 1234 5678``; a land line as it is."""
    if not number:
        return ""
    return f"{number[:3]} {number[3:7]} {number[7:]}" if _MOBILE.fullmatch(number) else number


def _half_width(text: str) -> str:
    return _DASHES.sub("-", unicodedata.normalize("NFKC", text).strip())
