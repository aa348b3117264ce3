"""An update from a stick, by the clerk and without root: taken, tried at the next start, kept; a bad one given up."""

import json
import shutil
import subprocess
from pathlib import Path

import installed
from installed import DATA, SECRETS, Packages
from report import Report, expect
from rooms import CLERK, HOME, Room
from screen import TOOLS, Screen, until

STICK = "/media/stick"
KEY = "/srv/release.key"
TRUSTED = "/etc/doorstep/release-keys.txt"
PROGRAMS = f"{HOME}/.local/share/doorstep-programs"
KEY_LENGTH = 44
COPIES = "/before-update/"
BAD = "9.0.0"
SIGNED_IN_SHARE = 0.05
"""So much of the screen is another one once the sign-in page has gone."""


def run_update(room: Room, report: Report, packages: Packages, pictures: Path) -> None:
    """Bring a newer version in from a stick, then one that does not do."""
    _signed(room, report, packages)
    screen = Screen(room)
    try:
        _unsigned_or_cut(room, report, packages)
        _kept(room, report, packages, screen, pictures)
        _given_up(room, report, packages, screen)
    finally:
        screen.close()


def _signed(room: Room, report: Report, packages: Packages) -> None:
    with report.step("the program is installed, a station is founded, the administrator trusts a release key"):
        room.apt("update")
        installed.install(room, packages.deb)
        room.apt("install", "--no-install-recommends", *TOOLS)
        installed.found_station(room)
        said = room.run("doorstep-district", "release", "key", "--out", KEY).stdout.splitlines()
        line = next(row for row in said if len(row) == KEY_LENGTH and row.endswith("="))
        with room.path(TRUSTED).open("a", encoding="utf-8") as trusted:
            trusted.write(f"{line}\n")
    with report.step("the newer package is signed and lies on a stick"):
        room.run("mkdir", "-p", STICK)
        for language, words in (("zh", "更稳了"), ("en", "Steadier")):
            room.path(f"{STICK}/{language}.txt").write_text(words, encoding="utf-8")
        _sign(room, room.bring(packages.newer, f"{STICK}/{packages.newer.name}"))


def _sign(room: Room, package: str) -> None:
    notes = ("--notes-zh", f"{STICK}/zh.txt", "--notes-en", f"{STICK}/en.txt")
    room.run("doorstep-district", "release", "sign", package, *notes, "--key", KEY, timeout=180)


def _take(room: Room, package: str, *, check: bool = True) -> str:
    return room.run("doorstep", "update", "take", package, user=CLERK, timeout=300, check=check).stdout


def _state(room: Room) -> dict[str, object]:
    said = room.run("doorstep", "update", "status", "--json", user=CLERK, timeout=120).stdout
    found: dict[str, object] = json.loads(said[said.index("{") :])
    return found


def _unsigned_or_cut(room: Room, report: Report, packages: Packages) -> None:
    package = f"{STICK}/{packages.newer.name}"
    with report.step("half a package and a forged one are refused with a sentence, nothing is installed") as seen:
        content = bytearray(room.path(package).read_bytes())
        half = bytes(content[: len(content) // 2])
        content[len(content) // 2] ^= 1
        for name, wrong in (("half", half), ("forged", bytes(content))):
            copy = room.path(f"{STICK}/{name}/{packages.newer.name}")
            copy.parent.mkdir()
            copy.write_bytes(wrong)
            shutil.copyfile(room.path(f"{package}.release"), copy.with_name(f"{copy.name}.release"))
            said = _take(room, f"{STICK}/{name}/{copy.name}", check=False)
            expect("doorstep: " in said and "Traceback" not in said, f"it said {said[:200]!r}")
            seen.append(said.partition("doorstep: ")[2].strip()[:80])
            shutil.rmtree(copy.parent)
        expect(_state(room)["wanted"] is None, "it is wanted all the same")


def _kept(room: Room, report: Report, packages: Packages, screen: Screen, pictures: Path) -> None:
    newer = packages.newer_version
    with report.step("the clerk takes it from the stick; the version in use stays until the next start"):
        _take(room, f"{STICK}/{packages.newer.name}")
        expect(_state(room)["wanted"] == newer, "it is not wanted")
        expect(_state(room)["running"] == packages.version, "another version is in use at once")
    with report.step("the next start runs it, its self-test first; the sign-in passes the trial") as seen:
        program, _window = installed.open_window(room, screen)
        expect(_state(room)["on_trial"] == newer, "it is not on trial")
        expect(_runs_from(room, f"{PROGRAMS}/{newer}"), "the window is not the new version's")
        before = screen.frame()
        screen.type(installed.PIN["DOORSTEP_PIN"])
        until(lambda: screen.changed_since(before) > SIGNED_IN_SHARE, "nobody has signed in", seconds=60)
        until(lambda: _state(room)["current"] == newer, "the trial goes on", seconds=60)
        seen.append(screen.picture(pictures / f"{report.root}-updated.png"))
        installed.close_window(room, screen, program)
        seen.append(installed.check_people(room))
        expect(_state(room)["running"] == newer, "the version before runs again")


def _given_up(room: Room, report: Report, packages: Packages, screen: Screen) -> None:
    with report.step("a version that fails its self-test is given up; the one before runs, data untouched") as seen:
        package = f"{STICK}/doorstep_{BAD}.deb"
        _spoil(packages.newer, room.path(package))
        _sign(room, package)
        _take(room, package)
        data = installed.digest(room, DATA, SECRETS)
        program, _window = installed.open_window(room, screen)
        state = _state(room)
        expect(state["running"] == packages.newer_version, f"{state['running']} runs")
        expect(BAD in str(state["failed"]), f"it is not among the failed ones: {state['failed']}")
        installed.close_window(room, screen, program)
        there = installed.digest(room, DATA, SECRETS)
        lost = [name for name in data if name not in there and COPIES not in name]
        expect(not lost, f"gone: {lost[:3]}")
        seen.append(room.run("doorstep", "update", "status", user=CLERK, timeout=120).stdout.splitlines()[1])
        seen.append(installed.check_people(room))


def _runs_from(room: Room, folder: str) -> bool:
    """Tell whether a program of that folder runs in the room."""
    wanted = str(room.path(folder))
    for link in Path("/proc").glob("[0-9]*/exe"):
        try:
            if str(link.readlink()).startswith((wanted, folder)):
                return True
        except OSError:
            continue
    return False


def _spoil(package: Path, target: Path) -> None:
    """Make a package of a higher version out of another one, without the fonts that the self-test looks for."""
    work = target.with_suffix(".tree")
    shutil.rmtree(work, ignore_errors=True)
    subprocess.run(["dpkg-deb", "-R", str(package), str(work)], check=True)
    control = work / "DEBIAN/control"
    rows = control.read_text("utf-8").splitlines()
    rows = [f"Version: {BAD}" if row.startswith("Version:") else row for row in rows]
    control.write_text("\n".join(rows) + "\n", encoding="utf-8")
    inside = work / "opt/doorstep/_internal"
    (inside / "VERSION").write_text(BAD, encoding="utf-8")
    shutil.rmtree(inside / "resources/fonts")
    subprocess.run(["dpkg-deb", "--root-owner-group", "-Znone", "-b", str(work), str(target)], check=True)
    shutil.rmtree(work)
