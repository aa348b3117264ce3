"""Which feed each pulled record of a counter came by, and what it could not place."""

from typing import Any

from sqlalchemy import JSON, BigInteger, Column
from sqlmodel import Field, SQLModel


class FeedRecord(SQLModel, table=True):
    """A record that the district has and this device was told of.

    ``kept``: the values of a record whose type this program does not know yet; a newer one will place them.
    """

    __tablename__ = "feed_record"

    record_type: str = Field(primary_key=True, max_length=40)
    record_id: str = Field(primary_key=True, max_length=36)
    feed: str = Field(max_length=60, index=True)
    rev: int = Field(sa_column=Column(BigInteger, nullable=False))
    kept: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON))
