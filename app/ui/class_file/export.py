"""Taking a class's file out: as workbook or PDF, with masked phones or, for a reason, with whole ones."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QStandardPaths, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from app.errors import AppError
from app.printing.class_book import class_pdf, class_workbook
from app.printing.class_sheets import ClassBook, class_book
from app.services.training.class_file import class_record
from app.texts import N_, _
from app.ui import print_pdf
from app.ui.context import UiContext
from app.ui.dialogs import QuietDialog
from app.ui.training.rights import Rights
from app.ui.widgets import Button, IconLabel, RadioChips, Text

if TYPE_CHECKING:
    from app.db.database import Transaction

EXCEL, PDF = "1", "2"
MASKED, WHOLE = "1", "2"
SUFFIX = {EXCEL: ".xlsx", PDF: ".pdf"}
REASONS: tuple[tuple[str, str], ...] = (("1", N_("报区里或机构")), ("2", N_("逐个通知学员")), ("3", N_("存档备查")))


@dataclass(frozen=True)
class Wanted:
    """What is taken out. ``why``: the reason for whole phone numbers, empty where they stay masked."""

    kind: str
    why: str = ""

    @property
    def full(self) -> bool:
        """Whether phones are written out."""
        return bool(self.why)


class ExportDialog(QuietDialog):
    """Which kind, and which phones; whole ones only for who may and with a reason."""

    def __init__(self, parent: QWidget | None, rights: Rights) -> None:
        text = _("名单、考勤、成绩和证书都在里面。文件离开本机以后由拿着它的人保管。")
        super().__init__(parent, _("导出班级台账"), text, icon="file-down")
        self.kind = RadioChips([(EXCEL, "Excel"), (PDF, "PDF")], name=_("存成什么"))
        self.phones = RadioChips([(MASKED, _("电话遮住")), (WHOLE, _("写完整电话"))], name=_("电话"))
        self.why = RadioChips([(code, _(label)) for code, label in REASONS], name=_("为什么要完整电话"))
        self._ask_why = Text(_("为什么要完整电话？会记下来。"), "secondary", "text2")
        self.no, self.yes = Button(_("不导出"), key="Esc"), Button(_("选地方存"), "filled", "F9", "check")
        self.wanted: Wanted | None = None
        self.column.addWidget(self.kind)
        self.column.addWidget(self.phones)
        refused = rights.why_not("class.export")
        if refused:
            self.phones.hide()
            line = _("电话只能遮住：{why}", why=refused)
            self.column.addWidget(IconLabel("lock", line, "text2", role="secondary", wrap=True))
        self.column.addWidget(self._ask_why)
        self.column.addWidget(self.why)
        self.add_buttons(self.no, self.yes)
        self.kind.set_code(EXCEL)
        self.phones.set_code(MASKED)
        self.no.clicked.connect(self.reject)
        self.yes.clicked.connect(self._on_yes)
        self.phones.chosen.connect(self._on_phones)
        self.why.chosen.connect(self._on_why)
        self.kind.setFocus()
        self._tell()

    def keyPressEvent(self, event: object) -> None:
        """F9 goes on; digits go to the row that has the keyboard."""
        from PySide6.QtCore import Qt
        from PySide6.QtGui import QKeyEvent

        assert isinstance(event, QKeyEvent)
        if event.key() in (Qt.Key.Key_F9, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._on_yes()
        else:
            super().keyPressEvent(event)

    def _whole(self) -> bool:
        return self.phones.code() == WHOLE

    def _tell(self) -> None:
        self._ask_why.setVisible(self._whole())
        self.why.setVisible(self._whole())
        self.yes.setEnabled(not self._whole() or bool(self.why.code()))

    def _on_phones(self, _code: str) -> None:
        self._tell()
        if self._whole():
            self.why.setFocus()

    def _on_why(self, _code: str) -> None:
        self._tell()

    def _on_yes(self) -> None:
        if not self.yes.isEnabled():
            return
        reasons = {code: _(label) for code, label in REASONS}
        why = reasons.get(self.why.code(), "") if self._whole() else ""
        self.wanted = Wanted(self.kind.code() or EXCEL, why)
        self.accept()


def ask_export(parent: QWidget | None, rights: Rights) -> Wanted | None:
    """Ask what to take out; None when the answer is no."""
    dialog = ExportDialog(parent, rights)
    dialog.exec()
    dialog.deleteLater()
    return dialog.wanted


def ask_path(parent: QWidget | None, kind: str, name: str) -> Path | None:
    """Ask where the file goes; None when the person thinks better of it."""
    suffix = SUFFIX[kind]
    folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    shown = {EXCEL: "Excel (*.xlsx)", PDF: "PDF (*.pdf)"}[kind]
    chosen, _kind = QFileDialog.getSaveFileName(parent, _("导出班级台账"), str(Path(folder) / f"{name}{suffix}"), shown)
    if not chosen:
        return None
    path = Path(chosen)
    return path if path.suffix.lower() == suffix else path.with_name(path.name + suffix)


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
        work = partial(write_book, book, self._wanted.kind, self._path)
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


def write_book(book: ClassBook, kind: str, path: Path) -> Path:
    """Write the file, whole or not at all."""
    made = class_workbook(book) if kind == EXCEL else class_pdf(book)
    return print_pdf.save_pdf(made, path)
