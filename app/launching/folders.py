"""Whose folder is it: asked before anything is written there."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def foreign_owner(folder: Path) -> str | None:
    """Return who owns the folder, if that is not who runs this program; None where the system knows no owners.

    Root is somebody else too: what root writes into a clerk's folder, the clerk can never write again.
    """
    if sys.platform == "win32":
        return None
    owner = folder.stat().st_uid
    if owner == os.geteuid():
        return None
    import pwd  # only to name somebody else

    try:
        return pwd.getpwuid(owner).pw_name
    except KeyError:
        return str(owner)
