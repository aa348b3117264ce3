"""A conflict: two devices changed one field of one record. A record for a person to settle, never a silent loss."""

from datetime import datetime
from typing import Any, ClassVar

from sqlmodel import Field

from app.models.base import JSON_OR_NULL, Draft, Record, json_field, ref_field, text_field


class ConflictDraft(Draft):
    """Both values with who, when and from which act.

    ``standing`` says which one the record shows: "ours" = the pushed one. ``ours`` and ``theirs``:
    {value, op, act, actor, device, made_at}; "theirs" came to the district first. Made by the district alone.
    Settled by a person: ``settled_value`` = {value: what was chosen}.
    """

    REQUIRED: ClassVar[frozenset[str]] = frozenset({"record_type", "record_id", "field", "state"})

    record_type: str = Field(max_length=40)
    record_id: str = ref_field(default=...)
    field: str = Field(max_length=60)
    ours: dict[str, Any] = json_field(default=dict)
    theirs: dict[str, Any] = json_field(default=dict)
    standing: str = Field(max_length=8)
    state: str = Field(default="open", max_length=10)
    settled_by: str | None = text_field(36)
    settled_at: datetime | None = Field(default=None)
    settled_value: Any = Field(default=None, sa_type=JSON_OR_NULL, nullable=True)


class Conflict(ConflictDraft, Record, table=True):
    """A conflict's row."""

    __tablename__ = "conflict"
