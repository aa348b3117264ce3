"""What came from the station's other counters: taken in, shown, and settled when the district's word arrives."""

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select, update
from sqlmodel import col

from app import clock
from app.db import state
from app.db.inserts import table_of
from app.db.transaction import Transaction
from app.db.unconfirmed import WaitingOp, any_waiting, read_op, waiting_ops
from app.errors import ProtocolError
from app.models.neighbour import CONFIRMED, DROPPED, WAITING, NeighbourOp
from app.models.operation import DISTRICT, HELD, LOCAL, PARKED, Operation, OperationEdit, ServerRow
from app.services.outbox import reissue_held
from app.services.overlay import Changes, made_by_neighbours, show
from app.services.unsent import Key, edits_of
from app.sync.proof import SealedOp, StationKeys, read_station_keys
from app.sync.protocol import MAX_BODY, Entry, MalformedError, is_id, loads, parse_op
from app.texts import _

log = logging.getLogger(__name__)

STATION_KEYS, PEERS, EXPECT = "station_keys", "station_peers", "district_expect"
"""Facts of this device: the station's keys, what the district wants next of each neighbour, and of this device."""

NO_GROUND = ("required", "unknown_record")


@dataclass(frozen=True)
class Taken:
    """How much of what a neighbour sent was new here, and how much was known."""

    fresh: int = 0
    known: int = 0

    def __add__(self, other: "Taken") -> "Taken":
        return Taken(self.fresh + other.fresh, self.known + other.known)


def note_status(tx: Transaction, answer: Mapping[str, Any]) -> None:
    """Keep what the district said of the station's keys, of the neighbours, and of the next number wanted here."""
    kept: dict[str, Any] = {}
    if isinstance(answer.get("station_keys"), list):
        kept[STATION_KEYS] = answer["station_keys"]
        if not answer["station_keys"]:  # no longer a counter of this station
            drop(tx, [op.op for op in waiting_ops(tx.session.connection())], because="not this station's any more")
    if isinstance(answer.get("peers"), dict):
        kept[PEERS] = {str(device): int(seq) for device, seq in answer["peers"].items() if isinstance(seq, int)}
    if isinstance(answer.get("expect"), int):
        kept[EXPECT] = answer["expect"]
    for key, value in kept.items():
        if state.get_state(tx.session, key) != value:
            state.set_state(tx.session, key, value)


def station_keys(tx: Transaction) -> StationKeys:
    """Return the station's keys as this device was told them."""
    return read_station_keys(state.get_state(tx.session, STATION_KEYS))


def peers(tx: Transaction) -> dict[str, int]:
    """Return {neighbour: number that the district wants of it next}, as last told."""
    return dict(state.get_state(tx.session, PEERS) or {})


# -- taking in ------------------------------------------------------------------------------------------------------


def take_ops(tx: Transaction, items: Sequence[SealedOp], *, route: str, sender: str) -> Taken:
    """Keep what a neighbour passed on, and show it; what is known already has no effect.

    ``sender``: the device that passes it on; a device's word on its own operations replaces an earlier one.

    Raises:
        ProtocolError: one of them is no operation; nothing of these was taken.
    """
    read = [_read(item) for item in items]
    own, answered = state.device_id(tx.session), peers(tx)
    held = _held(tx, [op.op for op in read])
    logged = _logged(tx, [op.op for op in read])
    keys: set[Key] = set()
    fresh = 0
    for op, item in zip(read, items, strict=True):
        if op.device == own or op.op in logged or op.seq < answered.get(op.device, 0):
            continue
        before = held.get(op.op)
        if before is not None and not _replaces(before, item, own_word=sender == op.device):
            continue
        keys |= _keep(tx, op, item, route, before)
        held[op.op] = (op.seq, item.body, item.proof, WAITING)
        keys |= _keys_of([op])
        fresh += before is None
    show(tx, keys)
    return Taken(fresh, len(items) - fresh)


