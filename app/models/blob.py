"""Attachments by their SHA-256, in pieces, on the counter and on the district alike.

They travel apart from records and after them: a record names a blob by its hash and never waits for it.
"""

import hashlib
from datetime import datetime

from sqlalchemy import BigInteger, Column, LargeBinary
from sqlmodel import Field, SQLModel

WANTED, HERE, SENDING, SENT = "wanted", "here", "sending", "sent"
"""On a counter: to be fetched; complete and to be sent; partly sent; complete on both sides."""

MAX_BLOB = 20 * 1024 * 1024
"""Longest attachment, in bytes."""

MAX_PIECE = 256 * 1024
"""Longest piece, in bytes, on the wire and in the tables."""


class Blob(SQLModel, table=True):
    """One attachment. ``have``: bytes that are here, from the start; ``size``: bytes of the whole.

    ``feed``: who may read it. ``state`` is the counter's; the district leaves it empty. ``made_at`` there: when the
    last piece of it came.
    """

    __tablename__ = "blob"

    sha256: str = Field(primary_key=True, max_length=64)
    feed: str = Field(primary_key=True, max_length=60)
    size: int = Field(sa_column=Column(BigInteger, nullable=False))
    have: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))
    state: str = Field(default="", max_length=10)
    made_by: str | None = Field(default=None, max_length=36)
    made_at: datetime = Field()


class BlobPiece(SQLModel, table=True):
    """A piece of a blob; pieces follow each other without a gap from ``start`` 0 on.

    ``sha256`` is the ``piece_key`` of the blob in its feed: each feed has its own bytes, also of equal content, so that
    nobody can spoil another feed's blob, or learn from how an upload goes that another feed has it.
    """

    __tablename__ = "blob_piece"

    sha256: str = Field(primary_key=True, max_length=64)
    start: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    content: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


def piece_key(sha256: str, feed: str) -> str:
    """Return under which key the pieces of a feed's blob lie."""
    return hashlib.sha256(f"{feed}|{sha256}".encode()).hexdigest()
