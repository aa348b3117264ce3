"""What was acknowledged in a simulation, and whether it is all there after the dust has settled.

It uses nothing of ``app.sync`` nor of the district's code: it reads tables as they are and thinks for itself.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from app.models.registry import find_type
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
    """The acts that were acknowledged. ``taken_back``: operations that a person withdrew afterwards.

    ``earlier``: records that the district had when it was restored to a backup; ``faults``: what was seen on the way.
    ``lost``: acts that a counter lost with its disk, of them ``owed`` those that the district had accepted: they come
    back. What it had not sent anywhere is gone, and only that.
    """

    acts: list[Acknowledged] = field(default_factory=list)
    taken_back: set[str] = field(default_factory=set)
    future: dict[Key, dict[str, Any]] = field(default_factory=dict)
    earlier: set[Key] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)
    lost: list[Acknowledged] = field(default_factory=list)
    owed: set[str] = field(default_factory=set)
    fallen: set[str] = field(default_factory=set)
    _set_aside: dict[str, set[str]] = field(default_factory=dict)

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

    def fell_back(self, machine: "Machine", before: Mapping[str, "Logged"], there: Set[str]) -> None:
        """Take note that a counter was put back to its own backup; ``before``: its operations until then.

        ``there``: what the district holds at that moment; what a restored one had not got again is nobody's.
        """
        now = own_log(machine)
        mine = [act for act in self.acts if act.machine == machine.name and act.op not in now]
        self.acts = [act for act in self.acts if act not in mine]
        self.lost += mine
        self.owed |= {op for op, item in before.items() if op not in now and item.state in ACCEPTED and op in there}
        self.fallen.add(machine.name)
        self._set_aside[machine.name] = {op for op, item in now.items() if item.state == "withdrawn"}

    def look(self, name: str, connection: sa.Connection) -> None:
        """Look, before a machine commits, at what its program sets aside by itself: nothing of it may be open then.

        Later would not do: a value that stands by then, or an operation that speaks of it, may have come by chance.
        """
        query = "SELECT op FROM operation WHERE state = 'withdrawn' AND code <> 'taken_back' AND origin = 'local'"
        now = {row[0] for row in connection.connection.driver_connection.execute(query)}  # type: ignore[union-attr]
        fresh = now - self._set_aside.get(name, set())
        self._set_aside[name] = now
        if fresh:
            self.faults += _dropped(name, connection, fresh)


@dataclass(frozen=True)
class Received:
    """One operation as the district keeps it."""

    device: str
    seq: int | None
    outcome: str
    edits: list[dict[str, Any]]
    stood_off: frozenset[Field]
    records: Mapping[Key, tuple[str, int]]
    """Feed and revision of each of its records right after it."""


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

    def after(self, done: Received, key: Key) -> dict[str, Any]:
        """Return a record's values as they stood right after an operation."""
        place = done.records.get(key)
        return self._at.get(place, {}) if place else {}

    @cached_property
    def _at(self) -> dict[tuple[str, int], dict[str, Any]]:
        return {(entry.feed, entry.seq): entry.values for entry in self.entries}


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
                {(kind, record_id): (feed, rev) for feed, kind, record_id, rev in json.loads(row.records)},
            )
            for row in connection.execute(
                sa.text("SELECT op, device, seq, outcome, edits, stood_off, records FROM received_op")
            )
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


def losses(world: "World", truth: Truth | None = None) -> Iterator[str]:
    """Yield what was acknowledged and is neither applied, nor in conflict, nor parked."""
    truth = truth or read_truth(world)
    for machine in world.machines:
        own = own_log(machine)
        for act in world.ledger.acts:
            if act.machine == machine.name:
                yield from _judge(world.ledger, truth, act, own)
        yield from _dense(machine, truth, own, fallen=machine.name in world.ledger.fallen)
    yield from world.ledger.faults
    yield from _come_back(world.ledger, truth)
    yield from _questions(truth)
    yield from _overwritten(truth)
    yield from _log_explains(truth)


@dataclass(frozen=True)
class Logged:
    """One operation in a counter's log."""

    seq: int
    state: str
    code: str | None
    edits: tuple[tuple[str, str, dict[str, Any]], ...]


def own_log(machine: "Machine") -> dict[str, Logged]:
    """Read a machine's own operations."""
    with machine.database.read() as tx:
        return _log_in(tx.session.connection())


def _log_in(connection: sa.Connection) -> dict[str, Logged]:
    ops = connection.execute(sa.text("SELECT op, seq, state, code FROM operation WHERE origin = 'local' ORDER BY seq"))
    query = "SELECT op, record_type, record_id, changes FROM operation_edit ORDER BY op, position"
    edits: dict[str, list[Any]] = defaultdict(list)
    for op, kind, record_id, changes in connection.execute(sa.text(query)):
        edits[op].append((kind, record_id, json.loads(changes)))
    return {op: Logged(seq, state, code, tuple(edits[op])) for op, seq, state, code in ops}


def _come_back(ledger: Ledger, truth: Truth) -> Iterator[str]:
    """Look for what a counter had sent before it lost it."""
    for op in sorted(ledger.owed - truth.received.keys()):
        yield f"{op} was accepted, and is gone from the district after its counter fell back"
    for act in ledger.lost:
        there = truth.received.get(act.op)
        if there is not None and there.outcome in ACCEPTED and there.edits:
            name = f"{act.act} {act.op}, lost by {act.machine},"
            if not _carried(act, there):
                yield f"{name} arrived with other edits than it was acknowledged with"
            yield from _stood_off(truth, act, there, name)


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
        if mine.code == "taken_back" and act.op not in ledger.taken_back:
            yield f"{name} was taken back, and not by a person"
    elif mine.state != "sealed":
        yield f"{name} is still {mine.state}"


