"""Whose word it is: the keys of what a device sealed, under the token that it has and under those it had before.

ADR 6, "Joined again".
"""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from app import clock
from app.db.inserts import table_of
from app.models.district import FormerToken
from app.sync.proof import device_key


def keep_former(connection: sa.Connection, device: sa.Row[Any]) -> None:
    """Keep the token that a device gives up by joining again: its neighbours carry what it sealed under it.

    Where it was shut out meanwhile, all its tokens until then prove nothing any more.
    """
    revoked, former = device.revoked_at is not None, table_of(FormerToken)
    values = {"token_hash": device.token_hash, "device": device.id, "revoked": revoked, "ended_at": clock.now()}
    connection.execute(sa.insert(former), values)
    if revoked:
        connection.execute(sa.update(former).where(former.c.device == device.id).values(revoked=True))


@dataclass(frozen=True)
class Seals:
    """The keys of what a device sealed. ``good``: of its token and those it had before, the newest first.

    ``shut``: of tokens under which it was shut out.
    """

    good: tuple[bytes, ...]
    shut: tuple[bytes, ...] = ()


def seals_of(connection: sa.Connection, device: str, token_hash: str) -> Seals:
    """Return the keys of a device that is not shut out now; ``token_hash``: of the token that it has."""
    former = table_of(FormerToken)
    query = sa.select(former).where(former.c.device == device).order_by(former.c.ended_at.desc())
    rows = connection.execute(query).all()
    good = [device_key(row.token_hash) for row in rows if not row.revoked]
    return Seals((device_key(token_hash), *good), tuple(device_key(row.token_hash) for row in rows if row.revoked))
