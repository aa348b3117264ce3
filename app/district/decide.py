"""What becomes of one operation: checked, merged field by field, or refused as a whole."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from app import clock
from app.db.inserts import table_of
from app.district.accounts import WRITES, Caller
from app.district.checks import Examined, Made, Refusal, Sheet, broken_rule, lacking
from app.district.checks import blank as blank
from app.district.heads import Head, Key, Shelf
from app.district.unique import Numbers
from app.models.acts import find_act, may
from app.models.district import FeedEntry, ReceivedOp
from app.models.registry import RecordType, find_type
from app.models.wire import to_wire
from app.sync import protocol
from app.sync.merge import Merge, merge
from app.sync.protocol import WireEdit, WireOp, dumps, is_id
from app.texts import _

CONFLICT_TYPE, STAFF_TYPE = "conflict", "staff"
_CONFLICT_IDS = uuid.UUID("6d0f0f5e-6c86-5d0c-9d50-4f6a1f2b7a11")


@dataclass(slots=True)
class Decision:
    """The answer to one operation. ``stood_off``: [type, id, field] of values that did not stand."""

    outcome: str
    code: str | None = None
    text: str | None = None
    field: str | None = None
    records: tuple[tuple[Key, Head], ...] = ()
    stood_off: tuple[tuple[str, str, str], ...] = ()

    @property
    def plain(self) -> bool:
        """Tell whether all that was sent stands as it was sent."""
        return self.outcome == protocol.APPLIED and not self.stood_off


@dataclass(slots=True)
class _Work:
    """One record within one operation, before anything is written. ``values`` of one ``made`` are what was set."""

    kind: RecordType
    head: Head | None
    values: dict[str, Any]
    changed: dict[str, Any] = field(default_factory=dict)
    pushed: set[str] = field(default_factory=set)
    merges: list[Merge] = field(default_factory=list)
    made: Made | None = None


def keys_of(caller: Caller, ops: Iterable[WireOp]) -> list[Key]:
    """Return every record that these operations name, and who acted."""
    station = caller.feed_of("station")
    keys: list[Key] = [(station, STAFF_TYPE, actor) for actor in {op.actor for op in ops} if actor]
    places: dict[str, tuple[tuple[str, str], ...]] = {}
    for op in ops:
        for edit in op.edits:
            if edit.type not in places:
                places[edit.type] = _places_of(caller, find_type(edit.type))
            if places[edit.type] and is_id(edit.id):
                keys.extend((feed, kind, edit.id) for feed, kind in places[edit.type])
    return keys


def _places_of(caller: Caller, kind: RecordType | None) -> tuple[tuple[str, str], ...]:
    if kind is None:
        return ()
    feeds = caller.writable if kind.feed is None else (caller.feed_of(kind.feed),)
    return tuple((feed, kind.name) for feed in feeds)


class Judge:
    """Decides the operations of one push, in order, on the shelf's records.

    ``refused``: (type, id) of records whose creation by this device stands refused; ``own_ops``: rows of the
    operations that the server itself makes.
    """

    def __init__(
        self, caller: Caller, shelf: Shelf, refused: Iterable[tuple[str, str]], sheets: Mapping[str, Sheet]
    ) -> None:
        self.caller = caller
        self.shelf = shelf
        self.numbers = Numbers(shelf.connection)
        self._sheets = sheets
        self._allowed: dict[tuple[str, frozenset[str]], bool] = {}
        self._places: dict[str, tuple[str, str]] = {}
        self.refused = set(refused)
        self.newly_refused: dict[tuple[str, str], str] = {}
        self.own_ops: list[dict[str, Any]] = []

    def decide(self, op: WireOp) -> Decision:
        """Decide one operation; a refused one leaves nothing but its answer."""
        sheet = self._sheets[op.op]
        try:
            self._check(op)
            if sheet.makes and not self.refused and (made := self._make(op, sheet)) is not None:
                return made
            works: dict[Key, _Work] = {}
            for edit, seen in zip(op.edits, sheet.edits, strict=True):
                self._edit(op, edit, seen, works)
            for work in works.values():
                _check_rules(work)
            self._check_numbers(works)
        except Refusal as refusal:
            self._note_refused(op)
            return Decision(protocol.REFUSED, refusal.code, refusal.text, refusal.field)
        return self._write(op, works)

    def _make(self, op: WireOp, sheet: Sheet) -> Decision | None:
        """Make the records of an operation that only makes some; None where one of them is there already."""
        placed = [self._place_new(edit) for edit in op.edits]
        if any(self.shelf.get(key) is not None for key in placed):
            return None
        device, put = self.caller.id, self.shelf.put
        heads = []
        for key, seen in zip(placed, sheet.edits, strict=True):
            assert seen.made is not None
            heads.append((key, put(key, op=op.op, device=device, values=None, changed=(), text=seen.made.text)))
        return Decision(protocol.APPLIED, records=tuple(heads))

    def _place_new(self, edit: WireEdit) -> Key:
        """Return where a new record goes; its id is one, and its type lives in a feed of its own."""
        place = self._places.get(edit.type)
        if place is None:
            kind, feed = self._place(edit)
            place = self._places[edit.type] = (feed, kind.name)
        return (*place, edit.id)

    def _check(self, op: WireOp) -> None:
        if op.problem is not None:
            raise Refusal(*op.problem)
        if not protocol.SCHEMA_OLDEST <= op.schema <= protocol.SCHEMA_NEWEST:
            raise Refusal("schema_unknown", "schema")
        roles = {self.caller.role}
        staff = self.shelf.get((self.caller.feed_of("station"), STAFF_TYPE, op.actor)) if op.actor else None
        if staff is not None:
            if staff.values.get("active") is False or staff.values.get("deleted_at") is not None:
                raise Refusal("actor_inactive", "actor")
            roles.update(staff.values.get("roles") or ())
        asked = (op.act, frozenset(roles))
        if asked not in self._allowed:
            self._allowed[asked] = find_act(op.act) is None or may(asked[1], op.act)
        if not self._allowed[asked]:
            raise Refusal("not_allowed", "act")

    def _check_numbers(self, works: Mapping[Key, _Work]) -> None:
        """Refuse a value that is another record's for ever; what this operation takes is its records' from now on."""
        held: dict[tuple[str, str], str] = {}
        for key, work in works.items():
            for name in work.kind.unique:
                value = work.values.get(name)
                if work.head is None or name in work.changed:
                    taken = isinstance(value, str) and held.setdefault((name, value), key[2]) != key[2]
                    if taken or self.numbers.clash(work.kind, key[2], {name: value}) is not None:
                        words = work.kind.taken
                        raise Refusal("number_taken", name, _(words) if words else None)

    def _edit(self, op: WireOp, edit: WireEdit, seen: Examined, works: dict[Key, _Work]) -> None:
        kind, feed = self._place(edit)
        if seen.fault is not None:
            raise seen.fault
        key = (feed, kind.name, edit.id)
        work = works.get(key)
        if work is None:
            head = self.shelf.get(key)
            work = works[key] = _Work(kind, head, dict(head.values) if head else {})
        self._check_refused_ground(op, edit, created=work.head is None)
        work.pushed.update(edit.changes)
        if work.head is None and seen.made is not None:
            work.made, work.values = seen.made, seen.made.changed
            return
        if work.head is None:
            if not work.values:
                self._check_creation(kind, edit)
                work.values = blank(kind)
            work.changed.update({name: new for name, (_old, new) in edit.changes.items()})
            work.values.update(work.changed)
            return
        done = _merge_into(work.head, work, edit, self.caller.id)
        work.merges.append(done)
        work.changed.update(done.take)
        work.values.update(done.take)

    def _place(self, edit: WireEdit) -> tuple[RecordType, str]:
        """Return the type and the feed of a record that this device may write."""
        kind = find_type(edit.type)
        if kind is None:
            raise Refusal("unknown_type", "type")
        if not is_id(edit.id):
            raise Refusal("wrong_kind", "id")
        if self.caller.role not in kind.writers:
            raise Refusal("not_allowed", "type")
        if kind.feed is None:
            for feed in self.caller.writable:
                if self.shelf.get((feed, kind.name, edit.id)) is not None:
                    return kind, feed
            raise Refusal("unknown_record", "id")
        if kind.feed not in WRITES.get(self.caller.role, ()):
            raise Refusal("not_allowed", "type")
        return kind, self.caller.feed_of(kind.feed)

    def _check_creation(self, kind: RecordType, edit: WireEdit) -> None:
        waiting = (kind.name, edit.id) in self.refused
        if edit.base > 0:
            raise Refusal("builds_on_refused" if waiting else "unknown_record", "id")
        if (name := lacking(kind, edit)) is not None:
            raise Refusal("builds_on_refused" if waiting else "required", name)

    def _check_refused_ground(self, op: WireOp, edit: WireEdit, *, created: bool) -> None:
        """Refuse what points to a record whose creation stands refused, unless this operation makes it."""
        if not self.refused:
            return
        ids = {record_id for _kind, record_id in self.refused} - {each.id for each in op.edits}
        for name, (_old, new) in edit.changes.items():
            if isinstance(new, str) and new in ids:
                raise Refusal(protocol.BUILDS_ON_REFUSED, name)

    def _note_refused(self, op: WireOp) -> None:
        for edit in op.edits:
            kind = find_type(edit.type)
            if kind is None or kind.feed is None or not is_id(edit.id):
                continue
            if self.shelf.get((self.caller.feed_of(kind.feed), kind.name, edit.id)) is None:
                self.refused.add((kind.name, edit.id))
                self.newly_refused[kind.name, edit.id] = op.op

    def _write(self, op: WireOp, works: Mapping[Key, _Work]) -> Decision:
        records: list[tuple[Key, Head]] = []
        questions: list[tuple[Key, Head | None, Merge]] = []
        stood_off: list[tuple[str, str, str]] = []
        asked = merged = False
        for key, work in works.items():
            head = work.head
            questions.extend((key, head, item) for item in work.merges if item.ask)
            if head is None or work.changed:
                values, text = (work.values, None) if work.made is None else (None, work.made.text)
                head = self.shelf.put(
                    key, op=op.op, device=self.caller.id, values=values, changed=work.changed, text=text
                )
                self.numbers.take(work.kind, key[2], work.values if work.head is None else work.changed)
                self.refused.discard((key[1], key[2]))
            records.append((key, head))
            for item in work.merges:
                asked = asked or bool(item.ask)
                merged = merged or item.others
                stood_off.extend((key[1], key[2], name) for name in item.stood_off)
        for key, before, item in questions:
            assert before is not None
            for name, (ours, theirs) in item.ask.items():
                self._ask(op, key, before, name, ours, theirs)
        outcome = protocol.CONFLICT if asked else protocol.MERGED if merged else protocol.APPLIED
        return Decision(outcome, records=tuple(records), stood_off=tuple(stood_off))

    def _ask(self, op: WireOp, key: Key, before: Head, name: str, ours: Any, theirs: Any) -> None:
        """Make the conflict's record, or renew the open one of the same device over the same value."""
        feed, kind_name, record_id = key
        rev, device = before.stamp(name) or (before.rev, before.first_device)
        kind = find_type(CONFLICT_TYPE)
        assert kind is not None
        seed = f"{feed}|{kind_name}|{record_id}|{name}|{self.caller.id}|{rev}"
        place: Key = (feed, CONFLICT_TYPE, str(uuid.uuid5(_CONFLICT_IDS, seed)))
        known = self.shelf.get(place)
        if known is not None and known.values.get("state") != "open":
            place, known = (feed, CONFLICT_TYPE, str(uuid.uuid5(_CONFLICT_IDS, f"{seed}|{op.op}"))), None
        changed = {
            "record_type": kind_name,
            "record_id": record_id,
            "field": name,
            "ours": {**_who(op.op, op.act, op.actor, self.caller.id, op.made_at), "value": ours},
            "theirs": {**self._who_changed(feed, rev, device), "value": theirs},
            "standing": "theirs",
            "state": "open",
            "created_at": to_wire(clock.now()),
        }
        values = {**(known.values if known else blank(kind)), **changed}
        own = self._note_own_op(place[2], known.rev if known else 0, changed)
        self.shelf.put(place, op=own, device=protocol.DISTRICT_DEVICE, values=values, changed=changed)

    def _note_own_op(self, conflict_id: str, base: int, changed: Mapping[str, Any]) -> str:
        """Note the district's own operation that makes or renews a conflict; return its id."""
        edit = {
            "type": CONFLICT_TYPE,
            "id": conflict_id,
            "base": base,
            "set": {name: [None, value] for name, value in changed.items()},
        }
        own = {
            "op": clock.new_id(),
            "device": protocol.DISTRICT_DEVICE,
            "act": protocol.DISTRICT_ACT,
            "made_at": changed["created_at"],
            "edits": dumps([edit]),
        }
        self.own_ops.append(own)
        return str(own["op"])

    def _who_changed(self, feed: str, rev: int, device: str) -> dict[str, Any]:
        """Return who made an entry of a feed, as a conflict tells it."""
        ops, entries = table_of(ReceivedOp), table_of(FeedEntry)
        op_id = self.shelf.entry_ops.get((feed, rev))
        if op_id is None:
            op_id = self.shelf.connection.execute(
                sa.select(entries.c.op).where(entries.c.feed == feed, entries.c.seq == rev)
            ).scalar()
        row = self.shelf.connection.execute(sa.select(ops).where(ops.c.op == op_id)).first()
        if row is None:  # an operation of this very push
            return _who(op_id, None, None, device, None)
        return _who(row.op, row.act, row.actor, row.device, row.made_at)


