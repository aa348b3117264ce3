"""Who runs which version: the releases that are offered beside what the computers say of themselves."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa

from app import clock
from app.db.inserts import table_of
from app.district import accounts
from app.district.release_store import Kept, audience_words
from app.models.district import Device
from app.sync.protocol import read_instant
from app.texts import _

MEGABYTE = 1024**2
ENOUGH = 3
"""When so many went back from a version, and more than stayed with it, it is offered to nobody else by itself."""
_FAILED = re.compile(r"update\.failed ([0-9]+(?:\.[0-9]+){2})(?: |\Z)")


@dataclass(frozen=True)
class Runs:
    """A computer that is not revoked, and the version it last said that it runs.

    ``failed``: the newer version from which it went back, as its report says (``update.failed 1.2.3 …``).
    """

    device_no: str
    id: str
    station: str
    name: str
    version: str
    failed: str
    seen_at: str | None


@dataclass(frozen=True)
class Overview:
    """Releases, newest first, and computers."""

    releases: tuple[Kept, ...]
    devices: tuple[Runs, ...]

    def facts(self) -> dict[str, Any]:
        """Return it for a program."""
        counts, failed = self._counts()
        return {
            "releases": [
                {
                    **{name: value for name, value in asdict(kept).items() if name not in ("folder", "audience")},
                    "stations": list(kept.audience.stations),
                    "percent": kept.audience.percent,
                    "offered": kept.here and not _is_held(kept, counts, failed),
                    "installed": counts[kept.version],
                    "failed": failed[kept.version],
                }
                for kept in self.releases
            ],
            "devices": [asdict(each) for each in self.devices],
        }

    def lines(self, *, devices: bool = False) -> Iterator[str]:
        """Yield it for a person: releases, then versions that run and are none of them, then each computer."""
        counts, failed = self._counts()
        total = len(self.devices)
        for kept in self.releases:
            size = _("{n} MB", n=round(kept.size / MEGABYTE, 1))
            installed = _("装了 {n}/{total} 台", n=counts[kept.version], total=total)
            if failed[kept.version]:
                installed = _("{installed}，{n} 台试过又退回", installed=installed, n=failed[kept.version])
            held = _is_held(kept, counts, failed)
            state = _("停下了，先查退回的；查清了再放：--anyway") if held and kept.here else _state(kept)
            facts = (kept.version, kept.platform, state, size, _day(kept.added_at), installed)
            yield "\t".join(facts)
        others = set(counts) - {kept.version for kept in self.releases}
        for version in sorted(others):
            running = _("{n}/{total} 台", n=counts[version], total=total)
            yield "\t".join((version or "-", "-", _("没有放上去"), "-", "-", running))
        if devices:
            for each in self.devices:
                seen = _day(each.seen_at) if each.seen_at else "-"
                back = _("{version} 试过又退回", version=each.failed) if each.failed else "-"
                yield "\t".join((each.station, each.device_no, each.version or "-", back, seen, each.name))

    def _counts(self) -> tuple[Counter[str], Counter[str]]:
        """Return how many run each version, and how many went back from it."""
        failed = Counter(each.failed for each in self.devices if each.failed)
        return Counter(each.version for each in self.devices), failed


def overview(connection: sa.Connection, releases: Sequence[Kept]) -> Overview:
    """Put releases and computers side by side."""
    devices = tuple(
        Runs(
            row.device_no,
            row.id,
            row.station_code,
            row.name,
            row.app_version or "",
            _failed(row.report),
            row.last_seen_at.isoformat() if row.last_seen_at else None,
        )
        for row in accounts.list_devices(connection)
        if row.revoked_at is None
    )
    return Overview(tuple(releases), tuple(sorted(devices, key=lambda each: (each.station, each.device_no))))


def is_held(connection: sa.Connection, kept: Kept) -> bool:
    """Tell whether a release is to be offered to nobody else for now: too many went back from it."""
    device = table_of(Device)
    active = device.c.revoked_at.is_(None)
    said = sa.select(device.c.report).where(active, device.c.report.like(f"%update.failed {kept.version}%"))
    failed = Counter(_failed(report) for report in connection.scalars(said))
    if kept.audience.anyway or failed[kept.version] < ENOUGH:
        return False
    runs = sa.select(sa.func.count()).where(active, device.c.app_version == kept.version)
    return _is_held(kept, Counter({kept.version: connection.execute(runs).scalar_one()}), failed)


def _is_held(kept: Kept, installed: Counter[str], failed: Counter[str]) -> bool:
    back = failed[kept.version]
    return back >= ENOUGH and back > installed[kept.version] and not kept.audience.anyway


def _failed(report: str | None) -> str:
    """Return the version of which a report says that it was tried and given up."""
    said = json.loads(report).get("last_error") if report else None
    found = _FAILED.match(said) if isinstance(said, str) else None
    return found[1] if found else ""


def _state(kept: Kept) -> str:
    if kept.withdrawn_at is not None:
        return _("已撤回")
    return audience_words(kept.audience) if kept.here else _("包不见了，请再放一次")


def _day(text: str) -> str:
    return f"{clock.to_local(read_instant(text)):%Y-%m-%d %H:%M}"
