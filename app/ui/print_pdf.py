"""PDF bytes to paper, to a picture and to a file. No temporary file: what is printed may name a person.

Everything but the two dialogs belongs on the io lane; Qt lets QPrinter and QImage be painted on off the GUI thread.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from PySide6.QtCore import QBuffer, QByteArray, QMarginsF, QPointF, QRectF, QSize, QSizeF, QStandardPaths
from PySide6.QtGui import QImage, QPageLayout, QPageSize, QPainter
from PySide6.QtPdf import QPdfDocument
from PySide6.QtPrintSupport import QPrintDialog, QPrinter, QPrinterInfo
from PySide6.QtWidgets import QFileDialog, QWidget

from app.errors import PrintError, StorageError
from app.texts import _

MAX_DPI = 600
_POINTS = 72.0
_MM = _POINTS / 25.4
_NAMED_SIZES = {(210, 297): QPageSize.PageSizeId.A4, (148, 210): QPageSize.PageSizeId.A5}
_lock = threading.RLock()
"""Printer plugins and PDFium are one to a process."""


@dataclass(frozen=True)
class PrinterChoice:
    """A printer as the panel offers it."""

    name: str
    label: str
    is_default: bool


def list_printers() -> tuple[PrinterChoice, ...]:
    """Return the printers of this PC, the system's own default first. Slow where a print server sleeps."""
    with _lock:
        default = QPrinterInfo.defaultPrinterName()
        names = QPrinterInfo.availablePrinterNames()
    ordered = sorted(names, key=lambda name: (name != default, name))
    return tuple(PrinterChoice(name, name, name == default) for name in ordered)


def make_printer(name: str) -> QPrinter:
    """Return the printer of that name, at its own resolution.

    Raises:
        PrintError: it is not there, or no longer.
    """
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setPrinterName(name)
    if not name or printer.printerName() != name or not printer.isValid():
        raise PrintError(_("找不到打印机“{name}”。看看它开了没有，或者换一台。", name=name), code="print.no_printer")
    return printer


def print_document(pdf: bytes, *, printer_name: str, job: str, what: str) -> None:
    """Print every page on the named printer, at its resolution.

    ``job`` is plain ASCII: print systems garble anything else. ``what`` begins the sentence when it fails.

    Raises:
        PrintError: no such printer, or it took nothing; the sentence says that ``what`` is kept.
    """
    with _lock:
        try:
            printer = make_printer(printer_name)
        except PrintError as error:
            raise PrintError(_("{what} 已登账，没有出纸。{why}", what=what, why=error.text), code=error.code) from error
        print_on(printer, pdf, job=job, what=what)


def print_on(printer: QPrinter, pdf: bytes, *, job: str, what: str, numbered: bool = True) -> None:
    """Print every page on a printer that was made or chosen before; a form that is not ``numbered`` is booked nowhere.

    Raises:
        PrintError: it took nothing.
    """
    with _lock, _opened(pdf) as document:
        printer.setDocName(job.encode("ascii", "ignore").decode("ascii") or "doorstep")
        printer.setFullPage(True)
        _set_page(printer, document.pagePointSize(0))
        painter = QPainter()
        if not painter.begin(printer):
            _refuse(what, numbered=numbered)
        try:
            for page in range(document.pageCount()):
                if page:
                    _set_page(printer, document.pagePointSize(page))
                    if not printer.newPage():
                        _refuse(what, numbered=numbered)
                _paint_page(painter, printer, document, page)
        finally:
            painter.end()
        if printer.printerState() in (QPrinter.PrinterState.Aborted, QPrinter.PrinterState.Error):
            _refuse(what, numbered=numbered)


def _refuse(what: str, *, numbered: bool) -> NoReturn:
    if numbered:
        text = _("{what} 已登账，没有出纸。看看打印机的电源和纸，再打一次；编号不会变。", what=what)
    else:
        text = _("{what}没有打出来，资料都在。看看打印机的电源和纸，再打一次。", what=what)
    raise PrintError(text, code="print.no_answer")


