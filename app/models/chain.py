"""What proves that a log was not rewritten: the chain over a computer's operations, and the heads the district has."""

from datetime import datetime

from sqlalchemy import BigInteger, Column, Index, Integer
from sqlmodel import Field, SQLModel


class OperationLink(SQLModel, table=True):
    """One operation of this device's in the chain, in the order in which they were made; ``number`` is dense from 0.

    A number of its own: ``seq`` and ``device`` of an operation may change when a counter was restored or joined again.
    Number 0 is the beginning: its ``op`` says how many operations were in the log before there was a chain.
    """

    __tablename__ = "operation_link"

    number: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    op: str = Field(max_length=36, unique=True)
    chain: str = Field(max_length=64)


class ChainHead(SQLModel, table=True):
    """District: a head of a device's log as the device told it, for ever; ``live``: it must still agree.

    What a restore of that counter, or a break that was noted, left behind is not live.
    """

    __tablename__ = "chain_head"
    __table_args__ = (Index("ix_chain_head_device_log", "device", "log"),)

    id: str = Field(primary_key=True, max_length=36)
    device: str = Field(max_length=36)
    log: str = Field(max_length=12)
    number: int = Field(sa_column=Column(BigInteger, nullable=False))
    chain: str = Field(max_length=64)
    told_at: datetime = Field()
    live: bool = Field(default=True)


class ChainBreak(SQLModel, table=True):
    """District: a head that did not follow from the earlier ones. ``first`` to ``last``: the lines it is about.

    ``kind``: ``changed`` (the same number, another hash), ``cut`` (lines are gone) or ``restored`` (the counter says
    that it was restored from a backup; ``token`` names that restore, which explains one break of each log).
    """

    __tablename__ = "chain_break"

    id: str = Field(primary_key=True, max_length=36)
    device: str = Field(max_length=36, index=True)
    log: str = Field(max_length=12)
    kind: str = Field(max_length=10)
    first: int = Field(sa_column=Column(BigInteger, nullable=False))
    last: int = Field(sa_column=Column(BigInteger, nullable=False))
    token: str | None = Field(default=None, max_length=60)
    noted_at: datetime = Field()
    settled_at: datetime | None = Field(default=None)
    settled_why: str | None = Field(default=None, max_length=200)
