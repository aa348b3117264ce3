"""``doctor --self-test``: what it claims of this PC is so, what is broken is named, and it changes nothing."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections import namedtuple
from collections.abc import Iterator
from pathlib import Path

import pytest

from app import paths, texts
from app.commands import self_test
from app.db import state
from app.db.keyring import STATION_NOTE, Keyring
from app.models import codes
from app.paths import DataFolder
from app.printing import fonts
from app.services import self_check
from app.services.counters import open_counter, remember_station
from app.services.health import FAULT, OK, WARNING
from app.services.self_check import Check
from app.sync.membership import DISTRICT_PIN
from tests.commands.conftest import PIN, Run
from tests.district.live import STATION as DISTRICT_STATION
from tests.district.live import Live

CHECKS = [
    "program", "files", "store", "window", "screen", "fonts", "slip", "printer", "input", "clock", "room", "data",
    "district",
]  # fmt: skip


def state_of(root: Path) -> dict[str, tuple[int, str]]:
    """Return every file with its time and content."""
    files = [each for each in sorted(root.rglob("*")) if each.is_file()]
    return {str(f): (f.stat().st_mtime_ns, hashlib.sha256(f.read_bytes()).hexdigest()) for f in files}


def district_line(root: Path) -> Check:
    """Return what the self-test says of the district, without the rest of it."""
    return self_check.run_check("district", "区里", lambda: self_test._look_at_district(root, None))


def join(run: Run, live: Live) -> None:
    """Let the founded station join, and sign in once more."""
    assert run("enrol", live.url, live.code(station=DISTRICT_STATION)).status == 0
    assert run("status").status == 0


@pytest.fixture
def broken_resources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Yield a copy of the shipped files that a test may damage; what was read of it is forgotten afterwards."""
    copy = tmp_path / "resources"
    shutil.copytree(paths.resources(), copy, ignore=shutil.ignore_patterns("*.ttf"))
    for font in (paths.resources() / "fonts").glob("*.ttf"):
        (copy / "fonts" / font.name).symlink_to(font)
    caches = (codes.code_list, codes._raw, texts.catalogue, fonts.shipped_fonts)
    monkeypatch.setattr(paths, "resources", lambda: copy)
    for cache in caches:
        cache.cache_clear()
    yield copy
    monkeypatch.undo()
    for cache in caches:
        cache.cache_clear()


def test_a_bare_pc_passes_in_a_process_without_screen_pin_or_home_and_leaves_nothing_there(tmp_path: Path) -> None:
    home, temporary = tmp_path / "home-of-nobody", tmp_path / "temporary"
    temporary.mkdir()
    environment = {
        "PATH": os.environ["PATH"], "PYTHONPATH": str(paths.resources().parent), "HOME": str(home),
        "XDG_DATA_HOME": str(home), "XDG_CONFIG_HOME": str(home), "TMPDIR": str(temporary),
    }  # fmt: skip

    done = subprocess.run(
        [sys.executable, "-m", "app", "doctor", "--self-test", "--json"],
        capture_output=True, text=True, env=environment, cwd=temporary,
    )  # fmt: skip

    told = json.loads(done.stdout)
    assert [check["code"] for check in told["checks"]] == CHECKS
    assert [check for check in told["checks"] if check["level"] == FAULT] == []
    assert (done.returncode, told["ok"], list(tmp_path.rglob("*"))) == (0, True, [temporary])


def test_one_line_a_check_and_a_last_one_and_the_counters_files_stay_untouched(
    founded: Run, data_folder: DataFolder
) -> None:
    before = state_of(data_folder.root.parent)

    done = founded("doctor", "--self-test")

    lines = [line for line in done.out.splitlines() if not line.startswith("  ")]
    assert [line[0] in "✓△" for line in lines[:-1]] == [True] * len(CHECKS)
    assert (done.status, done.err) == (0, "")
    assert lines[-1].startswith("自检通过：")
    assert state_of(data_folder.root.parent) == before


def test_the_districts_answer_is_asked_for_without_a_pin(founded: Run, data_folder: DataFolder, district: Live) -> None:
    join(founded, district)

    said = district_line(data_folder.root)

    assert said.level == OK
    assert district.url in said.result


def test_a_district_that_does_not_answer_is_no_fault_and_says_why(
    founded: Run, data_folder: DataFolder, district: Live
) -> None:
    join(founded, district)
    district.stop()

    said = district_line(data_folder.root)

    assert said.level == WARNING
    assert district.url in said.result
    assert "东西都在本机" in said.advice


def test_before_the_first_sign_in_of_this_version_it_says_that_it_cannot_know(
    founded: Run, data_folder: DataFolder
) -> None:
    Keyring.open(data_folder).remember(STATION_NOTE, json.dumps({"code": "1", "name": "老版本"}))

    said = district_line(data_folder.root)

    assert (said.level, said.advice) == (WARNING, "登录一次以后再自检")


def test_the_pin_of_the_districts_key_is_known_too(founded: Run, data_folder: DataFolder) -> None:
    counter = open_counter(data_folder, name="陶丽华", pin=PIN)
    with counter.database.write(None) as tx:
        state.set_state(tx.session, DISTRICT_PIN, "sha256:ab")

    remember_station(Keyring.open(data_folder), counter.database)

    counter.database.close()
    assert self_check.remembered(data_folder)["pin"] == "sha256:ab"


def test_data_of_a_newer_program_are_a_fault(founded: Run, data_folder: DataFolder) -> None:
    known = self_check.remembered(data_folder)
    Keyring.open(data_folder).remember(STATION_NOTE, json.dumps({**known, "schema": "9999"}))

    level, result, advice = self_check.look_at_data(data_folder.root)

    assert (level, advice) == (FAULT, "请先升级程序")
    assert "9999" in result


@pytest.mark.parametrize("lost", ["codes/sex.json", "matching/weights.json", "locale/en", "icons"])
def test_a_lost_file_is_named(broken_resources: Path, lost: str) -> None:
    target = broken_resources / lost
    shutil.rmtree(target) if target.is_dir() else target.unlink()

    said = self_check.run_check("files", "程序文件", self_check.look_at_files)

    assert said.level == FAULT
    assert lost in said.result


def test_a_lost_font_fails_the_paper_and_ends_with_one(broken_resources: Path, run: Run) -> None:
    (broken_resources / "fonts" / fonts.REGULAR).unlink()

    done = run("doctor", "--self-test", "--json")

    faults = {check["code"]: check["result"] for check in json.loads(done.out)["checks"] if check["level"] == FAULT}
    assert done.status == 1
    assert set(faults) == {"fonts", "slip"}
    assert fonts.REGULAR in faults["slip"]


@pytest.mark.parametrize(("free", "level"), [(50 << 20, FAULT), (500 << 20, WARNING), (5 << 30, OK)])
def test_little_room_is_told_before_it_is_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, free: int, level: str
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage(1 << 40, 0, free))

    assert self_check.look_at_room(tmp_path / "not" / "made" / "yet")[0] == level


def test_a_file_where_the_folder_should_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")

    assert self_check.look_at_data(tmp_path / "data")[0] == FAULT
