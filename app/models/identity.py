"""Identity documents and organisation codes: normalise, check, derive. Nothing is ever corrected by the program.

Citizen ID numbers follow GB 11643-1999 (check character ISO 7064 MOD 11-2), residence permits of Hong Kong, Macao and
Taiwan residents the same rule with 81/82/83, the foreigners' permanent residence card both its editions. Codes of
errors are stable; the sentence is what a clerk would say. Organisation codes (``uscc``) are offered from here too.
"""

import re
from datetime import date
from typing import NamedTuple

from app import clock
from app.errors import RuleError
from app.models.check_chars import (
    count_text,
    icao_digit,
    id15_to_18,
    id_check_char,
    normalise_id,
    org_check_char,
    slip_check_digits,
    uscc_check_char,
)
from app.models.uscc import UsccCheck, check_uscc, uscc_label
from app.texts import _

__all__ = (
    "IdentityCheck",
    "UsccCheck",
    "check_id_no",
    "check_pwd_cert",
    "check_uscc",
    "guess_id_type",
    "id15_to_18",
    "id_check_char",
    "looks_like_slip",
    "mismatch",
    "normalise_id",
    "org_check_char",
    "parse_slip_code",
    "slip_check_digits",
    "slip_payload",
    "uscc_check_char",
    "uscc_label",
)

E_FORMAT = "E_FORMAT"
E_REGION = "E_REGION"
E_BIRTH = "E_BIRTH"
E_CHECK = "E_CHECK"
W_MISMATCH = "W_MISMATCH"
W_LEGACY = "W_LEGACY"
W_OLDCHK = "W_OLDCHK"

ID_CARD = "01"
HK_MACAO_PERMIT = "02"
TAIWAN_PERMIT = "03"
HK_MACAO_PASS = "04"  # noqa: S105 - a travel document
TAIWAN_PASS = "05"  # noqa: S105 - a travel document
FOREIGN_RESIDENT = "06"
PASSPORT = "07"
SOLDIER = "08"
HOUSEHOLD_BOOK = "09"
OTHER_DOCUMENT = "99"

_BY_REGION = ("12345", "123", "1234567", "123456", "01234", "12345", "1", "123")
PROVINCES = frozenset(f"{tens}{unit}" for tens, units in enumerate(_BY_REGION, 1) for unit in units)
_MAX_AGE = 130
_SLIP_SHAPE = re.compile(r"([A-Z]{2}\d{10}[0-9A-Z]{2})(\d{4})(\d{2})?", re.ASCII)
_LEGACY = re.compile(r"\d{15}", re.ASCII)
_SHAPE_18 = re.compile(r"\d{17}[\dX]", re.ASCII)
_OTHER_SHAPES = {
    HK_MACAO_PASS: re.compile(r"[HM]\d{8}(\d{2})?", re.ASCII),
    TAIWAN_PASS: re.compile(r"\d{8}|\d{10}[A-Z0-9]?", re.ASCII),
    PASSPORT: re.compile(r"[A-Z0-9]{5,15}", re.ASCII),
}


class IdentityCheck(NamedTuple):
    """What a document number says about itself. ``error`` is None when it may be saved."""

    number: str
    error: str | None = None
    warning: str | None = None
    text: str = ""
    birth_on: date | None = None
    sex: str | None = None
    upgraded_from: str | None = None

    @property
    def ok(self) -> bool:
        """Say whether the number may be saved, with or without a warning."""
        return self.error is None


def guess_id_type(text: str) -> str:
    """Return the code of the document which such a number most likely belongs to."""
    number = normalise_id(text)
    if re.fullmatch(r"[A-Z]{3}\d{12}", number, re.ASCII):
        return FOREIGN_RESIDENT
    if re.fullmatch(r"\d{17}[\dX]|\d{15}", number, re.ASCII):
        if number[0] == "9":
            return FOREIGN_RESIDENT
        return {"81": HK_MACAO_PERMIT, "82": HK_MACAO_PERMIT, "83": TAIWAN_PERMIT}.get(number[:2], ID_CARD)
    if _OTHER_SHAPES[HK_MACAO_PASS].fullmatch(number):
        return HK_MACAO_PASS
    if re.fullmatch(r"[A-Z][A-Z0-9]\d{7}", number, re.ASCII):
        return PASSPORT
    if _OTHER_SHAPES[TAIWAN_PASS].fullmatch(number):
        return TAIWAN_PASS
    return ID_CARD if number[:1].isdecimal() else OTHER_DOCUMENT


