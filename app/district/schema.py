"""What a client must know of the records, so that one can be written in any language."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from app.db.inserts import table_of
from app.district.accounts import WRITES
from app.district.deps import ENCODINGS
from app.models.acts import ACTS
from app.models.codes import code_list
from app.models.registry import RECORD_TYPES, RecordType
from app.models.wire import ANY, DAY, INSTANT, LIST, MAX_JSON, NUMBER, OBJECT, TEXT, TRUTH, WHOLE, FieldKind
from app.sync import protocol

_SHAPES: Mapping[str, Mapping[str, Any]] = {
    TEXT: {"type": "string"},
    WHOLE: {"type": "integer", "minimum": -(2**31), "maximum": 2**31 - 1},
    NUMBER: {"type": "number"},
    TRUTH: {"type": "boolean"},
    DAY: {"type": "string", "format": "date"},
    INSTANT: {"type": "string", "format": "date-time"},
    LIST: {"type": "array"},
    OBJECT: {"type": "object"},
    ANY: {},
}


@cache
def describe() -> str:
    """Return the answer of ``GET /v1/schema`` as JSON."""
    return protocol.dumps(
        {
            "protocol": {"min": protocol.PROTOCOL_MIN, "max": protocol.PROTOCOL_MAX},
            "op_schema": {"min": protocol.SCHEMA_OLDEST, "max": protocol.SCHEMA_NEWEST},
            "encodings": list(ENCODINGS),
            "limits": {
                "ops": protocol.MAX_OPS,
                "bytes": protocol.MAX_BODY,
                "pull": protocol.PULL_MAX,
                "json_characters": MAX_JSON,
                "json_depth": protocol.MAX_DEPTH,
            },
            "acts": {act.name: sorted(act.roles) for act in ACTS},
            "roles": {role: list(kinds) for role, kinds in WRITES.items()},
            "types": {kind.name: _describe_type(kind) for kind in RECORD_TYPES},
        }
    )


def _describe_type(kind: RecordType) -> dict[str, Any]:
    fields = kind.fields
    columns = table_of(kind.model).c
    required = [name for name, facts in fields.items() if facts.required]
    return {
        "feed": kind.feed,
        "label": kind.label,
        "writers": sorted(kind.writers),
        "append_only": kind.append_only,
        "unique": sorted(kind.unique),
        "required": required,
        "owner": {name: kind.owner(name) for name in fields},
        "conflict": {name: kind.on_conflict(name) for name in fields},
        "schema": {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": kind.name,
            "type": "object",
            "properties": {
                name: _describe_field(facts, null=bool(columns[name].nullable)) for name, facts in fields.items()
            },
            "required": required,
            "additionalProperties": False,
        },
    }


def _describe_field(facts: FieldKind, *, null: bool) -> dict[str, Any]:
    shape = dict(_SHAPES[facts.kind])
    if facts.kind == TEXT and facts.max_length is not None:
        shape["maxLength"] = facts.max_length
    if facts.low is not None:
        shape["minimum"] = int(facts.low) if facts.kind == WHOLE else facts.low
    if facts.high is not None:
        shape["maximum"] = int(facts.high) if facts.kind == WHOLE else facts.high
    if facts.code_list is not None:
        codes = [item.code for item in code_list(facts.code_list)]
        if facts.kind == LIST:
            shape["items"] = {"type": "string", "enum": codes}
        else:
            shape["enum"] = [*codes, None] if null else codes
        shape["x-code-list"] = facts.code_list
    if null and "type" in shape:
        shape["type"] = [shape["type"], "null"]
    return shape
