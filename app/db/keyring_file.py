"""What stands in ``keyring.json``, and how its wraps are made: the keyring's paper and ink, without its rules."""

import base64
import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from app.db.durable import translated
from app.db.pins import normal_pin
from app.db.recovery_key import read_recovery_key
from app.errors import InvalidInputError, NotFoundError, StorageError
from app.texts import _

FORMAT = 1
KEY_BYTES = 32


@dataclass(frozen=True)
class Cost:
    """What one guess of a PIN costs (Argon2id). Kept per entry, so that it can rise later."""

    memory_kib: int = 64 * 1024
    passes: int = 3
    lanes: int = 4


@dataclass(frozen=True)
class Card:
    """The sealed part of an entry. ``wait`` is what is left of a lock, in seconds, as of ``looked_at``."""

    staff_id: str
    name: str
    role: str
    last_signed_in_at: str | None = None
    failures: int = 0
    wait: float = 0.0
    looked_at: str | None = None

    def looked(self, now: datetime) -> "Card":
        """Let the time since the last look run off the lock.

        A clock that stepped back counts as no time passed: it neither opens the lock early nor keeps it for ever.
        """
        if self.wait <= 0 or self.looked_at is None:
            return self
        passed = max(0.0, (now - datetime.fromisoformat(self.looked_at)).total_seconds())
        left = max(0.0, self.wait - passed)
        return replace(self, wait=left, looked_at=now.isoformat(), failures=self.failures if left else 0)


def read_keyring(path: Path) -> dict[str, Any]:
    """Return the file's content.

    Raises:
        StorageError: there is none, or it is damaged or of a newer program.
    """
    if not path.exists():
        raise StorageError(_("这里还没有密钥：{where}", where=str(path.parent)), code="keyring.missing")
    with translated(path):
        content = path.read_bytes()
    return parse_keyring(content)


def parse_keyring(content: bytes) -> dict[str, Any]:
    """Return what the bytes say, checked for shape.

    Raises:
        StorageError: damaged, or of a newer program.
    """
    try:
        file = json.loads(content)
        version = file["format"]
        shaped = isinstance(file["entries"], list) and {"id", "store", "check", "recovery", "notes"} <= file.keys()
    except (ValueError, TypeError, KeyError, AttributeError):
        shaped, version = False, FORMAT
    if isinstance(version, int) and version > FORMAT:
        raise StorageError(_("密钥文件是更新的版本写的，请先升级家门口"), code="keyring.newer")
    if not shaped or version != FORMAT:
        raise StorageError(_("密钥文件坏了；请从备份恢复，数据没有动"), code="keyring.damaged")
    return dict(file)


def encode_keyring(file: dict[str, Any]) -> bytes:
    """Return the bytes to store."""
    return json.dumps(file, indent=1).encode("utf-8")


def find_entry(file: dict[str, Any], entry_id: str) -> dict[str, Any]:
    """Return one person's entry itself: what is changed in it is changed in the file.

    Raises:
        NotFoundError: removed meanwhile.
    """
    for entry in file["entries"]:
        if entry["id"] == entry_id:
            return cast(dict[str, Any], entry)
    raise NotFoundError(_("这个人在这台电脑上已经不能登录了"), code="keyring.no_entry")


def wrap_for_pin(entry_id: str, data_key: bytes, pin: str, secret: bytes, *, salt: bytes, cost: Cost) -> dict[str, Any]:
    """Return a fresh entry without its card: the data key under PIN and device secret."""
    entry: dict[str, Any] = {"id": entry_id, "salt": b64(salt), "cost": asdict(cost)}
    entry["wrap"] = b64(aes_key_wrap(_pin_key(entry, pin, secret), data_key))
    return entry


def unwrap_with_pin(entry: dict[str, Any], pin: str, secret: bytes) -> bytes | None:
    """Return the data key, or None for a wrong PIN."""
    try:
        return aes_key_unwrap(_pin_key(entry, pin, secret), unb64(entry["wrap"]))
    except InvalidUnwrap:
        return None


def wrap_for_recovery(recovery_key: str, data_key: bytes, *, salt: bytes) -> dict[str, str]:
    """Return the data key under the recovery key alone."""
    key = derive(read_recovery_key(recovery_key), salt, "doorstep recovery")
    return {"salt": b64(salt), "wrap": b64(aes_key_wrap(key, data_key))}


def unwrap_with_recovery(file: dict[str, Any], recovery_key: str) -> bytes:
    """Return the data key to the holder of the recovery key.

    Raises:
        InvalidInputError: copied wrong, or the key of another station.
    """
    wrap = file["recovery"]
    key = derive(read_recovery_key(recovery_key), unb64(wrap["salt"]), "doorstep recovery")
    try:
        return aes_key_unwrap(key, unb64(wrap["wrap"]))
    except InvalidUnwrap:
        sentence = _("恢复密钥抄得没错，但不是这份数据的；看看是不是另一个站或换过的旧密钥")
        raise InvalidInputError({"recovery_key": sentence}, code="keyring.other_recovery_key") from None


def fingerprint(data_key: bytes) -> str:
    """Return what tells this data key from another without giving it away: it is random, not guessable."""
    import hashlib
    import hmac

    return hmac.digest(data_key, b"doorstep keyring check", hashlib.sha256)[:16].hex()


def derive(material: bytes, salt: bytes, purpose: str) -> bytes:
    """Return a key for one purpose (HKDF-SHA256)."""
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=salt, info=purpose.encode()).derive(material)


def b64(content: bytes) -> str:
    """Return bytes as they stand in the file."""
    return base64.b64encode(content).decode("ascii")


def unb64(text: str) -> bytes:
    """Return the bytes that stand in the file.

    Raises:
        StorageError: damaged.
    """
    try:
        return base64.b64decode(text, validate=True)
    except (ValueError, TypeError):
        raise StorageError(_("密钥文件坏了；请从备份恢复，数据没有动"), code="keyring.damaged") from None


def _pin_key(entry: dict[str, Any], pin: str, secret: bytes) -> bytes:
    from argon2.low_level import Type, hash_secret_raw  # not to show who may sign in: the page is there before

    cost, salt = Cost(**entry["cost"]), unb64(entry["salt"])
    slow = hash_secret_raw(
        normal_pin(pin).encode("utf-8"),
        salt,
        time_cost=cost.passes,
        memory_cost=cost.memory_kib,
        parallelism=cost.lanes,
        hash_len=KEY_BYTES,
        type=Type.ID,
    )
    return derive(slow + secret, salt, f"doorstep entry {entry['id']}")
