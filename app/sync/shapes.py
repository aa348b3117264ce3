"""What generic code needs of a type's table, and its values on their way from the wire into a column."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Table

from app.db.inserts import table_of, utc_text
from app.errors import ProtocolError
from app.models.registry import RecordType, find_type
from app.models.wire import DAY, INSTANT, NUMBER, FieldKind, from_wire
from app.texts import _


@dataclass(frozen=True)
class Shape:
    """What generic code needs of a type's table, looked up once.

    ``coded``: fields whose column holds something else than the wire; ``moments``: those of them that are days and
    instants. ``fallback``: what a field holds when empty.
    """

    kind: RecordType
    table: Table
    fields: tuple[str, ...]
    known: frozenset[str]
    coded: Mapping[str, FieldKind]
    moments: frozenset[str]
    fallback: Mapping[str, Any]
    common: Mapping[str, Any]


@cache
def shape_of(name: str) -> Shape:
    """Return the shape of a known type."""
    kind = find_type(name)
    assert kind is not None
    fallback = {}
    for each in kind.fields:
        info = kind.model.model_fields[each]
        value = None if info.is_required() else info.get_default(call_default_factory=True)
        fallback[each] = None if value is ... else value
    coded = {each: facts for each, facts in kind.fields.items() if facts.kind in (DAY, INSTANT, NUMBER)}
    moments = frozenset(
        each for each, facts in coded.items() if facts.kind in (DAY, INSTANT) and fallback[each] is None
    )
    common = {"extra": {}, **{each: value for each, value in fallback.items() if value is not None}}
    return Shape(
        kind, table_of(kind.model), tuple(kind.fields), frozenset(kind.fields), coded, moments, fallback, common
    )


_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.ASCII)


def read_value(shape: Shape, name: str, value: Any) -> Any:
    """Return what a coded field's column holds of a value on the wire.

    Raises:
        ProtocolError: it is none of its kind.
    """
    try:
        return from_wire(shape.coded[name], value)
    except (TypeError, ValueError, OverflowError) as problem:
        text = _("区里送来的内容看不懂：{kind} {field}", kind=shape.kind.name, field=name)
        raise ProtocolError(text, code="sync.value") from problem


def stored_text(shape: Shape, name: str, value: Any) -> str:
    """Return what the file holds of a day or an instant, from its usual form on the wire in a third of the time.

    Raises:
        ProtocolError: it is none.
    """
    moment = read_value(shape, name, value)
    if isinstance(moment, datetime):
        return f"{value[:10]} {value[11:23]}000" if _INSTANT.fullmatch(value) else utc_text(moment)
    return str(moment.isoformat())
