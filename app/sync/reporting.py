"""Tells the district how this device is, and keeps what the district wants it to know.

What waits here, the program's version, disk and clock; no person is in it. It goes out at the end of a run, when
something changed or the last one is old, and never fails the run.
"""

import logging
import shutil
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from app import __version__, clock, paths
from app.db import state
from app.db.database import Database
from app.errors import ExternalError
from app.models.operation import SCHEMA
from app.models.wire import to_wire
from app.services.notices import NOTICES, news_of
from app.services.outbox import SyncSummary
from app.sync.protocol import read_instant
from app.sync.transport import ProblemAnswer
from app.updates.programs import Programs
from app.updates.standing import trouble

log = logging.getLogger(__name__)

REPORTED = "sync_reported"
OFTEN, SELDOM, NOT_OFFERED = timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1)
_STEADY = ("queued", "parked", "held", "conflicts", "app_version", "op_schema", "last_error")
"""What makes a report worth sending when it changed; the rest drifts all the time."""


@runtime_checkable
class Reporting(Protocol):
    """A connection that takes reports; not each road to the district does."""

    def report(self, facts: Mapping[str, Any]) -> None: ...  # noqa: D102


def take_notices(database: Database, status: Mapping[str, Any]) -> None:
    """Keep what the district wants its counters to know; a server without notices takes none away."""
    told = status.get("notices")
    if isinstance(told, list):
        with database.read() as tx:
            news = news_of(tx, told)
        if news is not None:
            with database.write(None) as tx:
                state.set_state(tx.session, NOTICES, news)


def tell_how_it_is(
    database: Database, transport: object, summary: SyncSummary, *, offset: float, error: str | None
) -> bool:
    """Send a report if one is due; ``error``: the code of what stopped the run. Tell whether one went out."""
    return send_report(database, transport, facts_of(database, summary, offset=offset, error=error))


def facts_of(database: Database, summary: SyncSummary, *, offset: float, error: str | None) -> dict[str, Any]:
    """Return what this device says of itself."""
    return {
        "queued": summary.queued,
        "parked": summary.parked,
        "held": summary.held,
        "conflicts": summary.conflicts,
        "oldest_at": to_wire(summary.oldest_at),
        "free_bytes": _free(database.path.parent),
        "data_bytes": sum(_size(file) for file in database.path.parent.glob(database.path.name + "*")),
        "app_version": __version__,
        "op_schema": SCHEMA,
        "clock_offset": round(offset, 1),
        "last_error": error or trouble(Programs(paths.programs())),
    }


def _free(folder: Path) -> int | None:
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return None


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:  # a write-ahead log that was just folded in
        return 0


def send_report(database: Database, transport: object, facts: Mapping[str, Any]) -> bool:
    """Send a report if one is due; tell whether one went out. Whatever goes wrong with it is not the run's."""
    if not isinstance(transport, Reporting):
        return False
    with database.read() as tx:
        last = state.get_state(tx.session, REPORTED) or {}
    if not _due(last, facts):
        return False
    offered = True
    try:
        transport.report(facts)
    except ProblemAnswer as problem:
        offered = problem.problem not in ("not_found", "wrong_method")
        log.info("the district takes no report: %s", problem.problem)
    except ExternalError as problem:
        log.info("no report was sent: %s", problem.code)
        return False
    with database.write(None) as tx:
        kept = {"at": to_wire(clock.now()), "offered": offered, "facts": {name: facts[name] for name in _STEADY}}
        state.set_state(tx.session, REPORTED, kept)
    return offered


def _due(last: Mapping[str, Any], facts: Mapping[str, Any]) -> bool:
    if not last:
        return True
    age = clock.now() - read_instant(last.get("at"))
    if age < timedelta(0):  # the clock was set back: nobody knows how old it is
        return True
    if not last.get("offered", True):
        return age >= NOT_OFFERED
    said = last.get("facts") or {}
    changed = any(said.get(name) != facts[name] for name in _STEADY)
    return age >= (OFTEN if changed else SELDOM)
