"""A ledger of several stations: the same, with whose row it is in front."""

from dataclasses import replace

from app.ledgers.base import KEYS, Ask, Column, Kind, Ledger
from app.texts import N_

_WHOSE = Column(KEYS[2], N_("站点"), Kind.STATION, 18)


def for_stations(ledger: Ledger, ask: Ask) -> Ledger:
    """Return the ledger as it is asked for: over more than one station, each row says whose it is."""
    says_so = any(column.kind == Kind.STATION for column in ledger.columns)
    return ledger if says_so or len(ask.stations) == 1 else replace(ledger, columns=(_WHOSE, *ledger.columns))
