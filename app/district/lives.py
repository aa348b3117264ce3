"""The lives of this server, and what a device must know to take up with the present one."""

from typing import Any

import sqlalchemy as sa

from app import clock
from app.db.inserts import table_of
from app.district.store import EPOCH, get_fact, put_fact
from app.models.district import Device

EPOCH_BEFORE = "epoch_before"
"""The epoch of the backup that the present life began from, where it began from one."""


def new_epoch(connection: sa.Connection) -> str:
    """Begin another life of the server, after its database was restored from a backup; the data stay."""
    epoch, devices = clock.new_id(), table_of(Device)
    put_fact(connection, EPOCH_BEFORE, get_fact(connection, EPOCH) or "")
    put_fact(connection, EPOCH, epoch)
    connection.execute(sa.update(devices).values(life_seq=devices.c.next_seq))
    return epoch


def life_for(connection: sa.Connection, device: str) -> dict[str, Any]:
    """Return the epoch, the operation wanted next of a device, and the life that this one ``continues``.

    What the device was answered in that life before the number ``expect`` of it, this server knows as it was answered.
    From there on it may have decided anew: others may have brought it what was lost.
    """
    devices = table_of(Device)
    row = connection.execute(sa.select(devices.c.next_seq, devices.c.life_seq).where(devices.c.id == device)).one()
    before = get_fact(connection, EPOCH_BEFORE)
    continues = {"epoch": before, "expect": row.life_seq} if before else None
    return {"epoch": get_fact(connection, EPOCH), "expect": row.next_seq, "continues": continues}
