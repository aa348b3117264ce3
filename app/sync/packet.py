"""The file on a stick (``.dsp``): a heading in clear, then lines of JSON, packed and sealed piece by piece.

Memory stays flat however long it is. The number of each piece and whether it is the last are part of its seal: a file
that was cut off, reordered or changed anywhere does not open, and nothing of it is used. The heading tells station
and device, no person.
"""

import json
import os
import secrets
import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

import zstandard
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app import clock
from app.db.durable import sync_folder, translated
from app.errors import ExternalError
from app.models.wire import to_wire
from app.sync.lan_session import derive
from app.sync.protocol import dumps, loads
from app.texts import _

MAGIC, VERSION = b"\x93DSP\r\n\x1a\n", 1
PIECE = 64 * 1024
MAX_HEADING = 4096
MAX_LINE = 64 * 1024 * 1024
_START = struct.Struct(">8sHH")

TO_DISTRICT, ANSWER, TO_STATION = "district", "answer", "station"
"""From a counter to its district; the district's answer to that counter alone; from a counter to its neighbours."""


class PacketError(ExternalError):
    """The file is not one, not whole, or not for this computer; nothing of it was used."""

    code = "packet.damaged"


@dataclass(frozen=True)
class Heading:
    """What a file says in clear. ``device``: who made it, or whom it answers; ``key_number``: of the station's keys."""

    kind: str
    station: str
    key_number: int
    device: str
    packet: str
    salt: str
    made_at: str


def new_heading(kind: str, station: str, key_number: int, device: str) -> Heading:
    """Return the heading of a file about to be written."""
    return Heading(kind, station, key_number, device, clock.new_id(), secrets.token_hex(16), to_wire(clock.now()))


def write_packet(path: Path, heading: Heading, secret: bytes, lines: Iterable[str]) -> int:
    """Write a file in one step, or leave what was there; return its size.

    Raises:
        StorageError: the stick is full or cannot be written.
    """
    words = dumps(asdict(heading)).encode()
    start = _START.pack(MAGIC, VERSION, len(words)) + words
    with _replacing(path) as file:
        file.write(start)
        lock, number = AESGCM(derive(secret, "packet", bytes.fromhex(heading.salt))), 0
        before: bytes | None = None
        for piece in _pieces(lines):
            if before is not None:
                file.write(_sealed(lock, before, number, start, last=False))
                number += 1
            before = piece
        file.write(_sealed(lock, before or b"", number, start, last=True))
        return file.tell()


