"""Taking a class's file out: as workbook or PDF, with masked phones or, for a reason, with whole ones."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app.errors import AppError
from app.ledgers.locking import locked
from app.printing.class_book import class_pdf, class_workbook
from app.printing.class_sheets import ClassBook, class_book
from app.services.training.class_file import class_record
from app.texts import N_, _
from app.ui import print_pdf
from app.ui.context import UiContext
from app.ui.rights import Rights
from app.ui.taking_out import EXCEL, PDF, Masking, Reason, TakingOutDialog, Wanted, answer_of, ask_where

if TYPE_CHECKING:
    from app.db.database import Transaction

REASONS: tuple[tuple[str, str], ...] = (("1", N_("报区里或机构")), ("2", N_("逐个通知学员")), ("3", N_("存档备查")))


class ExportDialog(TakingOutDialog):
    """Which kind, and which phones; whole ones only for who may and with a reason."""

    def __init__(self, parent: QWidget | None, rights: Rights) -> None:
        refused = rights.why_not("class.export")
        masking = Masking(
            _("电话"),
            _("电话遮住"),
            _("写完整电话"),
            _("为什么要完整电话"),
            _("为什么要完整电话？会记下来。"),
            [Reason(code, _(label), _(label)) for code, label in REASONS],
            refused=_("电话只能遮住：{why}", why=refused) if refused else "",
        )
        text = _("名单、考勤、成绩和证书都在里面。文件离开本机以后由拿着它的人保管。")
        super().__init__(parent, _("导出班级台账"), text, kinds=(EXCEL, PDF), masking=masking)


def ask_export(parent: QWidget | None, rights: Rights) -> Wanted | None:
    """Ask what to take out; None when the answer is no."""
    return answer_of(ExportDialog(parent, rights))


def ask_path(parent: QWidget | None, kind: str, name: str) -> Path | None:
    """Ask where the file goes; None when the person thinks better of it."""
    return ask_where(parent, _("导出班级台账"), name, kind=kind)


class Export(QObject):
    """One export under way: read in the db lane, drawn and written on the io lane. ``finished`` in any case."""

    finished = Signal()

    def __init__(self, context: UiContext, parent: QObject, class_id: str, wanted: Wanted, path: Path) -> None:
        super().__init__(parent)
        self._context, self._class_id, self._wanted, self._path = context, class_id, wanted, path

    def start(self) -> None:
        """Read the class; whole numbers leave their trace in the same transaction."""
        work = partial(read_book, self._class_id, self._wanted)
        if self._wanted.full:
            self._context.runner.write(work, self._on_book, self._on_error)
        else:
            self._context.runner.read(work, self._on_book, self._on_error)

    def _on_book(self, book: ClassBook) -> None:
        work = partial(write_book, book, self._wanted, self._path)
        self._context.runner.io(work, self._on_written, self._on_error)

    def _on_written(self, path: Path) -> None:
        self._context.messages.remark(_("台账存好了：{name}", name=path.name))
        self.finished.emit()

    def _on_error(self, error: AppError) -> None:
        self._context.messages.show_error(error)
        self.finished.emit()


def read_book(class_id: str, wanted: Wanted, tx: Transaction) -> ClassBook:
    """Return the tables of a class."""
    return class_book(class_record(tx, class_id, full=wanted.full, why=wanted.why))


def write_book(book: ClassBook, wanted: Wanted, path: Path) -> Path:
    """Write the file, whole or not at all."""
    made = class_workbook(book) if wanted.kind == EXCEL else class_pdf(book)
    if wanted.password:
        made = locked(made, wanted.password)
    return print_pdf.save_pdf(made, path)
