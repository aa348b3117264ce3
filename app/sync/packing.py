"""Bodies packed with gzip or zstd, both ways. Unpacking is bounded: a small answer must not fill the memory."""

import gzip
import zlib
from typing import Protocol

import zstandard

from app.errors import ProtocolError
from app.sync.line import cut_off
from app.texts import _

PACK_FROM = 1024
"""Shorter bodies go as they are, in bytes."""

MAX_ANSWER = 64 * 1024 * 1024
"""Longest answer after unpacking, in bytes: many times what a district sends in one page."""

ACCEPTED = "zstd, gzip"
_PIECE = 256 * 1024
_WINDOW = 2**27


class Source(Protocol):
    """Where the bytes of an answer come from; ``read`` returns nothing at the end."""

    def read(self, size: int, /) -> bytes: ...  # noqa: D102


def pack(content: bytes, encoding: str) -> tuple[bytes, str | None]:
    """Return a body as it travels, and its ``Content-Encoding``; a short one stays as it is."""
    if len(content) < PACK_FROM:
        return content, None
    if encoding == "zstd":
        return zstandard.ZstdCompressor(level=1).compress(content), "zstd"
    return gzip.compress(content, compresslevel=1), "gzip"


def unpack(source: Source, encoding: str, *, most: int = MAX_ANSWER) -> bytes:
    """Read an answer to its end and unpack it.

    Raises:
        ProtocolError: it is longer than ``most``, or packed in a way nobody asked for.
        OfflineError: what came is damaged.
    """
    encoding = encoding.strip().lower()
    try:
        if encoding in ("", "identity"):
            return _read_all(source, most)
        if encoding in ("gzip", "x-gzip"):
            return _gunzip(source, most)
        if encoding == "zstd":
            reader = zstandard.ZstdDecompressor(max_window_size=_WINDOW).stream_reader(source)  # type: ignore[arg-type]
            return _read_all(reader, most)
    except (zlib.error, zstandard.ZstdError):
        raise cut_off() from None
    raise ProtocolError(_("区里的回答看不懂，请稍后再试"))


def _read_all(source: Source, most: int) -> bytes:
    body = bytearray()
    while piece := source.read(min(_PIECE, most + 1 - len(body))):
        body += piece
        if len(body) > most:
            raise _too_large()
    return bytes(body)


def _gunzip(source: Source, most: int) -> bytes:
    unpacker, body = zlib.decompressobj(wbits=31), bytearray()
    while piece := source.read(_PIECE):
        while piece and not unpacker.eof:
            body += unpacker.decompress(piece, most + 1 - len(body))
            if len(body) > most:
                raise _too_large()
            piece = unpacker.unconsumed_tail
    if not unpacker.eof:
        raise cut_off()
    return bytes(body)


def _too_large() -> ProtocolError:
    return ProtocolError(_("区里的回答太长，没有收。请转站长告诉区里"), code="sync.answer_too_large")
