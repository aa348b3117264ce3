"""What came from another counter of the station by LAN or by file and the district has not confirmed yet."""

from datetime import datetime

from sqlalchemy import BigInteger, Column, Text
from sqlmodel import Field, SQLModel

WAITING, CONFIRMED, DROPPED = "waiting", "confirmed", "dropped"
"""Not known to the district as far as this device knows; came back by pull; the district did not take it."""


class NeighbourOp(SQLModel, table=True):
    """One operation of another device as that device sealed it, kept to be shown and passed on.

    ``body``: the operation as it goes to the district, a JSON text; ``proof``: that device's word for it.
    ``route``: ``lan`` or ``file``.
    """

    __tablename__ = "neighbour_op"

    op: str = Field(primary_key=True, max_length=36)
    device: str = Field(max_length=36, index=True)
    seq: int = Field(sa_column=Column(BigInteger, nullable=False))
    body: str = Field(sa_column=Column(Text, nullable=False))
    proof: str = Field(max_length=64)
    route: str = Field(max_length=8)
    state: str = Field(default=WAITING, max_length=10, index=True)
    received_at: datetime = Field()
