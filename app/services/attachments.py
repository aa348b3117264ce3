"""Attachments of this counter: kept in the encrypted file in pieces, known by the SHA-256 of their content.

A record names an attachment by its hash and goes its own way; the content follows when the line allows
(app/sync/blobs.py), and is wanted here when a record that came names one that is not here yet.
"""

import hashlib
import io
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import delete, func, insert, select, update
from sqlmodel import col

from app import clock
from app.db.transaction import Transaction
from app.errors import InvalidInputError, NotFoundError
from app.models.blob import HERE, MAX_BLOB, MAX_PIECE, SENDING, SENT, WANTED, Blob, BlobPiece, piece_key
from app.texts import _

Content = bytes | Path | BinaryIO


@dataclass(frozen=True)
class BlobState:
    """How far an attachment got: ``state`` as in models/blob.py, ``have`` of ``size`` bytes here; size 0: not known."""

    sha256: str
    feed: str
    state: str
    have: int
    size: int

    @property
    def complete(self) -> bool:
        """It can be read here."""
        return self.state != WANTED


def keep_blob(tx: Transaction, content: Content, feed: str) -> str:
    """Keep an attachment of a feed, to be sent when the line allows; return its hash.

    ``content``: bytes, a file, or an open file that can be read twice; it is never whole in memory.

    Raises:
        InvalidInputError: it is empty, too long, or changed while it was read.
    """
    with _opened(content) as stream:
        sha256, size = _measure(stream)
        known = tx.session.get(Blob, (sha256, feed))
        if known is not None and known.state != WANTED:
            return sha256
        if known is None:
            known = Blob(sha256=sha256, feed=feed, size=size, made_at=clock.now(), made_by=tx.actor_id)
            tx.session.add(known)
        _forget_pieces(tx, sha256, feed)
        stream.seek(0)
        if _store(tx, stream, piece_key(sha256, feed)) != sha256:
            raise InvalidInputError({"file": _("附件在读的时候变了，没有存。请关掉别的程序再试")})
        known.size, known.have, known.state = size, size, HERE
        tx.flush()
    return sha256


def _opened(content: Content) -> "nullcontext[BinaryIO] | BinaryIO":
    if isinstance(content, bytes):
        return io.BytesIO(content)
    return content.open("rb") if isinstance(content, Path) else nullcontext(content)


