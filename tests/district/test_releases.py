"""The district signs, offers, stages and withdraws new versions, and gives their packages out by pieces."""

import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
from types import SimpleNamespace

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from app.district import accounts, release_gate, release_store
from app.district.main import main
from app.district.release_gate import Gate
from app.district.release_routes import range_of
from app.district.release_signing import facts_of
from app.district.release_store import Audience, Releases
from app.errors import RuleError, StorageError
from app.updates.keys import verified
from app.updates.manifest import SUFFIX
from tests.district.live import OTHER, STATION, Client, running
from tests.updates import making

SIZE = 300_000
CONTENT = making.noise("0.2.0", SIZE)
ASK = "/v1/release?platform=linux-amd64&version=0.1.0"
PACKAGE = "/v1/release/linux-amd64/0.2.0/package"


@pytest.fixture(autouse=True)
def _trusting(tmp_path, monkeypatch):
    making.trust(monkeypatch, tmp_path)
    monkeypatch.setattr(release_store, "RESERVE", 0)


@pytest.fixture
def releases(tmp_path):
    return Releases(tmp_path / "data" / "releases")


@pytest.fixture(scope="module")
def one(tmp_path_factory):
    """Yield a district on SQLite; each test gives it its own folder of releases."""
    with running(f"sqlite:///{tmp_path_factory.mktemp('district') / 'district.db'}") as live:
        yield live


@pytest.fixture
def open_district(one, releases):
    one.api.state.releases, one.api.state.release_gate = releases, Gate(mbit=10_000)
    return one


@pytest.fixture
def counter(open_district) -> Client:
    return open_district.client()


def add(releases, folder, version="0.2.0", audience=None, **facts):
    return releases.add(making.package(folder / f"made-{version}", version, **facts), audience or Audience())


def get(client, path=PACKAGE, method="GET", **headers):
    return requests.request(method, client.url + path, headers={**client.headers, **headers}, timeout=60)


def offered(client, path=ASK):
    answer = get(client, path)
    assert answer.status_code in (200, 204), answer.text
    return verified(answer.json()["release"].encode()).version if answer.status_code == 200 else None


# -- the endpoints --------------------------------------------------------------------------------------------------


def test_a_device_is_offered_the_signed_manifest_and_gets_the_package(district, releases, tmp_path):
    district.api.state.releases = releases
    client = district.client()
    assert offered(client) is None

    kept = add(releases, tmp_path)

    answer = get(client, ASK)
    assert answer.json() == {"release": kept.manifest}
    whole = get(client)
    assert (whole.status_code, whole.content, whole.headers["etag"]) == (200, CONTENT, f'"{kept.sha256}"')
    assert get(client, ASK.replace("0.1.0", "0.2.0")).status_code == 204


def test_who_is_not_enrolled_or_was_revoked_gets_nothing(open_district, counter, releases, tmp_path):
    add(releases, tmp_path)
    stranger = Client(open_district.url)
    with open_district.store.write() as connection:
        accounts.revoke(connection, counter.device)

    found = [
        get(who, path, method) for who in (stranger, counter) for path in (ASK, PACKAGE) for method in ("GET", "HEAD")
    ]

    assert {answer.status_code for answer in found} <= {401, 405}
    assert [answer.json()["code"] for answer in found if answer.content] == ["unknown_token"] * 2 + ["revoked"] * 2


@pytest.mark.parametrize(
    "path",
    [
        "/v1/release",
        "/v1/release?platform=amiga&version=0.1.0",
        "/v1/release?platform=linux-amd64&version=1",
        "/v1/release?platform=linux-amd64&version=0.1.0&schema=x",
    ],
)
def test_a_wrong_question_is_told_which_field(counter, path):
    answer = get(counter, path)

    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")
    assert answer.json()["field"] in ("platform", "version", "schema")


