"""Attachments by SHA-256: taken in pieces that follow each other, given out whole or from any byte on.

Each feed has its own bytes, whatever other feeds hold: an upload goes the same way whether or not the district has
equal content elsewhere. Nothing is held in memory but one piece.
"""

import hashlib
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import StreamingResponse
from starlette.requests import ClientDisconnect

from app import clock
from app.db.inserts import table_of
from app.district import openapi
from app.district.accounts import Caller, identify
from app.district.deps import Store, Token, malformed
from app.district.problems import ProblemError, respond
from app.district.pull import check_feeds
from app.district.store import DistrictStore, insert_missing
from app.models.blob import MAX_BLOB, MAX_PIECE, Blob, BlobPiece, piece_key
from app.models.district import Device
from app.sync.protocol import MalformedError, dumps
from app.texts import _

router = APIRouter(prefix="/v1/blobs", tags=["attachments"])

QUOTA = 2 * 1024 * 1024 * 1024
"""How much a station's devices may keep here all in all, in bytes, unless the operator says otherwise."""

UNFINISHED = timedelta(days=7)
"""What was begun and got no piece for so long is dropped: its bytes, and its share of the quota. Whoever still has it
is told to begin anew."""

_HASH = re.compile(r"[0-9a-f]{64}\Z")
_CONTENT_RANGE = re.compile(r"bytes (\d{1,12})-(\d{1,12})/(\d{1,12})\Z")
_RANGE = re.compile(r"bytes=(\d{1,12})-(\d{0,12})\Z")


async def get_piece(request: Request) -> bytes:
    """Read a piece as sent, up to the limit.

    Raises:
        ProblemError: 413, it is longer; 415, it is packed.
    """
    if request.headers.get("content-encoding", "identity").strip().lower() not in ("identity", ""):
        raise ProblemError(415, "bad_encoding", _("附件不用压缩，请原样送"))
    received = bytearray()
    try:
        async for part in request.stream():
            received += part
            if len(received) > MAX_PIECE:
                raise ProblemError(413, "too_large", _("一片最多 {n} 字节", n=MAX_PIECE), limit=MAX_PIECE)
    except ClientDisconnect:
        raise ProblemError(400, "cut_off", _("请求没有送完")) from None
    return bytes(received)


Piece = Annotated[bytes, Depends(get_piece)]


@router.put("/{feed:path}/{sha256}", openapi_extra=openapi.PIECE, responses=openapi.PIECE_TAKEN)
def put_piece(request: Request, store: Store, token: Token, feed: str, sha256: str, piece: Piece) -> Response:
    """Take the next piece of an attachment; a repeated one changes nothing."""
    with store.read() as connection:
        _writer(connection, token, feed)
    start, size = _content_range(request, len(piece))
    _check_hash(sha256)
    quota: int = request.app.state.blob_quota
    with store.write() as connection:
        caller = _writer(connection, token, feed)
        have, problem = _take(connection, caller, (sha256, feed), start, size, piece, quota)
    if problem is not None:
        raise problem
    return respond(request, dumps({"feed": feed, "sha256": sha256, "size": size, "have": have}))


@router.head("/{feed:path}/{sha256}", responses=openapi.BLOB_FACTS)
def blob_facts(store: Store, token: Token, feed: str, sha256: str) -> Response:
    """Tell how much of an attachment is here, to whoever may send the rest; to others only of a whole one."""
    with store.read() as connection:
        row = _find(connection, token, feed, sha256, partial=True)
    return Response(None, 200, {**_headers(row), "Content-Length": str(row.size), "Upload-Offset": str(row.have)})


