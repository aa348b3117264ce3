"""What goes wrong on real machines, on an installed program: a sentence, and nothing lost."""

import os
import signal
from pathlib import Path

import installed
from installed import DATA, SECRETS, Packages
from report import Report, StepError, expect
from rooms import CLERK, HOME, Room
from screen import TOOLS, Screen, stop, until

INSTANTS = (
    "the first new files are unpacked",
    "half of the new files are unpacked",
    "new files take the old ones' places",
)
"""When dpkg is killed, in the order in which it does these things."""
SPARE_MB = 40
OTHER = "other"
OTHER_HOME = f"/home/{OTHER}"
OTHER_DATA = f"{OTHER_HOME}/station"
SAID = "/tmp/said"  # noqa: S108 - inside the room


def run_bad(room: Room, report: Report, packages: Packages, pictures: Path) -> None:
    """Run every bad case, one after the other, on one root."""
    with report.step("the program is installed, a station is founded"):
        room.apt("update")
        installed.install(room, packages.deb)
        room.apt("install", "--no-install-recommends", *TOOLS)
        installed.found_station(room)
    _killed(room, report, packages)
    screen = Screen(room)
    try:
        _while_running(room, report, packages, screen, pictures)
        _no_printer(room, report, screen)
        _other_user(room, report, screen, pictures)
        _read_only_home(room, report, screen, pictures)
    finally:
        screen.close()


def run_no_room(room: Room, report: Report, packages: Packages) -> None:
    """Upgrade where the disk of the program has room for one version only."""
    with report.step("the program is installed on a disk that has room for little more"):
        size = int(installed.field(packages.deb, "Installed-Size")) // 1024 + SPARE_MB
        room.run("mkdir", "-p", "/opt")
        room.run("mount", "-t", "tmpfs", "-o", f"size={size}m", "tmpfs", "/opt")
        room.apt("update")
        installed.install(room, packages.deb)
        installed.found_station(room)
    with report.step("no room for the upgrade: dpkg says so, the old version still starts, data is whole") as seen:
        data = installed.digest(room, DATA, SECRETS)
        inside = room.bring(packages.newer, f"/root/{packages.newer.name}")
        failed = room.run("dpkg", "-i", inside, check=False)
        expect(failed.returncode != 0, "dpkg installed it all the same")
        words = [line.strip() for line in failed.stdout.splitlines() if "No space left" in line]
        expect(words, f"dpkg did not say why: {failed.stdout[-200:]}")
        seen.append(words[0][:160])
        expect(installed.digest(room, DATA, SECRETS) == data, "data changed")
        installed.check_version(room, packages.version)
        installed.self_test(room)
        installed.check_people(room)
    with report.step("with room again, the same command installs it"):
        room.run("mount", "-o", "remount,size=4g", "/opt")
        room.run("dpkg", "-i", f"/root/{packages.newer.name}")
        installed.check_version(room, packages.newer_version)
        installed.check_people(room)


def _killed(room: Room, report: Report, packages: Packages) -> None:
    newer = room.bring(packages.newer, f"/root/{packages.newer.name}")
    older = room.bring(packages.deb, f"/root/{packages.deb.name}")
    for instant, words in enumerate(INSTANTS):
        with report.step(f"dpkg is killed as {words}; installing again heals") as seen:
            data = installed.digest(room, DATA, SECRETS)
            seen.append(_kill_dpkg(room, newer, instant))
            room.run("dpkg", "--configure", "-a", check=False)
            room.run("dpkg", "-i", newer)
            installed.check_version(room, packages.newer_version)
            half = room.run("find", "/opt/doorstep", "-name", "*.dpkg-*").stdout.split()
            expect(not half, f"left behind: {half[:3]}")
            expect(room.run("dpkg", "--audit").stdout.strip() == "", "dpkg --audit finds something")
            expect(installed.digest(room, DATA, SECRETS) == data, "data changed")
            installed.check_people(room)
            room.run("dpkg", "--force-downgrade", "-i", older)
            installed.check_version(room, packages.version)
    room.path(newer).unlink()
    room.path(older).unlink()


