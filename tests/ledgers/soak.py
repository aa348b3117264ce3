"""Figures and ledgers of a whole district against SQL written by hand: ``python -m tests.sim.soak ledgers``.

A district of 100,000 residents and two years (``--residents``, ``--seed``), each of its 24 months and two periods that
are no months, on the counter's encrypted SQLite; then the same figures once more on PostgreSQL (``--no-postgres``
leaves that out).
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import sqlalchemy as sa
from sqlmodel import SQLModel

from app.ledgers.base import Ask
from app.ledgers.figures import figures
from app.ledgers.indicators import INDICATORS
from app.ledgers.period import Period, month_of
from tests.ledgers import district, independent
from tests.ledgers.comparing import PERIODS, differences, district_of, runner
from tests.postgres import fresh_database, running


def main(argv: Sequence[str]) -> int:
    """Compare; return 1 if anything differs."""
    parser = argparse.ArgumentParser(prog="soak ledgers", description=__doc__)
    parser.add_argument("--residents", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--no-postgres", action="store_true")
    options = parser.parse_args(argv)
    months = [month_of(date(year, month, 1)) for year in (2025, 2026) for month in range(1, 13)]
    by_hand: dict[Period, dict[str, tuple[int, int | None]]] = {}
    wrong = 0
    with tempfile.TemporaryDirectory(prefix="doorstep-soak-") as folder:
        began = time.monotonic()
        with district_of(Path(folder) / "district.db", options.residents, seed=options.seed) as connection:
            print(f"{options.residents:,} residents written in {time.monotonic() - began:.0f} s", flush=True)
            for period in (*months, *PERIODS[2:]):
                wrong += _tell(period, differences(connection, period))
                by_hand[period] = independent.figures(runner(connection), period.first, period.until)
    if not options.no_postgres:
        wrong += _on_postgresql(options.residents, options.seed, by_hand)
    print("nothing differs" if not wrong else f"{wrong} differences")
    return 1 if wrong else 0


def _tell(period: Period, found: Sequence[str], where: str = "SQLite") -> int:
    print(f"{where} {period.slug}: {'as by hand' if not found else '; '.join(found)}", flush=True)
    return len(found)


def _on_postgresql(residents: int, seed: int, by_hand: dict[Period, dict[str, tuple[int, int | None]]]) -> int:
    wrong = 0
    with running() as server, fresh_database(server) as url:
        engine = sa.create_engine(url)
        SQLModel.metadata.create_all(engine)
        district.fill(engine, residents, seed=seed)
        with engine.connect() as connection:
            for period, told in by_hand.items():
                ours = {
                    each.indicator.code: (each.numerator, each.denominator)
                    for each in figures(connection, INDICATORS, Ask(period))
                }
                found = [
                    f"{code}: {ours[code]} here, {told[code]} by hand" for code in ours if ours[code] != told[code]
                ]
                wrong += _tell(period, found, "PostgreSQL")
        engine.dispose()
    return wrong


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
