"""New versions come to a counter whole, signed and behind everything else, however bad the line is."""

import contextlib
import shutil
import signal
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.db.database import Database
from app.district import accounts
from app.district.release_store import Audience, Releases
from app.errors import AuthError, Cancelled, OfflineError, ProtocolError, RuleError, StorageError
from app.sync import release_fetch
from app.sync.membership import membership
from app.sync.release_fetch import Offer, ask, fetch, forget
from app.sync.release_line import ReleaseLine
from app.updates.package import check_content, read_beside
from tests.district.live import running
from tests.faults.proxy import CAPTIVE, DEAF, GOOD, LOSSY, Proxy
from tests.sync import world
from tests.updates import making

ROOT = Path(__file__).resolve().parents[2]
SIZE = 300_000
FOREIGN = b"\7" * 32
FOREIGN_PUBLIC = Ed25519PrivateKey.from_private_bytes(FOREIGN).public_key().public_bytes_raw()
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


def test_nothing_is_offered_where_nothing_is_newer_for_this_computer(stand):
    stand.add("0.2.0", minimum_schema="0009")
    stand.add("0.1.0")

    assert stand.ask() is None
    assert stand.ask(version="0.2.0") is None
    assert stand.ask(schema="0009").release.version == "0.2.0"
    assert stand.ask(platform="windows-amd64", schema="0009") is None


def test_a_line_that_loses_a_third_brings_it_whole(stand):
    stand.add()
    offer = stand.ask()
    stand.proxy.mode = LOSSY

    packages = []
    for _again in range(20):
        with contextlib.suppress(OfflineError):  # what came stays, and the next call goes on there
            packages.append(stand.fetch(offer))
            break

    check_content(packages[0], offer.release)
    assert stand.proxy.broken > 3


def test_a_dead_line_keeps_what_came_and_a_later_call_goes_on_there(stand, monkeypatch):
    stand.add()
    offer = stand.ask()
    monkeypatch.setattr(release_fetch, "FIRST_PIECE", 64 * 1024)

    def die(here, _of):
        if here >= 100_000:
            stand.proxy.mode = DEAF
            for each in stand.proxy._open:
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)

    with pytest.raises(OfflineError, match="新版取到") as cut:
        stand.fetch(offer, progress=die)
    (had,) = stand.parts.values()
    stand.proxy.mode = GOOD
    told = []
    package = stand.fetch(offer, progress=lambda here, _of: told.append(here))

    assert cut.value.code == "sync.offline" and had >= 100_000
    assert told[0] == had
    check_content(package, offer.release)


def test_a_kill_in_the_middle_costs_nothing_that_came(stand, tmp_path):
    stand.add()
    offer = stand.ask()
    (tmp_path / "offer").write_bytes(offer.content)
    stand.counter.database.close()
    killed = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], cwd=ROOT, check=False)
    (had,) = stand.parts.values()

    told = []
    stand.counter.database = Database(stand.counter.path, world.KEY)
    package = stand.fetch(offer, progress=lambda here, _of: told.append(here))

    assert killed.returncode == -signal.SIGKILL
    assert told[0] == had > 100_000
    check_content(package, offer.release)


KILLED = """
import os, signal, sys
from pathlib import Path
from app.db.database import Database
from app.sync.release_fetch import Offer, fetch
from app.updates.keys import verified
folder = Path(sys.argv[1])
content = (folder / "offer").read_bytes()
def die(here, of):
    if here > 100_000:
        os.kill(os.getpid(), signal.SIGKILL)
fetch(Database(folder / "counter.db", bytes(range(32))), Offer(verified(content), content), folder / "incoming",
      progress=die)
"""


def test_it_stops_when_told_and_keeps_what_came(stand):
    stand.add()
    here = []

    with pytest.raises(Cancelled):
        stand.fetch(progress=lambda at, _of: here.append(at), stopped=lambda: bool(here) and here[-1] > 100_000)

    assert 100_000 < stand.parts[f"{stand.ask().release.sha256}.part"] < SIZE


def test_another_version_begins_anew_and_drops_the_half_of_the_old_one(stand):
    stand.add("0.2.0")
    with pytest.raises(Cancelled):
        half(stand)
    stand.add("0.3.0")
    told = []

    package = stand.fetch(progress=lambda here, _of: told.append(here))

    assert (told[0], package.name, stand.parts) == (0, "doorstep_0.3.0_amd64.deb", {})
    assert sorted(file.name for file in stand.into.iterdir()) == [".lock", package.name, f"{package.name}.release"]


def half(stand):
    here = [0]
    stand.fetch(progress=lambda at, _of: here.append(at), stopped=lambda: here[-1] > 100_000)


