"""Which version runs at a start, and what a new one has to show before it stays."""

import errno
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from app.db.durable import exclusive
from app.updates.choose import own_schema, run_self_test
from app.updates.programs import LEFT_BY_HAND, State, Trial
from app.updates.standing import standing_of

SELF_TEST = "0.2.0 doctor --self-test"


def _want(town, version="0.2.0"):
    town.programs.change(lambda state: replace(state, wanted=version))


def _store(town):
    return {name: (town.data / name).read_bytes() for name in ("doorstep.db", "keyring.json", "store.json")}


def test_without_anything_wanted_the_installed_program_runs_itself(town):
    assert town.start() == "own"
    assert town.calls() == []


def test_a_wanted_version_passes_its_self_test_and_is_on_trial_until_somebody_signs_in(town):
    town.put("0.2.0")
    _want(town)

    assert town.start("--lang", "en") == "ended 0"

    assert town.calls() == [SELF_TEST, "0.2.0 --lang en"]
    state = town.programs.state()
    assert state.trial == Trial("0.2.0", "0.1.0", starts=1)
    assert (state.current, state.wanted, state.schemas) == ("", "", {"0.1.0": own_schema()})
    assert (town.data / "before-update" / "0.2.0" / "doorstep.db").read_bytes() == b"the store"


def test_once_somebody_signed_in_it_is_the_version_that_runs(town):
    town.put("0.2.0", window=town.signs_in("0.2.0") + "; exit 7")
    _want(town)

    assert town.start() == "ended 7"
    state = town.programs.state()
    assert (state.current, state.previous, state.trial) == ("0.2.0", "0.1.0", None)
    assert (state.told.what, state.told.version) == ("installed", "0.2.0")

    assert standing_of(town.programs, town.data, running="0.2.0").back_refused == ""
    assert standing_of(town.programs, town.data, running="0.2.0").back_to == "0.1.0"

    town.calls()
    town.start("backup", "x.backup")
    town.start()
    assert town.calls() == ["0.2.0 backup x.backup", "0.2.0"]
    assert not (town.data / "before-update").exists()


def test_a_failed_self_test_leaves_the_old_version_and_the_store_and_is_told(town):
    town.put("0.2.0", self_test="exit 1")
    _want(town)
    before = _store(town)

    assert town.start() == "own"

    state = town.programs.state()
    assert state.failed == {"0.2.0": "self_test"}
    assert (state.told.what, state.told.why, state.trial, state.wanted) == ("went_back", "self_test", None, "")
    assert _store(town) == before
    assert not (town.data / "before-update").exists()
    assert town.programs.versions() == ()
    assert "0.2.0: self-test failed" in (town.data / "logs" / "doorstep.log").read_text("utf-8")
    assert town.start() == "own"
    assert town.calls() == [SELF_TEST]


def test_a_version_that_dies_twice_is_given_up_in_the_same_start_and_the_old_one_opens(town):
    town.put("0.2.0", window="kill -9 $$")
    _want(town)

    assert town.start() == "own"

    assert town.calls() == [SELF_TEST, "0.2.0", "0.2.0"]
    assert town.programs.state().failed == {"0.2.0": "died"}


def test_a_version_that_nobody_can_sign_in_to_is_given_up_after_two_starts(town):
    town.put("0.2.0", window="exit 0")
    _want(town)

    assert [town.start(), town.start(), town.start()] == ["ended 0", "ended 0", "own"]

    assert town.programs.state().failed == {"0.2.0": "died"}


def test_a_store_that_was_brought_forward_is_put_back_and_the_newer_one_kept(town):
    town.put("0.2.0", window=town.migrates() + "; exit 1")
    _want(town)
    before = _store(town)

    assert town.start() == "own"

    assert _store(town) == before
    assert not (town.data / "doorstep.db-wal").exists()
    kept = town.data / "before-update" / "0.2.0.kept"
    assert (kept / "doorstep.db").read_bytes() == b"brought forward"
    assert (kept / "doorstep.db-wal").read_bytes() == b"more of it"


