"""Small programs that stand for versions: scripts that note each call and end as a test says."""

import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest

from app.paths import DataFolder
from app.updates.choose import Chooser
from app.updates.programs import Programs

SIGNED_IN = """
import sys
from pathlib import Path
from app.updates.first_start import StoreNote, write_note
from app.updates.programs import Programs, passed
root, data, version, schema = sys.argv[1:]
write_note(Path(data), StoreNote(schema, version))
Programs(Path(root)).change(lambda state: passed(state, version))
"""
MIGRATED = """
import sys
from pathlib import Path
from app.updates.first_start import StoreNote, write_note
data, forward = sys.argv[1:]
write_note(Path(data), StoreNote("0008", "0.1.0", forward))
(Path(data) / "doorstep.db").write_bytes(b"brought forward")
(Path(data) / "doorstep.db-wal").write_bytes(b"more of it")
"""


class Town:
    """A folder of programs, a data folder, and starts of the installed program ``own``."""

    def __init__(self, tmp_path: Path, own: str = "0.1.0") -> None:
        self.programs = Programs(tmp_path / "programs")
        self.programs.root.mkdir()
        self.data = tmp_path / "data"
        DataFolder(self.data).create()
        (self.data / "doorstep.db").write_bytes(b"the store")
        (self.data / "keyring.json").write_bytes(b"the keyring")
        (self.data / "store.json").write_text('{"schema": "0008", "program": "0.1.0", "forward": ""}')
        self.calls_file = tmp_path / "calls"
        self.said = tmp_path / "said"
        self.own = own

    def script(self, version: str, *, window: str = "", self_test: str = "") -> str:
        """Return a program: ``window`` and ``self_test`` are what it does, in the words of a shell."""
        noted = f'echo "{version} $*" >> "{self.calls_file}"'
        return f'#!/bin/sh\n{noted}\nif [ "$1" = doctor ]; then :; {self_test}\nelse :; {window}\nfi\n'

    def put(self, version: str, *, window: str = "", self_test: str = "") -> None:
        """Put an unpacked program there."""
        place = self.programs.folder(version) / "opt" / "doorstep"
        place.mkdir(parents=True)
        program = place / "doorstep"
        program.write_text(self.script(version, window=window, self_test=self_test))
        program.chmod(0o755)

    def signs_in(self, version: str, schema: str = "0008") -> str:
        """Return what a program does when somebody signs in in it."""
        return f"{_python(SIGNED_IN)} {self.programs.root} {self.data} {version} {schema}"

    def migrates(self, schema: str = "0009") -> str:
        """Return what a program does that brings the store forward."""
        return f"{_python(MIGRATED)} {self.data} {schema}"

    def begin(self, *arguments: str, before: Callable[[], object] = lambda: None) -> int:
        """Start the installed program as a process of its own; return its id. ``before`` spoils something in it."""
        self.said.touch()
        child = os.fork()
        if child:
            return child
        try:
            with self.said.open("a") as said:
                os.dup2(said.fileno(), 2)
                before()
                chooser = Chooser(self.programs, self.data, arguments, own=self.own)
                status = chooser.run(window=arguments[:1] != ("backup",))
                said.write("own" if status is None else f"ended {status}")
        except BaseException:  # noqa: BLE001 - it is the end of a process
            traceback.print_exc()
            sys.stderr.flush()
        finally:
            os._exit(0)

    def end(self, child: int) -> str:
        """Wait for a start; return how it ended: ``own``, ``ended`` and a status, or "" where it became another."""
        os.waitpid(child, 0)
        said = self.said.read_text("utf-8")
        self.said.unlink()
        assert "Traceback" not in said, said
        return said

    def start(self, *arguments: str, before: Callable[[], object] = lambda: None) -> str:
        """Start the installed program and wait for its end."""
        return self.end(self.begin(*arguments, before=before))

    def calls(self) -> list[str]:
        """Return the calls of programs since this was asked last."""
        if not self.calls_file.exists():
            return []
        lines = self.calls_file.read_text().splitlines()
        self.calls_file.unlink()
        return [line.replace(f" --data {self.data}", "").strip() for line in lines]


def _python(code: str) -> str:
    return f"{sys.executable} -c '{code}'"


@pytest.fixture
def town(tmp_path: Path) -> Town:
    """Return a town whose counter runs 0.1.0."""
    return Town(tmp_path)
