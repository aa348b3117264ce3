"""Crash reports: enough to find the mistake, nothing about a person."""

import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from app import logs, paths
from app.launching import crash
from app.launching.crash import KEPT, LOG_LINES, CrashReports

SECRET_NAME, SECRET_PHONE = "冯巧云", "19900000003"
DIE = """
import sys
from pathlib import Path
from app.launching.crash import CrashReports
CrashReports(Path(sys.argv[1])).watch()
def where_it_happened(name):
    import ctypes
    ctypes.string_at(0)
where_it_happened("冯巧云")
"""


@pytest.fixture
def reports(tmp_path: Path) -> Iterator[CrashReports]:
    kept = CrashReports(tmp_path)
    yield kept
    kept.end()
    logs.stop()


def raised(text: str = f"no row for {SECRET_NAME} {SECRET_PHONE}") -> BaseException:
    name = SECRET_NAME
    try:
        raise LookupError(text, name)
    except LookupError as problem:
        return problem


def test_a_report_says_where_and_nothing_about_whom(reports: CrashReports) -> None:
    path = reports.write(raised())

    assert path is not None
    text = path.read_text("utf-8")
    assert "LookupError" in text and "test_crash.py" in text and " raised" in text
    assert SECRET_NAME not in text and SECRET_PHONE not in text and "no row" not in text


def test_a_report_ends_in_the_masked_log(reports: CrashReports, tmp_path: Path) -> None:
    logs.set_up(tmp_path)
    for number in range(LOG_LINES + 10):
        logging.getLogger("app.test").info("step %d of %s", number, SECRET_PHONE)

    path = reports.write(raised())

    assert path is not None
    text = path.read_text("utf-8")
    assert sum(" INFO app.test " in line for line in text.splitlines()) == LOG_LINES
    assert f"step {LOG_LINES + 9}" in text
    assert SECRET_PHONE not in text


def test_the_users_own_folder_is_not_named(
    reports: CrashReports, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(Path(__file__).parent))
    monkeypatch.setenv("USERPROFILE", str(Path(__file__).parent))

    path = reports.write(raised())

    assert path is not None
    assert f"~{os.sep}test_crash.py" in path.read_text("utf-8")


def test_the_same_mistake_is_reported_once_a_run(reports: CrashReports) -> None:
    found = [reports.write(raised()) for _each in range(50)]

    assert sum(each is not None for each in found) == 1


def test_so_many_are_kept_and_the_newest_of_them(tmp_path: Path) -> None:
    written = [CrashReports(tmp_path).write(raised()) for _each in range(KEPT + 5)]

    left = set(tmp_path.glob("crash-*.txt"))
    assert len(left) == KEPT
    assert written[-1] in left


def test_a_thread_that_dies_is_reported_and_told(reports: CrashReports, expect_errors: None) -> None:
    told: list[tuple[str, Path | None]] = []
    reports.told = lambda error, path: told.append((type(error).__name__, path))
    reports.watch()

    dying = threading.Thread(target=lambda: 1 // 0)
    dying.start()
    dying.join()

    assert [name for name, _path in told] == ["ZeroDivisionError"]
    assert told[0][1] is not None and told[0][1].exists()


def test_a_task_that_fails_is_reported_where_this_run_keeps_its_reports(reports: CrashReports) -> None:
    assert crash.report(raised()) == ""

    reports.watch()

    assert Path(crash.report(raised())).exists()


def test_a_native_crash_becomes_a_report_at_the_next_start_and_once(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", DIE, str(tmp_path)], cwd=paths.resources().parent, capture_output=True)
    after = CrashReports(tmp_path)

    path = after.watch()

    after.end()
    assert done.returncode != 0 and path is not None
    text = path.read_text("utf-8")
    assert "where_it_happened" in text
    assert SECRET_NAME not in text
    again = CrashReports(tmp_path)
    assert again.watch() is None
    again.end()


def test_an_orderly_end_leaves_nothing_to_report(tmp_path: Path) -> None:
    first = CrashReports(tmp_path)
    first.watch()
    first.end()

    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_does_not_make_a_crash_of_a_crash(tmp_path: Path) -> None:
    nowhere = CrashReports(tmp_path / "gone")

    assert nowhere.watch() is None
    assert nowhere.write(raised()) is None
    nowhere.end()
