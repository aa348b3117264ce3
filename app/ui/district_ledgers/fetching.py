"""One question to the district under way, on the io lane: how far it is, and a way to stop."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from app.errors import AppError, Cancelled
from app.ledgers.base import Ask, Ledger
from app.ui.context import UiContext
from app.ui.district_ledgers import state
from app.ui.district_ledgers.state import Got

if TYPE_CHECKING:
    from app.sync.ledger_fetch import Hand, Progress
    from app.sync.ledger_office import Office


class Fetching(QObject):
    """Fetches a ledger or the figures. ``done`` with what came, None where it was stopped; ``failed`` with why not."""

    progressed = Signal(object)
    done = Signal(object)
    failed = Signal(object)

    def __init__(self, context: UiContext, parent: QObject, office: Office, ledger: Ledger, ask: Ask) -> None:
        super().__init__(parent)
        self._context, self._office, self._ledger, self._ask = context, office, ledger, ask
        self._hand = office.hand()
        self.destroyed.connect(self._hand.stop)

    def start(self, why: str = "") -> None:
        """Ask; with a reason for whole values."""
        work = partial(
            _fetch,
            self._office,
            self._ledger,
            self._ask,
            hand=self._hand,
            told=self.progressed.emit,
            actor=self._context.actor.staff_id,
            why=why,
        )
        self._context.runner.io(work, self._on_done, self._on_error)

    def stop(self) -> None:
        """End it."""
        self._hand.stop()

    def _on_done(self, got: Got | None) -> None:
        self.done.emit(got)

    def _on_error(self, error: AppError) -> None:
        self.failed.emit(error)


def _fetch(office: Office, ledger: Ledger, ask: Ask, *, hand: Hand, told: Any, actor: str, why: str) -> Got | None:
    def tell(at: Progress) -> None:
        hand.check()
        told(at)

    try:
        if state.is_comparison(ledger):
            return state.of_comparison(office.figures(ask, actor=actor, hand=hand, told=tell), ask, state.DISTRICT)
        return state.of_fetched(office.ledger(ledger.name, ask, actor=actor, why=why, hand=hand, told=tell))
    except Cancelled:
        return None
