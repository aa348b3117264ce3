"""The registration form on paper: made on the io lane, printed by the system's dialog or saved as a PDF."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from app.errors import AppError
from app.printing.forms import RegistrationFormRow, render_registration_form
from app.texts import _
from app.ui import print_pdf
from app.ui.resident_file.form_row import form_row
from app.ui.resident_file.loading import FileView

if TYPE_CHECKING:
    from PySide6.QtPrintSupport import QPrinter

    from app.ui.context import UiContext

JOB = "doorstep-registration-form"


class FormPaper(QObject):
    """Prints or saves the form, filled for one person or empty."""

    def __init__(self, context: UiContext, over: QWidget) -> None:
        super().__init__(over)
        self._context, self._over = context, over
        self.is_busy = False

    def print(self, view: FileView | None) -> None:
        """Ask for the printer, then print; None prints the empty form."""
        if self.is_busy:
            return
        row = self._row(view)
        printer = print_pdf.ask_printer(self._over, JOB)
        if printer is not None:
            self.is_busy = True
            self._context.runner.io(partial(_print, row, printer), self._on_printed, self._on_failed)

    def save(self, view: FileView | None) -> None:
        """Ask where to, then write the PDF."""
        if self.is_busy:
            return
        row = self._row(view)
        about = (row.reg_no or row.name) if row is not None else ""
        name = "-".join(part for part in (_("求职登记表"), about) if part) + ".pdf"
        path = print_pdf.ask_file(self._over, name)
        if path is not None:
            self.is_busy = True
            self._context.runner.io(partial(_save, row, path), self._on_saved, self._on_failed)

    def _row(self, view: FileView | None) -> RegistrationFormRow | None:
        return None if view is None else form_row(view, handled_by=self._context.actor.name)

    def _on_printed(self, _nothing: None) -> None:
        self.is_busy = False
        self._context.messages.say(_("登记表已送到打印机"))

    def _on_saved(self, path: Path) -> None:
        self.is_busy = False
        self._context.messages.say(_("登记表已存到 {path}", path=path))

    def _on_failed(self, error: AppError) -> None:
        self.is_busy = False
        self._context.messages.show_error(error)


def _print(row: RegistrationFormRow | None, printer: QPrinter) -> None:
    print_pdf.print_on(printer, render_registration_form(row), job=JOB, what=_("登记表"), numbered=False)


def _save(row: RegistrationFormRow | None, path: Path) -> Path:
    return print_pdf.save_pdf(render_registration_form(row), path)
