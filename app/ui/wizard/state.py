"""The wizard's decisions, without Qt: which step comes, what a page's values amount to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from app.errors import InvalidInputError
from app.models.divisions import find_divisions, is_county, streets_of
from app.sync.invitation import MAX_TEXT, is_invitation, read_invitation
from app.texts import _
from app.ui.door import Founding, Joining

WAY, STATION, PERSON, DISTRICT, RECOVER, KEY = "way", "station", "person", "district", "recover", "key"
FOUND, JOIN, MOVED = "found", "join", "moved"
STEPS = {FOUND: (WAY, STATION, PERSON, KEY), JOIN: (WAY, DISTRICT, PERSON, KEY), MOVED: (RECOVER,)}
CODE_LENGTH = 12
MAX_INVITATION = MAX_TEXT


def next_step(way: str, step: str) -> str:
    """Return the page after this one."""
    steps = STEPS[way]
    return steps[min(steps.index(step) + 1, len(steps) - 1)]


def step_before(way: str, step: str) -> str:
    """Return the page before this one; the first stays."""
    steps = STEPS[way]
    return steps[max(steps.index(step) - 1, 0)]


def check_station_code(code: object, county: str | None) -> str | None:
    """Say what is wrong with a station's code: twelve digits that begin with its county."""
    text = str(code or "")
    if not text:
        return None
    if len(text) != CODE_LENGTH or not text.isdigit():
        return _("站点编码是 {wanted} 位数字，现在是 {count} 位", wanted=CODE_LENGTH, count=len(text))
    if county and not text.startswith(county):
        return _("站点编码的前 6 位应是区县代码 {county}", county=county)
    return None


def suggested_code(county: str) -> str:
    """Return a code to begin with: the county's, then a running number that the district may change."""
    return f"{county}000001" if county else ""


def check_url(url: object) -> str | None:
    """Say what is wrong with a district's address, or with the scanned invitation in its place."""
    text = str(url or "").strip()
    if is_invitation(text):
        try:
            read_invitation(text)
        except InvalidInputError as problem:
            return problem.text
        return None
    if not text or text.startswith(("http://", "https://")):
        return None
    return _("区里的地址以 https:// 开头，照入网通知上的抄")


def spread(values: Mapping[str, Any]) -> dict[str, str]:
    """Return what address and code are to show when a scanner typed a whole invitation into either of them."""
    url, code = (str(values.get(name) or "") for name in ("url", "code"))
    whole = next((text for text in (url, code) if is_invitation(text)), None)
    if whole is None or check_url(whole) is not None:
        return {} if whole is None else {"url": whole}
    return {"url": whole, "code": read_invitation(whole).code if not code or is_invitation(code) else code}


def asked_of(values: Mapping[str, Any]) -> tuple[str, str]:
    """Return address and code to join with; of an invitation the address is the whole text, with the code as shown."""
    url, code = str(values.get("url") or "").strip(), str(values.get("code") or "").replace(" ", "")
    if is_invitation(url):
        return replace(read_invitation(url), code=code).text, code
    return url.rstrip("/"), code


def founding_of(values: Mapping[str, Any]) -> Founding:
    """Return what the pages gathered, for founding."""
    return Founding(
        station_name=str(values.get("station_name") or ""),
        station_code=str(values.get("station_code") or ""),
        county_code=str(values.get("county_code") or ""),
        street_name=str(values.get("street_name") or ""),
        supervisor=str(values.get("name") or ""),
        pin=str(values.get("pin") or ""),
        window_name=str(values.get("window_name") or ""),
    )


def joining_of(values: Mapping[str, Any]) -> Joining:
    """Return what the pages gathered, for joining."""
    url, code = asked_of(values)
    return Joining(
        url=url,
        code=code,
        staff_name=str(values.get("name") or ""),
        pin=str(values.get("pin") or ""),
        device_name=str(values.get("window_name") or ""),
    )


def county_choices(typed: str) -> list[tuple[str, str]]:
    """Return counties for what was typed: code, name, pinyin or its initials."""
    found = find_divisions(typed, limit=60) if typed.strip() else ()
    return [(each.code, each.label) for each in found if is_county(each.code) and not each.abolished][:12]


def street_names(county: str) -> tuple[str, ...]:
    """Return the names of the county's streets, as far as they are shipped."""
    return tuple(each.name for each in streets_of(county)) if county else ()
