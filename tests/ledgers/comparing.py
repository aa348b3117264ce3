"""The program's figures and ledgers beside the independent ones, on one database file."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import Connection

from app.db.database import make_engine
from app.db.migrate import migrate
from app.ledgers import SHARED
from app.ledgers.base import Ask, Ledger
from app.ledgers.figures import figures
from app.ledgers.indicators import INDICATORS
from app.ledgers.period import Period
from app.ledgers.read import lines
from tests.ledgers import district, independent

KEY = bytes(range(32))
PERIODS = (
    Period(date(2026, 12, 1), date(2027, 1, 1)),
    Period(date(2026, 2, 1), date(2026, 3, 1)),
    Period(date(2025, 4, 3), date(2026, 1, 18)),
)


@contextmanager
def district_of(path: Path, residents: int, *, seed: int = 7) -> Iterator[Connection]:
    """Build an encrypted counter's file that holds a district, and open it."""
    engine = make_engine(path, KEY)
    migrate(engine)
    district.fill(engine, residents, seed=seed)
    with engine.connect() as connection:
        yield connection
    engine.dispose()
    os.unlink(path)


def runner(connection: Connection) -> independent.Run:
    """Return what runs one plain statement."""
    return lambda sql, values: [dict(row) for row in connection.execute(sa.text(sql), values).mappings()]


def differences(connection: Connection, period: Period) -> list[str]:
    """Return a sentence for everything in which the program and the independent SQL differ in a period."""
    run = runner(connection)
    theirs = independent.figures(run, period.first, period.until)
    ours = {
        each.indicator.code: (each.numerator, each.denominator) for each in figures(connection, INDICATORS, Ask(period))
    }
    found = [f"{code}: {ours.get(code)} here, {theirs.get(code)} by hand" for code in {*ours, *theirs}
             if ours.get(code) != theirs.get(code)]  # fmt: skip
    for ledger in SHARED:
        found += _rows(connection, run, ledger, period)
    return sorted(found)


def _rows(connection: Connection, run: independent.Run, ledger: Ledger, period: Period) -> list[str]:
    if ledger.code == "YB":
        table = {line.row_id: line.values[1:] for line in lines(connection, ledger, Ask(period))}
        ours = {station: values for station, values in table.items() if any(values)}
        theirs = independent.monthly(run, period.first, period.until)
        theirs = {station: values for station, values in theirs.items() if any(values)}
        return [] if ours == theirs else [f"YB: {ours} here, {theirs} by hand"]
    hand = run(independent.LEDGERS[ledger.code], independent.parameters(period.first, period.until))
    (column,) = {name for row in hand[:1] for name in row} - {"id"} or {ledger.columns[0].key}
    place = [each.key for each in ledger.columns].index(column)
    told = sorted((line.row_id, str(line.values[place])) for line in lines(connection, ledger, Ask(period)))
    wanted = sorted((row["id"], str(row[column])) for row in hand)
    return [] if told == wanted else [f"{ledger.code}: {len(told)} rows here, {len(wanted)} by hand, or other values"]
