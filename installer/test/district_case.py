"""The district server by the ten commands of the administrator's guide, from the package; a counter joins and syncs.

There is no systemd in a root: what is enabled and started by it is started here as its unit says.
"""

import csv
import re
import socket
import subprocess

import installed
from installed import Packages
from report import Report, expect
from rooms import CLERK, Room
from screen import stop, until

GUIDE = "docs/admin-guide.md"
STATION = "330110001001"
DATA = "/var/lib/doorstep-district"
SETTINGS = "/etc/doorstep/district.env"
UNIT = "/lib/systemd/system/doorstep-district.service"
HOST, PORT = "127.0.0.1", 8765


def run_district(room: Room, report: Report, packages: Packages, guide: str) -> None:
    """Follow the guide from the bare root to a drill."""
    ten, drill = _block(guide, "apt-get update"), _block(guide, "runuser -u doorstep -- pg_dump")
    server = None
    _install(room, report, packages, ten)
    try:
        server = _serve(room, report, ten)
        _join(room, report, ten)
        _practise(room, report, drill)
    finally:
        if server is not None:
            stop(server)
        room.run("sh", "-c", "pg_lsclusters -h | while read -r v c _; do pg_ctlcluster $v $c stop -m fast; done")


def _block(guide: str, begins: str) -> list[str]:
    """Return the lines of the guide's block that begins so, without comments."""
    for block in re.findall(r"^```\w+\n(.*?)^```", guide, re.MULTILINE | re.DOTALL):
        lines = [line for line in block.splitlines() if line and not line.startswith("#")]
        if lines and lines[0].startswith(begins):
            return lines
    raise LookupError(begins)


def _do(room: Room, line: str) -> str:
    return room.run("sh", "-c", line.replace("district.example", HOST), timeout=300).stdout


def _install(room: Room, report: Report, packages: Packages, ten: list[str]) -> None:
    with report.step("commands 1 and 2: apt brings the package, PostgreSQL and cron") as seen:
        expect(len(ten) == 10, f"the guide has {len(ten)} commands")
        room.apt("update")
        room.apt("install", "--no-install-recommends", "postgresql", "cron")
        installed.install(room, packages.deb)
        room.run("sh", "-c", "pg_lsclusters -h | while read -r v c _; do pg_ctlcluster $v $c start; done")
        seen.append(room.run("pg_lsclusters", "-h").stdout.split()[0])
    with report.step("commands 3 to 7, as they stand: user, database, settings, certificate") as seen:
        said = [_do(room, line) for line in ten[2:7]]
        settings = room.path(SETTINGS)
        settings.write_text(settings.read_text("utf-8").replace("HOST=0.0.0.0", f"HOST={HOST}"), encoding="utf-8")
        pins = re.findall(r"sha256:\S+", said[-1])
        expect(pins, f"no pin was printed: {said[-1][-200:]}")
        seen.append(pins[0][:20])


def _serve(room: Room, report: Report, ten: list[str]) -> "subprocess.Popen[bytes]":
    with report.step("command 8: the unit lies there, not enabled; the service starts as it says"):
        expect(ten[7] == "systemctl enable --now doorstep-district", ten[7])
        unit = room.path(UNIT).read_text("utf-8")
        started = re.search(r"^ExecStart=(.*)$", unit, re.MULTILINE)
        expect(started and "User=doorstep" in unit, "the unit says another thing")
        words = started[1].split() if started else []
        server = room.start(["runuser", "-u", "doorstep", "--", *words], user="root")
        until(_answers, "the server does not answer", seconds=60)
    return server


def _answers() -> bool:
    """Tell whether it takes requests; a room has the loopback of this machine."""
    with socket.socket() as asked:
        return asked.connect_ex((HOST, PORT)) == 0


def _join(room: Room, report: Report, ten: list[str]) -> None:
    with report.step("commands 9 and 10: the joining sheet, the nightly backup"):
        _do(room, ten[8])
        _do(room, ten[9])
        expect(room.path(f"{DATA}/first.pdf").read_bytes().startswith(b"%PDF"), "there is no sheet")
        expect("pg_dump" in room.path("/etc/cron.d/doorstep-district").read_text("utf-8"), "there is no timed task")
    with report.step("a counter joins with a code of the sheets, by the pin, and syncs what it registered") as seen:
        _do(room, ten[8].replace("first.pdf", "first.csv"))
        with room.path(f"{DATA}/first.csv").open(encoding="utf-8-sig", newline="") as table:
            row = next(csv.DictReader(table))
        line = next(value for value in row.values() if value.startswith("doorstep:"))
        words = ("--staff", "陶丽华", "--device-name", "1 号窗口")
        room.run("doorstep", "enrol", line, *words, user=CLERK, env=installed.PIN, timeout=180)
        installed.register_people(room)
        room.run("doorstep", "sync", "--once", user=CLERK, env=installed.PIN, timeout=180)
        said = room.run("doorstep", "status", user=CLERK, env=installed.PIN, timeout=180).stdout
        seen.append(said.strip().splitlines()[0][:80])
        tested = installed.self_test(room)
        expect("区里" not in tested, f"the self-test does not reach the server: {tested}")
    with report.step("what takes large pushes starts from the package, and ends with its line"):
        said = room.run("doorstep-district", "push-worker", user="doorstep", timeout=60).stdout
        expect(not said, f"it said: {said[-200:]}")


def _practise(room: Room, report: Report, drill: list[str]) -> None:
    with report.step("the drill: dump, restore beside, verify finds no difference") as seen:
        said = "\n".join(_do(room, line) for line in drill)
        found = re.search(r"核对了 ([1-9]\d*) 份记录、([1-9]\d*) 条变动：0 处不符", said)
        expect(found, f"verify said: {said[-200:]}")
        seen.append(found[0] if found else "")
