"""The chain over a computer's operations: what proves that its log was not rewritten (app/db/chain.py)."""

from sqlalchemy import Column, Integer
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
