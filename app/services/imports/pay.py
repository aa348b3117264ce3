"""Reading pay as postings write it: ``4.5-6千/月``, ``15-20万/年``, ``150元/天``, ``面议``."""

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from app.texts import _

HOUR, DAY, WEEK, MONTH, YEAR, PIECE, TASK, BASE_PLUS = "H", "D", "W", "M", "Y", "P", "O", "S"
"""Codes of PAY_UNIT (domain sheet 3.21)."""

_PERIODS = {
    "小时": HOUR, "钟头": HOUR, "时": HOUR, "h": HOUR, "hour": HOUR,
    "天": DAY, "日": DAY, "day": DAY,
    "周": WEEK, "星期": WEEK, "week": WEEK,
    "月": MONTH, "month": MONTH,
    "年": YEAR, "year": YEAR,
    "件": PIECE, "个": PIECE,
    "次": TASK, "单": TASK, "场": TASK, "趟": TASK,
}  # fmt: skip
_LEADING = {"时薪": HOUR, "日薪": DAY, "周薪": WEEK, "月薪": MONTH, "年薪": YEAR, "计件": PIECE, "底薪": BASE_PLUS}
_FACTORS = {"千": 1000, "k": 1000, "万": 10_000, "w": 10_000, "百": 100}

_NUMBER = r"\d{1,9}(?:\.\d{1,4})?"
_FACTOR = r"[千万百kw]"
_RANGE = re.compile(
    rf"(?P<low>{_NUMBER})(?P<low_factor>{_FACTOR})?元?(?:-+|至|到)(?P<high>{_NUMBER})(?P<high_factor>{_FACTOR})?"
)
_SINGLE = re.compile(rf"(?P<low>{_NUMBER})(?P<low_factor>{_FACTOR})?")
_PERIOD = re.compile(r"(?:/|每|一)(小时|钟头|星期|hour|week|month|year|day|时|天|日|周|月|年|件|个|次|单|场|趟|h)")
_MONTHS_PAID = re.compile(r"[·.x*×]?(\d{2})薪")
_DASHES = str.maketrans({"—": "-", "–": "-", "－": "-", "~": "-", "～": "-", "―": "-", "−": "-", "‐": "-", "∼": "-"})
_LARGEST_FEN = 10_000_000_000
_UNTOLD_MONTH = range(1000, 50_000)


@dataclass(frozen=True)
class Pay:
    """Pay in fen per ``unit`` (a code of PAY_UNIT). What cannot be read stays None, and ``remark`` says so."""

    unit: str | None = None
    min_fen: int | None = None
    max_fen: int | None = None
    remark: str | None = None


def parse_pay(text: str) -> Pay:
    """Read one cell of pay; it never fails and never invents an amount."""
    plain = unicodedata.normalize("NFKC", text).translate(_DASHES).lower()
    plain = re.sub(r"[\s,¥￥]|rmb|人民币", "", plain)
    if not plain:
        return Pay()
    found = _parse(plain)
    if found == "negotiable":
        return Pay(remark=_("薪酬写的是面议，要补基本劳动报酬"))
    if not isinstance(found, tuple):
        return Pay(remark=_("薪酬“{cell}”没看懂，要补", cell=text.strip()[:40]))
    unit, low, high, note = found
    return Pay(unit, low, high, _remark(note))


def _remark(note: str) -> str | None:
    if note == "no_period":
        return _("薪酬没写按月还是按天，先按月记")
    if note.startswith("months:"):
        return _("薪酬写明一年 {n} 薪", n=note.removeprefix("months:"))
    return None


@lru_cache(maxsize=8192)
def _parse(plain: str) -> tuple[str | None, int | None, int | None, str] | str:
    """Return (unit, min, max, note), ``negotiable``, or nothing readable."""
    note = ""
    if months := _MONTHS_PAID.search(plain):
        note = f"months:{months.group(1)}"
        plain = plain[: months.start()] + plain[months.end() :]
    unit = _unit(plain)
    amounts = _amounts(plain)
    if amounts is None:
        return "negotiable" if "面议" in plain or "面谈" in plain or "协商" in plain else ""
    low, high = amounts
    if unit is None:
        told = low if low is not None else high
        if told is None or told // 100 not in _UNTOLD_MONTH:
            return ""
        return MONTH, low, high, note or "no_period"
    return unit, low, high, note


def _unit(plain: str) -> str | None:
    if ("底薪" in plain or "保底" in plain) and ("提成" in plain or "+" in plain or "奖金" in plain):
        return BASE_PLUS
    if match := _PERIOD.search(plain):
        return _PERIODS[match.group(1)]
    return next((unit for word, unit in _LEADING.items() if word in plain and unit != BASE_PLUS), None)


def _amounts(plain: str) -> tuple[int | None, int | None] | None:
    if match := _RANGE.search(plain):
        shared = match["high_factor"]
        # “4-6千”: the sign counts for both; “8000-1万”: only for the second.
        plain_low = Decimal(match["low"]) > max(Decimal(match["high"]), Decimal(99))
        low = _fen(match["low"], match["low_factor"] or (None if plain_low else shared))
        high = _fen(match["high"], shared if shared or not match["low_factor"] else match["low_factor"])
        return (low, high) if low <= high <= _LARGEST_FEN and high else None
    match = _SINGLE.search(plain)
    if match is None:
        return None
    amount = _fen(match["low"], match["low_factor"])
    if not 0 < amount <= _LARGEST_FEN:
        return None
    rest = plain[match.end() :]
    if "以下" in rest or "以内" in rest or "封顶" in rest:
        return None, amount
    if re.search(r"以上|起|\+|提成|不封顶", rest):
        return amount, None
    return amount, amount


def _fen(number: str, factor: str | None) -> int:
    return int((Decimal(number) * _FACTORS.get(factor or "", 1) * 100).to_integral_value())
