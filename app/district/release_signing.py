"""What the person who signs releases does: make a key, and put a signed manifest beside a package."""

from __future__ import annotations

import base64
import io
import lzma
import os
import re
import stat
import tarfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.parser import Parser
from pathlib import Path
from typing import BinaryIO

import zstandard
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from app import clock
from app.db.durable import translated
from app.errors import InvalidInputError, RuleError
from app.models.wire import to_wire
from app.texts import _
from app.updates.manifest import MAX_MANIFEST, PLATFORMS, SUFFIX, Release, read_release, sign
from app.updates.package import Told, sha256_of

PACKAGE_NAME = "doorstep"
_ARCHITECTURES = {"amd64": "linux-amd64", "arm64": "linux-arm64"}
_MAX_CONTROL = 4 * 1024 * 1024
_LABEL = re.compile(r"[^#\x00-\x1f]{0,60}\Z")


@dataclass(frozen=True)
class Wanted:
    """What is to be signed; version and platform may be left to the package where it tells them itself."""

    version: str | None
    platform: str | None
    minimum_schema: str
    notes_zh: str
    notes_en: str


def make_key(file: Path, *, passphrase: str = "", label: str = "") -> str:
    """Make a key, readable by this user alone, and return the line that is to be distributed.

    Raises:
        RuleError: there is a file already; it stays as it is.
        InvalidInputError: the label cannot stand in such a line.
        StorageError: it cannot be written.
    """
    if not _LABEL.match(label):
        raise InvalidInputError({"name": _("密钥的名字最多 60 个字，不能有 #")})
    key = Ed25519PrivateKey.generate()
    locked = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
    content = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, locked)
    try:
        with translated(file):
            handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
            with os.fdopen(handle, "wb") as written:
                written.write(content)
                written.flush()
                os.fsync(written.fileno())
    except Exception as problem:
        if isinstance(problem.__cause__, FileExistsError):
            text = _("已经有这个文件，没有动它：{file}。密钥丢了就再也签不了，请换个名字", file=file)
            raise RuleError(text, code="release.key_exists") from None
        raise
    return public_line(key.public_key().public_bytes_raw(), label)


def public_line(public: bytes, label: str = "") -> str:
    """Return a public key as a line of ``release-keys.txt``."""
    return f"{base64.b64encode(public).decode()} {label.strip()}".strip()


def load_key(file: Path, passphrase: Callable[[], str]) -> Ed25519PrivateKey:
    """Read a key; ``passphrase`` is asked if it has one.

    Raises:
        RuleError: it is no such key, or the passphrase is wrong.
        StorageError: it cannot be read.
    """
    with translated(file):
        content = file.read_bytes()
    try:
        try:
            key = load_pem_private_key(content, None)
        except TypeError:  # it is encrypted
            key = load_pem_private_key(content, passphrase().encode())
    except (ValueError, TypeError, UnsupportedAlgorithm):
        text = _("打不开签名的密钥：{file} 不是密钥文件，或者口令不对。什么也没签", file=file)
        raise RuleError(text, code="release.key") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise RuleError(_("{file} 不是 Ed25519 密钥，什么也没签", file=file), code="release.key")
    return key


def is_open_to_others(file: Path) -> bool:
    """Tell whether others on this machine may read it."""
    return os.name == "posix" and bool(stat.S_IMODE(file.stat().st_mode) & 0o077)


