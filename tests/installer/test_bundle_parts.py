"""What the bundle is told to hold, its lock, and both packages, made from a bundle of two small files."""

import importlib.util
import json
import os
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from app.commands.parser import build_parser
from app.ui.screens import SCREENS

ROOT = Path(__file__).resolve().parents[2]
contents = runpy.run_path(str(ROOT / "installer/bundle/contents.py"))
pack = runpy.run_path(str(ROOT / "installer/deb/pack.py"), run_name="pack")


def locked(name):
    """Return package → its pinned versions, one for each machine."""
    found = {}
    for package, version in re.findall(r"^([a-z0-9-]+)==([^\s;\\]+)", (ROOT / name).read_text("utf-8"), re.MULTILINE):
        found.setdefault(package, set()).add(version)
    return found


def commands_of(parser):
    """Return the ``module:function`` of every command and command below a command."""
    runs = {parser.get_default("run")} - {None}
    for action in parser._actions:
        for child in getattr(action, "choices", None) or {} if hasattr(action, "_name_parser_map") else {}:
            runs |= commands_of(action.choices[child])
    return runs


def test_every_module_that_is_imported_by_name_goes_in():
    modules = set(contents["modules"]())
    named = {f"app.commands.{run.partition(':')[0]}" for run in commands_of(build_parser())}
    named |= {screen.factory.partition(":")[0] for screen in SCREENS}
    for file in (ROOT / "app").rglob("*.py"):
        named |= set(re.findall(r'"(app(?:\.[a-z_]+){2,})(?::[A-Za-z_]+)?"', file.read_text("utf-8")))

    assert len(named) > 30
    assert {name for name in named if importlib.util.find_spec(name)} - modules == set()


def test_migrations_go_in_as_files_and_what_they_import_as_modules():
    files = {Path(file).relative_to(ROOT).as_posix(): folder for file, folder in contents["data_files"]()}
    steps = sorted((ROOT / "app/db/migrations/versions").glob("[0-9]*.py"))

    assert steps
    assert all(files[step.relative_to(ROOT).as_posix()] == "app/db/migrations/versions" for step in steps)
    assert "app/db/migrations/env.py" in files
    assert {"alembic", "sqlmodel", "app.models.registry"} <= set(contents["imported_by_migrations"]())


def test_resources_go_in_whole():
    files = {Path(file) for file, _folder in contents["data_files"]()}
    shipped = {file for file in (ROOT / "resources").rglob("*") if file.is_file() and file.suffix != ".py"}

    assert {file for file in shipped if "__pycache__" not in file.parts} - files == set()


@pytest.mark.parametrize(
    ("name", "source", "wanted"),
    [
        ("PySide6/Qt/plugins/platforms/libqxcb.so", "/venv/libqxcb.so", True),
        ("PySide6/Qt/plugins/platforms/libqvnc.so", "/venv/libqvnc.so", False),
        ("PySide6/Qt/plugins/platforminputcontexts/libibusplatforminputcontextplugin.so", "/venv/x.so", True),
        ("PySide6/Qt/plugins/platforminputcontexts/libqtvirtualkeyboardplugin.so", "/venv/x.so", False),
        ("PySide6/Qt/lib/libQt6VirtualKeyboard.so.6", "/venv/x.so", False),
        ("PySide6/Qt/lib/libQt6Charts.so.6", "/venv/x.so", False),
        ("PySide6/QtCharts.abi3.so", "/venv/x.so", False),
        ("PySide6/QtPdf.abi3.so", "/venv/x.so", True),
        ("libQt6Qml.so.6", "PySide6/Qt/lib/libQt6Qml.so.6", False),
        ("PySide6/Qt/translations/qtbase_zh_CN.qm", "/venv/x.qm", True),
        ("PySide6/Qt/translations/qtbase_fr.qm", "/venv/x.qm", False),
        ("libstdc++.so.6", "/usr/lib/x86_64-linux-gnu/libstdc++.so.6", False),
        ("libgcc_s.so.1", "/lib/x86_64-linux-gnu/libgcc_s.so.1", False),
        ("libGL.so.1", "/usr/lib/x86_64-linux-gnu/libGL.so.1", False),
        ("libxcb-cursor.so.0", "/usr/lib/x86_64-linux-gnu/libxcb-cursor.so.0", True),
        ("libxkbcommon-x11.so.0", "/usr/lib/x86_64-linux-gnu/libxkbcommon-x11.so.0", True),
        ("libpython3.11.so.1.0", "/opt/python/lib/libpython3.11.so.1.0", True),
    ],
)
def test_the_bundle_takes_and_leaves(name, source, wanted):
    assert contents["goes_in"](name, source) is wanted


