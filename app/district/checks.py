"""What can be said of an operation before anything is locked: its values one by one, and the rules on a new record.

What each field takes is worked out once per type. A quick look says only "surely right"; whatever it doubts goes the
long way, which alone finds the code and the sentence.
"""

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import msgspec

from app.db.inserts import table_of
from app.errors import InvalidInputError
from app.models.base import CODES_RULE, Draft, Record, parse_draft
from app.models.codes import code_list
from app.models.registry import RecordType, find_type
from app.models.wire import (
    DAY,
    INSTANT,
    NUMBER,
    TEXT,
    TRUTH,
    WHOLE,
    FieldKind,
    check_wire,
    from_wire,
    storable,
    to_wire,
)
from app.sync.protocol import WireEdit, WireOp, dumps, is_id, safe_json
from app.texts import N_, _

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
    "number_taken": N_("这个号别的单子已经用了。请作废这一份，重新开一份"),
}


class Refusal(Exception):
    """The operation is refused as a whole."""

    def __init__(self, code: str, name: str | None = None, text: str | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.field = name.encode("utf-8", "replace").decode()[:60].replace("\x00", "") if name else None
        self.text = text or _(SENTENCES[code])


@dataclass(slots=True)
class Made:
    """A record as an edit would make it: what was set, all of it as JSON, the rule it breaks (field, sentence)."""

    changed: dict[str, Any]
    text: str
    broken: tuple[str, str] | None


@dataclass(slots=True)
class Examined:
    """One edit looked at by itself. ``fault``: its first wrong value; ``made``: the record, should it be a new one."""

    fault: Refusal | None = None
    made: Made | None = None


@dataclass(slots=True)
class Sheet:
    """One operation looked at by itself: each of its edits, and their text for the log.

    ``makes``: each edit would make a record of its own, breaking no rule and taking no number that others may hold.
    """

    edits: list[Examined]
    text: str
    makes: bool = False


def examine(ops: Iterable[WireOp]) -> dict[str, Sheet]:
    """Look at operations one by one, before any lock; {op: what was found}."""
    found: dict[str, Sheet] = {}
    for op in ops:
        if op.op not in found:
            edits = op.edits
            alone = len(edits) == 1 or len({edit.id for edit in edits}) == len(edits)
            text, plain = _edits_text(edits)
            looked = [_examined(edit, alone=alone, plain=plain) for edit in edits]
            makes = bool(looked) and all(map(_makes, edits, looked))
            found[op.op] = Sheet(looked, text, makes)
    return found


def _makes(edit: WireEdit, seen: Examined) -> bool:
    made = seen.made
    if made is None or made.broken is not None or not is_id(edit.id):
        return False
    kind = find_type(edit.type)
    return kind is not None and not kind.unique


def _examined(edit: WireEdit, *, alone: bool, plain: bool) -> Examined:
    """Look at one edit.

    ``alone``: no other edit of the operation is about the same record. ``plain``: every text can be kept.
    """
    kind = find_type(edit.type)
    if kind is None:
        return Examined()
    fault = _first_fault(kind, edit.changes, plain=plain)
    if fault is not None or edit.base or kind.feed is None or not alone or lacking(kind, edit) is not None:
        return Examined(fault)
    changed = {name: pair[1] for name, pair in edit.changes.items()}
    given = _text(changed)[1:-1] if plain else dumps(changed)[1:-1]
    return Examined(None, Made(changed, _made_text(kind, changed, given), broken_rule(kind, changed, listed=True)))


_ASCII = json.JSONEncoder(separators=(",", ":")).encode
_encode = msgspec.json.Encoder().encode


def _text(value: Any) -> str:
    """Return compact JSON of what holds no half characters."""
    return _encode(value).decode()


def _edits_text(edits: Sequence[WireEdit]) -> tuple[str, bool]:
    """Return edits as the log keeps them, and whether every text in them is one that every database can keep."""
    try:
        text = _text([{"type": item.type, "id": item.id, "base": item.base, "set": item.changes} for item in edits])
        if "\\u0000" not in text:
            return text, True
    except UnicodeEncodeError:
        pass
    except RecursionError:
        return "[]", False
    try:
        raw = [{"type": item.type, "id": item.id, "base": item.base, "set": item.changes} for item in edits]
        return _ASCII(raw), False  # ASCII: keeps also what no database takes as text
    except RecursionError:
        return "[]", False


def lacking(kind: RecordType, edit: WireEdit) -> str | None:
    """Return the first field that a new record must have and this edit does not give."""
    return next((name for name in _required(kind.name) if edit.changes.get(name, _NOTHING)[1] is None), None)


_NOTHING = (None, None)


@cache
def _required(name: str) -> tuple[str, ...]:
    kind = find_type(name)
    assert kind is not None
    return tuple(name for name, facts in kind.fields.items() if facts.required)


# -- values -----------------------------------------------------------------------------------------------------------


def _first_fault(kind: RecordType, changes: Mapping[str, Any], *, plain: bool) -> Refusal | None:
    fits = _fits(kind.name) if plain else {}
    for name, (old, new) in changes.items():
        surely = fits.get(name)
        if surely is not None and old.__class__ not in (list, dict) and surely(new):
            continue
        try:
            _check_value(kind, name, old, new)
        except Refusal as refusal:
            return refusal
    return None


@cache
def _fits(name: str) -> Mapping[str, Callable[[Any], bool]]:
    """Return, for each field that stations may write, what tells of a value of plain text that it surely fits."""
    kind = find_type(name)
    assert kind is not None
    found = {}
    for each, facts in kind.fields.items():
        if kind.owner(each) != "district":
            null = bool(table_of(kind.model).c[each].nullable) and not facts.required
            found[each] = _surely(facts, null=null)
    return found


def _surely(facts: FieldKind, *, null: bool) -> Callable[[Any], bool]:
    limit = facts.max_length if facts.max_length is not None else 2**31
    if facts.kind == TEXT and facts.code_list is not None:
        codes = frozenset(item.code for item in code_list(facts.code_list) if len(item.code) <= limit)
        return lambda value: value in codes if value.__class__ is str else null and value is None
    if facts.kind == TEXT:
        return lambda value: len(value) <= limit if value.__class__ is str else null and value is None
    if facts.kind in (DAY, INSTANT, NUMBER, WHOLE, TRUTH):
        return lambda value: null if value is None else check_wire(facts, value) is None
    return lambda value: null and value is None


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
    if isinstance(new, str) and not storable(new):
        raise Refusal("wrong_kind", name)


# -- new records ------------------------------------------------------------------------------------------------------


def blank(kind: RecordType) -> dict[str, Any]:
    """Return a new record's values before anything is set: every field, at its default."""
    plain, nested = _defaults(kind.name)
    return {**plain, **{name: list(value) if isinstance(value, list) else dict(value) for name, value in nested}}


@cache
def _defaults(name: str) -> tuple[Mapping[str, Any], tuple[tuple[str, Any], ...]]:
    """Return the defaults of every field, and again those that each record needs its own copy of."""
    kind = find_type(name)
    assert kind is not None
    found = {}
    for each in kind.fields:
        facts = kind.model.model_fields[each]
        value = None if facts.is_required() else facts.get_default(call_default_factory=True)
        found[each] = None if value is ... else to_wire(value)
    return found, tuple((each, value) for each, value in found.items() if isinstance(value, list | dict))


def _made_text(kind: RecordType, changed: Collection[str], given: str) -> str:
    """Return the JSON of a new record: what was set, and beside it the defaults, whose text is always the same.

    ``changed``: the fields that were set; ``given``: these as members of a JSON object.
    """
    rest = _rest_text(kind.name, frozenset(changed))
    return f"{{{given}{',' if given and rest else ''}{rest}}}"


@lru_cache(maxsize=1024)
def _rest_text(name: str, given: frozenset[str]) -> str:
    plain, _nested = _defaults(name)
    return dumps({each: value for each, value in plain.items() if each not in given})[1:-1]


# -- rules on one row -------------------------------------------------------------------------------------------------


def broken_rule(kind: RecordType, values: Mapping[str, Any], *, listed: bool = False) -> tuple[str, str] | None:
    """Return field and sentence of the model's rule that these checked values break, if they do.

    ``listed``: every code among them was found in its list just now.
    """
    rules = _rules_of(kind.name)
    if rules.hold(values, listed=listed):
        return None
    rows = {
        name: from_wire(kind.fields[name], value)
        for name, value in values.items()
        if value is not None and name in rules.draft.model_fields
    }
    try:
        parse_draft(rules.draft, rows, complete=False)
    except InvalidInputError as problem:
        return next(iter(problem.fields.items()))
    return None


@dataclass(frozen=True)
class _Rules:
    """A draft's own validators, taken out of pydantic: kinds, lengths and ranges were checked value by value."""

    draft: type[Draft]
    defaults: Mapping[str, Any]
    required: frozenset[str]
    convert: tuple[tuple[str, FieldKind], ...]
    before: tuple[tuple[str, Callable[[Any], Any]], ...]
    after: tuple[Callable[[Any], Any], ...]
    after_listed: tuple[Callable[[Any], Any], ...]

    def hold(self, values: Mapping[str, Any], *, listed: bool = False) -> bool:
        """Tell whether no rule is broken, for sure. ``listed``: the codes need not be looked up again."""
        own = self.defaults
        given = {name: value for name, value in values.items() if value is not None and value != "" and name in own}
        if not self.required <= given.keys():
            return False
        try:
            for name, facts in self.convert:
                if name in given:
                    given[name] = from_wire(facts, given[name])
            for name, rule in self.before:
                if name in given:
                    given[name] = rule(given[name])
            row = object.__new__(self.draft)
            object.__setattr__(row, "__dict__", {**own, **given})
            object.__setattr__(row, "__pydantic_fields_set__", set(given))
            for rule in self.after_listed if listed else self.after:
                rule(row)
        except (ValueError, TypeError, AttributeError, AssertionError):
            return False
        return True


@cache
def _rules_of(name: str) -> _Rules:
    kind = find_type(name)
    assert kind is not None
    draft = _draft_of(kind.model)
    marks = draft.__pydantic_decorators__
    usual = all(mark.info.mode == "before" for mark in marks.field_validators.values())
    usual = usual and all(mark.info.mode == "after" for mark in marks.model_validators.values())
    assert usual and not marks.root_validators and not marks.validators, f"{draft.__name__}: rules of an unknown sort"
    own = {each: info for each, info in draft.model_fields.items() if each in kind.fields}
    return _Rules(
        draft=draft,
        defaults={
            each: None if info.is_required() else info.get_default(call_default_factory=True)
            for each, info in own.items()
        },
        required=frozenset(each for each, info in draft.model_fields.items() if info.is_required()),
        convert=tuple((each, kind.fields[each]) for each in own if kind.fields[each].kind in (DAY, INSTANT, NUMBER)),
        before=tuple((each, mark.func) for mark in marks.field_validators.values() for each in mark.info.fields),
        after=tuple(mark.func for mark in marks.model_validators.values()),
        after_listed=tuple(mark.func for name, mark in marks.model_validators.items() if name != CODES_RULE),
    )


@cache
def _draft_of(model: type[Record]) -> type[Draft]:
    return next(cls for cls in model.__mro__[1:] if issubclass(cls, Draft) and not issubclass(cls, Record))
