"""Opening a table: Excel or CSV, whatever its encoding; read as a stream, so that its size does not matter.

Every way in which a file can be wrong ends in one plain sentence.
"""

import codecs
import csv
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from app.errors import StorageError, UserError
from app.services.imports import excel
from app.services.imports.columns import is_known_heading, repair_heading
from app.texts import _

MAX_FILE_BYTES = 300 * 1024 * 1024
MAX_UNPACKED_BYTES = 2 * 1024 * 1024 * 1024
MAX_RATIO = 200
"""A workbook that unpacks to more than this many times its size is a bomb, not a table."""

_HEADING_DEPTH = 10
_SAMPLE_ROWS = 50
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_EMPTY_WORDS = frozenset({"-", "--", "—", "/", "nan", "NaN", "NULL", "null", "None", "N/A", "#N/A"})
_JUNK = {0xA0: " ", 0x3000: " ", 0x200B: None, 0xFEFF: None, 0x200E: None, 0x200F: None, 0: None}
_JUNK_RE = re.compile("[\xa0\u3000\u200b\ufeff\u200e\u200f\x00]")
_WRAPPED = re.compile(r"""'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)\"""")
_DELIMITERS = (",", "\t", ";", "，")


@dataclass(frozen=True)
class RawRow:
    """A row as read: its number in the file (the headings' row counts too) and its cleaned cells."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A file that was opened and found to be a table. Rows are read anew by each ``iter_rows``."""

    path: Path
    sheet: str
    sheets: tuple[str, ...]
    encoding: str
    delimiter: str
    heading_row: int
    headings: tuple[str, ...]
    sample: tuple[RawRow, ...]
    row_estimate: int

    def iter_rows(self) -> Iterator[RawRow]:
        """Yield every row below the headings that has anything written in it, be it an empty ``[]``.

        Raises:
            StorageError: the file went away, or is damaged further down.
            UserError: a row cannot be read.
        """
        width = len(self.headings)
        for number, cells in _raw_rows(self.path, self.sheet, self.encoding, self.delimiter):
            if number <= self.heading_row:
                continue
            row = clean_cells(cells)
            if any(row) or any(isinstance(cell, str) and cell.strip() for cell in cells):
                yield RawRow(number, row if len(row) >= width else row + ("",) * (width - len(row)))


def open_table(path: Path, *, sheet: str | None = None) -> Table:
    """Open a file and find its headings; nothing is read beyond the first rows.

    Without ``sheet``, the first sheet whose headings are known is taken, else the first that has rows.

    Raises:
        StorageError: missing, no file, unreadable, damaged or too large.
        UserError: not a table that this program can read, a sheet that is not there, or nothing in it.
    """
    path = Path(path)
    _check_file(path)
    head = _first_bytes(path)
    if head.startswith(b"PK"):
        return _open_excel(path, sheet)
    _refuse_other_formats(path, head)
    return _open_csv(path, head, sheet)


def _check_file(path: Path) -> None:
    try:
        if path.is_dir():
            raise UserError(_("“{name}”是文件夹，请选里面的表格文件", name=path.name), code="import.folder")
        size = path.stat().st_size
    except FileNotFoundError as problem:
        raise StorageError(_("找不到文件“{name}”，请看路径对不对", name=path.name), code="import.missing") from problem
    except OSError as problem:
        raise StorageError(
            _("打不开文件“{name}”：没有权限或磁盘有问题", name=path.name), code="import.denied"
        ) from problem
    if size == 0:
        raise UserError(_("“{name}”是空文件", name=path.name), code="import.empty")
    if size > MAX_FILE_BYTES:
        raise UserError(
            _(
                "“{name}”有 {size} MB，最大 {limit} MB；请分成几个文件再导入",
                name=path.name,
                size=size >> 20,
                limit=MAX_FILE_BYTES >> 20,
            ),
            code="import.too_large",
        )


def _first_bytes(path: Path) -> bytes:
    with _told(path), path.open("rb") as file:
        return file.read(65536)


def _refuse_other_formats(path: Path, head: bytes) -> None:
    if head.startswith(_OLE):
        if _is_encrypted(path):
            raise UserError(_("“{name}”加了密码，请在 Excel 里去掉密码再导入", name=path.name), code="import.password")
        raise UserError(
            _("“{name}”是旧版 Excel（.xls），请另存为 .xlsx 再导入", name=path.name), code="import.old_excel"
        )
    if path.suffix.lower() in (".xlsx", ".xlsm"):
        raise StorageError(_("“{name}”已损坏，或不是 Excel 文件", name=path.name), code="import.damaged")
    if head.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"{\\rtf", b"Rar!", b"7z\xbc\xaf")):
        raise UserError(_("“{name}”不是表格，请选 Excel（.xlsx）或 CSV 文件", name=path.name), code="import.not_table")
    if b"\x00" in head and not head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise UserError(_("“{name}”不是表格，请选 Excel（.xlsx）或 CSV 文件", name=path.name), code="import.not_table")