@contextmanager
def _replacing(path: Path) -> Iterator[BinaryIO]:
    """Open a file beside, which takes the place of this one when it is whole and on the disk."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}.new")
    with translated(path):
        try:
            with beside.open("xb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            os.replace(beside, path)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
        sync_folder(path.absolute().parent)


def _pieces(lines: Iterable[str]) -> Iterator[bytes]:
    """Pack lines and cut what comes out into pieces."""
    packer = zstandard.ZstdCompressor(level=6).compressobj()
    waiting = bytearray()
    for line in lines:
        waiting += packer.compress(line.encode() + b"\n")
        while len(waiting) > PIECE:
            yield bytes(waiting[:PIECE])
            del waiting[:PIECE]
    waiting += packer.flush()
    while waiting:
        yield bytes(waiting[:PIECE])
        del waiting[:PIECE]


def _sealed(lock: AESGCM, piece: bytes, number: int, start: bytes, *, last: bool) -> bytes:
    sealed = lock.encrypt(_place(number, last=last), piece, start)
    return struct.pack(">I", len(sealed)) + sealed


def _place(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + (b"\x01" if last else b"\x00")


class Packet:
    """A file that was brought. It stays open, so that what was checked is what is read."""

    def __init__(self, path: Path) -> None:
        """Read the heading.

        Raises:
            PacketError: it is none, or of a newer program.
            StorageError: it cannot be read.
        """
        self.path = path
        with translated(path):
            self._file = path.open("rb")
        try:
            self.heading, self._start = self._read_heading()
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> "Packet":
        return self

    def __exit__(self, *_problem: object) -> None:
        self._file.close()

    def _read_heading(self) -> tuple[Heading, bytes]:
        with translated(self.path):
            start = self._file.read(_START.size)
            if len(start) < _START.size or not start.startswith(MAGIC):
                raise PacketError(_("这不是家门口的数据文件（.dsp），或者没有拷完整"), code="packet.not_one")
            _magic, version, length = _START.unpack(start)
            if version > VERSION:
                raise PacketError(_("这个文件是更新的程序做的：请先升级这边的程序，再收一次"), code="packet.newer")
            words = self._file.read(min(length, MAX_HEADING))
        try:
            return Heading(**json.loads(words)), start + words
        except (ValueError, TypeError):
            raise damaged() from None

    def opened_by(self, secrets: Sequence[bytes]) -> bytes:
        """Return the secret that its beginning is sealed with; the first where it is none of them."""
        for secret in secrets[1:]:
            try:
                next(self.lines(secret), None)
            except PacketError:
                continue
            return secret
        return secrets[0]

    def check(self, secret: bytes, look: Callable[[Any], object] = lambda _line: None) -> None:
        """Read the whole file once; ``look`` sees each line. Nothing may be used before this came back.

        Raises:
            PacketError: it was cut off or changed.
        """
        for line in self.lines(secret):
            look(line)

    def lines(self, secret: bytes) -> Iterator[Any]:
        """Yield the file's lines from the first.

        Raises:
            PacketError: it was cut off or changed.
        """
        with translated(self.path):
            self._file.seek(len(self._start))
            try:
                salt = bytes.fromhex(self.heading.salt)
            except (ValueError, TypeError):
                raise damaged() from None
            source = _Opening(self._file, AESGCM(derive(secret, "packet", salt)), self._start)
            yield from _lines(source)


class _Opening:
    """Opens the pieces of a file one after the other, as a source to read from."""

    def __init__(self, file: BinaryIO, lock: AESGCM, start: bytes) -> None:
        self._file, self._lock, self._start = file, lock, start
        self._number = 0
        self._ahead = file.read(4)
        self._rest = b""
        self.ended = False

    def read(self, size: int = -1) -> bytes:
        """Return some bytes, none after the last piece."""
        if not self._rest and not self.ended:
            self._rest = self._next()
        piece = self._rest if size < 0 else self._rest[:size]
        self._rest = self._rest[len(piece) :]
        return piece

    def _next(self) -> bytes:
        length = int.from_bytes(self._ahead, "big")
        if len(self._ahead) < 4 or not 16 <= length <= PIECE + 16:
            raise damaged()
        sealed, self._ahead = self._file.read(length), self._file.read(4)
        self.ended = not self._ahead
        try:
            piece = self._lock.decrypt(_place(self._number, last=self.ended), sealed, self._start)
        except InvalidTag:
            raise damaged() from None
        self._number += 1
        return piece


def _lines(source: _Opening) -> Iterator[Any]:
    waiting = bytearray()
    try:
        unpacker: Any = zstandard.ZstdDecompressor(max_window_size=2**27)
        with unpacker.stream_reader(source) as unpacked:
            while piece := unpacked.read(PIECE):
                waiting += piece
                *whole, rest = waiting.split(b"\n")
                waiting = bytearray(rest)
                if len(waiting) > MAX_LINE:
                    raise damaged()
                for line in whole:
                    yield loads(bytes(line))
    except (zstandard.ZstdError, ValueError):
        raise damaged() from None
    if waiting or not source.ended or source.read():
        raise damaged()


def damaged() -> PacketError:
    """Return the sentence for a file that does not open."""
    return PacketError(_("文件不完整、被改过，或者不是用本站的钥匙封的：什么都没有用上。请重新做一份再拿来"))
