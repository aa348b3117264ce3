"""Reads the body of a push: in one go where all of it is as usual, else the long way, which alone finds what is wrong.

The quick reader takes less than the long one, and what it takes it reads alike (tests/district/test_reading.py).
"""

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from app.sync.protocol import MAX_SEQ, SCHEMA_OLDEST, WireEdit, WireOp, is_id, is_instant, loads, parse_push

_Number = Annotated[int, Meta(ge=1, le=MAX_SEQ)]
_NUL = b"\\u0000"


class _Edit(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    type: str
    id: str
    set: dict[str, tuple[Any, Any]]
    base: Annotated[int, Meta(ge=0, le=MAX_SEQ)] = 0


class _Op(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    op: str
    seq: _Number
    act: Annotated[str, Meta(max_length=60)]
    made_at: Annotated[str, Meta(max_length=40)]
    edits: list[_Edit]
    device: str | None = None
    actor: Annotated[str, Meta(max_length=36)] | None = None
    reason: Annotated[str, Meta(max_length=200)] | None = None
    schema: _Number = SCHEMA_OLDEST


class _Push(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    epoch: str
    ops: list[_Op]
    brief: Any = None


_PUSH = msgspec.json.Decoder(_Push)


def read_push(content: bytes) -> tuple[str, tuple[WireOp, ...], bool]:
    """Return epoch and operations of a push, and whether a brief answer is wanted.

    Raises:
        MalformedError: it is not JSON, or the frame of the batch or of an operation is wrong.
    """
    return _read_quickly(content) or _read_thoroughly(content)


def _read_thoroughly(content: bytes) -> tuple[str, tuple[WireOp, ...], bool]:
    body = loads(content)
    epoch, ops = parse_push(body)
    return epoch, ops, body.get("brief") is True


def _read_quickly(content: bytes) -> tuple[str, tuple[WireOp, ...], bool] | None:
    """Return what a push says; None where anything of its frame is not as usual, or a text may hold a NUL."""
    if _NUL in content:
        return None
    try:
        push = _PUSH.decode(content)
    except (ValueError, RecursionError):
        return None
    if not all(is_id(op.op) and (op.device is None or is_id(op.device)) and is_instant(op.made_at) for op in push.ops):
        return None
    return push.epoch, tuple(map(_op, push.ops)), push.brief is True


def _op(item: _Op) -> WireOp:
    edits = tuple([WireEdit(edit.type, edit.id, edit.base, edit.set) for edit in item.edits])
    return WireOp(
        item.op, item.seq, item.device, item.act, item.actor, item.made_at, item.reason, item.schema, edits
    )  # fmt: skip
