"""The rule of the district, field by field, by revision and never by clock (architecture 2.3). Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.models.registry import APPEND, ASK, RecordType
from app.models.wire import INSTANT, NUMBER, FieldKind, from_wire

DELETED, REASON = "deleted_at", "delete_reason"

Stamp = tuple[int, str] | None


@dataclass(frozen=True)
class Merge:
    """What an edit does to a record: ``take`` stands, ``ask`` goes to a person, ``stood_off`` did not stand.

    ``ask``: {field: (pushed value, district's value)}. ``others``: another device changed the record meanwhile.
    """

    take: Mapping[str, Any]
    ask: Mapping[str, tuple[Any, Any]]
    stood_off: tuple[str, ...]
    others: bool


def same(kind: FieldKind, left: Any, right: Any) -> bool:
    """Tell whether two wire values mean the same."""
    if left == right:
        return True
    if left is None or right is None or kind.kind not in (INSTANT, NUMBER):
        return False
    return bool(from_wire(kind, left) == from_wire(kind, right))


def merge(
    kind: RecordType,
    values: Mapping[str, Any],
    changes: Mapping[str, Sequence[Any]],
    *,
    foreign: Callable[[str, Any], bool],
    others: bool,
) -> Merge:
    """Merge one edit into a record that stands at ``values``.

    ``foreign(field, old)``: another device changed this field since the edit's base. ``others``: … any field.
    """
    take: dict[str, Any] = {}
    ask: dict[str, tuple[Any, Any]] = {}
    off: list[str] = []
    removing = changes.get(DELETED, (None, None))[1] is not None
    removed = values.get(DELETED) is not None
    if removing and not removed and others and not kind.append_only:
        ask[DELETED] = (changes[DELETED][1], None)
    for name, (old, new) in changes.items():
        current = values.get(name)
        if same(kind.fields[name], current, new):
            if current != new:
                off.append(name)  # the same instant written otherwise: the text that is there stays
            continue
        # Deleted on both sides is agreed; a deletion that is asked about takes its reason with it.
        if name in (DELETED, REASON) and ((removing and removed) or DELETED in ask):
            off.append(name)
            continue
        policy = kind.on_conflict(name)
        if policy == APPEND or not foreign(name, old):
            take[name] = new
            continue
        off.append(name)
        if policy == ASK:
            ask[name] = (new, current)
    if removed and take and DELETED not in changes and foreign(DELETED, None) and not kind.append_only:
        # Edited here, deleted there: the edit is kept on the deleted record, and somebody is asked whether it lives.
        ask[DELETED] = (None, values[DELETED])
    return Merge(take, ask, tuple(dict.fromkeys(off)), others)
