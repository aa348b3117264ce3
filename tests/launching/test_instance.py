"""One window a data folder: who has it, who rings, what a kill leaves."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from app import paths
from app.errors import ExternalError
from app.launching.instance import Bell, OnlyOne

HOLD = """
import sys
from pathlib import Path
from app.launching.instance import OnlyOne
root = Path(sys.argv[1])
only = OnlyOne(root, root / "doorstep.lock")
assert only.claim()
bell = only.listen()
print("ready", flush=True)
while (said := bell.wait()) is not None:
    print(said, flush=True)
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "counter"
    folder.mkdir()
    return folder


def only(root: Path) -> OnlyOne:
    return OnlyOne(root, root / "doorstep.lock")


class Rings(threading.Thread):
    """Hears every ring of a bell."""

    def __init__(self, bell: Bell) -> None:
        super().__init__(daemon=True)
        self.bell, self.heard = bell, list[dict[str, str]]()
        self.start()

    def run(self) -> None:
        while (said := self.bell.wait()) is not None:
            self.heard.append(said)

    def end(self) -> list[dict[str, str]]:
        self.bell.close()
        self.join(30)
        assert not self.is_alive()
        return self.heard


@pytest.fixture
def first(root: Path) -> Iterator[OnlyOne]:
    """Yield who has the folder."""
    holder = only(root)
    assert holder.claim()
    yield holder
    holder.release()


@pytest.mark.parametrize("loopback", [False, True])
def test_the_second_rings_with_what_the_desktop_gave_it_and_does_not_claim(
    root: Path, first: OnlyOne, loopback: bool
) -> None:
    rings = Rings(Bell(root, loopback=loopback))

    claimed = only(root).claim_or_raise({"DESKTOP_STARTUP_ID": "x_TIME77", "PATH": "no business of the first"})

    assert (claimed, rings.end()) == (False, [{"DESKTOP_STARTUP_ID": "x_TIME77"}])


def test_a_path_too_long_for_a_socket_is_long_enough_for_us(tmp_path: Path) -> None:
    deep = tmp_path / ("站" * 40) / ("x" * 200)
    deep.mkdir(parents=True)
    holder = only(deep)
    assert holder.claim()
    rings = Rings(holder.listen())

    claimed = only(deep).claim_or_raise({})

    assert (claimed, rings.end()) == (False, [{}])
    assert "port" not in json.dumps([file.name for file in deep.iterdir()])
    holder.release()


def test_two_folders_are_two_windows(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    one, other = only(tmp_path / "a"), only(tmp_path / "b")

    assert one.claim_or_raise({})
    assert other.claim_or_raise({})
    one.release()
    other.release()


def test_what_a_killed_program_left_keeps_nobody_out(root: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(root)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=paths.resources().parent) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "ready\n"
        assert not only(root).claim_or_raise({})
        running.kill()
    assert (root / "window.json").exists()

    after = only(root)

    assert after.claim_or_raise({})
    rings = Rings(after.listen())
    assert not only(root).claim_or_raise({})
    assert rings.end() == [{}]
    after.release()


def test_who_does_not_know_the_token_is_not_heard(root: Path, first: OnlyOne) -> None:
    rings = Rings(Bell(root, loopback=True))
    note = json.loads((root / "window.json").read_text())
    (root / "window.json").write_text(json.dumps({**note, "token": "0" * 32}))

    with pytest.raises(ExternalError) as refused:
        only(root).claim_or_raise({}, seconds=0.3)

    assert refused.value.code == "start.no_answer"
    assert rings.end() == []


def test_a_window_that_does_not_answer_is_told_of(root: Path, first: OnlyOne) -> None:
    with pytest.raises(ExternalError) as refused:
        only(root).claim_or_raise({}, seconds=0.3)

    assert "已经保存的都在" in refused.value.text


def test_the_note_is_for_this_user_alone(root: Path, first: OnlyOne) -> None:
    bell = first.listen()

    mode = (root / "window.json").stat().st_mode & 0o777

    bell.close()
    assert sys.platform == "win32" or mode == 0o600
    assert sorted(file.name for file in root.iterdir()) == ["doorstep.lock"]


def test_who_comes_while_the_first_is_leaving_becomes_the_first(root: Path, first: OnlyOne) -> None:
    threading.Timer(0.3, first.release).start()
    second = only(root)

    assert second.claim_or_raise({}, seconds=30)

    second.release()