def sign_package(package: Path, wanted: Wanted, key: Ed25519PrivateKey, *, told: Told | None = None) -> Release:
    """Write ``PACKAGE.release`` and return what it says.

    Raises:
        InvalidInputError: a field is missing, wrong, or not what the package says of itself.
        RuleError: it is no package of this program.
        StorageError: it cannot be read or written.
    """
    version, platform = _agreed(wanted, facts_of(package))
    with translated(package):
        size, sha256 = package.stat().st_size, sha256_of(package, told=told)
    notes = {"zh_CN": wanted.notes_zh.strip(), "en": wanted.notes_en.strip()}
    made_at = to_wire(clock.now())
    release = Release(version, platform, package.name, size, sha256, wanted.minimum_schema, notes, made_at)
    if not re.fullmatch(r"[0-9]{4}", wanted.minimum_schema):
        raise InvalidInputError({"schema": _("最低数据版本是四位数字，比如 0001")})
    if not notes["zh_CN"]:
        raise InvalidInputError({"notes": _("更新说明是空的：站点要知道有什么不一样")})
    content = sign(release, key.private_bytes_raw())
    if len(content) > MAX_MANIFEST:
        raise InvalidInputError({"notes": _("更新说明太长，一共最多 {n} 个字左右", n=MAX_MANIFEST // 8)})
    assert read_release(content, [key.public_key().public_bytes_raw()]) == release
    file = package.with_name(package.name + SUFFIX)
    with translated(file):
        beside = file.with_name(f".{file.name}.new")
        beside.write_bytes(content)
        os.replace(beside, file)
    return release


def facts_of(package: Path) -> tuple[str | None, str | None]:
    """Return version and platform as the package itself tells them; a Windows program tells only what it is for.

    Raises:
        RuleError: it is no package, or not of this program.
        StorageError: it cannot be read.
    """
    with translated(package), package.open("rb") as file:
        first = file.read(8)
        if first[:2] == b"MZ":
            return None, "windows-amd64"
        if first != b"!<arch>\n":
            raise RuleError(_("{file} 不是 .deb，也不是 Windows 安装程序", file=package.name), code="release.package")
        try:
            control = _control(file)
        except (ValueError, KeyError, EOFError, tarfile.TarError, lzma.LZMAError, zlib.error, zstandard.ZstdError):
            raise RuleError(_("{file} 坏了，读不出里面的说明", file=package.name), code="release.package") from None
    name, architecture = control.get("Package", ""), control.get("Architecture", "")
    if name != PACKAGE_NAME or architecture not in _ARCHITECTURES:
        text = _(
            "{file} 是 {name}（{architecture}），不是家门口的安装包",
            file=package.name,
            name=name,
            architecture=architecture,
        )
        raise RuleError(text, code="release.package")
    upstream = control.get("Version", "").rpartition(":")[2]
    return upstream.rpartition("-")[0] or upstream, _ARCHITECTURES[architecture]


def _agreed(wanted: Wanted, found: tuple[str | None, str | None]) -> tuple[str, str]:
    """Return version and platform, as given and as found; both must say the same."""
    agreed = []
    for name, given, told in zip(("version", "platform"), (wanted.version, wanted.platform), found, strict=True):
        if given is not None and told is not None and given != told:
            raise InvalidInputError({name: _("说的是 {given}，包里写的是 {told}，没有签", given=given, told=told)})
        value = given or told
        if value is None:
            raise InvalidInputError({name: _("包里没有写 {name}，请用 --{name} 给出", name=name)})
        agreed.append(value)
    if agreed[1] not in PLATFORMS:
        raise InvalidInputError({"platform": _("平台只有：{names}", names=" ".join(PLATFORMS))})
    return agreed[0], agreed[1]


def _control(file: BinaryIO) -> dict[str, str]:
    """Return the control fields of a Debian package that is open behind its first line."""
    for name, content in _members(file):
        if name.startswith("control.tar"):
            with tarfile.open(fileobj=io.BytesIO(_unpacked(name, content))) as archive:
                for path in ("./control", "control"):
                    if path in archive.getnames() and (member := archive.extractfile(path)) is not None:
                        return dict(Parser().parsestr(member.read(_MAX_CONTROL).decode()))
    raise ValueError("no control file")


def _members(file: BinaryIO) -> Iterator[tuple[str, bytes]]:
    """Yield the small members of an ar archive."""
    while len(heading := file.read(60)) == 60:
        name, size = heading[:16].decode("ascii").strip().rstrip("/"), int(heading[48:58])
        if size < 0 or heading[58:] != b"`\n":
            raise ValueError("not an ar archive")
        if size <= _MAX_CONTROL:
            yield name, file.read(size)
            file.seek(size % 2, io.SEEK_CUR)
        else:
            file.seek(size + size % 2, io.SEEK_CUR)


def _unpacked(name: str, content: bytes) -> bytes:
    if name.endswith(".xz"):
        return lzma.LZMADecompressor().decompress(content, _MAX_CONTROL)
    if name.endswith(".gz"):
        return zlib.decompressobj(wbits=31).decompress(content, _MAX_CONTROL)
    if name.endswith(".zst"):
        return zstandard.ZstdDecompressor().decompress(content, _MAX_CONTROL)
    return content
