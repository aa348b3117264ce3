"""The question to the session bus: answered by a real bus, and never waited for."""

import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.launching.session_bus import has_owner

if sys.platform == "win32":
    pytest.skip("there is no session bus on Windows", allow_module_level=True)


@pytest.fixture(scope="module")
def bus() -> Iterator[str]:
    """Yield the address of a real session bus."""
    program = shutil.which("dbus-daemon")
    if program is None:
        pytest.skip("no dbus-daemon here (Debian: dbus)")
    command = [program, "--session", "--nofork", "--nosyslog", "--print-address=1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as running:
        assert running.stdout is not None
        yield running.stdout.readline().strip()
        running.terminate()


@pytest.fixture
def silent(tmp_path: Path) -> Iterator[str]:
    """Yield the address of something that takes calls and never answers."""
    line = socket.socket(socket.AF_UNIX)
    line.bind(str(tmp_path / "bus"))
    line.listen()
    yield f"unix:path={tmp_path / 'bus'}"
    line.close()


def test_a_name_that_somebody_owns_is_found(bus: str) -> None:
    assert has_owner("org.freedesktop.DBus", {"DBUS_SESSION_BUS_ADDRESS": bus}, seconds=5) is True


def test_a_name_that_nobody_owns_is_not(bus: str) -> None:
    assert has_owner("org.freedesktop.portal.IBus", {"DBUS_SESSION_BUS_ADDRESS": bus}, seconds=5) is False


def test_the_first_address_that_answers_is_taken(bus: str, tmp_path: Path) -> None:
    both = f"unix:path={tmp_path / 'nobody%20here'};tcp:host=127.0.0.1;{bus}"

    assert has_owner("org.freedesktop.DBus", {"DBUS_SESSION_BUS_ADDRESS": both}, seconds=5) is True


def test_without_an_address_the_users_own_bus_is_asked(bus: str, tmp_path: Path) -> None:
    path = dict(part.partition("=")[::2] for part in bus.removeprefix("unix:").split(",")).get("path")
    if path is None:
        pytest.skip("this bus has no path")
    (tmp_path / "bus").symlink_to(path)

    assert has_owner("org.freedesktop.DBus", {"XDG_RUNTIME_DIR": str(tmp_path)}, seconds=5) is True


def test_no_bus_is_no_answer(tmp_path: Path) -> None:
    assert has_owner("x.y", {}) is None
    assert has_owner("x.y", {"DBUS_SESSION_BUS_ADDRESS": f"unix:path={tmp_path / 'none'}"}) is None


def test_a_bus_that_does_not_answer_is_given_up(silent: str) -> None:
    asking = threading.Thread(target=has_owner, args=("x.y", {"DBUS_SESSION_BUS_ADDRESS": silent}))

    asking.start()
    asking.join(30)

    assert not asking.is_alive()


def test_nonsense_for_an_answer_is_no_answer(tmp_path: Path) -> None:
    line = socket.socket(socket.AF_UNIX)
    line.bind(str(tmp_path / "bus"))
    line.listen()

    def babble() -> None:
        caller, _whence = line.accept()
        with caller:
            caller.recv(64)
            caller.sendall(b"OK 0123\r\n" + os.urandom(4096))

    talking = threading.Thread(target=babble, daemon=True)
    talking.start()
    started = time.monotonic()

    found = has_owner("x.y", {"DBUS_SESSION_BUS_ADDRESS": f"unix:path={tmp_path / 'bus'}"}, seconds=5)

    line.close()
    assert found is None
    assert time.monotonic() - started < 30
