"""Pictures of the page of updates: a new version waiting, one coming, and one that did not do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from app import __version__, paths
from app.commands.shots_parts import each_look, settle, shoot
from app.counter import Counter
from app.sync.updating import FETCHING, UpdateView
from app.ui.desktop import Desktop
from app.ui.updating.screen import UpdatesScreen
from app.updates.manifest import Release
from app.updates.programs import State, this_platform
from app.updates.standing import Standing


def update_shots(desktop: Desktop, counter: Counter, folder: Path) -> Iterator[Path]:
    """Yield the pictures; the views are those that the thread makes, with made-up versions."""
    for ending in each_look(desktop, counter):
        for name, view in _views().items():
            assert desktop.shell is not None
            desktop.shell.navigate("updates")
            settle(counter.runner)
            page = desktop.shell.current
            assert page is not None and isinstance(page.widget, UpdatesScreen)
            page.widget.show_view(view)
            settle(counter.runner)
            yield shoot(desktop, folder / f"{name}{ending}.png")


def _views() -> dict[str, UpdateView]:
    notes = json.loads((paths.resources() / "sample" / "update_notes.json").read_text("utf-8"))
    release = Release(
        "0.2.0", this_platform(), "doorstep_0.2.0_amd64.deb", 71_300_000, "0" * 64, "0001", notes, "2026-11-29T00:00Z"
    )
    here = Standing(__version__, State(), release, "", "", writable=True, free=20 * 10**9)
    none = replace(here, offer=None)
    back = State(current=__version__, failed={"0.2.0": "self_test"})
    return {
        "80-update-offered": UpdateView(here),
        "81-update-coming": UpdateView(none, doing=FETCHING, version="0.2.0", done=31_500_000, size=71_300_000),
        "82-update-wanted": UpdateView(replace(here, state=State(wanted="0.2.0"))),
        "83-update-failed": UpdateView(replace(none, state=back, back_to="0.0.9"), trouble=""),
    }
