"""Real packages for tests: a ``.deb`` made by dpkg-deb from one script, and its signed release."""

import hashlib
import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from app.updates.manifest import SUFFIX, Release, sign
from app.updates.programs import this_platform
from tests.updates.test_manifest import PRIVATE, PUBLIC, RELEASE

CONTROL = """Package: doorstep
Version: {version}
Architecture: all
Maintainer: Tests <tests@example.org>
Installed-Size: {size}
Description: a script that stands for a version
"""

needs_dpkg = pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="dpkg-deb is not here: no real package to try")


def trust(monkeypatch, folder: Path) -> None:
    """Let this computer trust the tests' key alone."""
    import base64

    keys = folder / "release-keys.txt"
    keys.write_text(base64.b64encode(PUBLIC).decode() + " tests\n")
    monkeypatch.setenv("DOORSTEP_RELEASE_KEYS", str(keys))


def make_deb(folder: Path, version: str, script: str, *, installed_kib: int = 100, **release: object) -> Path:
    """Make a package with its release beside it; ``release`` changes fields of the manifest."""
    tree = folder / f"tree-{version}"
    program = tree / "opt" / "doorstep" / "doorstep"
    program.parent.mkdir(parents=True)
    program.write_text(script)
    program.chmod(0o755)
    (tree / "opt" / "doorstep" / "_internal").mkdir()
    (tree / "opt" / "doorstep" / "_internal" / "library").write_bytes(os.urandom(50_000))
    (tree / "DEBIAN").mkdir()
    (tree / "DEBIAN" / "control").write_text(CONTROL.format(version=version, size=installed_kib))
    package = folder / f"doorstep_{version}_amd64.deb"
    command = ["dpkg-deb", "--root-owner-group", "-Zgzip", "-z1", "--build", tree, package]
    subprocess.run(command, check=True, capture_output=True)
    shutil.rmtree(tree)
    sign_beside(package, version, **release)
    return package


def sign_beside(package: Path, version: str, **fields: object) -> Release:
    """Sign a package with the tests' key."""
    content = package.read_bytes()
    sha256 = hashlib.sha256(content).hexdigest()
    own = {"version": version, "platform": this_platform(), "file": package.name, "size": len(content)}
    signed = replace(RELEASE, **{**own, "sha256": sha256, **fields})
    package.with_name(package.name + SUFFIX).write_bytes(sign(signed, PRIVATE))
    return signed
