"""What was acknowledged in a simulation, and whether it is all there after the dust has settled.

It uses nothing of ``app.sync`` nor of the district's code: it reads tables as they are and thinks for itself.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from app.models.registry import RECORD_TYPES, find_type
from app.models.wire import to_wire

if TYPE_CHECKING:
    from tests.sim.world import Machine, World

ACCEPTED = ("applied", "merged", "conflict")
UNSENT = ("parked", "held")
BEYOND = 2**53 - 1

Key = tuple[str, str]
Field = tuple[str, str, str]


@dataclass(frozen=True)
class Acknowledged:
    """One act whose transaction returned: its operation, and what it wrote as the log of that machine says."""

    machine: str
    op: str
    act: str
    edits: tuple[tuple[str, str, Mapping[str, Any]], ...]


@dataclass
class Ledger:
    """The acts that were acknowledged. ``taken_back``: operations that a person withdrew afterwards."""

    acts: list[Acknowledged] = field(default_factory=list)
    taken_back: set[str] = field(default_factory=set)
    future: dict[Key, dict[str, Any]] = field(default_factory=dict)

    def note(self, machine: "Machine", op: str, act: str, claims: Mapping[Field, Any]) -> None:
        """Take in an acknowledged act, and look at once that its file holds what it claims."""
        query = "SELECT record_type, record_id, changes FROM operation_edit WHERE op = :op ORDER BY position"
        with machine.database.read() as tx:
            rows = tx.sql(query, op=op)
            for (kind, record_id, name), value in claims.items():
                shown = tx.sql(f"SELECT {name} FROM {kind} WHERE id = :id", id=record_id)[0][0]
                assert shown == value, f"{act} meant {kind}.{name} to be {value!r}, and it is {shown!r}"
        edits = tuple((kind, record_id, json.loads(changes)) for kind, record_id, changes in rows)
        self.acts.append(Acknowledged(machine.name, op, act, edits))


@dataclass(frozen=True)
class Received:
    """One operation as the district keeps it."""

    device: str
    seq: int | None
    outcome: str
    edits: list[dict[str, Any]]
    stood_off: frozenset[Field]


@dataclass(frozen=True)
class Entry:
    """One entry of a feed."""

    feed: str
    seq: int
    op: str
    key: Key
    values: dict[str, Any]


@dataclass
class Truth:
    """The district's tables, read once."""

    received: dict[str, Received]
    entries: list[Entry]
    heads: dict[Key, tuple[str, int, dict[str, Any]]]


def read_truth(world: "World") -> Truth:
    """Read the district's tables."""
    with world.district.store.read() as connection:
        received = {
            row.op: Received(
                row.device,
                row.seq,
                row.outcome,
                json.loads(row.edits),
                frozenset(tuple(each) for each in json.loads(row.stood_off)),
            )
            for row in connection.execute(sa.text("SELECT op, device, seq, outcome, edits, stood_off FROM received_op"))
        }
        rows = connection.execute(
            sa.text("SELECT feed, seq, op, record_type, record_id, fields FROM feed_entry ORDER BY feed, seq")
        )
        entries = [
            Entry(row.feed, row.seq, row.op, (row.record_type, row.record_id), json.loads(row.fields)) for row in rows
        ]
        heads = {
            (row.record_type, row.record_id): (row.feed, row.rev, json.loads(row.fields))
            for row in connection.execute(sa.text("SELECT feed, record_type, record_id, rev, fields FROM record_head"))
        }
    return Truth(received, entries, heads)


def same(left: Any, right: Any) -> bool:
    """Tell whether two values mean the same: nothing is nothing, and an instant may be written in two ways."""
    if left == right or (left in (None, [], {}) and right in (None, [], {})):
        return True
    if isinstance(left, str) and isinstance(right, str) and len(left) > 18 and len(right) > 18:
        try:
            return datetime.fromisoformat(left) == datetime.fromisoformat(right)
        except (ValueError, TypeError):
            return False
    return False


# -- nothing acknowledged is lost ----------------------------------------------------------------------------------


def losses(world: "World", truth: Truth | None = None) -> Iterator[str]:
    """Yield what was acknowledged and is neither applied, nor in conflict, nor parked."""
    truth = truth or read_truth(world)
    for machine in world.machines:
        own = _own_log(machine)
        for act in world.ledger.acts:
            if act.machine == machine.name:
                yield from _judge(world.ledger, truth, act, own)
        yield from _dense(machine, truth, own)
    yield from _overwritten(truth)
    yield from _log_explains(truth)


