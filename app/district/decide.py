"""What becomes of one operation: checked, merged field by field, or refused as a whole."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import sqlalchemy as sa

from app import clock
from app.district.accounts import WRITES, Caller
from app.district.heads import Head, Key, Shelf
from app.district.store import table_of
from app.errors import InvalidInputError
from app.models.acts import find_act, may
from app.models.base import Draft, Record, parse_draft
from app.models.district import FeedEntry, ReceivedOp
from app.models.registry import RecordType, find_type
from app.models.wire import check_wire, from_wire, to_wire
from app.sync import protocol
from app.sync.merge import Merge, merge
from app.sync.protocol import WireEdit, WireOp, clean_text, dumps, is_id, safe_json
from app.texts import N_, _

CONFLICT_TYPE, STAFF_TYPE = "conflict", "staff"
_CONFLICT_IDS = uuid.UUID("6d0f0f5e-6c86-5d0c-9d50-4f6a1f2b7a11")

SENTENCES = {
    "unknown_type": N_("区里不认识这种记录"),
    "unknown_field": N_("区里不认识这一栏"),
    "unknown_record": N_("区里没有这份记录"),
    "builds_on_refused": N_("它要等前面退回的那一笔改好"),
    "required": N_("这一栏要填"),
    "wrong_kind": N_("这一栏填得不对"),
    "too_long": N_("这一栏太长了"),
    "impossible_date": N_("没有这个日期"),
    "not_yours": N_("这一栏由区里填，站点不能改"),
    "not_allowed": N_("这台电脑的岗位不能办这件事"),
    "actor_inactive": N_("经办人已停用"),
    "schema_unknown": N_("这台电脑的程序比区里新，请等区里升级"),
}


class Refusal(Exception):
    """The operation is refused as a whole."""

    def __init__(self, code: str, name: str | None = None, text: str | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.field = name.encode("utf-8", "replace").decode()[:60].replace("\x00", "") if name else None
        self.text = text or _(SENTENCES[code])


@dataclass(frozen=True)
class Decision:
    """The answer to one operation. ``stood_off``: [type, id, field] of values that did not stand."""

    outcome: str
    code: str | None = None
    text: str | None = None
    field: str | None = None
    records: tuple[tuple[Key, Head], ...] = ()
    stood_off: tuple[tuple[str, str, str], ...] = ()


@dataclass
class _Work:
    """One record within one operation, before anything is written."""

    kind: RecordType
    head: Head | None
    values: dict[str, Any]
    changed: dict[str, Any] = field(default_factory=dict)
    pushed: set[str] = field(default_factory=set)
    merges: list[Merge] = field(default_factory=list)


class Judge:
    """Decides the operations of one push, in order, on the shelf's records.

    ``refused``: (type, id) of records whose creation by this device stands refused; ``own_ops``: rows of the
    operations that the server itself makes.
    """

    def __init__(self, caller: Caller, shelf: Shelf, refused: Iterable[tuple[str, str]]) -> None:
        self.caller = caller
        self.shelf = shelf
        self.refused = set(refused)
        self.newly_refused: dict[tuple[str, str], str] = {}
        self.own_ops: list[dict[str, Any]] = []

    def load(self, ops: Sequence[WireOp]) -> None:
        """Read every record that these operations name, in few queries."""
        station = self.caller.feed_of("station")
        keys: list[Key] = [(station, STAFF_TYPE, op.actor) for op in ops if op.actor]
        for op in ops:
            for edit in op.edits:
                kind = find_type(edit.type)
                if kind is None or not is_id(edit.id):
                    continue
                feeds = self.caller.writable if kind.feed is None else (self.caller.feed_of(kind.feed),)
                keys.extend((feed, kind.name, edit.id) for feed in feeds)
        self.shelf.load(keys)

    def decide(self, op: WireOp) -> Decision:
        """Decide one operation; a refused one leaves nothing but its answer."""
        try:
            self._check(op)
            works: dict[Key, _Work] = {}
            for edit in op.edits:
                self._edit(op, edit, works)
            for work in works.values():
                _check_rules(work)
        except Refusal as refusal:
            self._note_refused(op)
            return Decision(protocol.REFUSED, refusal.code, refusal.text, refusal.field)
        return self._write(op, works)

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
        if find_act(op.act) is not None and not may(frozenset(roles), op.act):
            raise Refusal("not_allowed", "act")

    def _edit(self, op: WireOp, edit: WireEdit, works: dict[Key, _Work]) -> None:
        kind, feed = self._place(edit)
        for name, (old, new) in edit.changes.items():
            _check_value(kind, name, old, new)
        key = (feed, kind.name, edit.id)
        work = works.get(key)
        if work is None:
            head = self.shelf.get(key)
            work = works[key] = _Work(kind, head, dict(head.values) if head else {})
        self._check_refused_ground(op, edit, created=work.head is None)
        work.pushed.update(edit.changes)
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
        for name, facts in kind.fields.items():
            if facts.required and edit.changes.get(name, (None, None))[1] is None:
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
                head = self.shelf.put(key, op=op.op, device=self.caller.id, values=work.values, changed=work.changed)
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


def _check_value(kind: RecordType, name: str, old: Any, new: Any) -> None:
    facts = kind.fields.get(name)
    if facts is None:
        raise Refusal("unknown_field", name)
    if kind.owner(name) == "district":
        raise Refusal("not_yours", name)
    for value in (old, new):
        if isinstance(value, list | dict) and not safe_json(value):
            raise Refusal("wrong_kind", name)
    if new is None and not table_of(kind.model).c[name].nullable:
        raise Refusal("required", name)
    if (problem := check_wire(facts, new)) is not None:
        raise Refusal(problem[0], name, problem[1].encode("utf-8", "replace").decode())
    if isinstance(new, str) and not clean_text(new, len(new)):
        raise Refusal("wrong_kind", name)


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


@cache
def _draft_of(model: type[Record]) -> type[Draft]:
    return next(cls for cls in model.__mro__[1:] if issubclass(cls, Draft) and not issubclass(cls, Record))


def blank(kind: RecordType) -> dict[str, Any]:
    """Return a new record's values before anything is set: every field, at its default."""
    return {name: list(value) if isinstance(value, list) else value for name, value in _defaults(kind.name).items()}


@cache
def _defaults(name: str) -> dict[str, Any]:
    kind = find_type(name)
    assert kind is not None
    found = {}
    for each in kind.fields:
        facts = kind.model.model_fields[each]
        value = None if facts.is_required() else facts.get_default(call_default_factory=True)
        found[each] = None if value is ... else to_wire(value)
    return found


def _check_rules(work: _Work) -> None:
    """Apply the model's rules on one row. An old fault that this operation did not touch does not refuse it."""
    if work.head is not None and not work.changed:
        return
    problem = _broken(work.kind, work.values)
    if problem is None:
        return
    name, text = problem
    if work.head is not None and name not in work.pushed and _broken(work.kind, work.head.values) is not None:
        return
    raise Refusal("invalid_value", name, text)


def _broken(kind: RecordType, values: Mapping[str, Any]) -> tuple[str, str] | None:
    draft = _draft_of(kind.model)
    fields = kind.fields
    rows = {
        name: from_wire(fields[name], value)
        for name, value in values.items()
        if value is not None and name in draft.model_fields
    }
    try:
        parse_draft(draft, rows, complete=False)
    except InvalidInputError as problem:
        return next(iter(problem.fields.items()))
    return None
