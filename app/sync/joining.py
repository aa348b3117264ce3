"""Make this PC a counter of a station that the district knows."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from app.paths import DataFolder
from app.services.counters import OpenCounter, discard, move_in, prepare_counter, settle_staff
from app.services.staff import find_staff
from app.sync.engine import SyncEngine, SyncReport
from app.sync.invitation import invited
from app.sync.membership import enrol

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Joined:
    """A counter that has joined: opened, with its recovery key, the district's answer and the first sync."""

    counter: OpenCounter
    recovery_key: str
    answer: Mapping[str, Any]
    report: SyncReport


def join_district(
    folder: DataFolder,
    url: str,
    code: str,
    *,
    name: str,
    pin: str,
    device: str,
    ca: str | None = None,
    key_pin: str | None = None,
    progress: Callable[[int, int], object] = lambda _here, _there: None,
    stopping: Callable[[], bool] = lambda: False,
) -> Joined:
    """Join a district with a one-time code: enrol, pull, become the member of staff of that name.

    It is made beside and moved in last; after a failure the folder is as before. ``url`` or ``code`` may be the whole
    text of an invitation; ``pin`` is the person's, ``key_pin`` that of the district's certificate. ``progress`` is told
    how many records are here and there. Where ``stopping`` says so, the rest is left to the background sync, once the
    person is found.

    Raises:
        InvalidInputError: the PIN is too easy, or the invitation not whole.
        RuleError: the folder has a counter already.
        ExternalError: the district cannot be reached, or does not take the code.
    """
    invited(url, code, pin=key_pin)
    counter, recovery = prepare_counter(folder, name=name, pin=pin, role="clerk")
    try:
        answer = enrol(counter.database, url, code, device, ca=ca, pin=key_pin)
        report = _first_sync(counter, ca, progress, partial(_may_stop, counter, stopping))
        named = str(answer.get("station_name") or "") if report.error is None else ""  # else its record may yet come
        counter = settle_staff(counter, role=str(answer.get("role") or "clerk"), station_name=named)
    except BaseException:
        discard(counter)
        raise
    return Joined(move_in(counter, folder), recovery, answer, report)


def _may_stop(counter: OpenCounter, stopping: Callable[[], bool]) -> bool:
    """Stop only once the member of staff of that name is here: else she would be made a second time."""
    if not stopping():
        return False
    with counter.database.read() as tx:
        return find_staff(tx, counter.actor.name) is not None


def _first_sync(
    counter: OpenCounter, ca: str | None, progress: Callable[[int, int], object], stopping: Callable[[], bool]
) -> SyncReport:
    engine = SyncEngine(counter.database, ca=ca, progress=lambda *told: progress(*told[-2:]), stopping=stopping)
    try:
        report = engine.run_once()
    finally:
        engine.close()
    if report.error is not None:
        log.warning("joined, but the first pull stopped: %s", report.error[0])
    return report
