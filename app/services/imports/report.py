"""What became of every row of a file: taken, taken with a remark, or not taken with the reason.

Kept small: two numbers for a row that needs a word, nothing for one that does not.
"""

import csv
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from app.errors import StorageError
from app.texts import N_, _

TAKEN, REMARKED, REFUSED = "taken", "remarked", "refused"
OUTCOME_LABELS = {TAKEN: N_("已导入"), REMARKED: N_("已导入，有说明"), REFUSED: N_("未导入")}
_FORMULA_START = ("=", "+", "-", "@", "\t", "\r", "\n")


@dataclass(frozen=True)
class RowOutcome:
    """What became of one row, with its remarks or the reason."""

    number: int
    outcome: str
    notes: tuple[str, ...] = ()


def taken(number: int, remarks: tuple[str, ...] = ()) -> RowOutcome:
    """Return the outcome of a row that was taken."""
    return RowOutcome(number, REMARKED if remarks else TAKEN, remarks)


def refused(number: int, *reasons: str) -> RowOutcome:
    """Return the outcome of a row that was not taken."""
    return RowOutcome(number, REFUSED, reasons)


@dataclass
class ImportReport:
    """The whole account of one import. ``stopped``: why it ended before the end of the file, if it did."""

    file_name: str
    kind: str
    dry_run: bool = False
    cancelled: bool = False
    stopped: str = ""
    read: int = 0
    counts: dict[str, int] = field(default_factory=lambda: {TAKEN: 0, REMARKED: 0, REFUSED: 0})
    _numbers: "array[int]" = field(default_factory=lambda: array("L"))
    _which: "array[int]" = field(default_factory=lambda: array("L"))
    _table: dict[tuple[str, tuple[str, ...]], int] = field(default_factory=dict)

    def add(self, row: RowOutcome) -> None:
        """Take in one row's outcome."""
        self.read += 1
        self.counts[row.outcome] += 1
        if row.notes or row.outcome != TAKEN:
            self._numbers.append(row.number)
            self._which.append(self._table.setdefault((row.outcome, row.notes), len(self._table)))

    @property
    def taken_count(self) -> int:
        """How many rows were taken, with a remark or without."""
        return self.counts[TAKEN] + self.counts[REMARKED]

    @property
    def refused_count(self) -> int:
        """How many rows were not taken."""
        return self.counts[REFUSED]

    def adds_up(self) -> bool:
        """Tell whether every row that was read has exactly one outcome."""
        return self.read == sum(self.counts.values())

    def rows(self) -> Iterator[RowOutcome]:
        """Yield each row that was remarked on or not taken, in the file's order."""
        kinds = list(self._table)
        for number, which in sorted(zip(self._numbers, self._which, strict=True)):
            outcome, notes = kinds[which]
            yield RowOutcome(number, outcome, notes)

    def reasons(self) -> list[tuple[str, str, int]]:
        """Return (outcome, remark or reason, how many rows), the commonest first."""
        kinds = list(self._table)
        found: dict[tuple[str, str], int] = {}
        for which in self._which:
            outcome, notes = kinds[which]
            for note in notes:
                found[outcome, note] = found.get((outcome, note), 0) + 1
        return sorted(((outcome, note, count) for (outcome, note), count in found.items()), key=lambda item: -item[2])

    def summary(self) -> str:
        """Return the account in one or two sentences."""
        text = _(
            "读了 {read} 行：导入 {taken} 行（其中 {remarked} 行有说明），未导入 {refused} 行。",
            read=self.read,
            taken=self.taken_count,
            remarked=self.counts[REMARKED],
            refused=self.refused_count,
        )
        if self.dry_run:
            text = _("试导入，什么都没有存。") + text
        if self.cancelled:
            text += _("中途取消：已导入的都在，后面的没有读。")
        if self.stopped:
            text += _("没有读完：{why}", why=self.stopped)
        return text

    def as_text(self, *, most: int = 200) -> str:
        """Return the account as text: summary, reasons, then up to ``most`` rows that were not taken."""
        lines = [self.file_name, self.summary(), ""]
        for outcome, note, count in self.reasons():
            lines.append(
                _("{outcome}：{note}（{count} 行）", outcome=_(OUTCOME_LABELS[outcome]), note=note, count=count)
            )
        not_taken = [row for row in self.rows() if row.outcome == REFUSED]
        if not_taken:
            lines.append("")
        for row in not_taken[:most]:
            lines.append(_("第 {number} 行未导入：{why}", number=row.number, why="；".join(row.notes)))
        if len(not_taken) > most:
            lines.append(_("另有 {count} 行，见 CSV 报告", count=len(not_taken) - most))
        return "\n".join(lines) + "\n"

    def write_csv(self, path: Path) -> None:
        """Write the account as a spreadsheet can open it: UTF-8 with BOM, no cell that could act as a formula.

        Raises:
            StorageError: the file cannot be written.
        """
        try:
            with Path(path).open("w", encoding="utf-8-sig", newline="") as file:
                writer = csv.writer(file)
                writer.writerow([_("行号"), _("结果"), _("说明")])
                for row in self.rows():
                    writer.writerow([row.number, _(OUTCOME_LABELS[row.outcome]), guard_formula("；".join(row.notes))])
                writer.writerow(["", _("合计"), guard_formula(self.summary())])
        except OSError as problem:
            raise StorageError(
                _("报告写不进“{name}”，请换个位置", name=Path(path).name), code="import.report"
            ) from problem


def guard_formula(text: str) -> str:
    """Return the text; one that a spreadsheet would run as a formula gets an apostrophe before it."""
    return "'" + text if text.startswith(_FORMULA_START) else text
