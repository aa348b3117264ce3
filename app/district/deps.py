"""What every endpoint needs: the store, the token, the body. Reading and unpacking of bodies is bounded."""

import zlib
from collections.abc import Callable
from typing import Annotated, Any

import zstandard
from fastapi import Depends, Request
from starlette.requests import ClientDisconnect

from app.district.problems import ProblemError
from app.district.store import DistrictStore
from app.sync.protocol import MAX_BODY, MalformedError, loads
from app.texts import _


async def get_store(request: Request) -> DistrictStore:
    """Return the server's database."""
    store: DistrictStore = request.app.state.store
    return store


async def get_token(request: Request) -> str | None:
    """Return the bearer token of a request, if it has one."""
    scheme, _space, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None


async def get_raw_body(request: Request) -> bytes:
    """Read a request's body as sent, up to the limit.

    Raises:
        ProblemError: 413, it is longer.
    """
    received = bytearray()
    try:
        async for piece in request.stream():
            received += piece
            if len(received) > MAX_BODY:
                raise ProblemError(413, "too_large", _("一次送得太多，最多 {n} 字节", n=MAX_BODY), limit=MAX_BODY)
    except ClientDisconnect:
        raise ProblemError(400, "cut_off", _("请求没有送完")) from None
    return bytes(received)


def unpacked(encoding: str, raw: bytes) -> bytes:
    """Return a body that is packed in this way, unpacked.

    Raises:
        ProblemError: 400, 413 or 415, it is not packed as it says, or too long.
    """
    unpack = _UNPACK.get(encoding)
    if unpack is None:
        raise ProblemError(415, "bad_encoding", _("不认识的压缩方式：{name}", name=encoding[:40]))
    try:
        body = unpack(raw)
    except (zlib.error, zstandard.ZstdError, EOFError):
        raise ProblemError(400, "bad_encoding", _("压缩的内容坏了")) from None
    if len(body) > MAX_BODY:
        raise ProblemError(413, "too_large", _("一次送得太多，最多 {n} 字节", n=MAX_BODY), limit=MAX_BODY)
    return body


def encoding_of(request: Request) -> str:
    """Return how a request's body is packed, as it says."""
    return request.headers.get("content-encoding", "identity").strip().lower()


def get_json(request: Request, raw: Annotated[bytes, Depends(get_raw_body)]) -> Any:
    """Return a request's body, unpacked and read.

    Raises:
        ProblemError: 400, 413 or 415, the body is not what it should be.
    """
    body = unpacked(encoding_of(request), raw)
    try:
        return loads(body)
    except MalformedError as problem:
        raise malformed(problem) from None


def malformed(problem: MalformedError) -> ProblemError:
    """Return the answer to a request that is not of the protocol."""
    where = problem.where[:80]
    return ProblemError(400, "malformed", _("请求的格式不对：{where}", where=f"{where}: {problem.text}"), field=where)


def _gunzip(raw: bytes) -> bytes:
    unpacker = zlib.decompressobj(wbits=31)
    body = unpacker.decompress(raw, MAX_BODY + 1)
    if len(body) <= MAX_BODY and not unpacker.eof:
        raise EOFError
    return body


def _unzstd(raw: bytes) -> bytes:
    with zstandard.ZstdDecompressor(max_window_size=2**27).stream_reader(raw) as reader:
        body = bytearray()
        while len(body) <= MAX_BODY:
            piece = reader.read(MAX_BODY + 1 - len(body))
            if not piece:
                break
            body += piece
    return bytes(body)


_UNPACK: dict[str, Callable[[bytes], bytes]] = {
    "identity": bytes,
    "": bytes,
    "gzip": _gunzip,
    "x-gzip": _gunzip,
    "zstd": _unzstd,
}

ENCODINGS = ("zstd", "gzip")
"""How requests may be packed; told by status."""

Store = Annotated[DistrictStore, Depends(get_store)]
Token = Annotated[str | None, Depends(get_token)]
Json = Annotated[Any, Depends(get_json)]
Raw = Annotated[bytes, Depends(get_raw_body)]