def _who(op: str | None, act: str | None, actor: str | None, device: str, made_at: str | None) -> dict[str, Any]:
    return {"op": op, "act": act, "actor": actor, "device": device, "made_at": made_at}


def _merge_into(head: Head, work: _Work, edit: WireEdit, device: str) -> Merge:
    """Merge an edit into a record. A base from a server's lost future is judged by the old value instead."""

    def foreign(name: str, old: Any) -> bool:
        stamp = head.stamp(name)
        if stamp is None or stamp[1] == device:
            return False
        return stamp[0] > edit.base or (edit.base > head.rev and head.values.get(name) != old)

    lost = edit.base > head.rev
    own = work.kind.district_fields  # what the district decided meanwhile is nobody's edit
    others = head.changed_since(edit.base, device, own) or (
        lost and any(who != device and name not in own for name, (_rev, who) in head.stamps.items())
    )
    return merge(work.kind, work.values, edit.changes, foreign=foreign, others=others)


def _check_rules(work: _Work) -> None:
    """Apply the model's rules on one row. An old fault that this operation did not touch does not refuse it."""
    if work.head is not None and not work.changed:
        return
    problem = work.made.broken if work.made is not None else broken_rule(work.kind, work.values)
    if problem is None:
        return
    name, text = problem
    if work.head is not None and name not in work.pushed and broken_rule(work.kind, work.head.values) is not None:
        return
    raise Refusal("invalid_value", name, text)
