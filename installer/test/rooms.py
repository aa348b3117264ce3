"""Clean Debian roots: a cached base per suite (debootstrap), and rooms, throw-away copies of it by overlay.

Everything is mounted inside the mount namespace that ``run.sh`` made, so nothing stays mounted when the run ends.
"""

import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from report import Report, StepError, expect

SUITES = {"bullseye": "Debian 11", "bookworm": "Debian 12", "trixie": "Debian 13"}
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
CLERK = "clerk"
HOME = f"/home/{CLERK}"
APT = ("apt-get", "-q", "-y", "-o", "APT::Keep-Downloaded-Packages=true", "-o", "Acquire::Retries=3")
LONG = 900.0


def mirror() -> str:
    """Return the archive this machine's own apt uses; no host stands in a file."""
    asked = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(SITE) $(REPO_URI) $(LABEL) $(ORIGIN)"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    for row in asked.stdout.splitlines():
        site, *rest = row.split()
        if "security" not in row and "Debian" in rest:
            return site
    raise StepError("apt on this machine knows no Debian archive; run apt-get update first")


class Room:
    """One root that is thrown away: everything written goes into an upper layer."""

    def __init__(self, folder: Path, base: Path, report: Report, *, cache: Path) -> None:
        self.folder = folder
        self.root = folder / "root"
        self._report = report
        self._base, self._cache = base, cache
        self._open()

    def _open(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        upper, work = self.folder / "upper", self.folder / "work"
        for part in (self.root, upper, work, self._cache):
            part.mkdir(parents=True, exist_ok=True)
        layers = f"lowerdir={self._base},upperdir={upper},workdir={work}"
        _mount("-t", "overlay", "overlay", "-o", layers, self.root)
        archives = self.root / "var/cache/apt/archives"
        archives.mkdir(parents=True, exist_ok=True)
        _mount("--bind", self._cache, archives)
        _mount("-t", "proc", "proc", self.root / "proc")
        _mount("--rbind", "/dev", self.root / "dev")
        _mount("-t", "tmpfs", "tmpfs", self.root / "run")
        shutil.copyfile("/etc/resolv.conf", self.root / "etc/resolv.conf")

    def close(self) -> None:
        """Unmount and delete the room."""
        subprocess.run(["umount", "-R", "-l", str(self.root)], check=False, capture_output=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def path(self, inside: str) -> Path:
        """Return where a file of the room lies on this machine."""
        return self.root / inside.lstrip("/")

    def bring(self, file: Path, inside: str) -> str:
        """Copy a file of this machine into the room; return its name there."""
        target = self.path(inside)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)
        return inside

    def command(self, command: Sequence[str], *, user: str = "root", env: dict[str, str] | None = None) -> list[str]:
        """Return the argument list that runs a command in the room with a clean environment."""
        home = "/root" if user == "root" else f"/home/{user}"
        values = {"PATH": PATH, "HOME": home, "LANG": "C.UTF-8", "USER": user, "LOGNAME": user}
        if user == "root":
            values["DEBIAN_FRONTEND"] = "noninteractive"
        inside = ["env", "-i", *(f"{name}={value}" for name, value in (values | (env or {})).items()), *command]
        if user != "root":
            inside = ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups", *inside]
        return ["chroot", str(self.root), *inside]

    def start(
        self, command: Sequence[str], *, user: str = CLERK, env: dict[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        """Start a program in the room in a process group of its own; its output goes into the log."""
        self._report.note(f"$ [{user}] {shlex.join(command)} &")
        with self._report.log.open("ab") as log:
            return subprocess.Popen(
                self.command(command, user=user, env=env),
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip

    def run(
        self, *command: str, user: str = "root", env: dict[str, str] | None = None,
        timeout: float = LONG, check: bool = True,
    ) -> subprocess.CompletedProcess[str]:  # fmt: skip
        """Run a command in the room to its end; its output goes into the log too.

        Raises:
            StepError: it failed although ``check`` asked for success, or it did not end in time.
        """
        self._report.note(f"$ [{user}] {shlex.join(command)}")
        with tempfile.TemporaryFile() as said:  # a pipe would wait for whatever the command leaves running
            try:
                done = subprocess.run(
                    self.command(command, user=user, env=env), timeout=timeout, check=False,
                    stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.STDOUT,
                )  # fmt: skip
            except subprocess.TimeoutExpired as error:
                raise StepError(f"{command[0]} did not end within {timeout:.0f} s") from error
            said.seek(0)
            output = said.read().decode("utf-8", "replace")
        self._report.note(f"{output}-> {done.returncode}")
        if check:
            expect(done.returncode == 0, f"{shlex.join(command)[:100]} ended with {done.returncode}")
        return subprocess.CompletedProcess(done.args, done.returncode, output, "")

    def apt(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run apt-get in the room."""
        return self.run(*APT, *arguments, check=check)


def _mount(*arguments: str | Path) -> None:
    subprocess.run(["mount", *(str(part) for part in arguments)], check=True, capture_output=True)


def make_base(folder: Path, suite: str, report: Report) -> Path:
    """Return the cached base of a suite: debootstrap's minimal variant and a clerk's account, nothing more."""
    base = folder / f"base-{suite}"
    if (base / ".ready").exists():
        return base
    shutil.rmtree(base, ignore_errors=True)
    with report.log.open("ab") as log:
        made = subprocess.run(
            ["debootstrap", "--variant=minbase", suite, str(base), mirror()],
            stdout=log, stderr=log, check=False, env={**os.environ, "PATH": f"{os.environ['PATH']}:/usr/sbin"},
        )  # fmt: skip
    expect(made.returncode == 0, f"debootstrap {suite} ended with {made.returncode}")
    policy = base / "usr/sbin/policy-rc.d"
    policy.write_text("#!/bin/sh\nexit 101\n", encoding="utf-8")  # no service starts in a root without an init
    policy.chmod(0o755)
    # A room is thrown away: nobody waits for the disk. What a killed dpkg leaves is the same without fsync.
    (base / "etc/dpkg/dpkg.cfg.d/room").write_text("force-unsafe-io\n", encoding="utf-8")
    for command in (["apt-get", "-q", "update"], ["useradd", "-m", "-s", "/bin/sh", CLERK]):
        shutil.copyfile("/etc/resolv.conf", base / "etc/resolv.conf")
        done = subprocess.run(["chroot", str(base), *command], capture_output=True, text=True, check=False)
        expect(done.returncode == 0, f"{command[0]} in the {suite} root: {done.stderr}")
    (base / ".ready").touch()
    return base


def extend_base(folder: Path, name: str, on: Path, report: Report, *, fill: Callable[[Room], None]) -> Path:
    """Return a cached base made of another one and what ``fill`` installs into it."""
    base = folder / f"base-{name}"
    if (base / ".ready").exists():
        return base
    shutil.rmtree(base, ignore_errors=True)
    room = Room(folder / "rooms" / f"making-{name}", on, report, cache=folder / "archives" / on.name)
    try:
        fill(room)
        base.mkdir()
        kept = ["--one-file-system", "--exclude=./proc/*", "--exclude=./dev/*", "--exclude=./var/cache/apt/archives/*"]
        whole = subprocess.Popen(["tar", "-C", str(room.root), *kept, "-cf", "-", "."], stdout=subprocess.PIPE)
        subprocess.run(["tar", "-C", str(base), "-xf", "-"], stdin=whole.stdout, check=True)
        expect(whole.wait() == 0, f"the root {name} could not be copied")
    finally:
        room.close()
    (base / ".ready").touch()
    return base
