"""``make bench``: run every ``bench_*.py`` here and judge each ratio against its limit.

Each benchmark measures a floor and our own work in the same run on the same data, so that the verdict does not depend
on the machine. ``run()`` of a module returns (name, ratio, limit, detail) of each measure. Words on the command line
choose modules: ``make bench args="matching slip"``.
"""

import argparse
import importlib
import json
import sys
import time
import traceback
import unicodedata
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Measure:
    """One measured ratio; over its limit, or not measured at all, it fails."""

    module: str
    name: str
    ratio: float | None
    limit: float | None
    detail: str

    @property
    def ok(self) -> bool:
        """Tell whether it was measured and keeps its limit."""
        return self.ratio is not None and (self.limit is None or self.ratio <= self.limit)

    def line(self, width: int) -> str:
        """Return its line of the table."""
        ratio = "failed" if self.ratio is None else f"{self.ratio:.2f}x"
        limit = "-" if self.limit is None else f"{self.limit:g}x"
        return f"{_padded(self.name, width)}  {ratio:>9}  {limit:>7}  {'ok' if self.ok else 'OVER'}"


def modules(words: Iterable[str]) -> list[str]:
    """Return the names of the benchmarks whose name holds one of the words; all without words."""
    names = sorted(path.stem for path in Path(__file__).parent.glob("bench_*.py"))
    chosen = list(words)
    return [name for name in names if not chosen or any(word in name for word in chosen)]


def measure(module: str) -> list[Measure]:
    """Run one benchmark; one that breaks counts as failed and stops no other."""
    try:
        results = importlib.import_module(f"bench.{module}").run()
        return [Measure(module, name, float(ratio), limit, detail) for name, ratio, limit, detail in results]
    except Exception:  # noqa: BLE001 - the others shall still run
        return [Measure(module, module, None, None, traceback.format_exc(limit=-3))]


def main() -> int:
    """Print the table; return 1 if a limit was passed or a benchmark broke."""
    parser = argparse.ArgumentParser(prog="make bench", description="Ratios against floors of the same run.")
    parser.add_argument("words", nargs="*", help="run only the benchmarks whose name holds one of these")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures there")
    options = parser.parse_args()
    names = modules(options.words)
    if not names:
        print("no such benchmark", file=sys.stderr)
        return 1
    measures: list[Measure] = []
    for name in names:
        started = time.perf_counter()
        measures += measure(name)
        print(f"{name}: {time.perf_counter() - started:.1f} s", file=sys.stderr, flush=True)
    width = max(_width(m.name) for m in measures)
    print(f"\n{_padded('name', width)}  {'ratio':>9}  {'limit':>7}  verdict")
    for each in measures:
        print(each.line(width))
        print(f"    {each.detail.strip()}")
    if options.json:
        options.json.write_text(json.dumps([asdict(m) | {"ok": m.ok} for m in measures], indent=1), encoding="utf-8")
    return 0 if all(m.ok for m in measures) else 1


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


if __name__ == "__main__":
    sys.exit(main())
