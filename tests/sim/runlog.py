"""The log of a long row of runs: one line for each that ended, so that it can be interrupted and its figures checked.

Its first line says which program was tested; the runs of another one do not go into the same file. What went wrong in
a run stands in a file of its own beside it.
"""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


class RunLog:
    """A file of JSON lines. Several processes may write into it at once."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def begin(self, **what: Any) -> None:
        """Write the first line, or see that it is the same: ``what`` and the commit.

        Raises:
            SystemExit: it is the log of something else.
        """
        first = {"commit": _commit(), **what}
        if not self._path.exists():
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._write(first)
        elif (there := self._lines()[0]) != first:
            raise SystemExit(f"{self._path} is of {there}, this is {first}; name another file")

    def note(self, seed: int, seconds: float, problem: str | None) -> None:
        """Write down how a run ended; ``seconds`` of the processor's time."""
        if problem is not None:
            self._beside(seed).write_text(problem, encoding="utf-8")
        self._write({"seed": seed, "passed": problem is None, "seconds": round(seconds, 2)})

    def ended(self) -> set[int]:
        """Return the seeds of all runs that ended, well or not."""
        return {line["seed"] for line in self._lines()[1:]}

    def told(self) -> str:
        """Return what there is to tell: of which program, how many runs, which failed."""
        first, *runs = self._lines()
        by_seed = {line["seed"]: line for line in runs}
        failed = sorted(seed for seed, line in by_seed.items() if not line["passed"])
        seconds = sum(line["seconds"] for line in by_seed.values()) / max(1, len(by_seed))
        seeds = f"seeds {min(by_seed)} to {max(by_seed)}" if by_seed else "none yet"
        return (
            f"{first}\n{len(by_seed)} runs ({seeds}), {seconds:.2f} s of the processor's time each\n"
            f"{len(failed)} failed: {', '.join(map(str, failed)) or 'none'}"
        )

    def _beside(self, seed: int) -> Path:
        return self._path.with_name(f"{self._path.stem}-{seed}.txt")

    def _lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self._path.read_text(encoding="utf-8").splitlines() if line]

    def _write(self, line: dict[str, Any]) -> None:
        """Append a line in one piece, so that those of several processes do not mix."""
        there = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            os.write(there, (json.dumps(line) + "\n").encode())
        finally:
            os.close(there)


def _commit() -> str:
    """Return the commit of this tree, with a mark if it was changed since."""
    told = subprocess.run(
        ["git", "describe", "--always", "--abbrev=12", "--dirty", "--exclude=*"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return told.stdout.strip() or "unknown"
