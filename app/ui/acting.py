"""Writing with its undo: what was done says so in a toast, and is taken back from there; and the keys of a page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app.errors import AppError
from app.services.history import undo
from app.texts import _
from app.ui.context import UiContext

if TYPE_CHECKING:
    from app.db.database import Transaction

Work = Callable[["Transaction"], Any]


def kept(work: Work, tx: Transaction) -> tuple[Any, Transaction]:
    """Do the work and hand the transaction on: after the commit it knows its operation."""
    return work(tx), tx


def show_keys(page: QWidget) -> None:
    """Have the key bar of the window show anew what keys the page in front knows; without a window, nothing."""
    holder = page.parentWidget()
    while holder is not None and not hasattr(holder, "show_hints"):
        holder = holder.parentWidget()
    if holder is not None:
        holder.show_hints()


def take_back(op: str, tx: Transaction) -> None:
    """Undo one operation."""
    undo(tx, op)


class Doer(QObject):
    """Runs one write, says what was done, offers the way back. ``changed`` tells the screen to read again."""

    changed = Signal()

    def __init__(self, context: UiContext, parent: QObject) -> None:
        super().__init__(parent)
        self._context = context

    def do(
        self,
        work: Work,
        said: str | Callable[[Any], str],
        *,
        on_done: Callable[[Any], object] | None = None,
        on_error: Callable[[AppError], object] | None = None,
    ) -> None:
        """Write; ``said`` is the toast, or makes it from what the work returned."""
        done = partial(self._on_done, said, on_done)
        self._context.runner.write(partial(kept, work), done, on_error or self._context.messages.show_error)

    def _on_done(
        self, said: str | Callable[[Any], str], on_done: Callable[[Any], object] | None, outcome: tuple[Any, Any]
    ) -> None:
        value, tx = outcome
        words = said if isinstance(said, str) else said(value)
        self.say(words, [tx.op_id] if tx.op_id else [])
        self.changed.emit()
        if on_done is not None:
            on_done(value)

    def say(self, words: str, ops: Sequence[str]) -> None:
        """Say what was done, with 撤销 where there is something to take back."""
        self._context.messages.say(words, undo=partial(self._undo, tuple(ops)) if ops else None)

    def _undo(self, ops: tuple[str, ...]) -> None:
        for op in reversed(ops):
            last = op == ops[0]
            work = partial(take_back, op)
            self._context.runner.write(work, self._on_undone if last else None, self._context.messages.show_error)

    def _on_undone(self, _nothing: object) -> None:
        self._context.messages.remark(_("已撤销，和刚才之前一样。"))
        self.changed.emit()
