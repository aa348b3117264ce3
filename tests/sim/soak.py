"""Long runs: ``python -m tests.sim.soak [sim|kill|load|papers|ledgers] [options]``; without a name, ``kill``.

``sim``  anything that may happen between three counters, a laptop and a district; nothing acknowledged may be lost
``kill`` the program dies by SIGKILL at random moments of a counter's work
``load`` many counters push at once
``papers`` every ledger as a workbook, open and locked, read again by LibreOffice
``ledgers`` figures and ledgers of a district of 100,000 residents agree with SQL written by hand
"""

import argparse
import importlib
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.sim import kill


def main(argv: Sequence[str]) -> int:
    """Hand on to the run that is named."""
    if argv and argv[0] in ("-h", "--help"):
        print(__doc__)
        return 0
    if argv and not argv[0].startswith("-"):
        run = RUNS.get(argv[0])
        if run is None:
            print(f"no such run: {argv[0]}; there are {', '.join(RUNS)}", file=sys.stderr)
            return 2
        return run(argv[1:])
    return soak_kill(argv)


def soak_kill(argv: Sequence[str]) -> int:
    """Run the kills in batches of 100, each with its own seed."""
    parser = argparse.ArgumentParser(prog="soak kill", description=kill.__doc__)
    parser.add_argument("--rounds", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(argv)
    for batch in range(max(1, options.rounds // 100)):
        with tempfile.TemporaryDirectory() as folder:
            if kill.main(100, options.seed + batch, Path(folder)):
                return 1
    return 0


def soak_sim(argv: Sequence[str]) -> int:
    """Run the simulation; sets are walked in the same order each time, so that a seed replays."""
    if os.environ.get("PYTHONHASHSEED") != "0":
        os.environ["PYTHONHASHSEED"] = "0"
        os.execv(sys.executable, [sys.executable, "-m", "tests.sim.soak", "sim", *argv])
    from tests.sim import runs

    return runs.main(argv)


def _named(module: str) -> Callable[[Sequence[str]], int]:
    def run(argv: Sequence[str]) -> int:
        return int(importlib.import_module(module).main(argv) or 0)

    return run


RUNS: dict[str, Callable[[Sequence[str]], int]] = {
    "sim": soak_sim,
    "kill": soak_kill,
    "load": _named("tests.sim.load"),
    "papers": _named("tests.sim.papers"),
    "ledgers": _named("tests.ledgers.soak"),
}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
