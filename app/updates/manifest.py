"""The signed manifest of one package: which version for which kind of machine, and by whom.

A release travels as two files that lie side by side, on the district server and on a USB stick alike: the package (the
very ``.deb`` or ``setup.exe`` that an administrator may also install by hand) and ``<package>.release``, this manifest.
The manifest's text is signed as it stands, byte by byte, with Ed25519 (RFC 8032); nothing is read from it before its
signature holds.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from app.errors import RuleError
from app.texts import _

SUFFIX = ".release"
PRODUCT = "doorstep"
PLATFORMS = ("linux-amd64", "linux-arm64", "windows-amd64")
MAX_MANIFEST = 64 * 1024
SIGNED_AS = b"doorstep release 1\n"  # what is signed can never be taken for another message of ours
_VERSION = re.compile(r"(0|[1-9]\d{0,4})\.(0|[1-9]\d{0,4})\.(0|[1-9]\d{0,4})")
_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,127}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Release:
    """One package. ``size`` in bytes; ``minimum_schema``: the oldest migration (``0005``) it can bring up to date."""

    version: str
    platform: str
    file: str
    size: int
    sha256: str
    minimum_schema: str
    notes: dict[str, str]
    made_at: str

    @property
    def order(self) -> tuple[int, ...]:
        """The version as numbers, to compare by."""
        return version_order(self.version)

    def notes_in(self, language: str) -> str:
        """Return what is new in a language, else in Chinese."""
        return self.notes.get(language) or self.notes.get("zh_CN", "")


def version_order(version: str) -> tuple[int, ...]:
    """Return a version as numbers.

    Raises:
        RuleError: it is not of the form ``1.2.3``.
    """
    if not _VERSION.fullmatch(version):
        raise RuleError(_("版本号应是 1.2.3 这样的三个数：{version}", version=version[:40]), code="release.version")
    return tuple(int(part) for part in version.split("."))


def key_name(public: bytes) -> str:
    """Return the short name of a public key (32 bytes): the first 16 hexadecimal digits of its SHA-256."""
    return hashlib.sha256(public).hexdigest()[:16]


def sign(release: Release, private: bytes) -> bytes:
    """Return the content of the ``.release`` file, signed with a private key (the seed's 32 bytes)."""
    key = Ed25519PrivateKey.from_private_bytes(private)
    manifest = json.dumps({"product": PRODUCT, **release.__dict__}, ensure_ascii=False, sort_keys=True)
    _release_of(manifest)
    envelope = {
        "manifest": manifest,
        "signature": base64.b64encode(key.sign(SIGNED_AS + manifest.encode())).decode(),
        "key": key_name(key.public_key().public_bytes_raw()),
    }
    return (json.dumps(envelope, ensure_ascii=False, indent=1) + "\n").encode()


def read_release(content: bytes, trusted: Iterable[bytes]) -> Release:
    """Return the release that a ``.release`` file tells of, once one of the trusted public keys has signed it.

    Raises:
        RuleError: not such a file, no key trusted here has signed it, or a field is not what it should be.
    """
    envelope = _json_object(content)
    manifest, signature, name = (envelope.get(field) for field in ("manifest", "signature", "key"))
    if not (isinstance(manifest, str) and isinstance(signature, str) and isinstance(name, str)):
        raise _unreadable()
    keys = {key_name(public): public for public in trusted}
    if name not in keys:
        raise RuleError(
            _("更新包的签名密钥（{key}）不在这台电脑信任的名单里，没有安装。请向区里核对。", key=name[:16]),
            code="release.unknown_key",
        )
    try:
        signed = base64.b64decode(signature, validate=True)
        Ed25519PublicKey.from_public_bytes(keys[name]).verify(signed, SIGNED_AS + manifest.encode())
    except (InvalidSignature, binascii.Error, ValueError):
        raise RuleError(_("更新包的签名不对，没有安装。请从区里重新取。"), code="release.signature") from None
    return _release_of(manifest)


def _json_object(content: bytes | str) -> dict[str, Any]:
    if len(content) > MAX_MANIFEST:
        raise _unreadable()
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        raise _unreadable() from None
    if not isinstance(found, dict):
        raise _unreadable()
    return found


def _unreadable() -> RuleError:
    return RuleError(_("这不是家门口的更新说明（.release）文件，或者文件坏了。"), code="release.unreadable")


def _release_of(manifest: str) -> Release:
    fields = _json_object(manifest)
    if fields.pop("product", None) != PRODUCT:
        raise _unreadable()
    try:
        release = Release(**{name: fields[name] for name in Release.__dataclass_fields__})
    except KeyError:
        raise _unreadable() from None
    texts = (release.version, release.platform, release.file, release.sha256, release.minimum_schema, release.made_at)
    sound = (
        all(isinstance(each, str) for each in texts)
        and type(release.size) is int
        and 0 < release.size < 2**40
        and _FILE.fullmatch(release.file)
        and _SHA256.fullmatch(release.sha256)
        and release.platform in PLATFORMS
        and isinstance(release.notes, dict)
        and all(isinstance(each, str) for pair in release.notes.items() for each in pair)
    )
    if not sound:
        raise _unreadable()
    version_order(release.version)
    return release