@pytest.mark.parametrize(
    ("headers", "status", "first", "last"),
    [
        ({"Range": "bytes=0-0"}, 206, 0, 0),
        ({"Range": "bytes=1000-"}, 206, 1000, SIZE - 1),
        ({"Range": "bytes=-500"}, 206, SIZE - 500, SIZE - 1),
        ({"Range": f"bytes={SIZE - 1}-{SIZE * 9}"}, 206, SIZE - 1, SIZE - 1),
        ({"Range": "bytes=0-1,5-9"}, 200, 0, SIZE - 1),
        ({"Range": "bytes=9-5"}, 200, 0, SIZE - 1),
        ({"Range": "pages=1-2"}, 200, 0, SIZE - 1),
        ({"Range": "bytes=5-9", "If-Range": "ETAG"}, 206, 5, 9),
        ({"Range": "bytes=5-9", "If-Range": '"other"'}, 200, 0, SIZE - 1),
        ({"Range": "bytes=5-9", "If-Range": "W/ETAG"}, 200, 0, SIZE - 1),
    ],
)
def test_a_range_gets_exactly_its_bytes(counter, releases, tmp_path, headers, status, first, last):
    kept = add(releases, tmp_path)
    sent = {name: value.replace("ETAG", f'"{kept.sha256}"') for name, value in headers.items()}

    answer = get(counter, **sent)

    assert (answer.status_code, answer.content) == (status, CONTENT[first : last + 1])
    assert answer.headers.get("content-range") == (f"bytes {first}-{last}/{SIZE}" if status == 206 else None)
    assert answer.headers["accept-ranges"] == "bytes"


@pytest.mark.parametrize("wanted", [f"bytes={SIZE}-", "bytes=-0"])
def test_a_part_that_is_not_there_is_416_with_the_size(counter, releases, tmp_path, wanted):
    add(releases, tmp_path)

    answer = get(counter, Range=wanted)

    assert (answer.status_code, answer.json()["code"]) == (416, "range_not_there")
    assert answer.headers["content-range"] == f"bytes */{SIZE}"


def test_head_tells_size_and_tag_and_sends_nothing(counter, releases, tmp_path):
    kept = add(releases, tmp_path)

    answer = get(counter, method="HEAD", Range="bytes=5-9")

    assert (answer.status_code, answer.headers["content-length"], answer.content) == (200, str(SIZE), b"")
    assert answer.headers["etag"] == f'"{kept.sha256}"'


@given(st.integers(1, 10**6), st.none() | st.integers(0, 10**6), st.none() | st.integers(0, 10**6))
def test_any_range_is_inside_the_package_and_any_cut_goes_on_to_the_last_byte(size, first, last):
    header = f"bytes={'' if first is None else first}-{'' if last is None else last}"
    numbers = range(size)
    meant = numbers[-last:] if first is None and last else numbers[first or 0 : None if last is None else last + 1]

    try:
        found = range_of(header, size)
    except LookupError:
        assert (first is not None and first >= size) or (first is None and last == 0)
        return

    if found is None:
        assert (first is None and last is None) or (first is not None and last is not None and last < first)
    else:
        assert range(found[0], found[1] + 1) == meant


# -- to whom --------------------------------------------------------------------------------------------------------


def test_a_stage_reaches_its_stations_alone_until_it_is_widened(open_district, counter, releases, tmp_path):
    far = open_district.client(station=OTHER)
    package = making.package(tmp_path, "0.2.0")
    releases.add(package, Audience(stations=(OTHER,)))

    assert (offered(counter), offered(far)) == (None, "0.2.0")
    assert (get(counter).status_code, get(far).status_code) == (404, 200)
    releases.add(package, Audience())
    assert (offered(counter), get(counter).status_code) == ("0.2.0", 200)


@settings(max_examples=40)
@given(st.text(max_size=40), st.floats(0.1, 100), st.floats(0.1, 100))
def test_who_is_in_a_share_stays_in_a_larger_one(device, one, other):
    small, large = sorted((one, other))

    if Audience(percent=small).takes_in(device, "s", "0.2.0"):
        assert Audience(percent=large).takes_in(device, "s", "0.2.0")
    assert Audience(percent=100).takes_in(device, "s", "0.2.0")


