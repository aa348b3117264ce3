"""A line between two counters of one station: both prove the station's key, then every message is sealed and counted.

X25519 with fresh keys on both sides; the key of the session also takes in the station's. A message that was changed,
left out, repeated or put elsewhere ends the session. To whoever has no key, not a byte is said.
"""

import hashlib
import hmac
import secrets
import socket
import struct
from collections import OrderedDict
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app import clock
from app.errors import ExternalError
from app.sync.proof import StationKeys
from app.sync.protocol import dumps, loads
from app.texts import _

MAGIC = b"DOORLAN1"
HANDSHAKE_SECONDS, QUIET_SECONDS = 5.0, 20.0
MAX_MESSAGE = 8 * 1024 * 1024
NONCE, POINT, MARK = 32, 32, 32
_HELLO = struct.Struct(f">8sI{NONCE}s{POINT}s{MARK}s")
_REPLY = struct.Struct(f">B{NONCE}s{POINT}s{MARK}s")
_YES, _OLD = 1, 2
REMEMBERED = 4096


class LanError(ExternalError):
    """The other counter cannot be talked to; nothing was taken from it that is not whole."""

    code = "lan.failed"


def derive(key: bytes, purpose: str, salt: bytes = b"", length: int = 32) -> bytes:
    """Return a key for one purpose from the station's."""
    return HKDF(SHA256(), length, salt or None, f"doorstep {purpose} 1".encode()).derive(key)


class Seen:
    """Which first words were heard: a recording played again gets no answer."""

    def __init__(self) -> None:
        self._known: OrderedDict[bytes, None] = OrderedDict()

    def fresh(self, nonce: bytes) -> bool:
        """Tell whether this is heard for the first time, and remember it."""
        if nonce in self._known:
            return False
        self._known[nonce] = None
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return True


class Channel:
    """An open line. ``send`` and ``receive`` carry JSON objects, in order, each once."""

    def __init__(self, line: socket.socket, sending: tuple[bytes, bytes], receiving: tuple[bytes, bytes]) -> None:
        self._line = line
        self._out, self._in = AESGCM(sending[0]), AESGCM(receiving[0])
        self._out_name, self._in_name = sending[1], receiving[1]
        self._sent = self._received = 0

    def send(self, message: Mapping[str, Any]) -> None:
        """Send one message.

        Raises:
            LanError: the line broke.
        """
        place = self._sent.to_bytes(12, "big")
        self._sent += 1
        sealed = self._out.encrypt(place, dumps(message).encode(), self._out_name + place)
        _send(self._line, struct.pack(">I", len(sealed)) + sealed)

    def receive(self) -> dict[str, Any]:
        """Return the next message.

        Raises:
            LanError: the line broke, or what came is not what the other side sent next.
        """
        (length,) = struct.unpack(">I", _receive(self._line, 4))
        if length > MAX_MESSAGE:
            raise _spoiled()
        place = self._received.to_bytes(12, "big")
        self._received += 1
        try:
            message = loads(self._in.decrypt(place, _receive(self._line, length), self._in_name + place))
        except (InvalidTag, ValueError):
            raise _spoiled() from None
        if not isinstance(message, dict):
            raise _spoiled()
        return message

    def close(self) -> None:
        """Hang up."""
        with suppress(OSError):
            self._line.close()


def connect(line: socket.socket, keys: StationKeys) -> Channel:
    """Prove the station's key to who listens, have it proven, and return the line.

    Raises:
        LanError: it is not a counter of this station, or one of the two has an old key.
    """
    line.settimeout(HANDSHAKE_SECONDS)
    number, key = keys.newest, _newest(keys)
    private, nonce = X25519PrivateKey.generate(), secrets.token_bytes(NONCE)
    public = private.public_key().public_bytes_raw()
    start = MAGIC + struct.pack(">I", number) + nonce + public
    hello = start + _mark(key, b"first", start)
    _send(line, hello)
    try:
        said, their_nonce, their_public, mark = _REPLY.unpack(_receive(line, _REPLY.size, within=HANDSHAKE_SECONDS))
    except LanError:
        text = _("那台电脑没有应：它不是本站的，或者本站的钥匙换过、它还没和区里同步")
        raise LanError(text, code="lan.no_answer") from None
    told = hello + bytes([said]) + their_nonce + their_public
    if not hmac.compare_digest(mark, _mark(key, b"second", told)):
        raise LanError(_("应答的不是本站的电脑，什么都没有给它"), code="lan.stranger")
    if said == _OLD:
        raise LanError(_("这台电脑的站点钥匙旧了：先和区里同步一次，再和同站的连"), code="lan.old_key")
    line.settimeout(HANDSHAKE_SECONDS)
    channel = _channel(line, key, private, their_public, told, first=True)
    channel.send({"proven": True})
    if channel.receive() != {"proven": True}:
        raise _spoiled()
    line.settimeout(QUIET_SECONDS)
    return channel


