"""What the live OpenAPI document says of releases."""

from typing import Any

from app.district.openapi import answers
from app.updates.manifest import PLATFORMS

_TEXT = {"type": "string"}
_BYTES = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
_ETAG = {"ETag": {"schema": _TEXT, "description": "the package's SHA-256 in quotes"}}
_OFFERED = {
    "type": "object",
    "required": ["release"],
    "properties": {"release": {**_TEXT, "description": "the text of the .release file, signed as it stands"}},
}


def _without_answer(*problems: int) -> dict[int | str, dict[str, Any]]:
    found = answers("Reported", *problems)
    del found[200]
    return found


OFFER: dict[int | str, dict[str, Any]] = {
    200: {"description": "a newer release", "content": {"application/json": {"schema": _OFFERED}}},
    204: {"description": "there is none for this device"},
    **_without_answer(400, 401, 429),
}
OFFER_QUERY: dict[str, Any] = {
    "parameters": [
        {"name": "platform", "in": "query", "required": True, "schema": {**_TEXT, "enum": list(PLATFORMS)}},
        {
            "name": "version",
            "in": "query",
            "required": True,
            "schema": {**_TEXT, "pattern": r"^(0|[1-9][0-9]{0,4})(\.(0|[1-9][0-9]{0,4})){2}$"},
            "description": "what runs there",
        },
        {
            "name": "schema",
            "in": "query",
            "schema": {**_TEXT, "pattern": "^[0-9]{4}$"},
            "description": "the step of the device's data: what cannot take it is not offered",
        },
    ]
}
PACKAGE_FACTS: dict[int | str, dict[str, Any]] = {
    200: {"description": "how long it is: Content-Length", "headers": _ETAG, "content": _BYTES},
    **_without_answer(401, 404, 429),
}
PACKAGE: dict[int | str, dict[str, Any]] = {
    200: {"description": "the whole", "headers": _ETAG, "content": _BYTES},
    206: {"description": "what Range asked for", "headers": _ETAG, "content": _BYTES},
    **_without_answer(401, 404, 416, 429),
}
PACKAGE_HEADERS: dict[str, Any] = {
    "parameters": [
        {"name": "Range", "in": "header", "schema": _TEXT, "example": "bytes=65536-"},
        {"name": "If-Range", "in": "header", "schema": _TEXT, "description": "an ETag: else the whole is sent"},
    ]
}