@dataclass(frozen=True)
class Logged:
    """One operation in a counter's log."""

    seq: int
    state: str
    code: str | None
    edits: tuple[tuple[str, str, dict[str, Any]], ...]


def _own_log(machine: "Machine") -> dict[str, Logged]:
    with machine.database.read() as tx:
        ops = tx.sql("SELECT op, seq, state, code FROM operation WHERE origin = 'local' ORDER BY seq")
        rows = tx.sql("SELECT op, record_type, record_id, changes FROM operation_edit ORDER BY op, position")
    edits: dict[str, list[Any]] = defaultdict(list)
    for op, kind, record_id, changes in rows:
        edits[op].append((kind, record_id, json.loads(changes)))
    return {op: Logged(seq, state, code, tuple(edits[op])) for op, seq, state, code in ops}


def _judge(ledger: Ledger, truth: Truth, act: Acknowledged, own: Mapping[str, Logged]) -> Iterator[str]:
    """Look for one acknowledged operation."""
    name = f"{act.act} {act.op} of {act.machine}"
    mine = own.get(act.op)
    if mine is None:
        yield f"{name} is gone from its own log"
        return
    if mine.edits != act.edits:
        yield f"{name} stands otherwise in its own log than when it was acknowledged"
    there = truth.received.get(act.op)
    if mine.state in ACCEPTED:
        if there is None or there.outcome != mine.state:
            yield f"{name} is {mine.state} here, {there.outcome if there else 'unknown'} at the district"
            return
        if not _carried(act, there):
            yield f"{name} arrived with other edits than it was acknowledged with"
        yield from _stood_off(truth, act, there, name)
    elif mine.state in UNSENT:
        if there is not None and there.outcome in ACCEPTED and there.edits:
            yield f"{name} is {mine.state} here, {there.outcome} at the district"
    elif mine.state == "withdrawn":
        if there is not None and there.outcome in ACCEPTED and there.edits:
            yield f"{name} is withdrawn here, {there.outcome} at the district"
        if act.op not in ledger.taken_back:
            yield from _carried_on(ledger, truth, act, own, name)
    elif mine.state != "sealed":
        yield f"{name} is still {mine.state}"


def _carried(act: Acknowledged, there: Received) -> bool:
    arrived = [(edit["type"], edit["id"], edit["set"]) for edit in there.edits]
    return arrived == [(kind, record_id, dict(sets)) for kind, record_id, sets in act.edits]


def _stood_off(truth: Truth, act: Acknowledged, there: Received, name: str) -> Iterator[str]:
    """Each value that did not stand must be in a conflict, or be one that asks nobody, or mean what stands."""
    removal = any(item["ours"].get("op") == act.op and item["field"] == "deleted_at" for item in _every_conflict(truth))
    for kind_name, record_id, sets in act.edits:
        kind = find_type(kind_name)
        assert kind is not None
        for each, (_old, new) in sets.items():
            if (kind_name, record_id, each) not in there.stood_off:
                continue
            asked = any(
                item["record_type"] == kind_name
                and item["record_id"] == record_id
                and item["field"] == each
                and item["ours"].get("op") == act.op
                and same(item["ours"].get("value"), new)
                for item in _every_conflict(truth)
            )
            stands = _stood(truth, (kind_name, record_id), each, new)
            agreed = each in ("deleted_at", "delete_reason") and (
                removal or _was_deleted(truth, (kind_name, record_id))
            )
            if not asked and not stands and not agreed and kind.on_conflict(each) == "ask":
                yield f"{name}: {kind_name}.{each} neither stands nor is it asked about"


def _every_conflict(truth: Truth) -> Iterator[dict[str, Any]]:
    """Yield every state that every conflict ever had: a renewed one once named another operation."""
    for entry in truth.entries:
        if entry.key[0] == "conflict":
            yield entry.values


def _was_deleted(truth: Truth, key: Key) -> bool:
    return any(entry.key == key and entry.values.get("deleted_at") for entry in truth.entries)


