"""Administrative divisions: province, city and county of the whole country, streets of the districts served.

Codes have 6 digits (county), 9 (street) or 12 (community). Today's district must never be derived from an ID number: it
keeps the code of the day it was given, which may be abolished since.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from app import paths
from app.models.pinyin import readings

_NO_CITY = {"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划", "省直辖县级行政单位"}
PROVINCE, CITY, COUNTY, STREET = "province", "city", "county", "street"


@dataclass(frozen=True)
class Division:
    """One division. ``code`` has 6 digits down to the county and 9 for a street."""

    code: str
    name: str
    level: str
    label: str
    """The whole name: 浙江省杭州市余杭区."""
    abolished: bool = False


@cache
def _tables() -> Mapping[str, Mapping[str, str]]:
    raw = json.loads((paths.resources() / "codes" / "division.json").read_text("utf-8"))
    return {name: raw[name] for name in ("provinces", "cities", "counties", "streets", "abolished")}


@lru_cache(maxsize=4096)
def division(code: str | None) -> Division | None:
    """Return the division of a code, or of its longest part that is known; None when not even the province is."""
    code = (code or "").strip()
    if not (code.isascii() and code.isdecimal()) or len(code) < 2:
        return None
    tables = _tables()
    if code[:9] in tables["streets"]:
        return _build(code[:9], tables["streets"][code[:9]], STREET)
    for name in ("counties", "abolished"):
        if code[:6] in tables[name]:
            return _build(code[:6], tables[name][code[:6]], COUNTY, abolished=name == "abolished")
    if code[:4] in tables["cities"]:
        return _build(f"{code[:4]}00", tables["cities"][code[:4]], CITY)
    if code[:2] in tables["provinces"]:
        return _build(f"{code[:2]}0000", tables["provinces"][code[:2]], PROVINCE)
    return None


def division_label(code: str | None) -> str:
    """Return the whole name of a code's division, 浙江省杭州市余杭区; the code itself when nothing of it is known."""
    found = division(code)
    return found.label if found else (code or "")


def is_county(code: str | None) -> bool:
    """Say whether this is the 6-digit code of a county that exists today."""
    return code in _tables()["counties"]


def find_divisions(text: str, *, near: str | None = None, limit: int = 20) -> tuple[Division, ...]:
    """Return divisions by the beginning of a code, by any part of the name, or by pinyin or its initials.

    Those that share most of the code ``near`` (the station's own) come first, abolished ones last.
    """
    words = text.strip().lower().split()
    if not words:
        return ()
    found = (item for item in _all_divisions() if all(_matches(item, word) for word in words))
    return tuple(sorted(found, key=lambda item: _rank(item, words[-1], near or ""))[:limit])


def streets_of(county: str) -> tuple[Division, ...]:
    """Return the streets of a county that this program ships, by code."""
    streets = _tables()["streets"]
    return tuple(_build(code, name, STREET) for code, name in streets.items() if code.startswith(county))


def _build(code: str, name: str, level: str, *, abolished: bool = False) -> Division:
    tables = _tables()
    province = tables["provinces"].get(code[:2], "")
    city = tables["cities"].get(code[:4], "")
    county = tables["counties"].get(code[:6], "")
    above = {
        PROVINCE: (),
        CITY: (province,),
        COUNTY: (province, city),
        STREET: (province, city, county),
    }[level]
    label = "".join(part for part in above if part not in _NO_CITY and part != name) + (
        name if name not in _NO_CITY else ""
    )
    return Division(code, name, level, label, abolished)


@cache
def _all_divisions() -> tuple[Division, ...]:
    tables = _tables()
    in_use = {code[:4] for code in tables["counties"]}
    return (
        *(_build(f"{code}0000", name, PROVINCE) for code, name in tables["provinces"].items() if code != "83"),
        *(
            _build(f"{code}00", name, CITY, abolished=code not in in_use)
            for code, name in tables["cities"].items()
            if name not in _NO_CITY
        ),
        *(_build(code, name, COUNTY) for code, name in tables["counties"].items()),
        *(_build(code, name, STREET) for code, name in tables["streets"].items()),
        *(_build(code, name, COUNTY, abolished=True) for code, name in tables["abolished"].items()),
    )


def _matches(item: Division, word: str) -> bool:
    if word.isascii():
        if word.isdecimal():
            return item.code.startswith(word) or (len(word) > len(item.code) and word.startswith(item.code))
        return word.isalpha() and _spelt(item.name, word)
    return word in item.label


def _spelt(name: str, typed: str) -> bool:
    """Say whether the typed letters spell the beginning of a name, each syllable whole or by its first letters."""
    if not typed:
        return True
    if not name:
        return False
    for reading in readings(name[0]):
        if reading.startswith(typed):
            return True
        if typed.startswith(reading) and _spelt(name[1:], typed[len(reading) :]):
            return True
        if typed[0] == reading[0] and _spelt(name[1:], typed[1:]):
            return True
    return False


def _rank(item: Division, word: str, near: str) -> tuple[bool, int, bool, str]:
    shared = next((n for n in (6, 4, 2) if near[:n] and item.code[:n] == near[:n]), 0)
    return (item.abolished, -shared, word not in item.name and not word.isascii(), item.code)
