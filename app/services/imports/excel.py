"""Reading workbooks as a stream: openpyxl for the head, the cells straight from the XML parser.

Cells of a long text column are mostly different, and openpyxl keeps every shared string of a workbook in memory; here
they are kept compressed in blocks, so that a large workbook costs little more than its size on disk.
"""

import warnings
import zlib
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import IO, Any
from xml.etree.ElementTree import ParseError, XMLParser, iterparse
from zipfile import BadZipFile

from openpyxl.reader.excel import ExcelReader
from openpyxl.styles.stylesheet import apply_stylesheet
from openpyxl.utils.cell import column_index_from_string
from openpyxl.utils.datetime import from_excel, from_ISO8601
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.xml.constants import SHARED_STRINGS, SHEET_MAIN_NS

from app.errors import StorageError
from app.texts import _

_BLOCK = 512
_CACHED_BLOCKS = 16
_HEAD_BYTES = 1 << 18
_READ_BYTES = 1 << 16
_MAX_COLUMNS = 256
_ROW, _CELL, _VALUE, _TEXT, _PHONETIC = (f"{{{SHEET_MAIN_NS}}}{name}" for name in ("row", "c", "v", "t", "rPh"))
_DAMAGE = (
    BadZipFile,
    ParseError,
    InvalidFileException,
    KeyError,
    ValueError,
    TypeError,
    IndexError,
    AttributeError,
    EOFError,
    zlib.error,
)


class SharedStrings(Sequence[str]):
    """The strings of a workbook, in compressed blocks; the blocks used last are kept open."""

    def __init__(self, strings: Iterable[str]) -> None:
        self._blocks: list[bytes] = []
        self._open: OrderedDict[int, list[str]] = OrderedDict()
        self._count = 0
        pending: list[str] = []
        for string in strings:
            pending.append(string.replace("\x1f", " "))
            self._count += 1
            if len(pending) == _BLOCK:
                self._seal(pending)
                pending = []
        if pending:
            self._seal(pending)

    def _seal(self, strings: list[str]) -> None:
        self._blocks.append(zlib.compress("\x1f".join(strings).encode("utf-8", "surrogatepass"), 1))

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: Any) -> Any:
        place, offset = divmod(index, _BLOCK)
        block = self._open.get(place)
        if block is None:
            block = zlib.decompress(self._blocks[place]).decode("utf-8", "surrogatepass").split("\x1f")
            self._open[place] = block
            if len(self._open) > _CACHED_BLOCKS:
                self._open.popitem(last=False)
        return block[offset]


class _Reader(ExcelReader):
    """openpyxl's reader of all but the cells: parts, styles (which numbers are dates) and the names of the sheets."""

    def read_strings(self) -> None:
        part = self.package.find(SHARED_STRINGS)  # type: ignore[no-untyped-call]
        if part is not None:
            with self.archive.open(part.PartName[1:]) as source:
                self.shared_strings = SharedStrings(_strings(source))  # type: ignore[assignment]

    def read_head(self) -> None:
        """Read what stands before the cells."""
        self.read_manifest()
        self.read_strings()
        self.read_workbook()
        apply_stylesheet(self.archive, self.wb)

    def sheets(self) -> Iterator[tuple[str, str, str]]:
        """Yield (name, state, part) of each sheet with cells."""
        for sheet, relation in self.parser.find_sheets():
            if relation.target in self.valid_files and "chartsheet" not in relation.Type:
                yield sheet.name, sheet.state or "visible", relation.target


def _strings(source: IO[bytes]) -> Iterator[str]:
    """Yield the strings one by one, dropping each element once it is read."""
    # The expat of Python 3.11 refuses entity bombs by itself (amplification limit); openpyxl reads the sheets so too.
    events = iterparse(source, events=("start", "end"))  # noqa: S314
    _event, root = next(events)
    tag = f"{{{SHEET_MAIN_NS}}}si"
    for event, node in events:
        if event == "end" and node.tag == tag:
            # Phonetic hints (rPh) are no part of the text.
            yield "".join(t.text or "" for t in node.iterfind(f"{{{SHEET_MAIN_NS}}}t")) + "".join(
                t.text or "" for t in node.iterfind(f"{{{SHEET_MAIN_NS}}}r/{{{SHEET_MAIN_NS}}}t")
            )
            root.clear()


class Book:
    """An open workbook; only its head is in memory."""

    def __init__(self, reader: _Reader) -> None:
        workbook: Any = reader.wb
        self.archive = reader.archive
        self.strings: Sequence[str] = reader.shared_strings
        self.epoch = workbook.epoch
        self.date_styles: frozenset[int] = frozenset(workbook._date_formats)  # noqa: SLF001
        self.duration_styles: frozenset[int] = frozenset(workbook._timedelta_formats)  # noqa: SLF001
        sheets = list(reader.sheets())
        self.parts = {name: part for name, _state, part in sheets}
        self.names = tuple(name for name, state, _part in sheets if state == "visible") or tuple(self.parts)


