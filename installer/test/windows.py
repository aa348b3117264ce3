"""The Windows setup with a stand-in payload, compiled here and run silently under Wine, step by step.

The payload is no Doorstep: PyInstaller makes that on Windows only. What is proven is the setup: which files it lays
down where, the registry, upgrade, refusals, a setup that was cut off, and that an uninstall keeps the data.
"""

import hashlib
import os
import signal
import subprocess
import sys
from pathlib import Path

from report import Report, expect
from rooms import APT, CLERK, HOME, Room
from screen import until

WINDOWS = Path(__file__).resolve().parent.parent / "windows"
PREFIX = f"{HOME}/prefix"
DRIVE = f"{PREFIX}/drive_c"
USER_PROGRAMS = f"{DRIVE}/users/{CLERK}/AppData/Local/Programs/Doorstep"
MACHINE_PROGRAMS = f"{DRIVE}/Program Files/Doorstep"
DATA = f"{DRIVE}/users/{CLERK}/AppData/Local/doorstep"
UNINSTALL = r"Software\Microsoft\Windows\CurrentVersion\Uninstall\Doorstep"
WINE = {"WINEPREFIX": PREFIX, "WINEDEBUG": "-all", "WINEDLLOVERRIDES": "mscoree,mshtml="}
SETUPS = {"0.1.0": "first", "0.2.0": "second"}

# A program that only waits: stands for one that a clerk has open.
WAITING = """Unicode true
SilentInstall silent
RequestExecutionLevel user
OutFile "{out}"
Section
  Sleep 60000
SectionEnd
"""


def install_wine(room: Room) -> None:
    """Put Wine for 32 and 64 bits into a root: setups are 32-bit programs, the program itself is not."""
    room.run("dpkg", "--add-architecture", "i386")
    room.apt("update")
    room.run(*APT, "install", "--no-install-recommends", "wine", "wine32:i386", "wine64")


def make_payload(folder: Path, version: str) -> Path:
    """Write a small tree with the names the real bundle has, Chinese ones and ones that only one version has."""
    inner = folder / "_internal"
    (inner / "资源" / "字体").mkdir(parents=True, exist_ok=True)
    (inner / "资源" / "字体" / "思源黑体 常规.ttf").write_bytes(bytes(range(256)) * 40)
    (inner / "资源" / "街道表.json").write_text('{"街道": "幸福里"}', encoding="utf-8")
    (inner / "base_library.zip").write_bytes(version.encode() * 999)
    (inner / f"only-in-{version}.dll").write_bytes(b"MZ" + version.encode())
    (inner / "empty.txt").touch()
    script = folder.parent / f"waiting-{version}.nsi"
    for name in ("doorstep.exe", "doorstep-district.exe"):
        script.write_text(WAITING.format(out=folder / name), encoding="utf-8")
        subprocess.run(["makensis", "-V1", "-INPUTCHARSET", "UTF8", str(script)], check=True)
    return folder


def listing(folder: Path) -> dict[str, str]:
    """Return every file of a tree with the SHA-256 of its content."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


class Setup:
    """Runs setups and uninstallers silently and looks at what is there afterwards."""

    def __init__(self, room: Room, payloads: dict[str, Path]) -> None:
        self._room, self._payloads = room, payloads

    def wine(self, *command: str, expected: int = 0) -> str:
        """Run a Windows program to its end; fail unless it ends as expected."""
        done = self._room.run("wine", *command, user=CLERK, env=WINE, timeout=300, check=False)
        expect(done.returncode == expected, f"{command[0]} ended with {done.returncode}, not {expected}")
        return done.stdout

    def setup(self, version: str, *switches: str, expected: int = 0) -> None:
        """Run a setup silently."""
        self.wine(f"{HOME}/{SETUPS[version]}.exe", "/S", *switches, expected=expected)

    def uninstall(self, place: str, *switches: str) -> None:
        """Run an uninstaller silently; wait for the copy of itself that does the work and takes the original away."""
        self.wine(f"{place}/uninstall.exe", "/S", *switches)
        until(lambda: not self._room.path(f"{place}/uninstall.exe").exists(), "the uninstaller does not end")
        until(lambda: not _mapped("~nsu"), "the uninstaller does not end")

    def sentence(self) -> str:
        """Return what the silent setup had to say."""
        file = self._room.path(f"{DRIVE}/users/{CLERK}/Temp/doorstep-setup.txt")
        return file.read_text("utf-16").strip() if file.exists() else ""

    def check_program(self, place: str, version: str) -> str:
        """Fail unless the installed files are exactly the payload's."""
        wanted, there = listing(self._payloads[version]), listing(self._room.path(place))
        differ = sorted(set(wanted.items()) ^ set(there.items()))
        expect(not differ, f"installed files differ from the payload: {differ[:4]}")
        return f"{len(there)} files, byte for byte"

    def registered(self, hive: str) -> dict[str, str]:
        """Return the values of the uninstall entry."""
        asked = self._room.run(
            "wine", "reg", "query", rf"{hive}\{UNINSTALL}", "/reg:64", user=CLERK, env=WINE, check=False
        )
        rows = (row.split(None, 2) for row in asked.stdout.splitlines() if row.startswith("    "))
        return {row[0]: row[2] for row in rows if len(row) == 3}


