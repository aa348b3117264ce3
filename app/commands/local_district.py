"""A district server of one's own on the loopback, which ends with us: for the sample station and the demo."""

import os
import re
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.errors import OfflineError
from app.program import command
from app.texts import _

_ADDRESS = re.compile(r"(https?://\S+)")
START_SECONDS = 60.0


@dataclass
class LocalDistrict:
    """A running server: ``url`` it answers at, ``data`` folder, ``database`` URL or None for SQLite in the folder."""

    url: str
    data: Path
    database: str | None

    def enrol_code(self, station: str, role: str, *, name: str | None = None) -> str:
        """Return a one-time code.

        Raises:
            OfflineError: the command failed.
        """
        options = ["--station", station, "--role", role, *(["--name", name] if name else [])]
        said = run_district("enrol-code", *options, *self._where())
        return said.split()[-1]

    def take_packet(self, file: Path, answer: Path) -> str:
        """Take a file that a counter wrote, whether the server runs or not; return what the command said.

        Raises:
            OfflineError: the command failed.
        """
        return run_district("packet", "take", str(file), "--answer", str(answer), *self._where())

    def verify(self) -> str:
        """Return what ``verify`` says.

        Raises:
            OfflineError: it found a difference.
        """
        return run_district("verify", *self._where())

    def _where(self) -> list[str]:
        return ["--data", str(self.data), *(["--database", self.database] if self.database else [])]


def run_district(*arguments: str) -> str:
    """Run one ``doorstep-district`` command and return what it printed.

    Raises:
        OfflineError: it ended with an error; the sentence is its own.
    """
    done = subprocess.run(
        [*command("doorstep-district"), *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=_environment(),
    )
    if done.returncode != 0:
        raise OfflineError((done.stderr or done.stdout).strip(), code="district.command")
    return done.stdout.strip()


@contextmanager
def local_district(data: Path, *, database: str | None = None, port: int = 0) -> Iterator[LocalDistrict]:
    """Yield a server on 127.0.0.1; it is ended afterwards.

    Raises:
        OfflineError: it did not start.
    """
    data.mkdir(parents=True, exist_ok=True)
    where = ["--data", str(data), *(["--database", database] if database else [])]
    serve = [*command("doorstep-district"), "serve", "--host", "127.0.0.1", "--port", str(port), *where]
    log = (data / "server.log").open("ab")
    process = subprocess.Popen(serve, stdout=subprocess.PIPE, stderr=log, text=True, env=_environment())
    try:
        yield LocalDistrict(_wait_for_address(process, data), data, database)
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        log.close()
        if process.stdout is not None:
            process.stdout.close()


def _wait_for_address(process: subprocess.Popen[str], data: Path) -> str:
    timer = threading.Timer(START_SECONDS, process.kill)
    timer.start()
    try:
        assert process.stdout is not None
        for line in process.stdout:
            found = _ADDRESS.search(line)
            if found:
                return found.group(1)
    finally:
        timer.cancel()
    raise OfflineError(_("区县服务端没有启动，看 {log}", log=str(data / "server.log")), code="district.not_started")


def _environment() -> dict[str, str]:
    root = str(Path(__file__).resolve().parents[2])
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH", "")]))}
