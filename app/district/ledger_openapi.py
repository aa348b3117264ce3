"""What the live OpenAPI document says of the ledgers' calls."""

from typing import Any

from app.district.openapi import _PROBLEM, _TEXT, _WHOLE, _WHY, _body  # the words of the whole document

_DAY = {"type": "string", "format": "date", "example": "2026-11-01"}
_ID = {"type": ["string", "null"], "minLength": 1, "maxLength": 36, "pattern": "^[0-9A-Za-z][0-9A-Za-z._-]*$"}


def _upto(most: int, told: str = "") -> dict[str, Any]:
    return {"type": "string", "maxLength": most, **({"description": told} if told else {})}


QUESTION = _body(
    ["first", "until"],
    {
        "ledger": _upto(40, "code or name, as L06 or referrals; figures need none"),
        "first": {**_DAY, "description": "the first day"},
        "until": {**_DAY, "description": "the day after the last"},
        "stations": {"type": "array", "maxItems": 500, "items": _upto(12), "description": "none: all that may be seen"},
        "community": _upto(12, "a division code or its beginning"),
        "grid": _upto(16),
        "officer": _upto(36, "a staff id"),
        "group": _upto(16, "a code of KG"),
        "actor": {**_ID, "description": "who asks"},
        "why": _upto(100, "the reason for whole names and numbers; without one they are masked"),
        "after": {**_WHOLE, "description": "how many rows of the state `stamp` are here already"},
        "stamp": _upto(32),
        "blocks": _upto(8, "letters of the blocks of figures wanted, as AB; none: all"),
    },
)
_COLUMN = {"type": "object", "properties": {"key": _TEXT, "title": _TEXT, "kind": _TEXT, "width": _WHOLE}}
_LEDGER = {
    "type": "object",
    "required": ["code", "name", "title", "columns"],
    "properties": {
        **dict.fromkeys(("code", "name", "title", "counted_by", "definition", "record_type"), _TEXT),
        "about_people": {"type": "boolean"},
        "columns": {"type": "array", "items": _COLUMN},
    },
}
_STATION = {"type": "object", "required": ["code", "name"], "properties": {"code": _TEXT, "name": _TEXT}}
_ANSWER = {
    "type": "object",
    "title": "Ledgers",
    "required": ["ledgers", "stations", "may_whole"],
    "properties": {
        "ledgers": {"type": "array", "items": _LEDGER},
        "stations": {"type": "array", "items": _STATION},
        "may_whole": {"type": "boolean"},
    },
}


def _problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    shape = {"application/problem+json": {"schema": _PROBLEM}}
    found: dict[int | str, dict[str, Any]] = {503: {"description": "busy", "content": shape}}
    for status in statuses:
        found[status] = {"description": f"code: {_WHY[status]}", "content": shape}
    return found


LEDGERS = _problems(401, 403, 429)
LEDGERS[200] = {"description": "Ledgers", "content": {"application/json": {"schema": _ANSWER}}}
STREAM = _problems(400, 401, 403, 404, 413, 415, 429)
STREAM[200] = {
    "description": "JSON lines: how far it is, a head, what was asked for, and a last line {end, rows} or {problem}",
    "content": {"application/x-ndjson": {"schema": _TEXT}},
}
