"""The wire: versions, limits, what an operation looks like, and how a batch of them is read (docs/protocol.md)."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NoReturn

import msgspec

from app.models.wire import storable

PROTOCOL_MIN, PROTOCOL_MAX = 1, 1

SCHEMA_OLDEST, SCHEMA_NEWEST = 1, 7
"""Operation schemas that the server reads. All of them read alike so far; a client states the one it writes."""

MAX_OPS = 500
MAX_BODY = 2 * 1024 * 1024
"""Longest push before compression, in bytes."""

PULL_LIMIT, PULL_MAX = 500, 2000
MAX_FEEDS = 100
"""Of so many feeds the digests may be asked for at once."""
MAX_DEPTH = 32
MAX_SEQ = 2**53 - 1

APPLIED, MERGED, CONFLICT, REFUSED = "applied", "merged", "conflict", "refused"
BUILDS_ON_REFUSED = "builds_on_refused"
DISTRICT_DEVICE = "district"
DISTRICT_ACT = "district.decide"

_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,35}\Z")


class MalformedError(ValueError):
    """What arrived is not of the protocol; ``where`` points into it."""

    def __init__(self, where: str, text: str) -> None:
        super().__init__(f"{where}: {text}")
        self.where = where
        self.text = text


@dataclass(slots=True)
class WireEdit:
    """One record's changes: ``changes`` = {field: (old, new)}, ``base`` = the revision the device had.

    Not frozen, for the setting of each field would cost more than the reading; nobody changes it.
    """

    type: str
    id: str
    base: int
    changes: Mapping[str, Sequence[Any]]


@dataclass(slots=True)
class WireOp:
    """One operation as it arrived. ``problem``: (code, field) of a value that makes the server refuse it."""

    op: str
    seq: int
    device: str | None
    act: str
    actor: str | None
    made_at: str
    reason: str | None
    schema: int
    edits: tuple[WireEdit, ...]
    problem: tuple[str, str] | None = None


class Entry(msgspec.Struct, frozen=True, dict=True):
    """One entry of a feed as a pull brings it: the whole record after one operation.

    ``sparse``: a field of the type that ``values`` does not name is empty; without it nothing is said of such a field.
    What was worked out of it once stands in its ``__dict__`` (app/sync/working_out.py).
    """

    feed: str
    seq: int
    op: str
    act: str
    actor: str | None
    made_at: datetime
    type: str
    id: str
    rev: int
    values: Mapping[str, Any]
    device: str = ""
    removed: bool = False
    sparse: bool = False


@dataclass(frozen=True)
class Page:
    """One answer to a pull."""

    entries: tuple[Entry, ...]
    cursors: Mapping[str, int]
    heads: Mapping[str, int]
    more: bool


@dataclass(frozen=True)
class SnapshotPage:
    """One page of a feed's snapshot: records as they stand. ``after``: what to ask from next, also by pull."""

    feed: str
    epoch: str
    entries: tuple[Entry, ...]
    after: int
    head: int
    total: int
    more: bool


@dataclass(frozen=True)
class Result:
    """The server's answer to one operation. ``records``: (type, id, rev, values) as they stand after it.

    ``values`` are None where a brief answer leaves them out: all that was sent stands.
    """

    op: str
    outcome: str
    code: str | None = None
    text: str | None = None
    field: str | None = None
    records: tuple[tuple[str, str, int, Mapping[str, Any] | None], ...] = ()


_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def dumps(value: Any) -> str:
    """Return compact JSON."""
    return _ENCODE(value)


def loads(body: bytes) -> Any:
    """Read JSON strictly: UTF-8, no NaN or infinity.

    Raises:
        MalformedError: it is none.
    """
    try:
        return json.loads(body.decode("utf-8"), parse_constant=_no_constant, parse_float=_finite)
    except RecursionError:
        raise MalformedError("body", "nested too deeply") from None
    except ValueError as problem:
        raise MalformedError("body", f"not JSON: {str(problem)[:120]}") from None


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number of JSON")


def _finite(text: str) -> float:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise ValueError("number too large")
    return value