def _carried(act: Acknowledged, there: Received) -> bool:
    arrived = [(edit["type"], edit["id"], edit["set"]) for edit in there.edits]
    return arrived == [(kind, record_id, dict(sets)) for kind, record_id, sets in act.edits]


def _stood_off(truth: Truth, act: Acknowledged, there: Received, name: str) -> Iterator[str]:
    """Each value that did not stand must be in a conflict, or be one that asks nobody, or mean what stood just then."""
    for kind_name, record_id, sets in act.edits:
        key, kind = (kind_name, record_id), find_type(kind_name)
        assert kind is not None
        stands = truth.after(there, key)
        asked = {
            item["field"]: item["ours"].get("value")
            for item in _every_question(truth)
            if (item["record_type"], item["record_id"]) == key and item["ours"].get("op") == act.op
        }
        for each, (_old, new) in sets.items():
            if (*key, each) not in there.stood_off or kind.on_conflict(each) != "ask":
                continue
            agreed = each in ("deleted_at", "delete_reason") and ("deleted_at" in asked or stands.get("deleted_at"))
            if not agreed and not same(stands.get(each), new) and not (each in asked and same(asked[each], new)):
                yield f"{name}: {kind_name}.{each} neither stood nor is it asked about"


def _every_question(truth: Truth) -> Iterator[dict[str, Any]]:
    """Yield every state that every conflict ever had: a renewed one once named another operation."""
    for entry in truth.entries:
        if entry.key[0] == "conflict":
            yield entry.values


def _questions(truth: Truth) -> Iterator[str]:
    """Yield open questions that nobody closed and yet are closed, or that ask about another device's value by now.

    So a state that a question once had is as good as the present one: the later value is by those who had the former.
    """
    before: dict[Key, Mapping[str, Any]] = {}
    for entry in truth.entries:
        if entry.key[0] != "conflict":
            continue
        was, now = before.get(entry.key), entry.values
        before[entry.key] = now
        if was is None or was["state"] != "open":
            continue
        if now["state"] != "open" and truth.received[entry.op].device == "district":
            yield f"nobody settled the question {entry.key[1]} about {now['record_type']}.{now['field']}"
        earlier, later = (truth.received.get(each["ours"].get("op")) for each in (was, now))
        if earlier and later and (earlier.device != later.device or (earlier.seq or 0) > (later.seq or 0)):
            yield f"the question {entry.key[1]} no longer asks about what {earlier.device} wrote"


def _dropped(machine: str, connection: sa.Connection, ops: set[str]) -> Iterator[str]:
    """Yield what the program set aside by itself, is not shown at this counter and goes out no more."""
    own = _log_in(connection)
    gone = {
        (kind, record_id)
        for item in own.values()
        if item.code == "taken_back"
        for kind, record_id, sets in item.edits
        if "created_at" in sets
    }
    for op in sorted(ops):
        for kind, record_id, sets in own[op].edits:
            if (kind, record_id) in gone:
                continue
            row = connection.execute(everything(kind).where(sa.column("id") == record_id)).mappings().first() or {}
            for name, (_old, new) in sets.items():
                later = (item for item in own.values() if item.seq > own[op].seq)
                shown = name in row and same(to_wire(row[name]), new)
                if not shown and not any(_speaks_of(item, kind, record_id, name) for item in later):
                    yield f"{op} of {machine} was set aside ({own[op].code}): {kind}.{name} is nowhere"


def _speaks_of(item: Logged, kind: str, record_id: str, name: str) -> bool:
    """Tell whether an operation sets this field, or makes the record anew as it stands: what is empty is left out."""
    return any(
        (each_kind, each_id) == (kind, record_id) and (name in sets or "created_at" in sets)
        for each_kind, each_id, sets in item.edits
    )


def _dense(machine: "Machine", truth: Truth, own: Mapping[str, Logged], *, fallen: bool) -> Iterator[str]:
    """Numbers without a gap, on both sides; one that fell back to a backup lacks some here, and uses none twice."""
    here = sorted(item.seq for item in own.values())
    if len(set(here)) != len(here) or (not fallen and here != list(range(1, len(here) + 1))):
        yield f"{machine.name} numbers its operations {here[:40]}"
    with machine.database.read() as tx:
        device = json.loads(tx.sql("SELECT value FROM local_state WHERE key = 'device_id'")[0][0])
    there = sorted(item.seq for item in truth.received.values() if item.device == device and item.seq is not None)
    if there != list(range(1, len(there) + 1)) or (len(there) != len(here) and not fallen):
        yield f"{machine.name} sent {len(here)} operations, the district has the numbers {there[-40:]}"


def _overwritten(truth: Truth) -> Iterator[str]:
    """Yield values of another device that somebody replaced without having seen them.

    Who says what stands anyway writes nothing: it stays the value of the one who wrote it (docs/protocol.md, push).
    """
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
                if before is not None and same(before[2], new):
                    continue
                last[place] = (entry.seq, done.device, new)
                if before is None or before[1] == done.device or before[0] >= entry.seq:
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


@cache
def everything(name: str) -> sa.Select[Any]:
    """Return the query of all records of a type."""
    kind = find_type(name)
    assert kind is not None
    return sa.select(kind.model.__table__)  # type: ignore[attr-defined]
