"""What the server tells a monitor, as Prometheus text 0.0.4: counts and times, no person, no device's name."""

import ipaddress
import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import timedelta

import sqlalchemy as sa

from app import __version__, clock
from app.db.inserts import table_of
from app.district.rulings import waiting
from app.district.store import EPOCH, get_fact
from app.models.district import Device, FeedHead

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Upper bounds of the latency histogram, in seconds."""
SILENT = timedelta(days=1)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
NO_ROUTE = "-"

Labels = Mapping[str, str]
Sample = tuple[Labels, float]


class Metrics:
    """Counts what this process did since it started; any thread may note."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: Counter[tuple[str, str, int]] = Counter()
        self._times: dict[str, list[int]] = {}
        self._seconds: Counter[str] = Counter()
        self._outcomes: Counter[str] = Counter()
        self._package_bytes: Counter[tuple[str, str]] = Counter()
        self._packages: Counter[tuple[str, str]] = Counter()

    def note_request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Note a request that was answered; ``seconds`` until its answer began."""
        with self._lock:
            self._requests[method, route, status] += 1
            times = self._times.setdefault(route, [0] * (len(BOUNDS) + 1))
            times[next((n for n, bound in enumerate(BOUNDS) if seconds <= bound), len(BOUNDS))] += 1
            self._seconds[route] += seconds  # type: ignore[assignment]

    def note_outcomes(self, outcomes: Mapping[str, int]) -> None:
        """Note how many operations were answered with which outcome, repeats included."""
        with self._lock:
            self._outcomes.update(outcomes)

    def note_package(self, platform: str, version: str, size: int, *, whole: bool) -> None:
        """Note that so many bytes of a package went out; ``whole``: its last byte among them."""
        with self._lock:
            self._package_bytes[platform, version] += size
            self._packages[platform, version] += whole

    def lines(self) -> list[str]:
        """Return what this process counted."""
        with self._lock:
            requests = dict(self._requests)
            times = {route: list(counts) for route, counts in self._times.items()}
            seconds, outcomes = dict(self._seconds), dict(self._outcomes)
            package_bytes, packages = dict(self._package_bytes), dict(self._packages)
        answered = [
            ({"method": method, "route": route, "status": str(status)}, count)
            for (method, route, status), count in sorted(requests.items())
        ]
        return [
            *_family("doorstep_requests_total", "counter", "Requests answered.", answered),
            *_histogram("doorstep_request_seconds", "Seconds until the answer began.", times, seconds),
            *_family(
                "doorstep_results_total",
                "counter",
                "Answers to pushed operations by outcome, repeats included.",
                [({"outcome": name}, count) for name, count in sorted(outcomes.items())],
            ),
            *_family("doorstep_release_bytes_total", "counter", "Bytes of packages sent.", _by_package(package_bytes)),
            *_family("doorstep_release_total", "counter", "Packages sent to their last byte.", _by_package(packages)),
        ]


def _by_package(counts: Mapping[tuple[str, str], int]) -> list[Sample]:
    return [
        ({"platform": platform, "version": version}, count) for (platform, version), count in sorted(counts.items())
    ]


def _family(name: str, kind: str, told: str, samples: Iterable[Sample]) -> list[str]:
    return [f"# HELP {name} {told}", f"# TYPE {name} {kind}", *(_line(name, *sample) for sample in samples)]


def _line(name: str, labels: Labels, value: float) -> str:
    inner = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels.items())
    shown = f"{value:.6f}" if isinstance(value, float) else str(value)
    return f"{name}{{{inner}}} {shown}" if inner else f"{name} {shown}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _histogram(name: str, told: str, times: Mapping[str, list[int]], seconds: Mapping[str, float]) -> list[str]:
    found = [f"# HELP {name} {told}", f"# TYPE {name} histogram"]
    for route, counts in sorted(times.items()):
        total = 0
        for bound, count in zip((*(f"{bound:g}" for bound in BOUNDS), "+Inf"), counts, strict=True):
            total += count
            found.append(_line(f"{name}_bucket", {"route": route, "le": bound}, total))
        found.append(_line(f"{name}_sum", {"route": route}, float(seconds[route])))
        found.append(_line(f"{name}_count", {"route": route}, total))
    return found


def district_lines(connection: sa.Connection, *, listening: int, ruling: bool, workers: int) -> list[str]:
    """Return what the database says: feeds, devices, what waits for a ruling, the epoch."""
    heads, devices = table_of(FeedHead), table_of(Device)
    feeds = connection.execute(sa.select(heads.c.feed, heads.c.head).order_by(heads.c.feed)).all()
    states = Counter({"active": 0, "silent": 0, "revoked": 0})
    now = clock.now()
    for row in connection.execute(sa.select(devices.c.revoked_at, devices.c.last_seen_at)):
        silent = row.last_seen_at is None or now - row.last_seen_at > SILENT
        states["revoked" if row.revoked_at is not None else "silent" if silent else "active"] += 1
    by_state = [({"state": state}, count) for state, count in sorted(states.items())]
    life = [({"epoch": get_fact(connection, EPOCH) or "", "version": __version__}, 1)]
    return [
        *_family("doorstep_info", "gauge", "The epoch in force and the program's version.", life),
        *_family("doorstep_feed_head", "gauge", "How far each feed has grown.", [({"feed": f}, n) for f, n in feeds]),
        *_family("doorstep_devices", "gauge", "Devices; silent: not seen for a day.", by_state),
        *_family("doorstep_listeners", "gauge", "Devices that wait for events at this process.", [({}, listening)]),
        *_family(
            "doorstep_ruling_waiting", "gauge", "Entries that no ruling has read yet.", [({}, waiting(connection))]
        ),
        *_family("doorstep_push_workers", "gauge", "Processes that take large pushes.", [({}, workers)]),
        *_family("doorstep_ruling_busy", "gauge", "Whether the ruling thread is at work.", [({}, int(ruling))]),
    ]


def is_loopback(address: str) -> bool:
    """Tell whether a request came from this very machine."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
