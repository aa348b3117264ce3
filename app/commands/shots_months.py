"""Pictures of a month: open, the card before its close, closed, its corrections in the next one, opened again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from PySide6.QtWidgets import QApplication

from app import clock
from app.commands.shots_parts import each_look, settle, shoot
from app.counter import Counter
from app.db.database import Actor, Database
from app.ledgers import ledger_named
from app.ledgers.closing import close_month, reopen_month
from app.ledgers.period import Period, month_of
from app.services.residents import edit_resident
from app.ui.desktop import Desktop
from app.ui.ledgers import month_state
from app.ui.ledgers.month import CloseCard
from app.ui.ledgers.month_state import Closable
from app.ui.ledgers.screen import LedgersScreen

SHOWN = "L02"


def month_shots(desktop: Desktop, counter: Counter, folder: Path) -> Iterator[Path]:
    """Yield the pictures while the supervisor is signed in; it is the third of next month meanwhile."""
    period = month_of(clock.today())
    clock.shift(timedelta(days=(period.until - clock.today()).days + 2))
    try:
        screen = _screen(desktop, counter)
        screen.filters.take_period(period)
        settle(counter.runner)
        yield shoot(desktop, folder / "63-month-open.png")
        actor, database = _opened(counter)
        with database.read(actor) as tx:
            closable = month_state.load_closable(tx, period=period)
        yield _card(desktop, closable, folder / "64-month-close.png")
        close_month(database, actor, period)
        resident, name = _correct(counter)
        settle(counter.runner)
        for ending in each_look(desktop, counter):
            yield from _looked_at(desktop, counter, folder, ending, period=period, closable=closable)
        with database.write(actor) as tx:
            reopen_month(tx, period, why=month_state.REASONS[0][1])
        with database.write(actor) as tx:
            edit_resident(tx, resident, {"name": name})  # later pictures look for her by it
        screen = _screen(desktop, counter)
        screen.filters.take_period(period)
        settle(counter.runner)
        yield shoot(desktop, folder / "67-month-reopened.png")
    finally:
        clock.shift(timedelta(0))


def _looked_at(
    desktop: Desktop,
    counter: Counter,
    folder: Path,
    ending: str,
    *,
    period: Period,
    closable: Closable,
) -> Iterator[Path]:
    screen = _screen(desktop, counter)
    for number, shown in ((65, period), (66, period.next())):
        screen.filters.take_period(shown)
        settle(counter.runner)
        yield shoot(desktop, folder / f"{number}-month-{'closed' if number == 65 else 'corrections'}{ending}.png")
    if ending:
        yield _card(desktop, closable, folder / f"64-month-close{ending}.png")


def _screen(desktop: Desktop, counter: Counter) -> LedgersScreen:
    shell = desktop.shell
    assert shell is not None
    shell.navigate("ledgers")
    settle(counter.runner)
    assert shell.current is not None
    screen = shell.current.widget
    assert isinstance(screen, LedgersScreen)
    screen.kinds.select_key(ledger_named(SHOWN).code)
    settle(counter.runner)
    return screen


def _card(desktop: Desktop, closable: Closable, path: Path) -> Path:
    card = CloseCard(desktop, closable)
    card.show()
    QApplication.processEvents()
    card.grab().save(str(path))
    card.close()
    card.deleteLater()
    return path


def _opened(counter: Counter) -> tuple[Actor, Database]:
    actor, database = counter.runner.actor, counter.database
    assert actor is not None and database is not None
    return actor, database


def _correct(counter: Counter) -> tuple[str, str]:
    """Correct the name of somebody who stands in the closed month; return whose, and as it was."""
    actor, database = _opened(counter)
    with database.write(actor) as tx:
        query = "SELECT p.id, p.name FROM resident p JOIN registration r ON r.resident_id = p.id ORDER BY p.id LIMIT 2"
        (resident, name), (_other, given) = tx.sql(query)
        edit_resident(tx, resident, {"name": f"{name[:-1]}{given[-1]}"})
    return str(resident), str(name)
