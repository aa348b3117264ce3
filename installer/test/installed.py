"""What is checked on an installed program, and what a clerk does with it: shared by the cases."""

import hashlib
import subprocess
from dataclasses import dataclass
from pathlib import Path

from report import StepError, expect
from rooms import CLERK, HOME, Room
from screen import Screen, stop, until

TITLE = "^家门口$"
PIN = {"DOORSTEP_PIN": "246813"}
DATA = f"{HOME}/.local/share/doorstep"
SECRETS = f"{HOME}/.config/doorstep"
STATION = ("--name", "幸福里就业服务站", "--code", "110105001001", "--county", "110105", "--staff", "王站长")
PEOPLE = ("张三一", "李四一", "欧阳五")


@dataclass(frozen=True)
class Packages:
    """The packages of one run: two versions of one program, and the UOS package."""

    deb: Path
    newer: Path
    uos: Path | None

    @property
    def version(self) -> str:
        """The version of the first package."""
        return field(self.deb, "Version")

    @property
    def newer_version(self) -> str:
        """The version of the package that upgrades it."""
        return field(self.newer, "Version")


def field(deb: Path, name: str) -> str:
    """Return a field of a package."""
    said = subprocess.run(["dpkg-deb", "-f", str(deb), name], capture_output=True, text=True, check=True)
    return said.stdout.strip()


def install(room: Room, deb: Path) -> None:
    """Install a package file with apt, as an administrator does; dependencies come from the archive."""
    inside = room.bring(deb, f"/root/{deb.name}")
    room.apt("install", "--no-install-recommends", "--allow-downgrades", inside)
    room.path(inside).unlink()


def check_version(room: Room, wanted: str) -> None:
    """Fail unless the installed program says a version."""
    said = room.run("doorstep", "--version", user=CLERK, timeout=120).stdout.strip()
    expect(said.split()[-1:] == [wanted], f"it says {said!r}, not {wanted}")


def self_test(room: Room, *, user: str = CLERK, env: dict[str, str] | None = None) -> str:
    """Run the installed program's self-test; fail if one of its checks fails; return how many lines it printed."""
    said = room.run("doorstep", "doctor", "--self-test", user=user, env=env, timeout=180, check=False)
    lines = [line for line in said.stdout.splitlines() if line.strip().startswith(("✓", "△", "✗"))]
    bad = [line.strip() for line in lines if line.strip().startswith("✗")]
    expect(said.returncode == 0 and not bad, f"ended with {said.returncode}: {'; '.join(bad) or said.stdout[-200:]}")
    expect(len(lines) >= 4, f"it printed {len(lines)} checks only")
    between = [line.strip() for line in lines if line.strip().startswith("△")]
    return f"{len(lines)} checks" + (f", {'; '.join(between)}" if between else "")


def missing_libraries(room: Room, folder: str) -> list[str]:
    """Return the libraries that some binary of a folder wants and neither the folder nor the system has."""
    script = (
        f"find {folder} -type f \\( -name '*.so*' -o -perm -u+x \\) -exec ldd {{}} + 2>/dev/null"
        " | sed -n 's/^[[:space:]]*\\(.*\\) => not found/\\1/p' | sort -u"
    )
    return room.run("sh", "-c", script, env={"LD_LIBRARY_PATH": f"{folder}/_internal"}).stdout.split()


def found_station(room: Room) -> None:
    """Found a station by the command line and register people."""
    room.run("doorstep", "found", *STATION, user=CLERK, env=PIN, timeout=180)
    register_people(room)


def register_people(room: Room) -> None:
    """Register people from a list, by the command line."""
    rows = ["姓名,证件号码"] + [f"{name},{_id_number(at)}" for at, name in enumerate(PEOPLE)]
    room.path(f"{HOME}/people.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    said = room.run("doorstep", "import", "residents", f"{HOME}/people.csv", user=CLERK, env=PIN, timeout=180).stdout
    expect(f"：导入 {len(PEOPLE)} 行" in said, f"the list was not taken: {said[-200:]}")


def check_people(room: Room) -> str:
    """Fail unless the data opens and the people registered before are in it."""
    out = f"{HOME}/ledger.csv"
    room.path(out).unlink(missing_ok=True)
    room.run("doorstep", "doctor", "--check", user=CLERK, env=PIN, timeout=180)
    room.run("doorstep", "ledger", "labour-force", "--from", "2020-01-01", "--to", "2099-12-31", "--whole", "安装测试",
             "--out", out, user=CLERK, env=PIN, timeout=180)  # fmt: skip
    text = room.path(out).read_text("utf-8-sig")
    lost = [name for name in PEOPLE if name not in text]
    expect(not lost, f"not in the ledger any more: {lost}")
    return f"{len(PEOPLE)} people are there"


def digest(room: Room, *folders: str) -> dict[str, str]:
    """Return every file below folders of the room with the SHA-256 of its content."""
    files = [path for folder in folders for path in room.path(folder).rglob("*") if path.is_file()]
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(files)}


def left_behind(room: Room, files: list[str]) -> list[str]:
    """Return which of a package's files and links are still there; folders, which others use too, do not count."""
    paths = ((name, room.path(name)) for name in files if name)
    return [name for name, path in paths if not path.is_dir() and (path.exists() or path.is_symlink())]


def open_window(
    room: Room, screen: Screen, *, data: str = "", env: dict[str, str] | None = None, command: str = "doorstep"
) -> tuple["subprocess.Popen[bytes]", str]:
    """Start the installed program on a screen; return it and its window, once that is painted."""
    arguments = [command, *(["--data", data] if data else [])]
    program = room.start(arguments, env={**screen.env, **(env or {})})
    try:
        window = screen.wait_for(TITLE, program)
    except StepError:
        stop(program)
        raise
    width, height = screen.geometry(window)
    expect(width >= 800 and height >= 600, f"the window has {width} x {height} only")
    screen.focus(window)
    return program, window


def close_window(room: Room, screen: Screen, program: "subprocess.Popen[bytes]") -> None:
    """End the program as the system does at shut-down, and wait until its window is gone."""
    stop(program)
    until(lambda: not screen.windows(TITLE), "the window stays after its program has ended")


def _id_number(at: int) -> str:
    """Return a made-up ID number: sequence 996 to 999 belongs to nobody."""
    head = f"11010519{60 + at}0307{996 + at}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return head + "10X98765432"[sum(int(digit) * weight for digit, weight in zip(head, weights, strict=True)) % 11]


def needed(package: Path | None) -> Path:
    """Return a package that a case needs.

    Raises:
        StepError: it was not named.
    """
    if package is None:
        raise StepError("no package named for this case")
    return package