def test_the_bundles_lock_is_the_developers_lock_but_for_qt_and_the_bundler():
    ours, theirs = locked("installer/requirements-bundle.lock"), locked("requirements.lock")
    qt = {"pyside6-essentials", "pyside6-addons", "shiboken6"}
    tools = {name for name in ours if name not in theirs}

    assert {name: found for name, found in ours.items() if name not in qt | tools and theirs[name] != found} == {}
    assert tools == set(contents["BUILD_TOOLS"])
    assert all(ours[name] == {"6.9.3", "6.8.0.2"} for name in qt)


def test_the_bundles_lock_has_hashes_and_no_hosts():
    text = (ROOT / "installer/requirements-bundle.lock").read_text("utf-8")
    blocks = re.split(r"\n(?=[A-Za-z0-9])", text.strip())

    assert "://" not in text
    assert not re.search(r"^\s*(-i|-f|--(extra-)?index-url|--find-links|--trusted-host)\b", text, re.MULTILINE)
    assert [block.splitlines()[0] for block in blocks if "--hash=sha256:" not in block] == []


def test_the_bundles_lock_holds_what_the_project_asks_for():
    asked = re.findall(
        r'^  "([a-z0-9-]+)', (ROOT / "pyproject.toml").read_text("utf-8").split("[project.scripts]")[0], re.MULTILINE
    )
    missing = {name for name in asked if name not in locked("installer/requirements-bundle.lock")}

    assert missing == {"pyside6"}  # its parts are asked for, without the tools of a developer


@pytest.fixture(scope="module")
def tiny_bundle(tmp_path_factory):
    """Make a folder in the shape of a bundle, which packs in no time."""
    bundle = tmp_path_factory.mktemp("tiny") / "doorstep"
    (bundle / "_internal").mkdir(parents=True)
    for name in ("doorstep", "doorstep-district"):
        (bundle / name).write_text("#!/bin/sh\n")
    (bundle / "_internal/VERSION").write_text("0.1.0")
    return bundle


@pytest.fixture(scope="module")
def packages(tiny_bundle, tmp_path_factory):
    """Make both packages of the tiny bundle and unpack them: name → (tree, control fields)."""
    if shutil.which("dpkg-deb") is None:
        pytest.skip("no dpkg-deb: packages are made on Debian and its kin")
    out = tmp_path_factory.mktemp("out")
    words = ["--bundle", tiny_bundle, "--out", out, "--version", "0.1.7"]
    subprocess.run([sys.executable, ROOT / "installer/deb/pack.py", *words], check=True, capture_output=True)
    found = {}
    for file in out.glob("*.deb"):
        tree = out / file.stem
        subprocess.run(["dpkg-deb", "-R", file, tree], check=True)
        said = subprocess.run(["dpkg-deb", "-f", file], check=True, capture_output=True, text=True).stdout
        found[file.name.split("_")[0]] = (tree, dict(re.findall(r"^([A-Z][A-Za-z-]*): (.*)", said, re.MULTILINE)))
    return found


def test_the_package_says_the_version_it_was_packed_as(packages, tiny_bundle):
    for tree, fields in packages.values():
        stamps = list(tree.rglob("VERSION"))

        assert fields["Version"] == "0.1.7"
        assert [stamp.read_text() for stamp in stamps] == ["0.1.7"]
    assert (tiny_bundle / "_internal/VERSION").read_text() == "0.1.0"


def test_the_packages_fields_are_what_dpkg_wants(packages):
    for name, (_tree, fields) in packages.items():
        assert fields["Package"] == name
        assert re.fullmatch(r"[^<]+ <[^@ ]+@[^> ]+>", fields["Maintainer"])
        assert int(fields["Installed-Size"]) > 0
        assert "libc6 (>= 2.31)" in fields["Depends"]
        assert fields["Architecture"] in ("amd64", "arm64")
        assert not any("@" in value for key, value in fields.items() if key != "Maintainer")


