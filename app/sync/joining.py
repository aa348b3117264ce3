"""Make this PC a counter of a station that the district knows."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.paths import DataFolder
from app.services.counters import OpenCounter, discard, move_in, prepare_counter, settle_staff
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
) -> Joined:
    """Join a district with a one-time code: enrol, pull, become the member of staff of that name.

    It is made beside and moved in last; after a failure the folder is as before. ``url`` or ``code`` may be the whole
    text of an invitation; ``pin`` is the person's, ``key_pin`` that of the district's certificate.

    Raises:
        InvalidInputError: the PIN is too easy, or the invitation not whole.
        RuleError: the folder has a counter already.
        ExternalError: the district cannot be reached, or does not take the code.
    """
    invited(url, code, pin=key_pin)
    counter, recovery = prepare_counter(folder, name=name, pin=pin, role="clerk")
    try:
        answer = enrol(counter.database, url, code, device, ca=ca, pin=key_pin)
        report = _first_sync(counter, ca)
        counter = settle_staff(counter, role=str(answer.get("role") or "clerk"))
    except BaseException:
        discard(counter)
        raise
    return Joined(move_in(counter, folder), recovery, answer, report)


def _first_sync(counter: OpenCounter, ca: str | None) -> SyncReport:
    engine = SyncEngine(counter.database, ca=ca)
    try:
        report = engine.run_once()
    finally:
        engine.close()
    if report.error is not None:
        log.warning("joined, but the first pull stopped: %s", report.error[0])
    return report
