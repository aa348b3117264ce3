"""Bad folders at the start: a sentence each, and nothing of anybody's is touched."""

import errno
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from app.commands.main import main
from app.db.migrate import head
from app.errors import StorageError
from app.launching.folders import check_data, check_form, check_whole
from app.paths import DataFolder
from tests.launching.conftest import NOBODY, AsNobody

IS_ROOT = sys.platform != "win32" and os.geteuid() == 0


def refusal(root: Path) -> StorageError:
    with pytest.raises(StorageError) as refused:
        check_data(DataFolder(root))
    assert str(root) in refused.value.text
    return refused.value


def test_a_good_folder_is_made_and_nothing_else_is_left_there(tmp_path: Path) -> None:
    check_data(DataFolder(tmp_path / "a" / "b"))

    assert sorted(file.name for file in (tmp_path / "a" / "b").iterdir()) == ["backups", "drafts", "logs"]


def test_a_file_in_the_place_of_the_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("someone's letter")

    assert refusal(tmp_path / "data").code == "start.file_in_the_way"
    assert (tmp_path / "data").read_text() == "someone's letter"


def test_a_file_on_the_way_to_the_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "home").touch()

    assert refusal(tmp_path / "home" / "data").code == "start.file_in_the_way"


@pytest.mark.skipif(not IS_ROOT, reason="only root can make a folder somebody else's")
def test_root_leaves_no_file_in_a_clerks_folder(open_folder: Path) -> None:
    data = open_folder / "data"
    data.mkdir()
    os.chown(data, NOBODY, NOBODY)

    assert refusal(data).code == "start.other_user"
    assert list(data.iterdir()) == []


@pytest.mark.skipif(not IS_ROOT, reason="only root can make a folder somebody else's")
def test_root_makes_no_folder_in_a_clerks_home(open_folder: Path) -> None:
    os.chown(open_folder, NOBODY, NOBODY)

    assert refusal(open_folder / "share" / "doorstep").code == "start.other_user"
    assert list(open_folder.iterdir()) == []


@pytest.mark.skipif(not IS_ROOT, reason="only root can make a folder somebody else's")
@pytest.mark.parametrize("words", [["status"], ["doctor"], ["packet", "make", "x.dsp"]])
def test_roots_commands_leave_a_clerks_counter_alone(
    open_folder: Path, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    data = open_folder / "data"
    data.mkdir()
    os.chown(data, NOBODY, NOBODY)

    status = main([*words, "--data", str(data)])

    said = capsys.readouterr().err
    assert status == 1 and "什么都没有动" in said
    assert list(data.iterdir()) == []


@pytest.mark.skipif(not IS_ROOT, reason="only root can be another user")
def test_another_users_folder_is_refused_with_her_name(open_folder: Path, as_nobody: AsNobody) -> None:
    (open_folder / "data").mkdir()

    with as_nobody():
        refused = refusal(open_folder / "data")

    assert refused.code == "start.other_user"
    assert "root" in refused.text


def test_a_home_that_cannot_be_written_is_told(open_folder: Path, as_nobody: AsNobody) -> None:
    open_folder.chmod(0o555)

    with as_nobody():
        refused = refusal(open_folder / "data")

    assert refused.code == "storage.readonly"
    assert list(open_folder.iterdir()) == []


@pytest.mark.parametrize(
    ("number", "code"),
    [(errno.ENOSPC, "storage.full"), (errno.EDQUOT, "storage.full"), (errno.EROFS, "storage.readonly")],
)
def test_a_disk_that_takes_nothing_is_told_before_anything_opens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, code: str
) -> None:
    real = Path.open

    def refuse(path: Path, mode: str = "r", *words: Any, **named: Any) -> Any:
        if "w" in mode and path.name.startswith(".start-probe"):
            raise OSError(number, os.strerror(number), str(path))
        return real(path, mode, *words, **named)

    monkeypatch.setattr(Path, "open", refuse)

    refused = refusal(tmp_path / "data")

    assert refused.code == code
    assert str(tmp_path / "data") in refused.text and ".start-probe" not in refused.text


@pytest.mark.parametrize(("there", "lost"), [("doorstep.db", "keyring.json"), ("keyring.json", "doorstep.db")])
def test_a_lost_half_of_a_counter_is_no_reason_to_found_a_new_one(tmp_path: Path, there: str, lost: str) -> None:
    (tmp_path / there).write_text("x")

    with pytest.raises(StorageError) as refused:
        check_whole(DataFolder(tmp_path))

    assert lost in refused.value.text
    assert "doorstep restore" in refused.value.text


def test_a_founding_that_was_cut_off_may_be_done_again(tmp_path: Path) -> None:
    (tmp_path / ".founding").mkdir()
    (tmp_path / "doorstep.db").write_text("x")

    check_whole(DataFolder(tmp_path))


def test_the_form_of_this_program_is_taken_and_a_newer_one_refused() -> None:
    check_form(head())
    check_form(None)

    with pytest.raises(StorageError) as refused:
        check_form("9999")

    assert refused.value.code == "storage.newer"
