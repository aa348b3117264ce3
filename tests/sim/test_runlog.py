"""The log of a long row of runs says which program was tested and what became of each run."""

import json
from pathlib import Path

import pytest

from tests.sim.runlog import RunLog


@pytest.fixture
def log(tmp_path: Path) -> RunLog:
    log = RunLog(tmp_path / "runs" / "sim.log")
    log.begin(database="sqlite", steps=30)
    return log


def test_a_row_of_runs_goes_on_behind_those_that_ended(log: RunLog, tmp_path: Path) -> None:
    log.note(7, 0.5, None)
    log.note(9, 0.7, "lost: everything")

    log.begin(database="sqlite", steps=30)

    assert log.ended() == {7, 9}
    assert (tmp_path / "runs" / "sim-9.txt").read_text() == "lost: everything"


def test_a_log_tells_how_many_runs_ended_and_which_failed(log: RunLog) -> None:
    for seed in range(1, 6):
        log.note(seed, 0.5, "lost" if seed == 4 else None)

    told = log.told()

    assert "5 runs (seeds 1 to 5), 0.50 s" in told
    assert "1 failed: 4" in told


def test_the_runs_of_two_programs_do_not_go_into_one_log(log: RunLog, tmp_path: Path) -> None:
    path = tmp_path / "runs" / "sim.log"
    first = json.loads(path.read_text())
    path.write_text(json.dumps({**first, "commit": "0123456789ab"}) + "\n")

    with pytest.raises(SystemExit, match="another file"):
        log.begin(database="sqlite", steps=30)
