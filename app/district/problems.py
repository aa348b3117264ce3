"""Errors as ``application/problem+json`` with a stable code, and answers compressed as the caller likes."""

import gzip
from typing import Any

import zstandard
from fastapi import Request, Response

from app.sync.protocol import dumps

COMPRESS_FROM = 1024


class ProblemError(Exception):
    """A request that gets a 4xx or 5xx answer. ``extra`` adds members such as ``expect``."""

    def __init__(self, status: int, code: str, detail: str, **extra: Any) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.extra = extra
        self.headers: dict[str, str] = {}


def problem_response(problem: ProblemError) -> Response:
    """Return the answer for a problem (RFC 9457)."""
    body = {
        "type": f"urn:doorstep:problem:{problem.code}",
        "title": problem.code.replace("_", " "),
        "status": problem.status,
        "code": problem.code,
        "detail": problem.detail,
        **problem.extra,
    }
    text = dumps(body).encode("utf-8", "backslashreplace")
    headers = dict(problem.headers)
    if problem.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return Response(text, problem.status, headers, "application/problem+json")


def respond(request: Request, body: str, kind: str = "application/json") -> Response:
    """Return JSON text, compressed when it is long and the caller takes it."""
    content = body.encode()
    headers = {"Vary": "Accept-Encoding", "Cache-Control": "no-store"}
    if len(content) >= COMPRESS_FROM:
        wanted = accepted(request.headers.get("accept-encoding", ""))
        if "zstd" in wanted:
            content = zstandard.ZstdCompressor(level=1).compress(content)
            headers["Content-Encoding"] = "zstd"
        elif "gzip" in wanted:
            content = gzip.compress(content, compresslevel=1)
            headers["Content-Encoding"] = "gzip"
    return Response(content, 200, headers, kind)


def accepted(header: str) -> set[str]:
    """Return the encodings that the caller takes, leaving out those with weight zero."""
    found = set()
    for part in header.lower().split(","):
        name, _sep, weight = part.partition(";")
        if weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000"):
            found.add(name.strip())
    return found
