"""Taking out what is on the screen 全区台账: the trace first, in the db lane; then the file, on the io lane."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.errors import AppError, Cancelled
from app.ledgers.base import Ledger
from app.ledgers.comparison import table_for
from app.ledgers.export import Heading
from app.ledgers.making import names_of
from app.ledgers.read import Cell, Pen, lines
from app.ledgers.taken import FROM_DISTRICT, FROM_HERE, note_taken
from app.printing.ledger_file import write_ledger
from app.texts import _
from app.ui.context import UiContext
from app.ui.district_ledgers import state
from app.ui.district_ledgers.state import Got
from app.ui.taking_out import SUFFIX, Wanted

if TYPE_CHECKING:
    from app.db.database import Transaction


class TakingOut(QObject):
    """One export under way. ``finished`` in any case; ``stop()`` ends it at the next look, and no file is left.

    ``got``: what leaves, whole already where the district made it so.
    """

    progressed = Signal(int, int)
    finished = Signal()

    def __init__(self, context: UiContext, parent: QObject, got: Got, wanted: Wanted, path: Path) -> None:
        super().__init__(parent)
        self._context, self._got, self._wanted, self._path = context, got, wanted, path
        self._stop = threading.Event()
        self.destroyed.connect(self._stop.set)

    def start(self) -> None:
        """Leave the trace, then write."""
        work = partial(begin, got=self._got, wanted=self._wanted)
        self._context.runner.write(work, self._on_begun, self._on_error)

    def stop(self) -> None:
        """Ask it to end."""
        self._stop.set()

    def _on_begun(self, heading: Heading) -> None:
        self.progressed.emit(0, self._got.count)
        told = partial(_tell, self.progressed.emit, self._stop.is_set, self._got.count)
        work = partial(write_file, got=self._got, wanted=self._wanted, heading=heading, path=self._path, told=told)
        self._context.runner.read_aside(work, self._on_written, self._on_error)

    def _on_written(self, rows: int | None) -> None:
        name = self._path.name
        if rows is None:
            self._context.messages.remark(_("停下了，没有留下文件；这次导出记在日志里。"))
        elif rows:
            self._context.messages.say(_("导出好了，{n} 行：{name}", n=f"{rows:,}", name=name))
        else:
            self._context.messages.say(_("导出好了。本期没有记录，表上写明了：{name}", name=name))
        self.finished.emit()

    def _on_error(self, error: AppError) -> None:
        self._context.messages.show_error(error)
        self.finished.emit()


def begin(tx: Transaction, *, got: Got, wanted: Wanted) -> Heading:
    """Leave the trace and return the table's head."""
    source = FROM_DISTRICT if got.source == state.DISTRICT else FROM_HERE
    way, rows = SUFFIX[wanted.kind][1:], got.count + (got.compared is not None)
    return note_taken(tx, got.ledger, got.ask, rows=rows, way=way, stations=got.stations, why=wanted.why, source=source)


def _tell(emit: Callable[[int, int], object], stopped: Callable[[], bool], total: int, done: int) -> None:
    if stopped():
        raise Cancelled
    emit(done, max(done, total))


def write_file(
    tx: Transaction, *, got: Got, wanted: Wanted, heading: Heading, path: Path, told: Callable[[int], object]
) -> int | None:
    """Write the file, whole or not at all; return how many rows it has, None when ``told`` raised Cancelled.

    Raises:
        StorageError: no room, or the file is open elsewhere.
        PrintError: a character that no font for paper has.
    """
    try:
        told(0)
        ledger, rows = _table(tx, got, path.suffix.casefold(), whole=bool(wanted.why))
        return write_ledger(path, ledger, heading, rows, progress=told, password=wanted.password)
    except Cancelled:
        return None


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
