"""Doorstep (家门口): the counter of a neighbourhood employment-service station, and its district server."""

import sys as _sys
from contextlib import suppress as _suppress
from pathlib import Path as _Path

__version__ = "0.1.0"

if getattr(_sys, "frozen", False):  # an installed bundle says the version that it was packed as
    with _suppress(OSError):
        __version__ = (_Path(__file__).parent.parent / "VERSION").read_text("utf-8").strip()
