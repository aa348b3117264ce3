"""Taking out what is on the screen 全区台账: the trace first, in the db lane; then the file, on the io lane."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.ledgers.base import Ledger
from app.ledgers.comparison import table_for
from app.ledgers.export import Heading
from app.ledgers.making import names_of
from app.ledgers.read import Cell, Pen, lines
from app.ledgers.taken import FROM_DISTRICT, FROM_HERE, note_taken
from app.printing.ledger_file import write_ledger
from app.ui.context import UiContext
from app.ui.district_ledgers import state
from app.ui.district_ledgers.state import Got
from app.ui.file_taking import FileTaking, Told
from app.ui.taking_out import SUFFIX, Wanted

if TYPE_CHECKING:
    from app.db.database import Transaction


class TakingOut(FileTaking):
    """One export under way. ``got``: what leaves, whole already where the district made it so."""

    def __init__(self, context: UiContext, parent: QObject, got: Got, wanted: Wanted, path: Path) -> None:
        super().__init__(context, parent, path)
        self._got, self._wanted = got, wanted

    def start(self) -> None:
        """Leave the trace, then write."""
        work = partial(begin, got=self._got, wanted=self._wanted)
        self._context.runner.write(work, self._on_begun, self._on_error)

    def _on_begun(self, heading: Heading) -> None:
        work = partial(write_file, got=self._got, wanted=self._wanted, heading=heading, path=self._path)
        self._write(work, self._got.count)


def begin(tx: Transaction, *, got: Got, wanted: Wanted) -> Heading:
    """Leave the trace and return the table's head."""
    source = FROM_DISTRICT if got.source == state.DISTRICT else FROM_HERE
    way, rows = SUFFIX[wanted.kind][1:], got.count + (got.compared is not None)
    return note_taken(tx, got.ledger, got.ask, rows=rows, way=way, stations=got.stations, why=wanted.why, source=source)


def write_file(tx: Transaction, told: Told, *, got: Got, wanted: Wanted, heading: Heading, path: Path) -> int:
    """Write the file, whole or not at all; return how many rows it has.

    Raises:
        StorageError: no room, or the file is open elsewhere.
        Cancelled: ``told`` said so.
    """
    ledger, rows = _table(tx, got, path.suffix.casefold(), whole=bool(wanted.why))
    return write_ledger(path, ledger, heading, rows, progress=told, password=wanted.password)


def _table(tx: Transaction, got: Got, way: str, *, whole: bool) -> tuple[Ledger, Iterable[list[Cell]]]:
    """Return columns and cells: as they are on screen; whole ones of this computer are read anew."""
    if got.compared is not None:
        return table_for(got.compared, way)
    preview = got.preview
    assert preview is not None
    if got.source == state.HERE and whole:
        pen = Pen(names_of(tx), got.ledger, got.ask, whole=True)
        return got.ledger, map(pen.cells, lines(tx.session.connection(), got.ledger, got.ask))
    return got.ledger, (preview.pen.cells(row.line) for row in preview.rows)