def test_a_share_takes_about_so_many_and_other_ones_for_each_version():
    devices = [f"device-{n}" for n in range(4000)]
    taken = {v: {d for d in devices if Audience(percent=10).takes_in(d, "s", v)} for v in ("0.2.0", "0.3.0")}

    assert all(300 < len(each) < 500 for each in taken.values())
    assert len(taken["0.2.0"] & taken["0.3.0"]) < 100


def test_where_the_newest_is_not_for_a_device_it_gets_the_one_before(counter, releases, tmp_path):
    add(releases, tmp_path, "0.2.0")
    add(releases, tmp_path, "0.10.0", Audience(stations=("elsewhere",)))
    add(releases, tmp_path, "0.9.0", minimum_schema="0007")

    assert [offered(counter, ASK + more) for more in ("", "&schema=0007", "&schema=0006")] == [
        "0.9.0",
        "0.9.0",
        "0.2.0",
    ]


def test_a_version_from_which_more_went_back_than_stayed_stops_by_itself(district, releases, tmp_path):
    district.api.state.releases = releases
    waiting = district.client()
    package = making.package(tmp_path, "0.2.0")
    releases.add(package, Audience())
    first = [district.client() for _n in range(6)]

    def tell(who, version="0.1.0", error=None):
        counts = {"queued": 0, "parked": 0, "held": 0, "conflicts": 0}
        who.post("/v1/report", {**counts, "app_version": version, "last_error": error})

    tell(first[0], error="update.failed 0.2.0 self-test")
    tell(first[1], error="update.failed 0.2.0")
    tell(first[2], error="update.failed 0.2.01")
    assert offered(waiting) == "0.2.0"
    tell(first[2], error="update.failed 0.2.0 first-start")
    assert offered(waiting) is None
    for each in first[3:]:
        tell(each, "0.2.0")
    assert offered(waiting) == "0.2.0"
    tell(first[3], error="update.failed 0.2.0 self-test")
    assert offered(waiting) is None

    releases.add(package, Audience(anyway=True))
    assert offered(waiting) == "0.2.0"


def test_what_is_withdrawn_is_offered_no_longer_and_its_version_stays_taken(counter, releases, tmp_path):
    add(releases, tmp_path, "0.2.0")
    kept = add(releases, tmp_path, "0.3.0")
    assert offered(counter) == "0.3.0"

    releases.withdraw("0.3.0")

    assert offered(counter) == "0.2.0"
    assert get(counter, PACKAGE.replace("0.2.0", "0.3.0")).status_code == 404
    assert not kept.package.exists()
    with pytest.raises(RuleError) as taken:
        add(releases, tmp_path, "0.3.0", content=b"another")
    assert taken.value.code == "release.version_taken"
    add(releases, tmp_path, "0.3.0")
    assert offered(counter) == "0.3.0"


def test_a_download_under_way_ends_well_when_its_release_is_withdrawn(counter, releases, tmp_path):
    content = making.noise("big", 20_000_000)
    add(releases, tmp_path, content=content)
    with requests.get(counter.url + PACKAGE, headers=counter.headers, stream=True, timeout=60) as answer:
        begun = answer.raw.read(1000)

        releases.withdraw("0.2.0")

        assert begun + answer.raw.read() == content


def test_a_package_that_goes_at_the_very_moment_is_not_there(counter, releases, tmp_path, monkeypatch):
    add(releases, tmp_path).package.unlink()
    monkeypatch.setattr(release_store.Kept, "here", True)

    answer = get(counter, Range="bytes=0-9")

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


# -- many at once ---------------------------------------------------------------------------------------------------


