"""The disk of a counter runs full: it says so, nothing that was said to be saved is lost, and it works on."""

import contextlib
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.db.backup import check_database
from app.errors import StorageError
from app.services import outbox
from tests.sync.test_epoch import people
from tests.sync.world import KEY, Counter

ROOM = 4 * 1024 * 1024


@pytest.fixture
def tight(tmp_path: Path, empty_counter: Path) -> Iterator[tuple[Counter, Callable[[], None]]]:
    """Yield a counter on a small disk, and what makes room on it: a real file system where one may be mounted."""
    disk = tmp_path / "disk"
    disk.mkdir()
    with contextlib.ExitStack() as ends:
        if _mount(disk):
            ends.callback(subprocess.run, ["umount", "-l", str(disk)], check=True)
            filler = disk / "filler"
            shutil.copyfile(empty_counter, disk / "counter.db")
            filler.write_bytes(b"x" * (ROOM - 1_600_000))
            make_room: Callable[[], None] = filler.unlink
        else:
            shutil.copyfile(empty_counter, disk / "counter.db")
            before = resource.getrlimit(resource.RLIMIT_FSIZE)
            resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, before[1]))
            make_room = _lift(before)
            ends.callback(make_room)
        counter = Counter(disk / "counter.db")
        ends.callback(counter.close)
        yield counter, make_room


def _mount(folder: Path) -> bool:
    if sys.platform != "linux" or shutil.which("mount") is None:
        return False
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={ROOM}", "doorstep-test", str(folder)], capture_output=True, check=False
    )
    return done.returncode == 0


def _lift(before: tuple[int, int]) -> Callable[[], None]:
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, before)


def fill(counter: Counter) -> tuple[list[str], StorageError]:
    """Register people until the disk is full; return who was said to be saved, and what was said then."""
    saved: list[str] = []
    while True:
        try:
            saved.append(counter.register(remark="来过" * 200))
        except StorageError as problem:
            return saved, problem
        assert len(saved) < 5000


def test_a_full_disk_is_said_in_a_sentence_and_what_was_saved_is_there(tight):
    counter, _make_room = tight

    saved, problem = fill(counter)

    assert saved
    assert problem.code in ("storage.full", "storage.io")
    assert "没有存" in problem.text
    assert {row[0] for row in people(counter)} == set(saved)
    operations = counter.ask(lambda tx: tx.sql("SELECT count(*), max(seq) FROM operation"))[0]
    assert tuple(operations) == (len(saved), len(saved))


def test_after_room_is_made_the_counter_works_on_and_all_of_it_reaches_the_district(tight, district, near_counter):
    counter, make_room = tight
    counter.join(district)
    saved, _problem = fill(counter)
    assert counter_reports_its_disk(counter)

    make_room()
    saved.append(counter.register("冯巧云"))
    report = counter.sync()
    near_counter.sync()

    assert (report.error, report.agreed, counter.ask(outbox.sync_summary).queued) == (None, True, 0)
    assert {row[0] for row in people(near_counter)} == set(saved)
    counter.database.close()
    check_database(counter.path, KEY)


def counter_reports_its_disk(counter: Counter) -> bool:
    """Tell that synchronising on a full disk ends well, or in the disk's own sentence; never worse."""
    try:
        counter.sync()
    except StorageError as problem:
        return problem.code in ("storage.full", "storage.io")
    return True
