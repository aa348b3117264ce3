"""What fingers type, and what is meant by it: digits, dates, money, codes, pinyin initials. No Qt."""

import re
import unicodedata
from datetime import date
from functools import cache


def half_width(text: str) -> str:
    """Turn full-width letters, digits and signs into half-width ones."""
    return unicodedata.normalize("NFKC", text).replace("。", ".").replace("、", "/")


def digits_of(text: str) -> str:
    """Keep the digits, full-width ones turned."""
    return "".join(char for char in half_width(text) if char.isascii() and char.isdigit())


def id_of(text: str) -> str:
    """Return an ID number as typed on a number pad: ``*`` and ``.`` are X, spaces go."""
    raw = half_width(text).upper().replace("*", "X").replace(".", "X").replace("×", "X")
    return "".join(char for char in raw if char.isascii() and char.isalnum())


def group_id(number: str) -> str:
    """Set a resident's ID number in groups (6 8 4), as it is read aloud; other numbers stay whole."""
    if not (number[:15].isdigit() and len(number) <= 18):
        return number
    return " ".join(part for part in (number[:6], number[6:14], number[14:]) if part)


def group_masked(masked: str) -> str:
    """Set a masked ID number in groups: what is shown before, what is hidden, what is shown after."""
    return f"{masked[:6]} {masked[6:-4]} {masked[-4:]}" if len(masked) > 10 else masked


def parse_day(text: str, today: date, *, prefer: str = "") -> date | None:
    """Read a day: 19790425, 1979-4-25, 1979年4月25日, 1125 or 11-25 (this year; ``prefer`` past or future moves it).

    Returns None for an empty text.

    Raises:
        ValueError: there is no such day, or it is not a day at all.
    """
    raw = half_width(text).strip()
    if not raw:
        return None
    parts = [part for part in re.split(r"[^0-9]+", raw) if part]
    if len(parts) == 1 and len(parts[0]) == 8:
        parts = [parts[0][:4], parts[0][4:6], parts[0][6:]]
    elif len(parts) == 1 and len(parts[0]) in (3, 4):
        parts = [parts[0][:-2], parts[0][-2:]]
    numbers = [int(part) for part in parts]
    if len(numbers) == 3 and len(parts[0]) == 4:
        return date(*numbers)
    if len(numbers) != 2:
        raise ValueError(raw)
    day = date(today.year, *numbers)
    if prefer == "past" and day > today:
        return date(today.year - 1, *numbers)
    if prefer == "future" and day < today:
        return date(today.year + 1, *numbers)
    return day


def parse_fen(text: str) -> int | None:
    """Read yuan, return fen; None for an empty text.

    Raises:
        ValueError: not an amount with at most two decimals.
    """
    raw = half_width(text).strip().replace(",", "").replace(" ", "").removesuffix("元")
    if not raw:
        return None
    if not re.fullmatch(r"\d+(\.\d{1,2})?", raw):
        raise ValueError(text)
    yuan, _dot, cents = raw.partition(".")
    return int(yuan) * 100 + int((cents + "00")[:2])


def show_fen(fen: int) -> str:
    """Return yuan, without decimals where there are none."""
    return f"{fen // 100}" if fen % 100 == 0 else f"{fen // 100}.{fen % 100:02d}"


def phone_problem(number: str) -> tuple[int, int] | None:
    """Return (digits now, digits due) of a mobile number of the wrong length, else None."""
    if number.startswith("1") and len(number) != 11:
        return len(number), 11
    return None


@cache
def _letters(char: str) -> frozenset[str]:
    """Return every first letter that the character may be read with."""
    if char.isascii():
        return frozenset(char.lower())
    from pypinyin import Style, pinyin

    readings = pinyin(char, style=Style.FIRST_LETTER, heteronym=True, errors="ignore")
    return frozenset(letter for letter in readings[0] if letter) if readings else frozenset(char)


def starts_with_initials(text: str, typed: str) -> bool:
    """Say whether the text begins so: by its characters, or by the pinyin initials of them."""
    if len(typed) > len(text):
        return False
    return all(
        typed_char in _letters(char) or typed_char == char for char, typed_char in zip(text, typed, strict=False)
    )


def matches(text: str, typed: str) -> bool:
    """Say whether the words hold what was typed, as characters or as pinyin initials anywhere."""
    wanted = half_width(typed).strip().lower()
    if not wanted or wanted in text.lower():
        return True
    return any(starts_with_initials(text[start:], wanted) for start in range(len(text)))
