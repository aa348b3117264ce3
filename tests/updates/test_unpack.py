"""From a stick to a program that starts: what is taken, what is refused in which words, and no instant that hurts."""

import os
import shutil
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from types import SimpleNamespace

import pytest

from app.errors import AppError, Cancelled
from app.updates import programs as programs_module
from app.updates import unpack
from app.updates.first_start import StoreNote, copy_aside, read_note, write_note
from app.updates.manifest import SUFFIX
from app.updates.programs import Trial, this_platform
from tests.updates.conftest import Town
from tests.updates.packages import make_deb, needs_dpkg, sign_beside, trust

pytestmark = needs_dpkg


@pytest.fixture(autouse=True)
def _trusted(monkeypatch, tmp_path):
    trust(monkeypatch, tmp_path)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Return a package of 0.2.0 with its release, as on a stick; to copy, not to change."""
    return make_deb(tmp_path_factory.mktemp("made"), "0.2.0", "#!/bin/sh\necho 0.2.0\n")


@pytest.fixture
def stick(tmp_path, made):
    """Return a stick with that package."""
    folder = tmp_path / "stick"
    folder.mkdir()
    for file in (made, made.with_name(made.name + SUFFIX)):
        shutil.copy(file, folder)
    return folder / made.name


def _take(town, chosen, **more):
    return unpack.take(town.programs, chosen, running="0.1.0", store=read_note(town.data), **more)


def _prepare(town, version="0.2.0", **more):
    return unpack.prepare(town.programs, version, running="0.1.0", store=read_note(town.data), **more)


def _refused(do, *given, **more):
    with pytest.raises(AppError) as caught:
        do(*given, **more)
    return caught.value.code


@pytest.mark.parametrize("chosen", ["", SUFFIX])
def test_either_file_of_a_stick_brings_a_program_that_starts(town, stick, chosen):
    done = []

    release = _take(town, stick.with_name(stick.name + chosen), progress=lambda here, all_: done.append((here, all_)))
    program = _prepare(town)

    assert done[-1] == (release.size, release.size)
    assert subprocess.run([program], capture_output=True, text=True).stdout == "0.2.0\n"
    assert program == town.programs.program("0.2.0")
    assert town.programs.offers() == {"0.2.0": town.programs.packages / stick.name}


def test_a_package_alone_is_told_to_be_signed_or_installed_by_the_administrator(town, stick):
    stick.with_name(stick.name + SUFFIX).unlink()

    assert _refused(_take, town, stick) == "update.unsigned"


def test_a_release_alone_is_told_that_its_package_is_missing(town, stick):
    stick.unlink()

    assert _refused(_take, town, stick.with_name(stick.name + SUFFIX)) == "update.missing"
    assert _refused(_take, town, stick) == "update.missing"


def test_half_a_package_is_not_taken_and_leaves_nothing(town, stick):
    stick.write_bytes(stick.read_bytes()[:1000])

    assert _refused(_take, town, stick) == "update.half"
    assert list(town.programs.packages.iterdir()) == []


def test_a_package_that_was_changed_is_not_taken(town, stick):
    content = bytearray(stick.read_bytes())
    content[500] ^= 1
    stick.write_bytes(content)

    assert _refused(_take, town, stick) == "update.differs"
    assert list(town.programs.packages.iterdir()) == []


def test_a_signature_of_somebody_else_is_not_taken(town, stick, monkeypatch, tmp_path):
    keys = tmp_path / "others.txt"
    keys.write_text("")
    monkeypatch.setenv("DOORSTEP_RELEASE_KEYS", str(keys))

    assert _refused(_take, town, stick) == "release.unknown_key"


def test_a_package_that_was_changed_after_it_was_taken_is_not_unpacked(town, stick):
    _take(town, stick)
    package = town.programs.package("0.2.0")
    package.write_bytes(package.read_bytes() + b"more")

    assert _refused(_prepare, town) == "update.differs"
    assert town.programs.versions() == ()


def test_a_release_put_under_another_packages_name_is_refused(town, stick):
    other = stick.with_name("other.deb")
    shutil.copy(stick, other)
    shutil.copy(stick.with_name(stick.name + SUFFIX), other.with_name(other.name + SUFFIX))

    assert _refused(_take, town, other) == "update.other_file"


@pytest.mark.parametrize(
    ("fields", "running", "store", "code"),
    [
        ({"platform": "windows-amd64"}, "0.1.0", StoreNote(), "update.platform"),
        ({}, "0.2.0", StoreNote(), "update.not_newer"),
        ({}, "0.3.0", StoreNote(), "update.not_newer"),
        ({}, "0.1.0", StoreNote("0010", "0.4.0"), "update.store_newer"),
        ({"minimum_schema": "0007"}, "0.1.0", StoreNote("0006", "0.1.0"), "update.schema"),
    ],
)
def test_a_release_that_does_not_fit_is_refused_in_its_own_words(town, stick, fields, running, store, code):
    release = replace(sign_beside(stick, "0.2.0"), **fields)

    assert _refused(unpack.check_fit, release, running=running, store=store) == code


def test_a_store_in_the_oldest_form_a_release_can_take_is_taken(stick):
    release = sign_beside(stick, "0.2.0", minimum_schema="0007")

    unpack.check_fit(release, running="0.1.0", store=StoreNote("0007", "0.1.0"))


def test_no_room_is_told_before_anything_is_unpacked(town, stick, monkeypatch):
    _take(town, stick)
    free = 100 * 1024 + unpack._SPARE - 1  # one byte less than the package says it takes
    monkeypatch.setattr(shutil, "disk_usage", lambda _where: SimpleNamespace(free=free))

    assert _refused(_prepare, town) == "update.no_room"
    assert [each.name for each in town.programs.root.iterdir() if each.is_dir()] == ["packages"]
    assert _refused(_take, town, stick) == "update.no_room" if stick.stat().st_size > 100 * 1024 else True


def test_taking_a_package_can_be_stopped_and_leaves_nothing(town, stick):
    with pytest.raises(Cancelled):
        _take(town, stick, stopping=lambda: True)

    assert list(town.programs.packages.iterdir()) == []


def test_unpacking_can_be_stopped_and_leaves_nothing(town, stick, monkeypatch, tmp_path):
    _take(town, stick)
    slow = tmp_path / "bin" / "dpkg-deb"
    slow.parent.mkdir()
    slow.write_text('#!/bin/sh\n[ "$1" = -f ] && echo 100 && exit\nmkdir -p "$3/opt"\nsleep 60\n')
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", f"{slow.parent}:{os.environ['PATH']}")
    begun = threading.Event()
    asked = []

    def stopping():
        asked.append(1)
        if (town.programs.root / "0.2.0.part" / "opt").exists():
            begun.set()
        return begun.is_set()

    with pytest.raises(Cancelled):
        _prepare(town, stopping=stopping)

    assert not (town.programs.root / "0.2.0.part").exists()


def test_a_computer_without_dpkg_is_told_to_ask_the_administrator(town, stick, monkeypatch):
    _take(town, stick)
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(unpack, "_command", lambda *_given: ["/nowhere/dpkg-deb"])
    monkeypatch.setattr(unpack.subprocess, "Popen", lambda *_given, **_more: _missing())

    assert _refused(_prepare, town) == "update.no_dpkg"
    assert town.programs.versions() == ()


def _missing():
    raise FileNotFoundError


def test_a_package_that_is_none_is_told_and_leaves_nothing(town, tmp_path):
    package = tmp_path / "doorstep_0.2.0_amd64.deb"
    package.write_bytes(b"no archive at all")
    sign_beside(package, "0.2.0")
    _take(town, package)

    assert _refused(_prepare, town) == "update.unpack"
    assert town.programs.versions() == ()
    assert not (town.programs.root / "0.2.0.part").exists()


def test_a_package_without_a_program_is_told_and_leaves_nothing(town, tmp_path, monkeypatch):
    monkeypatch.setattr(programs_module, "_PLACES", ("opt/other",))
    _take(town, make_deb(tmp_path, "0.2.0", ""))

    assert _refused(_prepare, town) == "update.empty"
    assert town.programs.versions() == ()


def test_a_windows_setup_is_told_silently_where_to_install(town, tmp_path, monkeypatch):
    """The command stands for ``setup.exe``: what that makes of the switches, ``make installer-test`` shows."""
    package = tmp_path / "doorstep_0.2.0_setup.exe"
    package.write_bytes(b"setup")
    monkeypatch.setattr(unpack, "this_platform", lambda: "windows-amd64")
    sign_beside(package, "0.2.0", platform="windows-amd64")
    _take(town, package)
    stand_in = tmp_path / "setup"
    stand_in.write_text(
        '#!/bin/sh\n[ "$1 $2 $3" = "/S /CurrentUser /Unpack" ] || exit 2\nd="${4#/D=}"\n'
        'printf x > "$d/doorstep.exe"\nchmod +x "$d/doorstep.exe"\n'
    )
    stand_in.chmod(0o755)

    program = _prepare(town, setup=[str(stand_in)])

    assert program == town.programs.folder("0.2.0") / "doorstep.exe"


# Killed at every step

_EDGES = ("replace", "fsync", "mkdir", "unlink", "open", "rmdir", "sync")


def _die_at(number):
    """Let this process die before the edge that bears this number: a rename, a flush, a file made, moved or removed."""
    counted = [0]

    def dying(real):
        def edge(*given, **more):
            counted[0] += 1
            if counted[0] == number:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*given, **more)

        return edge

    for name in _EDGES:
        setattr(os, name, dying(getattr(os, name)))
    subprocess.Popen = dying(subprocess.Popen)


def _killed(child):
    _child, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def _goes_back(town):
    """See that whatever was cut off, a version runs and nothing half bears a version's name."""
    for version in town.programs.versions():
        assert (town.programs.folder(version) / "opt" / "doorstep" / "_internal" / "library").stat().st_size == 50_000
    town.programs.state()


