"""Chinese typed by pinyin through a real fcitx5 into the installed program, with what its launcher sets by itself."""

import subprocess
from pathlib import Path

import installed
from installed import Packages
from report import Report
from rooms import CLERK, HOME, Room
from screen import TOOLS, Screen, stop, until

INPUT = ("fcitx5", "fcitx5-pinyin", "dbus", "dbus-x11", "fonts-wqy-microhei")
KEYS, WANTED = "nihaojiuye", "你好就业"
LATIN = "Station 7"
BUS = "unix:path=/tmp/session-bus"
PORTAL = "org.freedesktop.portal.IBus"
SESSIONS = {
    "that sets no variable": {},
    "as UOS and Kylin set it up": {"QT_IM_MODULE": "fcitx", "GTK_IM_MODULE": "fcitx", "XMODIFIERS": "@im=fcitx"},
}
"""What the desktop session has in its environment beside the bus; the launcher must do the rest."""
PROFILE = """[Groups/0]
Name=Default
Default Layout=us
DefaultIM=pinyin

[Groups/0/Items/0]
Name=keyboard-us
Layout=

[Groups/0/Items/1]
Name=pinyin
Layout=

[GroupOrder]
0=Default
"""


def run_typing(room: Room, report: Report, packages: Packages, pictures: Path) -> None:
    """Type into the wizard's first field: with no input method, then through fcitx5."""
    with report.step("the program, a screen and fcitx5 with pinyin are installed"):
        room.apt("update")
        installed.install(room, packages.deb)
        room.apt("install", "--no-install-recommends", *TOOLS, *INPUT)
        screen = Screen(room)
    try:
        with report.step("without an input method, Latin letters arrive") as seen:
            program, _window = _open_name_field(room, screen, {}, data=f"{HOME}/latin")
            screen.type(LATIN)
            until(lambda: screen.copied() == LATIN, f"the field says {screen.copied()!r}", seconds=15)
            seen.append(LATIN)
            installed.close_window(room, screen, program)
        _through_fcitx(room, report, screen, pictures)
    finally:
        screen.close()


def _through_fcitx(room: Room, report: Report, screen: Screen, pictures: Path) -> None:
    with report.step("a desktop session: a session bus, and fcitx5 on it"):
        profile = room.path(f"{HOME}/.config/fcitx5/profile")
        room.run("mkdir", "-p", f"{HOME}/.config/fcitx5", user=CLERK)
        profile.write_text(PROFILE, encoding="utf-8")
        room.run("chown", "-R", f"{CLERK}:{CLERK}", f"{HOME}/.config")
        bus, session = _session_bus(room)
        fcitx = room.start(["fcitx5", "--disable=wayland"], env={**screen.env, **session})
        until(lambda: _owned(room, session), f"nobody owns {PORTAL} on the session bus")
    try:
        for name, more in SESSIONS.items():
            sentence = f"typing {KEYS} and a blank through fcitx5 writes {WANTED}, in a session {name}"
            with report.step(sentence) as seen:
                program, _window = _open_name_field(room, screen, {**session, **more}, data=f"{HOME}/pinyin")
                screen.key("ctrl+space")
                screen.type(KEYS)
                seen.append(screen.picture(pictures / f"{report.root}-fcitx5-typing.png"))
                screen.key("space")
                until(lambda: screen.copied() == WANTED, f"the field says {screen.copied()!r}", seconds=15)
                seen.append(f"the field says {WANTED}")
                seen.append(screen.picture(pictures / f"{report.root}-fcitx5-typed.png"))
                installed.close_window(room, screen, program)
    finally:
        stop(fcitx)
        stop(bus)


def _open_name_field(
    room: Room, screen: Screen, session: dict[str, str], *, data: str
) -> tuple["subprocess.Popen[bytes]", str]:
    """Open the wizard at the field for the station's name; it has the keyboard."""
    program, window = installed.open_window(room, screen, data=data, env=session)
    first = screen.colours()
    screen.key("1")
    until(lambda: screen.colours() != first, "key 1 does not open the station's page")
    return program, window


def _session_bus(room: Room) -> tuple["subprocess.Popen[bytes]", dict[str, str]]:
    bus = room.start(["dbus-daemon", "--session", "--nofork", f"--address={BUS}"])
    until(lambda: room.path(BUS.partition("=")[2]).exists(), "the session bus does not start")
    return bus, {"DBUS_SESSION_BUS_ADDRESS": BUS}


def _owned(room: Room, session: dict[str, str]) -> bool:
    asked = room.run(
        "dbus-send", "--session", "--print-reply", "--dest=org.freedesktop.DBus", "/org/freedesktop/DBus",
        "org.freedesktop.DBus.NameHasOwner", f"string:{PORTAL}", user=CLERK, env=session, check=False,
    )  # fmt: skip
    return "boolean true" in asked.stdout
