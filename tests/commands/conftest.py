"""Runs ``doorstep`` as people run it, in this process: arguments in, exit status and both outputs back."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.commands.main import main
from app.paths import DataFolder
from tests.district.live import Live, running

PIN = "250613"
STATION = ("--name", "溪桥社区就业服务站", "--code", "330110012001", "--county", "330110")


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    status: int
    out: str
    err: str


Run = Callable[..., Done]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, data_folder: DataFolder) -> Run:
    """Return a runner of commands on this test's data folder, with the PIN in the environment."""
    monkeypatch.setenv("DOORSTEP_PIN", PIN)

    def command(*words: str | Path) -> Done:
        capsys.readouterr()
        try:
            status = main([*map(str, words), "--data", str(data_folder.root)])
        except SystemExit as ended:
            status = int(ended.code or 0)
        out, err = capsys.readouterr()
        return Done(status, out, err)

    return command


@pytest.fixture
def founded(run: Run) -> Run:
    """Return the runner of a founded station."""
    done = run("found", *STATION, "--staff", "陶丽华")
    assert done.status == 0, done.err
    return run


@pytest.fixture
def district(tmp_path: Path) -> Iterator[Live]:
    """Yield a real district server on the loopback."""
    with running(f"sqlite:///{tmp_path / 'district.db'}") as live:
        yield live
