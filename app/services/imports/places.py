"""Where a posting is: region names such as ``深圳-罗湖区`` to division codes (GB/T 2260)."""

import re
from functools import lru_cache

from app.models.divisions import CITY, COUNTY, PROVINCE, STREET, find_divisions

_PREFIX = re.compile(r"^\s*(?:上班|工作|公司|单位)?(?:地址|地点)\s*[:：]\s*")
_PARTED = re.compile(r"^([一-鿿]{2,8})(?:[-—－·\s/]+([一-鿿]{2,10}))?$")


def clean_address(text: str) -> str:
    """Return an address without its label (``上班地址 : …``)."""
    return _PREFIX.sub("", text).strip()


def is_region(text: str) -> bool:
    """Tell whether a cell is only the name of a region, not an address."""
    match = _PARTED.match(text.strip())
    return bool(match and _city(match[1]))


@lru_cache(maxsize=4096)
def find_region(text: str) -> str | None:
    """Return the division code of a region's name: of the district where it is known, else of the city.

    A name that fits several divisions is not decided.
    """
    match = _PARTED.match(text.strip())
    if match is None:
        return _only(text.strip(), (COUNTY, STREET, CITY, PROVINCE))
    first, second = match[1], match[2] or ""
    city = _city(first)
    if not second:
        return city or _only(first, (COUNTY, STREET))
    found = [
        item.code
        for item in find_divisions(f"{first.removesuffix('市')} {second}")
        if item.level in (COUNTY, STREET)
        and not item.abolished
        and item.name.removesuffix("区") == second.removesuffix("区")
    ]
    return found[0] if len(found) == 1 else city


@lru_cache(maxsize=1024)
def _city(name: str) -> str | None:
    """Return the code of a city (or a municipality) by its name, with or without 市."""
    return _only(name if name.endswith("市") else name + "市", (PROVINCE, CITY))


def _only(name: str, levels: tuple[str, ...]) -> str | None:
    """Return the code of the one division whose name or whole label this is."""
    if len(name) < 2:
        return None
    codes = [
        item.code
        for item in find_divisions(name, limit=50)
        if item.level in levels and not item.abolished and name in (item.name, item.label)
    ]
    return codes[0] if len(codes) == 1 else None
