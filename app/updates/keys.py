"""The public keys whose releases this computer takes, and who may say so: what shipped, and root's own file.

A line is a key, 32 bytes as base64, and may be followed by a name; ``#`` begins a comment. ``!`` before a key
distrusts it wherever else it is listed: so a release, or an administrator, ends the trust in a key that got out.
"""

from __future__ import annotations

import base64
import binascii
import logging
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from app import paths
from app.errors import RuleError
from app.texts import _
from app.updates.manifest import Release, key_name, read_release

log = logging.getLogger(__name__)

FILE = "release-keys.txt"
MAX_FILE = 64 * 1024
_DISTRUST = "!"

_SMALL_ORDER = frozenset(
    bytes.fromhex(each)
    for each in (
        "00" * 32,
        "01" + "00" * 31,
        "ec" + "ff" * 30 + "7f",
        "ed" + "ff" * 30 + "7f",
        "ee" + "ff" * 30 + "7f",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    )
)
"""Points for which anybody can make a signature, all zeros among them: no key has them, only a placeholder."""


@dataclass(frozen=True)
class TrustedKey:
    """A public key (32 bytes), what it is called, and the file that names it."""

    public: bytes
    label: str
    file: Path

    @property
    def name(self) -> str:
        """The short name under which a manifest calls it."""
        return key_name(self.public)


@dataclass(frozen=True)
class TrustedKeys:
    """What the files say. ``faults``: a sentence for each line or file that could not be read."""

    keys: tuple[TrustedKey, ...]
    faults: tuple[str, ...]

    @property
    def publics(self) -> tuple[bytes, ...]:
        """The keys alone, as ``read_release`` takes them."""
        return tuple(each.public for each in self.keys)


def key_files() -> tuple[Path, ...]:
    """Return the files that name keys; they need not be there. ``DOORSTEP_RELEASE_KEYS`` takes the place of all."""
    named = os.environ.get("DOORSTEP_RELEASE_KEYS")
    if named:
        return (Path(named),)
    if sys.platform == "win32":
        own = Path(os.environ.get("PROGRAMDATA", "C:/ProgramData")) / "doorstep" / FILE
    else:
        own = Path("/etc/doorstep") / FILE
    return paths.resources() / FILE, own


def read_keys() -> TrustedKeys:
    """Read the trusted keys; what cannot be read is among the faults, and the other keys stand."""
    found: dict[bytes, TrustedKey] = {}
    distrusted: set[bytes] = set()
    faults: list[str] = []
    for file in key_files():
        for number, line in enumerate(_lines(file, faults), 1):
            words = line.partition("#")[0].split(None, 1)
            if not words:
                continue
            public = _key_of(words[0].removeprefix(_DISTRUST))
            if public is None:
                faults.append(_("{file} 第 {n} 行不是一把发布公钥，没有用它", file=file, n=number))
            elif words[0].startswith(_DISTRUST):
                distrusted.add(public)
            else:
                label = words[1].strip() if len(words) > 1 else ""
                found.setdefault(public, TrustedKey(public, label, file))
    for fault in faults:
        log.warning("release keys: %s", fault)
    return TrustedKeys(tuple(key for public, key in found.items() if public not in distrusted), tuple(faults))


def verified(content: bytes) -> Release:
    """Return the release that a ``.release`` file tells of, if a key trusted on this computer has signed it.

    Raises:
        RuleError: it is none, is not signed by a trusted key, or was changed.
    """
    keys = read_keys()
    try:
        return read_release(content, keys.publics)
    except RuleError as problem:
        if problem.code == "release.unknown_key" and keys.faults:  # the key may stand in the line that is damaged
            raise RuleError(f"{problem.text} {'；'.join(keys.faults)}", code=problem.code) from None
        raise


def _lines(file: Path, faults: list[str]) -> list[str]:
    try:
        with file.open("rb") as opened:
            content = opened.read(MAX_FILE + 1)
        if len(content) > MAX_FILE:
            raise ValueError
        return content.decode("utf-8-sig").splitlines()
    except (FileNotFoundError, NotADirectoryError):
        return []
    except (OSError, ValueError):
        faults.append(_("发布公钥的文件读不了，里面的密钥没有用：{file}", file=file))
        return []


def _key_of(text: str) -> bytes | None:
    try:
        public = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    if len(public) != 32 or public[:31] + bytes([public[31] & 0x7F]) in _SMALL_ORDER:
        return None
    return public