def stalled(client, path=PACKAGE):
    """Ask for a package and read nothing of it."""
    port = int(client.url.rpartition(":")[2])
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    line.connect(("127.0.0.1", port))
    line.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {client.token}\r\n\r\n".encode())
    assert line.recv(12) == b"HTTP/1.1 200"
    return line


def test_who_takes_nothing_holds_no_thread_and_those_too_many_are_told_when_to_come_back(
    open_district, counter, releases, tmp_path
):
    add(releases, tmp_path, content=making.noise("big", 20_000_000))
    gate = open_district.api.state.release_gate
    with contextlib.ExitStack() as lines:
        for _n in range(gate.at_once):
            lines.enter_context(stalled(counter))
        busy = get(counter, Range="bytes=0-9")
        statuses = [counter.get("/v1/status")[0] for _n in range(5)]
        settle(lambda: gate.threads.borrowed_tokens == 0)  # all of them wait for somebody who takes nothing

    assert (busy.status_code, busy.json()["code"]) == (503, "busy")
    assert release_gate.SOONEST <= int(busy.headers["retry-after"]) <= release_gate.LATEST
    assert statuses == [200] * 5
    settle(lambda: gate.running == 0)
    assert get(counter, Range="bytes=0-9").status_code == 206


def settle(reached) -> None:
    """Wait until it is so; the test's own time limit is the bound."""
    rest = threading.Event()
    while not reached():
        rest.wait(0.01)


def test_a_place_that_nobody_reads_from_is_given_to_the_next(
    open_district, counter, releases, tmp_path, monkeypatch, expect_errors
):
    monkeypatch.setattr(release_gate, "STALLED_SECONDS", 0.1)
    add(releases, tmp_path, content=making.noise("big", 20_000_000))
    gate = open_district.api.state.release_gate

    with stalled(counter):
        settle(lambda: gate.running == 0)


def test_all_downloads_together_keep_to_the_bandwidth(monkeypatch):
    now = 100.0
    monkeypatch.setattr(release_gate, "clock", SimpleNamespace(monotonic=lambda: now))
    gate = Gate(mbit=8)

    waits = [gate.delay(500_000) for _n in range(3)]
    now = 110.0

    assert waits == pytest.approx([0.0, 0.5, 1.0])
    assert gate.delay(1) == 0.0


def test_the_metrics_count_packages_and_bytes(open_district, counter, releases, tmp_path):
    add(releases, tmp_path, "0.2.7")
    path = PACKAGE.replace("0.2.0", "0.2.7")
    get(counter, path, Range="bytes=0-999")
    get(counter, path, Range="bytes=1000-")

    text = requests.get(open_district.url + "/metrics", timeout=30).text

    labels = '{platform="linux-amd64",version="0.2.7"}'
    assert f"doorstep_release_bytes_total{labels} {SIZE}" in text
    assert f"doorstep_release_total{labels} 1" in text
    assert 'route="/v1/release/{platform}/{version}/package",status="206"}' in text


# -- taking a package in --------------------------------------------------------------------------------------------


def nothing_added(releases):
    names = [file.name for file in releases.folder.rglob("*")] if releases.folder.exists() else []
    return releases.every() == () and set(names) <= {".lock"}


@pytest.mark.parametrize("harm", ["other bytes", "cut off", "no manifest", "foreign key"])
def test_a_package_that_is_not_what_a_trusted_key_signed_is_not_taken(releases, tmp_path, harm):
    package = making.package(tmp_path, private=b"\7" * 32 if harm == "foreign key" else making.PRIVATE)
    if harm == "other bytes":
        package.write_bytes(b"x" * SIZE)
    elif harm == "cut off":
        package.write_bytes(CONTENT[:-1])
    elif harm == "no manifest":
        package.with_name(package.name + SUFFIX).unlink()

    with pytest.raises(RuleError):
        releases.add(package, Audience())

    assert nothing_added(releases)


