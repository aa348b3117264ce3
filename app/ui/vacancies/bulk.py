"""Publishing many: 200 in a transaction, one after the other, with a count, and it can be stopped."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app import clock
from app.errors import AppError
from app.services.vacancies import BulkResult, publish_many
from app.ui.acting import kept
from app.ui.context import UiContext
from app.ui.vacancies.state import Published

if TYPE_CHECKING:
    from app.db.database import Transaction

BATCH = 200


class BulkPublishing(QObject):
    """One bulk publishing under way. ``finished`` carries its account, also after it was stopped."""

    progressed = Signal(int, int, object)
    finished = Signal(object)

    def __init__(self, context: UiContext, ids: Sequence[str], parent: QObject) -> None:
        super().__init__(parent)
        self._context, self._ids = context, tuple(ids)
        self._at, self._stop = 0, False
        self._account = Published()
        self._started = clock.monotonic()

    def start(self) -> None:
        """Publish the first batch."""
        self._next()

    def stop(self) -> None:
        """Stop after the batch under way; what was published stays published."""
        self._stop = True

    def _next(self) -> None:
        piece = self._ids[self._at : self._at + BATCH]
        if not piece or self._stop:
            account = self._account
            self.finished.emit(Published(account.done, account.left, account.ops, stopped=bool(piece)))
            return
        work = partial(kept, partial(_publish, piece))
        self._context.runner.write(work, self._on_batch, self._on_error)

    def _on_batch(self, outcome: tuple[BulkResult, Transaction]) -> None:
        result, tx = outcome
        self._at += min(BATCH, len(self._ids) - self._at)
        self._account = self._account.plus(result.done, result.refused, tx.op_id)
        spent = clock.monotonic() - self._started
        left = spent / self._at * (len(self._ids) - self._at) if spent > 1 else None
        self.progressed.emit(self._at, len(self._ids), left)
        self._next()

    def _on_error(self, error: AppError) -> None:
        self._context.messages.show_error(error)
        self._stop = True
        self._next()


def _publish(ids: Sequence[str], tx: Transaction) -> BulkResult:
    return publish_many(tx, ids)