def test_killed_at_any_step_of_bringing_a_version_in_the_next_start_ends_it(tmp_path, made, monkeypatch):
    """From the wish to the trial: state, unpacking, renaming, the copy of the store, the self-test, the first start."""
    steps = 0
    for number in range(1, 400, 7):
        place = tmp_path / str(number)
        place.mkdir()
        town = Town(place)
        town.programs.packages.mkdir()
        for file in (made, made.with_name(made.name + SUFFIX)):
            shutil.copy(file, town.programs.packages)
        town.programs.change(lambda state: replace(state, wanted="0.2.0"))

        killed = _killed(town.begin(before=lambda number=number: _die_at(number)))

        _goes_back(town)
        town.said.unlink(missing_ok=True)
        town.start()
        state = town.programs.state()
        assert state.trial is not None and state.trial.version == "0.2.0", number
        assert (town.data / "before-update" / "0.2.0" / "doorstep.db").read_bytes() == b"the store"
        assert not list(town.programs.root.glob("*.part"))
        if not killed:
            break
        steps += 1
    else:
        pytest.fail("it never came to an end")
    assert steps >= 5


def test_killed_at_any_step_of_going_back_the_store_is_whole_and_the_old_version_runs(tmp_path):
    for number in range(1, 200):
        place = tmp_path / str(number)
        place.mkdir()
        town = Town(place)
        town.put("0.2.0")
        town.programs.change(lambda state: replace(state, trial=Trial("0.2.0", "0.1.0", starts=2)))
        (town.data / "doorstep.db-wal").write_bytes(b"its log")
        copy_aside(town.data, "0.2.0")
        write_note(town.data, StoreNote("0008", "0.1.0", forward="0009"))
        (town.data / "doorstep.db").write_bytes(b"brought forward")
        (town.data / "doorstep.db-wal").write_bytes(b"more of it")

        killed = _killed(town.begin(before=lambda number=number: _die_at(number)))

        town.said.unlink(missing_ok=True)
        assert town.start() == "own", number
        assert (town.data / "doorstep.db").read_bytes() == b"the store", number
        assert (town.data / "doorstep.db-wal").read_bytes() == b"its log", number
        assert read_note(town.data) == StoreNote("0008", "0.1.0")
        assert (town.data / "before-update" / "0.2.0.kept" / "doorstep.db").read_bytes() == b"brought forward", number
        assert town.programs.state().failed == {"0.2.0": "died"}
        if not killed:
            break
    assert number >= 15


def test_the_platform_of_this_computer_is_one_that_packages_are_made_for():
    assert this_platform() in {"linux-amd64", "linux-arm64", "windows-amd64"}
    assert sys.platform != "linux" or this_platform().startswith("linux-")