def test_without_room_nothing_is_taken_and_what_is_missing_is_told(releases, tmp_path, monkeypatch):
    monkeypatch.setattr(release_store, "RESERVE", 2**60)

    with pytest.raises(StorageError, match="MB") as full:
        add(releases, tmp_path)

    assert full.value.code == "release.no_room"
    assert nothing_added(releases)


def test_a_disk_that_fills_while_it_is_copied_leaves_nothing(releases, tmp_path, monkeypatch):
    releases.folder.mkdir(parents=True)
    made = ["mount", "-t", "tmpfs", "-o", "size=256k", "doorstep-test", str(releases.folder)]
    if sys.platform != "linux" or subprocess.run(made, capture_output=True, check=False).returncode != 0:
        pytest.skip("no file system may be mounted here")
    free = shutil.disk_usage(releases.folder)
    monkeypatch.setattr(release_store.shutil, "disk_usage", lambda _folder: free._replace(free=2**40))
    try:
        with pytest.raises(StorageError) as full:
            add(releases, tmp_path)
        assert (full.value.code, nothing_added(releases)) == ("storage.full", True)
    finally:
        subprocess.run(["umount", "-l", str(releases.folder)], check=True)


def test_a_command_killed_in_the_middle_offers_nothing_half_and_the_next_one_clears_up(releases, tmp_path, monkeypatch):
    class KilledError(BaseException): ...

    def die(*_what):
        raise KilledError

    monkeypatch.setattr(release_store, "_put", die)
    monkeypatch.setattr(release_store.shutil, "rmtree", lambda *_what, **_how: None)
    with pytest.raises(KilledError):
        add(releases, tmp_path)
    left = list(releases.folder.rglob("*.deb"))
    monkeypatch.undo()
    making.trust(monkeypatch, tmp_path)
    monkeypatch.setattr(release_store, "RESERVE", 0)
    assert left and releases.every() == ()

    kept = add(releases, tmp_path)

    assert [file.read_bytes() for file in releases.folder.rglob("*.deb")] == [CONTENT]
    assert releases.every() == (kept,)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root gives files away")
def test_what_root_adds_belongs_to_whose_data_folder_it_is(releases, tmp_path):
    releases.folder.parent.mkdir()
    os.chown(releases.folder.parent, 12345, 12345)

    add(releases, tmp_path)
    add(releases, tmp_path, audience=Audience(percent=5))

    assert {file.stat().st_uid for file in (releases.folder, *releases.folder.rglob("*"))} == {12345}


def test_an_offer_that_is_damaged_is_passed_over_and_the_others_stand(counter, releases, tmp_path):
    add(releases, tmp_path, "0.2.0")
    broken = add(releases, tmp_path, "0.3.0")
    lost = add(releases, tmp_path, "0.4.0")
    (broken.folder / "offer.json").write_text("{")
    lost.package.unlink()
    unsigned = add(releases, tmp_path, "0.5.0")
    (unsigned.folder / f"{unsigned.file}.release").unlink()

    assert offered(counter) == "0.2.0"


# -- the commands ---------------------------------------------------------------------------------------------------


def run(capsys, *words):
    status = main([str(word) for word in words])
    done = capsys.readouterr()
    return status, done.out.strip(), done.err.strip()


@pytest.fixture
def signer(tmp_path, capsys, monkeypatch):
    """Return a folder with a key, notes and the public key trusted."""
    (tmp_path / "zh.txt").write_text("修了打印\n", "utf-8")
    (tmp_path / "en.txt").write_text("Printing mended\n", "utf-8")
    status, line, _err = run(capsys, "release", "key", "--out", tmp_path / "key.pem", "--name", "余杭区 2026")
    assert status == 0
    making.trust(monkeypatch, tmp_path, line)
    return tmp_path


def sign(capsys, folder, package, *more):
    notes = ("--notes-zh", folder / "zh.txt", "--notes-en", folder / "en.txt", "--key", folder / "key.pem")
    return run(capsys, "release", "sign", package, *notes, *more)