def test_what_is_here_whole_is_not_fetched_again(stand):
    stand.add()
    stand.fetch()
    offer = stand.ask()
    stand.proxy.mode = DEAF

    check_content(stand.fetch(offer), offer.release)


def test_a_package_that_was_exchanged_is_not_mixed_with_the_half_of_the_old_one(stand):
    kept = stand.add()
    offer = stand.ask()
    with pytest.raises(Cancelled):
        half(stand)
    shutil.rmtree(kept.folder)
    stand.add(content=making.noise("other", SIZE), notes={"zh_CN": "又一个"})

    with pytest.raises(RuleError) as changed:
        stand.fetch(offer)

    assert (changed.value.code, stand.parts) == ("release.changed", {})


def test_what_is_not_what_was_signed_is_deleted_and_told(stand):
    kept = stand.add()
    kept.package.write_bytes(making.noise("other", SIZE))

    with pytest.raises(ProtocolError, match="没有安装") as damaged:
        stand.fetch()

    assert damaged.value.code == "release.damaged"
    assert [file.name for file in stand.into.iterdir()] == [".lock"]


def test_what_was_withdrawn_is_forgotten(stand):
    stand.add()
    offer = stand.ask()
    with pytest.raises(Cancelled):
        half(stand)
    stand.releases.withdraw("0.2.0")

    with pytest.raises(RuleError) as withdrawn:
        stand.fetch(offer)

    assert (withdrawn.value.code, stand.parts, stand.ask()) == ("release.withdrawn", {}, None)


def test_forgetting_leaves_nothing_behind(stand):
    stand.add()
    stand.fetch()

    forget(stand.into)
    forget(stand.into / "never-made")

    assert [file.name for file in stand.into.iterdir()] == [".lock"]


def test_a_portals_page_is_never_taken_for_a_package_nor_for_an_offer(stand):
    stand.add()
    offer = stand.ask()
    with pytest.raises(Cancelled):
        half(stand)
    before = {file.name: file.read_bytes() for file in stand.into.glob("*.part")}
    stand.proxy.mode = CAPTIVE

    for question in (stand.ask, lambda: stand.fetch(offer)):
        with pytest.raises(OfflineError) as portal:
            question()
        assert portal.value.code == "sync.not_the_district"

    assert {file.name: file.read_bytes() for file in stand.into.glob("*.part")} == before
    assert making.noise("0.2.0", SIZE).startswith(*before.values())


def test_a_foreign_signature_is_refused_before_a_byte_of_the_package(stand, tmp_path, monkeypatch):
    making.trust(monkeypatch, tmp_path, making.public_line(FOREIGN_PUBLIC))
    stand.add("0.9.0", private=FOREIGN)
    offer = stand.ask()
    making.trust(monkeypatch, tmp_path)

    with pytest.raises(RuleError) as asked:
        stand.ask()
    with pytest.raises(RuleError) as fetched:
        stand.fetch(offer)

    assert asked.value.code == fetched.value.code == "release.unknown_key"
    assert not any('version="0.9.0"' in line for line in stand.live.api.state.metrics.lines())
    assert not stand.into.exists()


def test_an_offer_that_does_not_fit_its_own_manifest_is_refused(stand):
    stand.add()
    offer = stand.ask()

    with pytest.raises(RuleError) as forged:
        stand.fetch(Offer(replace(offer.release, sha256="0" * 64), offer.content))

    assert forged.value.code == "release.signature"


@pytest.mark.parametrize("mean", [{"version": "0.0.9"}, {"platform": "linux-arm64"}, {"minimum_schema": "0099"}])
def test_a_district_that_offers_what_is_not_for_us_is_not_listened_to(stand, monkeypatch, mean):
    kept = stand.add(**{"version": "0.2.0", **mean})
    monkeypatch.setattr(Releases, "newest_for", lambda *_who, **_what: kept)

    assert stand.ask() is None


def test_a_busy_district_and_one_from_before_releases_break_nothing(stand, monkeypatch):
    stand.add()
    offer = stand.ask()
    monkeypatch.setattr(release_fetch, "_pause", lambda *_how: 0.0)
    monkeypatch.setattr(stand.live.api.state.release_gate, "at_once", 0)
    with pytest.raises(OfflineError) as busy:
        stand.fetch(offer)
    monkeypatch.setattr(ReleaseLine, "_send", lambda line, method, path, *rest: SEND(line, method, ELDER + path, *rest))

    assert busy.value.code == "sync.busy"
    assert stand.ask() is None


ELDER, SEND = "/v1/elder", ReleaseLine._send


