"""Names of persons: normalise, check, read aloud, find again, compare by ear."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from itertools import accumulate, product

from app.models.pinyin import COMPOUND_SURNAMES, readings, surname_readings
from app.texts import _

_DOTS = dict.fromkeys(map(ord, "•‧∙⋅・･．｡。‐●"), "·")
_HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_IS_HAN = re.compile(f"[{_HAN}]")
_PLAIN = re.compile("[\u4e00-\u9fff]+")
"""Names of the common characters alone, as nearly all are: nothing of them needs to be normalised."""
_ID_CARD = re.compile(r"\d{17}[\dx]")
_NOT_NUMBER = re.compile("[^0-9a-z]")
_LETTER = re.compile("[A-Za-zÀ-ɏ]")
_SPACE = re.compile(r"[\s\u3000\u200b-\u200d\ufeff]+")
_RUNS = re.compile(f"[{_HAN}]+|[0-9]+[xX]?(?![A-Za-z])|[0-9]+|[A-Za-zÀ-ɏü]+")
_MIN, _MAX = 2, 50
_MAX_SPELLINGS = 8
_TAILS = (4, 5, 6)
_WHOLE_ID_FROM, _WHOLE_PHONE_FROM, _BIRTH = 10, 7, 8
_BEGINNINGS = 5
"""So many letters from the start of a word are tokens of their own: what is typed of a name is then a whole token."""

# Numbers are indexed behind a letter, so that they never meet pinyin, which has no digits:
# "i" any tail of an ID number or phone, "w" a whole ID number, "u" a whole phone number, "b" a birth date.


def normalise_name(text: str) -> str:
    """Return a name as it is stored: NFC, half-width letters, one kind of dot, no spaces but between Latin words."""
    if _PLAIN.fullmatch(text):
        return text
    text = "".join(chr(ord(c) - 0xFEE0) if "！" <= c <= "～" and c != "．" else c for c in text)
    text = _SPACE.sub(" ", unicodedata.normalize("NFC", text)).strip().translate(_DOTS)
    text = re.sub(r"(?<=\S)\.(?=\S)", "·", text) if _IS_HAN.search(text) else text
    text = re.sub(r" ?· ?", "·", text)
    return re.sub(r"(?<![A-Za-zÀ-ɏ]) | (?![A-Za-zÀ-ɏ])", "", text)


def check_name(text: str) -> str:
    """Say what is wrong with a name; nothing when it is right: 2 to 50 Han characters or letters, “·” between."""
    if _MIN <= len(text) <= _MAX and _PLAIN.fullmatch(text):
        return ""
    name = normalise_name(text)
    if not name:
        return _("还没填姓名")
    for char in name:
        if "\ue000" <= char <= "\uf8ff" or ord(char) >= 0xF0000:
            return _("“{char}”是本机造的字，别的电脑认不出，请换成标准字", char=char)
        if not (_IS_HAN.match(char) or _LETTER.match(char) or char in "· "):
            return _("姓名里不能有“{char}”，只能是汉字、字母和“·”", char=char)
    if name[0] == "·" or name[-1] == "·" or "··" in name:
        return _("“·”前后都要有字")
    if len(name) < _MIN:
        return _("姓名至少 2 个字，现在 1 个")
    if len(name) > _MAX:
        return _("姓名最多 50 个字，现在 {n} 个", n=len(name))
    return ""


def surname_of(name: str) -> str:
    """Return the surname, compound ones whole; nothing for a name with “·” or of Latin letters."""
    name = normalise_name(name)
    if not name or "·" in name or not _IS_HAN.match(name):
        return ""
    return name[:2] if len(name) > 2 and name[:2] in COMPOUND_SURNAMES else name[:1]


def full_pinyin(name: str) -> tuple[str, ...]:
    """Return every plausible spelling of a name, at most 8, the likeliest first: 单雄信 → shanxiongxin, danxiongxin."""
    return _unique("".join(spelling) for spelling in _spellings(name))


def initials(name: str) -> tuple[str, ...]:
    """Return the first letters of the syllables of every plausible spelling: 沈以安 → sya."""
    return _unique("".join(syllable[0] for syllable in spelling) for spelling in _spellings(name))


def search_tokens(name: str, *, id_no: str | None = None, mobile: str | None = None, extra: Iterable[str] = ()) -> str:
    """Return the tokens under which a resident is found by ``match_query``, separated by spaces.

    Suffixes of the name (so that what one of them begins with finds any part of it), every reading in pinyin from any
    syllable on, initials, the beginnings of all of these; the tails of ID number and phone, and both whole. A number
    has no beginnings: nobody asks for a few of its first digits.
    """
    tokens: list[str] = []
    number, phone = _compact(id_no), _compact(mobile)
    if not extra and len(phone) >= _TAILS[-1] and number[-4:] != phone[-4:] and _ID_CARD.fullmatch(number):
        known, words = _name_tokens(name), _numbers_tokens(number, phone)  # nearly everybody
        return f"{known} {words}" if known else words
    if number:
        tokens += _tails(number)
        tokens.append(f"w{number}")
        if _ID_CARD.fullmatch(number):
            tokens.append(f"b{number[6:14]}")
    if phone:
        tokens += _tails(phone)
        tokens.append(f"u{phone}")
    for word in extra:
        tokens += _with_beginnings(run.lower() for run in _RUNS.findall(normalise_name(word)))
    return " ".join(filter(None, (_name_tokens(name), *dict.fromkeys(tokens))))


def match_query(text: str) -> str | None:
    """Return the FTS5 expression for what a clerk typed: Han, pinyin, initials, digits or a mix; None for nothing.

    Every part must match. Fewer than 4 digits are no tail of anything, so they ask nothing.
    """
    text = normalise_name(unicodedata.normalize("NFKC", text.replace("'", "")))
    parts = []
    for word in text.split():
        for run in _RUNS.findall(re.sub(r"(?<=\d)-(?=\d)", "", word)):
            parts.append(_query_part(run))
    return " AND ".join(_unique(parts)) or None


def sounds_like(a: str, b: str) -> bool:
    """Say whether two names are the same to the ear or nearly to the eye: the warning of a probable duplicate.

    The same readings with n/l, an/ang, en/eng, in/ing, z/zh, c/ch, s/sh alike; or one character different.
    """
    left, right = _bare(a), _bare(b)
    if not left or not right:
        return False
    if left == right:
        return True
    if len(left) == len(right) and all(map(_IS_HAN.match, left + right)):
        pairs = zip(_readings_of(left), _readings_of(right), strict=True)
        if all({_blur(x) for x in xs} & {_blur(y) for y in ys} for xs, ys in pairs):
            return True
    return _one_apart(left, right)


# Spelling ------------------------------------------------------------------------------------------------------------


def _readings_of(name: str) -> tuple[tuple[str, ...], ...]:
    """Return the readings of each Han character; a character without any stands for itself."""
    surname = surname_of(name)
    rows = surname_readings(surname) + tuple(readings(char) for char in name[len(surname) :])
    return tuple(row or (char,) for row, char in zip(rows, name, strict=True))


def _spellings(name: str) -> tuple[tuple[str, ...], ...]:
    """Return the likeliest spellings as syllables: few unusual readings first."""
    han = name if _PLAIN.fullmatch(name) else "".join(_IS_HAN.findall(normalise_name(name)))
    rows = [row for row in _readings_of(han) if row[0].isascii()] if han else []
    if not rows:
        return ()
    keep = 3 if len(rows) <= 4 else 2 if len(rows) <= 8 else 1
    best = _likeliest(tuple(min(len(row), keep + (place == 0)) for place, row in enumerate(rows)))
    return tuple(tuple(row[rank] for row, rank in zip(rows, ranks, strict=True)) for ranks in best)


@lru_cache(maxsize=1024)
def _likeliest(counts: tuple[int, ...]) -> tuple[tuple[int, ...], ...]:
    """Return which readings to take of characters that have so many each: the best choices, the likeliest first."""
    return tuple(sorted(product(*map(range, counts)), key=sum)[:_MAX_SPELLINGS])


@lru_cache(maxsize=8192)
def _name_tokens(name: str) -> str:
    """Return the tokens of a name, separated by spaces; names repeat, in files and whenever a file is changed."""
    name = normalise_name(name)
    plain = _PLAIN.fullmatch(name) is not None
    bare = name if plain else _bare(name)
    tokens: list[str] = []
    if plain or _IS_HAN.search(bare):
        tokens += [bare[i:] for i in range(len(bare))]
    if not plain:
        latin = re.findall("[A-Za-zÀ-ɏ]+", name.lower())
        tokens += latin
        if len(latin) > 1:
            tokens.append("".join(latin))
    surname_length = len(surname_of(name))
    for spelling in _spellings(name):
        tails = list(accumulate(reversed(spelling), _before))
        tokens += reversed(tails)
        letters = "".join([syllable[0] for syllable in spelling])
        tokens += [letters[i:] for i in range(len(letters) - 1)]
        if surname_length:
            tokens.append("".join(spelling[:surname_length]) + letters[surname_length:])
    return " ".join(_with_beginnings(tokens))


def _with_beginnings(words: Iterable[str]) -> tuple[str, ...]:
    """Return words and what each begins with, up to five letters, each once."""
    beginnings = [part for word in words for part in (word[:1], word[:2], word[:3], word[:4], word[:_BEGINNINGS], word)]
    return tuple(filter(None, dict.fromkeys(beginnings)))


def _before(tail: str, syllable: str) -> str:
    return syllable + tail


def _query_part(run: str) -> str:
    run = run.lower()
    if run[0].isdecimal() and run.isascii():
        return _number_part(run)
    if not run.isascii() and _IS_HAN.match(run):
        return _beginning(run)
    plain = run.replace("ü", "v")
    forms = _unique((plain, re.sub("([ln])yu", r"\1v", plain), re.sub("([ln])ue", r"\1ve", plain)))
    return _beginning(forms[0]) if len(forms) == 1 else "(" + " OR ".join(map(_beginning, forms)) + ")"


def _beginning(word: str) -> str:
    """Ask for what begins with a word: a token of its own where it is short (``_with_beginnings``)."""
    return f'"{word}"' if len(word) <= _BEGINNINGS else f'"{word}"*'


def _number_part(digits: str) -> str:
    forms = []
    if len(digits) in _TAILS:
        forms.append(f'"i{digits}"')
    if len(digits) == _BIRTH:
        forms.append(f'"b{digits}"')
    if len(digits) >= _WHOLE_PHONE_FROM and digits[0] == "1" and len(digits) <= 11:
        forms.append(f'"u{digits}"*')
    if len(digits) >= _WHOLE_ID_FROM:
        forms.append(f'"w{digits}"*')
    if not forms:
        return f'"i{digits}"' if len(digits) > max(_TAILS) else ""
    return forms[0] if len(forms) == 1 else "(" + " OR ".join(forms) + ")"


# Comparing -----------------------------------------------------------------------------------------------------------


def _blur(syllable: str) -> str:
    """Return the syllable as many in the south say it."""
    for exact, loose in (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l")):
        if syllable.startswith(exact):
            syllable = loose + syllable[len(exact) :]
            break
    return syllable[:-1] if syllable.endswith(("ang", "eng", "ing")) else syllable


def _one_apart(left: str, right: str) -> bool:
    """Say whether one character was changed, left out or added; for short names never the surname."""
    if len(left) > len(right):
        left, right = right, left
    if len(right) - len(left) > 1 or len(right) < 2:
        return False
    at = next((i for i, char in enumerate(left) if char != right[i]), len(left))
    if len(left) == len(right):
        return left[at + 1 :] == right[at + 1 :] and (at > 0 or len(left) > 2)
    return left[at:] == right[at + 1 :] and at > 0 and len(right) > 2


def _bare(name: str) -> str:
    return re.sub("[· ]", "", normalise_name(name)).lower()


def _compact(number: str | None) -> str:
    if not number or (number.isdecimal() and number.isascii()):
        return number or ""
    return _NOT_NUMBER.sub("", number.lower())


def _numbers_tokens(number: str, phone: str) -> str:
    """Return the tokens of an ID card and a phone that do not end alike."""
    return (
        f"i{number[-4:]} i{number[-5:]} i{number[-6:]} w{number} b{number[6:14]}"
        f" i{phone[-4:]} i{phone[-5:]} i{phone[-6:]} u{phone}"
    )


def _tails(number: str) -> tuple[str, ...]:
    """Return the tails of a number as tokens; a short one has fewer."""
    if len(number) >= _TAILS[-1]:
        return f"i{number[-4:]}", f"i{number[-5:]}", f"i{number[-6:]}"
    return tuple(f"i{number[-n:]}" for n in _TAILS if len(number) >= n)


def _unique(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, values)))
