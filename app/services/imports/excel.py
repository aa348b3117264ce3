"""Reading workbooks with openpyxl, as a stream.

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
from typing import IO, Any, cast
from xml.etree.ElementTree import ParseError, iterparse
from zipfile import BadZipFile

from openpyxl.reader.excel import ExcelReader
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.workbook import Workbook
from openpyxl.worksheet._read_only import ReadOnlyWorksheet
from openpyxl.xml.constants import SHARED_STRINGS, SHEET_MAIN_NS

from app.errors import StorageError
from app.texts import _

_BLOCK = 512
_CACHED_BLOCKS = 16
_DAMAGE = (BadZipFile, ParseError, InvalidFileException, KeyError, ValueError, TypeError, IndexError, AttributeError, EOFError, zlib.error)


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
    """openpyxl's reader, with the strings kept compressed."""

    def read_strings(self) -> None:
        part = self.package.find(SHARED_STRINGS)
        if part is not None:
            with self.archive.open(part.PartName[1:]) as source:
                self.shared_strings = SharedStrings(_strings(source))


def _strings(source: IO[bytes]) -> Iterator[str]:
    """Yield the strings one by one, dropping each element once it is read."""
    events = iterparse(source, events=("start", "end"))
    _event, root = next(events)
    tag = f"{{{SHEET_MAIN_NS}}}si"
    for event, node in events:
        if event == "end" and node.tag == tag:
            # Phonetic hints (rPh) are no part of the text.
            yield "".join(t.text or "" for t in node.iterfind(f"{{{SHEET_MAIN_NS}}}t")) + "".join(
                t.text or "" for t in node.iterfind(f"{{{SHEET_MAIN_NS}}}r/{{{SHEET_MAIN_NS}}}t")
            )
            root.clear()


@contextmanager
def open_workbook(path: Path) -> Iterator[Workbook]:
    """Open a workbook for reading and close it again.

    Raises:
        StorageError: it is damaged.
    """
    # openpyxl leaves its file open when it stumbles; this one is closed whatever happens.
    with path.open("rb") as file:
        with _damage_told(path.name), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            reader = _Reader(file, read_only=True, keep_vba=False, data_only=True, keep_links=False)
            reader.read()
        yield reader.wb


def visible_sheets(book: Workbook) -> tuple[str, ...]:
    """Return the names of the sheets that hold cells and are not hidden; of all when every one is hidden."""
    sheets = [sheet for sheet in book.worksheets if hasattr(sheet, "reset_dimensions")]
    shown = [sheet.title for sheet in sheets if getattr(sheet, "sheet_state", "visible") == "visible"]
    return tuple(shown or [sheet.title for sheet in sheets])


def first_rows(book: Workbook, sheet: str, count: int) -> tuple[list[tuple[int, Sequence[object]]], int]:
    """Return the first rows of a sheet, and how many it says it has (a guess; files lie)."""
    with _damage_told(sheet):
        claimed = book[sheet].max_row or 0
    return list(islice(rows(book, sheet), count)), claimed


def rows(book: Workbook, sheet: str) -> Iterator[tuple[int, Sequence[object]]]:
    """Yield every row with its number, from the first.

    Raises:
        StorageError: the sheet is damaged further down.
    """
    with _damage_told(sheet):
        worksheet = cast(ReadOnlyWorksheet, book[sheet])
        # What a file says of its own size is often wrong; the cells decide.
        worksheet.reset_dimensions()
        source = worksheet.iter_rows(values_only=True)
    number = 0
    while True:
        with _damage_told(sheet):
            row = next(source, None)
        if row is None:
            return
        number += 1
        yield number, row


@contextmanager
def _damage_told(name: str) -> Iterator[None]:
    """Turn what openpyxl raises on a damaged file into a sentence."""
    try:
        yield
    except _DAMAGE as problem:
        raise StorageError(_("“{name}”已损坏，或不是 Excel 文件", name=name), code="import.damaged") from problem