def test_from_the_key_to_the_counter_by_commands_alone(signer, capsys, releases, counter, open_district):
    where = ("--data", signer / "data", "--database", open_district.database_url)
    package = making.deb(signer / "doorstep_0.2.0_amd64.deb")

    signed = sign(capsys, signer, package)
    added = run(capsys, "release", "add", package, "--stations", STATION, *where)
    report = {"queued": 0, "parked": 0, "held": 0, "conflicts": 0, "app_version": "0.2.0"}
    version = offered(counter)
    counter.post("/v1/report", report)
    back = {**report, "app_version": "0.1.0", "last_error": "update.failed 0.2.0 self-test"}
    open_district.client(station=OTHER).post("/v1/report", back)
    listed = run(capsys, "release", "list", "--devices", *where)
    facts = json.loads(run(capsys, "release", "list", "--json", *where)[1])
    withdrawn = run(capsys, "release", "withdraw", "0.2.0", *where)

    assert [each[0] for each in (signed, added, listed, withdrawn)] == [0] * 4
    assert version == "0.2.0" and offered(counter) is None
    assert f"站点 {STATION}" in added[1] and re.search(
        r"0\.2\.0\tlinux-amd64\t站点 .*装了 1/\d+ 台，1 台试过又退回", listed[1]
    )
    assert re.search(rf"{STATION}\t\d\d\t0\.2\.0\t-\t.*窗口", listed[1])
    assert re.search(rf"{OTHER}\t\d\d\t0\.1\.0\t0\.2\.0 试过又退回\t", listed[1])
    (release,) = facts["releases"]
    assert (release["installed"], release["failed"], release["stations"], release["offered"]) == (1, 1, [STATION], True)
    assert verified((package.with_name(package.name + SUFFIX)).read_bytes()).notes == making.NOTES


def test_serving_offers_what_lies_in_the_data_folder_at_the_bandwidth_that_was_given(tmp_path, monkeypatch):
    served = []
    monkeypatch.setattr("app.district.main._share_the_turn", lambda: None)
    monkeypatch.setattr("app.district.main._Server.run", lambda server: served.append(server.config.app.state))

    monkeypatch.setenv("DOORSTEP_RELEASE_MBIT", "7")

    main(["serve", "--data", str(tmp_path / "data"), "--release-mbit", "5"])
    main(["serve", "--data", str(tmp_path / "data")])

    assert {state.releases.folder for state in served} == {tmp_path / "data" / "releases"}
    assert [state.release_gate.mbit for state in served] == [5, 7]


@pytest.mark.parametrize("words", ["0", "fast", "-1"])
def test_a_wrong_bandwidth_is_refused(tmp_path, capsys, words):
    with pytest.raises(SystemExit):
        main(["serve", "--data", str(tmp_path), "--release-mbit", words])


def test_a_key_is_readable_by_its_owner_alone_and_never_overwritten(signer, capsys):
    before = (signer / "key.pem").read_bytes()

    status, out, err = run(capsys, "release", "key", "--out", signer / "key.pem")

    assert (status, out, len(err.splitlines())) == (1, "", 1)
    assert (signer / "key.pem").read_bytes() == before
    assert (signer / "key.pem").stat().st_mode & 0o777 == 0o600


def test_a_locked_key_signs_with_its_passphrase_alone(signer, capsys, monkeypatch):
    monkeypatch.setattr("getpass.getpass", lambda _words: "桂花 2026")
    locked = signer / "locked.pem"
    _status, line, _err = run(capsys, "release", "key", "--out", locked, "--passphrase")
    making.trust(monkeypatch, signer, line)
    package = making.deb(signer / "doorstep.deb")

    assert sign(capsys, signer, package, "--key", locked)[0] == 0
    monkeypatch.setattr("getpass.getpass", lambda _words: "falsch")
    package.with_name(package.name + SUFFIX).unlink()
    status, _out, err = sign(capsys, signer, package, "--key", locked)

    assert (status, len(err.splitlines()), b"ENCRYPTED" in locked.read_bytes()) == (1, 1, True)
    assert not package.with_name(package.name + SUFFIX).exists()


