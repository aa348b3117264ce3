"""The package for the UOS store: everything under /opt/apps, started by its own desktop file."""

import json
import shlex
from pathlib import Path

import installed
from report import Report, expect
from rooms import Room
from screen import TOOLS, Screen, stop


def run_uos(room: Room, report: Report, deb: Path, pictures: Path) -> None:
    """Install, start from the desktop entry, remove."""
    name = installed.field(deb, "Package")
    home = f"/opt/apps/{name}"
    with report.step("apt installs the UOS package; every file is under /opt/apps") as seen:
        room.apt("update")
        installed.install(room, deb)
        files = [row for row in room.run("dpkg", "-L", name).stdout.split("\n") if room.path(row).is_file()]
        outside = [row for row in files if not row.startswith(f"{home}/")]
        expect(not outside, f"outside: {outside[:3]}")
        seen.append(f"{len(files)} files")
    with report.step("no library is missing, no hooks run, info names the package"):
        lacking = installed.missing_libraries(room, f"{home}/files")
        expect(not lacking, f"missing: {' '.join(lacking)}")
        hooks = [
            hook
            for hook in ("preinst", "postinst", "prerm", "postrm")
            if room.path(f"/var/lib/dpkg/info/{name}.{hook}").exists()
        ]
        expect(not hooks, f"the store takes no hooks: {hooks}")
        info = json.loads(room.path(f"{home}/info").read_text("utf-8"))
        expect(info.get("appid") == name, f"info names {info.get('appid')}")
        expect(
            len(str(info.get("version")).split(".")) == 4,
            f"info has the version {info.get('version')}, not four numbers",
        )
    with report.step("it starts from its desktop entry to the first page") as seen:
        room.apt("install", "--no-install-recommends", *TOOLS)
        entries = list(room.path(f"{home}/entries/applications").glob("*.desktop"))
        expect(len(entries) == 1, f"{len(entries)} desktop files")
        rows = dict(row.split("=", 1) for row in entries[0].read_text("utf-8").splitlines() if "=" in row)
        command = [word for word in shlex.split(rows["Exec"]) if not word.startswith("%")]
        screen = Screen(room)
        try:
            program = room.start(command, env=screen.env)
            try:
                screen.wait_for(installed.TITLE, program)
                seen.append(screen.picture(pictures / f"{report.root}-uos.png"))
            finally:
                stop(program)
        finally:
            screen.close()
        seen.append(" ".join(command))
    with report.step("removed, nothing of it is left"):
        room.apt("purge", name)
        expect(not installed.left_behind(room, files), "files are left behind")
