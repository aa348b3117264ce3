"""Composition root: opens a data folder and runs the desktop on it.

Light on purpose: the window is painted before ``open_counter`` imports the database and all that stands on it.
"""

from __future__ import annotations

import gc
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.counter import Counter


def open_counter(root: Path, *, inline: bool = False, environ: Mapping[str, str] | None = None) -> Counter:
    """Open a data folder: make it if need be, start its log, end a restore that was cut off; hand back the counter.

    Raises:
        StorageError: a part of it is lost, damaged, or of a newer program; nothing was changed.
    """
    from app import logs
    from app.counter import Counter
    from app.launching.folders import check_form, check_whole
    from app.paths import DataFolder

    folder = DataFolder(root)
    folder.create()
    logs.set_up(folder.logs)
    if (root / "restore.pending").exists() or any(root.glob(".restored.*")):
        from app.db.restore import finish_restore  # drags the whole database in: only when a restore was cut off

        finish_restore(folder)
    check_whole(folder)
    counter = Counter(folder, inline=inline, environ=environ)
    if counter.is_founded():
        check_form(_schema_of(counter))
    return counter


def _schema_of(counter: Counter) -> str | None:
    """Return the form of the store as it was noted at the last sign-in."""
    from app.db.keyring import STATION_NOTE

    note = counter.keyring.recall(STATION_NOTE)
    schema = json.loads(note).get("schema") if note else None
    return None if schema is None else str(schema)


def run_desktop(root: Path, *, language: str | None = None) -> int:
    """Open the window, then everything else; return the exit status.

    Where a window of this folder is open already, it comes to the front instead.
    """
    gc.disable()  # all that the start makes, stays; later, ``GuiCollector`` collects on the GUI thread alone

    from app import texts
    from app.errors import AppError
    from app.launching.begin import begin, missing_library, refuse
    from app.texts import _

    texts.set_language(language or "zh_CN")
    try:
        launch = begin(root)
        if launch is None:
            print(_("家门口已经开着，窗口放到最前面了"))
            return 0
        try:
            from app.ui.start import run
        except ImportError as problem:
            raise missing_library(problem) from problem
        try:
            return run(root, language=language, open_door=open_counter, launch=launch)
        finally:
            launch.end()
    except AppError as problem:
        return refuse(problem)