def run_windows(room: Room, report: Report, work: Path) -> None:
    """Install, upgrade, refuse, heal and uninstall the stand-in payload."""
    with report.step("compile two versions with a stand-in payload, by the script of the Windows build") as seen:
        payloads = {version: make_payload(work / f"payload-{version}", version) for version in SETUPS}
        for version, name in SETUPS.items():
            build = [sys.executable, str(WINDOWS / "build.py"), "--payload", str(payloads[version])]
            made = subprocess.run(
                [*build, "--out", str(work), "--version", version], capture_output=True, text=True, check=False
            )
            report.note(made.stdout + made.stderr)
            expect(made.returncode == 0, "makensis refused the script")
            room.bring(work / f"doorstep-{version}-windows-amd64.exe", f"{HOME}/{name}.exe")
        seen.append("no warnings")
    setup = Setup(room, payloads)
    with report.step("an old Windows is refused with a sentence"):
        room.run("mkdir", "-p", PREFIX, user=CLERK)
        room.run("wineserver", "-p", user=CLERK, env=WINE)
        room.run("wineboot", "-i", user=CLERK, env=WINE, timeout=300)
        setup.wine("winecfg", "-v", "win7")
        setup.setup("0.1.0", "/CurrentUser", expected=6)
        expect("Windows 10" in setup.sentence(), f"it said {setup.sentence()!r}")
        setup.wine("winecfg", "-v", "win10")
    _per_user(setup, room, report)
    _interrupted(setup, room, report)
    _per_machine(setup, room, report)
    room.run("wineserver", "-k", user=CLERK, env=WINE, check=False)


def _per_user(setup: Setup, room: Room, report: Report) -> None:
    program = f"{USER_PROGRAMS}/program"
    with report.step("/S /CurrentUser installs the payload's files and registers itself") as seen:
        setup.setup("0.1.0", "/CurrentUser")
        seen.append(setup.check_program(program, "0.1.0"))
        entry = setup.registered("HKCU")
        expect(entry.get("DisplayVersion") == "0.1.0", f"the uninstall entry is {entry}")
        expect("/S /CurrentUser" in entry.get("QuietUninstallString", ""), f"the uninstall entry is {entry}")
        expect(len(_links(room)) == 2, f"links in start menu and on the desktop: {_links(room)}")
    with report.step("it refuses while the program runs, and changes nothing") as seen:
        running = room.start(["wine", f"{program}/doorstep.exe"], env=WINE)
        until(lambda: _mapped("doorstep.exe"), "the stand-in program did not start")
        setup.setup("0.2.0", "/CurrentUser", expected=3)
        setup.check_program(program, "0.1.0")
        seen.append(setup.sentence())
        expect("running" in setup.sentence() or "运行" in setup.sentence(), "it did not say why")
        os.killpg(running.pid, signal.SIGKILL)
        running.wait(timeout=60)
        until(lambda: not _mapped("doorstep.exe"), "the stand-in program did not end")
    with report.step("a newer version replaces it; files only the old one had are gone; data is kept") as seen:
        _put_data(room)
        setup.setup("0.2.0", "/CurrentUser")
        seen.append(setup.check_program(program, "0.2.0"))
        expect(setup.registered("HKCU").get("DisplayVersion") == "0.2.0", "the entry still names the old version")
        _check_data(room)
    with report.step("an older version over a newer one is refused in silent mode, unless /AllowOlder"):
        setup.setup("0.1.0", "/CurrentUser", expected=8)
        setup.check_program(program, "0.2.0")
        setup.setup("0.1.0", "/CurrentUser", "/AllowOlder")
        setup.check_program(program, "0.1.0")
    with report.step("a silent uninstall takes the program, the links and the entry, and keeps the data"):
        setup.uninstall(USER_PROGRAMS, "/CurrentUser")
        expect(not room.path(USER_PROGRAMS).exists(), "the program folder is still there")
        expect(not setup.registered("HKCU"), "the uninstall entry is still there")
        expect(not _links(room), f"still there: {_links(room)}")
        _check_data(room)


