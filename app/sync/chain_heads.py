"""Tells the district where this computer's two logs end, and keeps which heads the district holds.

With the head go the hashes that stand at the heads of before: the district compares them with what it was told then.
At the end of a whole run, when a log has grown; it never fails the run.
"""

import logging
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, Protocol, runtime_checkable

from app import clock
from app.db import state
from app.db.chain import LOGS, chain_at, head_of
from app.db.database import Database, Transaction
from app.errors import ExternalError
from app.models.wire import to_wire
from app.services.chain_told import (
    CHAIN_TOLD,
    RESTORE_TOLD,
    Told,
    read_heads,
    restore_token,
    told_heads,
    untold_restore,
)
from app.services.outbox import DISTRICT_EPOCH
from app.sync.membership import membership
from app.sync.protocol import read_instant
from app.sync.transport import ProblemAnswer

log = logging.getLogger(__name__)

NOT_OFFERED = timedelta(hours=1)
ROUNDS = 3
"""One more for hashes that it asks for, and one for a number that it has heard already."""


@runtime_checkable
class Telling(Protocol):
    """A connection that takes heads; not each road to the district does."""

    def tell_heads(self, said: Mapping[str, Any]) -> Mapping[str, Any]: ...  # noqa: D102

    def heads(self) -> Mapping[str, Any]: ...  # noqa: D102


def tell_heads(database: Database, transport: object) -> bool:
    """Tell the heads if a log has grown since, or the counter was restored; tell whether they went out."""
    if not isinstance(transport, Telling):
        return False
    with database.read() as tx:
        kept = state.get_state(tx.session, CHAIN_TOLD) or {}
        numbers = {name: set(told.heads) for name, told in told_heads(tx).items()}
        said = {**_said(tx, numbers), "telling": int(kept.get("telling") or 0) + 1}
        due = _due(tx, kept, said)
    for _round in range(ROUNDS if due else 0):
        try:
            answer = transport.tell_heads(said)
        except ProblemAnswer as problem:
            log.info("the district takes no heads: %s", problem.problem)
            if problem.problem in ("not_found", "wrong_method"):
                _keep(database, {**kept, "not_offered": to_wire(clock.now())}, None)
            return False
        except ExternalError as problem:
            log.info("no heads were told: %s", problem.code)
            return False
        if answer.get("known") and isinstance(answer.get("telling"), int):  # this file was put back, or was copied
            said = {**said, "telling": answer["telling"] + 1}
            continue
        asked = _asked(answer.get("ask"))
        if not any(asked.values()):
            _keep(database, _heard(answer, said), said["restored"])
            return True
        with database.read() as tx:  # it holds heads that this file does not know of, or no longer
            more = _said(tx, {name: numbers[name] | set(asked[name]) for name in LOGS})
        said = {**more, "telling": said["telling"]}
    return False


def fetch_heads(database: Database, *, ca: str | None = None) -> dict[str, Told] | None:
    """Ask the district for the heads it holds of this computer; None where it has none to tell or was never joined.

    Raises:
        ExternalError: the district cannot be reached.
    """
    with database.read() as tx:
        member = membership(tx)
    if member is None:
        return None
    transport = member.connect(ca)
    try:
        return read_heads(transport.heads())
    except ProblemAnswer as problem:
        if problem.problem in ("not_found", "wrong_method"):
            return None
        raise
    finally:
        transport.close()


def _said(tx: Transaction, numbers: Mapping[str, Iterable[int]]) -> dict[str, Any]:
    """Return this computer's heads, with the hashes that stand at these numbers."""
    connection, logs = tx.session.connection(), {}
    for name in LOGS:
        head = head_of(connection, name)
        at = chain_at(connection, name, numbers.get(name, ()))
        pairs = [[number, chain] for number, chain in sorted(at.items())]
        logs[name] = {"number": head.number, "chain": head.chain, "at": pairs}
    return {"logs": logs, "restored": restore_token(tx)}


def _heard(answer: Mapping[str, Any], said: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is kept of an answer, and of what was said."""
    mine = {name: [head["number"], head["chain"]] for name, head in said["logs"].items()}
    told = {"logs": answer.get("logs"), "breaks": answer.get("breaks")}
    return {**told, "mine": mine, "telling": said["telling"]}


def _due(tx: Transaction, kept: Mapping[str, Any], said: Mapping[str, Any]) -> bool:
    if "not_offered" in kept:
        age = clock.now() - read_instant(kept["not_offered"])
        if timedelta(0) <= age < NOT_OFFERED:
            return False
    mine = {name: [head["number"], head["chain"]] for name, head in said["logs"].items()}
    epoch = state.get_state(tx.session, DISTRICT_EPOCH)
    return kept.get("mine") != mine or kept.get("epoch") != epoch or untold_restore(tx)


def _keep(database: Database, kept: Mapping[str, Any], restored: str | None) -> None:
    with database.write(None) as tx:
        state.set_state(tx.session, CHAIN_TOLD, {**kept, "epoch": state.get_state(tx.session, DISTRICT_EPOCH)})
        if restored is not None:
            state.set_state(tx.session, RESTORE_TOLD, restored)


def _asked(answer: Any) -> dict[str, list[int]]:
    found = answer if isinstance(answer, Mapping) else {}
    return {
        name: [each for each in found.get(name) or () if isinstance(each, int) and not isinstance(each, bool)]
        for name in LOGS
    }
