"""Keys, packages and signed manifests to test with."""

import gzip
import hashlib
import io
import lzma
import tarfile
from pathlib import Path

import zstandard
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.district.release_signing import public_line
from app.updates.manifest import SUFFIX, Release, sign

PRIVATE = bytes(range(32))
PUBLIC = Ed25519PrivateKey.from_private_bytes(PRIVATE).public_key().public_bytes_raw()
LINE = public_line(PUBLIC, "余杭区")
NOTES = {"zh_CN": "修了打印", "en": "Printing mended"}


def trust(monkeypatch, folder: Path, *lines: str) -> Path:
    """Let this process trust the keys of these lines; of none: of the usual one."""
    file = folder / "keys.txt"
    file.write_text("\n".join(lines or (LINE,)) + "\n", "utf-8")
    monkeypatch.setenv("DOORSTEP_RELEASE_KEYS", str(file))
    return file


def package(folder: Path, version: str = "0.2.0", *, content: bytes | None = None, private=PRIVATE, **facts) -> Path:
    """Write a package and its manifest; return the package."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"doorstep_{version}_amd64.deb"
    content = noise(version, 300_000) if content is None else content
    file.write_bytes(content)
    fresh = {
        "version": version,
        "platform": "linux-amd64",
        "file": file.name,
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "minimum_schema": "0001",
        "notes": NOTES,
        "made_at": "2026-11-29T01:00:00+00:00",
    }
    file.with_name(file.name + SUFFIX).write_bytes(sign(Release(**{**fresh, **facts}), private))
    return file


def noise(seed: str, size: int) -> bytes:
    """Return bytes that are the same each time and repeat nowhere."""
    return hashlib.shake_128(seed.encode()).digest(size)


def deb(
    file: Path, *, version: str = "0.2.0", architecture: str = "amd64", name: str = "doorstep", packed: str = ".xz"
) -> Path:
    """Write a real, small Debian package."""
    fields = f"Package: {name}\nVersion: {version}\nArchitecture: {architecture}\nDescription: x\n more\n".encode()
    inner = io.BytesIO()
    with tarfile.open(fileobj=inner, mode="w") as archive:
        facts = tarfile.TarInfo("./control")
        facts.size = len(fields)
        archive.addfile(facts, io.BytesIO(fields))
    pack = {".xz": lzma.compress, ".gz": gzip.compress, ".zst": zstandard.compress, "": bytes}[packed]
    members = [
        ("debian-binary", b"2.0\n"),
        (f"control.tar{packed}", pack(inner.getvalue())),
        ("data.tar.xz", b"x" * 999),
    ]
    with file.open("wb") as out:
        out.write(b"!<arch>\n")
        for title, content in members:
            out.write(f"{title:<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{len(content):<10}`\n".encode())
            out.write(content + b"\n" * (len(content) % 2))
    return file
