"""PDF bytes to paper, picture and file."""

from pathlib import Path
from threading import Thread

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QTransform
from PySide6.QtPrintSupport import QPrinter
from pytestqt.qtbot import QtBot

from app.errors import PrintError, StorageError
from app.printing.slip import render_slips
from app.ui import print_pdf
from tests.printing import reading
from tests.printing.rows import make_slip

NUMBER = "TJ330110261103-0007"


def _file_printer(path: Path) -> QPrinter:
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(path))
    return printer


def _printed(tmp_path: Path, pdf: bytes) -> bytes:
    path = tmp_path / "paper.pdf"
    print_pdf.print_on(_file_printer(path), pdf, job=NUMBER, what="推荐信 0007")
    return path.read_bytes()


@pytest.mark.parametrize(("paper", "size"), [("A4", (210, 297)), ("A5", (210, 148))])
def test_paper_comes_out_in_its_own_size(qtbot: QtBot, tmp_path: Path, paper: str, size: tuple[int, int]) -> None:
    pdf = render_slips([make_slip()], paper=paper)  # type: ignore[arg-type]

    assert reading.page_size_mm(_printed(tmp_path, pdf)) == size


def test_what_is_printed_is_what_is_seen(qtbot: QtBot, tmp_path: Path) -> None:
    pdf = render_slips([make_slip()], paper="A5")

    paper = print_pdf.page_image(_printed(tmp_path, pdf), width=420)
    seen = print_pdf.page_image(pdf, width=420)

    assert _difference(paper, seen) * 3 < _difference(paper, seen.transformed(QTransform().scale(1, -1)))


def _difference(first: QImage, second: QImage) -> float:
    """Return the mean difference of grey over the page, seen from afar: edges of letters do not count."""
    smooth = Qt.TransformationMode.SmoothTransformation
    far = [image.scaledToWidth(80, smooth) for image in (first, second)]
    grey = [image.convertToFormat(QImage.Format.Format_Grayscale8) for image in far]
    assert grey[0].size() == grey[1].size()
    bytes_of = [bytes(image.constBits()) for image in grey]
    return sum(abs(a - b) for a, b in zip(*bytes_of, strict=True)) / len(bytes_of[0])


def test_the_code_on_paper_can_be_scanned(qtbot: QtBot, tmp_path: Path) -> None:
    pdf = render_slips([make_slip()], paper="A4")

    assert all(code.startswith(NUMBER) for code in reading.codes(_printed(tmp_path, pdf), dpi=200))
    assert reading.codes(_printed(tmp_path, pdf), dpi=200)


def test_every_page_is_printed(qtbot: QtBot, tmp_path: Path) -> None:
    pdf = render_slips([make_slip(), make_slip(slip_no="TJ330110261103-0008")], paper="A5")

    assert reading.page_count(_printed(tmp_path, pdf)) == 2


def test_printing_works_off_the_gui_thread(qtbot: QtBot, tmp_path: Path) -> None:
    pdf, made = render_slips([make_slip()], paper="A5"), list[bytes]()

    worker = Thread(target=lambda: made.append(_printed(tmp_path, pdf)))
    worker.start()
    worker.join()

    assert reading.page_count(made[0]) == 1


def test_a_printer_that_is_gone_is_told_with_what_was_kept(qtbot: QtBot) -> None:
    pdf = render_slips([make_slip()], paper="A4")

    with pytest.raises(PrintError) as refused:
        print_pdf.print_document(pdf, printer_name="没有这台", job=NUMBER, what="推荐信 0007")

    assert refused.value.text.startswith("推荐信 0007 已登账，没有出纸。")
    assert refused.value.code == "print.no_printer"


def test_bytes_that_are_no_pdf_are_a_sentence(qtbot: QtBot) -> None:
    with pytest.raises(PrintError, match="打不开"):
        print_pdf.page_image(b"nothing", width=100)


def test_a_pdf_is_saved_whole_or_not_at_all(qtbot: QtBot, tmp_path: Path) -> None:
    pdf = render_slips([make_slip()], paper="A4")

    assert print_pdf.save_pdf(pdf, tmp_path / "slip.pdf").read_bytes() == pdf
    with pytest.raises(StorageError, match="没有存下来"):
        print_pdf.save_pdf(pdf, tmp_path / "no folder" / "slip.pdf")
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".part"] == []
