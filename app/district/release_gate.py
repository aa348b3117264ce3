"""How packages go out without slowing the sync: few at a time, paced all together, read by threads of their own."""

import asyncio
import logging
import random
from typing import BinaryIO

import anyio
from starlette.responses import StreamingResponse

from app import clock
from app.district.limits import Message, Receive, Send
from app.district.metrics import Metrics
from app.district.problems import ProblemError, problem_response
from app.district.release_store import Kept
from app.texts import _

log = logging.getLogger(__name__)

AT_ONCE = 20
"""More than so many wait outside: they are told when to come back."""
MBIT = 50
"""All downloads of this process together, in megabits a second, unless the operator says otherwise."""
CHUNK = 128 * 1024
STALLED_SECONDS = 60.0
"""Who takes no chunk for so long is gone."""
SOONEST, LATEST = 5, 20
THREADS = 2


class Gate:
    """Lets some downloads through; ``mbit`` bounds all of them together."""

    def __init__(self, *, at_once: int = AT_ONCE, mbit: float = MBIT) -> None:
        self.at_once, self.mbit = at_once, mbit
        self.running = 0
        self._free_at = 0.0
        self._limiter: anyio.CapacityLimiter | None = None

    @property
    def threads(self) -> anyio.CapacityLimiter:
        """The few threads that read packages, so that the requests of the sync find theirs."""
        if self._limiter is None:
            self._limiter = anyio.CapacityLimiter(THREADS)
        return self._limiter

    def delay(self, size: int) -> float:
        """Return the seconds to wait before so many bytes go out."""
        now = clock.monotonic()
        start = max(now, self._free_at)
        self._free_at = start + size * 8 / (self.mbit * 1e6)
        return start - now


class PackageResponse(StreamingResponse):
    """A package, or the bytes of it from ``first`` to ``last``."""

    def __init__(
        self, kept: Kept, first: int, last: int, *, gate: Gate, metrics: Metrics, status: int, headers: dict[str, str]
    ) -> None:
        super().__init__((), status, headers, "application/octet-stream")
        self._kept, self._first, self._last = kept, first, last
        self._gate, self._metrics = gate, metrics
        self._file: BinaryIO | None = None

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Send it, or tell its sender when to come back."""
        if self._gate.running >= self._gate.at_once:
            problem = ProblemError(503, "busy", _("正在取新版的电脑太多，请稍后接着取"))
            problem.headers["Retry-After"] = str(random.randint(SOONEST, LATEST))
            await problem_response(problem)(scope, receive, send)
            return

        async def watched(message: Message) -> None:
            await asyncio.wait_for(send(message), STALLED_SECONDS)

        self._gate.running += 1
        try:
            await anyio.to_thread.run_sync(self._open, limiter=self._gate.threads)
            await super().__call__(scope, receive, watched)
        except FileNotFoundError:  # it was withdrawn at this very moment
            problem = ProblemError(404, "not_found", _("区里没有给这台电脑的这个新版"))
            await problem_response(problem)(scope, receive, send)
        except TimeoutError:
            log.info("a download was given up: nothing was taken for %.0f s", STALLED_SECONDS)
        finally:
            self._gate.running -= 1
            if self._file is not None:
                self._file.close()

    async def stream_response(self, send: Send) -> None:
        """Send the bytes; the file stays open, also if the release is withdrawn meanwhile."""
        labels, threads = (self._kept.platform, self._kept.version), self._gate.threads
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        left = self._last - self._first + 1
        while left and (content := await anyio.to_thread.run_sync(self._read, min(CHUNK, left), limiter=threads)):
            await asyncio.sleep(self._gate.delay(len(content)))
            await send({"type": "http.response.body", "body": content, "more_body": True})
            left -= len(content)
            self._metrics.note_package(*labels, len(content), whole=not left and self._last == self._kept.size - 1)
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    def _open(self) -> None:
        self._file = self._kept.package.open("rb")
        self._file.seek(self._first)

    def _read(self, size: int) -> bytes:
        assert self._file is not None
        return self._file.read(size)
