"""A word from the district that another station has a file of the same person; nothing else of it is told."""

from datetime import datetime
from typing import ClassVar

from sqlmodel import Field

from app.models.base import Draft, Record, ref_field, text_field


class DuplicateHintDraft(Draft):
    """已在某站登记. Written by the district alone, into the feed of each of the two stations.

    ``other_station``: code and name of the station that has the other file. ``state``: ``open``, or ``gone`` when the
    numbers are no longer the same or one of the files was deleted.
    """

    REQUIRED: ClassVar[frozenset[str]] = frozenset({"resident_id", "other_station", "state"})

    resident_id: str = ref_field(default=...)
    other_station: str = Field(max_length=12)
    other_name: str | None = text_field(60)
    since: datetime | None = Field(default=None)
    state: str = Field(default="open", max_length=10)


class DuplicateHint(DuplicateHintDraft, Record, table=True):
    """A duplicate hint's row."""

    __tablename__ = "duplicate_hint"
