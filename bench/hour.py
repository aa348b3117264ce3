"""A child of ``bench_start``: an hour at the counter without a screen; prints the memory after a minute and at the end.

The real window on its real counter, signed in with the PIN, tasks run at once. A minute's worth is what a busy clerk
does in one: ten screens opened, twelve keystrokes of search, a registration, a look into a file. The caches of the
program (fonts, code lists, screens that stay built) fill in the first minute; what grows after it is a leak.
"""

import gc
import sys
from collections.abc import Sequence
from functools import partial
from itertools import cycle
from pathlib import Path

import psutil
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from app.bootstrap import open_counter
from app.db.database import Transaction
from app.services import residents
from app.ui import theme
from app.ui.context import Found, UiContext
from app.ui.desktop import Desktop
from bench.bench_save import person

SCREENS = ("today", "residents", "vacancies", "referrals", "register", "sync", "settings")
WORDS = ("g", "ge", "ges", "gesc", "葛", "葛守", "0001", "chen", "ly", "zy", "沈", "1990")
NOTICE = {"kind": "1", "agreed": True}


def settle(app: QApplication) -> None:
    """Let Qt do what waits, deletions too."""
    app.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    app.processEvents()


def minute(app: QApplication, desktop: Desktop, number: int) -> int:
    """Do a minute's worth of work; return how many acts that was."""
    shell, context = desktop.shell, desktop._context
    assert shell is not None and context is not None
    names = cycle(SCREENS)
    for _turn in range(10):
        shell.navigate(next(names))
        settle(app)
    saved: list[str] = []

    def register(tx: Transaction) -> str:
        return residents.register_resident(tx, person(number), consents=[NOTICE]).id

    context.runner.write(register, saved.append)
    settle(app)
    for word in WORDS:
        context.runner.read(partial(_search, context, word), len)
        settle(app)
    shell.navigate("resident_file", resident_id=saved[0])
    settle(app)
    return 10 + 1 + len(WORDS) + 1


def _search(context: UiContext, word: str, tx: Transaction) -> Sequence[Found]:
    return context.search(tx, word, limit=8)


def main(folder: str, pin: str, minutes: int) -> None:
    """Run the script."""
    app = QApplication([])
    theme.apply_theme(app, theme.Theme())
    desktop = Desktop(open_counter(Path(folder), inline=True, environ={}))
    desktop.resize(1366, 680)
    desktop.show()
    settle(app)
    assert desktop.sign_in is not None
    for digit in pin:
        desktop.sign_in.take_digit(digit)
    settle(app)
    acts, process = minute(app, desktop, 0), psutil.Process()
    gc.collect()
    early = process.memory_info().rss / 1e6
    for number in range(1, minutes):
        acts += minute(app, desktop, number)
    gc.collect()
    print(early, process.memory_info().rss / 1e6, acts)
    desktop.close_down()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
