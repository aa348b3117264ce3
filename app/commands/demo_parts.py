"""What the demo's chapters share: timed steps, promises, a sync that must succeed, a comparison of two counters."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from app.commands.exchange import status_facts
from app.errors import AppError, BugError
from app.models.registry import RECORD_TYPES, RecordType
from app.services.counters import OpenCounter
from app.sync.engine import SyncEngine, SyncReport
from app.texts import _


class Promise(BugError):
    """A promise of the program broke: the demo ends with a sentence."""

    code = "demo.promise"


def promise(kept: bool, text: str) -> None:
    """Insist on something.

    Raises:
        Promise: it does not hold.
    """
    if not kept:
        raise Promise(text)


@contextmanager
def step(text: str) -> Iterator[list[str]]:
    """Print a step with its time; what the block appends is printed under it."""
    notes: list[str] = []
    start = time.perf_counter()
    print(f"· {text}", end="", flush=True)
    try:
        yield notes
    except AppError:
        print("\n    " + "\n    ".join(notes))
        raise
    print(f"  {time.perf_counter() - start:.2f} s")
    for note in notes:
        print(f"    {note}")
    sys.stdout.flush()


def run_sync(counter: OpenCounter) -> SyncReport:
    """Synchronise once, however it ends."""
    engine = SyncEngine(counter.database)
    try:
        return engine.run_once()
    finally:
        engine.close()


def sync(counter: OpenCounter) -> SyncReport:
    """Synchronise.

    Raises:
        Promise: it did not succeed.
    """
    report = run_sync(counter)
    promise(report.error is None, report.error[1] if report.error else "")
    promise(report.agreed is not False, _("和区里核对不一致"))
    promise(report.parked == 0, _("区里退回了 {n} 笔", n=report.parked))
    return report


def told(report: SyncReport) -> str:
    """Return what a sync did, in words."""
    return _("送出 {pushed}，收到 {pulled}，核对一致", pushed=report.pushed, pulled=report.pulled)


def check_converged(first: OpenCounter, second: OpenCounter, slips: list[str], *, quiet: bool = False) -> None:
    """Compare every record of every type on both counters.

    Raises:
        Promise: something differs, or is not sent.
    """

    def compare() -> None:
        for kind in RECORD_TYPES:
            ours, theirs = (contents_of(counter, kind) for counter in (first, second))
            promise(ours == theirs, _("两个窗口的“{kind}”不一样", kind=_(kind.label)))
        for counter in (first, second):
            promise(status_facts(counter)["queued"] == 0, _("还有没送出的"))
        with first.database.read() as tx:
            known = {row[0] for row in tx.sql("SELECT slip_no FROM referral")}
        promise(set(slips) <= known, _("1 号窗口少了推荐信"))

    _do(_("两个窗口逐份比对，一模一样"), compare, quiet=quiet)


def _do(text: str, act: Callable[[], None], *, quiet: bool) -> None:
    if quiet:
        act()
        return
    with step(text):
        act()


def contents_of(counter: OpenCounter, kind: RecordType) -> list[tuple[Any, ...]]:
    """Return every record of a type as it is stored, but for when and by whom it was last touched here."""
    table = kind.model.__tablename__
    with counter.database.read() as tx:
        columns = [
            row[1] for row in tx.sql(f"PRAGMA table_info({table})") if row[1] not in ("updated_at", "updated_by")
        ]
        return [tuple(row) for row in tx.sql(f"SELECT {', '.join(columns)} FROM {table} ORDER BY id")]  # noqa: S608
