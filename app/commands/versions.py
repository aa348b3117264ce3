"""The start of the packed program: which version of it is to run."""

import sys
from collections.abc import Sequence
from pathlib import Path

from app import paths

WAITING = "--preparing"


def choose_version(given: Sequence[str], *, window: bool) -> int | None:
    """Let the version that is to run do what is asked; None: it is this one, else the exit status of what ran."""
    if list(given[:1]) == [WAITING]:
        from app.ui.updating.waiting import show_until_closed

        return show_until_closed()
    root = paths.programs()
    if not root.is_dir():
        return None
    from app.updates.choose import choose

    named = given[given.index("--data") + 1] if "--data" in given[:-1] else ""
    data = Path(named) if named else paths.default_data()
    return choose(root, data, given, window=window, shown=[sys.executable, WAITING])
