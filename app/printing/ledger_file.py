"""A ledger as the file whose name says which kind: .xlsx, .pdf or .csv."""

from collections.abc import Iterable
from pathlib import Path

from app.errors import InvalidInputError
from app.ledgers.base import Ledger
from app.ledgers.export import Heading, Progress, write_csv, write_excel, write_whole
from app.ledgers.locking import write_locked
from app.ledgers.read import Cell
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
) -> int:
    """Write a ledger; return how many rows it has. ``progress`` is told how far it came and may raise Cancelled.

    ``password``: without it Excel and WPS do not open the workbook; other files take none.

    Raises:
        InvalidInputError: the password is too simple, or the file is no workbook.
        StorageError: no room, or the file is open elsewhere; no torn file is left.
        PrintError: a character that no font for paper has.
    """
    way = path.suffix.casefold()
    if password and way != ".xlsx":
        raise InvalidInputError({"password": _("只有 Excel 文件能设打开密码")})
    if password:
        return write_locked(path, password, lambda plain: write_excel(plain, ledger, heading, rows, progress=progress))
    if way == ".pdf":
        held = list(rows)
        write_whole(path, ledger_pdf(ledger, heading, held, progress=progress))
        return len(held)
    return (write_csv if way == ".csv" else write_excel)(path, ledger, heading, rows, progress=progress)
