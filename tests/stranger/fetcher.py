"""Fetches a new version from a district, written from docs/protocol.md with nothing of the program."""

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

PIECE = 50_000


def offered(url: str, token: str, trusted: bytes, *, platform: str, version: str) -> dict[str, Any] | None:
    """Return the manifest of what is offered, if its signature holds under the one key that is trusted here."""
    query = {"platform": platform, "version": version}
    answer = requests.get(f"{url}/v1/release", params=query, headers=_auth(token), timeout=30)
    if answer.status_code in (204, 404):
        return None
    answer.raise_for_status()
    envelope = json.loads(answer.json()["release"])
    if envelope["key"] != hashlib.sha256(trusted).hexdigest()[:16]:
        raise ValueError("a key that is not trusted")
    signed = b"doorstep release 1\n" + envelope["manifest"].encode()
    Ed25519PublicKey.from_public_bytes(trusted).verify(base64.b64decode(envelope["signature"]), signed)
    manifest: dict[str, Any] = json.loads(envelope["manifest"])
    newer = _numbers(manifest["version"]) > _numbers(version)
    return manifest if manifest["product"] == "doorstep" and manifest["platform"] == platform and newer else None


def fetch(url: str, token: str, manifest: dict[str, Any], file: Path, *, pieces: int = 1000) -> bool:
    """Fetch at most so many pieces behind what is in the file; tell whether it is whole and as it was signed."""
    path = f"{url}/v1/release/{manifest['platform']}/{manifest['version']}/package"
    at = file.stat().st_size if file.exists() else 0
    while at < manifest["size"] and pieces > 0:
        last = min(at + PIECE, manifest["size"]) - 1
        wanted = {"Range": f"bytes={at}-{last}", "If-Range": f'"{manifest["sha256"]}"'}
        answer = requests.get(path, headers={**_auth(token), **wanted}, timeout=30)
        if answer.status_code == 200:  # another package by now
            raise LookupError
        answer.raise_for_status()
        assert answer.headers["Content-Range"] == f"bytes {at}-{last}/{manifest['size']}"
        with file.open("ab") as out:
            out.write(answer.content)
        at, pieces = last + 1, pieces - 1
    return at == manifest["size"] and hashlib.sha256(file.read_bytes()).hexdigest() == manifest["sha256"]


def _auth(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _numbers(version: str) -> list[int]:
    return [int(part) for part in version.split(".")]