@pytest.mark.parametrize("packed", [".xz", ".gz", ".zst", ""])
def test_version_and_platform_are_read_from_the_package_however_it_is_packed(tmp_path, packed):
    package = making.deb(tmp_path / "a.deb", version="1:0.2.0-1", architecture="arm64", packed=packed)

    assert facts_of(package) == ("0.2.0", "linux-arm64")


def test_a_package_that_dpkg_built_is_read(tmp_path):
    if shutil.which("dpkg-deb") is None:
        pytest.skip("no dpkg-deb here")
    (tmp_path / "root" / "DEBIAN").mkdir(parents=True)
    control = "Package: doorstep\nVersion: 0.2.0\nArchitecture: amd64\nMaintainer: x <x@x>\nDescription: x\n"
    (tmp_path / "root" / "DEBIAN" / "control").write_text(control)
    made = ["dpkg-deb", "--root-owner-group", "-Zxz", "-b", "root", "a.deb"]
    subprocess.run(made, cwd=tmp_path, check=True, capture_output=True)

    assert facts_of(tmp_path / "a.deb") == ("0.2.0", "linux-amd64")


@pytest.mark.parametrize(
    ("facts", "more"),
    [
        ({}, ("--version", "0.3.0")),
        ({}, ("--platform", "linux-arm64")),
        ({"version": "0.2"}, ()),
        ({"name": "dorsteep"}, ()),
        ({"architecture": "mips"}, ()),
        ({}, ("--minimum-schema", "5")),
        ({}, ("--notes-zh", "nowhere.txt")),
        ({}, ("--key", "nowhere.pem")),
        ({}, ("--key", "zh.txt")),
    ],
)
def test_what_does_not_fit_is_one_sentence_and_nothing_is_signed(signer, capsys, monkeypatch, facts, more):
    monkeypatch.chdir(signer)
    package = making.deb(signer / "doorstep.deb", **facts)

    status, _out, err = sign(capsys, signer, package, *more)

    assert status in (1, 2) and len(err.splitlines()) == 1
    assert not package.with_name(package.name + SUFFIX).exists()


@pytest.mark.parametrize("content", [b"", b"!<arch>\n", b"!<arch>\nrubbish", b"PK\3\4", b"!<arch>\n" + b"x" * 200])
def test_what_is_no_package_is_one_sentence(signer, capsys, content):
    file = signer / "doorstep.deb"
    file.write_bytes(content)

    status, _out, err = sign(capsys, signer, file)

    assert (status, len(err.splitlines())) == (1, 1)


def test_a_windows_program_is_signed_with_the_version_that_is_given(signer, capsys):
    file = signer / "setup.exe"
    file.write_bytes(b"MZ" + bytes(500))

    without, given = sign(capsys, signer, file), sign(capsys, signer, file, "--version", "0.2.0")

    assert (without[0], given[0]) == (2, 0)
    assert verified(file.with_name("setup.exe.release").read_bytes()).platform == "windows-amd64"


@pytest.mark.parametrize(
    "words",
    [
        ("--share", "0%"),
        ("--share", "101"),
        ("--share", "ten"),
        ("--stations", ","),
        ("--stations", "nowhere"),
    ],
)
def test_a_wrong_audience_is_one_sentence_and_nothing_is_offered(signer, capsys, releases, words):
    package = making.deb(signer / "doorstep.deb")
    sign(capsys, signer, package)

    status, _out, err = run(capsys, "release", "add", package, "--data", signer / "data", *words)

    assert (status, len(err.splitlines())) == (2, 1)
    assert nothing_added(releases)


def test_withdrawing_what_is_not_there_is_one_sentence(tmp_path, capsys):
    status, _out, err = run(capsys, "release", "withdraw", "0.9.9", "--data", tmp_path / "data")

    assert (status, len(err.splitlines())) == (1, 1)
