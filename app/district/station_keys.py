"""A station's own secret: made at the first enrolment, renewed when one of its devices is revoked."""

import base64
import secrets
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from app import clock
from app.db.inserts import table_of
from app.district.store import insert_missing
from app.models.district import StationKey
from app.models.registry import STATION
from app.sync.proof import KEY_BYTES, StationKeys, read_station_keys

if TYPE_CHECKING:
    from app.district.accounts import Caller


def ensure_key(connection: sa.Connection, station: str) -> None:
    """Make a station's first key where it has none."""
    keys = table_of(StationKey)
    if connection.execute(sa.select(keys.c.number).where(keys.c.station_code == station).limit(1)).first() is None:
        _add(connection, station, 1)


def renew_key(connection: sa.Connection, station: str) -> None:
    """Make a new key: one who was shut out knows only the older ones."""
    keys = table_of(StationKey)
    newest = connection.execute(sa.select(sa.func.max(keys.c.number)).where(keys.c.station_code == station)).scalar()
    _add(connection, station, (newest or 0) + 1)


def _add(connection: sa.Connection, station: str, number: int) -> None:
    key = base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()
    row = {"station_code": station, "number": number, "key": key, "made_at": clock.now()}
    insert_missing(connection, StationKey, [row])


def entitled(caller: "Caller") -> bool:
    """Tell whether a device works in its station's feed; a trainer's does not, and is told no key."""
    return caller.feed_of(STATION) in caller.writable


def keys_for(connection: sa.Connection, caller: "Caller") -> list[dict[str, Any]]:
    """Return the station's keys as a device is told them, newest last; none for a device without its feed."""
    if not entitled(caller):
        return []
    keys = table_of(StationKey)
    query = sa.select(keys.c.number, keys.c.key).where(keys.c.station_code == caller.station_code)
    return [{"number": row.number, "key": row.key} for row in connection.execute(query.order_by(keys.c.number))]


def station_keys(connection: sa.Connection, station: str) -> StationKeys:
    """Return all keys of a station."""
    keys = table_of(StationKey)
    rows = connection.execute(sa.select(keys.c.number, keys.c.key).where(keys.c.station_code == station))
    return read_station_keys([{"number": row.number, "key": row.key} for row in rows])
