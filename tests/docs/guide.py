"""The administrator's guide as a program: its commands, and a machine on which they are run as far as that goes here.

What needs a package manager, a service manager or root is looked at, not run; all else is run, on the test's own
PostgreSQL, with the paths of the guide below a temporary folder.
"""

import contextlib
import io
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from unittest.mock import patch

import pypdfium2
import sqlalchemy as sa
import zxingcpp

from app.commands.main import main as counter_main
from app.district.main import main as district_main

ROOT = Path(__file__).resolve().parent.parent.parent
CHINESE, ENGLISH = ROOT / "docs" / "admin-guide.zh-CN.md", ROOT / "docs" / "admin-guide.md"
UNIT = ROOT / "installer" / "deb" / "doorstep-district.service"
PIN = "250613"
LOOKED_AT = ("apt-get", "adduser", "systemctl")


def blocks(guide: Path) -> list[list[str]]:
    """Return the lines of each block of commands, without comments."""
    found = re.findall(r"^```\w+\n(.*?)^```", guide.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    return [[line for line in block.splitlines() if line and not line.startswith("#")] for block in found]


def block_with(words: str) -> list[str]:
    """Return the block in which a line begins with these words."""
    return next(block for block in blocks(CHINESE) if any(line.startswith(words) for line in block))


class Machine:
    """A machine for the guide's commands: folders, programs, PostgreSQL, and the service as its unit starts it."""

    def __init__(self, folder: Path, server_url: str) -> None:
        self.folder = folder
        self.data, self.settings = folder / "var", folder / "etc" / "district.env"
        self.data.mkdir()
        self.engine = sa.create_engine(server_url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
        url = sa.make_url(server_url)
        self.sockets = str(url.query["host"])
        self.owner = url.username or "postgres"
        with self.engine.connect() as connection:
            postgres = connection.exec_driver_sql("SELECT setting FROM pg_config WHERE name = 'BINDIR'").scalar()
        programs = folder / "bin"
        programs.mkdir()
        program = programs / "doorstep-district"
        program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m app.district "$@"\n')
        program.chmod(0o755)
        self.env = {name: value for name, value in os.environ.items() if not name.startswith("DOORSTEP_")} | {
            "PATH": os.pathsep.join([str(programs), str(postgres), os.environ["PATH"]]),
            "PYTHONPATH": str(ROOT),
            "PGHOST": self.sockets,
            "DOORSTEP_DISTRICT_SETTINGS": str(self.settings),
            "DOORSTEP_SECRETS": str(folder / "secrets"),
            "DOORSTEP_PIN": PIN,
        }
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.server: subprocess.Popen[str] | None = None

    def here(self, command: str) -> str:
        """Return a command of the guide with this machine's places."""
        for there, own in (
            ("/etc/cron.d/doorstep-district", str(self.folder / "cron")),
            ("/var/lib/doorstep-district", str(self.data)),
            ("/var/run/postgresql", self.sockets + "&user=doorstep"),
            ("district.example:8765", f"127.0.0.1:{self.port}"),
            ("district.example", "127.0.0.1"),
        ):
            command = command.replace(there, own)
        return command

    def run(self, command: str) -> str:
        """Run a command of the guide, or do what stands for it here; return what it printed."""
        if command.startswith("systemctl"):
            self.stop() if " stop " in command else self.start()
            return ""
        user, words = self.owner, command
        if runs_as := re.match(r"runuser -u (\S+) -- (.*)", command):
            user, words = (self.owner if runs_as[1] == "postgres" else runs_as[1]), runs_as[2]
        if words.startswith("doorstep-district "):
            return self._ours(district_main, shlex.split(self.here(words))[1:])
        done = subprocess.run(
            ["sh", "-c", self.here(words)],
            cwd=self.folder, env={**self.env, "PGUSER": user}, capture_output=True, text=True, timeout=100,
        )  # fmt: skip
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        return done.stdout

    def _ours(self, program: Callable[[list[str]], int], words: list[str]) -> str:
        """Run a command of ours in this process, which spares its start; return what it printed."""
        said = io.StringIO()
        with patch.dict(os.environ, self.env, clear=True), redirect_stdout(said), redirect_stderr(said):
            status = program(words)
        assert status == 0, f"{words}\n{said.getvalue()}"
        if words[0] == "settings":
            self._settle()
        return said.getvalue()

    def _settle(self) -> None:
        """Bring the settings that were written to this machine's places; listen on the loopback alone."""
        text = self.settings.read_text("utf-8").replace("HOST=0.0.0.0", "HOST=127.0.0.1")
        self.settings.write_text(self.here(text), "utf-8")

    def start(self) -> None:
        """Start the service by its unit's own line; return once it has said that it takes requests."""
        line = re.search(r"^ExecStart=/usr/bin/(.*)$", UNIT.read_text("utf-8"), re.MULTILINE)
        assert line is not None
        address = self.folder / "notify"
        address.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
            told.bind(str(address))
            told.settimeout(60)
            env = {**self.env, "NOTIFY_SOCKET": str(address)}
            self.server = subprocess.Popen(
                ["sh", "-c", "exec " + line[1]],
                env=env,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                text=True,
            )
            assert told.recv(64) == b"READY=1"

    def stop(self) -> None:
        """Stop the service as a service manager does."""
        if self.server is not None:
            self.server.terminate()
            assert self.server.wait(30) in (0, -signal.SIGTERM)  # both are a clean end for systemd
            self.server = None

    def counter(self, name: str, *words: str) -> str:
        """Run ``doorstep`` on a counter of its own; return what it printed."""
        return self._ours(counter_main, [*words, "--data", str(self.folder / name)])

    def sheet(self, file: str) -> list[str]:
        """Return what a scanner reads from the printed sheets."""
        found = []
        with pypdfium2.PdfDocument(self.data / file) as pdf:
            for page in pdf:
                found += [
                    code.text
                    for code in zxingcpp.read_barcodes(
                        page.render(scale=2, grayscale=True).to_pil(), zxingcpp.BarcodeFormat.QRCode
                    )
                ]
        return found

    def ask(self, query: str) -> list[tuple[object, ...]]:
        """Ask the district's database."""
        engine = sa.create_engine(self.engine.url.set(database="doorstep"), poolclass=sa.NullPool)
        with engine.connect() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(query)]

    def sweep(self) -> None:
        """Take away what the guide's commands made in the server that other tests share."""
        with self.engine.connect() as connection:
            for name in ("doorstep", "doorstep_drill"):
                connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            connection.exec_driver_sql("DROP ROLE IF EXISTS doorstep")


@contextlib.contextmanager
def machine(folder: Path, server_url: str) -> Iterator[Machine]:
    """Yield a machine on which nothing was done yet."""
    made = Machine(folder, server_url)
    made.sweep()
    try:
        yield made
    finally:
        with contextlib.suppress(AssertionError):
            made.stop()
        made.sweep()
