"""Composition root: opens a data folder and runs the desktop on it.

Light on purpose: the window is painted before ``open_counter`` imports the database and all that stands on it.
"""

from __future__ import annotations

import gc
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.counter import Counter


def open_counter(root: Path, *, inline: bool = False, environ: Mapping[str, str] | None = None) -> Counter:
    """Open a data folder: make it if need be, start its log, end a restore that was cut off; hand back the counter."""
    from app import logs
    from app.counter import Counter
    from app.paths import DataFolder

    folder = DataFolder(root)
    folder.create()
    logs.set_up(folder.logs)
    if (root / "restore.pending").exists() or any(root.glob(".restored.*")):
        from app.db.restore import finish_restore  # drags the whole database in: only when a restore was cut off

        finish_restore(folder)
    return Counter(folder, inline=inline, environ=environ)


def run_desktop(root: Path, *, language: str | None = None) -> int:
    """Open the window, then everything else; return the exit status."""
    gc.disable()  # all that the start makes, stays; later, ``GuiCollector`` collects on the GUI thread alone

    from app.ui.start import run

    return run(root, language=language, open_door=open_counter)
