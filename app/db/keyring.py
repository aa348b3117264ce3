"""The keyring: one random data key, wrapped once per staff member of this PC and once for recovery.

A staff member's wrap opens with the PIN *and* this PC's device secret, so neither a copied folder nor a looked-over
PIN is enough alone. What the sign-in screen shows (names, last sign-in) is sealed under the device secret: a copied
folder shows no name. The recovery wrap opens with the printed recovery key alone, on any PC.
"""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app import clock
from app.db.durable import exclusive, write_durable
from app.db.keyring_file import (
    FORMAT,
    KEY_BYTES,
    Card,
    Cost,
    b64,
    derive,
    encode_keyring,
    find_entry,
    fingerprint,
    read_keyring,
    unb64,
    unwrap_with_pin,
    unwrap_with_recovery,
    wrap_for_pin,
    wrap_for_recovery,
)
from app.db.pins import check_pin, normal_pin
from app.db.recovery_key import make_recovery_key
from app.db.secret_store import SECRET_BYTES, SecretStore, choose_store, store_of_kind
from app.errors import BugError, InvalidInputError, RuleError, StorageError
from app.paths import DataFolder
from app.texts import _

TRIES = 5
STATION_NOTE = "station"
"""The note that holds what the sign-in page shows of the station."""
LOCKED_FOR = timedelta(minutes=15)
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Person:
    """Somebody who may sign in on this PC; ``role`` is the role's code."""

    entry_id: str
    staff_id: str
    name: str
    role: str
    last_signed_in_at: datetime | None
    tries_left: int
    locked_for: timedelta


