"""Who fetched which ledger: a line for each, before its rows go out."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from app import clock
from app.db.inserts import table_of
from app.district.accounts import Caller
from app.district.ledger_asking import Asked
from app.district.store import DistrictStore
from app.models.district import Device, LedgerFetch


def note_fetch(store: DistrictStore, caller: Caller, asked: Asked, *, ledger: str, rows: int) -> str:
    """Leave a line; return its id."""
    fetch = clock.new_id()
    line = {
        "id": fetch,
        "at": clock.now(),
        "device": caller.id,
        "actor": asked.actor,
        "ledger": ledger,
        "first": asked.ask.period.first,
        "until": asked.ask.period.until,
        "stations": ",".join(asked.ask.stations),
        "row_count": rows,
        "whole": bool(asked.why),
        "why": asked.why or None,
    }
    with store.write() as connection:
        connection.execute(sa.insert(table_of(LedgerFetch)), line)
    return fetch


def note_sent(store: DistrictStore, fetch: str, rows: int) -> None:
    """Note how many rows went out."""
    table = table_of(LedgerFetch)
    with store.write() as connection:
        connection.execute(sa.update(table).where(table.c.id == fetch).values(sent_count=rows))


def list_fetches(connection: sa.Connection, limit: int) -> Sequence[Any]:
    """Return the latest lines, latest first, each with the name of its device."""
    table, device = table_of(LedgerFetch), table_of(Device)
    query = sa.select(table, device.c.name.label("device_name"), device.c.station_code)
    joined = query.outerjoin(device, device.c.id == table.c.device)
    return connection.execute(joined.order_by(table.c.at.desc(), table.c.id.desc()).limit(limit)).all()
