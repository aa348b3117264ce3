"""The installed program: how big it is, and how long from its start to a sign-in that takes keys.

Reads what ``make installer`` made in ``build/installer``; says so if there is nothing. The start is that of the
bundle's own loader and files, with ``start_probe`` as its script, against the same probe run from the checkout with
compiled bytecode; fresh processes in turn, files warm; the processor time (user and system) of each, the smallest of
many pairs: on a busy machine the wall tells how busy it is. ``python -m bench.bench_bundle`` prints.
"""

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from app import __version__
from bench.bench_start import found

ROOT = Path(__file__).resolve().parent.parent
MADE = ROOT / "build/installer"
BUNDLE_MB, PACKAGE_MB, START_LIMIT = 230, 75, 1.5
PAIRS = 15


def megabytes(folder: Path) -> float:
    """Return the size of all files, each once."""
    return sum(path.lstat().st_size for path in folder.rglob("*") if not path.is_dir()) / 1e6


def start(command: list[str]) -> tuple[float, float]:
    """Run a start to its usable sign-in; return processor seconds and wall seconds up to there."""
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, env=environ, timeout=120)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0 or not done.stdout:
        raise RuntimeError(done.stderr[-2000:])
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return used, float(done.stdout.split()[-1]) - began


def starts(folder: Path, pairs: int) -> tuple[str, float, float, str]:
    """Measure both starts in turn."""
    place = folder / "place"
    place.mkdir()
    (place / "_internal").symlink_to(MADE / "bundle/doorstep/_internal")
    shutil.copy2(MADE / "bundle/start_probe", place / "start_probe")
    data = str(folder / "counter")
    installed = [str(place / "start_probe"), "program", data]
    checkout = [sys.executable, "-m", "bench.start_probe", "program", data]
    start(installed)
    start(checkout)
    taken = [(*start(installed), *start(checkout)) for _ in range(pairs)]
    ours, ours_wall, theirs, theirs_wall = (min(times) for times in zip(*taken, strict=True))
    detail = (
        f"installed {ours:.2f} s of processor time, from the checkout {theirs:.2f} s, smallest of {pairs}; "
        f"wall {ours_wall:.2f} s and {theirs_wall:.2f} s ({ours_wall / theirs_wall:.2f}x)"
    )
    return "installed start to a usable sign-in, against the checkout", ours / theirs, START_LIMIT, detail


def sizes() -> list[tuple[str, float, float, str]]:
    """Return the size of the bundle and of the package, each against its limit."""
    bundle = megabytes(MADE / "bundle/doorstep")
    measures = [("size of the bundle", bundle / BUNDLE_MB, 1.0, f"{bundle:.1f} MB of {BUNDLE_MB}")]
    for package in MADE.glob(f"doorstep_{__version__}_*.deb"):
        size = package.stat().st_size / 1e6
        measures.append(("size of the .deb", size / PACKAGE_MB, 1.0, f"{size:.1f} MB of {PACKAGE_MB}"))
    return measures


def run(*, pairs: int = PAIRS) -> list[tuple[str, float, float | None, str]]:
    """Return (name, ratio, limit, detail) of each measure."""
    if not (MADE / "bundle/start_probe").exists():
        return [("the bundle: not built", 0.0, None, "make installer makes it")]
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    with tempfile.TemporaryDirectory(prefix="doorstep-bench-") as temporary:
        os.environ["DOORSTEP_SECRETS"] = str(Path(temporary) / "secrets")
        found(Path(temporary) / "counter")
        return [*sizes(), starts(Path(temporary), pairs)]


if __name__ == "__main__":
    for name, ratio, limit, detail in run():
        print(f"{name}: {ratio:.2f}x (limit {limit or '-'}) — {detail}")
