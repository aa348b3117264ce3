"""Pictures of the figures: the dashboard, the rows behind one, the hall's screen in two sizes, light and dark."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QApplication

from app.bootstrap import open_counter
from app.commands import sample
from app.commands.sample_town import fill_town
from app.commands.shots_parts import HEIGHT, WIDTH, Look, each_look, settle, shoot, sign_in
from app.counter import Counter
from app.paths import DataFolder
from app.ui.charts import library
from app.ui.dashboard.screen import DashboardScreen
from app.ui.desktop import Desktop
from app.ui.hall.control import hall_of

SIZES = (("1080p", QSize(1920, 1080)), ("4k", QSize(3840, 2160)))
LOOKS: tuple[Look, ...] = (("", {}), ("-dark", {"theme": "dark"}), ("-en", {"language": "en"}))


def board_shots(folder: Path, root: Path) -> Iterator[Path]:
    """Yield the pictures of a station of its own, which has people enough to be counted."""
    founded, _recovery = sample.found_sample(DataFolder(root / "town"))
    fill_town(founded, sample.clerk_of(founded, sample.sample_people()["clerks"][0]))
    founded.database.close()
    counter = open_counter(root / "town")
    desktop = Desktop(counter)
    desktop.resize(WIDTH, HEIGHT)
    desktop.show()
    try:
        sign_in(desktop, counter, sample.sample_people()["supervisor"])
        library.load()
        for ending in each_look(desktop, counter, LOOKS):
            yield from _pictures(desktop, counter, folder, ending)
    finally:
        hall_of(counter.runner).close()
        desktop.close()
        counter.close()


def _pictures(desktop: Desktop, counter: Counter, folder: Path, ending: str) -> Iterator[Path]:
    shell = desktop.shell
    assert shell is not None
    desktop.resize(WIDTH, HEIGHT)
    shell.navigate("dashboard")
    settle(counter.runner)
    assert shell.current is not None
    screen = shell.current.widget
    assert isinstance(screen, DashboardScreen)
    tile = next(each for each in screen.blocks.tiles() if each.code == "D2")
    tile.chosen.emit(tile)
    settle(counter.runner)
    yield shoot(desktop, folder / f"63-dashboard{ending}.png")
    tile.opened.emit(tile)
    settle(counter.runner)
    yield shoot(desktop, folder / f"64-dashboard-rows{ending}.png")
    for name, size in SIZES:
        yield _hall(counter, folder / f"65-hall-{name}{ending}.png", size)


def _hall(counter: Counter, path: Path, size: QSize) -> Path:
    """Open the hall's screen in a size, let it draw itself, and save it."""
    hall = hall_of(counter.runner)
    hall.open(sample.sample_people()["station"]["name"], screen=None, beside=False)
    window = hall.window
    assert window is not None
    window.showNormal()
    window.resize(size)
    settle(counter.runner)
    window.finish()
    QApplication.processEvents()
    window.grab().save(str(path))
    hall.close()
    return path