def _is_encrypted(path: Path) -> bool:
    """Look for the stream that Office puts a protected workbook in."""
    wanted = "EncryptedPackage".encode("utf-16-le")
    with _told(path), path.open("rb") as file:
        tail = b""
        while block := file.read(1 << 20):
            if wanted in tail + block:
                return True
            tail = block[-64:]
    return False


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Turn what goes wrong while reading into a sentence."""
    try:
        yield
    except OSError as problem:
        raise StorageError(
            _("读“{name}”时出错：文件被移走、被占用或磁盘有问题", name=path.name), code="import.unreadable"
        ) from problem


# Excel ---------------------------------------------------------------------------------------------------------------


def _open_excel(path: Path, sheet: str | None) -> Table:
    _check_package(path)
    with _told(path), excel.open_workbook(path) as book:
        sheets = book.names
        if sheet is not None and sheet not in sheets:
            raise UserError(
                _("“{name}”里没有工作表“{sheet}”，有：{sheets}", name=path.name, sheet=sheet, sheets="、".join(sheets)),
                code="import.no_sheet",
            )
        best: tuple[int, Table] | None = None
        for name in (sheet,) if sheet else sheets:
            rows, estimate = excel.first_rows(book, name, _HEADING_DEPTH + _SAMPLE_ROWS)
            found = _table_from(path, name, sheets, "xlsx", "", rows, estimate)
            if found and (best is None or found[0] > best[0]):
                best = found
        if best is None:
            raise UserError(_nothing_in(path, sheet), code="import.empty")
        return best[1]


def _nothing_in(path: Path, sheet: str | None) -> str:
    if sheet:
        return _("工作表“{sheet}”是空的", sheet=sheet)
    return _("“{name}”里没有内容", name=path.name)


def _check_package(path: Path) -> None:
    """Refuse a package that is damaged, is no workbook, or would unpack to something enormous."""
    try:
        with zipfile.ZipFile(path) as package:
            entries = package.infolist()
    except (zipfile.BadZipFile, OSError, ValueError) as problem:
        raise StorageError(_("“{name}”已损坏，或不是 Excel 文件", name=path.name), code="import.damaged") from problem
    if any(entry.flag_bits & 1 for entry in entries):
        raise UserError(_("“{name}”加了密码，请在 Excel 里去掉密码再导入", name=path.name), code="import.password")
    if not any(entry.filename == "xl/workbook.xml" for entry in entries):
        raise UserError(_("“{name}”不是表格，请选 Excel（.xlsx）或 CSV 文件", name=path.name), code="import.not_table")
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > MAX_UNPACKED_BYTES or (unpacked > 100 << 20 and unpacked > MAX_RATIO * path.stat().st_size):
        raise UserError(
            _("“{name}”解开后有 {size} MB，太大了；请分成几个文件再导入", name=path.name, size=unpacked >> 20),
            code="import.too_large",
        )


# CSV -----------------------------------------------------------------------------------------------------------------


def _open_csv(path: Path, head: bytes, sheet: str | None) -> Table:
    if sheet is not None:
        raise UserError(_("“{name}”是 CSV，没有工作表", name=path.name), code="import.no_sheet")
    encoding = detect_encoding(path)
    delimiter = _delimiter(head, encoding)
    rows: list[tuple[int, Sequence[object]]] = []
    for number, cells in _csv_rows(path, encoding, delimiter):
        rows.append((number, cells))
        if len(rows) >= _HEADING_DEPTH + _SAMPLE_ROWS:
            break
    found = _table_from(path, "", (), encoding, delimiter, rows, _estimate(path, head))
    if found is None:
        raise UserError(_("“{name}”里没有内容", name=path.name), code="import.empty")
    return found[1]


def detect_encoding(path: Path) -> str:
    """Decide the encoding by decoding the whole file strictly: UTF-8 first, then GB18030.

    Raises:
        UserError: neither fits.
    """
    with _told(path), path.open("rb") as file:
        start = file.read(4)
    if start.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    for encoding in ("utf-8", "gb18030"):
        if _decodes(path, encoding):
            return encoding
    raise UserError(
        _("“{name}”的文字编码认不出来（不是 UTF-8，也不是 GB18030）；请用 Excel 打开后另存为 .xlsx", name=path.name),
        code="import.encoding",
    )


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    try:
        with _told(path), path.open("rb") as file:
            while block := file.read(1 << 20):
                decoder.decode(block)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _delimiter(head: bytes, encoding: str) -> str:
    """Return the sign that cuts one of the first lines into known headings, else the one most used there."""
    text = codecs.getincrementaldecoder(encoding)("replace").decode(head)
    lines = [line for line in text.splitlines() if line.strip()][:_HEADING_DEPTH]

    def score(sign: str) -> tuple[int, int]:
        known = max(
            (sum(is_known_heading(repair_heading(_unquote(cell))) for cell in line.split(sign)) for line in lines),
            default=0,
        )
        return known, lines[0].count(sign) if lines else 0

    best = max(_DELIMITERS, key=score)
    return best if score(best)[1] or score(best)[0] > 1 else ","


def _unquote(cell: str) -> str:
    return cell.strip().strip("\"'[]")


def _estimate(path: Path, head: bytes) -> int:
    lines = max(1, head.count(b"\n"))
    return max(1, round(path.stat().st_size * lines / max(1, len(head))))


def _csv_rows(path: Path, encoding: str, delimiter: str) -> Iterator[tuple[int, Sequence[object]]]:
    number = 0
    try:
        with _told(path), path.open(encoding=encoding, newline="") as file:
            for number, cells in enumerate(csv.reader(file, delimiter=delimiter), 1):
                yield number, cells
    except csv.Error as problem:
        raise UserError(
            _("第 {row} 行读不出来：引号不成对，或一格太长", row=number + 1), code="import.bad_row"
        ) from problem
    except UnicodeDecodeError as problem:
        raise UserError(_("第 {row} 行附近有认不出的字符", row=number + 1), code="import.encoding") from problem


# Both ----------------------------------------------------------------------------------------------------------------


def _raw_rows(path: Path, sheet: str, encoding: str, delimiter: str) -> Iterable[tuple[int, Sequence[object]]]:
    if encoding == "xlsx":
        with _told(path), excel.open_workbook(path) as book:
            yield from excel.rows(book, sheet)
    else:
        yield from _csv_rows(path, encoding, delimiter)


def _table_from(
    path: Path,
    sheet: str,
    sheets: tuple[str, ...],
    encoding: str,
    delimiter: str,
    rows: Sequence[tuple[int, Sequence[object]]],
    estimate: int,
) -> tuple[int, Table] | None:
    """Return how many headings are known, and the table; None when there is nothing."""
    cleaned = [(number, clean_cells(cells)) for number, cells in rows]
    filled = [(number, cells) for number, cells in cleaned if any(cells)]
    if not filled:
        return None
    known, place = -1, 0
    for index, (_number, cells) in enumerate(filled[:_HEADING_DEPTH]):
        score = sum(1 for cell in cells if cell and is_known_heading(repair_heading(cell)))
        if score > known:
            known, place = score, index
    heading_row, cells = filled[place]
    while cells and not cells[-1]:
        cells = cells[:-1]
    headings = tuple(repair_heading(cell) for cell in cells)
    width = len(headings)
    sample = tuple(
        RawRow(number, row if len(row) >= width else row + ("",) * (width - len(row)))
        for number, row in filled[place + 1 :]
    )
    estimate = max(estimate - heading_row, len(sample))
    return known, Table(
        path, sheet, sheets, encoding, delimiter, heading_row, headings, sample[:_SAMPLE_ROWS], estimate
    )


def clean_cells(cells: Iterable[object]) -> tuple[str, ...]:
    """Return the cells as text: trimmed, ``['…']`` unwrapped, dates as 2026-11-24, whole numbers without ``.0``."""
    return tuple(_clean(cell) for cell in cells)


def _clean(cell: object) -> str:
    if cell is None:
        return ""
    text = cell if isinstance(cell, str) else _plain(cell)
    if _JUNK_RE.search(text):
        text = text.translate(_JUNK)
    text = text.strip()
    if text[:1] == "[" and text[-1:] == "]":
        text = unwrap(text)
    return "" if text in _EMPTY_WORDS else text


def unwrap(text: str) -> str:
    """Return what a cell such as ``['1-1.5万/月']`` wraps; a bracketed text that is no such list stays as it is."""
    inner = text[1:-1].strip()
    if not inner:
        return ""
    pieces = [match.group(1) if match.group(1) is not None else match.group(2) for match in _WRAPPED.finditer(inner)]
    rest = _WRAPPED.sub("", inner)
    if not pieces or rest.strip(" ,，\t\n"):
        return text
    return " ".join(piece.replace("\\'", "'").replace('\\"', '"').strip() for piece in pieces).strip()


def _plain(cell: object) -> str:
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == datetime.min.time() else cell.isoformat(" ", "minutes")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e21:
        return str(int(cell))
    return str(cell)
