"""Stations, their staff, and the district's dated parameters."""

from datetime import date
from typing import Any, ClassVar

from sqlmodel import Field

from app.models.base import JSON_OR_NULL, Draft, Record, codes_field, json_field, text_field


class StationDraft(Draft):
    """A doorstep station (domain sheet 1.2, 2.24)."""

    REQUIRED: ClassVar[frozenset[str]] = frozenset({"name", "code", "county_code"})

    name: str = Field(max_length=60)
    code: str = Field(max_length=12, index=True)
    county_code: str = Field(max_length=6)
    street_name: str | None = text_field(40)
    community_name: str | None = text_field(40)
    address: str | None = text_field(100)
    phone: str | None = text_field(20)
    geo: dict[str, Any] | None = json_field(default=None)


class Station(StationDraft, Record, table=True):
    """A station's row."""

    __tablename__ = "station"


class StaffDraft(Draft):
    """A member of staff. PINs and keys never leave the PC: they live in its keyring."""

    REQUIRED: ClassVar[frozenset[str]] = frozenset({"name", "roles"})

    name: str = Field(max_length=50)
    staff_no: str | None = text_field(16)
    roles: list[str] = codes_field("ROLE")
    phone: str | None = text_field(20)
    active: bool = Field(default=True)


class Staff(StaffDraft, Record, table=True):
    """A member of staff's row."""

    __tablename__ = "staff"


class PolicyParamDraft(Draft):
    """A district rule with its dates and source (domain sheet 0.5 and 5): never a number in code."""

    REQUIRED: ClassVar[frozenset[str]] = frozenset({"key", "value", "effective_from"})

    key: str = Field(max_length=60, index=True)
    value: Any = Field(default=None, sa_type=JSON_OR_NULL, nullable=True)
    region: str | None = text_field(12)
    effective_from: date = Field()
    effective_to: date | None = Field(default=None)
    source_doc: str | None = text_field(200)


class PolicyParam(PolicyParamDraft, Record, table=True):
    """A district parameter's row."""

    __tablename__ = "policy_param"
