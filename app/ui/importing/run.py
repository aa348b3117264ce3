"""One import under way: reads on the io lane, stores each batch by its own write on the db lane."""

from __future__ import annotations

import queue
import threading
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from app import clock
from app.errors import AppError, UserError
from app.services.imports.job import ImportJob
from app.services.imports.report import ImportReport, RowOutcome
from app.services.imports.rows import ReadRow
from app.services.imports.writing import import_batch
from app.texts import _
from app.ui.importing.state import seconds_left

if TYPE_CHECKING:
    from app.db.database import Transaction
    from app.ui.tasks import TaskRunner

Stored = tuple[list[RowOutcome], "Transaction"]


class ImportRun(QObject):
    """Runs a job. Lives beside the runner, not in the screen: it goes on when the screen is left."""

    progressed = Signal(int, int, object)
    finished = Signal(object)
    failed = Signal(object)
    _batch_read = Signal(object)
    _told = Signal(int, int)

    def __init__(self, runner: TaskRunner, job: ImportJob) -> None:
        super().__init__(runner)
        self._runner, self._job = runner, job
        self._actor = runner.actor
        self._stop = threading.Event()
        self._answers: queue.SimpleQueue[list[RowOutcome] | AppError] = queue.SimpleQueue()
        self._started = clock.monotonic()
        self.ops: list[str] = []
        self.last: tuple[int, int] = (0, job.table.row_estimate)
        self._batch_read.connect(self._on_batch_read)
        self._told.connect(self._on_told)

    @property
    def file_name(self) -> str:
        """The name of the file that is read."""
        return self._job.table.path.name

    def start(self) -> None:
        """Begin."""
        self._runner.io(self._work, self._on_done, self._on_error)

    def stop(self) -> None:
        """Stop after the batch under way; what was taken stays taken."""
        self._stop.set()

    # -- on the io lane -----------------------------------------------------------------------------------------
    def _work(self) -> ImportReport:
        return self._job.run(self._store, self._told.emit, self._stop.is_set)

    def _store(self, rows: Sequence[ReadRow]) -> Sequence[RowOutcome]:
        """Have the GUI thread hand a batch to the db lane; wait for what became of it.

        When the program ends meanwhile, no answer comes: the batch is stored, the thread ends with the program.
        """
        self._batch_read.emit(list(rows))
        answer = self._answers.get()
        if isinstance(answer, AppError):
            raise answer
        return answer

    # -- on the GUI thread --------------------------------------------------------------------------------------
    def _on_batch_read(self, rows: list[ReadRow]) -> None:
        if self._runner.actor != self._actor:
            self._answers.put(UserError(_("电脑锁上或换了人，导入停在这里。"), code="lock.closed"))
            return
        work = partial(_import, self._job.columns.kind, self._job.into, rows)
        try:
            self._runner.write(work, self._on_stored, self._answers.put)
        except AppError as closed:
            self._answers.put(closed)

    def _on_stored(self, stored: Stored) -> None:
        outcomes, tx = stored
        if tx.op_id:
            self.ops.append(tx.op_id)
        self._answers.put(outcomes)

    def _on_told(self, done: int, total: int) -> None:
        self.last = (done, total)
        self.progressed.emit(done, total, seconds_left(done, total, clock.monotonic() - self._started))

    def _on_done(self, report: ImportReport) -> None:
        self.finished.emit(report)
        self.deleteLater()

    def _on_error(self, error: AppError) -> None:
        self.failed.emit(error)
        self.deleteLater()


def _import(kind: str, into: str, rows: Sequence[ReadRow], tx: Transaction) -> Any:
    return import_batch(tx, kind, rows, into=into), tx
