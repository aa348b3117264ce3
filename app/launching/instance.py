"""One window a data folder: the first holds a lock for as long as it lives, the next asks it to come to the front.

The lock is the truth and ends with the process, however that ends. Where to ask is noted beside it; a note that a
killed program left behind is no more than an address where nobody answers. The socket lies in the data folder, so two
people's windows never meet; where no socket can lie there (Windows, a stick), it is a port of the loopback with a token
that only who may read the folder knows.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic
from typing import IO, TYPE_CHECKING

from app.errors import ExternalError
from app.texts import _

if TYPE_CHECKING:
    from socket import socket

ANSWER_SECONDS = 5.0
_EACH_SECONDS = 1.0
_PAUSE_SECONDS = 0.1
_LONGEST_PATH = 100
"""A Unix socket's address has room for 108 bytes, whatever the path."""
_LONGEST_RING = 8192
_SOCKET, _NOTE = "window.sock", "window.json"
_TOKENS = ("DESKTOP_STARTUP_ID", "XDG_ACTIVATION_TOKEN")
"""What a desktop gives who was clicked: by it, its window may come to the front."""


class OnlyOne:
    """The claim of this process on one data folder."""

    def __init__(self, root: Path, lock: Path) -> None:
        self._root, self._path = root, lock
        self._lock: IO[bytes] | None = None

    def claim(self) -> bool:
        """Become the folder's one window; False: another is. Where a file system has no locks, everybody is."""
        file = self._path.open("a+b")
        try:
            _hold(file)
        except BlockingIOError:
            file.close()
            return False
        except OSError:
            pass
        self._lock = file
        return True

    def claim_or_raise(self, environ: Mapping[str, str], *, seconds: float = ANSWER_SECONDS) -> bool:
        """Become the one window, or bring the one there is to the front (False); a start or end of it is waited for.

        Raises:
            ExternalError: there is one, and it does not answer.
        """
        from time import sleep  # between tries at a lock, before there is a window

        end = monotonic() + seconds
        while not self.claim():
            if self._ask(environ):
                return False
            if monotonic() > end:
                text = _("家门口已经开着，但没有应答。请等一分钟再试；还是没有窗口，就注销电脑再登录。已经保存的都在")
                raise ExternalError(text, code="start.no_answer")
            sleep(_PAUSE_SECONDS)
        return True

    def release(self) -> None:
        """Let another have the folder."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def listen(self) -> Bell:
        """Open the way by which the next start rings.

        Raises:
            OSError: neither kind of socket can be had, or the folder cannot be written.
        """
        try:
            return Bell(self._root, loopback=sys.platform == "win32")
        except OSError:
            return Bell(self._root, loopback=True)

    def _ask(self, environ: Mapping[str, str]) -> bool:
        try:
            note = json.loads((self._root / _NOTE).read_text("utf-8"))
            line = _connect(self._root, note)
        except (OSError, ValueError, KeyError, TypeError):
            return False
        with line, suppress(OSError, ValueError):
            said = {name: environ[name] for name in _TOKENS if environ.get(name)}
            line.sendall(json.dumps({**said, "token": note.get("token", "")}).encode() + b"\n")
            return line.recv(2) == b"ok"
        return False


class Bell:
    """Where the next start rings; ``wait`` blocks, so it belongs on a thread of its own."""

    def __init__(self, root: Path, *, loopback: bool) -> None:
        import socket  # after the first paint

        self._note, self._path = root / _NOTE, root / _SOCKET
        self._token = os.urandom(16).hex()
        self._line = socket.socket(socket.AF_INET if loopback else socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            note: dict[str, object] = {"token": self._token}
            if loopback:
                self._line.bind(("127.0.0.1", 0))
                note["port"] = self._line.getsockname()[1]
            else:
                self._path.unlink(missing_ok=True)  # of a program that was killed: who holds the lock is here now
                with _address(root) as address:
                    self._line.bind(address)
            self._line.listen(4)
            self._write(note)
        except BaseException:
            self._line.close()
            raise

    def _write(self, note: Mapping[str, object]) -> None:
        self._note.unlink(missing_ok=True)
        handle = os.open(self._note, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(note, file)

    def wait(self) -> dict[str, str] | None:
        """Wait for the next ring; return what the desktop gave who rang, or None once the bell is closed."""
        while True:
            try:
                line, _whence = self._line.accept()
            except OSError:
                return None
            with line:
                said = self._answer(line)
            if said is not None:
                return said

    def _answer(self, line: socket) -> dict[str, str] | None:
        """Hear one caller out; None: it did not know the token, or said nothing in time."""
        from hmac import compare_digest

        line.settimeout(_EACH_SECONDS)
        try:
            content = b""
            while not content.endswith(b"\n") and len(content) < _LONGEST_RING:
                piece = line.recv(1024)
                if not piece:
                    break
                content += piece
            said = json.loads(content)
            if not compare_digest(str(said.pop("token", "")), self._token):
                return None
            line.sendall(b"ok")
        except (OSError, ValueError, AttributeError, TypeError):
            return None
        return {name: str(said[name]) for name in _TOKENS if name in said}

    def close(self) -> None:
        """Take the bell away; ``wait`` ends."""
        import socket

        with suppress(OSError):
            self._line.shutdown(socket.SHUT_RDWR)  # a close alone leaves the waiting thread where it is
        self._line.close()
        for file in (self._note, self._path):
            with suppress(OSError):
                file.unlink(missing_ok=True)


@contextmanager
def _address(root: Path) -> Iterator[str]:
    """Yield an address of the socket that fits, however long the folder's own path is."""
    path = str(root / _SOCKET)
    if len(os.fsencode(path)) <= _LONGEST_PATH:
        yield path
        return
    folder = os.open(root, os.O_RDONLY)
    try:
        yield f"/proc/self/fd/{folder}/{_SOCKET}"
    finally:
        os.close(folder)


def _connect(root: Path, note: Mapping[str, object]) -> socket:
    """Return a line to who wrote the note.

    Raises:
        OSError: nobody is there.
    """
    import socket

    if "port" in note:
        return socket.create_connection(("127.0.0.1", int(str(note["port"]))), timeout=_EACH_SECONDS)
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        line.settimeout(_EACH_SECONDS)
        with _address(root) as address:
            line.connect(address)
    except BaseException:
        line.close()
        raise
    return line


def _hold(file: IO[bytes]) -> None:
    """Take the lock at once or not at all.

    Raises:
        BlockingIOError: somebody has it.
        OSError: this file system has no locks.
    """
    if sys.platform == "win32":
        import msvcrt

        file.seek(0)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except PermissionError:
            raise BlockingIOError from None
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