def _kill_dpkg(room: Room, package: str, instant: int) -> str:
    """Start the upgrade, kill it at an instant; return what the program says of itself then."""
    program = room.path("/opt/doorstep")
    named = program / "_internal" / "VERSION"
    old, total = named.read_bytes(), sum(1 for path in program.rglob("*") if path.is_file())
    upgrade = room.start(["dpkg", "-i", package], user="root")

    def reached() -> bool:
        if upgrade.poll() is not None:
            raise StepError(f"dpkg ended with {upgrade.returncode} before it could be killed")
        if instant == 2:
            return named.read_bytes() != old
        return _count_new(program) >= max(1, instant * total // 2)

    # The last instant is over in a moment: look again at once.
    until(reached, "dpkg does not get on", seconds=300, every=0.0 if instant == 2 else 0.05)
    os.killpg(upgrade.pid, signal.SIGKILL)
    upgrade.wait(timeout=30)
    said = room.run("doorstep", "--version", user=CLERK, timeout=120, check=False)
    waiting = _count_new(program)
    return f"{waiting} new files were waiting; until healed it says: {said.stdout.strip()[-60:] or said.returncode}"


def _count_new(folder: Path) -> int:
    count = 0
    for _place, _folders, names in os.walk(folder):
        count += sum(name.endswith(".dpkg-new") for name in names)
    return count


def _while_running(room: Room, report: Report, packages: Packages, screen: Screen, pictures: Path) -> None:
    with report.step("upgrade while the program is open: it goes on, the next start is the new version") as seen:
        program, window = installed.open_window(room, screen)
        installed.install(room, packages.newer)
        expect(program.poll() is None, "the open program ended")
        screen.focus(window)
        screen.type("246813")
        signing_in = screen.frame()
        until(lambda: screen.changed_since(signing_in) > 0.05, "signing in does not lead on", seconds=120)
        picture = screen.picture(pictures / f"{report.root}-open-during-upgrade.png")
        expect(program.poll() is None, "the open program ended when it was used")
        seen.append(picture)
        installed.close_window(room, screen, program)
        installed.check_version(room, packages.newer_version)
        installed.check_people(room)


def _no_printer(room: Room, report: Report, screen: Screen) -> None:
    with report.step("no printer at all: the self-test passes and the window opens") as seen:
        expect(room.run("which", "lpstat", "cupsd", check=False).returncode != 0, "this root has a printing system")
        seen.append(installed.self_test(room))
        program, _window = installed.open_window(room, screen)
        installed.close_window(room, screen, program)


def _other_user(room: Room, report: Report, screen: Screen, pictures: Path) -> None:
    with report.step("the data folder of another user: a sentence, nothing changed in it") as seen:
        room.run("useradd", "-m", "-s", "/bin/sh", OTHER)
        room.run("chmod", "700", OTHER_HOME)
        room.run("mkdir", "-p", OTHER_DATA, user=OTHER)
        before = installed.digest(room, OTHER_HOME)
        command = ["doorstep", "--data", OTHER_DATA]
        seen.append(_sentence(room, screen, command, pictures / f"{report.root}-other-user.png"))
        expect(installed.digest(room, OTHER_HOME) == before, "something was written there")


def _read_only_home(room: Room, report: Report, screen: Screen, pictures: Path) -> None:
    with report.step("a read-only home: a sentence, data untouched") as seen:
        data = installed.digest(room, DATA, SECRETS)
        room.run("mount", "--bind", HOME, HOME)
        room.run("mount", "-o", "remount,ro,bind", HOME)
        try:
            seen.append(_sentence(room, screen, ["doorstep"], pictures / f"{report.root}-read-only-home.png"))
        finally:
            room.run("umount", HOME)
        expect(installed.digest(room, DATA, SECRETS) == data, "data changed")
        installed.check_people(room)


def _sentence(room: Room, screen: Screen, command: list[str], picture: Path) -> str:
    """Start the program where it cannot work; return what it says, on the screen or on its way out."""
    room.run("sh", "-c", f"rm -f {SAID}; touch {SAID}; chmod 666 {SAID}")
    program = room.start(["sh", "-c", f'exec "$@" >{SAID} 2>&1', "sh", *command], env=screen.env)
    try:
        until(
            lambda: program.poll() is not None or bool(screen.windows(".")),
            "it neither ended nor showed a window",
        )
        if program.poll() is None:
            screen.wait_for(".", program)
            screen.picture(picture)
    finally:
        stop(program)
    said = room.path(SAID).read_text("utf-8", errors="replace")
    expect("Traceback" not in said, f"it ended with an exception: {said[-300:]}")
    expect(any("\u4e00" <= sign <= "\u9fff" for sign in said) or program.returncode in (0, -15), f"it said {said!r}")
    return said.strip().splitlines()[-1][:200] if said.strip() else f"said in a window: {picture.name}"
