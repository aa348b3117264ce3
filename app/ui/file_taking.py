"""A file under way to where somebody wanted it: written on the io lane, told as it grows, stopped at the next look."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.errors import AppError, Cancelled
from app.texts import _
from app.ui.context import UiContext

if TYPE_CHECKING:
    from app.db.database import Transaction

Told = Callable[[int], object]
"""Told how many rows are written; raises Cancelled where it shall end."""


class FileTaking(QObject):
    """One file. ``finished`` in any case; ``stop()`` ends it and no file is left; so does the end of its parent."""

    progressed = Signal(int, int)
    finished = Signal()

    def __init__(self, context: UiContext, parent: QObject, path: Path) -> None:
        super().__init__(parent)
        self._context, self._path = context, path
        self._stop = threading.Event()
        self.destroyed.connect(self._stop.set)

    def stop(self) -> None:
        """Ask it to end."""
        self._stop.set()

    def _write(self, work: Callable[[Transaction, Told], int], total: int) -> None:
        """Have it written; ``work`` returns how many rows it has."""
        self.progressed.emit(0, total)
        told = partial(_tell, self.progressed.emit, self._stop.is_set, total)
        until_stopped = partial(_unless_stopped, work=work, told=told)
        self._context.runner.read_aside(until_stopped, self._on_written, self._on_error)

    def _on_written(self, rows: int | None) -> None:
        name = self._path.name
        if rows is None:
            self._context.messages.remark(_("停下了，没有留下文件；这次导出记在日志里。"))
        elif rows:
            self._context.messages.say(_("导出好了，{n} 行：{name}", n=f"{rows:,}", name=name))
        else:
            self._context.messages.say(_("导出好了。本期没有记录，表上写明了：{name}", name=name))
        self.finished.emit()

    def _on_error(self, error: AppError) -> None:
        self._context.messages.show_error(error)
        self.finished.emit()


def _unless_stopped(tx: Transaction, *, work: Callable[[Transaction, Told], int], told: Told) -> int | None:
    try:
        told(0)
        return work(tx, told)
    except Cancelled:
        return None


def _tell(emit: Callable[[int, int], object], stopped: Callable[[], bool], total: int, done: int) -> None:
    if stopped():
        raise Cancelled
    emit(done, max(done, total))