def check_id_no(id_type: str, text: str, *, today: date) -> IdentityCheck:
    """Check a document number by the rules of its type, and derive birth date and sex where it tells them.

    Working age is a rule of business, not of format: it is not looked at here.
    """
    number = normalise_id(text)
    if not number:
        return IdentityCheck(number, error=E_FORMAT, text=_("还没填证件号码"))
    if id_type in (ID_CARD, HK_MACAO_PERMIT, TAIWAN_PERMIT):
        return _check_resident_number(id_type, number, today)
    if id_type == HOUSEHOLD_BOOK:
        return _check_citizen(number, today)
    if id_type == FOREIGN_RESIDENT:
        return _check_foreign_resident(number, today)
    return _check_other(id_type, number)


def _check_resident_number(id_type: str, number: str, today: date) -> IdentityCheck:
    expected = {HK_MACAO_PERMIT: ("81", "82"), TAIWAN_PERMIT: ("83",)}.get(id_type)
    result = _check_citizen(number, today)
    if expected and result.ok and number[:2] not in expected:
        return IdentityCheck(
            number,
            error=E_REGION,
            text=_("这不是港澳台居民居住证号码，请看证件类型选对没有"),
        )
    if expected is None and result.ok and number[:2] in ("81", "82", "83"):
        return IdentityCheck(number, error=E_REGION, text=_("这是港澳台居民居住证号码，请改证件类型"))
    return result


def _check_citizen(number: str, today: date) -> IdentityCheck:
    if _LEGACY.fullmatch(number):
        return _check_legacy(number, today)
    shape = _shape_18(number)
    if shape:
        return IdentityCheck(number, error=E_FORMAT, text=shape)
    if number[0] == "9":
        return IdentityCheck(number, error=E_REGION, text=_("9 开头是外国人永久居留身份证，请改证件类型"))
    if number[:2] not in PROVINCES:
        return IdentityCheck(
            number,
            error=E_REGION,
            text=_("前两位 {code} 不是省份代码，请核对证件", code=number[:2]),
        )
    return _finish_18(number, today)


def _check_legacy(number: str, today: date) -> IdentityCheck:
    if number[:2] not in PROVINCES:
        return IdentityCheck(
            number,
            error=E_REGION,
            text=_("前两位 {code} 不是省份代码，请核对证件", code=number[:2]),
        )
    full = _finish_18(id15_to_18(number), today)
    if full.error:
        return IdentityCheck(number, error=full.error, text=full.text)
    return IdentityCheck(
        full.number,
        warning=W_LEGACY,
        text=_("15 位旧号已不能用，只供补录旧档；请出示 18 位身份证"),
        birth_on=full.birth_on,
        sex=full.sex,
        upgraded_from=number,
    )


def _finish_18(number: str, today: date) -> IdentityCheck:
    birth = _birth(number[6:14])
    problem = _birth_problem(birth, number[6:14], today)
    if problem:
        return IdentityCheck(number, error=E_BIRTH, text=problem)
    if id_check_char(number[:17]) != number[17]:
        return IdentityCheck(number, error=E_CHECK, text=_("校验位不符，请核对证件"))
    return IdentityCheck(number, birth_on=birth, sex=_sex(number[16]))


def _check_foreign_resident(number: str, today: date) -> IdentityCheck:
    if re.fullmatch(r"[A-Z]{3}\d{12}", number, re.ASCII):
        return _check_old_foreign(number, today)
    if number[0].isalpha() and number[:3].isalpha():
        return IdentityCheck(number, error=E_FORMAT, text=count_text(len(number), 15))
    shape = _shape_18(number)
    if shape:
        return IdentityCheck(number, error=E_FORMAT, text=shape)
    if number[0] != "9":
        return IdentityCheck(
            number,
            error=E_REGION,
            text=_("永久居留身份证是 9 开头，请看证件类型选对没有"),
        )
    if number[1:3] not in PROVINCES:
        return IdentityCheck(
            number,
            error=E_REGION,
            text=_("第 2、3 位 {code} 不是省份代码，请核对证件", code=number[1:3]),
        )
    return _finish_18(number, today)


def _check_old_foreign(number: str, today: date) -> IdentityCheck:
    century = "20" if int(number[7:9]) <= today.year % 100 else "19"
    birth = _birth(century + number[7:13])
    if birth and birth > today:
        birth = _birth("19" + number[7:13])
    problem = _birth_problem(birth, number[7:13], today)
    if problem:
        return IdentityCheck(number, error=E_BIRTH, text=problem)
    if icao_digit(number[:14]) != number[14]:
        return IdentityCheck(
            number,
            warning=W_OLDCHK,
            text=_("旧版证件校验位不符，请再核对一遍"),
            birth_on=birth,
        )
    return IdentityCheck(number, birth_on=birth)


