"""Whether every machine of a simulation holds what the district holds, row by row and digest by digest.

Like the ledger it reads tables as they are and uses nothing of the sync's code.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from app.models.registry import RECORD_TYPES, find_type
from app.models.wire import to_wire
from tests.sim.ledger import UNSENT, Field, Key, Ledger, Logged, Truth, everything, own_log, read_truth, same

if TYPE_CHECKING:
    from tests.sim.world import Machine, World


def differences(world: "World", truth: Truth | None = None) -> Iterator[str]:
    """Yield where a machine differs from the district, row by row and digest by digest."""
    truth = truth or read_truth(world)
    for machine in world.machines:
        feeds = feeds_of(machine)
        unsent = {
            (kind, record_id, name)
            for item in own_log(machine).values()
            if item.state in UNSENT
            for kind, record_id, sets in item.edits
            for name in sets
        }
        here = _rows(machine)
        yield from _missing(machine, truth, feeds, here, unsent)
        yield from _surplus(world.ledger, machine, truth, feeds, here)
        yield from _grounds(machine, truth, here)
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
            for row in tx.rows(everything(kind.name)):
                shown = row._mapping
                found[kind.name, row.id] = (row.rev, {name: to_wire(shown[name]) for name in kind.fields})
    return found


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


def _grounds(machine: "Machine", truth: Truth, here: Mapping[Key, Any]) -> Iterator[str]:
    """Yield where what the district said last is kept wrongly under unsent edits: what is taken back would show it."""
    with machine.database.read() as tx:
        kept = tx.sql("SELECT record_type, record_id, fields FROM server_row")
    for kind, record_id, fields in kept:
        key, said = (kind, record_id), json.loads(fields)
        head = truth.heads.get(key)
        if head is None or key not in here or here[key][0] != head[1]:
            continue
        for name, value in said.items():
            if name in head[2] and not same(value, head[2][name]):
                yield f"{machine.name} keeps as said of {key} {name} = {value!r}, the district says {head[2][name]!r}"


def _surplus(
    ledger: Ledger, machine: "Machine", truth: Truth, feeds: set[str], here: Mapping[Key, Any]
) -> Iterator[str]:
    """Rows that the district does not have must be of its own unsent or sealed work.

    What a person withdrew is hidden where it was made. Else such a row, be it a question, came in an earlier life of
    the district, which does not know it any more: nothing is removed because a restored server lacks it.
    """
    log = own_log(machine).values()
    waiting = {key for item in log if item.state in (*UNSENT, "sealed") for key in _keys(item)}
    withdrawn = {key for item in log if item.state == "withdrawn" for key in _keys(item)}
    for key, (rev, values) in here.items():
        head = truth.heads.get(key)
        hidden = key in withdrawn and values["deleted_at"] is not None
        earlier = key in ledger.earlier and rev == 0
        if head is None and not (key in waiting or hidden or earlier):
            yield f"{machine.name} holds {key}, which the district does not have"
        elif head is not None and head[0] not in feeds:
            yield f"{machine.name} holds {key} of {head[0]}, which is not its feed"
        elif machine.role == "trainer" and key[0] not in _OF_CLASSES:
            yield f"the trainer's laptop holds {key}"


_OF_CLASSES = {kind.name for kind in RECORD_TYPES if kind.feed == "training"} | {"conflict"}


def _keys(item: Logged) -> Iterator[Key]:
    return ((kind, record_id) for kind, record_id, _sets in item.edits)


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