def test_the_package_holds_programs_unit_manual_and_menu_entry(packages):
    tree, _fields = packages["doorstep"]

    assert (tree / "usr/bin/doorstep").is_symlink()
    assert str((tree / "usr/bin/doorstep-district").readlink()) == "/opt/doorstep/doorstep-district"
    assert "ExecStart=/usr/bin/doorstep-district" in (tree / "lib/systemd/system/doorstep-district.service").read_text(
        "utf-8"
    )
    for file in (
        "usr/share/man/man1/doorstep.1.gz", "usr/share/man/man1/doorstep-district.1.gz",
        "usr/share/doc/doorstep/copyright", "usr/share/doc/doorstep/changelog.gz",
        "usr/share/icons/hicolor/scalable/apps/doorstep.svg", "usr/share/icons/hicolor/48x48/apps/doorstep.png",
    ):  # fmt: skip
        assert (tree / file).stat().st_size > 0
    assert (tree / "DEBIAN/conffiles").read_text() == "/etc/doorstep/release-keys.txt\n"


def test_no_script_of_the_package_touches_a_home_folder(packages):
    for tree, _fields in packages.values():
        for script in (tree / "DEBIAN").glob("p*"):
            code = [line for line in script.read_text("utf-8").splitlines() if not line.startswith("#")]

            assert not re.search(r"HOME|/home|~|rm |\.local|/var/lib", "\n".join(code)), script.name


def test_the_stores_package_lies_under_its_own_folder_and_brings_no_script(packages):
    tree, _fields = packages[pack["APP_ID"]]
    home = tree / "opt/apps" / pack["APP_ID"]
    about = json.loads((home / "info").read_text("utf-8"))

    assert [path.name for path in (tree / "DEBIAN").iterdir()] == ["control"]
    assert {path.relative_to(tree).parts[0] for path in tree.iterdir()} == {"DEBIAN", "opt"}
    assert sorted(path.name for path in home.iterdir()) == ["entries", "files", "info"]
    assert about["appid"] == pack["APP_ID"]
    assert re.fullmatch(r"\d+\.\d+\.\d+\.\d+", about["version"])


def test_menu_entries_are_valid(packages):
    entries = [entry for tree, _fields in packages.values() for entry in tree.rglob("*.desktop")]

    assert len(entries) == 2
    for entry in entries:
        text = entry.read_text("utf-8")
        assert "@" not in text
        assert re.search(r"^Exec=/\S+/doorstep$", text, re.MULTILINE)
        assert {"Type", "Name", "Exec", "Icon", "Categories"} <= set(re.findall(r"^([A-Za-z]+)=", text, re.MULTILINE))
        if shutil.which("desktop-file-validate"):
            done = subprocess.run(["desktop-file-validate", entry], capture_output=True, text=True)
            assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("version", ["", "latest", "1", "0.1.0 beta", "0.1/2"])
def test_a_version_that_is_none_is_refused_with_a_sentence(version, tiny_bundle, tmp_path):
    words = ["--bundle", tiny_bundle, "--out", tmp_path, "--version", version]
    done = subprocess.run([sys.executable, ROOT / "installer/deb/pack.py", *words], capture_output=True, text=True)

    assert done.returncode == 2
    assert "is no version" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_build_script_is_sound_shell():
    for script in (*ROOT.glob("installer/*.sh"), *ROOT.glob("installer/root/*.sh"), *ROOT.glob("installer/deb/p*[!y]")):
        if script.suffix in ("", ".sh"):
            subprocess.run(["sh", "-n", script], check=True)


def test_packing_again_without_a_bundle_says_what_to_do(tmp_path):
    shutil.copytree(ROOT / "installer", tmp_path / "installer", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / ".venv/bin").mkdir(parents=True)
    (tmp_path / ".venv/bin/python").symlink_to(shutil.which("true"))

    done = subprocess.run(
        ["sh", tmp_path / "installer/build.sh", "--repack", "--version", "0.1.1"], capture_output=True, text=True
    )

    assert done.returncode == 1
    assert "there is no bundle to pack again" in done.stderr


WITHOUT = """
import importlib.machinery as machinery
import sys

import contents

left_out, find = contents.LEFT_OUT, machinery.PathFinder.find_spec
machinery.PathFinder.find_spec = lambda name, *more: (
    None if any(name == each or name.startswith(each + ".") for each in left_out) else find(name, *more)
)
from app.ui.self_check import look_at_window

print(look_at_window()[0])
"""


def test_a_window_and_a_chart_are_painted_without_all_that_is_left_out():
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "installer/bundle")])}

    words = [sys.executable, "-c", WITHOUT]
    done = subprocess.run(words, capture_output=True, text=True, env=environment, timeout=100)

    assert (done.returncode, done.stdout.strip()) == (0, "ok"), done.stderr[-800:]
