"""The close of a month: what a station's supervisor froze, when, and whether the month was opened again since.

One record is one close of one month of one station; a month that was opened again and closed once more has a second
record, of the next round. The rows themselves are attachments (models/blob.py); the record names them by their hashes.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from pydantic import model_validator
from sqlmodel import Field

from app.models.base import Draft, FieldError, Record, json_field, ref_field, text_field
from app.texts import _

CLOSED, REOPENED = "closed", "reopened"

_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
_HASH = re.compile(r"[0-9a-f]{64}")


class MonthCloseDraft(Draft):
    """月度结账. ``close_key``: station, month and round; the district gives each once.

    ``ledgers`` [{code, rows, corrections, sha256, blobs: [{sha256, size}]}]: ``sha256`` is that of the frozen rows,
    ``blobs`` are the attachments that hold them. ``figures`` [{code, numerator, denominator}], as counted at
    ``closed_at``. ``restated`` [{month, close_id, figures}]: the figures of earlier months that had changed by then.
    ``unit`` and ``closed_name`` are what the papers say, whatever is renamed later.
    """

    REQUIRED: ClassVar[frozenset[str]] = frozenset({"close_key", "month", "closed_by", "closed_at", "ledgers"})

    close_key: str = Field(max_length=40, index=True)
    month: str = Field(max_length=7, index=True)
    round: int = Field(default=1, ge=1, le=999)
    state: str = Field(default=CLOSED, max_length=10)
    unit: str | None = text_field(100)
    closed_by: str | None = ref_field(index=False)
    closed_name: str | None = text_field(60)
    closed_at: datetime = Field()
    ledgers: list[Any] = json_field()
    figures: list[Any] = json_field()
    restated: list[Any] = json_field()
    reopened_by: str | None = ref_field(index=False)
    reopened_name: str | None = text_field(60)
    reopened_at: datetime | None = Field(default=None)
    reopen_why: str | None = text_field(200)

    @model_validator(mode="after")
    def _rules(self) -> "MonthCloseDraft":
        if not _MONTH.fullmatch(self.month):
            raise FieldError("month", _("月份写成 2026-11 这样"))
        if self.state not in (CLOSED, REOPENED):
            raise FieldError("state", _("这一栏填得不对"))
        if self.state == REOPENED and not (self.reopen_why or "").strip():
            raise FieldError("reopen_why", _("重新打开要写原因"))
        if not self.close_key.endswith(f"/{self.month}/{self.round}"):
            raise FieldError("close_key", _("结账的编号和月份对不上"))
        if not all(_is_frozen(each) for each in self.ledgers):
            raise FieldError("ledgers", _("封存的台账写得不对"))
        return self


class MonthClose(MonthCloseDraft, Record, table=True):
    """A close's row."""

    __tablename__ = "month_close"


def close_key(station: str, month: str, number: int) -> str:
    """Return what only one close of the district may be called."""
    return f"{station}/{month}/{number}"


def blobs_of(values: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    """Yield hash and size of the attachments that a close's values name; what is no such thing is left out."""
    ledgers = values.get("ledgers")
    for each in ledgers if isinstance(ledgers, list) else ():
        blobs = each.get("blobs") if isinstance(each, Mapping) else None
        for blob in blobs if isinstance(blobs, list) else ():
            if _is_blob(blob):
                yield blob["sha256"], blob["size"]


def _is_frozen(each: Any) -> bool:
    if not isinstance(each, Mapping) or not isinstance(each.get("blobs"), Sequence):
        return False
    named = isinstance(each.get("code"), str) and _is_count(each.get("rows"))
    return named and _is_hash(each.get("sha256")) and all(map(_is_blob, each["blobs"]))


def _is_blob(blob: Any) -> bool:
    return isinstance(blob, Mapping) and _is_hash(blob.get("sha256")) and _is_count(blob.get("size"))


def _is_hash(value: Any) -> bool:
    return isinstance(value, str) and _HASH.fullmatch(value) is not None


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
