"""What the readers of each kind of file hand on: one row, understood."""

from dataclasses import dataclass, field
from typing import Any

from app.services.imports.readers import RawRow


@dataclass(slots=True)
class ReadRow:
    """A row ready to be stored, or the reasons why it cannot be.

    ``values`` are fields of the record; ``employer`` those of a posting's employer; ``key`` recognises the same row in
    another file.
    """

    number: int
    values: dict[str, Any] = field(default_factory=dict)
    employer: dict[str, Any] = field(default_factory=dict)
    key: str = ""
    remarks: list[str] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)

    @property
    def weight(self) -> int:
        """Return about how many bytes the row takes in an operation: field names and codes, and its Chinese text."""
        return 1200 + 3 * sum(len(value) for value in self.values.values() if isinstance(value, str))

    def remark(self, text: str | None) -> None:
        """Add a remark, once; nothing for None."""
        if text and text not in self.remarks:
            self.remarks.append(text)


class Cells:
    """The cells of one row by target."""

    __slots__ = ("_cells", "_places")

    def __init__(self, row: RawRow, places: dict[str, tuple[int, ...]]) -> None:
        self._cells = row.cells
        self._places = places

    def get(self, target: str) -> str:
        """Return what the row holds for a target; several columns are joined by line ends; nothing when it has none."""
        places = self._places.get(target)
        if places is None:
            return ""
        if len(places) == 1:
            return self._cells[places[0]]
        return "\n".join(cell for cell in (self._cells[place] for place in places) if cell)

    def each(self, target: str) -> list[tuple[int, str]]:
        """Return (column, cell) of every column that holds a target."""
        return [(place, self._cells[place]) for place in self._places.get(target, ())]
