"""``make installer-test``: choose cases and roots, run them, print the table, write it beside the logs."""

import argparse
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import bad
import district_case
import installed
import life
import rooms
import typing_case
import uos
import update_case
import windows
from installed import Packages
from report import Report, StepError
from rooms import SUITES, Room

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
WORK = ROOT / "build" / "installer-test"
MADE = ROOT / "build" / "installer"
CASES = ("life", "update", "district", "bad", "no-room", "typing", "uos", "windows")
IN_ROOTS = {
    "update": ("bullseye",), "district": ("bookworm",), "bad": ("bookworm",), "no-room": ("bookworm",),
    "typing": ("bookworm",), "uos": ("bullseye", "bookworm"),
}  # fmt: skip
"""Where a case runs; those that are not named run in every root."""


class Run:
    """One run: where it works and what it reports."""

    def __init__(self, wanted: argparse.Namespace) -> None:
        self.report = Report(WORK / "logs")
        self._wanted = wanted
        self._cases = tuple(wanted.case or CASES)
        self._roots = tuple(wanted.only or SUITES)

    def all(self) -> None:
        """Run every case that was asked for."""
        if "windows" in self._cases:
            self._windows()
        if set(self._cases) - {"windows"}:
            packages = self._packages()
            for suite in self._roots:
                for case in self._cases:
                    if case != "windows" and suite in IN_ROOTS.get(case, self._roots):
                        self._in_root(suite, case, packages)

    def _packages(self) -> Packages:
        wanted = self._wanted
        if (wanted.deb is None) != (wanted.newer is None):
            sys.exit("installer-test: name both packages, --deb and --newer, or neither")
        if wanted.deb is None:
            return packages_of(MADE)
        return Packages(wanted.deb.resolve(), wanted.newer.resolve(), wanted.uos.resolve() if wanted.uos else None)

    def _room(self, base: Path, name: str) -> Room:
        return Room(WORK / "rooms" / name, base, self.report, cache=WORK / "archives" / base.name)

    def _in_root(self, suite: str, case: str, packages: Packages) -> None:
        guide = (ROOT / district_case.GUIDE).read_text("utf-8")
        work: dict[str, Callable[[Room], None]] = {
            "life": lambda room: life.run_life(room, self.report, packages, WORK),
            "update": lambda room: update_case.run_update(room, self.report, packages, WORK),
            "district": lambda room: district_case.run_district(room, self.report, packages, guide),
            "bad": lambda room: bad.run_bad(room, self.report, packages, WORK),
            "no-room": lambda room: bad.run_no_room(room, self.report, packages),
            "typing": lambda room: typing_case.run_typing(room, self.report, packages, WORK),
            "uos": lambda room: uos.run_uos(room, self.report, installed.needed(packages.uos), WORK),
        }
        with self.report.steps_of(suite, case):
            with self.report.step(f"a clean {SUITES[suite]} root, by debootstrap"):
                room = self._room(rooms.make_base(WORK, suite, self.report), f"{suite}-{case}")
            try:
                work[case](room)
            except StepError as error:
                self.report.note(str(error))
                raise
            finally:
                room.close()

    def _windows(self) -> None:
        with self.report.steps_of("wine", "windows"):
            with self.report.step("a Debian 12 root with Wine"):
                on = rooms.make_base(WORK, "bookworm", self.report)
                base = rooms.extend_base(WORK, "wine", on, self.report, fill=windows.install_wine)
            scratch = WORK / "windows"
            shutil.rmtree(scratch, ignore_errors=True)
            scratch.mkdir(parents=True)
            room = self._room(base, "wine")
            try:
                windows.run_windows(room, self.report, scratch)
            finally:
                room.close()


def packages_of(folder: Path) -> Packages:
    """Return what ``make installer`` made, and pack the same bundle once more as a higher version."""
    found = re.search(r'__version__ = "(\d+)\.(\d+)\.(\d+)"', (ROOT / "app" / "__init__.py").read_text("utf-8"))
    major, minor, patch = found.groups() if found else ("0", "0", "0")
    version, kind = (
        f"{major}.{minor}.{patch}",
        subprocess.check_output(["dpkg", "--print-architecture"], text=True).strip(),
    )
    deb = folder / f"doorstep_{version}_{kind}.deb"
    if not deb.exists():
        sys.exit(f"installer-test: {deb} is not there; run make installer first")
    newer = f"{major}.{minor}.{int(patch) + 1}"
    packed = subprocess.run(["sh", str(ROOT / "installer" / "build.sh"), "--repack", "--version", newer], check=False)
    file = folder / f"doorstep_{newer}_{kind}.deb"
    if packed.returncode or not file.exists():
        sys.exit(f"installer-test: the bundle could not be packed as {newer}")
    return Packages(deb, file, next(iter(sorted(folder.glob(f"cn.*_{version}_{kind}.deb"))), None))


def main() -> int:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--deb", type=Path, help="the package under test")
    parser.add_argument("--newer", type=Path, help="the same packed as a higher version")
    parser.add_argument("--uos", type=Path, help="the package for the UOS store")
    parser.add_argument("--case", action="append", choices=CASES, help="only this case (may be repeated)")
    parser.add_argument("--only", action="append", choices=[*SUITES], help="only this root (may be repeated)")
    WORK.mkdir(parents=True, exist_ok=True)
    run = Run(parser.parse_args())
    started = datetime.now(UTC)
    run.all()
    failed = [line for line in run.report.lines if not line.passed]
    head = f"{started:%Y-%m-%d %H:%M} UTC: {len(run.report.lines) - len(failed)} steps passed, {len(failed)} failed"
    (WORK / "result.md").write_text(f"{head}\n\n{run.report.table()}\n", encoding="utf-8")
    print(f"{head}; the table is in {WORK / 'result.md'}")
    return 1 if failed or not run.report.lines else 0


if __name__ == "__main__":
    sys.exit(main())