def digest_of(records: Iterable[tuple[str, str, int]]) -> int:
    """Return the XOR over (type, id, rev) of the first eight bytes of SHA-256 of ``type|id|rev``."""
    total, sha256, whole = 0, hashlib.sha256, int.from_bytes
    for kind, record_id, rev in records:
        total ^= whole(sha256(f"{kind}|{record_id}|{rev}".encode()).digest()[:8], "big")
    return total


def hex_digest(value: int) -> str:
    """Return a digest as 16 hexadecimal digits."""
    return f"{value:016x}"


def is_id(value: Any) -> bool:
    """Tell whether a value may be the id of a record, an operation or a device: 1 to 36 letters, digits, ``-._``."""
    return isinstance(value, str) and _ID.match(value) is not None


def base_of_earlier_life(base: int, changes: Mapping[str, Sequence[Any]]) -> int:
    """Return the base of an edit made in an earlier life of the district: its old values count, not its revision.

    One that makes its record has none and needs none.
    """
    return MAX_SEQ if base > 0 or any(old is not None for old, _new in changes.values()) else base


def clean_text(value: Any, limit: int) -> bool:
    """Tell whether a value is text that every database can keep, of at most ``limit`` characters."""
    return isinstance(value, str) and len(value) <= limit and storable(value)


def parse_push(body: Any) -> tuple[str, tuple[WireOp, ...]]:
    """Return epoch and operations of a push; nothing of it is applied when its frame is wrong.

    Raises:
        MalformedError: the frame of the batch or of an operation is wrong.
    """
    if not isinstance(body, dict):
        raise MalformedError("body", "must be an object")
    epoch, ops = body.get("epoch"), body.get("ops")
    if not isinstance(epoch, str):
        raise MalformedError("epoch", "must be text")
    if not isinstance(ops, list):
        raise MalformedError("ops", "must be a list")
    return epoch, tuple(parse_op(item, f"ops[{n}]") for n, item in enumerate(ops))


def parse_op(item: Any, where: str) -> WireOp:
    """Read one operation.

    Raises:
        MalformedError: its frame is wrong.
    """
    if not isinstance(item, dict):
        raise MalformedError(where, "must be an object")
    op: Any = item.get("op")
    seq: Any = item.get("seq")
    edits = item.get("edits")
    if not is_id(op):
        raise MalformedError(f"{where}.op", "must be an id of 1 to 36 characters")
    if not _whole(seq, 1):
        raise MalformedError(f"{where}.seq", "must be a whole number from 1")
    schema = item.get("schema", SCHEMA_OLDEST)
    if not _whole(schema, 1):
        raise MalformedError(f"{where}.schema", "must be a whole number from 1")
    if not isinstance(edits, list):
        raise MalformedError(f"{where}.edits", "must be a list")
    device = item.get("device")
    if device is not None and not is_id(device):
        raise MalformedError(f"{where}.device", "must be an id")
    read = tuple(_parse_edit(edit, f"{where}.edits[{n}]") for n, edit in enumerate(edits))
    problem = _heading_problem(item)
    if problem is not None:
        return WireOp(op, seq, device, "", None, "", None, schema, read, problem)
    return WireOp(
        op, seq, device, item["act"], item.get("actor"), item["made_at"], item.get("reason"), schema, read
    )  # fmt: skip


