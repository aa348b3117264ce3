"""Keeps the server answering: how fast one device may ask, how often an address may come with bad tokens, how many
pushes may wait at once. What is too much is told when to come back; nothing is lost by it.

All of it runs on the server's event loop, before a thread or a database connection is taken. Each process counts for
itself.
"""

import math
import random
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

from app import clock
from app.district.accounts import hashed
from app.district.problems import ProblemError, problem_response
from app.sync.protocol import MAX_BODY
from app.texts import _

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

MOST_ADDRESSES = 10_000
SOONEST, LATEST = 2, 8
"""Seconds between which those who found too many pushes waiting are told to come back: not all at once."""


@dataclass(frozen=True)
class Limits:
    """How much is too much. A busy counter asks a few times a second; joining one, some hundred times in a row.

    ``burst`` and ``rate``: requests of one device at once, and a second over time. ``bad_burst`` and ``bad_rate``:
    calls of one address with bad tokens. ``pushes``: how many may be under way at once.
    """

    burst: int = 3000
    rate: float = 50.0
    bad_burst: int = 300
    bad_rate: float = 2.0
    pushes: int = 100


class Bucket:
    """Holds up to ``burst`` tokens and gets ``rate`` of them a second."""

    __slots__ = ("_at", "_burst", "_rate", "tokens")

    def __init__(self, burst: float, rate: float) -> None:
        self._burst = burst
        self._rate = rate
        self._at = clock.monotonic()
        self.tokens = float(burst)

    def wait(self) -> float:
        """Return how many seconds it takes until there is a token; 0 when there is one."""
        now = clock.monotonic()
        self.tokens = min(self._burst, self.tokens + (now - self._at) * self._rate)
        self._at = now
        return 0.0 if self.tokens >= 1.0 else (1.0 - self.tokens) / self._rate

    def take(self) -> float:
        """Take a token if there is one; return what ``wait`` does."""
        seconds = self.wait()
        if seconds == 0.0:
            self.tokens -= 1.0
        return seconds


class Guard:
    """Lets requests of the protocol pass, or answers in the server's place."""

    def __init__(self, app: App, limits: Limits) -> None:
        self._app = app
        self._limits = limits
        self._devices: dict[str, Bucket] = {}
        self._addresses: dict[str, Bucket] = {}
        self._pushes = 0

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Pass a request on, or tell its sender when to come back."""
        path = str(scope.get("path", ""))
        if scope["type"] != "http" or not path.startswith("/v1/") or path == "/v1/enrol":
            await self._app(scope, receive, send)
            return
        key, address = _token_of(scope), _address_of(scope)
        push = path in ("/v1/push", "/v1/relay") and scope["method"] == "POST"
        problem = self._too_much(key, address, push)
        if problem is not None:
            await _drain(receive)
            await problem_response(problem)(scope, receive, send)
            return

        async def watch(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._note(key, address, int(message["status"]))
            await send(message)

        self._pushes += push
        try:
            await self._app(scope, receive, watch)
        finally:
            self._pushes -= push

    def _too_much(self, key: str | None, address: str, push: bool) -> ProblemError | None:
        bucket = self._devices.get(key) if key is not None else None
        if bucket is not None:
            if (seconds := bucket.take()) > 0.0:
                return _told(429, "slow_down", _("问得太快了，请过一会儿再来；什么都没有丢"), seconds)
        elif (known := self._addresses.get(address)) is not None and (seconds := known.wait()) > 0.0:
            return _told(429, "slow_down", _("这个地址用错的令牌问得太多了，请过一会儿再来"), seconds)
        if push and self._pushes >= self._limits.pushes:
            seconds = random.uniform(SOONEST, LATEST)
            return _told(503, "busy", _("区里的服务正忙，请稍后再试；什么都没有丢"), seconds)
        return None

    def _note(self, key: str | None, address: str, status: int) -> None:
        """Remember whether a token was good."""
        if status == 401:
            if key is not None:
                self._devices.pop(key, None)
            if len(self._addresses) >= MOST_ADDRESSES:
                self._addresses.clear()
            limits = self._limits
            self._addresses.setdefault(address, Bucket(limits.bad_burst, limits.bad_rate)).take()
        elif key is not None and status < 400 and key not in self._devices:
            self._devices[key] = Bucket(self._limits.burst, self._limits.rate)


def _told(status: int, code: str, text: str, seconds: float) -> ProblemError:
    problem = ProblemError(status, code, text)
    problem.headers["Retry-After"] = str(max(1, math.ceil(seconds)))
    return problem


def _token_of(scope: Message) -> str | None:
    for name, value in scope.get("headers", ()):
        if name == b"authorization":
            scheme, _space, token = value.decode("latin-1").partition(" ")
            return hashed(token.strip()) if scheme.lower() == "bearer" and token.strip() else None
    return None


def _address_of(scope: Message) -> str:
    client = scope.get("client")
    return str(client[0]) if client else ""


async def _drain(receive: Receive) -> None:
    """Read what is being sent: who is cut off while sending does not see the answer."""
    size = 0
    while size <= MAX_BODY:
        message = await receive()
        size += len(message.get("body", b""))
        if message["type"] != "http.request" or not message.get("more_body", False):
            return
