"""Pictures of a trainer's use: her day, the roll call of today's lesson, a past one, the sheet before it is printed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from app.commands.shots_parts import each_look, settle, shoot
from app.counter import Counter
from app.ui.desktop import Desktop


def roll_shots(desktop: Desktop, counter: Counter, folder: Path, class_id: str) -> Iterator[Path]:
    """Yield the pictures while the trainer is signed in."""
    for ending in each_look(desktop, counter):
        yield from _pictures(desktop, counter, folder, class_id, ending)


def _pictures(desktop: Desktop, counter: Counter, folder: Path, class_id: str, ending: str) -> Iterator[Path]:
    shell = desktop.shell
    assert shell is not None
    shell.navigate("today")
    settle(counter.runner)
    yield shoot(desktop, folder / f"40-trainer-today{ending}.png")
    shell.navigate("roll_call", id=class_id)
    settle(counter.runner)
    yield shoot(desktop, folder / f"41-roll-call{ending}.png")
    shell.run("print")
    settle(counter.runner)
    yield shoot(desktop, folder / f"42-sign-in-sheet{ending}.png")
