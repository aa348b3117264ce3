"""What this device carries: its own unanswered operations and its neighbours', each after what it builds on.

An edit that was made on something unconfirmed says so by its base; it goes after the operations that made the record
or the value which it names as old. Beyond that each device's own order stands.
"""

import json
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlmodel import col

from app.db import state
from app.db.database import Database
from app.db.inserts import table_of
from app.db.transaction import Transaction
from app.db.unconfirmed import BEYOND, Key, any_waiting, waiting_ops
from app.models.neighbour import WAITING, NeighbourOp
from app.models.operation import LOCAL, PENDING, SEALED, WITHDRAWN, Operation, OperationEdit
from app.sync.answers import store_results
from app.sync.membership import Membership
from app.sync.neighbours import EXPECT, PEERS, drop, peers
from app.sync.proof import SealedOp, key_of_token, prove
from app.sync.protocol import MAX_BODY, MAX_OPS
from app.sync.sending import pending_ops
from app.sync.transport import ProblemAnswer, Transport

log = logging.getLogger(__name__)

BATCH_BYTES = MAX_BODY // 2
"""A text within JSON grows by its quotes; twice is more than it ever does here."""


@dataclass(frozen=True)
class Run:
    """Operations of one device, number after number, that go together."""

    device: str
    first: int
    last: int


@dataclass
class _Bonds:
    """What builds on what. ``waits``: {(device, seq): [(record, {field: old})]}; ``gives``: {record: edits of it}."""

    waits: dict[tuple[str, int], list[tuple[Key, Mapping[str, Any]]]] = field(default_factory=dict)
    gives: dict[Key, list[tuple[str, int, bool, Mapping[str, Any]]]] = field(default_factory=dict)

    def note(self, place: tuple[str, int], key: Key, base: int, changes: Mapping[str, Sequence[Any]]) -> None:
        """Take in one edit."""
        olds = {name: old for name, (old, _new) in changes.items()}
        if base == BEYOND:
            self.waits.setdefault(place, []).append((key, olds))
        makes = "created_at" in olds and all(old is None for old in olds.values())
        given = {name: new for name, (_old, new) in changes.items()}
        self.gives.setdefault(key, []).append((*place, makes, given))

    def held(self, place: tuple[str, int], left: Mapping[str, Sequence[int]]) -> bool:
        """Tell whether an operation builds on one of another device that is still to go."""
        for key, olds in self.waits.get(place, ()):
            for device, seq, makes, given in self.gives.get(key, ()):
                to_go = device != place[0] and bool(left.get(device)) and left[device][0] <= seq <= left[device][-1]
                if to_go and (makes or any(name in given and given[name] == old for name, old in olds.items())):
                    return True
        return False


def own_range(tx: Transaction, device: str) -> Run | None:
    """Return the numbers of own operations that have no answer; what was sealed or withdrawn between goes empty.

    What is pending below the number wanted is asked about: it was answered in an earlier life of the district.
    """
    mine = (col(Operation.origin) == LOCAL, col(Operation.device) == device)
    last = tx.rows(select(func.max(Operation.seq)).where(*mine, col(Operation.state) == PENDING))[0][0]
    if last is None:
        return None
    wanted = int(state.get_state(tx.session, EXPECT) or 1)
    emptied = and_(col(Operation.state).in_((SEALED, WITHDRAWN)), col(Operation.seq) >= wanted)
    query = select(func.min(Operation.seq)).where(*mine, or_(col(Operation.state) == PENDING, emptied))
    first = tx.rows(query)[0][0]
    return Run(device, int(last if first is None else first), int(last))


def plan(tx: Transaction, device: str, *, answered: Mapping[str, int] | None = None) -> list[Run]:
    """Return everything carried, in the order in which it is to be judged.

    ``answered``: only what the district can take now: of each neighbour up to the number wanted, and from there on
    without a gap. What has a number that was used may still be unknown there.
    """
    left: dict[str, list[int]] = {}
    bonds = _Bonds()
    own = own_range(tx, device)
    for op in waiting_ops(tx.session.connection()):
        queue = left.setdefault(op.device, [])
        if answered is not None:
            wanted = max(answered.get(op.device, 0), queue[-1] + 1 if queue else 0)
            if op.seq > wanted:
                continue
        if queue[-1:] != [op.seq]:
            queue.append(op.seq)
        for edit in op.edits:
            bonds.note((op.device, op.seq), (edit.type, edit.id), edit.base, edit.changes)
    if own is not None:
        _note_own(tx, own, bonds)
        left[device] = list(range(own.first, own.last + 1))
    return list(_runs(_ordered(left, device, bonds)))


