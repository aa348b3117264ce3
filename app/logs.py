"""Logging to ``logs/doorstep.log`` of the data folder: rotating, and without personal data.

Messages are masked. Of an exception only types, codes and places are written, never its text: a driver's error quotes
the row it failed on, and a sentence for the clerk may hold a name.
"""

import logging
import traceback
from pathlib import Path
from types import TracebackType

from app import clock
from app.errors import AppError

FILE_NAME = "doorstep.log"
MAX_BYTES = 1_000_000
KEPT = 5

_Problem = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class MaskingFormatter(logging.Formatter):
    """One line per event: local time, level, logger, masked message; then the bare stack of an exception."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s [%(threadName)s] %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """Return the whole entry, masked."""
        from app.models.masking import mask_text

        return mask_text(super().format(record))

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802 - logging's name
        """Return the station's local time."""
        return clock.to_local(clock.now()).strftime("%Y-%m-%d %H:%M:%S")

    def formatException(self, ei: _Problem) -> str:  # noqa: N802 - logging's name
        """Return the types and places of the exception and its causes, never their text."""
        lines: list[str] = []
        problem: BaseException | None = ei[1]
        while problem is not None:
            lines.append(_name_of(problem))
            frames = traceback.extract_tb(problem.__traceback__)
            lines += [f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
            problem = problem.__cause__ or (None if problem.__suppress_context__ else problem.__context__)
        return "\n".join(lines)


class LateFileHandler(logging.Handler):
    """Opens the rotating file with the first entry: its module brings sockets and pickles, and the window waits."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self._file: logging.Handler | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Write the entry."""
        if self._file is None:
            from logging.handlers import RotatingFileHandler

            self._file = RotatingFileHandler(self._path, maxBytes=MAX_BYTES, backupCount=KEPT, encoding="utf-8")
            self._file.setFormatter(MaskingFormatter())
        self._file.handle(record)

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
        super().close()


def set_up(folder: Path, *, level: int = logging.INFO) -> Path:
    """Send the program's log to the folder; return the file. A second call replaces the first."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = folder / FILE_NAME
    handler = LateFileHandler(file)
    root = logging.getLogger("app")
    stop()
    root.addHandler(handler)
    root.setLevel(level)
    return file


def stop() -> None:
    """Close the log file."""
    root = logging.getLogger("app")
    for handler in [h for h in root.handlers if isinstance(h, LateFileHandler)]:
        root.removeHandler(handler)
        handler.close()


def _name_of(problem: BaseException) -> str:
    name = f"{type(problem).__module__}.{type(problem).__qualname__}"
    if isinstance(problem, AppError):
        return f"{name} ({problem.code})"
    if isinstance(problem, OSError) and problem.errno is not None:
        return f"{name} (errno {problem.errno})"
    return name
