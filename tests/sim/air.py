"""The air between the machines of a simulation: real requests and answers as bytes, carried as badly as it is told.

It stands at the edge: every ``requests`` session that is opened while ``Air.in_charge`` holds sends through it, and the
district answers in this process through its real ASGI application.
"""

import asyncio
import gzip
import io
import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

import anyio.to_thread
import requests
import zstandard
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3 import HTTPResponse

PORTAL = "<html><body>请先登录校园网</body></html>".encode()
BUSY = b'{"type":"urn:x","title":"busy","status":503,"code":"busy","detail":"busy"}'

FAULTS = (
    "good",
    "cut",
    "lost",
    "torn_request",
    "torn_answer",
    "twice",
    "late",
    "again",
    "busy",
    "many",
    "portal",
    "gateway",
    "kill",
)
"""What can become of one request; ``late`` = it arrives after others, ``again`` = an older one arrives before it."""


class Killed(BaseException):
    """The plug was pulled: no handler of errors may catch this."""


@dataclass(frozen=True)
class Sent:
    """One request as it left a machine."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Answer:
    """One answer as it left the server."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Line:
    """One machine's way to the district. ``weather``: what becomes of the next requests, one by one.

    ``schema``: the machine's program is of another version and states this schema of its operations.
    """

    weather: deque[str] = field(default_factory=deque)
    sent: deque[Sent] = field(default_factory=lambda: deque(maxlen=12))
    late: deque[Sent] = field(default_factory=deque)
    schema: int | None = None


class Air:
    """Carries requests by the host's name to whoever answers there."""

    def __init__(self, serve: Callable[[Sent, bool], Answer | None], kill_next: Callable[[], object]) -> None:
        self._serve = serve
        self._kill_next = kill_next
        self.lines: dict[str, Line] = {}

    @contextmanager
    def in_charge(self) -> Iterator[None]:
        """Let every session that is opened meanwhile send through this air."""
        air = self

        class Adapter(BaseAdapter):
            def __init__(self, *_args: Any, **_more: Any) -> None:
                super().__init__()

            def send(self, request: Any, *_args: Any, **_more: Any) -> requests.Response:
                return air.carry(request)

            def close(self) -> None:
                pass

        before = requests.sessions.HTTPAdapter
        requests.sessions.HTTPAdapter = Adapter  # type: ignore[misc]
        try:
            yield
        finally:
            requests.sessions.HTTPAdapter = before  # type: ignore[misc]

    def carry(self, request: requests.PreparedRequest) -> requests.Response:
        """Carry one request, as the weather is."""
        parts = urlsplit(str(request.url))
        line = self.lines[str(parts.hostname)]
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        body = request.body or b""
        sent = Sent(
            str(request.method), target, dict(request.headers), body if isinstance(body, bytes) else body.encode()
        )
        if line.schema is not None and sent.target == "/v1/push":
            sent = _of_version(sent, line.schema)
        fault = line.weather.popleft() if line.weather else "good"
        answer = self._through(fault, line, sent)
        line.sent.append(sent)
        return _as_response(request, answer)

    def _through(self, fault: str, line: Line, sent: Sent) -> Answer:
        if fault in _INSTEAD:
            return _INSTEAD[fault]
        if fault == "cut":
            raise requests.exceptions.ConnectionError("cut")
        if fault == "late":
            line.late.append(sent)
            raise requests.exceptions.ReadTimeout("on its way")
        if fault == "again" and line.sent:
            self._serve(line.sent[len(line.sent) // 2], False)
        if fault == "twice":
            self._serve(sent, False)
        if fault == "kill":
            self._kill_next()
        answer = self._serve(sent, fault == "torn_request")
        if answer is None or fault in ("lost", "torn_request"):
            raise requests.exceptions.ConnectionError("no answer")
        if fault == "torn_answer":
            return Answer(answer.status, answer.headers, answer.body[: len(answer.body) // 2])
        return answer

    def arrive(self, line: Line) -> None:
        """Let the oldest delayed request of a line arrive now; nobody waits for its answer any more."""
        if line.late:
            self._serve(line.late.popleft(), False)


def _of_version(sent: Sent, schema: int) -> Sent:
    """Let the operations of a push state another schema, as a program of another version would."""
    unpack, pack = _PACKING.get(sent.headers.get("Content-Encoding", ""), _PACKING[""])
    return replace(sent, body=pack(re.sub(rb'"schema":\d+', b'"schema":%d' % schema, unpack(sent.body))))


_PACKING: dict[str, tuple[Callable[[bytes], bytes], Callable[[bytes], bytes]]] = {
    "": (bytes, bytes),
    "gzip": (gzip.decompress, lambda body: gzip.compress(body, 1, mtime=0)),
    "zstd": (lambda body: zstandard.ZstdDecompressor().decompressobj().decompress(body), zstandard.compress),
}

_INSTEAD = {
    "busy": Answer(503, {"Content-Type": "application/problem+json", "Retry-After": "5"}, BUSY),
    "many": Answer(429, {"Content-Type": "application/problem+json", "Retry-After": "5"}, BUSY),
    "portal": Answer(200, {"Content-Type": "text/html; charset=utf-8"}, PORTAL),
    "gateway": Answer(502, {"Content-Type": "text/html"}, b"<html>Bad Gateway</html>"),
}


def _as_response(request: requests.PreparedRequest, answer: Answer) -> requests.Response:
    """Return what ``requests`` makes of an answer; one that is shorter than announced breaks off while it is read."""
    raw = HTTPResponse(
        io.BytesIO(answer.body),
        headers=dict(answer.headers),
        status=answer.status,
        preload_content=False,
        enforce_content_length=True,
        request_method=request.method,
    )
    return HTTPAdapter().build_response(request, raw)


class AsgiCaller:
    """Calls an ASGI application in this process and thread, one request at a time."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()

    def close(self) -> None:
        """End the loop."""
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()

    def call(self, api: Any, sent: Sent, *, torn: bool = False) -> Answer | None:
        """Return the application's answer; ``torn``: the sender goes away in the middle of the body."""
        before, anyio.to_thread.run_sync = anyio.to_thread.run_sync, _at_once  # type: ignore[assignment]
        try:
            return self._loop.run_until_complete(_call(api, sent, torn))
        finally:
            anyio.to_thread.run_sync = before


async def _at_once(work: Callable[..., Any], *args: Any, **_limits: Any) -> Any:
    """Do in this thread what a server does in one of its pool: one request at a time, the same way each time."""
    return work(*args)


async def _call(api: Any, sent: Sent, torn: bool) -> Answer | None:
    path, _mark, query = sent.target.partition("?")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": sent.method,
        "path": requests.utils.unquote(path),
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "scheme": "http",
        "headers": [(name.lower().encode(), str(value).encode("latin-1")) for name, value in sent.headers.items()],
        "client": ("127.0.0.1", 40000),
        "server": ("district", 80),
    }
    half = sent.body[: len(sent.body) // 2] if torn else sent.body
    waiting = [{"type": "http.request", "body": half, "more_body": torn}]
    started: list[dict[str, Any]] = []
    body = bytearray()

    async def receive() -> dict[str, Any]:
        return waiting.pop(0) if waiting else {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            started.append(message)
        else:
            body.extend(message.get("body", b""))

    await api(scope, receive, send)
    if not started:
        return None
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in started[0]["headers"]}
    return Answer(started[0]["status"], headers, bytes(body))
