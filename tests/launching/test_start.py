"""``doorstep`` as it is started from an icon: every bad start ends in one sentence and with 1."""

import os
import select
import subprocess
import sys
from pathlib import Path
from typing import IO

import pytest

from app import paths

if not sys.platform.startswith("linux"):
    pytest.skip("as it is on Linux", allow_module_level=True)


def environment() -> dict[str, str]:
    """Return an environment without a display."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "DOORSTEP_SECRETS") if name in os.environ}
    return {**kept, "PYTHONPATH": str(paths.resources().parent)}


def start(data: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """Start the program with this environment and no display of its own."""
    command = [sys.executable, "-m", "app", "--data", str(data)]
    env = {**environment(), **environ}
    return subprocess.run(command, capture_output=True, text=True, env=env, cwd=data.parent, timeout=100)


def one_sentence(done: subprocess.CompletedProcess[str]) -> str:
    """Return the sentence; nothing else may be said."""
    lines = done.stderr.strip().splitlines()
    assert (done.returncode, done.stdout, len(lines)) == (1, "", 1), done.stderr
    assert lines[0].startswith("doorstep: ")
    return lines[0]


def test_no_display_is_a_sentence_and_no_abort(tmp_path: Path) -> None:
    said = one_sentence(start(tmp_path / "data"))

    assert "请在电脑的桌面上打开" in said
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_place_of_the_data_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a letter")

    assert "移走或改名" in one_sentence(start(tmp_path / "data", QT_QPA_PLATFORM="offscreen"))


def test_a_damaged_keyring_is_a_sentence_and_stays_as_it_is(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "keyring.json").write_text("{ half")
    (data / "doorstep.db").write_bytes(b"x" * 4096)

    said = one_sentence(start(data, QT_QPA_PLATFORM="offscreen"))

    assert "密钥文件坏了" in said
    assert ((data / "keyring.json").read_text(), (data / "doorstep.db").stat().st_size) == ("{ half", 4096)


def running(data: Path, errors: IO[str]) -> "subprocess.Popen[str]":
    """Start the program without a screen, and wait until its window can be rung."""
    env = {**environment(), "QT_QPA_PLATFORM": "offscreen"}
    (data / "window.json").unlink(missing_ok=True)
    program = subprocess.Popen([sys.executable, "-m", "app", "--data", str(data)], env=env, stderr=errors, text=True)
    while not (data / "window.json").exists():
        assert program.poll() is None
        select.select([], [], [], 0.05)
    return program


def test_a_second_start_ends_well_with_a_sentence_also_after_a_kill(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with (tmp_path / "errors").open("w+") as errors:
        for _life in range(2):
            first = running(data, errors)

            second = start(data, QT_QPA_PLATFORM="offscreen")

            first.kill()
            first.wait()
            assert (second.returncode, second.stderr) == (0, "")
            assert "窗口放到最前面了" in second.stdout
        errors.seek(0)
        assert "Traceback" not in errors.read()