def _note_own(tx: Transaction, own: Run, bonds: _Bonds) -> None:
    """Take in own edits that build on a neighbour's, or that neighbours build on."""
    edit, op = table_of(OperationEdit), table_of(Operation)
    query = (
        select(op.c.seq, edit.c.record_type, edit.c.record_id, edit.c.base, edit.c.changes)
        .join(op, op.c.op == edit.c.op)
        .where(op.c.origin == LOCAL, op.c.device == own.device, op.c.state == PENDING)
    )
    named = {record_id for _kind, record_id in bonds.gives}
    for start in range(0, len(named), 400):
        piece = sorted(named)[start : start + 400]
        for row in tx.rows(query.where(edit.c.record_id.in_(piece)).order_by(op.c.seq, edit.c.position)):
            bonds.note((own.device, row.seq), (row.record_type, row.record_id), row.base, row.changes)


def _ordered(left: dict[str, list[int]], own: str, bonds: _Bonds) -> Iterator[tuple[str, int]]:
    """Yield (device, number): neighbours first, each after what it builds on; a circle is cut at the first device."""
    devices = [*sorted(device for device in left if device != own), own]
    while any(left.values()):
        moved = False
        for device in devices:
            while left.get(device) and not bonds.held((device, left[device][0]), left):
                yield device, left[device].pop(0)
                moved = True
        if not moved:
            device = next(each for each in devices if left.get(each))
            yield device, left[device].pop(0)


def _runs(places: Iterable[tuple[str, int]]) -> Iterator[Run]:
    run: Run | None = None
    for device, seq in places:
        if run is not None and run.device == device and run.last + 1 == seq:
            run = Run(device, run.first, seq)
            continue
        if run is not None:
            yield run
        run = Run(device, seq, seq)
    if run is not None:
        yield run


def run_ops(tx: Transaction, member: Membership, run: Run) -> list[tuple[int, SealedOp]]:
    """Return the next operations of a run, as many as go into one message, each with its number and its proof."""
    found = _own_ops(tx, member, run) if run.device == member.device else _neighbour_ops(tx, run)
    batch: list[tuple[int, SealedOp]] = []
    size = 0
    for seq, sealed in found:
        size += len(sealed.body.encode())
        if batch and size > BATCH_BYTES:
            break
        batch.append((seq, sealed))
    return batch


def batches(database: Database, member: Membership, runs: Iterable[Run]) -> Iterator[list[SealedOp]]:
    """Yield the operations of runs, message by message; no transaction is open between two."""
    for run in runs:
        while run.first <= run.last:
            with database.read() as tx:
                batch = run_ops(tx, member, run)
            if not batch:
                break
            yield [sealed for _seq, sealed in batch]
            run = Run(run.device, batch[-1][0] + 1, run.last)


def _own_ops(tx: Transaction, member: Membership, run: Run) -> Iterator[tuple[int, SealedOp]]:
    key = key_of_token(member.token)
    for seq, text in own_texts(tx, run):
        body = f'{text[:-1]},"epoch":{json.dumps(member.epoch)}}}'
        yield seq, SealedOp(body, prove(key, body))


def own_texts(tx: Transaction, run: Run) -> list[tuple[int, str]]:
    """Return the next own operations of a run as they go out by push, each with its number."""
    texts = pending_ops(tx, run.device, run.first, min(MAX_OPS, run.last - run.first + 1))
    numbered = [(int(json.loads(text)["seq"]), text) for text in texts]
    return [(seq, text) for seq, text in numbered if seq <= run.last]


def _neighbour_ops(tx: Transaction, run: Run) -> Iterator[tuple[int, SealedOp]]:
    table = table_of(NeighbourOp)
    query = (
        select(table.c.seq, table.c.body, table.c.proof)
        .where(table.c.device == run.device, table.c.state == WAITING, table.c.seq.between(run.first, run.last))
        .order_by(table.c.seq, table.c.op)
        .limit(MAX_OPS)
    )
    for row in tx.rows(query):
        yield row.seq, SealedOp(row.body, row.proof)


