"""What every record has, and how input becomes a record."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import cache, partial
from typing import Any, ClassVar, Self, TypeVar, cast

from pydantic import ValidationError, model_validator
from sqlalchemy import JSON
from sqlalchemy.orm.attributes import manager_of_class
from sqlmodel import Field, SQLModel

from app import clock
from app.errors import InvalidInputError
from app.models.codes import code_list
from app.texts import _

DraftT = TypeVar("DraftT", bound="Draft")

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}
SQLModel.metadata.naming_convention = NAMING

JSON_OR_NULL: Any = JSON(none_as_null=True)
"""A structured value that may be absent: then the column is empty, whoever writes it, and holds no JSON ``null``."""


def text_field(limit: int, *, default: Any = None, index: bool = False) -> Any:
    """Declare an optional text of at most ``limit`` characters."""
    return Field(default=default, max_length=limit, index=index)


def code_field(list_id: str, *, default: Any = None, index: bool = False) -> Any:
    """Declare a code of code list ``list_id`` (domain sheet, section 3). Codes are text."""
    return Field(default=default, max_length=16, index=index, sa_column_kwargs={"info": {"code_list": list_id}})


def codes_field(list_id: str) -> Any:
    """Declare several codes of one code list, kept in order."""
    return Field(default_factory=list, sa_type=JSON, sa_column_kwargs={"info": {"code_list": list_id}})


def json_field(*, default: Any = list) -> Any:
    """Declare a structured value; ``default`` makes the empty one (``list`` or ``dict``), ``None`` allows absence."""
    if default is None:
        return Field(default=None, sa_type=JSON_OR_NULL)
    return Field(default_factory=default, sa_type=JSON)


def ref_field(*, index: bool = True, default: Any = None) -> Any:
    """Declare the id of another record.

    No foreign key in the database: feeds arrive independently, a referral may come before its vacancy (ADR 0003).
    """
    return Field(default=default, max_length=36, index=index)


class Draft(SQLModel):
    """Validated input of one record; the table class inherits its columns.

    ``REQUIRED`` names the fields a complete form must fill (Req = R in domain sheet section 2). The table itself is
    laxer: an import keeps what its file has, and never invents the rest. ``DERIVED`` ones follow from others.
    """

    REQUIRED: ClassVar[frozenset[str]] = frozenset()
    DERIVED: ClassVar[frozenset[str]] = frozenset()

    @model_validator(mode="after")
    def _codes_are_listed(self) -> "Draft":
        for name, list_id in _coded_fields(type(self)):
            value = getattr(self, name, None)
            if value is None or value == "" or value == []:
                continue
            known = code_list(list_id)
            for code in value if isinstance(value, list) else [value]:
                if code not in known:
                    raise FieldError(name, _("代码表里没有“{code}”，请重选", code=code))
        return self


CODES_RULE = "_codes_are_listed"
"""The name of the rule that looks up codes: whoever has looked up each of them can leave it out."""


class FieldError(ValueError):
    """A pure rule on one row that a field breaks; parse_draft puts it at the field."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field
        self.text = text


class Record(SQLModel):
    """Columns of every synchronised record (domain sheet 2.0; sync columns give way to the operation log).

    ``rev`` is the server revision this device has seen, 0 while the server does not know the record.
    ``extra`` keeps fields of a newer server that this program does not know.
    """

    id: str = Field(default_factory=clock.new_id, primary_key=True, max_length=36)
    rec_no: str | None = text_field(24, index=True)
    region_code: str | None = text_field(12)
    station_code: str | None = text_field(12, index=True)
    grid_code: str | None = text_field(16)
    source_channel: str | None = code_field("CHANNEL")
    remark: str | None = text_field(500)
    created_by: str | None = text_field(36)
    created_at: datetime | None = Field(default=None)
    updated_by: str | None = text_field(36)
    updated_at: datetime | None = Field(default=None)
    deleted_at: datetime | None = Field(default=None)
    delete_reason: str | None = text_field(200)
    rev: int = Field(default=0)
    extra: dict[str, Any] = json_field(default=dict)

    @classmethod
    def from_draft(cls, draft: Draft) -> Self:
        """Build the row of an already validated draft, with a fresh id; nothing is validated a second time."""
        row = manager_of_class(cls).new_instance()
        values = row.__dict__
        for name, make_default in _columns_beyond(cls, type(draft)):
            values[name] = make_default()
        values.update(draft.__dict__)
        object.__setattr__(row, "__pydantic_fields_set__", set(values) - {"_sa_instance_state"})
        assert isinstance(row, cls)
        return row


