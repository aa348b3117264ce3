"""One question to the session bus: does somebody own this name?

Qt's own bus client is one more library to load for it; this asks over the socket itself, as the D-Bus Specification
has it (addresses, EXTERNAL, message format).
"""

from __future__ import annotations

import os
import struct
import sys
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _socket import socket

ANSWER_SECONDS = 0.2
_BUS = "org.freedesktop.DBus"
_PATH, _INTERFACE, _MEMBER, _REPLY_TO, _DESTINATION, _SIGNATURE = 1, 2, 3, 5, 6, 8
_CALL, _RETURN = 1, 2
_LONGEST = 1 << 16
"""No message that a bus sends to who has just come in is longer, in bytes."""


def has_owner(name: str, environ: Mapping[str, str] | None = None, *, seconds: float = ANSWER_SECONDS) -> bool | None:
    """Tell whether somebody on the session bus owns the name; None: there is no bus, or it did not answer in time."""
    if sys.platform == "win32":
        return None
    from time import monotonic  # sockets only where somebody asks

    end = monotonic() + seconds
    for address in _addresses(os.environ if environ is None else environ):
        try:
            line = _connected(address, seconds)
            try:
                return _ask(line, name, end)
            finally:
                line.close()
        except (OSError, ValueError, struct.error):
            continue
    return None


def _addresses(environ: Mapping[str, str]) -> Iterator[str]:
    """Yield the paths of the bus's sockets; an abstract one begins with a zero byte."""
    for each in environ.get("DBUS_SESSION_BUS_ADDRESS", "").split(";"):
        kind, _colon, rest = each.partition(":")
        facts = dict(part.partition("=")[::2] for part in rest.split(","))
        if kind == "unix" and "path" in facts:
            yield _plain(facts["path"])
        elif kind == "unix" and "abstract" in facts:
            yield "\0" + _plain(facts["abstract"])
    runtime = environ.get("XDG_RUNTIME_DIR")
    if runtime and not environ.get("DBUS_SESSION_BUS_ADDRESS"):
        yield runtime + "/bus"  # where systemd has it, also for who was started with a bare environment


def _plain(value: str) -> str:
    """Return a value of an address without its escapes."""
    if "%" not in value:
        return value
    from urllib.parse import unquote

    return unquote(value)


def _connected(address: str, seconds: float) -> socket:
    from _socket import AF_UNIX, SOCK_STREAM, socket  # without the 3 ms that the module around it takes to load

    line = socket(AF_UNIX, SOCK_STREAM)
    try:
        line.settimeout(seconds)
        line.connect(address)
    except BaseException:
        line.close()
        raise
    return line


def _ask(line: socket, name: str, end: float) -> bool | None:
    user = str(os.getuid()).encode().hex()
    line.sendall(b"\0AUTH EXTERNAL " + user.encode() + b"\r\n")
    if not _read_line(line, end).startswith(b"OK "):
        return None
    line.sendall(b"BEGIN\r\n" + _call(1, "Hello") + _call(2, "NameHasOwner", name))
    while True:
        kind, reply_to, body = _read_message(line, end)
        if reply_to == 2:
            return kind == _RETURN and struct.unpack_from("<I", body)[0] == 1


def _call(serial: int, member: str, argument: str | None = None) -> bytes:
    """Return a call to the bus itself, little-endian."""
    body = b"" if argument is None else _text(argument)
    fields = [_field(_PATH, "o", "/org/freedesktop/DBus"), _field(_INTERFACE, "s", _BUS), _field(_MEMBER, "s", member)]
    fields.append(_field(_DESTINATION, "s", _BUS))
    if argument is not None:
        fields.append(struct.pack("<BB2sBB1s", _SIGNATURE, 1, b"g\0", 1, ord("s"), b"\0"))
    header = b""
    for field in fields:
        header += b"\0" * (-len(header) % 8) + field
    start = struct.pack("<cBBBIII", b"l", _CALL, 0, 1, len(body), serial, len(header)) + header
    return start + b"\0" * (-len(start) % 8) + body


def _field(code: int, kind: str, value: str) -> bytes:
    return struct.pack("<BB2s", code, 1, kind.encode() + b"\0") + _text(value)


def _text(value: str) -> bytes:
    content = value.encode()
    return struct.pack("<I", len(content)) + content + b"\0"


def _read_message(line: socket, end: float) -> tuple[int, int | None, bytes]:
    """Read one message: its kind, the serial it answers, its body.

    Raises:
        ValueError: what came is no message.
    """
    start = _read(line, 16, end)
    order = {b"l": "<", b"B": ">"}.get(start[:1])
    if order is None:
        raise ValueError("not a message of the bus")
    size, _serial, length = struct.unpack_from(order + "III", start, 4)
    if size + length > _LONGEST:
        raise ValueError("longer than anything the bus says here")
    header = _read(line, length + (-length % 8), end)[:length]
    return start[1], _reply_serial(header, order), _swapped(_read(line, size, end), order)


def _swapped(body: bytes, order: str) -> bytes:
    """Return the body with its first word little-endian: nothing else is read of it."""
    return body if order == "<" or len(body) < 4 else body[3::-1] + body[4:]


def _reply_serial(header: bytes, order: str) -> int | None:
    """Return which call is answered. Fields are (code, variant), each at a multiple of 8."""
    at = 0
    while at < len(header):
        at += -at % 8
        code, signature = header[at], header[at + 2 : at + 3]
        at += 4
        if signature == b"u":
            value: int = struct.unpack_from(order + "I", header, at)[0]
            if code == _REPLY_TO:
                return value
            at += 4
        elif signature == b"g":
            at += header[at] + 2
        else:
            at += struct.unpack_from(order + "I", header, at)[0] + 5
    return None


def _read(line: socket, size: int, end: float) -> bytes:
    from time import monotonic

    content = b""
    while len(content) < size:
        left = end - monotonic()
        if left <= 0:
            raise TimeoutError
        line.settimeout(left)
        piece = line.recv(size - len(content))
        if not piece:
            raise ConnectionError
        content += piece
    return content


def _read_line(line: socket, end: float) -> bytes:
    content = b""
    while not content.endswith(b"\r\n") and len(content) < 1024:
        content += _read(line, 1, end)
    return content
