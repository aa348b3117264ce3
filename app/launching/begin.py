"""The start, up to the point where Qt may be imported: every refusal is a sentence, and nothing was changed."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from app.errors import AppError, ExternalError
from app.launching import folders, input_method, screen
from app.launching.crash import CrashReports
from app.launching.instance import OnlyOne
from app.paths import DataFolder
from app.texts import _


class Launch:
    """What the start holds while the program runs: its claim on the folder, and the reports of crashes."""

    def __init__(self, folder: DataFolder, only: OnlyOne) -> None:
        self.folder, self.only = folder, only
        self.crashes = CrashReports(folder.logs)
        self.crashed_before: Path | None = self.crashes.watch()

    def end(self) -> None:
        """Let go of both."""
        self.crashes.end()
        self.only.release()


def begin(root: Path) -> Launch | None:
    """See that a window can be opened on this folder; None: it is open already, and came to the front.

    Raises:
        AppError: it cannot; the sentence says what to do.
    """
    screen.check_screen()
    folder = DataFolder(root)
    folders.check_data(folder)
    only = OnlyOne(folder.root, folder.lock)
    if not only.claim_or_raise(os.environ):
        return None
    input_method.prepare()
    return Launch(folder, only)


def refuse(problem: AppError) -> int:
    """Say on both what a terminal and what a desktop shows why there is no window; return the exit status."""
    print(f"doorstep: {problem.text}", file=sys.stderr, flush=True)
    if screen.has_screen():
        try:
            if problem.code == "start.library":
                raise ImportError
            from importlib import import_module

            import_module("app.ui.trouble").show_trouble(problem.text)
        except ImportError:
            screen.show_without_qt(problem.text)
    return 1


def missing_library(problem: ImportError) -> ExternalError:
    """Return the sentence for a Qt that does not load."""
    said = str(problem)
    if ".so" in said:
        return ExternalError(screen.library_words(said), code="start.library")
    text = _("程序缺了一部分：{what}。请重新安装家门口", what=problem.name or said)
    return ExternalError(text, code="start.library")
