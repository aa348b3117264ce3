"""Finding the counter that offers: by a code that one reads out, or by asking around on the station's network."""

import hashlib
import hmac
import ipaddress
import secrets
import socket
from collections.abc import Iterable
from contextlib import suppress

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app import clock
from app.errors import InvalidInputError
from app.sync.lan_session import Seen, derive
from app.sync.proof import StationKeys
from app.texts import _

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
CODE_LETTERS = 11
PROBE_PORT = 47615
_ASK, _TELL = b"doorstep?1", b"doorstep!1"

Address = tuple[str, int]


def code_of(address: Address) -> str:
    """Return an IPv4 address and port as eleven letters, the last one a check: ``ABCD-EFGH-JKL``."""
    value = (int(ipaddress.IPv4Address(address[0])) << 16) | address[1]
    digits = [(value >> shift) & 31 for shift in range(45, -1, -5)]
    letters = "".join(ALPHABET[digit] for digit in [*digits, _check(digits)])
    return "-".join((letters[:4], letters[4:8], letters[8:]))


def address_of(code: str) -> Address:
    """Return the address that a typed code names; case, dashes and spaces do not matter.

    Raises:
        InvalidInputError: a letter is wrong or missing.
    """
    letters = [char for char in code.upper() if char.isalnum()]
    digits = [ALPHABET.find(char) for char in letters]
    if len(digits) != CODE_LETTERS or -1 in digits or _check(digits[:-1]) != digits[-1] or digits[0] > 7:
        raise InvalidInputError({"code": _("连接码不对：共 11 个字母和数字，请对着那台电脑再看一遍")})
    value = 0
    for digit in digits[:-1]:
        value = value * 32 + digit
    return str(ipaddress.IPv4Address(value >> 16)), value & 0xFFFF


def _check(digits: list[int]) -> int:
    """Return the check digit (Luhn modulo 32): one wrong letter, or two neighbours swapped, show."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = digit * (2 if place % 2 == 0 else 1)
        total += doubled // 32 + doubled % 32
    return -total % 32


def own_address() -> str:
    """Return this PC's address on the station's network; nothing is sent to find it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line, suppress(OSError):
        line.connect(("192.0.2.1", 9))
        return str(line.getsockname()[0])
    return "127.0.0.1"


def ask(nonce: bytes, key: bytes) -> bytes:
    """Return the question that goes around; only who knows the station's key can ask it."""
    return _ASK + nonce + hmac.new(derive(key, "lan probe"), nonce, hashlib.sha256).digest()


def answer(question: bytes, keys: StationKeys, seen: Seen, port: int) -> bytes | None:
    """Return the sealed answer to a question, or None: asked by a stranger, or heard before."""
    key = keys.get(keys.newest)
    nonce = question[len(_ASK) : len(_ASK) + 16]
    if key is None or not hmac.compare_digest(question, ask(nonce, key)) or not seen.fresh(nonce):
        return None
    place = secrets.token_bytes(12)
    return _TELL + place + AESGCM(derive(key, "lan answer")).encrypt(place, port.to_bytes(2, "big"), nonce)


def find(
    keys: StationKeys, *, seconds: float = 2.0, targets: Iterable[Address] = (("255.255.255.255", PROBE_PORT),)
) -> tuple[Address, ...]:
    """Ask around and return who of this station offers."""
    key = keys.get(keys.newest)
    if key is None:
        return ()
    nonce, found = secrets.token_bytes(16), list[Address]()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        for target in targets:
            with suppress(OSError):
                line.sendto(ask(nonce, key), target)
        until = clock.monotonic() + seconds
        while (left := until - clock.monotonic()) > 0:
            line.settimeout(left)
            try:
                told, sender = line.recvfrom(512)
                place, sealed = told[len(_TELL) : len(_TELL) + 12], told[len(_TELL) + 12 :]
                port = AESGCM(derive(key, "lan answer")).decrypt(place, sealed, nonce)
            except (OSError, InvalidTag, ValueError):
                continue
            address = (str(sender[0]), int.from_bytes(port, "big"))
            if told.startswith(_TELL) and address not in found:
                found.append(address)
    return tuple(found)
