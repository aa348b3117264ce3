"""What two counters tell each other on an open line: who holds what, then what the other lacks, message by message.

Each message is stored in one transaction: a line that breaks leaves what came before it, and the next talk goes on.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.db import state
from app.db.database import Database
from app.db.inserts import table_of
from app.db.transaction import Transaction
from app.errors import ProtocolError
from app.models.neighbour import WAITING, NeighbourOp
from app.services.neighbours import LAN
from app.sync.lan_session import Channel, LanError
from app.sync.membership import Membership, membership
from app.sync.neighbours import Taken, peers, take_ops
from app.sync.proof import SealedOp, digest_of_ops
from app.sync.protocol import is_id, loads
from app.sync.relaying import Run, batches, own_range, plan
from app.texts import _


@dataclass(frozen=True)
class Talk:
    """What one talk did: with which device, how many operations were new here, how many went there."""

    device: str
    received: int
    sent: int


@dataclass(frozen=True)
class _Other:
    """What the other side said of itself. ``ranges``: {device: numbers it holds}, ``below``: {device: needs none}."""

    device: str
    ranges: Mapping[str, Sequence[Sequence[int]]]
    below: Mapping[str, int]
    digests: Mapping[str, str]

    def holds(self, device: str, seq: int) -> bool:
        return seq < self.below.get(device, 0) or self.has(device, seq)

    def has(self, device: str, seq: int) -> bool:
        return any(first <= seq <= last for first, last in self.ranges.get(device, ()))


def talk(channel: Channel, database: Database, *, first: bool) -> Talk:
    """Exchange what each lacks; ``first``: this side called.

    Raises:
        LanError: it is a counter of another station, or the line broke; what came before that is kept.
    """
    with database.read() as tx:
        member = own_membership(tx)
        hello = _hello(tx, member)
    other = _greet(channel, hello, first=first)
    received = sent = 0
    for giving in (first, not first):
        if giving:
            sent = _give(channel, database, member, other)
        else:
            received = _take(channel, database, other)
    return Talk(other.device, received, sent)


def own_membership(tx: Transaction) -> Membership:
    """Return how this device belongs to its district.

    Raises:
        LanError: it does not yet.
    """
    member = membership(tx)
    if member is None:
        raise LanError(_("这台电脑还没有加入区里，不能和同站的直接交换"), code="lan.not_joined")
    return member


def _hello(tx: Transaction, member: Membership) -> dict[str, Any]:
    table = table_of(NeighbourOp)
    query = select(table.c.device, table.c.seq, table.c.op, table.c.proof).where(table.c.state == WAITING)
    held: dict[str, list[tuple[str, int, str]]] = {}
    for row in tx.rows(query.order_by(table.c.device, table.c.seq)):
        held.setdefault(row.device, []).append((row.op, row.seq, row.proof))
    own = own_range(tx, member.device)
    ranges = {device: ranges_of(seq for _op, seq, _proof in items) for device, items in held.items()}
    if own is not None:
        ranges[member.device] = [[own.first, own.last]]
    return {
        "device": member.device,
        "station": state.station_code(tx.session),
        "ranges": ranges,
        "below": peers(tx),
        "digests": {device: digest_of_ops(items) for device, items in held.items()},
    }


def ranges_of(numbers: Iterable[int]) -> list[list[int]]:
    """Return sorted numbers as ranges."""
    found: list[list[int]] = []
    for number in numbers:
        if found and found[-1][1] + 1 >= number:
            found[-1][1] = number
        else:
            found.append([number, number])
    return found


def _greet(channel: Channel, hello: Mapping[str, Any], *, first: bool) -> _Other:
    if first:
        channel.send(hello)
    said = channel.receive()
    if not first:
        channel.send(hello)
    try:
        other = _Other(
            device=str(said["device"]),
            ranges={str(each): [(int(a), int(b)) for a, b in pairs] for each, pairs in said["ranges"].items()},
            below={str(each): int(seq) for each, seq in said["below"].items()},
            digests={str(each): str(word) for each, word in said["digests"].items()},
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        raise _strange() from None
    if said.get("station") != hello["station"] or not is_id(other.device):
        raise LanError(_("那台电脑是别的站点的，没有交换"), code="lan.other_station")
    if other.device == hello["device"]:
        raise LanError(_("那台电脑用的是这台的数据副本，没有交换；请转站长"), code="lan.same_device")
    return other


def _give(channel: Channel, database: Database, member: Membership, other: _Other) -> int:
    sent = 0
    for batch in batches(database, member, _lacking(database, member, other)):
        channel.send({"ops": [[each.body, each.proof] for each in batch]})
        sent += len(batch)
        if channel.receive().get("took") is not True:
            raise _strange()
    channel.send({"end": True})
    return sent


def _take(channel: Channel, database: Database, other: _Other) -> int:
    taken = Taken()
    while True:
        message = channel.receive()
        if message.get("end") is True:
            return taken.fresh
        try:
            items = [SealedOp(str(body), str(proof)) for body, proof in message["ops"]]
        except (KeyError, TypeError, ValueError):
            raise _strange() from None
        try:
            with database.write(None) as tx:
                taken += take_ops(tx, items, route=LAN, sender=other.device)
        except ProtocolError as problem:
            raise LanError(problem.text, code=problem.code) from None
        channel.send({"took": True})


def _lacking(database: Database, member: Membership, other: _Other) -> list[Run]:
    """Return what the other side lacks of what is carried here, in the order in which it is to be shown."""
    with database.read() as tx:
        runs = plan(tx, member.device)
    anew = _is_stale(database, member, other, [run for run in runs if run.device == member.device])
    found: list[Run] = []
    for run in runs:
        if run.device == other.device:
            continue
        if run.device == member.device and anew:
            found.append(run)
            continue
        lacked = ranges_of(seq for seq in range(run.first, run.last + 1) if not other.holds(run.device, seq))
        found.extend(Run(run.device, first, last) for first, last in lacked)
    return found


def _is_stale(database: Database, member: Membership, other: _Other, own: Sequence[Run]) -> bool:
    """Tell whether the other side holds own operations as they are no more: numbered or proven anew since."""
    held = other.digests.get(member.device)
    return held is not None and held != digest_of_ops(_own_marks(database, member, other, own))


def _own_marks(
    database: Database, member: Membership, other: _Other, own: Sequence[Run]
) -> Iterator[tuple[str, int, str]]:
    for batch in batches(database, member, own):
        for each in batch:
            op = loads(each.body.encode())
            if other.has(member.device, op["seq"]):
                yield op["op"], op["seq"], each.proof


def _strange() -> LanError:
    return LanError(_("同站那台电脑说的看不懂，没有收；两台都升级到一样的版本再试"), code="lan.malformed")