@router.get("/{feed:path}/{sha256}", responses=openapi.BLOB, response_class=StreamingResponse)
def get_blob(request: Request, store: Store, token: Token, feed: str, sha256: str) -> Response:
    """Give out an attachment, or what of it was asked for by ``Range``."""
    with store.read() as connection:
        row = _find(connection, token, feed, sha256, partial=False)
    wanted = _RANGE.match(request.headers.get("range", ""))
    first, last = (int(wanted[1]), int(wanted[2] or row.size - 1)) if wanted else (0, row.size - 1)
    last = min(last, row.size - 1)
    if first > last:
        problem = ProblemError(416, "range_not_there", _("附件没有那一段"), size=row.size)
        problem.headers["Content-Range"] = f"bytes */{row.size}"
        raise problem
    headers = {**_headers(row), "Content-Length": str(last - first + 1)}
    if wanted:
        headers["Content-Range"] = f"bytes {first}-{last}/{row.size}"
    content = _content(store, piece_key(sha256, feed), first, last)
    return StreamingResponse(content, 206 if wanted else 200, headers, "application/octet-stream")


def _writer(connection: sa.Connection, token: str | None, feed: str) -> Caller:
    caller = identify(connection, token)
    if feed not in caller.writable:
        text = _("这台电脑不能往这一路送附件：{feed}", feed=feed[:60])
        raise ProblemError(403, "not_your_feed", text, feed=feed[:60])
    return caller


def _find(connection: sa.Connection, token: str | None, feed: str, sha256: str, *, partial: bool) -> sa.Row[Any]:
    """Return a blob's row; ``partial``: also of one that is not whole, to whoever writes the feed."""
    caller = identify(connection, token)
    check_feeds(connection, caller, {feed: 0})
    _check_hash(sha256)
    blob = table_of(Blob)
    row = connection.execute(sa.select(blob).where(blob.c.sha256 == sha256, blob.c.feed == feed)).first()
    if row is None or (row.have < row.size and not (partial and feed in caller.writable)):
        raise ProblemError(404, "not_found", _("这一路没有这个附件，或者还没有送全"))
    return row


def _headers(row: sa.Row[Any]) -> dict[str, str]:
    return {"ETag": f'"{row.sha256}"', "Accept-Ranges": "bytes", "Cache-Control": "private, no-store"}


def _check_hash(sha256: str) -> None:
    if _HASH.match(sha256) is None:
        raise malformed(MalformedError("sha256", "must be 64 hexadecimal digits in lower case"))


def _content_range(request: Request, length: int) -> tuple[int, int]:
    """Return where a piece begins and how long the whole is."""
    found = _CONTENT_RANGE.match(request.headers.get("content-range", "").strip())
    if found is None:
        raise malformed(MalformedError("Content-Range", "must be: bytes first-last/size"))
    first, last, size = (int(part) for part in found.groups())
    if size > MAX_BLOB:
        raise ProblemError(413, "too_large", _("附件最多 {n} 字节", n=MAX_BLOB), limit=MAX_BLOB)
    if not first <= last < size or last - first + 1 != length:
        raise malformed(MalformedError("Content-Range", "does not fit the body"))
    return first, size


def _take(
    connection: sa.Connection, caller: Caller, key: tuple[str, str], start: int, size: int, piece: bytes, quota: int
) -> tuple[int, ProblemError | None]:
    """Put a piece behind those that are here; return how much is here now, and what was wrong.

    What is returned as wrong is answered after the transaction: what it discarded stays discarded.
    """
    row = _locked(connection, caller, key, size, quota)
    have = int(row.have)
    if row.size != size:
        if have == row.size:
            return have, ProblemError(409, "hash_wrong", _("附件的长度和编号对不上"))
        # Somebody began with another length: only one of the two can have this hash, so begin anew with this one.
        _check_quota(connection, caller, size - row.size, quota)
        _discard(connection, key)
        _note(connection, key, size=size, have=0)
        have = 0
    if start + len(piece) <= have:
        return have, None
    if start != have:
        return have, ProblemError(409, "piece_gap", _("请从第 {n} 字节送起", n=have), have=have)
    connection.execute(sa.insert(table_of(BlobPiece)), {"sha256": piece_key(*key), "start": start, "content": piece})
    have += len(piece)
    if have == size and _hash_of(connection, key) != key[0]:
        _discard(connection, key)
        _note(connection, key, size=size, have=0)
        return 0, ProblemError(409, "hash_wrong", _("附件的内容和编号对不上，已全部丢开，请从头送"), have=0)
    _note(connection, key, size=size, have=have)
    return have, None


