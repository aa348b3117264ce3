"""A ledger of 100,000 referrals to Excel, from the query to the file, against the library writing the same cells.

The floor is XlsxWriter in constant memory, given a list of ready cells in the same formats. Ours reads the encrypted
file, joins person, vacancy and employer, shapes and masks each cell, and writes head, widths, print set-up and the
sheet of definitions. Memory is that of a process of its own, ten times the rows against one. Turn by turn, processor
time, the smallest of three. ``python -m bench.bench_ledger [quick]`` prints; ``quick`` takes 10,000 rows.
"""

import json
import random
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from time import process_time
from typing import Any

from app import clock
from app.db.database import Database, make_engine, raw_connection
from app.db.migrate import migrate
from app.ledgers import REFERRALS
from app.ledgers.base import Ask
from app.ledgers.export import Heading, write_excel
from app.ledgers.making import cells
from app.ledgers.period import Period
from bench.bench_search import _KEY, _RESIDENT, people

ROWS, QUICK, FEW = 100_000, 10_000, 10_000
TURNS = 3
LIMIT, FLAT = 1.3, 1.2
_YEAR = Ask(Period(date(2026, 1, 1), date(2027, 1, 1)))
_HEADING = Heading("溪桥社区就业服务站", "2026年", "陶丽华", datetime(2027, 1, 1, 9, tzinfo=clock.LOCAL_ZONE))
_EMPLOYER = (
    "INSERT INTO employer (id, station_code, created_at, rev, extra, name, agent_checked, verify_state)"
    " VALUES (?, '330110012001', ?, 0, '{}', ?, 0, '20')"
)
_VACANCY = (
    "INSERT INTO vacancy (id, station_code, created_at, rev, extra, employer_id, title, shift, si_items, edu_mandatory,"
    " certs_required, minor_ok, friendly_tags, review_state, review_hits)"
    " VALUES (?, '330110012001', ?, 0, '{}', ?, ?, '[]', '[]', 0, '[]', 0, '[]', '30', '[]')"
)
_REFERRAL = (
    "INSERT INTO referral (id, station_code, created_at, rev, extra, slip_no, resident_id, vacancy_id, match_reasons,"
    " issued_at, valid_until, consent_share, print_sex, print_phone, state, outcome, outcome_reason, reply_at)"
    " VALUES (?, '330110012001', ?, 0, '{}', ?, ?, ?, '[]', ?, ?, 1, 0, 0, '40', ?, ?, ?)"
)


