"""Issuing certificates of completion, one after the other: one that is refused does not stop the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.errors import AppError, RuleError
from app.texts import _
from app.ui.graduation import state
from app.ui.graduation.state import GradRow

if TYPE_CHECKING:
    from app.ui.tasks import TaskRunner


@dataclass(frozen=True)
class Issued:
    """What came of it: the certificates made, who was refused with the reason, how many were not tried any more."""

    ids: tuple[str, ...]
    failed: tuple[tuple[str, AppError], ...] = ()
    left: int = 0

    def words(self) -> str:
        """Say what was issued."""
        words = _("发了 {n} 张结业证明", n=len(self.ids))
        return words + _("，停下了，还有 {n} 人没发", n=self.left) if self.left else words

    def as_error(self) -> AppError:
        """Return the refusals as one error."""
        said = _("；").join(_("{name}：{why}", name=name, why=error.text) for name, error in self.failed)
        return RuleError(_("有证明没有发：{said}。其余的都在。", said=said), code=self.failed[0][1].code)


class Issuer(QObject):
    """``stepped`` tells how far it is, ``finished`` brings an ``Issued``."""

    stepped = Signal(int, int)
    finished = Signal(object)

    def __init__(self, runner: TaskRunner, parent: QObject) -> None:
        super().__init__(parent)
        self._runner = runner
        self._left: list[GradRow] = []
        self._made: list[str] = []
        self._failed: list[tuple[str, AppError]] = []
        self._all = 0
        self._stopped = False

    @property
    def is_busy(self) -> bool:
        """Whether certificates are being issued now."""
        return bool(self._left)

    def issue(self, rows: Sequence[GradRow]) -> None:
        """Begin."""
        self._left, self._made, self._failed = list(rows), [], []
        self._all, self._stopped = len(rows), False
        self._next()

    def stop(self) -> None:
        """Issue no more after the one under way; what was issued stays."""
        self._stopped = True

    def _next(self) -> None:
        if not self._left or (self._stopped and (self._made or self._failed)):
            left, self._left = len(self._left), []
            self.finished.emit(Issued(tuple(self._made), tuple(self._failed), left))
            return
        self.stepped.emit(self._all - len(self._left) + 1, self._all)
        work = partial(state.issue, enrolment_id=self._left[0].line.enrolment_id)
        self._runner.write(work, self._on_done, self._on_failed)

    def _on_done(self, certificate_id: str) -> None:
        self._made.append(certificate_id)
        self._left.pop(0)
        self._next()

    def _on_failed(self, error: AppError) -> None:
        self._failed.append((self._left.pop(0).line.name, error))
        self._next()
