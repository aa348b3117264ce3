"""The lock: every package by hash, no host anywhere, and a Qt that keeps its references."""

import re
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent
LOCK = (ROOT / "requirements.lock").read_text("utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def locked():
    """Return name → set of versions (markers may lock several)."""
    found = {}
    for line in re.findall(r"^([A-Za-z0-9._-]+(?:\[[^]]*\])?==[^\s;\\]+)", LOCK, re.MULTILINE):
        name, version = line.split("==")
        found.setdefault(canonicalize_name(name.split("[")[0]), set()).add(Version(version))
    return found


def test_the_lock_names_no_host():
    assert "://" not in LOCK
    assert not re.search(r"^\s*(-i|-f|--(extra-)?index-url|--find-links|--trusted-host)\b", LOCK, re.MULTILINE)


def test_every_locked_package_has_its_hashes():
    blocks = re.split(r"\n(?=[A-Za-z0-9])", LOCK.strip())

    without = [b.splitlines()[0] for b in blocks if "--hash=sha256:" not in b]

    assert len(blocks) > 40
    assert without == []


def test_the_lock_holds_what_the_project_asks_for():
    asked = [Requirement(r) for r in PROJECT["project"]["dependencies"] + PROJECT["dependency-groups"]["dev"]]
    have = locked()

    missing = [
        str(r)
        for r in asked
        if not all(r.specifier.contains(v) for v in have.get(canonicalize_name(r.name), {Version("0")}))
        or canonicalize_name(r.name) not in have
    ]

    assert missing == []


def test_qt_stays_below_the_version_that_drops_references():
    assert all(version < Version("6.12") for version in locked()["pyside6"])
    assert any(r.startswith("pyside6") and "<6.12" in r for r in PROJECT["project"]["dependencies"])


def test_no_file_of_a_lock_with_hosts_is_kept():
    ignored = (ROOT / ".gitignore").read_text("utf-8").splitlines()

    assert "uv.lock" in ignored