def _interrupted(setup: Setup, room: Room, report: Report) -> None:
    place = f"{USER_PROGRAMS}/program"
    with report.step("what a killed setup left (half a new version, the old one under its other name) is healed"):
        setup.setup("0.1.0", "/CurrentUser")
        home = room.path(USER_PROGRAMS)
        (home / "program").rename(home / "program.old")
        (home / "program.new" / "_internal").mkdir(parents=True)
        (home / "program.new" / "_internal" / "half.dll").write_bytes(b"half")
        room.run("chown", "-R", f"{CLERK}:{CLERK}", USER_PROGRAMS)
        setup.setup("0.2.0", "/CurrentUser")
        setup.check_program(place, "0.2.0")
        expect(sorted(path.name for path in home.iterdir()) == ["program", "uninstall.exe"], "half a version is left")
    with report.step("no room: refused with a sentence, the old version is whole") as seen:
        room.run("mount", "-t", "tmpfs", "-o", "size=1m,uid=1000,gid=1000", "tmpfs", _made(room, f"{DRIVE}/small"))
        setup.setup("0.2.0", "/CurrentUser", r"/D=C:\small\Doorstep", expected=4)
        seen.append(setup.sentence())
        setup.check_program(place, "0.2.0")
        room.run("umount", f"{DRIVE}/small")
    with report.step("a folder that may not be written: a sentence, exit code 2, the old version is whole") as seen:
        room.run("chmod", "555", f"{DRIVE}/small")
        setup.setup("0.2.0", "/CurrentUser", r"/D=C:\small\Doorstep", expected=2)
        seen.append(setup.sentence())
        setup.check_program(place, "0.2.0")
    with report.step("/Unpack /D= only lays the files down, as an update does: no entry, no link, no uninstaller"):
        target = f"{DRIVE}/users/{CLERK}/AppData/Local/doorstep-programs/0.1.0"
        setup.setup("0.1.0", "/CurrentUser", "/Unpack", rf"/D=C:\users\{CLERK}\AppData\Local\doorstep-programs\0.1.0")
        setup.check_program(target, "0.1.0")
        expect(setup.registered("HKCU").get("DisplayVersion") == "0.2.0", "it changed the uninstall entry")
        setup.uninstall(USER_PROGRAMS, "/CurrentUser")


def _per_machine(setup: Setup, room: Room, report: Report) -> None:
    with report.step("/S /AllUsers installs into Program Files and registers for the machine") as seen:
        setup.setup("0.1.0", "/AllUsers", "/NoDesktopLink")
        seen.append(setup.check_program(f"{MACHINE_PROGRAMS}/program", "0.1.0"))
        expect(setup.registered("HKLM").get("DisplayVersion") == "0.1.0", "no entry for the machine")
        expect(len(_links(room)) == 1, f"/NoDesktopLink left {_links(room)}")
    with report.step("an upgrade without switches finds the place; uninstall keeps the data and foreign files"):
        setup.setup("0.2.0")
        setup.check_program(f"{MACHINE_PROGRAMS}/program", "0.2.0")
        room.path(f"{MACHINE_PROGRAMS}/mine.txt").write_text("somebody's own", encoding="utf-8")
        setup.uninstall(MACHINE_PROGRAMS, "/AllUsers")
        left = [path.name for path in room.path(MACHINE_PROGRAMS).iterdir()]
        expect(left == ["mine.txt"], f"left in the folder: {left}")
        expect(not setup.registered("HKLM"), "the uninstall entry is still there")
        _check_data(room)
    with report.step("/D= names another folder, with blanks and quoted too"):
        setup.setup("0.1.0", "/CurrentUser", r"/D=C:\就业 站\家门口")
        setup.check_program(f"{DRIVE}/就业 站/家门口/program", "0.1.0")


def _links(room: Room) -> list[str]:
    """Return the links the setup made; Wine keeps a user's desktop outside of its drive."""
    return [str(path) for path in room.path(HOME).rglob("家门口 Doorstep.lnk")]


def _put_data(room: Room) -> None:
    data = room.path(DATA)
    data.mkdir(parents=True)
    (data / "doorstep.db").write_bytes(b"everything a station knows")
    room.run("chown", "-R", f"{CLERK}:{CLERK}", DATA)


def _check_data(room: Room) -> None:
    kept = room.path(f"{DATA}/doorstep.db")
    expect(kept.exists() and kept.read_bytes() == b"everything a station knows", "data is gone")


def _made(room: Room, folder: str) -> str:
    room.run("mkdir", "-p", folder, user=CLERK)
    return folder


def _mapped(program: str) -> bool:
    """Whether a process of this run has a program's file in its memory."""
    for maps in Path("/proc").glob("[0-9]*/maps"):
        try:
            if program in maps.read_text("utf-8", errors="replace"):
                return True
        except OSError:
            continue  # it ended meanwhile
    return False
