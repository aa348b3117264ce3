"""Pictures of the sync's own screens: in trouble, offline, devices, a merge; light, dark, large and in English."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from PySide6.QtWidgets import QWidget

from app import clock
from app.commands import sample
from app.commands.shots_parts import each_look, settle, shoot
from app.counter import Counter
from app.services import residents
from app.ui.desktop import Desktop

AWAY = timedelta(days=3, hours=4)


def go_offline(counter: Counter) -> None:
    """Let three days pass without the district, in which somebody works on; the clock stays there."""
    assert counter.sync is not None
    assert counter.database is not None
    counter.sync.sync_now()
    settle(counter.runner)
    clock.shift(AWAY)
    actor = counter.runner.actor
    assert actor is not None
    sample.work_offline(counter.database, actor)
    counter.sync.sync_now()
    settle(counter.runner)


def sync_shots(desktop: Desktop, counter: Counter, folder: Path) -> Iterator[Path]:
    """Yield the pictures of a clerk's PC that is offline and has something of everything."""
    people = sample.sample_people()["residents"]
    assert counter.database is not None
    with counter.database.read() as tx:
        twins = residents.search_residents(tx, people[1]["name"])
        asked = residents.search_residents(tx, people[5]["name"])
    screens: list[tuple[str, str, dict[str, object]]] = [("12-sync-centre", "sync", {})]
    if len(twins) > 1:
        screens.append(("13-merging", "merging", {"keep": twins[0].id, "drop": twins[1].id}))
    if asked:
        screens.append(("14-returned-file", "resident_file", {"id": asked[0].id}))
    yield from _journey(desktop, counter, folder, screens)
    yield from _cards(desktop, counter, folder)


def device_shots(desktop: Desktop, counter: Counter, folder: Path) -> Iterator[Path]:
    """Yield the pictures of the supervisor's list of devices, and of what was handed to her."""
    yield from _journey(desktop, counter, folder, [("15-devices", "devices", {}), ("16-sync-supervisor", "sync", {})])


def _journey(
    desktop: Desktop, counter: Counter, folder: Path, screens: list[tuple[str, str, dict[str, object]]]
) -> Iterator[Path]:
    for ending in each_look(desktop, counter):
        for name, screen, arguments in screens:
            assert desktop.shell is not None
            desktop.shell.navigate(screen, **arguments)
            settle(counter.runner)
            yield shoot(desktop, folder / f"{name}{ending}.png")


def _cards(desktop: Desktop, counter: Counter, folder: Path) -> Iterator[Path]:
    """Yield the conflict card alone, with its third value open."""
    assert desktop.shell is not None
    desktop.shell.navigate("sync")
    settle(counter.runner)
    page = desktop.shell.current
    for card in getattr(page.widget, "conflicts", [])[:1] if page is not None else []:
        card.chooser.choose("other")
        settle(counter.runner)
        yield _grab(card, folder / "17-conflict-card.png")


def _grab(widget: QWidget, path: Path) -> Path:
    widget.grab().save(str(path))
    return path