def _read(item: SealedOp) -> WaitingOp:
    try:
        if len(item.body) > MAX_BODY or not isinstance(item.proof, str) or len(item.proof) != 64:
            raise MalformedError("op", "too long")
        facts = loads(item.body.encode())
        op = parse_op(facts, "op")
        if op.device is None or not all(is_id(edit.id) for edit in op.edits):
            raise MalformedError("op", "must name its device and records")
        return read_op(op.op, op.device, op.seq, "", item.body)
    except ValueError as problem:
        log.warning("a neighbour sent what is no operation: %s", type(problem).__name__)
        raise ProtocolError(_("同站那台电脑送来的内容看不懂，没有收；本机的都在"), code="lan.malformed") from None


def _held(tx: Transaction, ops: Sequence[str]) -> dict[str, tuple[int, str, str, str]]:
    table = table_of(NeighbourOp)
    found = {}
    for start in range(0, len(ops), 400):
        for row in tx.rows(select(table).where(table.c.op.in_(ops[start : start + 400]))):
            found[row.op] = (row.seq, row.body, row.proof, row.state)
    return found


def _logged(tx: Transaction, ops: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for start in range(0, len(ops), 400):
        found |= {
            op for (op,) in tx.rows(select(col(Operation.op)).where(col(Operation.op).in_(ops[start : start + 400])))
        }
    return found


def _replaces(before: tuple[int, str, str, str], item: SealedOp, *, own_word: bool) -> bool:
    """Tell whether a device's newer word stands for the one held: numbered anew, emptied, or proven anew."""
    _seq, body, proof, name = before
    return own_word and name != CONFIRMED and (name == DROPPED or (body, proof) != (item.body, item.proof))


def _keep(
    tx: Transaction, op: WaitingOp, item: SealedOp, route: str, before: tuple[int, str, str, str] | None
) -> set[Key]:
    """Write one operation; return the records that what stood in its place had touched."""
    connection, table = tx.session.connection(), table_of(NeighbourOp)
    values = {"seq": op.seq, "body": item.body, "proof": item.proof, "route": route, "state": WAITING}
    if before is None:
        row = {"op": op.op, "device": op.device, "received_at": clock.now(), **values}
        connection.execute(insert(table), row)
        return set()
    connection.execute(update(table).where(table.c.op == op.op).values(**values))
    return _keys_of([read_op(op.op, op.device, before[0], "", before[1])])


def _keys_of(ops: Iterable[WaitingOp]) -> set[Key]:
    return {(edit.type, edit.id) for op in ops for edit in op.edits}


# -- settling -------------------------------------------------------------------------------------------------------


def blank_grounds(tx: Transaction, keys: Collection[Key]) -> set[Key]:
    """Return records of which the district has said nothing before: shown here by a neighbour's act alone."""
    return made_by_neighbours(tx, keys) if any_waiting(tx.session.connection()) else set()


def after_entries(tx: Transaction, entries: Sequence[Entry]) -> None:
    """Settle what these entries confirm, and show their records with what is still unconfirmed on top."""
    connection = tx.session.connection()
    if not entries or not any_waiting(connection):
        return
    keys = {(entry.type, entry.id) for entry in entries}
    came: dict[str, set[Key]] = {}
    for entry in entries:
        came.setdefault(entry.op, set()).add((entry.type, entry.id))
    touching = waiting_ops(connection, {record_id for _kind, record_id in keys})
    whole = [op for op in touching if op.op in came and _keys_of([op]) <= came[op.op] | _told(tx, op.op)]
    made = {(edit.type, edit.id) for op in touching for edit in op.edits if edit.makes} & keys
    _set_state(tx, [op.op for op in whole], CONFIRMED)
    show(tx, (_keys_of(touching) & keys) | _keys_of(whole))
    _send_held(tx, {record_id for _kind, record_id in made})


def _told(tx: Transaction, op: str) -> set[Key]:
    """Return the records of which the log tells that this operation changed them."""
    query = select(col(OperationEdit.record_type), col(OperationEdit.record_id)).where(col(OperationEdit.op) == op)
    return {(kind, record_id) for kind, record_id in tx.rows(query)}


def _send_held(tx: Transaction, arrived: set[str]) -> None:
    """Send anew what the district had refused because it did not know these records yet."""
    if arrived and reissue_held(tx, arrived):
        tx.flush()


def settle_answered(tx: Transaction, asked: Collection[str] | None, *, all_named: bool = True) -> None:
    """After a whole pull: what the district has answered is confirmed or was not taken; of the latter nothing stays.

    ``asked``: the operations that it was asked about; that a number was used says nothing of any other, for its device
    may have lost it and used the number again. Nothing: the district does not tell. ``all_named``: it has just named
    every counter of the station; one that is missing was shut out.
    """
    connection = tx.session.connection()
    if not any_waiting(connection):
        return
    answered = peers(tx)
    ops = waiting_ops(connection)
    came = {op for op in _logged(tx, [each.op for each in ops]) if _is_districts(tx, op)}
    over = [
        op
        for op in ops
        if op.op in came
        or (op.seq < answered.get(op.device, 0) and (asked is None or op.op in asked))
        or (all_named and op.device not in answered)
    ]
    confirmed = [op for op in over if op.op in came or _stands(tx, op)]
    _set_state(tx, [op.op for op in confirmed], CONFIRMED)
    show(tx, _keys_of(confirmed))
    drop(tx, [op.op for op in over if op not in confirmed], because="not taken as it was")


def _is_districts(tx: Transaction, op: str) -> bool:
    row = tx.session.get(Operation, op)
    return row is not None and row.origin == DISTRICT


def _stands(tx: Transaction, op: WaitingOp) -> bool:
    """Tell whether everything of an operation is what the district says anyway."""
    for edit in op.edits:
        ground = tx.session.get(ServerRow, (edit.type, edit.id))
        if ground is None or any(ground.fields.get(name) != new for name, (_old, new) in edit.changes.items()):
            return False
    return True


def drop(tx: Transaction, ops: Sequence[str], *, because: str) -> set[Key]:
    """Take operations off that are no more; return the records they had touched.

    A record that only they had made leaves this device; own work that waited for it is parked.
    """
    if not ops:
        return set()
    wanted = set(ops)
    going = [op for op in waiting_ops(tx.session.connection()) if op.op in wanted]
    made = {(edit.type, edit.id) for op in going for edit in op.edits if edit.makes}
    undone: dict[Key, list[Changes]] = {}
    for op in going:
        for edit in op.edits:
            undone.setdefault((edit.type, edit.id), []).append(edit.changes)
    _set_state(tx, ops, DROPPED)
    show(tx, undone, gone=made, undone=undone)
    _park_held(tx, made - made_by_neighbours(tx, made))
    log.info("%d operations of neighbours are no longer shown: %s", len(going), because)
    return set(undone)


def _park_held(tx: Transaction, gone: set[Key]) -> None:
    """Put before a person what was held for records that will not come."""
    if not gone:
        return
    held = tx.rows(
        select(col(Operation.op)).where(
            col(Operation.origin) == LOCAL, col(Operation.state) == HELD, col(Operation.code).in_(NO_GROUND)
        )
    )
    lost = [op for (op,) in held if {(edit.record_type, edit.record_id) for edit in edits_of(tx, op)} & gone]
    tx.session.connection().execute(update(Operation).where(col(Operation.op).in_(lost)).values(state=PARKED))
    tx.session.expire_all()


def waits_for_neighbour(tx: Transaction, op: str, code: str | None) -> bool:
    """Tell whether the district refused an own operation only because a neighbour's has not reached it yet."""
    if code not in NO_GROUND or not any_waiting(tx.session.connection()):
        return False
    keys = {(edit.record_type, edit.record_id) for edit in edits_of(tx, op)}
    return bool(made_by_neighbours(tx, keys))


def refresh(tx: Transaction, keys: Collection[Key]) -> None:
    """Show records of which the district said something in an answer, where a neighbour's edit lies on them."""
    touched = _keys_of(waiting_ops(tx.session.connection(), {record_id for _kind, record_id in keys})) & set(keys)
    if touched:
        show(tx, touched)


def _set_state(tx: Transaction, ops: Sequence[str], name: str) -> None:
    table = table_of(NeighbourOp)
    for start in range(0, len(ops), 400):
        tx.session.connection().execute(
            update(table).where(table.c.op.in_(ops[start : start + 400])).values(state=name)
        )
