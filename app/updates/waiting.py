"""A small window with one sentence while a start takes longer than a second: another process, so this needs no Qt."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Sequence
from contextlib import suppress
from types import TracebackType

from app.updates.programs import BY_THE_START

AFTER_SECONDS = 1.0


class Waiting:
    """Shows it by a command that ends when its input is closed: also when this process dies."""

    def __init__(self, command: Sequence[str], *, after: float = AFTER_SECONDS) -> None:
        self._command = list(command)
        self._child: subprocess.Popen[bytes] | None = None
        self._ended = False
        self._lock = threading.Lock()
        self._timer = threading.Timer(after, self._show)
        self._timer.daemon = True

    def __enter__(self) -> Waiting:
        if self._command:
            self._timer.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        with self._lock:
            self._ended = True
            if self._child is not None and self._child.stdin is not None:
                self._child.stdin.close()
                with suppress(subprocess.TimeoutExpired):
                    self._child.wait(5.0)

    def _show(self) -> None:
        with self._lock, suppress(OSError):  # no display, no window: the start goes on
            if not self._ended:
                self._child = subprocess.Popen(
                    self._command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    env={**os.environ, BY_THE_START: "waiting"},
                )