def relay_waiting(
    database: Database, transport: Transport, member: Membership, asked: set[str], *, stored: Callable[[int], object]
) -> int:
    """Bring the district what it lacks of the neighbours, before own work that builds on it is judged.

    Own operations that a neighbour's builds on go between; ``stored`` is told how many answers of those were kept.
    ``asked`` gets the neighbours' operations that the district has answered, or refused to look at. Returns how many
    went in all. What the district does not take from here stays with its own device.
    """
    send = getattr(transport, "relay", None)
    with database.read() as tx:
        if send is None or not any_waiting(tx.session.connection()):
            return 0
        runs = plan(tx, member.device, answered=peers(tx))
    while runs and runs[-1].device == member.device:
        runs.pop()
    went, stuck = 0, set[str]()
    for run in runs:
        if run.device in stuck:
            continue
        try:
            if run.device == member.device:
                went += _push_run(database, transport, member, run, stored)
            else:
                went += _relay_run(database, send, member, run, asked)
        except ProblemAnswer as problem:
            if problem.problem == "epoch_changed" and problem.body.get("epoch") != member.epoch:
                raise  # it is not that a server of before takes nothing of an earlier life
            log.info("operations of %s are not taken: the district says %s", run.device, problem.problem)
            stuck.add(run.device)
            went += 1  # what came before the trouble may have moved the feeds
    return went


def _push_run(
    database: Database, transport: Transport, member: Membership, run: Run, stored: Callable[[int], object]
) -> int:
    pushed = 0
    while run.first <= run.last:
        with database.read() as tx:
            batch = own_texts(tx, run)
        if not batch:
            break
        results, _expect = transport.push(member.epoch, [text for _seq, text in batch])
        with database.write(None) as tx:
            store_results(tx, results)
        stored(len(results))
        pushed += len(results)
        run = Run(run.device, batch[-1][0] + 1, run.last)
    return pushed


def _relay_run(database: Database, send: Any, member: Membership, run: Run, asked: set[str]) -> int:
    went = 0
    while run.first <= run.last:
        with database.read() as tx:
            batch = run_ops(tx, member, run)
        if not batch:
            break
        went += _relay_batch(database, send, member, run, batch, asked)
        run = Run(run.device, batch[-1][0] + 1, run.last)
    return went


def _relay_batch(
    database: Database, send: Any, member: Membership, run: Run, batch: Sequence[tuple[int, SealedOp]], asked: set[str]
) -> int:
    """Bring a batch; one that its device has not proven is left out, and what follows it where its number was used.

    Raises:
        ProblemAnswer: the rest cannot be taken now.
    """
    try:
        _results, expect = send(member.epoch, run.device, [sealed for _seq, sealed in batch])
    except ProblemAnswer as problem:
        if isinstance(problem.body.get("expect"), int):
            _note_peer(database, run.device, problem.body["expect"])
        index = problem.body.get("index")
        if not isinstance(index, int) or not 0 <= index < len(batch):
            raise
        if problem.problem == "owner_revoked":
            _drop_shut(database, Run(run.device, batch[index][0], run.last))
            raise
        asked.add(_id_of(batch[index][1]))
        went = _relay_batch(database, send, member, run, batch[:index], asked) if index else 0
        with database.read() as tx:
            wanted = peers(tx).get(run.device, 0)
        if batch[index][0] >= wanted:
            raise
        rest = batch[index + 1 :]
        return went + (_relay_batch(database, send, member, run, rest, asked) if rest else 0)
    _note_peer(database, run.device, expect)
    asked.update(_id_of(sealed) for _seq, sealed in batch)
    return len(batch)


def _id_of(sealed: SealedOp) -> str:
    return str(json.loads(sealed.body)["op"])


def _drop_shut(database: Database, run: Run) -> None:
    """Take off what a device had sealed before it was shut out: it is not taken from anybody any more."""
    table = table_of(NeighbourOp)
    theirs = select(table.c.op).where(table.c.device == run.device, table.c.state == WAITING)
    with database.write(None) as tx:
        ops = [row.op for row in tx.rows(theirs.where(table.c.seq.between(run.first, run.last)))]
        drop(tx, ops, because="its device was shut out")


def _note_peer(database: Database, device: str, expect: int) -> None:
    with database.write(None) as tx:
        known = peers(tx)
        state.set_state(tx.session, PEERS, {**known, device: max(expect, known.get(device, 0))})
