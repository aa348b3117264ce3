"""A device's word for its own operations, and the station's keys: what lets neighbours carry but not forge.

The district knows the hash of a device's token, the device its token: both make the same key from it. Whoever carries
an operation can neither change it nor make one up.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

_PROOF = b"doorstep operation proof 1"
KEY_BYTES = 32


@dataclass(frozen=True)
class SealedOp:
    """One operation as its device gives it out: the exact JSON text, and the device's word for it."""

    body: str
    proof: str


@dataclass(frozen=True)
class StationKeys:
    """The keys of a station by number; the newest one seals, the older ones only open what was sealed before."""

    keys: Mapping[int, bytes]

    @property
    def newest(self) -> int:
        """Return the number of the key in force; 0 where there is none."""
        return max(self.keys, default=0)

    def get(self, number: int) -> bytes | None:
        """Return the key of a number, if this device was told of it."""
        return self.keys.get(number)


def device_key(token_hash: str) -> bytes:
    """Return the key of a device's proofs, from the SHA-256 of its token in hexadecimal digits."""
    return hmac.new(token_hash.encode("ascii"), _PROOF, hashlib.sha256).digest()


def key_of_token(token: str) -> bytes:
    """Return the key of this device's own proofs."""
    return device_key(hashlib.sha256(token.encode("utf-8")).hexdigest())


def prove(key: bytes, body: str) -> str:
    """Return the proof of an operation: HMAC-SHA256 over its exact text, in hexadecimal digits."""
    return hmac.new(key, body.encode("utf-8"), hashlib.sha256).hexdigest()


def fits(key: bytes, sealed: SealedOp) -> bool:
    """Tell whether the operation is the device's own, to the letter."""
    try:
        return hmac.compare_digest(prove(key, sealed.body).encode(), sealed.proof.encode())
    except UnicodeEncodeError:
        return False


def read_station_keys(items: Any) -> StationKeys:
    """Return the keys of a list as it travels and is kept: ``[{number, key}]``; what is no key is left out."""
    found: dict[int, bytes] = {}
    for item in items if isinstance(items, list) else ():
        try:
            number, key = int(item["number"]), base64.b64decode(str(item["key"]), validate=True)
        except (KeyError, TypeError, ValueError, binascii.Error):
            continue
        if len(key) == KEY_BYTES and number > 0:
            found[number] = key
    return StationKeys(found)


def digest_of_ops(items: Iterable[tuple[str, int, str]]) -> str:
    """Return one word for (operation, number, proof) of several operations, whatever their order."""
    total = 0
    for op, seq, proof in items:
        total ^= int.from_bytes(hashlib.sha256(f"{op}|{seq}|{proof}".encode()).digest()[:8], "big")
    return f"{total:016x}"