def _carried_on(ledger: Ledger, truth: Truth, act: Acknowledged, own: Mapping[str, Logged], name: str) -> Iterator[str]:
    """Demand that what was set aside without a person lives on: in a later operation, or as what stands there."""
    mine = own[act.op]
    never = {  # the making of these was withdrawn by a person, and the district never had them
        (kind, record_id)
        for op, item in own.items()
        if op in ledger.taken_back
        for kind, record_id, sets in item.edits
        if "created_at" in sets and (kind, record_id) not in truth.heads
    }
    for kind, record_id, sets in act.edits:
        if (kind, record_id) in never:
            continue
        for each, (_old, new) in sets.items():
            later = [item for item in own.values() if item.seq > mine.seq and _speaks_of(item, kind, record_id, each)]
            if not later and not _stood(truth, (kind, record_id), each, new):
                yield f"{name} was set aside ({mine.code}) and its {kind}.{each} is nowhere"


def _stood(truth: Truth, key: Key, name: str, value: Any) -> bool:
    """Tell whether a record ever showed this value at the district."""
    return any(entry.key == key and same(entry.values.get(name), value) for entry in truth.entries)


def _speaks_of(item: Logged, kind: str, record_id: str, name: str) -> bool:
    """Tell whether an operation sets this field, or makes the record anew as it stands: what is empty is left out."""
    return any(
        (each_kind, each_id) == (kind, record_id) and (name in sets or "created_at" in sets)
        for each_kind, each_id, sets in item.edits
    )


def _dense(machine: "Machine", truth: Truth, own: Mapping[str, Logged]) -> Iterator[str]:
    """Numbers without a gap, on both sides."""
    here = sorted(item.seq for item in own.values())
    if here != list(range(1, len(here) + 1)):
        yield f"{machine.name} numbers its operations {here[:40]}"
    with machine.database.read() as tx:
        device = json.loads(tx.sql("SELECT value FROM local_state WHERE key = 'device_id'")[0][0])
    there = sorted(item.seq for item in truth.received.values() if item.device == device and item.seq is not None)
    if there != list(range(1, len(there) + 1)) or len(there) != len(here):
        yield f"{machine.name} sent {len(here)} operations, the district has the numbers {there[-40:]}"


def _overwritten(truth: Truth) -> Iterator[str]:
    """Yield values of another device that somebody replaced without having seen them."""
    last: dict[Field, tuple[int, str, Any]] = {}
    for entry in truth.entries:
        done = truth.received[entry.op]
        if done.device == "district":
            continue
        for edit in done.edits:
            kind = find_type(edit["type"])
            if (edit["type"], edit["id"]) != entry.key or kind is None:
                continue
            for name, (old, new) in edit["set"].items():
                place = (*entry.key, name)
                if place in done.stood_off or kind.on_conflict(name) != "ask":
                    continue
                before = last.get(place)
                last[place] = (entry.seq, done.device, new)
                if before is None or before[1] == done.device or before[0] >= entry.seq or same(before[2], new):
                    continue
                unseen = edit["base"] < before[0] if edit["base"] != BEYOND else not same(old, before[2])
                if unseen:
                    yield f"{place} of {before[1]} was overwritten by {entry.op} of {done.device}, which never saw it"


def _log_explains(truth: Truth) -> Iterator[str]:
    """Each field of each record is what the last accepted operation that set it says."""
    value: dict[Field, Any] = {}
    for entry in truth.entries:
        done = truth.received[entry.op]
        for edit in done.edits:
            if (edit["type"], edit["id"]) == entry.key:
                for name, (_old, new) in edit["set"].items():
                    if (*entry.key, name) not in done.stood_off:
                        value[(*entry.key, name)] = new
        for name, each in entry.values.items():
            if (*entry.key, name) in value and value[(*entry.key, name)] != each:
                yield f"{entry.key} {name} at {entry.seq} is not what its operations say"
                return


# -- all hold the same ---------------------------------------------------------------------------------------------


def differences(world: "World", truth: Truth | None = None) -> Iterator[str]:
    """Yield where a machine differs from the district, row by row and digest by digest."""
    truth = truth or read_truth(world)
    for machine in world.machines:
        feeds = feeds_of(machine)
        unsent = {
            (kind, record_id, name)
            for item in _own_log(machine).values()
            if item.state in UNSENT
            for kind, record_id, sets in item.edits
            for name in sets
        }
        here = _rows(machine)
        yield from _missing(machine, truth, feeds, here, unsent)
        yield from _surplus(world.ledger, machine, truth, feeds, here)
        yield from _digests(machine, truth, feeds, here)
        yield from _kept(world, machine, feeds)


def feeds_of(machine: "Machine") -> set[str]:
    """Return the feeds that a machine reads."""
    county = machine.station[:6]
    if machine.role == "trainer":
        return {f"training/{county}"}
    return {f"station/{machine.station}", f"market/{county}", f"training/{county}"}