def _locked(connection: sa.Connection, caller: Caller, key: tuple[str, str], size: int, quota: int) -> sa.Row[Any]:
    """Return the blob's row, made if it is new; other pieces of it wait."""
    blob = table_of(Blob)
    query = sa.select(blob).where(blob.c.sha256 == key[0], blob.c.feed == key[1]).with_for_update()
    row = connection.execute(query).first()
    if row is None:
        drop_unfinished(connection)
        _check_quota(connection, caller, size, quota)
        fresh = {"sha256": key[0], "feed": key[1], "size": size, "have": 0, "state": ""}
        insert_missing(connection, Blob, [{**fresh, "made_by": caller.id, "made_at": clock.now()}])
        row = connection.execute(query).one()
    return row


def _check_quota(connection: sa.Connection, caller: Caller, more: int, quota: int) -> None:
    blob, device = table_of(Blob), table_of(Device)
    used = connection.execute(
        sa.select(sa.func.coalesce(sa.func.sum(blob.c.size), 0))
        .join(device, device.c.id == blob.c.made_by)
        .where(device.c.station_code == caller.station_code)
    ).scalar_one()
    if int(used) + more > quota:
        text = _("本站的附件已经放满（最多 {n} MB），请联系区里", n=quota // 1024 // 1024)
        raise ProblemError(413, "quota_full", text, limit=quota)


def _note(connection: sa.Connection, key: tuple[str, str], *, size: int, have: int) -> None:
    blob = table_of(Blob)
    where = (blob.c.sha256 == key[0], blob.c.feed == key[1])
    connection.execute(sa.update(blob).where(*where).values(size=size, have=have, made_at=clock.now()))


def drop_unfinished(connection: sa.Connection) -> int:
    """Drop uploads that nobody goes on with; return how many. One that is under way at this moment stays."""
    blob = table_of(Blob)
    stale = sa.and_(blob.c.have < blob.c.size, blob.c.made_at < clock.now() - UNFINISHED)
    query = sa.select(blob.c.sha256, blob.c.feed).where(stale).with_for_update(skip_locked=True)
    rows = connection.execute(query).all()
    for row in rows:
        _discard(connection, (row.sha256, row.feed))
        connection.execute(sa.delete(blob).where(blob.c.sha256 == row.sha256, blob.c.feed == row.feed))
    return len(rows)


def _discard(connection: sa.Connection, key: tuple[str, str]) -> None:
    piece = table_of(BlobPiece)
    connection.execute(sa.delete(piece).where(piece.c.sha256 == piece_key(*key)))


def _hash_of(connection: sa.Connection, key: tuple[str, str]) -> str:
    digest, at = hashlib.sha256(), 0
    while content := _stored(connection, piece_key(*key), at):
        digest.update(content)
        at += len(content)
    return digest.hexdigest()


def _stored(connection: sa.Connection, key: str, at: int) -> bytes:
    """Return the bytes from ``at`` to the end of the piece that they lie in."""
    piece = table_of(BlobPiece)
    query = (
        sa.select(piece.c.start, piece.c.content)
        .where(piece.c.sha256 == key, piece.c.start <= at)
        .order_by(piece.c.start.desc())
        .limit(1)
    )
    row = connection.execute(query).first()
    return b"" if row is None else bytes(row.content[at - row.start :])


def _content(store: DistrictStore, key: str, first: int, last: int) -> Iterator[bytes]:
    """Yield bytes piece by piece; no transaction is open while the line takes one."""
    while first <= last:
        with store.read() as connection:
            content = _stored(connection, key, first)[: last - first + 1]
        if not content:
            return
        yield content
        first += len(content)