def _measure(stream: BinaryIO) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    stream.seek(0)
    while piece := stream.read(MAX_PIECE):
        digest.update(piece)
        size += len(piece)
        if size > MAX_BLOB:
            raise InvalidInputError({"file": _("附件太大了，最多 {n} MB，请缩小了再放", n=MAX_BLOB // 1024 // 1024)})
    if not size:
        raise InvalidInputError({"file": _("附件是空的，没有存")})
    return digest.hexdigest(), size


def _store(tx: Transaction, stream: BinaryIO, key: str) -> str:
    digest, start = hashlib.sha256(), 0
    connection = tx.session.connection()
    while piece := stream.read(MAX_PIECE):
        connection.execute(insert(BlobPiece), {"sha256": key, "start": start, "content": piece})
        digest.update(piece)
        start += len(piece)
    return digest.hexdigest()


def want_blob(tx: Transaction, sha256: str, feed: str, *, size: int = 0) -> None:
    """Note that an attachment of a feed is to be fetched; one that is here already is left as it is.

    ``size`` 0: not known; the district says it.

    Raises:
        InvalidInputError: that is no hash of an attachment.
    """
    if len(sha256) != 64 or set(sha256) - set("0123456789abcdef"):
        raise InvalidInputError({"sha256": _("附件的编号不对：{sha256}", sha256=sha256[:70])})
    if tx.session.get(Blob, (sha256, feed)) is None:
        tx.session.add(
            Blob(sha256=sha256, feed=feed, size=size, state=WANTED, made_at=clock.now(), made_by=tx.actor_id)
        )
        tx.flush()


def read_blob(tx: Transaction, sha256: str) -> Iterator[bytes]:
    """Yield an attachment's content piece by piece, from whichever feed has it here.

    Raises:
        NotFoundError: it is not here, or not whole yet.
    """
    rows = tx.rows(select(col(Blob.feed)).where(col(Blob.sha256) == sha256, col(Blob.state) != WANTED))
    if not rows:
        raise NotFoundError(_("附件还没有收到这台电脑上，联网后自动取"), code="blob.not_here")
    return _pieces(tx, piece_key(sha256, rows[0].feed))


def _pieces(tx: Transaction, key: str) -> Iterator[bytes]:
    start = 0
    while content := stored_piece(tx, key, start):
        yield content
        start += len(content)


def stored_piece(tx: Transaction, key: str, start: int) -> bytes:
    """Return the bytes from ``start`` to the end of the stored piece they lie in; nothing behind the last."""
    query = (
        select(col(BlobPiece.start), col(BlobPiece.content))
        .where(col(BlobPiece.sha256) == key, col(BlobPiece.start) <= start)
        .order_by(col(BlobPiece.start).desc())
        .limit(1)
    )
    for row in tx.rows(query):
        return bytes(row.content[start - row.start :])
    return b""


def blob_states(tx: Transaction, hashes: Iterable[str]) -> dict[str, BlobState]:
    """Return how far each attachment got; what nobody kept or wanted here is left out. The best of several feeds."""
    found: dict[str, BlobState] = {}
    rank = (WANTED, HERE, SENDING, SENT)
    for start in range(0, len(wanted := sorted(set(hashes))), 400):
        query = select(Blob).where(col(Blob.sha256).in_(wanted[start : start + 400]))
        for row in tx.session.scalars(query):
            known = found.get(row.sha256)
            if known is None or rank.index(row.state) > rank.index(known.state):
                found[row.sha256] = BlobState(row.sha256, row.feed, row.state, row.have, row.size)
    return found


def waiting_blobs(tx: Transaction) -> tuple[int, int]:
    """Return how many attachments wait to be sent, and how many to be fetched."""
    query = select(col(Blob.state), func.count()).group_by(col(Blob.state))
    counts: dict[str, int] = dict(tx.rows(query))
    return counts.get(HERE, 0) + counts.get(SENDING, 0), counts.get(WANTED, 0)


def _forget_pieces(tx: Transaction, sha256: str, feed: str) -> None:
    tx.session.connection().execute(delete(BlobPiece).where(col(BlobPiece.sha256) == piece_key(sha256, feed)))


def drop_blobs(tx: Transaction, keys: Iterable[tuple[str, str]]) -> None:
    """Forget attachments by hash and feed: those that were kept for a record that did not come to be."""
    for sha256, feed in keys:
        if (row := tx.session.get(Blob, (sha256, feed))) is not None:
            _forget_pieces(tx, sha256, feed)
            tx.session.delete(row)
    tx.flush()


# What the sync does with them


def add_piece(tx: Transaction, blob: Blob, content: bytes, size: int) -> bool | None:
    """Put fetched bytes behind those that are here; tell whether the whole has its hash, None while it is not whole.

    One that has not is forgotten, to be fetched anew.
    """
    key = piece_key(blob.sha256, blob.feed)
    tx.session.connection().execute(insert(BlobPiece), {"sha256": key, "start": blob.have, "content": content})
    blob.size, blob.have = size, blob.have + len(content)
    tx.flush()
    if blob.have < size:
        return None
    digest = hashlib.sha256()
    for piece in _pieces(tx, key):
        digest.update(piece)
    if digest.hexdigest() == blob.sha256:
        blob.state = SENT
    else:
        restart(tx, blob)
    tx.flush()
    return blob.state == SENT


def restart(tx: Transaction, blob: Blob) -> None:
    """Forget what was fetched so far."""
    _forget_pieces(tx, blob.sha256, blob.feed)
    blob.have = 0


def offer_again(tx: Transaction) -> None:
    """Let every attachment be offered again: the district lives another life, and may lack what it had."""
    tx.session.connection().execute(update(Blob).where(col(Blob.state).in_((SENT, SENDING))).values(state=HERE))
    tx.session.expire_all()


def leave_blobs(tx: Transaction, feed: str) -> None:
    """Take a feed's attachments from this device, but for those that were not sent."""
    for row in tx.session.scalars(
        select(Blob).where(col(Blob.feed) == feed, col(Blob.state).in_((WANTED, SENT)))
    ).all():
        _forget_pieces(tx, row.sha256, row.feed)
        tx.session.delete(row)
    tx.flush()
