"""A station whose clock the test sets: what was done in October is closed in November."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from app import clock
from app.db.database import Actor, Database
from app.ledgers import SHARED, ledger_named
from app.ledgers.base import Ask
from app.ledgers.closing import close_month, reopen_month
from app.ledgers.figures import Indicator
from app.ledgers.indicators import INDICATORS
from app.ledgers.making import as_made, cells, corrections_of, heading_of
from app.ledgers.months import Close, standing
from app.ledgers.period import Period, month_of
from app.ledgers.restating import Correction
from app.printing.ledger_file import write_ledger
from tests.factories import Factory
from tests.fixtures_db import STATION

OCTOBER, NOVEMBER, DECEMBER = (month_of(date(2026, month, 1)) for month in (10, 11, 12))
WAYS = ("xlsx", "pdf", "csv")
FEW = tuple(each for each in INDICATORS if each.code in ("A1", "B1", "B2", "B3"))


def set_clock(day: date, hour: int = 10) -> None:
    """Let the program believe that it is this day, at this hour local time."""
    wanted = datetime.combine(day, time(hour), clock.LOCAL_ZONE)
    clock.shift(timedelta(0))
    clock.shift(wanted - datetime.now(UTC))


def copy_to(database: Database, source: Path) -> None:
    """Let a database go on with the file of another."""
    database.engine.dispose()
    for each in database.path.parent.glob("doorstep.db?*"):
        each.unlink()
    shutil.copyfile(source, database.path)


class MonthDesk:
    """What a supervisor does with months, at the service boundary."""

    def __init__(self, database: Database, actor: Actor) -> None:
        self.database, self.actor = database, actor

    def on(self, day: date, work: Any) -> Any:
        """Do something on a day, with a factory of records; return what it returns."""
        set_clock(day)
        with self.database.write(self.actor) as tx:
            made = work(Factory(tx))
            tx.flush()
            return made

    def change(self, model: Any, record_id: str, **values: Any) -> None:
        """Change a record as an edit does."""
        with self.database.write(self.actor) as tx:
            tx.act("resident.edit")
            tx.change(tx.session.get(model, record_id), values)

    def close(self, period: Period, *, figures: tuple[Indicator, ...] = FEW, **how: Any) -> str:
        """Close a month, with a few figures: putting together the queries of all costs more than all the rest."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("app.ledgers.closing.INDICATORS", figures)
            return close_month(self.database, self.actor, period, **how)

    def reopen(self, period: Period, why: str = "审计要改") -> None:
        with self.database.write(self.actor) as tx:
            reopen_month(tx, period, why=why)

    def standing(self, period: Period) -> Close:
        with self.database.read() as tx:
            found = standing(tx, STATION["code"], period)
        assert found is not None
        return found

    def rows(self, name: str, period: Period, *, whole: bool = False, **filters: str) -> list[list[Any]]:
        with self.database.read(self.actor) as tx:
            return list(cells(tx, ledger_named(name), Ask(period, **filters), whole=whole))

    def corrections(self, name: str, period: Period, **filters: str) -> list[Correction]:
        with self.database.read(self.actor) as tx:
            return corrections_of(tx, ledger_named(name), Ask(period, **filters))

    def files(self, folder: Path, period: Period, *, why: str = "", codes: tuple[str, ...] = ()) -> dict[str, bytes]:
        """Make every paper of a month; return their bytes by name."""
        folder.mkdir(parents=True, exist_ok=True)
        with self.database.read(self.actor) as tx:
            for ledger in SHARED:
                for way in WAYS if not codes or ledger.code in codes else ():
                    ask = Ask(period)
                    write_ledger(
                        folder / f"{ledger.code}.{way}",
                        as_made(tx, ledger, ask),
                        heading_of(tx, ask, ledger=ledger, why=why),
                        cells(tx, ledger, ask, whole=bool(why)),
                        corrections=corrections_of(tx, ledger, ask),
                    )
        return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}
