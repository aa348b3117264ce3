"""Who knows docs/protocol.md alone can fetch a new version, and is deceived by nobody."""

import ast
import sys
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature

from app.district import release_store
from app.district.release_store import Audience, Releases
from tests.district.live import running
from tests.stranger import fetcher
from tests.stranger.fetcher import fetch, offered
from tests.updates import making

HERE = {"platform": "linux-amd64", "version": "0.1.0"}


@pytest.fixture
def live(tmp_path, monkeypatch):
    making.trust(monkeypatch, tmp_path)
    monkeypatch.setattr(release_store, "RESERVE", 0)
    with running(f"sqlite:///{tmp_path / 'district.db'}") as made:
        made.api.state.releases = Releases(tmp_path / "releases")
        yield made


def test_it_imports_nothing_of_the_program():
    tree = ast.parse(Path(fetcher.__file__).read_text("utf-8"))
    named = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    named |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}

    assert {name.partition(".")[0] for name in named} <= {"requests", "cryptography", *sys.stdlib_module_names}


def test_it_fetches_what_is_offered_over_two_cuts(live, tmp_path):
    who, file = (live.url, live.client().token), tmp_path / "package"
    assert offered(*who, making.PUBLIC, **HERE) is None
    live.api.state.releases.add(making.package(tmp_path / "made"), Audience())

    manifest = offered(*who, making.PUBLIC, **HERE)
    whole = [fetch(*who, manifest, file, pieces=2), fetch(*who, manifest, file, pieces=2), fetch(*who, manifest, file)]

    assert whole == [False, False, True]
    assert file.read_bytes() == making.noise("0.2.0", 300_000)
    assert offered(*who, making.PUBLIC, **{**HERE, "version": "0.2.0"}) is None


def test_a_district_that_changes_the_manifest_or_the_package_is_found_out(live, tmp_path):
    who = live.url, live.client().token
    kept = live.api.state.releases.add(making.package(tmp_path / "made"), Audience())
    manifest = offered(*who, making.PUBLIC, **HERE)
    kept.package.write_bytes(making.noise("other", 300_000))

    assert not fetch(*who, manifest, tmp_path / "package")
    file = kept.folder / f"{kept.file}.release"
    file.write_text(file.read_text("utf-8").replace("0.2.0", "0.3.0"), "utf-8")
    with pytest.raises(InvalidSignature):
        offered(*who, making.PUBLIC, **HERE)
