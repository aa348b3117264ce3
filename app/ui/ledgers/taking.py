"""Taking a ledger out: which kind of file, masked or for a reason whole, where to, and the work itself."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app.errors import AppError, Cancelled
from app.ledgers.base import Ask, Ledger
from app.ledgers.export import Heading
from app.ledgers.making import EXPORT_WHOLE, as_made, cells, corrections_of, count, note_export
from app.printing.ledger_file import write_ledger
from app.texts import _
from app.ui.context import UiContext
from app.ui.ledgers import state
from app.ui.rights import Rights
from app.ui.taking_out import (
    CSV,
    EXCEL,
    PDF,
    SUFFIX,
    Masking,
    Reason,
    TakingOutDialog,
    Wanted,
    answer_of,
    ask_where,
)

if TYPE_CHECKING:
    from app.db.database import Transaction


class ExportDialog(TakingOutDialog):
    """Which kind of file, and whether names and numbers are whole; that only with a reason."""

    def __init__(self, parent: QWidget | None, ledger: Ledger, facts: str, rights: Rights) -> None:
        refused = rights.why_not(EXPORT_WHOLE)
        masking = Masking(
            _("姓名和号码"),
            _("姓名号码遮住"),
            _("写完整的"),
            _("为什么要完整的"),
            _("为什么要完整的？谁导出的、为什么，会记下来，也印在表上。"),
            [Reason(code, _(label), label) for code, label in state.REASONS],  # a trace and a paper are in Chinese
            refused=_("姓名和号码只能遮住：{why}", why=refused) if refused else "",
            offered=state.has_personal(ledger),
        )
        title = _("导出{ledger}", ledger=_(ledger.title))
        super().__init__(parent, title, facts, kinds=(EXCEL, PDF, CSV), masking=masking)


def ask_export(parent: QWidget | None, ledger: Ledger, facts: str, rights: Rights) -> Wanted | None:
    """Ask what to take out; None when the answer is no."""
    return answer_of(ExportDialog(parent, ledger, facts, rights))


def ask_path(parent: QWidget | None, kind: str, name: str) -> Path | None:
    """Ask where the file goes; None when the person thinks better of it."""
    return ask_where(parent, _("导出台账"), name, kind=kind)


class Taking(QObject):
    """One export under way: the trace first, in the db lane; then the file, on the io lane. ``finished`` in any case.

    ``stop()`` ends it at the next look, and no file is left; so does the end of the screen.
    """

    progressed = Signal(int, int)
    finished = Signal()

    def __init__(
        self, context: UiContext, parent: QObject, ledger: Ledger, ask: Ask, wanted: Wanted, path: Path
    ) -> None:
        super().__init__(parent)
        self._context, self._ledger, self._ask = context, ledger, ask
        self._wanted, self._path, self._total = wanted, path, 0
        self._stop = threading.Event()
        self.destroyed.connect(self._stop.set)

    def start(self) -> None:
        """Leave the trace, then write."""
        work = partial(_begin, ledger=self._ledger, ask=self._ask, wanted=self._wanted)
        self._context.runner.write(work, self._on_begun, self._on_error)

    def stop(self) -> None:
        """Ask it to end."""
        self._stop.set()

    def _on_begun(self, begun: tuple[Heading, int]) -> None:
        heading, self._total = begun
        self.progressed.emit(0, self._total)
        told = partial(_tell, self.progressed.emit, self._stop.is_set, self._total)
        work = partial(write_file, ledger=self._ledger, ask=self._ask, heading=heading, path=self._path, told=told)
        work = partial(work, password=self._wanted.password)
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


def _begin(tx: Transaction, *, ledger: Ledger, ask: Ask, wanted: Wanted) -> tuple[Heading, int]:
    """Leave the trace; return the ledger's head and how many rows it has."""
    heading = note_export(tx, ledger, ask, way=SUFFIX[wanted.kind][1:], why=wanted.why)
    return heading, count(tx, ledger, ask)


def _tell(emit: Callable[[int, int], object], stopped: Callable[[], bool], total: int, done: int) -> None:
    if stopped():
        raise Cancelled
    emit(done, max(done, total))


def write_file(
    tx: Transaction,
    *,
    ledger: Ledger,
    ask: Ask,
    heading: Heading,
    path: Path,
    told: Callable[[int], object],
    password: str = "",
) -> int | None:
    """Write the file, whole or not at all; return how many rows it has, None when ``told`` raised Cancelled.

    Raises:
        NotFoundError: it is closed, and what was frozen is not here.
        StorageError: no room, or the file is open elsewhere.
    """
    rows = cells(tx, ledger, ask, whole=bool(heading.whole_why))
    try:
        told(0)
        corrections = corrections_of(tx, ledger, ask, tick=lambda _rows: told(0))
        made = as_made(tx, ledger, ask)
        return write_ledger(path, made, heading, rows, progress=told, corrections=corrections, password=password)
    except Cancelled:
        return None
