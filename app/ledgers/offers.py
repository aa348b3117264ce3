"""What a ledger can be narrowed to: the communities, grids and officers that the records hold, and the groups."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import col

from app.db.database import Transaction
from app.models.codes import code_list
from app.models.divisions import division
from app.models.resident import Resident
from app.services.staff import staff_names

Offer = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Offers:
    """Code and words of every filter, in the order offered."""

    communities: Offer = ()
    grids: Offer = ()
    officers: Offer = ()
    groups: Offer = ()


def offers(tx: Transaction) -> Offers:
    """Return what the filters of a ledger offer: nothing that would find no one."""
    regions, grids = _known(tx, Resident.live_region), _known(tx, Resident.grid_code)
    return Offers(
        communities=tuple((code, _place(code)) for code in regions),
        grids=tuple((code, code) for code in grids),
        officers=tuple(sorted(staff_names(tx).items(), key=lambda each: each[1])),
        groups=tuple((item.code, item.label_zh) for item in code_list("KG").items),
    )


def _known(tx: Transaction, column: object) -> list[str]:
    """Return the different values of a column of the residents."""
    alive = select(col(column)).where(col(Resident.deleted_at).is_(None)).distinct()
    return sorted(row[0] for row in tx.rows(alive) if row[0])


def _place(code: str) -> str:
    found = division(code)
    return found.name if found is not None else code
