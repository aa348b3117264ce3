"""The doctor finds what is wrong and mends what can be mended."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from app import clock
from app.db.backup import make_backup
from app.db.database import raw_connection
from app.errors import StorageError
from app.paths import DataFolder
from app.services.health import FAULT, OK, WARNING, examine, repair
from tests.factories import Factory
from tests.fixtures_db import KEY


@pytest.fixture
def folder(database, tmp_path):
    found = DataFolder(tmp_path)
    found.create()
    found.keyring.write_text(
        json.dumps({"format": 1, "id": "x", "store": "file", "check": "", "recovery": {}, "entries": [], "notes": {}})
    )
    return found


@pytest.fixture
def make_resident(database, actor):
    with database.write(actor) as tx:
        return Factory(tx).resident().id


def one(folder, database, code):
    found = [f for f in examine(folder, database) if f.code == code]
    assert len(found) == 1
    return found[0]


def test_a_sound_counter_with_a_backup_has_no_fault(folder, database, make_resident):
    make_backup(folder, KEY)

    findings = examine(folder, database)

    assert {f.code for f in findings} >= {"store.pages", "store.references", "store.form", "search.complete", "clock"}
    assert [f for f in findings if f.level == FAULT] == []
    assert [f.code for f in findings if f.level == WARNING and f.code != "disk.space"] == []


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM search_entry",
        "UPDATE search_entry SET tokens = 'nobody'",
        "INSERT INTO search_entry (record_type, record_id, tokens) VALUES ('resident', 'gone', 'ghost')",
        "INSERT INTO search (search) VALUES ('delete-all')",
    ],
)
def test_a_damaged_search_index_is_found_and_rebuilt(folder, database, make_resident, damage):
    connection = raw_connection(database.path, KEY)
    connection.execute(damage)
    connection.close()

    finding = one(folder, database, "search.complete")
    said = repair(folder, database, KEY, finding)

    assert finding.level == FAULT
    assert finding.repairable
    assert "重建好了" in said
    assert one(folder, database, "search.complete").level == OK


def test_a_reference_to_nothing_is_found(folder, database, make_resident):
    connection = raw_connection(database.path, KEY)
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute("CREATE TABLE child (id TEXT REFERENCES resident (id))")
    connection.execute("INSERT INTO child VALUES ('nobody')")
    connection.close()

    finding = one(folder, database, "store.references")

    assert finding.level == FAULT
    assert "child" in finding.text
    with pytest.raises(StorageError, match="不能自动修"):
        repair(folder, database, KEY, finding)


def test_damaged_pages_are_found_or_refuse_to_be_read(folder, database, make_resident):
    database.close()
    content = bytearray(Path(database.path).read_bytes())
    for place in range(4096 * 6 + 100, len(content), 4096 * 3):
        content[place] ^= 0xFF
    Path(database.path).write_bytes(content)

    try:
        level = one(folder, database, "store.pages").level
    except StorageError:
        level = FAULT

    assert level == FAULT


def test_a_counter_without_a_backup_is_told_and_gets_one(folder, database):
    finding = one(folder, database, "backup.age")

    said = repair(folder, database, KEY, finding)

    assert finding.level == WARNING
    assert "备份好了" in said
    assert one(folder, database, "backup.age").level == OK


def test_a_damaged_backup_is_told(folder, database):
    make_backup(folder, KEY)
    (folder.backups / "cut.backup").write_bytes(b"PK")

    assert one(folder, database, "backup.damaged").level == WARNING


def test_a_clock_behind_the_last_act_is_told(folder, database, make_resident):
    clock.shift(-timedelta(days=20))

    assert one(folder, database, "clock").level == WARNING


def test_a_clock_years_back_is_a_fault(folder, database):
    clock.shift(-timedelta(days=3650))

    assert one(folder, database, "clock").level == FAULT


def test_faults_come_first(folder, database):
    clock.shift(-timedelta(days=3650))

    levels = [f.level for f in examine(folder, database)]

    assert levels == sorted(levels, key=[FAULT, WARNING, OK].index)
