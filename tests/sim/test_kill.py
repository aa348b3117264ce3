"""The plug is pulled at random moments; what was acknowledged is there, nothing is half, no number stands twice."""

import random
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.timeout(300)
def test_a_hundred_kills_lose_nothing(tmp_path: Path) -> None:
    seed = random.randrange(1_000_000)

    done = subprocess.run(
        [sys.executable, "-m", "tests.sim.kill", "100", str(seed), str(tmp_path)],
        cwd=Path(__file__).resolve().parents[2],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, f"replay with: python -m tests.sim.kill 100 {seed} FOLDER\n{done.stdout}{done.stderr}"
