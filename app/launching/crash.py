"""Reports of what nobody caught: where in the code, on what machine, after what; nothing about a person.

``logs/crash-<time>.txt`` holds types and code positions, never the text of an exception nor a local value, and the end
of the masked log. A crash of native code is written by ``faulthandler`` while the process dies, and becomes a report at
the next start.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import IO

from app import __version__

KEPT = 20
LOG_LINES = 50
_FATAL = "fatal.trace"
_PATTERN = "crash-*.txt"
_MOST_BYTES = 256 * 1024
log = logging.getLogger("app.crash")

_watching: CrashReports | None = None


class CrashReports:
    """The reports of one data folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.told: Callable[[BaseException, Path | None], object] = _nobody
        self._seen: set[tuple[str, ...]] = set()
        self._fatal: IO[bytes] | None = None

    def watch(self) -> Path | None:
        """Report from now on; return the report of a native crash of the last run, if it ended in one."""
        global _watching
        before = self._take_fatal()
        import faulthandler

        try:
            self._fatal = (self.folder / _FATAL).open("wb")
            faulthandler.enable(self._fatal, all_threads=True)
        except OSError:
            log.warning("no file for native crashes")
        threading.excepthook = self._on_thread
        _watching = self
        return before

    def end(self) -> None:
        """Report no more: the run ended as it should."""
        global _watching
        import faulthandler

        if self._fatal is not None:
            faulthandler.disable()
            self._fatal.close()
            self._fatal = None
            (self.folder / _FATAL).unlink(missing_ok=True)
        threading.excepthook = threading.__excepthook__
        _watching = None

    def write(self, error: BaseException) -> Path | None:
        """Write a report; the same mistake in the same place is reported once a run. None: not written."""
        from app import clock, logs  # as everything that only a report needs

        where = (
            type(error).__qualname__,
            *(f"{f.filename}:{f.lineno}" for f in traceback.extract_tb(error.__traceback__)),
        )
        if where in self._seen:
            return None
        self._seen.add(where)
        stack = logs.MaskingFormatter().formatException((type(error), error, error.__traceback__))
        return self._write(
            f"{threading.current_thread().name}\n\n{stack}", clock.to_local(clock.now()).strftime("%Y%m%d-%H%M%S")
        )

    def _on_thread(self, what: threading.ExceptHookArgs) -> None:
        """Report what ended a thread."""
        error = what.exc_value
        if error is None or isinstance(error, SystemExit):
            return
        log.critical("uncaught in a thread", exc_info=(type(error), error, error.__traceback__))
        self.told(error, self.write(error))

    def _take_fatal(self) -> Path | None:
        """Make a report of what the last run left when it died."""
        file = self.folder / _FATAL
        if not file.exists():
            return None
        from app import clock

        try:
            with file.open("rb") as opened:
                content = opened.read(_MOST_BYTES).decode("utf-8", "replace")
            if not content.strip():
                return None
            moment = clock.to_local(clock.moment(file.stat().st_mtime)).strftime("%Y%m%d-%H%M%S")
        except OSError:
            return None
        return self._write(f"native\n\n{content}", moment)

    def _write(self, what: str, moment: str) -> Path | None:
        import platform

        from app.models.masking import mask_text

        facts = [
            f"Doorstep {__version__} ({'installed' if getattr(sys, 'frozen', False) else 'source'})",
            moment,
            f"{platform.platform()} {platform.machine()}, Python {platform.python_version()}, Qt {_qt()}",
        ]
        text = "\n".join([*facts, "", what, "", f"-- last {LOG_LINES} lines of the log", *self._log_end(), ""])
        try:
            path = self._free(moment)
            path.write_text(mask_text(_without_home(text)), encoding="utf-8")
            self._prune()
        except OSError:
            log.warning("a crash report could not be written")
            return None
        return path

    def _free(self, moment: str) -> Path:
        """Return a name that no report has yet."""
        path, number = self.folder / f"crash-{moment}.txt", 1
        while path.exists():
            number += 1
            path = self.folder / f"crash-{moment}-{number}.txt"
        return path

    def _prune(self) -> None:
        for old in sorted(self.folder.glob(_PATTERN), key=lambda file: file.stat().st_mtime_ns)[:-KEPT]:
            old.unlink(missing_ok=True)

    def _log_end(self) -> list[str]:
        from app import logs

        try:
            with (self.folder / logs.FILE_NAME).open("rb") as file:
                file.seek(0, os.SEEK_END)
                file.seek(max(0, file.tell() - _MOST_BYTES))
                return file.read().decode("utf-8", "replace").splitlines()[-LOG_LINES:]
        except OSError:
            return []


def report(error: BaseException) -> str:
    """Write a report where this run keeps them; return its file, "" if there is none."""
    path = _watching.write(error) if _watching is not None else None
    return str(path) if path is not None else ""


def _nobody(_error: BaseException, _path: Path | None) -> None:
    return None


def _qt() -> str:
    """Return the binding's version, if it is loaded: a report must not load it."""
    return str(getattr(sys.modules.get("PySide6"), "__version__", "-"))


def _without_home(text: str) -> str:
    """Return the text without the name of who uses this PC, which stands in every path of the home folder."""
    home = os.path.expanduser("~")
    return text.replace(home, "~") if len(home) > 1 and home not in ("/", "~") else text
