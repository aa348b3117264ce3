"""All figures of a district of 100,000 residents and two years, against SQL written by hand for the same figures.

The floor is ``tests/ledgers/independent.py``: eighteen statements, each of which reads a table once for all the figures
it gives. Ours computes every indicator of the registry for a month. Both on the same open connection to the encrypted
file, turn by turn, processor time, the smallest of five; that both tell the same is checked first.
``python -m bench.bench_indicators [quick]`` prints; ``quick`` takes 10,000 residents.
"""

import json
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from sqlalchemy import Connection

from app.ledgers.base import Ask
from app.ledgers.figures import figures
from app.ledgers.indicators import INDICATORS
from app.ledgers.period import Period, month_of
from tests.ledgers import independent
from tests.ledgers.comparing import district_of, runner

RESIDENTS, QUICK = 100_000, 10_000
TURNS, LIMIT = 5, 3.0
MONTH = month_of(date(2026, 12, 1))


def by_hand(connection: Connection, period: Period) -> dict[str, tuple[int, int | None]]:
    """Compute every figure by the statements written by hand."""
    return independent.figures(runner(connection), period.first, period.until)


def ours(connection: Connection, period: Period) -> dict[str, tuple[int, int | None]]:
    """Compute every figure of the registry."""
    told = figures(connection, INDICATORS, Ask(period))
    return {each.indicator.code: (each.numerator, each.denominator) for each in told}


def run(quick: bool = False) -> list[tuple[str, float, float, str]]:
    """Measure both."""
    count = QUICK if quick else RESIDENTS
    spent: dict[str, list[float]] = {"hand": [], "ours": []}
    with (
        tempfile.TemporaryDirectory(prefix="doorstep-figures-") as folder,
        district_of(Path(folder) / "district.db", count) as connection,
    ):
        if by_hand(connection, MONTH) != ours(connection, MONTH):
            raise AssertionError("the program and the SQL written by hand tell different figures")
        for _turn in range(1 if quick else TURNS):
            for name, compute in (("hand", by_hand), ("ours", ours)):
                began = time.process_time()
                compute(connection, MONTH)
                spent[name].append(time.process_time() - began)
    hand, own = min(spent["hand"]), min(spent["ours"])
    spoken = f"{hand:.2f} s by hand, {own:.2f} s for {len(INDICATORS)} figures of {count:,} residents, two years"
    return [("figures of a district", own / hand, LIMIT, spoken)]


if __name__ == "__main__":
    print(json.dumps(run(quick="quick" in sys.argv[1:]), ensure_ascii=False, indent=2))
