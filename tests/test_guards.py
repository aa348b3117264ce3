"""Guards: what a reviewer would otherwise have to look for each time."""

import ast
import importlib
import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

from app.models.acts import ACTS
from app.models.registry import RECORD_TYPES
from app.ui.screens import SCREENS
from tests.factories import Factory

ROOT = Path(__file__).resolve().parent.parent
MODULE_LINES, FUNCTION_LINES = 400, 40
RESOURCES_MB = 60
# Written by a tool from the models, one long list of columns.
GENERATED = "app/db/migrations/versions/"


MACHINE_PATH = re.compile(r"(?<![\w.])/(?:work|root|home)/[\w.]")
# Example paths in prose and tests of paths.
PATH_EXAMPLES: dict[str, str] = {}


@cache
def sources():
    """Return path → syntax tree of every module of the program that a person wrote."""
    files = sorted((ROOT / "app").rglob("*.py"))
    names = [(file.relative_to(ROOT).as_posix(), file.read_text("utf-8")) for file in files]
    return {name: (text, ast.parse(text)) for name, text in names if not name.startswith(GENERATED)}


def tracked_files():
    """Return what the repository holds; without git, what the folders hold."""
    try:
        done = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git clone")
    return [ROOT / name for name in done.stdout.decode().split("\0") if name and (ROOT / name).is_file()]


def acts_named_by_services():
    found = set()
    for name, (_text, tree) in sources().items():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.func.attr != "act":
                continue
            found |= {
                (a.value, name) for a in node.args[:1] if isinstance(a, ast.Constant) and isinstance(a.value, str)
            }
    return found


def test_no_module_is_longer_than_a_person_reads():
    long = {name: lines for name, (text, _) in sources().items() if (lines := text.count("\n")) > MODULE_LINES}

    assert not long


def test_no_function_is_longer_than_a_page():
    long = {
        f"{name}:{node.lineno} {node.name}": lines
        for name, (_, tree) in sources().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (lines := (node.end_lineno or node.lineno) - node.lineno + 1) > FUNCTION_LINES
    }

    assert not long


def test_every_act_that_is_named_is_in_the_table():
    known = {act.name for act in ACTS}

    assert {(act, where) for act, where in acts_named_by_services() if act not in known} == set()


def test_no_act_of_the_table_has_a_double():
    names = [act.name for act in ACTS]

    assert len(names) == len(set(names))


@pytest.mark.parametrize("kind", RECORD_TYPES, ids=lambda kind: kind.name)
def test_a_record_type_has_a_factory(kind):
    assert hasattr(Factory, kind.name)


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.name)
def test_a_screen_can_be_imported(screen):
    module, _, name = screen.factory.partition(":")

    assert callable(getattr(importlib.import_module(module), name))


def test_no_file_names_a_folder_of_one_machine():
    found = {}
    for file in tracked_files():
        name = file.relative_to(ROOT).as_posix()
        if name in PATH_EXAMPLES or name == "tests/test_guards.py":
            continue
        try:
            text = file.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        if hits := [line.strip()[:120] for line in text.splitlines() if MACHINE_PATH.search(line)]:
            found[name] = hits

    assert found == {}


def test_what_ships_stays_small():
    size = sum(file.stat().st_size for file in (ROOT / "resources").rglob("*") if file.is_file())

    assert size < RESOURCES_MB * 1_000_000


def test_the_documents_point_at_files_that_are_there():
    broken = [
        f"{page.relative_to(ROOT)} → {target}"
        for page in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", page.read_text("utf-8"))
        if not (page.parent / target).exists()
    ]

    assert broken == []
