"""Values as they travel: JSON of a record's fields, and the check of each against its kind.

Dates are ``YYYY-MM-DD``, instants ISO 8601 with an offset, money whole fen, codes text, lists and objects JSON.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from types import UnionType
from typing import Any, Union, get_args, get_origin

from annotated_types import Ge, Le
from pydantic_core import PydanticUndefined

from app.models.codes import code_list
from app.texts import _

TEXT, WHOLE, NUMBER, TRUTH, DAY, INSTANT, LIST, OBJECT, ANY = (
    "text",
    "whole",
    "number",
    "truth",
    "day",
    "instant",
    "list",
    "object",
    "any",
)

_KINDS: dict[Any, str] = {
    str: TEXT,
    int: WHOLE,
    float: NUMBER,
    bool: TRUTH,
    date: DAY,
    datetime: INSTANT,
    list: LIST,
    dict: OBJECT,
}

MAX_JSON = 20_000
"""Longest structured value, in characters of JSON."""

MAX_WHOLE = 2**53 - 1


@dataclass(frozen=True)
class FieldKind:
    """What a field may hold. ``required``: must be given when the record is made, and never emptied."""

    name: str
    kind: str
    max_length: int | None
    code_list: str | None
    required: bool
    low: float | None = None
    high: float | None = None


@cache
def kinds_of(model: type[Any]) -> Mapping[str, FieldKind]:
    """Return the kind of each column of a table class, by name."""
    found: dict[str, FieldKind] = {}
    for name, info in model.model_fields.items():
        annotation, optional = _bare(info.annotation)
        column = model.__table__.c[name]
        low, high = _bounds(info.metadata)
        limit = getattr(info, "max_length", None) or getattr(column.type, "length", None)
        found[name] = FieldKind(
            name=name,
            kind=_KINDS.get(annotation, ANY),
            max_length=limit,
            code_list=column.info.get("code_list"),
            required=not optional and info.default is PydanticUndefined and info.default_factory is None,
            low=low,
            high=high,
        )
    return found


def _bare(annotation: Any) -> tuple[Any, bool]:
    """Return the type without ``| None`` and without its parameters, and whether None is allowed."""
    if get_origin(annotation) in (Union, UnionType):
        inner = [part for part in get_args(annotation) if part is not type(None)]
        return _bare(inner[0])[0], len(inner) < len(get_args(annotation))
    if annotation is Any:
        return Any, True
    return get_origin(annotation) or annotation, False


def _bounds(metadata: list[Any]) -> tuple[float | None, float | None]:
    low = next((float(str(item.ge)) for item in metadata if isinstance(item, Ge)), None)
    high = next((float(str(item.le)) for item in metadata if isinstance(item, Le)), None)
    return low, high


def to_wire(value: Any) -> Any:
    """Return a column's value as JSON."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    return value


def from_wire(kind: FieldKind, value: Any) -> Any:
    """Return a column's value from checked JSON."""
    if value is None:
        return None
    if kind.kind == DAY:
        return date.fromisoformat(value)
    if kind.kind == INSTANT:
        return datetime.fromisoformat(value).astimezone(UTC)
    if kind.kind == NUMBER:
        return float(value)
    return value


def check_wire(kind: FieldKind, value: Any) -> tuple[str, str] | None:
    """Check one JSON value against its field: ``(code, sentence)`` when it does not fit, else None."""
    if value is None:
        return ("required", _("这一栏不能空")) if kind.required else None
    problem = _CHECKS[kind.kind](kind, value)
    if problem is not None or kind.code_list is None:
        return problem
    known = code_list(kind.code_list)
    for code in value if isinstance(value, list) else [value]:
        if not isinstance(code, str) or code not in known:
            return "unknown_code", _("代码表里没有“{code}”，请重选", code=str(code)[:40])
    return None


def _check_text(kind: FieldKind, value: Any) -> tuple[str, str] | None:
    if not isinstance(value, str):
        return "wrong_kind", _("这里要填文字")
    if kind.max_length is not None and len(value) > kind.max_length:
        return "too_long", _("太长了：最多 {n} 个字", n=kind.max_length)
    return None if storable(value) else ("wrong_kind", _("文字里有不能保存的字符"))


def storable(value: str) -> bool:
    """Tell whether every database can keep this text: no NUL, no half characters."""
    if value.isascii():
        return "\x00" not in value
    try:
        return b"\x00" not in value.encode()
    except UnicodeEncodeError:
        return False


def _check_whole(kind: FieldKind, value: Any) -> tuple[str, str] | None:
    if isinstance(value, bool) or not isinstance(value, int):
        return "wrong_kind", _("这里要填整数")
    return _check_range(kind, value)


def _check_number(kind: FieldKind, value: Any) -> tuple[str, str] | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value or abs(value) == float("inf"):
        return "wrong_kind", _("这里要填数字")
    return _check_range(kind, value)


def _check_range(kind: FieldKind, value: float) -> tuple[str, str] | None:
    low = kind.low if kind.low is not None else -MAX_WHOLE
    high = kind.high if kind.high is not None else 2**31 - 1 if kind.kind == WHOLE else MAX_WHOLE
    if not max(low, -(2**31) if kind.kind == WHOLE else low) <= value <= high:
        return "out_of_range", _("数字超出范围")
    return None


def _check_truth(_kind: FieldKind, value: Any) -> tuple[str, str] | None:
    return None if isinstance(value, bool) else ("wrong_kind", _("这里要填是或否"))


def _check_day(_kind: FieldKind, value: Any) -> tuple[str, str] | None:
    if not isinstance(value, str):
        return "wrong_kind", _("这里要填日期")
    try:
        # Dashes at their places: the reader would also take 2026-W48-6, which nobody else reads.
        fits = len(value) == 10 and value[4] == value[7] == "-" and date.fromisoformat(value).year >= 1800
    except ValueError:
        fits = False
    return None if fits else ("impossible_date", _("没有这个日期，请按 年-月-日 填"))


def _check_instant(_kind: FieldKind, value: Any) -> tuple[str, str] | None:
    if not isinstance(value, str):
        return "wrong_kind", _("这里要填时间")
    try:
        moment = datetime.fromisoformat(value)
        fits = moment.tzinfo is not None and 1800 <= moment.astimezone(UTC).year <= 9998
    except (ValueError, OverflowError):
        fits = False
    return None if fits else ("impossible_date", _("没有这个时间，要带时区"))


def _check_list(_kind: FieldKind, value: Any) -> tuple[str, str] | None:
    if not isinstance(value, list):
        return "wrong_kind", _("这里要填列表")
    return _check_size(value)


def _check_object(_kind: FieldKind, value: Any) -> tuple[str, str] | None:
    if not isinstance(value, dict):
        return "wrong_kind", _("这里要填一组内容")
    return _check_size(value)


def _check_any(_kind: FieldKind, value: Any) -> tuple[str, str] | None:
    return _check_size(value)


def _check_size(value: Any) -> tuple[str, str] | None:
    text = repr(value)
    if len(text) > MAX_JSON:
        return "too_long", _("内容太长，最多 {n} 个字", n=MAX_JSON)
    if "\\x00" in text or "\\ud" in text.lower():
        return "wrong_kind", _("文字里有不能保存的字符")
    return None


_CHECKS = {
    TEXT: _check_text,
    WHOLE: _check_whole,
    NUMBER: _check_number,
    TRUTH: _check_truth,
    DAY: _check_day,
    INSTANT: _check_instant,
    LIST: _check_list,
    OBJECT: _check_object,
    ANY: _check_any,
}
