"""Taking a ledger out: which kind of file, masked or for a reason whole, where to, and the work itself."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QStandardPaths, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFileDialog, QWidget

from app.errors import AppError, Cancelled
from app.ledgers import read
from app.ledgers.base import Ask, Ledger
from app.ledgers.export import Heading, write_csv, write_excel, write_whole
from app.ledgers.making import EXPORT_WHOLE, cells, note_export
from app.printing.ledger_pdf import ledger_pdf
from app.texts import _
from app.ui.context import UiContext
from app.ui.dialogs import QuietDialog
from app.ui.ledgers import state
from app.ui.training.rights import Rights
from app.ui.widgets import Button, IconLabel, RadioChips, Text

if TYPE_CHECKING:
    from app.db.database import Transaction

EXCEL, PDF, CSV = "1", "2", "3"
MASKED, WHOLE = "1", "2"
SUFFIX = {EXCEL: ".xlsx", PDF: ".pdf", CSV: ".csv"}


@dataclass(frozen=True)
class Wanted:
    """What is taken out. ``why``: the reason for whole names and numbers, empty where they stay masked."""

    kind: str
    why: str = ""


class ExportDialog(QuietDialog):
    """Which kind of file, and whether names and numbers are whole; that only with a reason."""

    def __init__(self, parent: QWidget | None, ledger: Ledger, facts: str, rights: Rights) -> None:
        title = _("导出{ledger}", ledger=_(ledger.title))
        super().__init__(parent, title, facts, icon="file-down")
        self.wanted: Wanted | None = None
        self.kind = RadioChips([(EXCEL, "Excel"), (PDF, "PDF"), (CSV, "CSV")], name=_("存成什么"))
        self.people = RadioChips([(MASKED, _("姓名号码遮住")), (WHOLE, _("写完整的"))], name=_("姓名和号码"))
        self.why = RadioChips([(code, _(label)) for code, label in state.REASONS], name=_("为什么要完整的"))
        self._ask_why = Text(
            _("为什么要完整的？谁导出的、为什么，会记下来，也印在表上。"), "secondary", "text2", wrap=True
        )
        self.no, self.yes = Button(_("不导出"), key="Esc"), Button(_("选地方存"), "filled", "F9", "check")
        self.column.addWidget(self.kind)
        self.column.addWidget(self.people)
        refused = rights.why_not(EXPORT_WHOLE)
        self.people.setVisible(state.has_personal(ledger) and not refused)
        if refused and state.has_personal(ledger):
            line = _("姓名和号码只能遮住：{why}", why=refused)
            self.column.addWidget(IconLabel("lock", line, "text2", role="secondary", wrap=True))
        self.column.addWidget(self._ask_why)
        self.column.addWidget(self.why)
        self.add_buttons(self.no, self.yes)
        self.kind.set_code(EXCEL)
        self.people.set_code(MASKED)
        self.no.clicked.connect(self.reject)
        self.yes.clicked.connect(self._on_yes)
        self.people.chosen.connect(self._on_people)
        self.why.chosen.connect(self._on_why)
        self.kind.setFocus()
        self._tell()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """F9 and Enter go on; digits go to the row that has the keyboard."""
        if event.key() in (Qt.Key.Key_F9, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._on_yes()
        else:
            super().keyPressEvent(event)

    def _whole(self) -> bool:
        return self.people.code() == WHOLE

    def _tell(self) -> None:
        self._ask_why.setVisible(self._whole())
        self.why.setVisible(self._whole())
        self.yes.setEnabled(not self._whole() or bool(self.why.code()))
        width = max(self.width() if self.isVisible() else 0, self.sizeHint().width())
        self.resize(width, self.column.totalHeightForWidth(width))  # the rows of choices wrap in big text

    def _on_people(self, _code: str) -> None:
        self._tell()
        if self._whole():
            self.why.setFocus()

    def _on_why(self, _code: str) -> None:
        self._tell()

    def _on_yes(self) -> None:
        if not self.yes.isEnabled():
            return
        reasons = dict(state.REASONS)  # as they are: a trace and a paper are in Chinese
        why = reasons.get(self.why.code(), "") if self._whole() else ""
        self.wanted = Wanted(self.kind.code() or EXCEL, why)
        self.accept()


def ask_export(parent: QWidget | None, ledger: Ledger, facts: str, rights: Rights) -> Wanted | None:
    """Ask what to take out; None when the answer is no."""
    dialog = ExportDialog(parent, ledger, facts, rights)
    dialog.exec()
    dialog.deleteLater()
    return dialog.wanted


def ask_path(parent: QWidget | None, kind: str, name: str) -> Path | None:
    """Ask where the file goes; None when the person thinks better of it."""
    suffix = SUFFIX[kind]
    folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    shown = {EXCEL: "Excel (*.xlsx)", PDF: "PDF (*.pdf)", CSV: "CSV (*.csv)"}[kind]
    chosen, _kind = QFileDialog.getSaveFileName(parent, _("导出台账"), str(Path(folder) / f"{name}{suffix}"), shown)
    if not chosen:
        return None
    path = Path(chosen)
    return path if path.suffix.lower() == suffix else path.with_name(path.name + suffix)


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
        work = partial(
            write_file, ledger=self._ledger, ask=self._ask, heading=heading, path=self._path,
            kind=self._wanted.kind, told=told,
        )  # fmt: skip
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
    return heading, read.count(tx.session.connection(), ledger, ask)


def _tell(emit: Callable[[int, int], object], stopped: Callable[[], bool], total: int, done: int) -> None:
    if stopped():
        raise Cancelled
    emit(done, max(done, total))


def write_file(
    tx: Transaction, *, ledger: Ledger, ask: Ask, heading: Heading, path: Path, kind: str, told: Callable[[int], object]
) -> int | None:
    """Write the file, whole or not at all; return how many rows it has, None when ``told`` raised Cancelled.

    Raises:
        StorageError: no room, or the file is open elsewhere.
        PrintError: a character that no font for paper has.
    """
    rows = cells(tx, ledger, ask, whole=bool(heading.whole_why))
    try:
        told(0)
        if kind == PDF:
            held = list(rows)
            write_whole(path, ledger_pdf(ledger, heading, held, progress=told))
            return len(held)
        return (write_csv if kind == CSV else write_excel)(path, ledger, heading, rows, progress=told)
    except Cancelled:
        return None
