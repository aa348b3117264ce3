"""The bundle itself, where one can be had: it starts both programs, keeps a store and opens its window.

Taken is the bundle in ``build/installer`` if it was made of these very sources; else one is made here, without the
Debian 11 root, where PyInstaller is installed.
"""

import importlib.util
import os
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import app

ROOT = Path(__file__).resolve().parents[2]
PIN = "250613"

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    """Return the folder of the bundle, and the program that watches its start."""
    made = ROOT / "build/installer/bundle"
    if (made / "sources").exists():
        now = subprocess.run(
            ["sh", ROOT / "installer/build.sh", "--sources"], check=True, capture_output=True, text=True
        ).stdout.strip()
        if (made / "sources").read_text().strip() == now:
            return made / "doorstep", made / "start_probe"
    if importlib.util.find_spec("PyInstaller") is None:
        pytest.skip("no bundle of these sources in build/installer (make installer), and PyInstaller is not installed")
    out = tmp_path_factory.mktemp("bundle")
    words = ["--noconfirm", "--log-level", "ERROR", "--distpath", out / "dist", "--workpath", out / "work"]
    subprocess.run([sys.executable, "-m", "PyInstaller", *words, ROOT / "installer/doorstep.spec"], check=True)
    return out / "dist/doorstep", out / "work/doorstep/start_probe"


@pytest.fixture
def run(bundle, tmp_path):
    """Return a function that runs one of the bundle's programs in a world of its own, without a screen."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("DOORSTEP", "PYTHON"))}
    environment |= {
        "DOORSTEP_DATA": str(tmp_path / "data"), "DOORSTEP_SECRETS": str(tmp_path / "secrets"), "DOORSTEP_PIN": PIN,
        "QT_QPA_PLATFORM": "offscreen",
    }  # fmt: skip

    def run(name, *words, program=None):
        command = [program or bundle[0] / name, *words]
        return subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            env=environment,
            cwd=tmp_path,
            timeout=120,
        )

    return run


def found(run):
    """Found a station and return what was said."""
    station = ["--name", "溪桥社区就业服务站", "--code", "330110012001", "--county", "330110", "--staff", "陶丽华"]
    return run("doorstep", "found", *station)


def test_both_programs_say_their_version(run):
    counter, district = run("doorstep", "--version"), run("doorstep-district", "--version")

    assert (counter.returncode, counter.stdout.split()[-1], counter.stderr) == (0, app.__version__, "")
    assert (district.returncode, district.stdout.split()[-1], district.stderr) == (0, app.__version__, "")


def test_what_takes_large_pushes_starts_and_ends_with_its_line(run):
    worker = run("doorstep-district", "push-worker")

    assert (worker.returncode, worker.stdout, worker.stderr) == (0, "", "")


def test_it_keeps_an_encrypted_store_and_tells_its_state(run, tmp_path):
    made = found(run)
    status = run("doorstep", "status")

    assert (made.returncode, made.stderr) == (0, "")
    assert (status.returncode, status.stderr) == (0, "")
    assert not (tmp_path / "data/doorstep.db").read_bytes().startswith(b"SQLite")


def test_its_self_test_passes(run):
    done = run("doorstep", "doctor", "--self-test")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "✗" not in done.stdout


def test_its_window_opens_up_to_a_sign_in_that_takes_keys(run, bundle, tmp_path):
    folder, probe = bundle
    found(run)
    place = tmp_path / "place"
    place.mkdir()
    (place / "_internal").symlink_to(folder / "_internal")
    shutil.copy2(probe, place / "start_probe")

    done = run("", "program", tmp_path / "data", program=place / "start_probe")

    assert done.returncode == 0, done.stderr
    assert re.fullmatch(r"[\d.]+ [\d.]+", done.stdout.strip())
    assert done.stderr == ""


def test_nothing_of_it_is_under_the_gpl_or_a_second_libstdcxx(bundle):
    names = [path.name for path in bundle[0].rglob("*")]

    assert len(names) > 300
    assert [n for n in names if re.search(r"Charts|VirtualKeyboard|virtualkeyboard|Graphs|DataVisualization", n)] == []
    assert [n for n in names if re.match(r"lib(stdc\+\+|gcc_s|GL|EGL|GLX|readline|gdbm)\.so", n)] == []


def test_no_link_in_it_leads_nowhere(bundle):
    assert [path for path in bundle[0].rglob("*") if path.is_symlink() and not path.exists()] == []


def test_what_its_libraries_want_is_in_it_or_among_the_packages_depends(bundle):
    if shutil.which("readelf") is None:
        pytest.skip("no readelf (binutils)")
    pack = runpy.run_path(str(ROOT / "installer/deb/pack.py"), run_name="pack")
    libraries = [path for path in bundle[0].rglob("*.so*") if not path.is_symlink()]
    said = subprocess.run(["readelf", "-d", *libraries], check=True, capture_output=True, text=True).stdout

    wanted = set(re.findall(r"\(NEEDED\).*\[(.+)\]", said))

    assert len(wanted) > 30
    assert wanted - {path.name for path in bundle[0].rglob("*.so*")} - set(pack["SYSTEM_LIBRARIES"]) == set()


def test_it_runs_on_the_glibc_that_the_package_asks_for(bundle):
    if "build/installer" not in str(bundle[0]):
        pytest.skip("this bundle was made here, not in the Debian 11 root (make installer)")
    libraries = [path for path in bundle[0].rglob("*") if path.is_file() and (".so" in path.name or path.suffix == "")]
    said = subprocess.run(["readelf", "-V", *libraries], check=False, capture_output=True, text=True).stdout
    needed = {tuple(map(int, version.split("."))) for version in re.findall(r"GLIBC_([\d.]+)", said)}

    assert max(needed) <= (2, 31)
