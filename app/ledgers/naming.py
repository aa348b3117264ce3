"""What the ids in a ledger's cells are called now."""

from __future__ import annotations

from sqlalchemy import select
from sqlmodel import col

from app.db.database import Transaction
from app.ledgers.read import Names
from app.models.station import Station
from app.services.policy_cards import card_names
from app.services.staff import staff_names


def names_of(tx: Transaction) -> Names:
    """Return what the ids in a ledger's cells are called."""
    stations = {row[0]: row[1] for row in tx.rows(select(col(Station.code), col(Station.name)))}
    return Names(staff_names(tx), stations, card_names(tx))