def test_a_revoked_computer_and_one_that_never_joined_are_told_so(stand, new_counter):
    stand.add()
    offer = stand.ask()
    with stand.live.store.write() as connection:
        accounts.revoke(connection, stand.counter.ask(membership).device)

    for question in (stand.ask, lambda: stand.fetch(offer)):
        with pytest.raises(AuthError) as revoked:
            question()
        assert revoked.value.code == "sync.revoked"
    with pytest.raises(OfflineError) as alone:
        ask(new_counter().database, **HERE)
    assert alone.value.code == "sync.not_joined"


def test_two_programs_never_write_the_same_part(stand):
    stand.add()
    offer, codes = stand.ask(), []

    def meanwhile(_here, _of):
        with pytest.raises(StorageError) as second:
            stand.fetch(offer)
        codes.append(second.value.code)

    check_content(stand.fetch(offer, progress=meanwhile), offer.release)
    assert set(codes) == {"storage.busy"}


def test_no_piece_begins_while_the_sync_is_under_way(stand):
    stand.add()
    here, busy = [0], iter([True, True, True])
    seen = []

    def give_way():
        under_way = next(busy, False)
        if under_way:
            seen.append(here[-1])
        return under_way

    stand.fetch(progress=lambda at, _of: here.append(at), give_way=give_way)

    assert seen == [0, 0, 0]


# -- how it shares the line -----------------------------------------------------------------------------------------


class SlowLine:
    """Takes so many seconds for each byte, on a clock of its own."""

    def __init__(self, seconds):
        self.now, self.seconds, self.asked = 0.0, seconds, []

    def monotonic(self):
        return self.now

    def piece(self, release, start, length):
        length = min(length, release.size - start)
        self.asked.append(length)
        self.now += length * self.seconds
        yield b"x" * length


@pytest.mark.parametrize("bytes_a_second", [20_000, 2_000_000])
def test_it_leaves_the_line_as_long_as_its_share_says_in_pieces_of_about_a_second(
    tmp_path, monkeypatch, bytes_a_second
):
    line = SlowLine(1 / bytes_a_second)
    monkeypatch.setattr(release_fetch, "RESERVE", 0)
    monkeypatch.setattr(release_fetch, "clock", line)
    release = verified_release(monkeypatch, tmp_path, size=10_000_000)
    rested = []
    coming = release_fetch._Coming(line, release, tmp_path / "part", None, lambda: False, lambda: False, 0.25)
    monkeypatch.setattr(coming, "_wait", rested.append)

    coming.run()

    assert (tmp_path / "part").stat().st_size == release.size
    assert sum(rested) == pytest.approx(3 * line.now)
    settled = line.asked[6:-1]
    assert max(settled) / bytes_a_second <= 2 * release_fetch.SLOW
    assert min(settled) / bytes_a_second >= release_fetch.QUICK


def verified_release(monkeypatch, folder, **facts):
    making.trust(monkeypatch, folder)
    return replace(read_beside(making.package(folder / "made"))[1], **facts)


# -- a small disk ---------------------------------------------------------------------------------------------------


@pytest.fixture
def small_disk(stand):
    """Mount a disk of 512 KiB where the package is to come."""
    stand.into.mkdir()
    made = ["mount", "-t", "tmpfs", "-o", "size=512k", "doorstep-test", str(stand.into)]
    if sys.platform != "linux" or subprocess.run(made, capture_output=True, check=False).returncode != 0:
        pytest.skip("no file system may be mounted here")
    yield stand.into
    subprocess.run(["umount", "-l", str(stand.into)], check=True)


def test_where_it_has_no_room_it_says_so_before_the_first_byte(stand, small_disk):
    stand.add("0.4.0")
    others = small_disk / "others"
    others.mkdir()
    (others / "file").write_bytes(b"x" * 400_000)

    with pytest.raises(StorageError, match="腾出") as full:
        stand.fetch()

    assert (full.value.code, stand.parts) == ("release.no_room", {})
    assert not any('version="0.4.0"' in line for line in stand.live.api.state.metrics.lines())


def test_a_disk_that_fills_meanwhile_keeps_what_came_and_it_goes_on_when_there_is_room(stand, small_disk):
    stand.add()
    offer = stand.ask()
    others = small_disk / "others"
    others.mkdir()

    def fill(here, _of):
        if here > 100_000 and not (others / "file").exists():
            with contextlib.suppress(OSError):
                (others / "file").write_bytes(b"x" * 500_000)

    with pytest.raises(StorageError, match="腾出") as full:
        stand.fetch(offer, progress=fill)
    (had,) = stand.parts.values()
    assert full.value.code == "release.no_room" and had > 100_000
    assert making.noise("0.2.0", SIZE).startswith(next(small_disk.glob("*.part")).read_bytes())

    shutil.rmtree(others)
    told = []
    package = stand.fetch(offer, progress=lambda here, _of: told.append(here))

    assert told[0] == had
    check_content(package, offer.release)
