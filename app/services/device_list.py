"""The district's account of its devices, as last heard: kept on this device, so that it can be read while offline."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app import clock
from app.db import state
from app.db.chain import LOGS
from app.db.database import Transaction
from app.models.wire import to_wire
from app.services.chain_told import is_break

DEVICE_LIST = "district_devices"


@dataclass(frozen=True)
class DeviceLine:
    """One enrolled device. What it reported of itself last is None where it never did.

    ``breaks``: what the district noted of its logs (chain_told).
    ``clock_offset`` in seconds, positive when it is ahead; ``oldest_at``: when its oldest unsent act was done.
    """

    id: str
    device_no: str
    name: str
    role: str
    station_code: str
    app_version: str
    enrolled_at: datetime | None
    last_seen_at: datetime | None
    revoked: bool
    queued: int | None = None
    parked: int | None = None
    held: int | None = None
    conflicts: int | None = None
    oldest_at: datetime | None = None
    free_bytes: int | None = None
    data_bytes: int | None = None
    op_schema: int | None = None
    clock_offset: float | None = None
    last_error: str = ""
    breaks: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class DeviceList:
    """The devices and when the district said so. ``own``: this device's id."""

    heard_at: datetime | None
    devices: tuple[DeviceLine, ...]
    own: str


def keep_devices(tx: Transaction, answer: Mapping[str, Any]) -> DeviceList:
    """Keep the district's answer until the next one, and return it read."""
    kept = {"at": to_wire(clock.now()), "devices": list(answer.get("devices") or ())}
    state.set_state(tx.session, DEVICE_LIST, kept)
    return kept_devices(tx)


def kept_devices(tx: Transaction) -> DeviceList:
    """Return what the district said last."""
    kept = state.get_state(tx.session, DEVICE_LIST) or {}
    lines = tuple(_line(item) for item in kept.get("devices", ()) if isinstance(item, Mapping))
    return DeviceList(_moment(kept.get("at")), _sorted(lines), str(state.get_state(tx.session, state.DEVICE_ID) or ""))


def _sorted(lines: Sequence[DeviceLine]) -> tuple[DeviceLine, ...]:
    return tuple(sorted(lines, key=lambda line: (line.revoked, line.station_code, line.device_no)))


def _line(item: Mapping[str, Any]) -> DeviceLine:
    """Read one device; what another version of the district leaves out or writes otherwise is not known."""
    report = item.get("report")
    said = report if isinstance(report, Mapping) else {}
    error = said.get("last_error")
    return DeviceLine(
        id=str(item.get("id") or ""),
        device_no=str(item.get("device_no") or ""),
        name=str(item.get("name") or ""),
        role=str(item.get("role") or ""),
        station_code=str(item.get("station_code") or ""),
        app_version=str(said.get("app_version") or item.get("app_version") or ""),
        enrolled_at=_moment(item.get("enrolled_at")),
        last_seen_at=_moment(item.get("last_seen_at")),
        revoked=bool(item.get("revoked")),
        queued=_count(said.get("queued")),
        parked=_count(said.get("parked")),
        held=_count(said.get("held")),
        conflicts=_count(said.get("conflicts")),
        oldest_at=_moment(said.get("oldest_at")),
        free_bytes=_count(said.get("free_bytes")),
        data_bytes=_count(said.get("data_bytes")),
        op_schema=_count(said.get("op_schema")),
        clock_offset=_number(said.get("clock_offset")),
        breaks=tuple(each for log in LOGS for each in item.get("breaks") or () if is_break(each, log)),
        last_error=" ".join(str(part) for part in error) if isinstance(error, list) else str(error or ""),
    )


def _moment(value: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _count(value: Any) -> int | None:
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
