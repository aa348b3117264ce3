"""One line per step, a log per case, and the table for docs/installer-test.md."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

TAIL = 25  # lines of the log that are shown when a step fails


class StepError(Exception):
    """A step did not do what it must; the text says what was seen."""


@dataclass(frozen=True)
class Line:
    """What became of one step."""

    root: str
    case: str
    step: str
    passed: bool
    seconds: float
    seen: str


class Report:
    """Collects lines; ``log`` is where the commands of the current case write."""

    def __init__(self, logs: Path) -> None:
        self.lines: list[Line] = []
        self._logs = logs
        self.root = self.case = ""
        logs.mkdir(parents=True, exist_ok=True)

    @property
    def log(self) -> Path:
        """The log of the case that runs now."""
        return self._logs / f"{self.root}-{self.case}.log"

    @contextmanager
    def steps_of(self, root: str, case: str) -> Iterator[None]:
        """Run one case; the first step that fails ends it, the next case goes on."""
        self.root, self.case = root, case
        self.log.write_text("", encoding="utf-8")
        with suppress(StepError):
            yield

    @contextmanager
    def step(self, sentence: str) -> Iterator[list[str]]:
        """Run one step and print its line; what is put into the list is shown beside it."""
        seen: list[str] = []
        started = time.monotonic()
        self.note(f"\n=== {sentence}")
        try:
            yield seen
        except StepError as error:
            self._add(sentence, started, passed=False, seen=str(error))
            raise
        except Exception as error:
            self._add(sentence, started, passed=False, seen=f"{type(error).__name__}: {error}")
            raise StepError(sentence) from error
        self._add(sentence, started, passed=True, seen="; ".join(seen))

    def note(self, text: str) -> None:
        """Write into the log."""
        with self.log.open("a", encoding="utf-8") as log:
            log.write(text.rstrip("\n") + "\n")

    def _add(self, sentence: str, started: float, *, passed: bool, seen: str) -> None:
        line = Line(self.root, self.case, sentence, passed, time.monotonic() - started, seen)
        self.lines.append(line)
        mark = "✓" if passed else "✗"
        beside = f" · {seen}" if seen else ""
        print(f"{mark} {self.root} · {self.case} · {sentence} ({line.seconds:.0f} s){beside}", flush=True)
        if not passed:
            tail = self.log.read_text("utf-8", errors="replace").splitlines()[-TAIL:]
            print("\n".join(f"    {row}" for row in tail))
            print(f"  the whole log: {self.log}", flush=True)

    def table(self) -> str:
        """Return the result as the Markdown table of docs/installer-test.md."""
        rows = ["| root | case | step | result | seen |", "|---|---|---|---|---|"]
        for line in self.lines:
            seen = line.seen.replace("|", "/").replace("\n", " ").replace("/home/", "~")
            rows.append(f"| {line.root} | {line.case} | {line.step} | {'✓' if line.passed else '✗'} | {seen} |")
        return "\n".join(rows)


def expect(holds: object, sentence: str) -> None:
    """Fail the step with a sentence unless something holds.

    Raises:
        StepError: it does not hold.
    """
    if not holds:
        raise StepError(sentence)
