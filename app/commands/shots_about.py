"""Pictures of About: with a licence chosen, and narrowed by a search."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from app.commands.shots_parts import each_look, settle, shoot
from app.counter import Counter
from app.ui.about.screen import AboutScreen
from app.ui.desktop import Desktop
from app.ui.help import HelpSheet


def about_shots(desktop: Desktop, counter: Counter, folder: Path) -> Iterator[Path]:
    """Take About in every look, and F1 with the way to it."""
    assert desktop.shell is not None
    for ending in each_look(desktop, counter):
        desktop.shell.navigate("about")
        settle(counter.runner)
        yield shoot(desktop, folder / f"70-about{ending}.png")
    page = desktop.shell.current
    assert page is not None and isinstance(page.widget, AboutScreen)
    page.widget.search.line.setText("LGPL")
    settle(counter.runner)
    yield shoot(desktop, folder / "70-about-search.png")
    desktop.show_help()
    settle(counter.runner)
    yield shoot(desktop, folder / "71-keys.png")
    for sheet in desktop.findChildren(HelpSheet):
        sheet.close_sheet()
