"""The hall's screen draws itself anew while somebody types at the counter: no turn of the GUI thread lasts a frame.

The real desktop with the form of registration, typed into all the time, and the hall's screen over 1,460 people.
The hall is made to read and draw again and again, every chart anew. Each pass of the event loop, with the key and all
that is painted in it, is timed by the processor time of the GUI thread, so that other programs do not count. The floor
is a frame of a sixtieth of a second.
``python -m bench.bench_hall`` prints.
"""

import gc
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

FRAME_MS = 1000 / 60
LIMIT = 1.0
REFRESHES = 12
SIZES = ((1920, 1080), (3840, 2160))


class Turns:
    """Times what the hall does on the GUI thread: each of its steps, each of its paintings, each key at the counter."""

    def __init__(self) -> None:
        self.spent: dict[str, list[float]] = {}

    def watch(self, owner: Any, name: str, label: str) -> None:
        """Time a method of a class."""
        real = getattr(owner, name)

        def timed(*arguments: Any, **more: Any) -> Any:
            begun = time.thread_time()
            try:
                return real(*arguments, **more)
            finally:
                self.spent.setdefault(label, []).append((time.thread_time() - begun) * 1000)

        setattr(owner, name, timed)

    def worst(self) -> tuple[str, float]:
        """Return the longest turn by processor time, and whose it was."""
        label = max(self.spent, key=lambda each: max(self.spent[each]))
        return label, max(self.spent[label])


def _desktop(folder: Path) -> tuple[Any, Any]:
    """Return a counter with people in it and its desktop, where the form of registration waits for keys."""
    from app.bootstrap import open_counter
    from app.commands import sample
    from app.commands.sample_town import fill_town
    from app.commands.shots_parts import settle, sign_in
    from app.paths import DataFolder
    from app.ui.desktop import Desktop

    founded, _recovery = sample.found_sample(DataFolder(folder))
    fill_town(founded, sample.clerk_of(founded, sample.sample_people()["clerks"][0]))
    founded.database.close()
    counter = open_counter(folder)
    desk = Desktop(counter)
    desk.resize(1366, 680)
    desk.show()
    sign_in(desk, counter, sample.sample_people()["supervisor"])
    assert desk.shell is not None
    desk.shell.navigate("register")
    settle(counter.runner)
    return counter, desk


def _until(app: Any, reached: Callable[[], bool], busy: Callable[[], object], turns: Turns | None = None) -> None:
    """Let the window work; each pass of the event loop is a turn with all that it paints."""
    end = time.monotonic() + 60
    while not reached():
        if time.monotonic() > end:
            raise TimeoutError("the hall's screen did not come to rest")
        busy()
        begun = time.thread_time()
        app.processEvents()
        if turns is not None:
            turns.spent.setdefault("pass.whole pass", []).append((time.thread_time() - begun) * 1000)


def _measure(app: Any, runner: Any, desk: Any, size: tuple[int, int]) -> tuple[float, str, float]:
    """Return the longest turn, the longest of each kind and the usual one, in ms of processor time."""
    from PySide6.QtCore import QSize, Qt
    from PySide6.QtTest import QTest

    from app.ui.hall.cards import Part
    from app.ui.hall.control import hall_of
    from app.ui.hall.window import HallWindow

    hall = hall_of(runner)
    hall.open("溪桥社区就业服务站", screen=None, beside=True)
    shown = hall.window
    assert shown is not None
    shown.showNormal()
    shown.resize(QSize(*size))

    def type_a_key() -> None:
        QTest.keyClick(desk.focusWidget() or desk, Qt.Key.Key_A)

    idle: list[bool] = []
    shown.shown.connect(lambda: idle.append(True))
    _until(app, lambda: bool(idle) and not shown._steps, type_a_key)
    gc.collect()
    gc.freeze()  # as the desktop does after its start
    turns = Turns()
    saved = {
        (owner, name): getattr(owner, name)
        for owner, name in (
            (HallWindow, "_take_step"),
            (HallWindow, "_on_view"),
            (Part, "_ground"),
            (Part, "_fill"),
            (Part, "_put"),
        )
    }
    for owner, name in saved:
        turns.watch(owner, name, f"{owner.__name__}.{name}")
    shown._turn.timeout.disconnect()
    shown._turn.timeout.connect(shown._take_step)
    for _number in range(REFRESHES):
        idle.clear()
        for plot in [each for part in shown.parts for each in part._plots]:
            plot._shown = None  # every chart anew, also one whose figures are the same
        hall.memory.note_change()
        shown._load()
        _until(app, lambda: bool(idle) and shown._reading is None and not shown._steps, type_a_key, turns)
    for (owner, name), real in saved.items():
        setattr(owner, name, real)
    hall.close()
    parts = ", ".join(f"{label.split('.')[1]} {max(each):.1f}" for label, each in sorted(turns.spent.items()))
    return turns.worst()[1], parts, statistics.median(turns.spent["HallWindow._take_step"])


def run() -> list[tuple[str, float, float, str]]:
    """Return (name, ratio, limit, detail) of each size."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtWidgets import QApplication

    from app.ui import theme
    from app.ui.charts import library

    app = QApplication.instance() or QApplication(["bench"])
    assert isinstance(app, QApplication)
    theme.apply_theme(app, theme.Theme(dark=True))
    library.load()
    found = []
    with tempfile.TemporaryDirectory(prefix="doorstep-hall-") as folder:
        counter, desk = _desktop(Path(folder) / "town")
        for size in SIZES:
            worst, label, usual = _measure(app, counter.runner, desk, size)
            said = f"longest turn {worst:.1f} ms (longest of each kind: {label}), median step {usual:.1f} ms"
            name = f"hall's screen {size[0]}x{size[1]}: longest GUI turn of {REFRESHES} refreshes against a frame"
            found.append((name, worst / FRAME_MS, LIMIT, said))
        desk.close()
        counter.close()
    return found


if __name__ == "__main__":
    print(json.dumps(run(), ensure_ascii=False, indent=2), file=sys.stdout)
