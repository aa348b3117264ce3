"""Whether another version was laid over the program that runs: an administrator's upgrade under an open window.

The program reads its modules when it needs them, so from then on it would mix two versions.
"""

import sys
from pathlib import Path

from app import __version__

STAMP = Path(__file__).resolve().parent.parent.parent / "VERSION"
"""The installed program's version; a source tree has none."""


def replaced_by(stamp: Path = STAMP, *, runs: str = __version__) -> str:
    """Return the version that lies here now instead of the one that runs; "" where it is the same, or from source."""
    if not getattr(sys, "frozen", False):
        return ""
    try:
        there = stamp.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""  # in the middle of an upgrade; the next look tells
    return there if there != runs else ""
