"""Rows and columns of a table: what is shown, in which order, what is ticked."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QRectF, Qt, Signal
from PySide6.QtGui import QPainter

from app.texts import _
from app.ui import entry
from app.ui.theme import Theme

T = TypeVar("T")
_Index = QModelIndex | QPersistentModelIndex
EMPTY = "—"


class TablePaint(Protocol):
    """Draws a cell by hand (a ring, a mark, a distance bar). Nothing slow in here."""

    def __call__(self, painter: QPainter, look: Theme, box: QRectF, row: Any, *, selected: bool) -> None:
        """Draw the row's value inside ``box``."""


@dataclass(frozen=True, kw_only=True)
class _ColumnOptions(Generic[T]):
    """Options of a column, all of them by name.

    ``tone`` gives the ink (a token) of a row's text; ``chip`` makes the text a state chip of that tone; ``second`` and
    ``third`` are smaller lines below (``second_tone``, ``third_tone`` their ink); ``paint`` draws the cell by hand, its
    ``text`` then is what is read out and copied; ``stretch`` takes a share of the room that is left.
    """

    width: int = 120
    align: str = "left"
    stretch: int = 0
    bold: bool = False
    role: str = "body"
    tone: Callable[[T], str] | None = None
    chip: Callable[[T], str] | None = None
    chip_icon: Callable[[T], str] | None = None
    second: Callable[[T], str] | None = None
    third: Callable[[T], str] | None = None
    third_tone: Callable[[T], str] | None = None
    paint: TablePaint | None = None
    sort_key: Callable[[T], Any] | None = None
    sortable: bool = True

    @property
    def lines(self) -> int:
        """How many lines the cell has."""
        return 1 + (self.second is not None) + (self.third is not None)


@dataclass(frozen=True)
class _ColumnHead(Generic[T]):
    title: str
    text: Callable[[T], str]


@dataclass(frozen=True)
class Column(_ColumnOptions[T], _ColumnHead[T]):
    """A column: its title, its text, then options by name (width, align "left", "right" or "center", tone, paint …)."""


class RowsModel(QAbstractTableModel, Generic[T]):
    """Holds the rows; texts are made when a cell is looked at, never for all rows at once."""

    checks_changed = Signal()

    def __init__(
        self, columns: tuple[Column[T], ...], *, checkable: bool = False, key: Callable[[T], object] | None = None
    ) -> None:
        super().__init__()
        self.columns, self._checkable, self._key = columns, checkable, key
        self._given: list[T] = []
        self._rows: list[T] = []
        self._checked: set[object] = set()
        self._order: tuple[int, Qt.SortOrder] = (-1, Qt.SortOrder.AscendingOrder)

    # -- rows ---------------------------------------------------------------------------------------------------
    def key_of(self, row: T) -> object:
        """Return what tells the row from others."""
        return self._key(row) if self._key is not None else row

    def set_rows(self, rows: Sequence[T]) -> None:
        """Hold other rows, in the order in force; ticks of rows that are gone go too."""
        self.beginResetModel()
        self._given = list(rows)
        self._rows = self._sorted()
        if self._checked:
            self._checked &= {self.key_of(row) for row in rows}
        self.endResetModel()

    def rows(self) -> list[T]:
        """Return the rows as shown."""
        return list(self._rows)

    def row(self, number: int) -> T | None:
        """Return a row by its place."""
        return self._rows[number] if 0 <= number < len(self._rows) else None

    def find(self, row: T) -> int | None:
        """Return the place of that row or of its newer version."""
        return self.find_key(self.key_of(row))

    def find_key(self, key: object) -> int | None:
        """Return the place of the row with that key."""
        return next((at for at, row in enumerate(self._rows) if self.key_of(row) == key), None)

    def shown(self, number: int) -> list[str]:
        """Return the texts of a row as shown, masks and all."""
        return [self._words(self._rows[number], column) for column in self.columns]

    def seek(self, typed: str, start: int) -> int | None:
        """Return the next row, from ``start`` round, whose first words begin as typed."""
        column = next((column for column in self.columns if column.bold), self.columns[0])
        count = len(self._rows)
        for step in range(count):
            at = (start + step) % count
            if entry.starts_with_initials(column.text(self._rows[at]).lower(), typed):
                return at
        return None

    # -- ticks --------------------------------------------------------------------------------------------------
    def is_checked(self, number: int) -> bool:
        """Say whether the row is ticked."""
        return bool(self._checked) and self.key_of(self._rows[number]) in self._checked

    def toggle(self, number: int) -> None:
        """Tick the row, or take the tick away."""
        if 0 <= number < len(self._rows):
            self._checked ^= {self.key_of(self._rows[number])}
            self._tell_checks(number, number)

    def set_checked(self, keys: Sequence[object]) -> None:
        """Tick these and no others."""
        self._checked = set(keys) & {self.key_of(row) for row in self._rows}
        self._tell_checks(0, len(self._rows) - 1)

    def checked_rows(self) -> list[T]:
        """Return the ticked rows as ordered."""
        return [row for row in self._rows if self.key_of(row) in self._checked] if self._checked else []

    def _tell_checks(self, first: int, last: int) -> None:
        if last >= first:
            self.dataChanged.emit(self.index(first, 0), self.index(last, len(self.columns) - 1))
        self.checks_changed.emit()

    # -- order --------------------------------------------------------------------------------------------------
    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        if column >= 0 and not self.columns[column].sortable:
            return
        self.layoutAboutToBeChanged.emit()
        held = [(index, self._rows[index.row()]) for index in self.persistentIndexList()]
        self._order = (column, order)
        self._rows = self._sorted()
        places = {id(row): at for at, row in enumerate(self._rows)} if held else {}
        for index, row in held:
            self.changePersistentIndex(index, self.index(places[id(row)], index.column()))
        self.layoutChanged.emit()

    def _sorted(self) -> list[T]:
        number, order = self._order
        if number < 0:
            return list(self._given)
        column = self.columns[number]
        key = column.sort_key or column.text
        filled = [row for row in self._given if key(row) not in (None, "")]
        empty = [row for row in self._given if key(row) in (None, "")]
        return sorted(filled, key=key, reverse=order == Qt.SortOrder.DescendingOrder) + empty

    # -- what Qt asks -------------------------------------------------------------------------------------------
    def rowCount(self, parent: _Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self.columns)

    def flags(self, index: _Index) -> Qt.ItemFlag:
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return self.columns[section].title
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.DisplayRole:
            return self._words(self._rows[index.row()], self.columns[index.column()])
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._spoken(index)
        if role == Qt.ItemDataRole.UserRole:
            return self._rows[index.row()]
        return None

    def _words(self, row: T, column: Column[T]) -> str:
        parts = [column.text(row)]
        parts += [line(row) for line in (column.second, column.third) if line is not None]
        return " ".join(part for part in parts if part) or EMPTY

    def _spoken(self, index: _Index) -> str:
        """Name row and column, and the tick in the first one."""
        row, column = self._rows[index.row()], self.columns[index.column()]
        words = self._words(row, column)
        said = f"{column.title} {words if words != EMPTY else _('空')}".strip()
        if index.column() == 0 and self._checkable:
            said += "，" + (_("已选") if self.is_checked(index.row()) else _("没选"))
        return _("第 {n} 行", n=index.row() + 1) + " " + said