LOCAL_FIELDS = frozenset({"id", "rev", "extra", "updated_by", "updated_at"})
"""Columns that never travel: they follow from the operation itself."""


@cache
def _columns_beyond(model: type[Record], draft: type[Draft]) -> tuple[tuple[str, Callable[[], Any]], ...]:
    """Return the fields of a table class that its draft does not fill, each with what makes its default."""
    beyond = ((name, info) for name, info in model.model_fields.items() if name not in draft.model_fields)
    # The factories take no argument; pydantic would look at their signatures for each row.
    return tuple((name, cast("Any", info.default_factory) or partial(_same, info.default)) for name, info in beyond)


def _same(value: Any) -> Any:
    return value


@cache
def _coded_fields(cls: type[Draft]) -> tuple[tuple[str, str], ...]:
    found = []
    for name, info in cls.model_fields.items():
        kwargs = getattr(info, "sa_column_kwargs", None)
        if isinstance(kwargs, Mapping) and "code_list" in kwargs.get("info", {}):
            found.append((name, kwargs["info"]["code_list"]))
    return tuple(found)


def parse_draft(cls: type[DraftT], values: Mapping[str, Any], *, complete: bool = True) -> DraftT:
    """Build a draft from what was typed; ``complete`` also demands the fields of ``REQUIRED``.

    Empty strings count as not filled in.

    Raises:
        InvalidInputError: a sentence for each field that is wrong or missing.
    """
    cleaned = {name: value for name, value in values.items() if value is not None and value != ""}
    errors: dict[str, str] = {}
    draft: DraftT | None = None
    try:
        draft = cls.model_validate(cleaned)
    except ValidationError as problem:
        for item in problem.errors():
            field, text = _sentence(dict(item))
            errors.setdefault(field, text)
    if complete:
        for name in cls.REQUIRED if draft is not None else cls.REQUIRED - cls.DERIVED:
            value = cleaned.get(name) if draft is None else getattr(draft, name)
            if name not in errors and value in (None, "", []):
                errors[name] = _("这一栏要填")
    if errors or draft is None:
        raise InvalidInputError(errors)
    return draft


def _sentence(item: dict[str, Any]) -> tuple[str, str]:
    """Return field and sentence of one pydantic error."""
    cause = item.get("ctx", {}).get("error")
    if isinstance(cause, FieldError):
        return cause.field, cause.text
    field = str(item["loc"][0]) if item["loc"] else ""
    kind, context = item["type"], item.get("ctx", {})
    if kind == "missing":
        return field, _("这一栏要填")
    if kind == "string_too_long":
        return field, _("太长了：最多 {n} 个字", n=context["max_length"])
    if kind.startswith(("date", "datetime")):
        return field, _("日期不对，请按 年-月-日 填，比如 2026-11-24")
    if kind.startswith(("int", "float", "decimal")):
        return field, _("这里要填数字")
    if kind in ("greater_than_equal", "greater_than"):
        return field, _("数字太小：至少 {n}", n=context.get("ge", context.get("gt")))
    if kind in ("less_than_equal", "less_than"):
        return field, _("数字太大：最多 {n}", n=context.get("le", context.get("lt")))
    if cause is not None:
        return field, str(cause)
    return field, _("这一栏填得不对")


def month_after(day: date, months: int) -> date:
    """Return the same day ``months`` later, or that month's last day."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, min(day.day, last))
        except ValueError:
            continue
    raise AssertionError("unreachable")
