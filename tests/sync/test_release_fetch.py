"""New versions come to a counter whole, signed and behind everything else, however bad the line is."""

import threading
from pathlib import Path

import pytest

from app.district import accounts
from app.district.release_store import Audience, Releases
from app.errors import AuthError, Cancelled, OfflineError, ProtocolError, RuleError, StorageError
from app.sync import release_fetch
from app.sync.membership import membership
from app.sync.release_fetch import Offer, ask, fetch, forget
from app.sync.release_line import ReleaseLine
from app.updates.keys import verified
from app.updates.package import check_content, read_beside
from tests.district.live import running
from tests.faults.proxy import BLACK_HOLE, CAPTIVE, DEAF, GOOD, LOSSY, Proxy
from tests.sync import world
from tests.updates import making

SIZE = 300_000
HERE = {"platform": "linux-amd64", "version": "0.1.0", "schema": "0008"}


class Stand:
    """A counter, its line, and a district with a folder of releases."""

    def __init__(self, live, proxy, counter, folder) -> None:
        self.live, self.proxy, self.counter, self.folder = live, proxy, counter, folder
        self.releases = Releases(folder / "releases")
        self.into = folder / "incoming"
        live.api.state.releases = self.releases

    def add(self, version="0.2.0", audience=None, **facts):
        package = making.package(self.folder / f"made-{version}-{len(facts)}", version, **facts)
        return self.releases.add(package, audience or Audience())

    def ask(self, **how):
        return ask(self.counter.database, **{**HERE, **how})

    def fetch(self, offer=None, **how):
        return fetch(self.counter.database, offer or self.ask(), self.into, **how)

    @property
    def parts(self):
        return {file.name: file.stat().st_size for file in self.into.glob("*.part")}


@pytest.fixture(scope="module")
def live(tmp_path_factory):
    with running(f"sqlite:///{tmp_path_factory.mktemp('district') / 'district.db'}") as made:
        yield made


@pytest.fixture
def stand(live, tmp_path, empty_counter, monkeypatch):
    making.trust(monkeypatch, tmp_path)
    monkeypatch.setattr(release_fetch, "FIRST_WAIT", 0.001)
    monkeypatch.setattr(release_fetch, "RESERVE", 0)
    monkeypatch.setattr("app.district.release_store.RESERVE", 0)
    proxy = Proxy(int(live.url.rpartition(":")[2]))
    counter = world.counter(empty_counter, tmp_path / "counter.db")
    world.enrol(counter.database, proxy.url, live.code(), "窗口")
    yield Stand(live, proxy, counter, tmp_path)
    counter.close()
    proxy.close()


def test_a_release_comes_whole_with_its_manifest_beside_it(stand):
    kept = stand.add()
    told = []

    package = stand.fetch(progress=lambda here, of: told.append((here, of)))

    content, release = read_beside(package)
    check_content(package, release)
    assert package.name == kept.file and content.decode() == kept.manifest
    assert told[0] == (0, SIZE) and told[-1] == (SIZE, SIZE) and told == sorted(told)
    assert stand.parts == {}
