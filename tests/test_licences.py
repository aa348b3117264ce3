"""What the program carries of others is listed whole, with its texts; nothing in it is GPL without another choice."""

import ast
import importlib.metadata
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

from app.services import licences as shown
from app.services.licences import BUILD, Component, list_components, whole_text

ROOT = Path(__file__).resolve().parent.parent
AGAIN = "run .venv/bin/python installer/licences.py, look at what it changed, and commit resources/licences/"
MOST_BYTES = 700_000
EXCEPTIONS = {"GCC-exception-3.1", "Bootloader-exception"}
# Of a package that only makes the bundle, what goes in has another licence (LICENSE of each says so).
ONLY_ITS_APACHE_PART = {"pyinstaller-hooks-contrib"}


def load(name: str, folder: str = "installer") -> ModuleType:
    """Import a module of ``installer/``, which is no package."""
    sys.path.insert(0, str(ROOT / folder))
    try:
        return __import__(name)
    finally:
        sys.path.remove(str(ROOT / folder))


known, tool, bundle = load("licence_facts"), load("licences"), load("contents", "installer/bundle")


def gpl_alone(licence: str) -> bool:
    """Tell whether an SPDX expression leaves no choice but the GPL; LGPL is none, an exception frees what it links."""
    for choice in licence.split(" OR "):
        bound = [
            part
            for part in choice.split(" AND ")
            if re.match(r"\(?(A?GPL)", part.strip()) and part.strip().partition(" WITH ")[2] not in EXCEPTIONS
        ]
        if not bound:
            return False
    return True


def components() -> dict[str, Component]:
    return {each.name: each for each in list_components()}


def test_the_list_is_that_of_the_lock() -> None:
    listed = {each.name: each.version for each in list_components() if each.kind != shown.PART}

    assert listed == tool.locked(), AGAIN


def test_the_parts_are_those_that_were_looked_at() -> None:
    listed = {each.name: each.licence for each in list_components() if each.kind == shown.PART}

    assert listed == {part.name: part.licence for part in known.PARTS}, AGAIN


@pytest.mark.parametrize(
    ("licence", "alone"),
    [
        ("MIT", False),
        ("LGPL-3.0-only", False),
        ("LGPL-3.0-only OR GPL-2.0-only", False),
        ("GPL-3.0-or-later", True),
        ("AGPL-3.0-only", True),
        ("MIT AND GPL-2.0-only", True),
        ("GPL-3.0-or-later WITH GCC-exception-3.1", False),
        ("GPL-2.0-or-later WITH Classpath-exception-2.0", True),
    ],
)
def test_what_counts_as_gpl_alone(licence: str, alone: bool) -> None:
    assert gpl_alone(licence) is alone


def test_nothing_is_gpl_alone() -> None:
    found = {each.name: each.licence for each in list_components() if gpl_alone(each.licence)}

    assert set(found) <= ONLY_ITS_APACHE_PART, found
    assert all(components()[name].kind == BUILD for name in found)


def test_every_entry_has_a_licence_and_a_text_and_no_text_lies_there_for_nothing() -> None:
    used = {key for each in list_components() for key in each.texts}
    with zipfile.ZipFile(ROOT / "resources" / "licences" / "texts.zip") as packed:
        sizes = {entry.filename: entry.file_size for entry in packed.infolist()}

    assert [each.name for each in list_components() if not each.licence or not each.texts] == []
    assert used == set(sizes)
    assert all(sizes.values())
    assert sum(file.stat().st_size for file in (ROOT / "resources" / "licences").iterdir()) < MOST_BYTES


def test_lgpl_parts_say_how_to_replace_them_and_bring_both_texts() -> None:
    for name in ("Qt", "pyside6-essentials", "shiboken6", "psycopg"):
        part = components()[name]
        text = whole_text(part)

        assert "GNU LESSER GENERAL PUBLIC LICENSE" in text, name
        assert "GNU GENERAL PUBLIC LICENSE" in text, name
        assert part.notes["zh_CN"] and part.notes["en"], name
    assert "_internal/PySide6" in components()["Qt"].note
    assert "download.qt.io" in components()["Qt"].note


def qt_modules_imported() -> set[str]:
    found = set()
    for file in (ROOT / "app").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module == "PySide6":
                names += [f"PySide6.{alias.name}" for alias in node.names]
            found |= {name.split(".")[1].removeprefix("Qt") for name in names if name.startswith("PySide6.Qt")}
    return found


def test_the_program_imports_no_qt_module_that_is_gpl_and_none_that_is_not_listed() -> None:
    imported = qt_modules_imported()

    assert {"Core", "Gui", "Widgets"} <= imported
    assert imported & known.FORBIDDEN_QT == set()
    assert imported <= set(known.QT_MODULES)


def test_the_bundle_takes_the_qt_libraries_that_are_listed_and_leaves_its_tools_out() -> None:
    assert set(bundle.QT_LIBRARIES) - {"XcbQpa"} == set(known.QT_MODULES)
    assert set(bundle.QT_LIBRARIES) & known.FORBIDDEN_QT == set()
    assert set(bundle.BUILD_TOOLS) == known.BUILDS


def test_no_package_of_the_lock_is_one_that_brings_a_gpl_qt() -> None:
    assert not {"pyqt5", "pyqt6", "pyside6-fluent-widgets", "pyqt6-charts", "lunardate"} & set(tool.locked())


def test_every_library_beside_a_package_is_named_by_somebody() -> None:
    named = {library for part in known.PARTS for library in part.libraries}
    unnamed = set()
    for package in tool.locked():
        try:
            files = importlib.metadata.files(package) or []
        except importlib.metadata.PackageNotFoundError:
            continue
        if package not in known.CARRIED_BY_NAME:
            libraries = [file.name for file in files if ".libs/" in str(file)]
            unnamed |= {name for name in libraries if re.split(r"-[0-9a-f]{8}|\.so", name)[0] not in named}

    assert unnamed == set(), "name them in installer/licence_facts.py"


def test_the_tool_writes_what_is_committed(tmp_path: Path) -> None:
    program = f"import licences; licences.INTO = __import__('pathlib').Path({str(tmp_path)!r}); licences.main()"
    subprocess.run([sys.executable, "-c", program], cwd=ROOT / "installer", check=True, capture_output=True)

    written = json.loads((tmp_path / "licences.json").read_text("utf-8"))
    committed = json.loads((ROOT / "resources/licences/licences.json").read_text("utf-8"))
    names = [(each["name"], each["version"], each["licence"]) for each in written["entries"]]
    assert names == [(each["name"], each["version"], each["licence"]) for each in committed["entries"]], AGAIN
