"""A ledger as the file whose name says which kind: .xlsx, .pdf or .csv."""

from collections.abc import Iterable
from pathlib import Path

from app.ledgers.base import Ledger
from app.ledgers.export import Heading, Progress, write_csv, write_excel, write_whole
from app.ledgers.read import Cell
from app.printing.ledger_pdf import ledger_pdf

WAYS = (".xlsx", ".pdf", ".csv")


def write_ledger(
    path: Path, ledger: Ledger, heading: Heading, rows: Iterable[list[Cell]], *, progress: Progress | None = None
) -> int:
    """Write a ledger; return how many rows it has. ``progress`` is told how far it came and may raise Cancelled.

    Raises:
        StorageError: no room, or the file is open elsewhere; no torn file is left.
        PrintError: a character that no font for paper has.
    """
    way = path.suffix.casefold()
    if way == ".pdf":
        held = list(rows)
        write_whole(path, ledger_pdf(ledger, heading, held, progress=progress))
        return len(held)
    return (write_csv if way == ".csv" else write_excel)(path, ledger, heading, rows, progress=progress)
