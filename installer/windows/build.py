r"""Make the setup for Windows: a venv from the lock, PyInstaller by the spec, a self-test, makensis.

On a Windows machine with Python 3.11 and NSIS 3.08 or newer, ``installer\windows\build.cmd`` does all of it. With
``--payload FOLDER`` only the last step runs, anywhere that has makensis: so the script is proven without Windows.
"""

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import venv
from pathlib import Path
from typing import NoReturn

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
LOCK = ROOT / "installer" / "requirements-bundle.lock"
SPEC = ROOT / "installer" / "doorstep.spec"
PROGRAMS = ("doorstep.exe", "doorstep-district.exe")


def say(sentence: str) -> None:
    """Tell what happens now."""
    print(f"build: {sentence}", flush=True)


def stop(sentence: str) -> NoReturn:
    """End with a sentence that says what to do."""
    raise SystemExit(f"build: {sentence}")


def run(*command: str | Path) -> None:
    """Run one step; end with its name if it fails."""
    done = subprocess.run([str(part) for part in command], check=False, cwd=ROOT)
    if done.returncode:
        stop(f"stopped, this step failed with {done.returncode}: {' '.join(str(part) for part in command)}")


def version() -> str:
    """Return the program's version, from its one place."""
    found = re.search(r'__version__ = "(\d+\.\d+\.\d+)"', (ROOT / "app" / "__init__.py").read_text("utf-8"))
    return found[1] if found else stop("app/__init__.py names no version of three numbers")


def find_makensis() -> str:
    """Return the NSIS compiler: ``DOORSTEP_MAKENSIS``, the PATH, or where its setup puts it."""
    places = [os.environ.get("DOORSTEP_MAKENSIS"), shutil.which("makensis")]
    for variable in ("ProgramFiles(x86)", "ProgramFiles"):
        if folder := os.environ.get(variable):
            places.append(str(Path(folder) / "NSIS" / "makensis.exe"))
    for place in places:
        if place and Path(place).is_file():
            return place
    stop("NSIS is missing: install NSIS 3.08 or newer, or name makensis in DOORSTEP_MAKENSIS")


def bundle(out: Path) -> Path:
    """Make the one-folder bundle on this Windows machine and let it test itself; return its folder."""
    if sys.platform != "win32":
        stop("PyInstaller makes Windows programs on Windows only; elsewhere give --payload FOLDER")
    if sys.version_info[:2] != (3, 11):
        stop("needs Python 3.11: run installer\\windows\\build.cmd, or py -3.11 installer\\windows\\build.py")
    for needed in (LOCK, SPEC):
        if not needed.is_file():
            stop(f"{needed.relative_to(ROOT)} is missing from this source tree")
    python = out / "venv" / "Scripts" / "python.exe"
    say("making a venv and installing what the bundle carries, by hash")
    venv.create(out / "venv", with_pip=True, clear=True)
    run(python, "-m", "pip", "--no-input", "install", "--only-binary", ":all:", "--require-hashes", "-r", LOCK)
    say("running PyInstaller (some minutes)")
    work = ("--distpath", out / "bundle", "--workpath", out / "work")
    run(python, "-m", "PyInstaller", "--noconfirm", "--clean", *work, SPEC)
    folder = out / "bundle" / "doorstep"
    say("the bundle tests itself")
    run(folder / "doorstep.exe", "doctor", "--self-test")
    return folder


def compile_setup(payload: Path, out: Path, *, named: str, target: Path | None = None) -> Path:
    """Pack a payload into a setup; return the setup."""
    missing = [name for name in PROGRAMS if not (payload / name).is_file()]
    if missing:
        stop(f"the payload {payload} lacks {', '.join(missing)}")
    out.mkdir(parents=True, exist_ok=True)
    setup = target or out / f"doorstep-{named}-windows-amd64.exe"
    setup.unlink(missing_ok=True)
    values = {"VERSION": named, "PAYLOAD": payload.resolve(), "OUTFILE": setup.resolve()}
    icon = HERE / "doorstep.ico"
    if icon.is_file():
        values["ICON"] = icon
    flags = [f"-D{name}={value}" for name, value in values.items()]
    # Warnings are errors: a text that exists in one language only is a warning.
    run(find_makensis(), "-V2", "-WX", "-INPUTCHARSET", "UTF8", *flags, HERE / "doorstep.nsi")
    return setup


def main() -> None:
    """Read the command line and do it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--payload", type=Path, help="pack this folder; nothing is built")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "windows", help="where the setup goes")
    parser.add_argument("--version", help="the version the setup calls itself (default: the program's own)")
    wanted = parser.parse_args()
    payload = wanted.payload or bundle(wanted.out)
    setup = compile_setup(payload, wanted.out, named=wanted.version or version())
    digest = hashlib.sha256(setup.read_bytes()).hexdigest()
    say(f"ready: {setup} ({setup.stat().st_size / 1_000_000:.1f} MB, SHA-256 {digest})")


if __name__ == "__main__":
    main()