def _check_other(id_type: str, number: str) -> IdentityCheck:
    shape = _OTHER_SHAPES.get(id_type, re.compile(r"[^\x00-\x1f]{2,20}"))
    if shape.fullmatch(number) and len(number) <= 20:
        return IdentityCheck(number)
    told = {
        HK_MACAO_PASS: _("港澳通行证是 H 或 M 加 8 位数字"),
        TAIWAN_PASS: _("台胞证是 8 位数字，旧证 10 或 11 位"),
        PASSPORT: _("护照号是 5 到 15 位字母和数字"),
    }.get(id_type, _("证件号码要 2 到 20 位"))
    return IdentityCheck(number, error=E_FORMAT, text=told)


def _shape_18(number: str) -> str:
    """Return what is wrong with the shape of an 18-character number, nothing when it is right."""
    if len(number) != 18:
        return count_text(len(number), 18)
    if not _SHAPE_18.fullmatch(number):
        place = next((i for i, char in enumerate(number[:17]) if char not in "0123456789"), 17)
        return _("第 {place} 位是“{char}”，应为数字", place=place + 1, char=number[place])
    return ""


def _birth(digits: str) -> date | None:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return None


def _birth_problem(birth: date | None, digits: str, today: date) -> str:
    if birth is None:
        return _("出生日期 {digits} 没有这一天，请核对证件", digits=digits)
    if birth > today:
        return _("出生日期 {digits} 还没到，请核对证件", digits=digits)
    if (today.year - birth.year - ((today.month, today.day) < (birth.month, birth.day))) > _MAX_AGE:
        return _("出生日期 {digits} 超过 130 岁，请核对证件", digits=digits)
    return ""


def _sex(digit: str) -> str:
    return "1" if int(digit) % 2 else "2"


def mismatch(check: IdentityCheck, *, birth_on: date | None, sex: str | None) -> str:
    """Return the warning when what was entered is not what the number says; nothing when they agree.

    The clerk may keep what was entered, after confirming it (``W_MISMATCH``).
    """
    if check.birth_on and birth_on and check.birth_on != birth_on:
        return _("出生日期与证件号码不一致，请核对")
    if check.sex and sex in ("1", "2") and check.sex != sex:
        return _("性别与证件号码不一致，请核对")
    return ""


# Disability certificate ----------------------------------------------------------------------------------------------


def check_pwd_cert(text: str, id_no: str | None = None) -> str:
    """Say what is wrong with a disability certificate's number; nothing when it is right.

    It is the holder's 18-digit ID number, one digit of type, one of level, and ``B1`` if reissued.
    """
    base = re.sub(r"B\d$", "", normalise_id(text))
    if len(base) != 20:
        return count_text(len(base), 20)
    holder = _check_citizen(base[:18], clock.today())
    if holder.error:
        return holder.text
    if base[18] not in "1234567" or base[19] not in "1234":
        return _("末两位是残疾类别（1 到 7）和等级（1 到 4），请核对证件")
    if id_no and normalise_id(id_no) != base[:18]:
        return _("残疾证号前 18 位与身份证号不一致，请核对")
    return ""


# Slip numbers --------------------------------------------------------------------------------------------------------


def slip_payload(slip_no: str) -> str:
    """Return what the QR code of a slip holds: its number and the check digits, nothing about the person."""
    return f"{slip_no}-{slip_check_digits(slip_no)}"


def looks_like_slip(text: str) -> bool:
    """Say whether this was typed or scanned as a slip number, right or wrong."""
    return re.match(r"TJ\d{3}", normalise_id(text), re.ASCII) is not None


def parse_slip_code(text: str) -> str:
    """Return the slip number in what a scanner or a clerk typed, with or without hyphens and check digits.

    Raises:
        RuleError: it has not the shape of a slip number, or its check digits are wrong.
    """
    code = normalise_id(text)
    match = _SLIP_SHAPE.fullmatch(code)
    if not match:
        if looks_like_slip(code):
            raise RuleError(
                _("推荐信编号不全：{told}", told=count_text(len(code), 18)),
                code="slip.format",
            )
        raise RuleError(_("这不是推荐信编号，应像 TJ330110261103-0007"), code="slip.format")
    head, serial, digits = match.groups()
    if not head.startswith("TJ"):
        raise RuleError(_("这不是推荐信编号，应像 TJ330110261103-0007"), code="slip.format")
    slip_no = f"{head}-{serial}"
    if digits is not None and slip_check_digits(slip_no) != digits:
        raise RuleError(
            _("推荐信编号校验位不符，请再扫一遍，或照着纸上的编号输入"),
            code="slip.check",
        )
    return slip_no