def fill(path: Path, count: int) -> None:
    """Build the file by bulk SQL: as many referrals as that, of a fifth as many people."""
    engine = make_engine(path, _KEY)
    migrate(engine)
    engine.dispose()
    raw = raw_connection(path, _KEY)
    raw.execute("PRAGMA synchronous = OFF")
    raw.execute("BEGIN")
    dice = random.Random(5)
    now = f"{clock.now():%Y-%m-%d %H:%M:%S.%f}"
    persons = [clock.new_id() for _n in range(count // 5)]
    rows = []
    for number, (record_id, (name, id_no, born, mobile)) in enumerate(zip(persons, people(count // 5), strict=True)):
        rows.append((record_id, now, now, name, id_no, "1", born, f"溪桥苑 {number % 90} 幢", mobile))
    raw.executemany(_RESIDENT, rows)
    employers = [clock.new_id() for _n in range(500)]
    raw.executemany(_EMPLOYER, [(each, now, f"杭州云禾第{n}物业服务有限公司") for n, each in enumerate(employers)])
    posts = [clock.new_id() for _n in range(2000)]
    raw.executemany(_VACANCY, [(each, now, employers[n % 500], "公寓综合维修") for n, each in enumerate(posts)])
    raw.executemany(_REFERRAL, [_referral(dice, now, persons, posts, number) for number in range(count)])
    raw.execute("COMMIT")
    raw.execute("ANALYZE")
    raw.close()


def _referral(
    dice: random.Random, now: str, persons: Sequence[str], posts: Sequence[str], number: int
) -> tuple[Any, ...]:
    day = date(2026, 1, 1) + timedelta(days=dice.randrange(350))
    reply = day + timedelta(days=dice.randrange(1, 12))
    hired = dice.random() < 0.3
    return (
        clock.new_id(),
        now,
        f"TJ330110{day:%y%m%d}01-{number % 10_000:04d}",
        dice.choice(persons),
        dice.choice(posts),
        f"{day} 02:00:00.000000",
        f"{day + timedelta(days=7)}",
        "1" if hired else "3",
        None if hired else "02",
        f"{reply} 03:00:00.000000",
    )


def floor(path: Path, rows: Sequence[Sequence[Any]]) -> float:
    """Write ready cells in the formats of a ledger, and nothing else; return the seconds."""
    import xlsxwriter

    began = process_time()
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True, "strings_to_formulas": False})
    line = {"border": 1, "font_size": 10, "valign": "vcenter", "font_name": "宋体"}
    text, number = book.add_format(line), book.add_format({**line, "num_format": "0"})
    day = book.add_format({**line, "num_format": "yyyy-mm-dd", "align": "center"})
    sheet = book.add_worksheet()
    for at, row in enumerate(rows):
        sheet.write_number(at, 0, at + 1, number)
        for place, cell in enumerate(row, 1):
            if isinstance(cell, str):
                sheet.write_string(at, place, cell, text)
            elif cell is None:
                sheet.write_blank(at, place, None, text)
            elif isinstance(cell, date):
                sheet.write_datetime(at, place, cell, day)
            else:
                sheet.write_number(at, place, cell, number)
    book.close()
    return process_time() - began


def ours(file: Path, path: Path) -> float:
    """Take the ledger out of the encrypted file; return the seconds."""
    database = Database(file, _KEY)
    began = process_time()
    with database.read() as tx:
        write_excel(path, REFERRALS, _HEADING, cells(tx, REFERRALS, _YEAR))
    spent = process_time() - began
    database.close()
    return spent


def peak(file: Path) -> int:
    """Return the most memory, in KiB, that a process of its own needed for the ledger."""
    command = [sys.executable, "-m", "bench.bench_ledger", "peak", str(file)]
    return int(
        subprocess.run(command, check=True, capture_output=True, text=True, cwd=Path(__file__).parent.parent).stdout
    )


def run(quick: bool = False) -> list[tuple[str, float, float, str]]:
    """Measure both."""
    count = QUICK if quick else ROWS
    with tempfile.TemporaryDirectory(prefix="doorstep-ledger-") as folder:
        here = Path(folder)
        fill(here / "many.db", count)
        fill(here / "few.db", FEW)
        database = Database(here / "many.db", _KEY)
        with database.read() as tx:
            rows = list(cells(tx, REFERRALS, _YEAR))
        database.close()
        bare, whole = [], []
        for _turn in range(1 if quick else TURNS):
            bare.append(floor(here / "floor.xlsx", rows))
            whole.append(ours(here / "many.db", here / "ours.xlsx"))
        few, many = peak(here / "few.db"), peak(here / "many.db")
    width = len(REFERRALS.columns) + 1
    spoken = f"{min(bare):.1f} s bare, {min(whole):.1f} s from query to file, {len(rows):,} rows x {width} columns"
    memory = f"{few / 1024:.0f} MB for {FEW:,} rows, {many / 1024:.0f} MB for {len(rows):,}"
    return [
        (f"ledger of {len(rows):,} rows to Excel", min(whole) / min(bare), LIMIT, spoken),
        ("ledger: memory, many rows to few", many / few, FLAT, memory),
    ]


def _peak(file: Path) -> None:
    import resource

    with tempfile.TemporaryDirectory() as folder:
        ours(file, Path(folder) / "a.xlsx")
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


if __name__ == "__main__":
    if sys.argv[1:2] == ["peak"]:
        _peak(Path(sys.argv[2]))
    else:
        print(json.dumps(run(quick="quick" in sys.argv[1:]), ensure_ascii=False, indent=2))