def test_work_recorded_after_a_passed_trial_is_never_taken_back(town):
    town.put("0.2.0", window=f"{town.migrates()}; {town.signs_in('0.2.0', '0009')}; kill -9 $$")
    _want(town)

    assert town.start() == "ended 137"

    assert (town.data / "doorstep.db").read_bytes() == b"brought forward"
    assert town.programs.state().current == "0.2.0"


def test_a_failed_version_goes_back_to_the_one_that_was_in_use_not_to_the_installed_one(town):
    town.put("0.2.0")
    town.put("0.3.0", self_test="exit 3")
    town.programs.change(lambda _state: State(current="0.2.0", previous="0.1.0", wanted="0.3.0"))

    town.start()

    assert town.calls() == ["0.3.0 doctor --self-test", "0.2.0 doctor --self-test", "0.2.0"]
    assert town.programs.state().failed == {"0.3.0": "self_test"}


def test_where_the_version_in_use_does_not_pass_either_the_machine_is_at_fault_and_it_is_tried_again(town):
    town.put("0.2.0", self_test="exit 1")
    town.put("0.3.0", self_test="exit 1")
    town.programs.change(lambda _state: State(current="0.2.0", previous="0.1.0", wanted="0.3.0"))

    town.start()

    state = town.programs.state()
    assert (state.failed, state.wanted, state.told.why) == ({}, "0.3.0", "machine")
    assert town.programs.versions() == ("0.3.0", "0.2.0")


def test_a_newer_program_of_the_administrator_wins_and_the_older_ones_go(town):
    town.put("0.2.0")
    town.put("0.3.0")
    town.programs.change(lambda _state: State(current="0.2.0", previous="0.1.0", trial=Trial("0.3.0", "0.2.0", 2)))
    town.own = "0.4.0"

    assert town.start() == "own"

    assert town.programs.versions() == ()
    state = town.programs.state()
    assert (state.current, state.trial, state.failed) == ("", None, {})


def test_a_version_left_by_hand_is_not_chosen_again(town):
    town.put("0.2.0")
    town.programs.change(lambda _state: State(current="0.1.0", failed={"0.2.0": LEFT_BY_HAND}))

    assert town.start() == "own"


def test_the_one_before_is_kept_and_older_ones_go(town):
    for version in ("0.2.0", "0.3.0", "0.4.0"):
        town.put(version)
    (town.programs.root / "0.5.0.part" / "half").mkdir(parents=True)
    town.programs.change(lambda _state: State(current="0.4.0", previous="0.3.0"))

    town.start()

    assert town.programs.versions() == ("0.4.0", "0.3.0")
    assert not (town.programs.root / "0.5.0.part").exists()


def test_while_the_store_is_open_nothing_is_brought_in(town):
    town.put("0.2.0")
    _want(town)
    (town.data / "doorstep.db").unlink()
    store = sqlite3.connect(town.data / "doorstep.db")
    store.execute("PRAGMA journal_mode = WAL")
    store.execute("CREATE TABLE a (b)")

    try:
        assert town.start() == "own"
    finally:
        store.close()

    assert town.calls() == []
    assert town.programs.state().wanted == "0.2.0"
    assert town.start() == "ended 0"


def test_while_a_window_stands_at_the_sign_in_page_nothing_is_brought_in(town):
    town.put("0.2.0")
    _want(town)

    with exclusive(town.data / "doorstep.lock"):
        assert town.start() == "own"

    assert town.calls() == []
    assert town.start() == "ended 0"


def test_a_second_start_during_the_trial_goes_to_the_version_on_trial_and_does_not_count(town):
    town.put("0.2.0", window=f'[ "$1" = --first ] && read line < {town.data}/pipe')
    _want(town)
    os.mkfifo(town.data / "pipe")
    first = town.begin("--first")
    with (town.data / "pipe").open("w") as pipe:  # waits until the version on trial listens
        second = town.begin("--second")
        os.waitpid(second, 0)
        pipe.write("end\n")
    town.end(first)

    assert town.calls() == [SELF_TEST, "0.2.0 --first", "0.2.0 --second"]
    assert town.programs.state().trial.starts == 1


