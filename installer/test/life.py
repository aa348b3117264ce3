"""The life of the package on a clean root: install, first page, station, upgrade, remove, purge."""

from pathlib import Path

import installed
from installed import DATA, SECRETS, Packages
from report import Report, expect
from rooms import CLERK, HOME, Room
from screen import TOOLS, Screen


def run_life(room: Room, report: Report, packages: Packages, pictures: Path) -> None:
    """Do everything an administrator and a clerk do with the package, in order."""
    _install(room, report, packages)
    screen = _first_page(room, report, pictures)
    try:
        _upgrade(room, report, packages, screen, pictures)
    finally:
        screen.close()
    _remove(room, report, packages)


def _install(room: Room, report: Report, packages: Packages) -> None:
    with report.step("apt installs the package on a root that has nothing but the base system") as seen:
        home = installed.digest(room, HOME)
        room.apt("update")
        before = _package_count(room)
        installed.install(room, packages.deb)
        seen.append(f"{_package_count(room) - before} packages came in")
        expect(installed.digest(room, HOME) == home, "the installation wrote into a home folder")
        expect(not list(room.path("/etc/systemd/system").rglob("doorstep*")), "the district's service was enabled")
    with report.step("no library is missing, before anything else is installed"):
        lacking = installed.missing_libraries(room, "/opt/doorstep")
        expect(not lacking, f"missing: {' '.join(lacking)}")
        installed.check_version(room, packages.version)
    with report.step("doorstep doctor --self-test passes, without a display or a PIN") as seen:
        seen.append(installed.self_test(room))
    with report.step("found a station, register people, read them back"):
        installed.found_station(room)
        installed.check_people(room)


def _first_page(room: Room, report: Report, pictures: Path) -> Screen:
    with report.step("the root gets its own Xvfb"):
        room.apt("install", "--no-install-recommends", *TOOLS)
        screen = Screen(room)
    with report.step("the window opens to the first page") as seen:
        program, window = installed.open_window(room, screen, data=f"{HOME}/first")
        seen.append("{} x {}".format(*screen.geometry(window)))
        seen.append(screen.picture(pictures / f"{report.root}-first-page.png"))
        installed.close_window(room, screen, program)
    return screen


def _upgrade(room: Room, report: Report, packages: Packages, screen: Screen, pictures: Path) -> None:
    with report.step("the station's data opens to the sign-in page") as seen:
        program, _window = installed.open_window(room, screen)
        seen.append(screen.picture(pictures / f"{report.root}-sign-in.png"))
        installed.close_window(room, screen, program)
    with report.step("upgrade to a higher version; the data opens, nobody is lost") as seen:
        installed.install(room, packages.newer)
        installed.check_version(room, packages.newer_version)
        seen.append(f"{packages.version} to {packages.newer_version}")
        seen.append(installed.check_people(room))
        installed.self_test(room)
    with report.step("the new version's window opens to the sign-in page") as seen:
        program, _window = installed.open_window(room, screen)
        seen.append(screen.picture(pictures / f"{report.root}-upgraded.png"))
        installed.close_window(room, screen, program)


def _remove(room: Room, report: Report, packages: Packages) -> None:
    files = room.run("dpkg", "-L", "doorstep").stdout.split("\n")
    with report.step("remove takes the program and keeps all data") as seen:
        data = installed.digest(room, DATA, SECRETS)
        room.path("/etc/doorstep").mkdir(exist_ok=True)
        room.path("/etc/doorstep/release-keys.txt").touch()
        room.apt("remove", "doorstep")
        expect(not room.path("/opt/doorstep").exists(), "/opt/doorstep is still there")
        expect(installed.digest(room, DATA, SECRETS) == data, "data changed")
        seen.append(f"{len(data)} files of data, byte for byte")
    with report.step("installed again, the data opens"):
        installed.install(room, packages.newer)
        installed.check_people(room)
    with report.step("purge takes /etc/doorstep and every file of the package, and keeps all data") as seen:
        data = installed.digest(room, DATA, SECRETS)
        room.apt("purge", "doorstep")
        left = installed.left_behind(room, files)
        expect(not left, f"left behind: {left[:5]}")
        expect(not room.path("/etc/doorstep").exists(), "/etc/doorstep is still there")
        expect(not room.path("/opt/doorstep").exists(), "/opt/doorstep is still there")
        expect(installed.digest(room, DATA, SECRETS) == data, "data changed")
        gone = room.run("dpkg-query", "-W", "-f", "${Status}", "doorstep", check=False).stdout
        expect("installed" not in gone.replace("not-installed", ""), f"dpkg still says {gone}")
        room.run("test", "-d", DATA, user=CLERK)
        seen.append(f"{len(data)} files of data, byte for byte")


def _package_count(room: Room) -> int:
    return len(room.run("dpkg-query", "-W").stdout.splitlines())
