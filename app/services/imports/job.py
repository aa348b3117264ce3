"""One import from file to report: what the command and the wizard both run."""

import gc
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Protocol

from app import clock
from app.errors import ExternalError, UserError
from app.services.imports.columns import ColumnMap, guess_columns
from app.services.imports.employers import EmployerReader
from app.services.imports.enrolments import EnrolmentReader
from app.services.imports.postings import PostingReader
from app.services.imports.readers import RawRow, Table, open_table
from app.services.imports.report import ImportReport, RowOutcome, refused, taken
from app.services.imports.residents import ResidentReader
from app.services.imports.rows import ReadRow
from app.texts import _

BATCH = 500
BATCH_BYTES = 1 << 20
"""A batch is one operation, and an operation must fit into one push (2 MiB)."""

WriteBatch = Callable[[Sequence[ReadRow]], Sequence[RowOutcome]]
"""Opens one transaction, calls ``import_batch`` with the rows, commits, and returns what became of them."""


class RowReader(Protocol):
    """Turns raw rows of one kind of file into rows that can be stored."""

    def read(self, row: RawRow) -> ReadRow:
        """Return the row with its fields, or the reasons why it cannot be taken."""


_READERS: dict[str, Callable[..., RowReader]] = {
    "vacancies": PostingReader,
    "employers": EmployerReader,
    "residents": ResidentReader,
    "enrolments": EnrolmentReader,
}


class ImportJob:
    """The import of one file. Made by ``open``; ``columns`` may then be changed.

    ``into``: the id of the class that a list of sign-ups goes into.
    """

    def __init__(self, table: Table, columns: ColumnMap, *, dry_run: bool = False, into: str = "") -> None:
        self.table = table
        self.columns = columns
        self.dry_run = dry_run
        self.into = into

    @classmethod
    def open(
        cls, path: Path, kind: str, *, columns: ColumnMap | None = None, sheet: str | None = None, dry_run: bool = False
    ) -> "ImportJob":
        """Open a file and guess its columns, unless they are given.

        Raises:
            UserError: the file is no table that can be read.
            StorageError: the file is missing, damaged or too large.
        """
        table = open_table(Path(path), sheet=sheet)
        guessed = columns or guess_columns(kind, table.headings, [row.cells for row in table.sample])
        return cls(table, guessed, dry_run=dry_run)

    def preview(self, count: int = 20) -> list[ReadRow]:
        """Return the first rows as they would be taken.

        Raises:
            InvalidInputError: a column is missing without which no row can be taken.
        """
        reader = self._reader()
        return [reader.read(row) for row in self.table.sample[:count]]

    def run(
        self,
        write_batch: WriteBatch | None,
        progress: Callable[[int, int], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
        look: WriteBatch | None = None,
    ) -> ImportReport:
        """Read the file and store it batch by batch; return the account of every row.

        ``total`` is an estimate until the end. After ``cancelled()`` says yes, or a failure, what was taken stays
        taken, and the report says why. With ``dry_run`` nothing is stored: ``look`` says what would become of a batch.

        Raises:
            InvalidInputError: a column is missing without which no row can be taken.
            NotAllowedError: the person may not import.
        """
        report = ImportReport(self.table.path.name, self.columns.kind, dry_run=self.dry_run)
        reader, done = self._reader(), 0
        become = look or partial(_try, seen=set()) if self.dry_run or write_batch is None else write_batch
        if gc.isenabled():  # what lives already is spared the collector, for good: each batch makes many objects
            gc.freeze()
        try:
            for batch in self._batches(reader):
                if cancelled is not None and cancelled():
                    report.cancelled = True
                    break
                for outcome in become(batch):
                    report.add(outcome)
                done += len(batch)
                if progress is not None:
                    progress(done, max(done, self.table.row_estimate))
        except (ExternalError, UserError) as problem:
            if done == 0:
                raise
            report.stopped = problem.text
        if progress is not None and not report.cancelled:
            progress(done, done)
        return report

    def _reader(self) -> RowReader:
        return _READERS[self.columns.kind](self.columns, today=clock.today())

    def _batches(self, reader: RowReader) -> Iterator[list[ReadRow]]:
        batch: list[ReadRow] = []
        weight = 0
        for raw in self.table.iter_rows():
            row = reader.read(raw)
            weight += row.weight
            if batch and weight > BATCH_BYTES:
                yield batch
                batch, weight = [], row.weight
            batch.append(row)
            if len(batch) == BATCH:
                yield batch
                batch, weight = [], 0
        if batch:
            yield batch


def _try(batch: Sequence[ReadRow], seen: set[str]) -> list[RowOutcome]:
    """Return what would become of the rows, without a store: repeats within the file are seen, earlier imports not."""
    outcomes: list[RowOutcome] = []
    for row in batch:
        if row.refusals:
            outcomes.append(refused(row.number, *row.refusals))
        elif row.key in seen:
            outcomes.append(refused(row.number, _("与前面的一行相同")))
        else:
            seen.add(row.key)
            outcomes.append(taken(row.number, tuple(row.remarks)))
    return outcomes
