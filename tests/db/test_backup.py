"""Backups: whole or absent, encrypted to the last byte, and back in one step."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from app import clock
from app.db import backup as backups
from app.db import restore
from app.db.backup import (
    BY_HAND,
    HOURLY,
    UPGRADE,
    backup_if_due,
    due_backup,
    list_backups,
    make_backup,
    read_backup,
    thin_backups,
    verify_backup,
)
from app.db.database import raw_connection
from app.db.keyring import Keyring
from app.db.keyring_file import Cost
from app.db.restore import finish_restore, recover_backup, restore_backup, unlock_backup
from app.db.secret_store import FileSecretStore
from app.errors import InvalidInputError, NotFoundError, StorageError
from app.paths import DataFolder

CHEAP = Cost(memory_kib=64, passes=1, lanes=1)
PIN = "274951"
NAME, ID_NUMBER = "欧阳海棠", "330110198805129961"


class Counter:
    """One counter with a keyring and a small encrypted store, its WAL left open as in a running program."""

    def __init__(self, root, store):
        self.folder = DataFolder(root)
        self.folder.create()
        self.store = store
        self.keyring, self.paper = Keyring.create(self.folder, store=store, cost=CHEAP)
        self.key = self.keyring.recover(self.paper)
        self.entry = self.keyring.add(self.key, staff_id="s-1", name="林晓燕", role="clerk", pin=PIN)
        self.connection = raw_connection(self.folder.database, self.key)
        self.connection.execute("CREATE TABLE resident (name TEXT, id_number TEXT)")
        self.connection.execute("CREATE TABLE local_state (key TEXT PRIMARY KEY, value JSON)")
        self.connection.execute("CREATE TABLE number_counter (stem TEXT PRIMARY KEY, last INTEGER)")
        self.connection.execute("INSERT INTO number_counter VALUES ('TJ330110261101', 7)")
        self.register(NAME)

    def register(self, name):
        self.connection.execute("INSERT INTO resident VALUES (?, ?)", (name, ID_NUMBER))

    def close(self):
        self.connection.close()


@pytest.fixture
def store(tmp_path):
    return FileSecretStore(tmp_path / "secrets")


@pytest.fixture
def counter(tmp_path, store):
    made = Counter(tmp_path / "counter", store)
    yield made
    made.close()


def names(folder, key):
    connection = raw_connection(folder.database, key)
    try:
        return [row[0] for row in connection.execute("SELECT name FROM resident ORDER BY rowid")]
    finally:
        connection.close()


def test_a_backup_of_a_running_counter_restores_every_row(counter):
    backup = make_backup(counter.folder, counter.key)
    counter.register("后来的人")
    counter.close()

    restored = restore_backup(backup.path, counter.folder, counter.key)

    assert names(counter.folder, counter.key) == [NAME]
    assert not restored.keyring_replaced
    assert counter.keyring.unlock(counter.entry, PIN) == counter.key


def test_the_replaced_store_is_kept_aside_with_its_last_commits(counter):
    backup = make_backup(counter.folder, counter.key)
    counter.register("后来的人")
    shutil.copytree(counter.folder.root, counter.folder.root.parent / "cut")  # as a power cut leaves it: with a WAL
    counter.close()
    cut = DataFolder(counter.folder.root.parent / "cut")

    restored = restore_backup(backup.path, cut, counter.key)

    aside = DataFolder(restored.replaced)
    assert names(aside, counter.key) == [NAME, "后来的人"]
    assert names(cut, counter.key) == [NAME]


def test_no_file_of_the_folder_or_the_backup_shows_a_name_or_number(counter, tmp_path):
    make_backup(counter.folder, counter.key, to=tmp_path / "stick" / "all.backup", reason=BY_HAND)
    make_backup(counter.folder, counter.key)
    files = [p for place in (counter.folder.root, tmp_path / "stick") for p in place.rglob("*") if p.is_file()]

    raw = b"".join(p.read_bytes() for p in files)

    assert len(files) >= 4
    for word in (NAME, "林晓燕", ID_NUMBER, "resident", "SQLite format"):
        for encoding in ("utf-8", "utf-16-le", "gb18030"):
            assert word.encode(encoding) not in raw
    assert counter.key not in raw
    assert counter.key.hex().encode() not in raw


def test_only_this_user_reads_a_backup(counter):
    backup = make_backup(counter.folder, counter.key)

    if os.name == "posix":
        assert backup.path.stat().st_mode & 0o077 == 0


def test_a_backup_is_one_file_and_nothing_is_left_beside_it(counter):
    backup = make_backup(counter.folder, counter.key)

    assert list(counter.folder.backups.iterdir()) == [backup.path]
    assert verify_backup(backup.path, counter.key) == backup
    assert list(counter.folder.backups.iterdir()) == [backup.path]


def test_a_backup_opens_with_a_pin_on_the_same_pc_when_the_folder_is_gone(counter, store, tmp_path):
    backup = make_backup(counter.folder, counter.key, to=tmp_path / "stick.backup", reason=BY_HAND)
    counter.close()
    shutil.rmtree(counter.folder.root)

    key = unlock_backup(backup.path, "林晓燕", PIN, store=store)
    restored = restore_backup(backup.path, counter.folder, key)

    assert restored.replaced is None
    assert restored.keyring_replaced
    assert names(counter.folder, key) == [NAME]
    assert Keyring.open(counter.folder, store=store).unlock(counter.entry, PIN) == key


def test_a_wrong_pin_or_name_opens_no_backup(counter, store, tmp_path):
    backup = make_backup(counter.folder, counter.key)

    with pytest.raises(InvalidInputError):
        unlock_backup(backup.path, "林晓燕", "903817", store=store)
    with pytest.raises(NotFoundError):
        unlock_backup(backup.path, "别人", PIN, store=store)
    with pytest.raises(StorageError, match="另一台电脑"):
        unlock_backup(backup.path, "林晓燕", PIN, store=FileSecretStore(tmp_path / "other"))


def test_a_backup_restores_on_another_pc_with_the_recovery_key(counter, tmp_path):
    backup = make_backup(counter.folder, counter.key, to=tmp_path / "stick.backup")
    other, other_store = DataFolder(tmp_path / "other-pc"), FileSecretStore(tmp_path / "other-secrets")

    key = recover_backup(backup.path, counter.paper)
    restore_backup(backup.path, other, key)
    keyring, again = Keyring.rebind(other, counter.paper, store=other_store, cost=CHEAP)
    entry = keyring.add(again, staff_id="s-1", name="林晓燕", role="clerk", pin="903817")

    assert names(other, keyring.unlock(entry, "903817")) == [NAME]


def test_a_restored_store_knows_it_and_skips_numbers_that_may_have_been_used(counter):
    backup = make_backup(counter.folder, counter.key)
    counter.close()

    restore_backup(backup.path, counter.folder, counter.key)

    connection = raw_connection(counter.folder.database, counter.key)
    value = connection.execute("SELECT value FROM local_state WHERE key = ?", (restore.RESTORED_AT,)).fetchone()
    last = connection.execute("SELECT last FROM number_counter").fetchone()[0]
    connection.close()
    assert datetime.fromisoformat(json.loads(value[0])) - clock.now() < timedelta(minutes=5)
    assert last == 7 + restore.SKIPPED_NUMBERS


def test_a_stale_write_ahead_log_never_meets_the_restored_database(counter):
    backup = make_backup(counter.folder, counter.key)
    for n in range(200):
        counter.register(f"后来 {n}")
    cut = DataFolder(counter.folder.root.parent / "cut")
    shutil.copytree(counter.folder.root, cut.root)
    cut.database.unlink()  # what a failed restore by hand leaves: only -wal and -shm
    assert Path(f"{cut.database}-wal").stat().st_size > 0

    restore_backup(backup.path, cut, counter.key)

    assert names(cut, counter.key) == [NAME]


@pytest.mark.parametrize("step", range(1, 12))
def test_a_restore_cut_off_at_any_step_is_ended_at_the_next_start(counter, monkeypatch, step):
    backup = make_backup(counter.folder, counter.key)
    counter.register("后来的人")
    counter.close()
    calls = 0

    def stop_at(real):
        def call(*args, **kwargs):
            nonlocal calls
            calls += 1
            if calls == step:
                raise KeyboardInterrupt
            return real(*args, **kwargs)

        return call

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", stop_at(os.replace))
        patch.setattr(os, "fsync", stop_at(os.fsync))
        try:
            restore_backup(backup.path, counter.folder, counter.key)
            cut = False
        except KeyboardInterrupt:
            cut = True
    finish_restore(counter.folder)

    found = names(counter.folder, counter.key)
    assert found == [NAME] or (cut and found == [NAME, "后来的人"])
    assert not finish_restore(counter.folder)


@pytest.mark.parametrize("part", [0, 1, 100, 4096, -1, -22, -4096])
def test_a_backup_cut_short_is_a_sentence_and_changes_nothing(counter, part):
    backup = make_backup(counter.folder, counter.key)
    content = backup.path.read_bytes()
    backup.path.write_bytes(content[:part])
    counter.register("后来的人")
    counter.close()

    with pytest.raises(StorageError, match="不是一份完整的备份"):
        restore_backup(backup.path, counter.folder, counter.key)

    assert names(counter.folder, counter.key) == [NAME, "后来的人"]


def test_every_flipped_byte_of_a_backup_is_found_or_harmless(counter, tmp_path):
    backup = make_backup(counter.folder, counter.key)
    content = backup.path.read_bytes()
    damaged = tmp_path / "damaged.backup"

    for place in range(0, len(content), len(content) // 97):
        changed = bytearray(content)
        changed[place] ^= 0x40
        damaged.write_bytes(changed)
        try:
            found = verify_backup(damaged, counter.key)
        except StorageError:
            continue
        assert found.sha256 == backup.sha256


def test_another_key_restores_nothing(counter):
    backup = make_backup(counter.folder, counter.key)
    counter.close()

    with pytest.raises(StorageError):
        restore_backup(backup.path, counter.folder, bytes(32))

    assert names(counter.folder, counter.key) == [NAME]
    assert not list(counter.folder.root.glob(".restored*"))


def test_a_file_that_is_no_backup_and_a_missing_one_are_sentences(tmp_path):
    (tmp_path / "a.backup").write_text("hello")

    with pytest.raises(StorageError, match="不是一份完整的备份"):
        read_backup(tmp_path / "a.backup")
    with pytest.raises(StorageError, match="找不到"):
        read_backup(tmp_path / "b.backup")


def test_a_backup_of_a_newer_program_is_refused(counter, monkeypatch):
    monkeypatch.setattr(backups, "FORMAT", 2)
    target = counter.folder.backups / "new.backup"
    make_backup(counter.folder, counter.key, to=target)
    monkeypatch.setattr(backups, "FORMAT", 1)

    with pytest.raises(StorageError, match="更新的版本"):
        read_backup(target)


def test_too_little_room_is_told_before_anything_is_written(counter, monkeypatch):
    usage = shutil.disk_usage(counter.folder.root)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage._replace(free=1000))

    with pytest.raises(StorageError, match="没有做") as caught:
        make_backup(counter.folder, counter.key)

    assert caught.value.code == "storage.full"
    assert list(counter.folder.backups.iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="limits a child process's files")
def test_a_disk_that_fills_up_midway_is_a_sentence_and_leaves_no_half_file(counter):
    for n in range(3000):
        counter.register(f"甲乙丙丁 {n}")
    code = (
        "import resource, signal, sys; from pathlib import Path; from app.db.backup import make_backup;"
        "from app.errors import StorageError; from app.paths import DataFolder;"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536));\n"
        "try: make_backup(DataFolder(Path(sys.argv[1])), bytes.fromhex(sys.argv[2]))\n"
        "except StorageError as e: print(e.code)"
    )

    done = subprocess.run(
        [sys.executable, "-c", code, str(counter.folder.root), counter.key.hex()], capture_output=True, text=True
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().startswith("storage.")
    assert list(counter.folder.backups.iterdir()) == []


def test_a_backup_is_due_only_after_a_change_and_an_hour(counter):
    assert due_backup(counter.folder)

    make_backup(counter.folder, counter.key)
    assert not due_backup(counter.folder)

    clock.shift(timedelta(hours=2))
    assert not due_backup(counter.folder)

    counter.register("后来的人")
    assert due_backup(counter.folder)
    clock.shift(timedelta(minutes=10))
    assert not due_backup(counter.folder)


def test_a_clock_that_stepped_back_does_not_stop_the_backups(counter):
    clock.shift(timedelta(days=400))
    make_backup(counter.folder, counter.key)
    clock.shift(timedelta(0))
    counter.register("后来的人")

    assert due_backup(counter.folder)


def test_an_idle_counter_makes_one_backup_and_a_busy_one_each_hour(counter):
    made = 0
    for hour in range(5):
        clock.shift(timedelta(hours=hour, minutes=1))
        if hour in (2, 4):
            counter.register(f"第 {hour} 个")
        made += backup_if_due(counter.folder, counter.key) is not None

    assert made == 3


def test_a_folder_without_a_store_needs_no_backup(data_folder):
    assert not due_backup(data_folder)
    with pytest.raises(StorageError, match="还没有数据"):
        make_backup(data_folder, bytes(32))


def test_thinning_keeps_hours_then_days_then_weeks(counter):
    model = make_backup(counter.folder, counter.key)
    for hours in range(24 * 120, -1, -6):
        _pretend(model, counter.folder, hours=hours, reason=HOURLY)
    model.path.unlink()

    removed = thin_backups(counter.folder)
    left = list_backups(counter.folder)
    days = {clock.to_local(b.made_at).date() for b in left}
    weeks = {f"{clock.to_local(b.made_at):%G-%V}" for b in left}

    assert len(removed) + len(left) == 24 * 120 // 6 + 1
    assert 24 <= len(left) <= 24 + 14 + 8
    assert len(days) >= 14
    assert len(weeks) == 8
    assert thin_backups(counter.folder) == ()


def test_thinning_never_removes_what_was_made_by_hand_nor_the_last_upgrades(counter):
    model = make_backup(counter.folder, counter.key)
    by_hand = _pretend(model, counter.folder, hours=24 * 900, reason=BY_HAND)
    upgrades = [_pretend(model, counter.folder, hours=24 * 365 * n, reason=UPGRADE) for n in range(1, 9)]
    for hours in range(1, 400):
        _pretend(model, counter.folder, hours=hours, reason=HOURLY)

    thin_backups(counter.folder)

    assert by_hand.exists()
    assert [p.exists() for p in upgrades] == [True] * 6 + [False] * 2


def _pretend(model, folder, *, hours, reason):
    """Copy a real backup under another time and reason."""
    path = folder.backups / f"b-{hours}-{reason}.backup"
    with zipfile.ZipFile(model.path) as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == backups.MANIFEST:
                manifest = json.loads(content)
                manifest |= {"made_at": (model.made_at - timedelta(hours=hours)).isoformat(), "reason": reason}
                content = json.dumps(manifest).encode()
            target.writestr(name, content)
    return path
