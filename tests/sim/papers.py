"""Every ledger as a workbook, open and locked, opened by LibreOffice: the cells, their types and the page as written.

``make soak args="papers"``: needs LibreOffice Calc and its Python bridge (Debian: libreoffice-calc, python3-uno).
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pypdfium2

from app import clock
from app.ledgers import SHARED
from app.ledgers.base import Kind, Ledger
from app.ledgers.export import Heading
from app.ledgers.read import Cell
from app.printing.ledger_file import write_ledger

HEADING = Heading("溪桥社区就业服务站", "2026年11月", "陶丽华", datetime(2026, 12, 1, 9, tzinfo=clock.LOCAL_ZONE))
PASSWORD = "溪桥-2026-台账"
_EPOCH = datetime(1899, 12, 30)
TEXTS = ("=1+1", "@SUM(1)", "-3", "+8", "'单引号", "𠮷田䶮", "很长的" * 40, "1e5", "2026-11-01", " 空格 ", "<b>&amp;")


def main(argv: Sequence[str]) -> int:
    """Compare every ledger; return the exit status."""
    parser = argparse.ArgumentParser(prog="soak papers", description=__doc__)
    parser.add_argument("--rows", type=int, default=2000, help="of each ledger (2000)")
    options = parser.parse_args(argv)
    if shutil.which("soffice") is None:
        print("LibreOffice is not here: install libreoffice-calc and python3-uno", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as room, office(Path(room)) as ask:
        wrong = [words for ledger in SHARED for words in _compare(ledger, options.rows, Path(room), ask)]
    print("\n".join(wrong) or f"{len(SHARED)} ledgers of {options.rows} rows, open and locked: as written")
    return 1 if wrong else 0


@contextmanager
def office(room: Path) -> Iterator[Any]:
    """Yield what asks LibreOffice to read a file; it ends with the block."""
    pipe, profile = f"doorstep{os.getpid()}", (room / "profile").as_uri()
    command = ["soffice", "--headless", "--norestore", f"--accept=pipe,name={pipe};urp;"]
    serving = subprocess.Popen([*command, f"-env:UserInstallation={profile}"])
    reader = subprocess.Popen(
        ["/usr/bin/python3", str(Path(__file__).with_name("uno_reader.py")), pipe],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    assert reader.stdin is not None and reader.stdout is not None
    sink, source = reader.stdin, reader.stdout

    def ask(path: Path, *, password: str = "", pdf: Path | None = None) -> dict[str, Any]:
        job = {"path": str(path), "password": password, "pdf": str(pdf) if pdf else None}
        sink.write(json.dumps(job) + "\n")
        sink.flush()
        answer: dict[str, Any] = json.loads(source.readline())
        return answer

    try:
        yield ask
    finally:
        with suppress(BrokenPipeError):
            sink.close()
        reader.wait(30)
        serving.terminate()
        serving.wait(30)


def _compare(ledger: Ledger, count: int, room: Path, ask: Any) -> Iterator[str]:
    """Yield what LibreOffice reads otherwise than it was written."""
    rows = [_row(ledger, number) for number in range(count)]
    plain, locked, pdf = (room / f"{ledger.code}{end}" for end in (".xlsx", "-locked.xlsx", ".pdf"))
    write_ledger(plain, ledger, HEADING, rows)
    write_ledger(locked, ledger, HEADING, rows, password=PASSWORD)
    found, again = ask(plain, pdf=pdf), ask(locked, password=PASSWORD)
    shut = ask(locked, password="falsch-falsch")
    if "error" in found or "error" in again:
        yield f"{ledger.code}: does not open: {found.get('error')} {again.get('error')}"
        return
    if "error" not in shut:
        yield f"{ledger.code}: opens with a wrong password"
    if found != again:
        yield f"{ledger.code}: the locked one reads otherwise"
    sheet = found["sheets"][0]
    wanted = [[number, *(_read(cell) for cell in cells)] for number, cells in enumerate(rows, 1)]
    got = sheet["rows"][3 : 3 + count]
    for number, (one, other) in enumerate(zip(wanted, got, strict=False), 1):
        if [_rounded(each) for each in one] != [_rounded(each) for each in other[: len(one)]]:
            yield f"{ledger.code}: row {number} {one} reads {other}"
            break
    if len(got) != count or sheet["formulas"] or not sheet["landscape"] or sheet["repeated"] != 2:
        facts = (len(got), sheet["formulas"], sheet["landscape"], sheet["paper"], sheet["repeated"])
        yield f"{ledger.code}: rows, formulas, landscape, paper, repeated head are {facts}"
    second = "".join(pypdfium2.PdfDocument(pdf)[1].get_textpage().get_text_range().split())
    if any(column.title not in second for column in ledger.columns) or "第2页" not in second:
        yield f"{ledger.code}: the second page has no head or no number"


def _row(ledger: Ledger, number: int) -> list[Cell]:
    return [_cell(column.kind, number + place) for place, column in enumerate(ledger.columns)]


def _cell(kind: Kind, seed: int) -> Cell:
    if seed % 17 == 0:
        return None
    match kind:
        case Kind.NUMBER:
            return seed
        case Kind.MONEY:
            return round(seed * 1.37, 2)
        case Kind.DATE:
            return date(2026, 11, 1) + timedelta(days=seed % 30)
        case Kind.MOMENT:
            return datetime(2026, 11, 1 + seed % 30, seed % 24, seed % 60)
        case _:
            return TEXTS[seed % len(TEXTS)]


def _read(cell: Cell) -> str | float:
    """Return a cell as LibreOffice tells it: days as numbers, nothing as an empty text."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return (cell - _EPOCH) / timedelta(days=1)
    if isinstance(cell, date):
        return float((datetime(cell.year, cell.month, cell.day) - _EPOCH).days)
    return cell if isinstance(cell, str) else float(cell)


def _rounded(value: object) -> object:
    return round(value, 6) if isinstance(value, int | float) else value
