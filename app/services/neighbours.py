"""What other counters of the station did and the district has not confirmed: marked 同站未确认 wherever it shows."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlmodel import col

from app.db.transaction import Transaction
from app.db.unconfirmed import WaitingOp, unconfirmed_keys, waiting_ops
from app.models.acts import find_act
from app.models.neighbour import DROPPED, WAITING, NeighbourOp
from app.models.operation import PENDING
from app.services.overlay import made_by_neighbours
from app.services.record_words import subject_of
from app.services.staff import staff_names
from app.services.unsent import Key
from app.texts import _

LAN, FILE = "lan", "file"
"""By which road it came."""


@dataclass(frozen=True)
class NeighbourAct:
    """One act of another counter. ``subjects``: (type, id, what people call it). ``made_at``: by that PC's clock."""

    op: str
    device: str
    seq: int
    act: str
    act_label: str
    actor: str | None
    actor_name: str
    made_at: datetime
    reason: str | None
    route: str
    received_at: datetime
    subjects: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class NeighbourCounts:
    """How much is unconfirmed. ``dropped``: acts shown here once that the district did not take as they were."""

    waiting: int
    records: int
    devices: int
    dropped: int
    oldest_at: datetime | None


def unconfirmed(tx: Transaction, record_type: str, record_id: str) -> tuple[NeighbourAct, ...]:
    """Return what neighbours did to one record and the district has not confirmed, by device and number."""
    ops = waiting_ops(tx.session.connection(), {record_id})
    key = (record_type, record_id)
    return _acts(tx, [op for op in ops if key in {(edit.type, edit.id) for edit in op.edits}])


@dataclass(frozen=True)
class NeighbourEdit:
    """One record's part of a neighbour's unconfirmed act, shaped as a line of this device's own log."""

    op: str
    act: str
    actor: str | None
    made_at: datetime
    state: str
    record_type: str
    record_id: str
    changes: Mapping[str, Sequence[Any]]


def unconfirmed_edits(tx: Transaction, record_ids: Collection[str]) -> list[NeighbourEdit]:
    """Return what neighbours' unconfirmed acts did to these records, for the history of a file."""
    ids = set(record_ids)
    ops = waiting_ops(tx.session.connection(), ids)
    times = _received(tx, [op.op for op in ops])
    return [
        NeighbourEdit(
            op=op.op,
            act=str(op.facts.get("act")),
            actor=_text(op.facts.get("actor")),
            made_at=_instant(op.facts.get("made_at"), times[op.op]),
            state=PENDING,
            record_type=edit.type,
            record_id=edit.id,
            changes=edit.changes,
        )
        for op in ops
        for edit in op.edits
        if edit.id in ids
    ]


def list_unconfirmed(tx: Transaction, *, limit: int = 500) -> tuple[NeighbourAct, ...]:
    """Return what this device holds of its neighbours unconfirmed, newest first."""
    acts = _acts(tx, waiting_ops(tx.session.connection()))
    return tuple(sorted(acts, key=lambda each: (each.made_at, each.device, each.seq), reverse=True)[:limit])


def unconfirmed_records(tx: Transaction) -> dict[Key, bool]:
    """Return the records that neighbours' unconfirmed acts touch; True where one of them made the record."""
    made = made_by_neighbours(tx)
    ops = waiting_ops(tx.session.connection())
    return {key: key in made for op in ops for key in ((edit.type, edit.id) for edit in op.edits)}


def unconfirmed_residents(tx: Transaction, ids: Collection[str]) -> frozenset[str]:
    """Return those of these residents whose own record a neighbour's unconfirmed act made or changed."""
    found = unconfirmed_keys(tx.session.connection(), [("resident", each) for each in ids])
    return frozenset(record_id for _kind, record_id in found)


def count_unconfirmed(tx: Transaction) -> NeighbourCounts:
    """Return how much is unconfirmed, for the sync centre."""
    state, at = col(NeighbourOp.state), col(NeighbourOp.received_at)
    rows = {row[0]: row for row in tx.rows(select(state, func.count(), func.min(at)).group_by(state))}
    devices = tx.rows(select(func.count(func.distinct(col(NeighbourOp.device)))).where(state == WAITING))[0][0]
    return NeighbourCounts(
        waiting=rows[WAITING][1] if WAITING in rows else 0,
        records=len(unconfirmed_records(tx)),
        devices=int(devices),
        dropped=rows[DROPPED][1] if DROPPED in rows else 0,
        oldest_at=rows[WAITING][2] if WAITING in rows else None,
    )


def _acts(tx: Transaction, ops: Sequence[WaitingOp]) -> tuple[NeighbourAct, ...]:
    names = staff_names(tx)
    times = _received(tx, [op.op for op in ops])
    return tuple(_act(tx, op, names, times[op.op]) for op in ops)


def _received(tx: Transaction, ops: Sequence[str]) -> dict[str, datetime]:
    found: dict[str, datetime] = {}
    for start in range(0, len(ops), 400):
        query = select(col(NeighbourOp.op), col(NeighbourOp.received_at))
        found.update(
            {row[0]: row[1] for row in tx.rows(query.where(col(NeighbourOp.op).in_(ops[start : start + 400])))}
        )
    return found


def _act(tx: Transaction, op: WaitingOp, names: Mapping[str, str], received_at: datetime) -> NeighbourAct:
    act = find_act(str(op.facts.get("act")))
    actor = _text(op.facts.get("actor"))
    return NeighbourAct(
        op=op.op,
        device=op.device,
        seq=op.seq,
        act=str(op.facts.get("act")),
        act_label=_(act.label) if act else str(op.facts.get("act")),
        actor=actor,
        actor_name=names.get(actor or "", ""),
        made_at=_instant(op.facts.get("made_at"), received_at),
        reason=_text(op.facts.get("reason")),
        route=op.route,
        received_at=received_at,
        subjects=tuple((edit.type, edit.id, subject_of(tx, edit.type, edit.id)) for edit in op.edits[:20]),
    )


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _instant(value: Any, instead: datetime) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return instead
    return moment if moment.tzinfo is not None else instead