def _set_page(printer: QPrinter, points: QSizeF) -> None:
    """Give the printer the page's own size, by its usual name where it has one."""
    wide = points.width() > points.height()
    short, tall = sorted((points.width(), points.height()))
    named = _NAMED_SIZES.get((round(short / _MM), round(tall / _MM)))
    size = QPageSize(named) if named is not None else QPageSize(QSizeF(short, tall), QPageSize.Unit.Point)
    turn = QPageLayout.Orientation.Landscape if wide else QPageLayout.Orientation.Portrait
    printer.setPageLayout(QPageLayout(size, turn, QMarginsF(0, 0, 0, 0), QPageLayout.Unit.Point))


def _paint_page(painter: QPainter, printer: QPrinter, document: QPdfDocument, page: int) -> None:
    """Paint one page in its true size, shrunk only where the paper is smaller."""
    points, dpi = document.pagePointSize(page), min(printer.resolution(), MAX_DPI)
    image = document.render(page, (points * (dpi / _POINTS)).toSize())
    if image.isNull():
        raise PrintError(_("这一页画不出来，没有出纸。再打一次；还是不行，先存成 PDF。"), code="print.page")
    paper = printer.pageLayout().paintRectPixels(printer.resolution())
    true_size = points * (printer.resolution() / _POINTS)
    share = min(1.0, paper.width() / true_size.width(), paper.height() / true_size.height())
    painter.drawImage(QRectF(QPointF(0, 0), true_size * share), image)


def page_image(pdf: bytes, *, width: int, page: int = 0) -> QImage:
    """Return a page as a picture of that many pixels across.

    Raises:
        PrintError: these bytes are no PDF.
    """
    with _lock, _opened(pdf) as document:
        points = document.pagePointSize(page)
        size = QSize(width, max(1, round(width * points.height() / points.width())))
        image = document.render(page, size)
        paper = QImage(size, QImage.Format.Format_RGB32)
        paper.fill(0xFFFFFFFF)
        painter = QPainter(paper)
        painter.drawImage(0, 0, image)
        painter.end()
        return paper


def page_text(pdf: bytes, *, page: int = 0) -> str:
    """Return the text of a page, as a reader would search and copy it.

    Raises:
        PrintError: these bytes are no PDF.
    """
    with _lock, _opened(pdf) as document:
        return str(document.getAllText(page).text())


def page_count(pdf: bytes) -> int:
    """Return how many pages a document has.

    Raises:
        PrintError: these bytes are no PDF.
    """
    with _lock, _opened(pdf) as document:
        return document.pageCount()


@contextmanager
def _opened(pdf: bytes) -> Iterator[QPdfDocument]:
    """Yield the document, read from memory."""
    buffer = QBuffer()
    buffer.setData(QByteArray(pdf))
    buffer.open(QBuffer.OpenModeFlag.ReadOnly)
    document = QPdfDocument()
    document.load(buffer)
    try:
        if document.status() != QPdfDocument.Status.Ready or not document.pageCount():
            raise PrintError(_("这份纸面打不开，没有出纸。再试一次；还是不行，把代号告诉站长。"), code="print.bad_pdf")
        yield document
    finally:
        document.close()
        buffer.close()


def save_pdf(pdf: bytes, path: Path) -> Path:
    """Write the document to a file, whole or not at all.

    Raises:
        StorageError: the folder cannot be written to.
    """
    part = path.with_name(path.name + ".part")
    try:
        part.write_bytes(pdf)
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        text = _("没有存下来：{why}。换一个文件夹再存。", why=error.strerror or "")
        raise StorageError(text, code="storage.pdf") from error
    return path


def ask_printer(parent: QWidget | None, job: str) -> QPrinter | None:
    """Show the system's own print dialog; None when the person thinks better of it."""
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setDocName(job)
    dialog = QPrintDialog(printer, parent)
    dialog.setOption(QPrintDialog.PrintDialogOption.PrintToFile, on=False)
    chosen = dialog.exec() == QPrintDialog.DialogCode.Accepted
    dialog.deleteLater()
    return printer if chosen else None


def ask_file(parent: QWidget | None, name: str) -> Path | None:
    """Ask where the PDF goes; None when the person thinks better of it."""
    chosen, _kind = QFileDialog.getSaveFileName(parent, _("存成 PDF"), str(documents() / name), "PDF (*.pdf)")
    if not chosen:
        return None
    path = Path(chosen)
    return path if path.suffix.lower() == ".pdf" else path.with_name(path.name + ".pdf")


def documents() -> Path:
    """Return the folder that files are offered to go to."""
    found = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    return Path(found) if found else Path.home()
