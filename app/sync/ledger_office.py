"""The district's ledgers as the window asks for them: one counter's file and its way to the district, held together."""

from dataclasses import dataclass

from app.db.database import Database
from app.ledgers.base import Ask
from app.ledgers.comparison import Comparison
from app.sync.ledger_fetch import Fetched, Hand, Told, fetch_figures, fetch_ledger


@dataclass(frozen=True)
class Office:
    """Asks the district for ledgers and figures. Both take their time; ``hand`` stops them."""

    database: Database
    ca: str | None = None

    def hand(self) -> Hand:
        """Return what stops one question."""
        return Hand()

    def ledger(self, kind: str, ask: Ask, *, actor: str, why: str = "", hand: Hand, told: Told) -> Fetched:
        """Fetch a ledger; with a reason its whole values.

        Raises:
            Cancelled: it was stopped.
            ExternalError: it cannot be reached, or does not give it.
        """
        return fetch_ledger(self.database, kind, ask, why=why, actor=actor, ca=self.ca, hand=hand, told=told)

    def figures(self, ask: Ask, *, actor: str, hand: Hand, told: Told) -> Comparison:
        """Fetch every indicator of each station.

        Raises:
            Cancelled: it was stopped.
            ExternalError: it cannot be reached, or does not give them.
        """
        return fetch_figures(self.database, ask, actor=actor, ca=self.ca, hand=hand, told=told)
