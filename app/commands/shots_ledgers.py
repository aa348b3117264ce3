"""Pictures of the ledgers: one with rows, its period and filters, the way out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from PySide6.QtWidgets import QApplication

from app.commands.shots_parts import each_look, settle, shoot
from app.counter import Counter
from app.ledgers import ledger_named
from app.ui.desktop import Desktop
from app.ui.ledgers.screen import LedgersScreen
from app.ui.ledgers.taking import ExportDialog
from app.ui.taking_out import WHOLE


def ledger_shots(desktop: Desktop, counter: Counter, folder: Path) -> Iterator[Path]:
    """Yield the pictures while the supervisor is signed in."""
    for ending in each_look(desktop, counter):
        yield from _pictures(desktop, counter, folder, ending)


def _pictures(desktop: Desktop, counter: Counter, folder: Path, ending: str) -> Iterator[Path]:
    shell = desktop.shell
    assert shell is not None
    shell.navigate("ledgers")
    settle(counter.runner)
    assert shell.current is not None
    screen = shell.current.widget
    assert isinstance(screen, LedgersScreen)
    referrals = ledger_named("L06")
    screen.kinds.select_key(referrals.code)
    settle(counter.runner)
    yield shoot(desktop, folder / f"60-ledger{ending}.png")
    shell.run("filter")
    settle(counter.runner)
    yield shoot(desktop, folder / f"61-ledger-filters{ending}.png")
    dialog = ExportDialog(desktop, referrals, screen.period.text(), screen.rights)
    dialog.people.set_code(WHOLE)
    dialog.people.chosen.emit(WHOLE)
    dialog.show()
    QApplication.processEvents()
    settle(counter.runner)
    path = folder / f"62-ledger-export{ending}.png"
    dialog.grab().save(str(path))
    dialog.close()
    dialog.deleteLater()
    yield path
    screen.narrow.click()
