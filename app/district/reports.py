"""What each device says of itself, and who may see it: a supervisor her station's, an officer everybody's."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from app import clock
from app.db.inserts import table_of
from app.district.accounts import Caller
from app.district.chain_heads import breaks_of
from app.district.problems import ProblemError
from app.models.acts import OFFICER, SUPERVISOR
from app.models.district import Device
from app.models.wire import to_wire
from app.sync.protocol import MAX_SEQ, MalformedError, clean_text, dumps
from app.texts import _

COUNTS = ("queued", "parked", "held", "conflicts")
SIZES = ("free_bytes", "data_bytes")
TEXTS = {"app_version": 40, "last_error": 60, "oldest_at": 40}
MOST_SECONDS = 1e12


def read_report(body: Any) -> dict[str, Any]:
    """Return what a device says of itself, nothing but the known fields.

    Raises:
        MalformedError: a field is missing or wrong.
    """
    if not isinstance(body, dict):
        raise MalformedError("body", "must be an object")
    found: dict[str, Any] = {}
    for name in (*COUNTS, *SIZES, "op_schema"):
        value = body.get(name)
        whole = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_SEQ
        if not (whole or (value is None and name not in COUNTS)):
            raise MalformedError(name, "must be a whole number from 0")
        found[name] = value
    for name, limit in TEXTS.items():
        if (value := body.get(name)) is not None and not clean_text(value, limit):
            raise MalformedError(name, f"must be text of at most {limit} characters")
        found[name] = value
    offset = body.get("clock_offset", 0)
    if isinstance(offset, bool) or not isinstance(offset, int | float) or not abs(offset) < MOST_SECONDS:
        raise MalformedError("clock_offset", "must be seconds")
    return {**found, "clock_offset": offset}


def keep_report(connection: sa.Connection, caller: Caller, report: Mapping[str, Any]) -> None:
    """Keep a device's latest word of itself."""
    device, now = table_of(Device), clock.now()
    values = {"report": dumps(dict(report)), "reported_at": now, "last_seen_at": now}
    if report["app_version"]:
        values["app_version"] = report["app_version"]
    connection.execute(sa.update(device).where(device.c.id == caller.id).values(**values))


def devices_for(connection: sa.Connection, caller: Caller) -> list[dict[str, Any]]:
    """Return the devices that this one may see, by number.

    Raises:
        ProblemError: 403, it is neither a supervisor's nor an officer's.
    """
    if caller.role not in (SUPERVISOR, OFFICER):
        raise ProblemError(403, "not_allowed", _("只有站长和区里能看各台电脑的情况"))
    device = table_of(Device)
    query = sa.select(device).order_by(device.c.county_code, device.c.device_no)
    if caller.role == SUPERVISOR:
        query = query.where(device.c.station_code == caller.station_code)
    return described(connection, list(connection.execute(query)))


def described(connection: sa.Connection, rows: Sequence[sa.Row[Any]]) -> list[dict[str, Any]]:
    """Return devices as the protocol tells them, each with what is to be looked into about its logs."""
    breaks = breaks_of(connection, [row.id for row in rows])
    return [{**_describe(row), "breaks": breaks.get(row.id, [])} for row in rows]


def _describe(row: sa.Row[Any]) -> dict[str, Any]:
    """Return a device by itself. ``report`` is null until it said something of itself."""
    report = json.loads(row.report) if row.report else None
    if report is not None:
        report["reported_at"] = to_wire(row.reported_at)
    return {
        "id": row.id,
        "device_no": row.device_no,
        "name": row.name,
        "role": row.role,
        "station_code": row.station_code,
        "app_version": row.app_version,
        "enrolled_at": to_wire(row.enrolled_at),
        "last_seen_at": to_wire(row.last_seen_at),
        "revoked": row.revoked_at is not None,
        "report": report,
    }