def _heading_problem(item: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return code and name of the first text of an operation that is not what it should be."""
    for name, limit, optional in _OP_TEXTS:
        value = item.get(name)
        if (value is None and optional) or clean_text(value, limit):
            continue
        return ("too_long" if isinstance(value, str) and len(value) > limit else "wrong_kind"), name
    return None if is_instant(item["made_at"]) else ("impossible_date", "made_at")


_OP_TEXTS = (("act", 60, False), ("actor", 36, True), ("made_at", 40, False), ("reason", 200, True))


def _parse_edit(item: Any, where: str) -> WireEdit:
    if not isinstance(item, dict):
        raise MalformedError(where, "must be an object")
    kind, record_id, base, changes = item.get("type"), item.get("id"), item.get("base", 0), item.get("set")
    if not isinstance(kind, str):
        raise MalformedError(f"{where}.type", "must be text")
    if not isinstance(record_id, str):
        raise MalformedError(f"{where}.id", "must be text")
    if not _whole(base, 0):
        raise MalformedError(f"{where}.base", "must be a whole number from 0")
    if not isinstance(changes, dict):
        raise MalformedError(f"{where}.set", "must be an object")
    for pair in changes.values():
        if not isinstance(pair, list) or len(pair) != 2:
            raise MalformedError(f"{where}.set", "each field must be [old, new]")
    return WireEdit(kind, record_id, base, changes)


def _whole(value: Any, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= MAX_SEQ


def is_instant(value: str) -> bool:
    """Tell whether a text is an instant with its offset."""
    try:
        return datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


def safe_json(value: Any) -> bool:
    """Tell whether a value can be kept as JSON by every database: not too deep, no NUL, no half characters."""
    waiting: list[tuple[Any, int]] = [(value, 0)]
    while waiting:
        item, depth = waiting.pop()
        if isinstance(item, str):
            if not clean_text(item, MAX_BODY):
                return False
        elif isinstance(item, list | dict):
            if depth >= MAX_DEPTH:
                return False
            inner = item.values() if isinstance(item, dict) else item
            waiting.extend((each, depth + 1) for each in inner)
            if isinstance(item, dict):
                waiting.extend((key, depth + 1) for key in item)
        elif isinstance(item, int) and abs(item) > MAX_SEQ:
            return False
    return True


def read_instant(value: Any) -> datetime:
    """Return an instant as aware UTC, held inside the years that Python knows; never a reason to fail."""
    try:
        moment = datetime.fromisoformat(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        return datetime(1970, 1, 1, tzinfo=UTC)


def parse_page(body: Any) -> Page:
    """Read an answer to a pull.

    Raises:
        MalformedError: it is not of the protocol.
    """
    try:
        entries = tuple(_entry(item) for item in body["entries"])
        cursors = {str(name): int(seq) for name, seq in body["cursors"].items()}
        heads = {str(name): int(seq) for name, seq in body["heads"].items()}
        return Page(entries, cursors, heads, bool(body["more"]))
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        raise MalformedError("pull", f"{type(problem).__name__}: {problem}") from None


def _entry(item: Mapping[str, Any]) -> Entry:
    return Entry(
        feed=str(item["feed"]),
        seq=int(item["seq"]),
        op=str(item["op"]),
        act=str(item["act"]),
        actor=item.get("actor"),
        made_at=read_instant(item.get("made_at")),
        type=str(item["type"]),
        id=str(item["id"]),
        rev=int(item["rev"]),
        values=dict(item.get("values") or {}),
        device=str(item.get("device") or ""),
        removed=bool(item.get("removed", False)),
        sparse=bool(item.get("sparse", False)),
    )


def parse_snapshot(body: bytes) -> SnapshotPage:
    """Read a page of a snapshot: a line for each record and a closing one, without which it was cut off.

    Raises:
        MalformedError: it is not of the protocol, or not whole.
    """
    try:
        *records, end = [json.loads(line) for line in body.decode("utf-8").split("\n") if line]
        if end.get("end") is not True:
            raise MalformedError("snapshot", "cut off")
        facts = {name: int(end[name]) for name in ("after", "head", "total")}
        entries = tuple(_entry(item) for item in records)
        return SnapshotPage(str(end["feed"]), str(end["epoch"]), entries, more=bool(end["more"]), **facts)
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        raise MalformedError("snapshot", f"{type(problem).__name__}: {problem}") from None


def parse_results(body: Any) -> tuple[Result, ...]:
    """Read the results of a push.

    Raises:
        MalformedError: they are not of the protocol.
    """
    try:
        return tuple(
            Result(
                op=str(item["op"]),
                outcome=str(item["outcome"]),
                code=item.get("code"),
                text=item.get("text"),
                field=item.get("field"),
                records=tuple(
                    (
                        str(each["type"]),
                        str(each["id"]),
                        int(each["rev"]),
                        dict(each["values"]) if "values" in each else None,
                    )
                    for each in item.get("records") or ()
                ),
            )
            for item in body["results"]
        )
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        raise MalformedError("push", f"{type(problem).__name__}: {problem}") from None
