"""``doorstep update``: what a person types, and what the next start then does."""

import json

import pytest

from app.commands.main import main
from app.paths import DataFolder
from app.updates.first_start import StoreNote, write_note
from app.updates.manifest import SUFFIX
from app.updates.programs import Programs, State, Told
from tests.updates.packages import make_deb, needs_dpkg, trust


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Return a data folder; the programs lie in the folder of this test, and the tests' key is trusted."""
    monkeypatch.setenv("DOORSTEP_PROGRAMS", str(tmp_path / "programs"))
    trust(monkeypatch, tmp_path)
    DataFolder(tmp_path / "data").create()
    return tmp_path


def _run(place, *words):
    return main(["update", *map(str, words), "--data", str(place / "data")])


def _status(place, capsys):
    capsys.readouterr()
    assert _run(place, "status", "--json") == 0
    return json.loads(capsys.readouterr().out)


def test_status_says_which_version_runs_and_makes_nothing(place, capsys):
    assert _run(place, "status") == 0

    assert "没有等着安装的新版本" in capsys.readouterr().out
    assert not (place / "programs").exists()
    assert _status(place, capsys)["offered"] is None


@needs_dpkg
def test_take_verifies_unpacks_and_leaves_the_rest_to_the_next_start(place, capsys):
    package = make_deb(place, "0.2.0", "#!/bin/sh\n")

    assert _run(place, "take", package) == 0

    assert "下次打开窗口时安装" in capsys.readouterr().out
    found = _status(place, capsys)
    assert (found["wanted"], found["current"], found["on_trial"]) == ("0.2.0", None, None)
    assert Programs(place / "programs").program("0.2.0") is not None


@needs_dpkg
def test_take_refuses_an_unsigned_package_with_a_sentence(place, capsys):
    package = make_deb(place, "0.2.0", "#!/bin/sh\n")
    package.with_name(package.name + SUFFIX).unlink()

    assert _run(place, "take", package) == 1

    assert "请管理员直接安装" in capsys.readouterr().err
    assert _status(place, capsys)["wanted"] is None


@needs_dpkg
def test_a_version_that_failed_is_tried_again_when_somebody_brings_it_again(place, capsys):
    programs = Programs(place / "programs")
    programs.root.mkdir()
    programs.change(lambda _state: State(failed={"0.2.0": "self_test"}))

    assert _run(place, "take", make_deb(place, "0.2.0", "#!/bin/sh\n")) == 0

    assert programs.state().failed == {}


def test_back_says_what_the_next_start_runs_or_why_not(place, capsys):
    programs = Programs(place / "programs")
    programs.root.mkdir()
    assert _run(place, "back") == 1
    assert "没有可以退回的上一版" in capsys.readouterr().err
    programs.change(lambda _state: State(current="0.1.0", previous="0.0.9", schemas={"0.0.9": "0008"}))
    write_note(place / "data", StoreNote("0009", "0.1.0"))
    assert _run(place, "back") == 1
    assert "不能退回" in capsys.readouterr().err
    write_note(place / "data", StoreNote("0008", "0.1.0"))

    assert _run(place, "back") == 0

    assert "0.0.9" in capsys.readouterr().out
    assert programs.state().current == "0.0.9"


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (Told("went_back", "0.2.0", "self_test"), "已自动用回原来的版本"),
        (Told("not_installed", "0.2.0", "update.no_room"), "磁盘放不下"),
        (Told("state_lost", ""), "已放在一边"),
        (Told("installed", "0.2.0"), "已经换成 0.2.0"),
    ],
)
def test_status_tells_what_happened_at_the_last_start(place, capsys, told, words):
    programs = Programs(place / "programs")
    programs.root.mkdir()
    programs.change(lambda _state: State(told=told))

    _run(place, "status")

    assert words in capsys.readouterr().out
