"""A package as a file: is it the one that the ``.release`` file beside it was signed for?"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from app.db.durable import translated
from app.errors import RuleError
from app.texts import _
from app.updates.keys import verified
from app.updates.manifest import MAX_MANIFEST, SUFFIX, Release

Told = Callable[[int, int], object]
"""Is told how many bytes were looked at, and of how many."""

_READ = 1024 * 1024


def read_beside(package: Path) -> tuple[bytes, Release]:
    """Return the ``.release`` file beside a package, and what it says, once a trusted key has signed it.

    Raises:
        RuleError: it is not there, or not signed by a trusted key.
        StorageError: it cannot be read.
    """
    file = package.with_name(package.name + SUFFIX)
    if not file.is_file():
        text = _("包的旁边没有 {file}，不知道是谁发的，没有用。两个文件要一起拷", file=file.name)
        raise RuleError(text, code="release.unsigned")
    with translated(file), file.open("rb") as opened:
        content = opened.read(MAX_MANIFEST + 1)
    return content, verified(content)


def check_content(package: Path, release: Release, *, told: Told | None = None) -> None:
    """See that a package is the one that was signed.

    Raises:
        RuleError: another size or another SHA-256.
        StorageError: it cannot be read.
    """
    with translated(package):
        if package.stat().st_size == release.size and sha256_of(package, told=told) == release.sha256:
            return
    text = _("{file} 不是签名时的那个包（大小或 SHA-256 不同），没有用。请重新拷一份", file=package.name)
    raise RuleError(text, code="release.damaged")


def sha256_of(file: Path, *, told: Told | None = None) -> str:
    """Return the SHA-256 of a file in hexadecimal digits."""
    digest, at, size = hashlib.sha256(), 0, file.stat().st_size
    with file.open("rb") as opened:
        while content := opened.read(_READ):
            digest.update(content)
            at += len(content)
            if told is not None:
                told(at, size)
    return digest.hexdigest()