@contextmanager
def open_workbook(path: Path) -> Iterator[Book]:
    """Open a workbook for reading and close it again.

    Raises:
        StorageError: it is damaged.
    """
    # openpyxl leaves its file open when it stumbles; this one is closed whatever happens.
    with path.open("rb") as file:
        with _damage_told(path.name), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            reader = _Reader(file, read_only=True, keep_vba=False, data_only=True, keep_links=False)
            reader.read_head()
            book = Book(reader)
        yield book


def first_rows(book: Book, sheet: str, count: int) -> tuple[list[tuple[int, Sequence[object]]], int]:
    """Return the first rows of a sheet, and about how many it has."""
    with _damage_told(sheet), book.archive.open(book.parts[sheet]) as source:
        head = source.read(_HEAD_BYTES)
    size = book.archive.getinfo(book.parts[sheet]).file_size
    estimate = round(head.count(b"<row") * size / max(1, len(head)))
    return list(islice(rows(book, sheet), count)), estimate


def rows(book: Book, sheet: str) -> Iterator[tuple[int, Sequence[object]]]:
    """Yield every row that stands in a sheet, with its number; no more than a few rows are in memory.

    Raises:
        StorageError: the sheet is damaged further down.
    """
    target = _Cells(book)
    parser = XMLParser(target=target)  # noqa: S314 - expat limits what entities may grow to; openpyxl reads likewise
    with book.archive.open(book.parts[sheet]) as source:
        while True:
            with _damage_told(sheet):
                block = source.read(_READ_BYTES)
                if block:
                    parser.feed(block)
                else:
                    parser.close()
            done, target.rows = target.rows, []
            yield from done
            if not block:
                return


class _Cells:
    """Hears a sheet's XML and keeps the values of its rows, without building a tree."""

    def __init__(self, book: Book) -> None:
        self.rows: list[tuple[int, Sequence[object]]] = []
        self._book = book
        self._columns: dict[str, int] = {}
        self._row: list[object] = []
        self._number = 0
        self._column = 0
        self._kind = "n"
        self._style = 0
        self._text: list[str] | None = None
        self._pieces: list[str] = []
        self._phonetic = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Hear an element begin."""
        if tag == _CELL:
            self._kind = attributes.get("t", "n")
            self._style = int(attributes.get("s", 0))
            self._pieces = []
            place = attributes.get("r")
            self._column = self._column_of(place) if place else self._column + 1
        elif tag == _VALUE or (tag == _TEXT and not self._phonetic):
            self._text = []
        elif tag == _ROW:
            self._row = []
            self._column = 0
            self._number = int(float(attributes["r"])) if "r" in attributes else self._number + 1
        elif tag == _PHONETIC:
            self._phonetic = True

    def data(self, text: str) -> None:
        """Hear text."""
        if self._text is not None:
            self._text.append(text)

    def end(self, tag: str) -> None:
        """Hear an element end."""
        if self._text is not None and tag in (_VALUE, _TEXT):
            self._pieces.append("".join(self._text))
            self._text = None
        elif tag == _CELL:
            if self._pieces and 0 < self._column <= _MAX_COLUMNS:
                missing = self._column - len(self._row)
                if missing > 0:
                    self._row.extend([None] * missing)
                self._row[self._column - 1] = self._value("".join(self._pieces))
        elif tag == _ROW:
            self.rows.append((self._number, self._row))
        elif tag == _PHONETIC:
            self._phonetic = False

    def _column_of(self, place: str) -> int:
        letters = place.rstrip("0123456789")
        column = self._columns.get(letters)
        if column is None:
            column = self._columns[letters] = int(column_index_from_string(letters))
        return column

    def _value(self, text: str) -> object:
        kind = self._kind
        if kind == "s":
            return self._book.strings[int(text)]
        if kind in ("inlineStr", "str"):
            return text
        if kind == "n":
            return self._number_of(text)
        if kind == "d":
            return from_ISO8601(text)  # type: ignore[no-untyped-call]
        return None if kind == "e" else text

    def _number_of(self, text: str) -> object:
        if self._style in self._book.date_styles:
            try:
                return from_excel(float(text), self._book.epoch, timedelta=self._style in self._book.duration_styles)
            except (OverflowError, ValueError):
                return text
        return int(text) if text.isdecimal() else float(text)


@contextmanager
def _damage_told(name: str) -> Iterator[None]:
    """Turn what openpyxl raises on a damaged file into a sentence."""
    try:
        yield
    except _DAMAGE as problem:
        raise StorageError(_("“{name}”已损坏，或不是 Excel 文件", name=name), code="import.damaged") from problem