def _rows(machine: "Machine") -> dict[Key, tuple[int, dict[str, Any]]]:
    found: dict[Key, tuple[int, dict[str, Any]]] = {}
    with machine.database.read() as tx:
        for kind in RECORD_TYPES:
            for row in tx.rows(_everything(kind.name)):
                shown = row._mapping
                found[kind.name, row.id] = (row.rev, {name: to_wire(shown[name]) for name in kind.fields})
    return found


@cache
def _everything(name: str) -> sa.Select[Any]:
    kind = find_type(name)
    assert kind is not None
    return sa.select(kind.model.__table__)  # type: ignore[attr-defined]


def _missing(
    machine: "Machine", truth: Truth, feeds: set[str], here: Mapping[Key, Any], unsent: set[Field]
) -> Iterator[str]:
    for key, (feed, rev, values) in truth.heads.items():
        if feed not in feeds or find_type(key[0]) is None:
            continue
        if key not in here:
            yield f"{machine.name} lacks {key}"
            continue
        mine_rev, mine = here[key]
        if mine_rev != rev:
            yield f"{machine.name} has {key} at {mine_rev}, the district at {rev}"
        for name, value in mine.items():
            if (*key, name) not in unsent and not same(value, values.get(name)) and name in values:
                yield f"{machine.name} shows {key} {name} = {value!r}, the district {values.get(name)!r}"


def _surplus(
    ledger: Ledger, machine: "Machine", truth: Truth, feeds: set[str], here: Mapping[Key, Any]
) -> Iterator[str]:
    """Rows that the district does not have must be of its own unsent, withdrawn or sealed work.

    Or they came in an earlier life of the district, and in this one it refused them and their counter took them back:
    nothing is removed because a restored server lacks it. So it is with questions that it does not ask again.
    """
    own = {
        (kind, record_id) for act in ledger.acts if act.op in ledger.taken_back for kind, record_id, _sets in act.edits
    } | {
        (kind, record_id)
        for item in _own_log(machine).values()
        if item.state not in ACCEPTED
        for kind, record_id, _sets in item.edits
    }
    for key in here:
        head = truth.heads.get(key)
        if head is None and key not in own and not (key[0] == "conflict" and here[key][0] == 0):
            yield f"{machine.name} holds {key}, which the district does not have"
        elif head is not None and head[0] not in feeds:
            yield f"{machine.name} holds {key} of {head[0]}, which is not its feed"
        elif machine.role == "trainer" and key not in own:
            yield f"the trainer's laptop holds {key}"


def _digests(machine: "Machine", truth: Truth, feeds: set[str], here: Mapping[Key, Any]) -> Iterator[str]:
    with machine.database.read() as tx:
        kept = {
            (row[0], row[1]): (row[2], row[3])
            for row in tx.sql("SELECT record_type, record_id, feed, rev FROM feed_record")
        }
    for feed in sorted(feeds):
        mine = [(key, here[key][0] if key in here else rev) for key, (by, rev) in kept.items() if by == feed]
        theirs = [(key, rev) for key, (by, rev, _values) in truth.heads.items() if by == feed]
        if _digest(mine) != _digest(theirs):
            yield f"{machine.name}: the digest of {feed} differs ({len(mine)} and {len(theirs)} records)"


def _digest(items: list[tuple[Key, int]]) -> tuple[int, int]:
    total = 0
    for (kind, record_id), rev in items:
        total ^= int.from_bytes(hashlib.sha256(f"{kind}|{record_id}|{rev}".encode()).digest()[:8], "big")
    return len(items), total


def _kept(world: "World", machine: "Machine", feeds: set[str]) -> Iterator[str]:
    """Yield what a newer server sent, this program does not know, and is not kept."""
    truth_feeds = world.ledger.future
    with machine.database.read() as tx:
        for (kind, record_id), changes in truth_feeds.items():
            if find_type(kind) is None:
                rows = tx.sql("SELECT kept, feed FROM feed_record WHERE record_id = :id", id=record_id)
                held = json.loads(rows[0][0]) if rows else None
                wanted = f"market/{machine.station[:6]}" in feeds
            else:
                rows = tx.sql(f"SELECT extra FROM {kind} WHERE id = :id", id=record_id)
                held = json.loads(rows[0][0]) if rows else None
                wanted = held is not None
            if wanted and any((held or {}).get(name) != value for name, value in changes.items()):
                yield f"{machine.name} dropped {sorted(changes)} of {kind} {record_id}, which a newer server sent"