class Keyring:
    """``keyring.json`` of one data folder. Every call reads the file anew, every change replaces it in one step."""

    def __init__(self, folder: DataFolder, store: SecretStore, cost: Cost) -> None:
        self._path = folder.keyring
        self._lock = folder.root / ".keyring.lock"
        self._store = store
        self._cost = cost
        self._id: str = self._read()["id"]
        self._secret = store.load(self._id)

    @classmethod
    def create(
        cls, folder: DataFolder, *, store: SecretStore | None = None, cost: Cost | None = None
    ) -> tuple[Self, str]:
        """Make the data key and the device secret; return the keyring and the recovery key to print.

        The data key itself is ``keyring.recover(recovery_key)``.

        Raises:
            StorageError: the folder already has a keyring, or cannot be written.
        """
        if folder.keyring.exists():
            raise StorageError(
                _("这个文件夹已经有密钥了，没有重建：{where}", where=str(folder.root)), code="keyring.exists"
            )
        store = store if store is not None else choose_store()
        keyring_id, data_key, recovery_key = os.urandom(16).hex(), os.urandom(KEY_BYTES), make_recovery_key()
        store.save(keyring_id, os.urandom(SECRET_BYTES))
        file = {
            "format": FORMAT,
            "id": keyring_id,
            "store": store.kind,
            "check": fingerprint(data_key),
            "recovery": wrap_for_recovery(recovery_key, data_key, salt=os.urandom(16)),
            "entries": [],
            "notes": {},
        }
        write_durable(folder.keyring, encode_keyring(file))
        return cls(folder, store, cost or Cost()), recovery_key

    @classmethod
    def open(cls, folder: DataFolder, *, store: SecretStore | None = None, cost: Cost | None = None) -> Self:
        """Read the folder's keyring. Without this PC's secret it opens too, but only ``recover`` works (``bound``).

        Raises:
            StorageError: there is none, or it is damaged or of a newer program.
        """
        if store is None:
            store = store_of_kind(read_keyring(folder.keyring).get("store", ""))
        return cls(folder, store, cost or Cost())

    @classmethod
    def rebind(
        cls, folder: DataFolder, recovery_key: str, *, store: SecretStore | None = None, cost: Cost | None = None
    ) -> tuple[Self, bytes]:
        """Tie a folder that came from another PC to this one; return the keyring and the data key.

        Nobody can sign in yet: the PINs were bound to the other PC. Add the staff anew.

        Raises:
            InvalidInputError: the recovery key is not the one of this folder.
        """
        file = read_keyring(folder.keyring)
        data_key = unwrap_with_recovery(file, recovery_key)
        store = store if store is not None else choose_store()
        keyring_id = os.urandom(16).hex()
        store.save(keyring_id, os.urandom(SECRET_BYTES))
        file.update(id=keyring_id, store=store.kind, entries=[], notes={})
        write_durable(folder.keyring, encode_keyring(file))
        return cls(folder, store, cost or Cost()), data_key

    @property
    def bound(self) -> bool:
        """Tell whether this PC has the device secret: if not, only the recovery key opens."""
        return self._secret is not None

    def describe(self) -> str:
        """Say in one sentence where the device secret lies."""
        return self._store.describe()

    def forget_device(self) -> None:
        """Remove this PC's secret: of what is wrapped here, only the recovery key opens anything from now on."""
        self._store.forget(self._id)
        self._secret = None

    def people(self) -> tuple[Person, ...]:
        """Return who may sign in, latest first; empty on a PC without the device secret."""
        if self._secret is None:
            return ()
        people = [self._person(entry) for entry in self._read()["entries"]]
        people.sort(key=lambda p: p.name)
        return tuple(sorted(people, key=lambda p: p.last_signed_in_at or _LONG_AGO, reverse=True))

    def unlock(self, entry_id: str, pin: str) -> bytes:
        """Return the data key to somebody with the right PIN. Takes about 0.2 s on purpose.

        Raises:
            InvalidInputError: wrong PIN; the sentence says how many tries are left.
            RuleError: locked after too many tries; the sentence says for how many minutes.
            StorageError: this PC does not have the device secret.
        """
        entry, tries_left = self._count_try(entry_id)
        data_key = unwrap_with_pin(entry, pin, self._bound_secret())
        if data_key is None:
            raise _wrong_pin(tries_left)
        self._change_card(
            entry_id, lambda c: replace(c, failures=0, wait=0.0, last_signed_in_at=clock.now().isoformat())
        )
        return data_key

    def add(self, data_key: bytes, *, staff_id: str, name: str, role: str, pin: str) -> str:
        """Let one more person sign in here; return the entry's id.

        Raises:
            InvalidInputError: the PIN is too easy.
            RuleError: this person already signs in here.
        """
        if any(person.staff_id == staff_id for person in self.people()):
            raise RuleError(_("{name} 已经可以在这台电脑登录", name=name), code="keyring.twice")
        entry_id = os.urandom(8).hex()
        entry = self._wrapped(entry_id, data_key, check_pin(pin))
        entry["card"] = self._seal_card(entry_id, Card(staff_id=staff_id, name=name, role=role))
        with self._changing() as file:
            self._require_right_key(file, data_key)
            file["entries"].append(entry)
        return entry_id

    def update(self, entry_id: str, *, name: str, role: str, staff_id: str | None = None) -> None:
        """Show a changed name or role on the sign-in screen.

        ``staff_id`` where the person's record turned out to be another: the district knew them already.
        """
        self._change_card(entry_id, lambda c: replace(c, name=name, role=role, staff_id=staff_id or c.staff_id))

    def change_pin(self, entry_id: str, old_pin: str, new_pin: str) -> None:
        """Change one's own PIN.

        Raises:
            InvalidInputError: the old PIN is wrong, or the new one too easy or the same.
        """
        normal = check_pin(new_pin, field="new_pin")
        if normal == normal_pin(old_pin):
            raise InvalidInputError({"new_pin": _("新 PIN 和旧的一样，换一个")}, code="keyring.same_pin")
        self.reset_pin(self.unlock(entry_id, old_pin), entry_id, normal)

    def reset_pin(self, data_key: bytes, entry_id: str, new_pin: str) -> None:
        """Give somebody a new PIN, with the data key of a signed-in supervisor; ends a lock.

        Raises:
            InvalidInputError: the PIN is too easy.
        """
        fresh = self._wrapped(entry_id, data_key, check_pin(new_pin, field="new_pin"))
        with self._changing() as file:
            self._require_right_key(file, data_key)
            entry = find_entry(file, entry_id)
            card = self._open_card(entry)
            entry.update(fresh, card=self._seal_card(entry_id, replace(card, failures=0, wait=0.0)))

    def remove(self, entry_id: str) -> None:
        """Let this person no longer sign in on this PC.

        Raises:
            RuleError: nobody would be left.
        """
        with self._changing() as file:
            entry = find_entry(file, entry_id)
            if len(file["entries"]) == 1:
                raise RuleError(_("这是最后一位能登录的人，不能移除"), code="keyring.last_person")
            file["entries"].remove(entry)

    def recover(self, recovery_key: str) -> bytes:
        """Return the data key to the holder of the printed recovery key; works without the device secret.

        Raises:
            InvalidInputError: a group was copied wrong, or it is another station's key.
        """
        return unwrap_with_recovery(self._read(), recovery_key)

    def renew_recovery(self, data_key: bytes) -> str:
        """Make a new recovery key to print; the old paper opens nothing any more."""
        recovery_key = make_recovery_key()
        with self._changing() as file:
            self._require_right_key(file, data_key)
            file["recovery"] = wrap_for_recovery(recovery_key, data_key, salt=os.urandom(16))
        return recovery_key

    def seal(self, content: bytes) -> bytes:
        """Encrypt for this PC, for what must be readable before anybody signs in."""
        nonce = os.urandom(12)
        return nonce + self._aead().encrypt(nonce, content, self._id.encode())

    def open_sealed(self, sealed: bytes) -> bytes:
        """Decrypt what ``seal`` made on this PC.

        Raises:
            StorageError: damaged, or of another PC.
        """
        try:
            return self._aead().decrypt(sealed[:12], sealed[12:], self._id.encode())
        except (InvalidTag, ValueError):
            raise StorageError(_("密钥文件里有一处读不出来，请用恢复密钥"), code="keyring.damaged") from None

    def remember(self, name: str, text: str) -> None:
        """Keep a short text for the sign-in screen, sealed: the station's name, the last sync."""
        if self.recall(name) != text:
            with self._changing() as file:
                file["notes"][name] = b64(self.seal(text.encode()))

    def recall(self, name: str) -> str | None:
        """Return a remembered text; None if there is none or this PC cannot read it."""
        note = self._read()["notes"].get(name)
        return self.open_sealed(unb64(note)).decode() if note and self.bound else None

    def _person(self, entry: dict[str, Any]) -> Person:
        card = self._open_card(entry).looked(clock.now())
        signed_in = datetime.fromisoformat(card.last_signed_in_at) if card.last_signed_in_at else None
        left, wait = max(0, TRIES - card.failures), timedelta(seconds=card.wait)
        return Person(entry["id"], card.staff_id, card.name, card.role, signed_in, left, wait)

    def _count_try(self, entry_id: str) -> tuple[dict[str, Any], int]:
        """Count the try before it is made, so that killing the program gives no free guesses."""
        with self._changing() as file:
            entry = find_entry(file, entry_id)
            card = self._open_card(entry).looked(clock.now())
            locked = card.wait
            if not locked:
                last = card.failures + 1 >= TRIES
                card = replace(
                    card,
                    failures=card.failures + 1,
                    wait=LOCKED_FOR.total_seconds() if last else 0.0,
                    looked_at=clock.now().isoformat(),
                )
            entry["card"] = self._seal_card(entry_id, card)
        if locked:
            raise _locked(locked)
        return entry, TRIES - card.failures

    def _change_card(self, entry_id: str, change: Callable[[Card], Card]) -> None:
        with self._changing() as file:
            entry = find_entry(file, entry_id)
            entry["card"] = self._seal_card(entry_id, change(self._open_card(entry)))

    def _wrapped(self, entry_id: str, data_key: bytes, pin: str) -> dict[str, Any]:
        return wrap_for_pin(entry_id, data_key, pin, self._bound_secret(), salt=os.urandom(16), cost=self._cost)

    def _seal_card(self, entry_id: str, card: Card) -> str:
        return b64(self.seal(json.dumps({"entry": entry_id, **asdict(card)}).encode()))

    def _open_card(self, entry: dict[str, Any]) -> Card:
        card = json.loads(self.open_sealed(unb64(entry["card"])))
        if card.pop("entry") != entry["id"]:
            raise StorageError(_("密钥文件被改动过，请用恢复密钥"), code="keyring.damaged")
        return Card(**card)

    def _aead(self) -> AESGCM:
        return AESGCM(derive(self._bound_secret(), self._id.encode(), "doorstep seal"))

    def _bound_secret(self) -> bytes:
        if self._secret is None:
            raise StorageError(
                _("这台电脑没有这份数据的设备密钥，PIN 打不开；请用打印的恢复密钥"), code="keyring.no_secret"
            )
        return self._secret

    def _require_right_key(self, file: dict[str, Any], data_key: bytes) -> None:
        import hmac

        if not hmac.compare_digest(file["check"], fingerprint(data_key)):
            raise BugError("data key of another keyring", code="keyring.other_key")

    def _read(self) -> dict[str, Any]:
        return read_keyring(self._path)

    @contextmanager
    def _changing(self) -> Iterator[dict[str, Any]]:
        """Give the file's content to change, alone among all programs, and write it back whole."""
        with exclusive(self._lock):
            file = self._read()
            yield file
            write_durable(self._path, encode_keyring(file))


def _wrong_pin(tries_left: int) -> InvalidInputError | RuleError:
    if tries_left <= 0:
        return _locked(LOCKED_FOR.total_seconds())
    return InvalidInputError({"pin": _("PIN 不对，还可以试 {count} 次", count=tries_left)}, code="keyring.wrong_pin")


def _locked(seconds: float) -> RuleError:
    minutes = max(1, -(-int(seconds) // 60))
    return RuleError(
        _("连续输错 {tries} 次，先锁住了；{minutes} 分钟后再试，或请站长重设 PIN", tries=TRIES, minutes=minutes),
        code="keyring.locked",
    )