def accept(line: socket.socket, keys: StationKeys, seen: Seen) -> Channel:
    """Answer a counter that proves the station's key, and return the line.

    Raises:
        LanError: it proved nothing, or an old key; a stranger was told nothing at all.
    """
    hello = _receive(line, _HELLO.size, within=HANDSHAKE_SECONDS)
    magic, number, nonce, their_public, mark = _HELLO.unpack(hello)
    key = keys.get(number)
    if magic != MAGIC or key is None or not hmac.compare_digest(mark, _mark(key, b"first", hello[:-MARK])):
        raise LanError(_("有一台不是本站的电脑想连，没有理它"), code="lan.stranger")
    if not seen.fresh(nonce):
        raise LanError(_("有人重放以前的连接，没有理它"), code="lan.replayed")
    private, own = X25519PrivateKey.generate(), secrets.token_bytes(NONCE)
    said = _YES if number == keys.newest else _OLD
    reply = bytes([said]) + own + private.public_key().public_bytes_raw()
    line.settimeout(HANDSHAKE_SECONDS)
    _send(line, reply + _mark(key, b"second", hello + reply))
    if said == _OLD:
        raise LanError(_("想连的那台电脑的站点钥匙旧了：请它先和区里同步一次"), code="lan.old_key")
    channel = _channel(line, key, private, their_public, hello + reply, first=False)
    if channel.receive() != {"proven": True}:
        raise _spoiled()
    channel.send({"proven": True})
    line.settimeout(QUIET_SECONDS)
    return channel


def _newest(keys: StationKeys) -> bytes:
    key = keys.get(keys.newest)
    if key is None:
        raise LanError(_("这台电脑还没有本站的钥匙：先加入区里并同步一次"), code="lan.no_key")
    return key


def _channel(
    line: socket.socket, key: bytes, private: X25519PrivateKey, their_public: bytes, told: bytes, *, first: bool
) -> Channel:
    """Make the session's two keys: of the station's, of what only these two share, of everything said so far."""
    try:
        shared = private.exchange(X25519PublicKey.from_public_bytes(their_public))
    except ValueError:
        raise _spoiled() from None
    both = derive(derive(key, "lan session") + shared, "lan keys", hashlib.sha256(told).digest(), 64)
    there, back = (both[:32], b"there"), (both[32:], b"back")
    return Channel(line, there, back) if first else Channel(line, back, there)


def _mark(key: bytes, name: bytes, content: bytes) -> bytes:
    return hmac.new(derive(key, "lan greeting"), name + content, hashlib.sha256).digest()


def _spoiled() -> LanError:
    return LanError(_("和同站电脑的连接被动过或断了，这一段没有收；再连一次就接着来"), code="lan.spoiled")


def _send(line: socket.socket, content: bytes) -> None:
    try:
        line.sendall(content)
    except OSError:
        raise _spoiled() from None


def _receive(line: socket.socket, length: int, *, within: float | None = None) -> bytes:
    """Return so many bytes; ``within``: seconds for all of them, so that nobody holds the line drop by drop."""
    received = bytearray()
    until = None if within is None else clock.monotonic() + within
    while len(received) < length:
        try:
            if until is not None:
                line.settimeout(max(0.001, until - clock.monotonic()))
            piece = line.recv(min(length - len(received), 1 << 16))
        except OSError:
            raise _spoiled() from None
        if not piece:
            raise _spoiled()
        received += piece
    return bytes(received)
