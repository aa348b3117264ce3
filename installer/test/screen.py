"""A screen in a room: Xvfb, the program's window, keys, the clipboard and pictures."""

import os
import signal
import struct
import subprocess
import time
import zlib
from collections.abc import Callable
from pathlib import Path

from report import StepError, expect
from rooms import CLERK, Room

TOOLS = ("xvfb", "xdotool", "xclip", "x11-utils", "xauth")
FRAME = "/tmp/screen"  # noqa: S108 - inside the room
SHOWN_SECONDS = 60.0
PAINTED_COLOURS = 30
"""A window with text in it has more colours than this (letters have soft edges); an empty one has two or three."""


def until(holds: Callable[[], bool], sentence: str, *, seconds: float = SHOWN_SECONDS, every: float = 0.2) -> None:
    """Wait for something to become true.

    Raises:
        StepError: it did not within the time.
    """
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise StepError(f"{sentence} (within {seconds:.0f} s)")
        time.sleep(every)


def stop(process: subprocess.Popen[bytes], how: int = signal.SIGTERM) -> int:
    """End a program that this run started, with its whole process group; return its status."""
    if process.poll() is None:
        os.killpg(process.pid, how)
    try:
        return process.wait(timeout=30)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        return process.wait(timeout=30)


class Screen:
    """One Xvfb in a room, with the room's own packages."""

    def __init__(self, room: Room, *, size: str = "1366x768") -> None:
        self._room = room
        room.run("sh", "-c", f"rm -rf {FRAME}; mkdir -p {FRAME}; chown {CLERK} {FRAME}; chmod 1777 /tmp")
        script = f"exec Xvfb -displayfd 3 -screen 0 {size}x24 -fbdir {FRAME} -nolisten tcp 3>{FRAME}/number"
        self._server = room.start(["sh", "-c", script])
        number = room.path(f"{FRAME}/number")
        until(lambda: number.exists() and number.read_text("ascii").strip() != "", "Xvfb does not start")
        self.display = f":{number.read_text('ascii').strip()}"
        self.env = {"DISPLAY": self.display}

    def close(self) -> None:
        """End the screen."""
        stop(self._server)

    def windows(self, title: str) -> list[str]:
        """Return the visible windows with a title."""
        found = self._do("search", "--onlyvisible", "--name", title, check=False)
        return [row for row in found.stdout.split() if row.isdigit()]

    def wait_for(self, title: str, program: subprocess.Popen[bytes] | None = None) -> str:
        """Wait until a window is up and painted; return it.

        Raises:
            StepError: it did not come, or the program ended.
        """

        def shown() -> bool:
            if program is not None and program.poll() is not None:
                raise StepError(f"the program ended with {program.returncode} and showed no window")
            return bool(self.windows(title)) and self.colours() > PAINTED_COLOURS

        until(shown, f"no painted window named {title}")
        return self.windows(title)[-1]

    def geometry(self, window: str) -> tuple[int, int]:
        """Return a window's width and height, as xwininfo sees it."""
        said = self._room.run("xwininfo", "-id", window, user=CLERK, env=self.env).stdout
        rows = dict(row.strip().split(": ", 1) for row in said.splitlines() if ": " in row)
        expect(rows.get("Map State") == "IsViewable", f"the window is not viewable: {rows.get('Map State')}")
        return int(rows["Width"]), int(rows["Height"])

    def focus(self, window: str) -> None:
        """Give a window the keyboard (there is no window manager here)."""
        self._do("windowfocus", "--sync", window)

    def key(self, *keys: str) -> None:
        """Press keys."""
        self._do("key", "--delay", "120", *keys)

    def type(self, text: str) -> None:
        """Type a text key by key, as fast as a person does."""
        self._do("type", "--delay", "150", text)

    def copied(self) -> str:
        """Select and copy the field that has the keyboard; return its text."""
        self.key("ctrl+a", "ctrl+c")
        said = self._room.run(
            "timeout", "5", "xclip", "-o", "-selection", "clipboard", user=CLERK, env=self.env, check=False
        )
        return said.stdout

    def colours(self) -> int:
        """Return how many colours the screen shows."""
        pixels = self.frame()
        return len({pixels[at : at + 3] for at in range(0, len(pixels), 3 * 7)})

    def frame(self) -> bytes:
        """Return what the screen shows, to compare with later."""
        return b"".join(_read_frame(self._room.path(f"{FRAME}/Xvfb_screen0"))[2])

    def changed_since(self, frame: bytes) -> float:
        """Return which share of the screen looks otherwise than it did."""
        pairs = list(zip(frame[::21], self.frame()[::21], strict=True))
        return sum(before != now for before, now in pairs) / len(pairs)

    def picture(self, file: Path) -> str:
        """Write what the screen shows as PNG; return the file's name."""
        width, height, rows = _read_frame(self._room.path(f"{FRAME}/Xvfb_screen0"))
        packed = zlib.compress(b"".join(b"\0" + row for row in rows), 6)
        head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
        chunks = (_chunk(b"IHDR", head), _chunk(b"IDAT", packed), _chunk(b"IEND", b""))
        file.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(chunks))
        return file.name

    def _do(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        return self._room.run("xdotool", *arguments, user=CLERK, env=self.env, check=check, timeout=60)


def _read_frame(file: Path) -> tuple[int, int, list[bytes]]:
    """Return width, height and RGB rows of an XWD dump with 32 bits a pixel, as Xvfb keeps it."""
    frame = file.read_bytes()
    head = struct.unpack(">25I", frame[:100])
    size, width, height, line, colours = head[0], head[4], head[5], head[12], head[19]
    expect(head[11] == 32, f"Xvfb draws {head[11]} bits a pixel")
    start = size + colours * 12
    rows = []
    for at in range(height):
        row = frame[start + at * line : start + at * line + width * 4]
        rgb = bytearray(width * 3)
        rgb[0::3], rgb[1::3], rgb[2::3] = row[2::4], row[1::4], row[0::4]
        rows.append(bytes(rgb))
    return width, height, rows


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