def test_the_end_of_the_session_says_nothing_of_the_version_on_trial(town):
    town.put("0.2.0", window=f"exec sh -c 'echo here > {town.data}/pipe; exec sleep 60'")
    _want(town)
    os.mkfifo(town.data / "pipe")
    first = town.begin()
    (town.data / "pipe").read_text()

    os.kill(first, signal.SIGTERM)

    town.end(first)
    assert town.programs.state().trial == Trial("0.2.0", "0.1.0", starts=0)


def test_no_room_for_the_copy_keeps_the_old_version_and_tries_again_at_the_next_start(town):
    town.put("0.2.0")
    _want(town)

    def fill() -> None:
        shutil.disk_usage = lambda _where: SimpleNamespace(free=1000)

    assert town.start(before=fill) == "own"

    state = town.programs.state()
    assert (state.told.what, state.told.why, state.wanted) == ("not_installed", "update.no_room", "0.2.0")
    assert town.calls() == []
    assert town.start() == "ended 0"


def test_a_damaged_state_is_set_aside_and_the_installed_program_starts(town):
    town.put("0.2.0")
    (town.programs.root / "state.json").write_bytes(b'{"current": ["')

    assert town.start() == "own"

    assert town.programs.state().told.what == "state_lost"
    assert (town.programs.root / "state.damaged").read_bytes() == b'{"current": ["'


@pytest.mark.parametrize(
    "content", [b"[]", b"null", b'{"trial": {"x": 1}}', b'{"current": 3}', b"\xff", b'{"failed": 1}']
)
def test_no_content_of_the_state_keeps_a_counter_from_starting(town, content):
    (town.programs.root / "state.json").write_bytes(content)

    assert town.start() == "own"


def test_where_the_state_is_lost_a_store_too_new_for_the_installed_program_gets_the_version_it_needs(town):
    town.put("0.2.0")
    (town.data / "store.json").write_text(json.dumps({"schema": "9999", "program": "0.2.0", "forward": ""}))
    (town.programs.root / "state.json").write_bytes(b"{")

    town.start()

    assert town.calls() == ["0.2.0"]


def test_a_folder_of_programs_that_cannot_be_written_starts_what_is_there(town):
    town.put("0.2.0")
    town.put("0.3.0")
    town.programs.change(lambda _state: State(current="0.2.0", previous="0.1.0", wanted="0.3.0"))
    real = Path.open

    def refuse(path, mode="r", *rest, **more):
        if town.programs.root in path.parents and not mode.startswith("r"):
            raise OSError(errno.EROFS, "read-only", str(path))
        return real(path, mode, *rest, **more)

    town.start(before=lambda: setattr(Path, "open", refuse))

    assert town.calls() == ["0.2.0"]
    assert town.programs.state().wanted == "0.3.0"


def test_a_self_test_that_hangs_is_ended_and_counts_as_failed(town):
    town.put("0.2.0", self_test="sleep 300")
    _want(town)
    started = time.monotonic()

    assert town.start(before=lambda: run_self_test.__kwdefaults__.update(seconds=0.5)) == "own"

    assert town.programs.state().failed == {"0.2.0": "self_test"}
    assert time.monotonic() - started < 250


def test_the_packed_program_hands_every_command_to_the_version_in_use(town):
    town.put("0.2.0")
    town.programs.change(lambda _state: State(current="0.2.0", previous="0.1.0"))
    packed = "import app, sys; sys.frozen = True\nfrom app.commands.main import main\nsys.exit(main())"
    env = {**os.environ, "DOORSTEP_PROGRAMS": str(town.programs.root), "DOORSTEP_DATA": str(town.data)}

    subprocess.run([sys.executable, "-c", packed, "backup", "x.backup"], env=env, check=True)
    subprocess.run([sys.executable, "-c", packed, "--lang", "en"], env=env, check=True)

    assert town.calls() == ["0.2.0 backup x.backup", "0.2.0 --lang en"]


def test_deciding_needs_neither_qt_nor_the_database_nor_cryptography():
    told = (
        "import sys\nimport app.updates.choose\n"
        "print([n for n in ('PySide6', 'sqlmodel', 'sqlcipher3', 'cryptography', 'logging') if n in sys.modules])"
    )

    assert subprocess.run([sys.executable, "-c", told], capture_output=True, text=True).stdout.strip() == "[]"
