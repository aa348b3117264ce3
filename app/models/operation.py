"""The operation log: outbox, audit trail, undo information and unit of sync at once (docs/architecture.md).

On a counter it holds the device's own operations (``origin`` local) and what came by pull (``origin`` district).
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, ForeignKey, Index, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

SCHEMA = 1
"""Version of the operations' schema; a server accepts the last five."""

PENDING, APPLIED, MERGED, CONFLICT, PARKED, HELD, WITHDRAWN = (
    "pending",
    "applied",
    "merged",
    "conflict",
    "parked",
    "held",
    "withdrawn",
)
SEALED = "sealed"
"""Unsent when this device lost the feed it belongs to: kept and exportable, and sent if the feed comes back."""

UNSENT = (PENDING, PARKED, HELD)
"""States of an operation whose edits the district has not accepted."""

LOCAL, DISTRICT = "local", "district"


class Operation(SQLModel, table=True):
    """One act of one person: what the transaction that made its rows wrote beside them.

    ``seq`` is dense per device from 1 and absent for what came by pull without one. ``code``, ``text`` and ``field``
    are the district's answer when it refused. ``undoes`` names the operation that this one takes back.
    """

    __tablename__ = "operation"
    __table_args__ = (UniqueConstraint("device", "seq"), Index("ix_operation_state_seq", "state", "seq"))

    op: str = Field(primary_key=True, max_length=36)
    device: str = Field(max_length=36)
    seq: int | None = Field(default=None)
    act: str = Field(max_length=60)
    actor: str | None = Field(default=None, max_length=36)
    made_at: datetime = Field()
    reason: str | None = Field(default=None, max_length=200)
    schema_version: int = Field(default=SCHEMA)
    origin: str = Field(default=LOCAL, max_length=8)
    state: str = Field(default=PENDING, max_length=10)
    code: str | None = Field(default=None, max_length=60)
    text: str | None = Field(default=None, sa_column=Column(Text))
    field: str | None = Field(default=None, max_length=60)
    answered_at: datetime | None = Field(default=None)
    undoes: str | None = Field(default=None, max_length=36)


class OperationEdit(SQLModel, table=True):
    """What one operation did to one record: ``changes`` = {field: [old, new]} as on the wire.

    ``base`` is the revision known then. ``rev`` is the server revision that resulted, once known.
    """

    __tablename__ = "operation_edit"
    __table_args__ = (Index("ix_operation_edit_record", "record_type", "record_id"),)

    op: str = Field(sa_column=Column(Text, ForeignKey("operation.op"), primary_key=True))
    position: int = Field(primary_key=True)
    record_type: str = Field(max_length=40)
    record_id: str = Field(max_length=36)
    base: int = Field(default=0)
    changes: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    rev: int | None = Field(default=None)


class ServerRow(SQLModel, table=True):
    """What the district last said of a record that has unsent edits here: the ground they stand on."""

    __tablename__ = "server_row"

    record_type: str = Field(primary_key=True, max_length=40)
    record_id: str = Field(primary_key=True, max_length=36)
    rev: int = Field(default=0)
    fields: dict[str, Any] = Field(sa_column=Column("fields", JSON, nullable=False))


class Cursor(SQLModel, table=True):
    """How far a feed was pulled, and what the last comparison with the district said."""

    __tablename__ = "cursor"

    feed: str = Field(primary_key=True, max_length=60)
    seq: int = Field(default=0)
    head: int = Field(default=0)
    verified_at: datetime | None = Field(default=None)
    agreed: bool | None = Field(default=None)


class LocalState(SQLModel, table=True):
    """Facts of this device alone, by key: device id and number, district address and token, sync times, settings."""

    __tablename__ = "local_state"

    key: str = Field(primary_key=True, max_length=60)
    value: Any = Field(default=None, sa_column=Column(JSON))


class NumberCounter(SQLModel, table=True):
    """The last business number given out under a stem (domain sheet 2.0.1)."""

    __tablename__ = "number_counter"

    stem: str = Field(primary_key=True, max_length=24)
    last: int = Field(default=0)


class FormDraft(SQLModel, table=True):
    """A half-filled form, kept through a crash; only who typed it opens it again."""

    __tablename__ = "form_draft"

    staff_id: str = Field(primary_key=True, max_length=36)
    form: str = Field(primary_key=True, max_length=40)
    subject: str = Field(primary_key=True, max_length=60, default="")
    entered: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    saved_at: datetime = Field()


class ImportMap(SQLModel, table=True):
    """The column map that somebody confirmed for files with these headings."""

    __tablename__ = "import_map"

    signature: str = Field(primary_key=True, max_length=64)
    kind: str = Field(max_length=20)
    columns: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    saved_at: datetime = Field()
