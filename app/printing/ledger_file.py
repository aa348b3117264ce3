"""A ledger as the file whose name says which kind: .xlsx, .pdf or .csv."""

from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path

from app.errors import InvalidInputError
from app.ledgers.base import Ledger
from app.ledgers.correction_rows import (
    TITLE,
    correction_cells,
    correction_ledger,
    correction_lines,
    correction_paper,
)
from app.ledgers.export import Extra, Heading, Progress, write_csv, write_excel, write_whole
from app.ledgers.locking import write_locked
from app.ledgers.read import Cell
from app.ledgers.restating import Correction
from app.printing.ledger_pdf import ledger_pdf
from app.texts import _

WAYS = (".xlsx", ".pdf", ".csv")


def write_ledger(
    path: Path,
    ledger: Ledger,
    heading: Heading,
    rows: Iterable[list[Cell]],
    *,
    progress: Progress | None = None,
    password: str = "",
    corrections: Sequence[Correction] = (),
) -> int:
    """Write a ledger; return how many rows it has. ``progress`` is told how far it came and may raise Cancelled.

    ``password``: without it Excel and WPS do not open the workbook; other files take none. Corrections of earlier
    months get a sheet or a section of their own; beside a CSV, a file of their own.

    Raises:
        InvalidInputError: the password is too simple, or the file is no workbook.
        StorageError: no room, or the file is open elsewhere; no torn file is left.
    """
    way = path.suffix.casefold()
    more = _extra(ledger, heading, corrections, printed=way == ".pdf")
    if password and way != ".xlsx":
        raise InvalidInputError({"password": _("只有 Excel 文件能设打开密码")})
    fill = partial(write_excel, ledger=ledger, heading=heading, rows=rows, progress=progress, more=more)
    if password:
        return write_locked(path, password, fill)
    if way == ".pdf":
        held = list(rows)
        write_whole(path, ledger_pdf(ledger, heading, held, progress=progress, more=more))
        return len(held)
    if way == ".xlsx":
        return fill(path)
    count = write_csv(path, ledger, heading, rows, progress=progress)
    if more is not None:
        write_csv(beside(path), more.ledger, heading, more.rows)
    return count


def beside(path: Path) -> Path:
    """Return where the corrections of earlier months stand beside a CSV."""
    return path.with_name(f"{path.stem} {TITLE}{path.suffix}")


def _extra(ledger: Ledger, heading: Heading, corrections: Sequence[Correction], *, printed: bool) -> Extra | None:
    if not corrections:
        return None
    whole = bool(heading.whole_why)
    if printed:
        return Extra(TITLE, correction_paper(ledger), list(correction_lines(ledger, corrections, whole=whole)))
    return Extra(TITLE, correction_ledger(ledger), list(correction_cells(ledger, corrections, whole=whole)))
