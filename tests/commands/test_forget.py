"""``forget``: asked twice, backed up first, and nothing but the program's own files goes."""

import builtins
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from app import paths
from app.db.backup import read_backup
from app.db.keyring import Keyring
from app.launching.instance import OnlyOne
from app.paths import DataFolder
from app.services import forgetting
from tests.commands.conftest import PIN, Run
from tests.district.live import STATION as DISTRICT_STATION
from tests.district.live import Live

NAME = "溪桥社区就业服务站"
Answers = Callable[..., list[str]]


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Answers:
    """Return a way to sit at the terminal and type these lines; it hands back the questions that were asked."""

    def sit(*lines: str) -> list[str]:
        waiting, asked = list(lines), list[str]()

        def read(question: str = "") -> str:
            asked.append(question)
            if not waiting:
                raise EOFError
            return waiting.pop(0)

        monkeypatch.setattr(builtins, "input", read)
        monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
        monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
        return asked

    return sit


def intact(folder: DataFolder) -> bool:
    return folder.database.exists() and folder.keyring.exists() and Keyring.open(folder).bound


def test_the_station_typed_and_the_unsent_acts_counted_delete_it_and_a_backup_remains(
    founded: Run, data_folder: DataFolder, answers: Answers, tmp_path: Path
) -> None:
    asked = answers(NAME, "1")
    secret = tmp_path / "home" / "secrets"

    done = founded("forget", "--backup", tmp_path / "last.backup")

    assert (done.status, done.err, len(asked)) == (0, "", 2)
    assert "1 笔" in done.out
    assert not data_folder.root.exists()
    assert list(secret.iterdir()) == []
    assert read_backup(tmp_path / "last.backup").reason == "manual"


@pytest.mark.parametrize("lines", [(), ("别的站",), (NAME,), (NAME, "0"), (NAME, "删除")])
def test_any_other_answer_deletes_nothing(
    founded: Run, data_folder: DataFolder, answers: Answers, tmp_path: Path, lines: tuple[str, ...]
) -> None:
    answers(*lines)

    done = founded("forget", "--backup", tmp_path / "last.backup")

    assert done.status == 1
    assert "一个字都没有删" in done.err
    assert intact(data_folder)


def test_what_the_district_has_is_asked_for_twice_all_the_same(
    founded: Run, data_folder: DataFolder, answers: Answers, tmp_path: Path, district: Live
) -> None:
    assert founded("enrol", district.url, district.code(station=DISTRICT_STATION)).status == 0
    assert founded("sync", "--once").status == 0
    asked = answers(NAME, "删除")

    done = founded("forget", "--no-backup")

    assert (done.status, len(asked)) == (0, 2)
    assert not data_folder.root.exists()


def test_nobody_at_the_terminal_deletes_nothing(founded: Run, data_folder: DataFolder) -> None:
    command = [sys.executable, "-m", "app", "forget", "--no-backup", "--data", str(data_folder.root)]
    env = {**os.environ, "PYTHONPATH": str(paths.resources().parent), "DOORSTEP_PIN": PIN}

    done = subprocess.run(command, input=f"{NAME}\n1\n", capture_output=True, text=True, env=env)

    assert done.returncode == 1
    assert "只能由人在终端里办" in done.stderr
    assert intact(data_folder)


def test_an_open_window_keeps_the_data(founded: Run, data_folder: DataFolder, answers: Answers) -> None:
    answers(NAME, "1")
    window = OnlyOne(data_folder.root, data_folder.lock)
    assert window.claim()

    done = founded("forget", "--no-backup")

    window.release()
    assert done.status == 1 and "关上窗口" in done.err
    assert intact(data_folder)


@pytest.mark.parametrize("where", ["counter/inside.backup", "letter.txt"])
def test_a_backup_that_would_go_too_or_hit_a_file_stops_it(
    founded: Run, data_folder: DataFolder, answers: Answers, tmp_path: Path, where: str
) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    answers(NAME, "1")

    done = founded("forget", "--backup", tmp_path / where)

    assert done.status == 1
    assert intact(data_folder)
    assert (tmp_path / "letter.txt").read_text() == "dear"


def test_somebody_elses_file_in_the_folder_stays(founded: Run, data_folder: DataFolder, answers: Answers) -> None:
    (data_folder.root / "家里的照片.jpg").write_bytes(b"x")
    answers(NAME, "1")

    done = founded("forget", "--no-backup")

    assert done.status == 0 and "家里的照片.jpg" in done.out
    assert [file.name for file in data_folder.root.iterdir()] == ["家里的照片.jpg"]


def test_cut_off_in_the_middle_it_is_ended_the_next_time(
    founded: Run, data_folder: DataFolder, answers: Answers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        answers(NAME, "1")
        broken.setattr(Keyring, "forget_device", lambda _keyring: (_ for _ in ()).throw(KeyboardInterrupt))
        assert founded("forget", "--no-backup").status == 130
    assert forgetting.was_cut_off(data_folder)
    answers()

    done = founded("forget")

    assert done.status == 0
    assert not data_folder.root.exists()
    assert list((tmp_path / "home" / "secrets").iterdir()) == []
