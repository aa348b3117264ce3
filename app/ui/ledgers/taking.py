"""Taking a ledger out: which kind of file, masked or for a reason whole, where to, and the work itself."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from app.ledgers.base import Ask, Ledger
from app.ledgers.export import Heading
from app.ledgers.making import EXPORT_WHOLE, as_made, cells, corrections_of, count, note_export
from app.printing.ledger_file import write_ledger
from app.texts import _
from app.ui.context import UiContext
from app.ui.file_taking import FileTaking, Told
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


class Taking(FileTaking):
    """One ledger on its way out: the trace first, in the db lane; then the file, on the io lane."""

    def __init__(
        self, context: UiContext, parent: QObject, ledger: Ledger, ask: Ask, wanted: Wanted, path: Path
    ) -> None:
        super().__init__(context, parent, path)
        self._ledger, self._ask, self._wanted = ledger, ask, wanted

    def start(self) -> None:
        """Leave the trace, then write."""
        work = partial(_begin, ledger=self._ledger, ask=self._ask, wanted=self._wanted)
        self._context.runner.write(work, self._on_begun, self._on_error)

    def _on_begun(self, begun: tuple[Heading, int]) -> None:
        heading, total = begun
        work = partial(write_file, ledger=self._ledger, ask=self._ask, heading=heading, path=self._path)
        self._write(partial(work, password=self._wanted.password), total)


def _begin(tx: Transaction, *, ledger: Ledger, ask: Ask, wanted: Wanted) -> tuple[Heading, int]:
    """Leave the trace; return the ledger's head and how many rows it has."""
    heading = note_export(tx, ledger, ask, way=SUFFIX[wanted.kind][1:], why=wanted.why)
    return heading, count(tx, ledger, ask)


def write_file(
    tx: Transaction, told: Told, *, ledger: Ledger, ask: Ask, heading: Heading, path: Path, password: str = ""
) -> int:
    """Write the file, whole or not at all; return how many rows it has.

    Raises:
        NotFoundError: it is closed, and what was frozen is not here.
        StorageError: no room, or the file is open elsewhere.
        Cancelled: ``told`` said so.
    """
    rows = cells(tx, ledger, ask, whole=bool(heading.whole_why))
    corrections = corrections_of(tx, ledger, ask, tick=lambda _rows: told(0))
    made = as_made(tx, ledger, ask)
    return write_ledger(path, made, heading, rows, progress=told, corrections=corrections, password=password)
