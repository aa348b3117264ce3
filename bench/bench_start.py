"""Start to a usable sign-in against a bare QMainWindow; and memory after an hour's script against a minute's.

Both starts are fresh processes without a screen, in turn, files warm; the median of many pairs. Ours ends when the
sign-in page of a founded data folder has been painted and takes a digit. The hour's script runs in one process: the
real window with its real counter, signed in, goes through its screens, searches and registers; a minute's worth first,
then sixty times that. ``python -m bench.bench_start`` prints.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

LIMIT, MEMORY_LIMIT = 1.3, 1.2
PAIRS = 15
PIN = "250613"
ROOT = Path(__file__).resolve().parent.parent


def found(folder: Path) -> None:
    """Make a counter with one person who signs in."""
    from app.paths import DataFolder
    from app.services.counters import found_counter

    station = {"name": "溪桥社区就业服务站", "code": "330110012001", "county_code": "330110"}
    counter, _recovery = found_counter(DataFolder(folder), station, supervisor="陶丽华", pin=PIN)
    counter.database.close()


def seconds(*words: str) -> tuple[float, float]:
    """Start a child and return how long it took to its first paint, and until it was usable."""
    # Compiled files are written as on a counter's PC; without them our modules alone would be compiled at each start.
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    start = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "bench.start_probe", *words],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env=environ,
        timeout=60,
    )
    if done.returncode != 0 or not done.stdout:
        raise RuntimeError(done.stderr[-2000:])
    moments = [float(word) - start for word in done.stdout.split()]
    return moments[0], moments[-1]


def starts(folder: Path, pairs: int) -> tuple[str, float, float, str]:
    """Measure both starts in turn."""
    words = ("program", str(folder))
    seconds("bare")
    seconds(*words)
    taken = [(seconds("bare")[1], *seconds(*words)) for _ in range(pairs)]
    floor, painted, ours = (statistics.median(times) for times in zip(*taken, strict=True))
    detail = (
        f"bare QMainWindow {floor:.3f} s; window painted {painted:.3f} s ({painted / floor:.2f}x), "
        f"sign-in painted and taking keys {ours:.3f} s; medians of {pairs} pairs"
    )
    return "start to a usable sign-in", ours / floor, LIMIT, detail


def memory(folder: Path, minutes: int) -> tuple[str, float, float, str]:
    """Run the hour in a child of its own and compare what it holds."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.hour", str(folder), PIN, str(minutes)],
        capture_output=True, text=True, check=False, cwd=ROOT, timeout=1800,
    )  # fmt: skip
    if done.returncode != 0:
        raise RuntimeError(done.stderr[-2000:])
    early, late, acts = (float(word) for word in done.stdout.split()[-3:])
    detail = f"{early:.0f} MB after a minute's worth, {late:.0f} MB after {minutes} minutes' worth ({acts:.0f} acts)"
    return "memory after an hour's script", late / early, MEMORY_LIMIT, detail


def run(*, pairs: int = PAIRS, minutes: int = 60) -> list[tuple[str, float, float, str]]:
    """Return (name, ratio, limit, detail) of each measure."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    with tempfile.TemporaryDirectory(prefix="doorstep-bench-") as temporary:
        os.environ["DOORSTEP_SECRETS"] = str(Path(temporary) / "secrets")
        folder = Path(temporary) / "counter"
        found(folder)
        return [starts(folder, pairs), memory(folder, minutes)]


if __name__ == "__main__":
    for name, ratio, limit, detail in run():
        print(f"{name}: {ratio:.2f}x (limit {limit:g}x) — {detail}")
