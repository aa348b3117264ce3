"""The dependency rule is really in force: a forbidden import fails the contracts."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def lint_imports(folder):
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()", "--no-cache"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


@pytest.fixture
def small_tree(tmp_path):
    """Return a tree of empty modules under the project's own contracts."""
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    (tmp_path / "pyproject.toml").write_text(text[text.index("[tool.importlinter]") :], encoding="utf-8")
    packages = ["ui", "district", "sync", "printing", "ledgers", "services", "updates", "db", "launching", "models"]
    for name in ["", *packages]:
        (tmp_path / "app" / name).mkdir(parents=True, exist_ok=True)
        (tmp_path / "app" / name / "__init__.py").touch()
    for leaf in ["errors", "clock", "config", "paths", "texts", "ui/tasks", "ui/window"]:
        (tmp_path / "app" / f"{leaf}.py").touch()
    return tmp_path


def test_a_tree_without_forbidden_imports_passes(small_tree):
    done = lint_imports(small_tree)

    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("models/__init__.py", "import app.services"),
        ("db/__init__.py", "import app.services"),
        ("services/__init__.py", "import app.sync"),
        ("sync/__init__.py", "import app.printing"),
        ("ui/window.py", "import app.district"),
        ("district/__init__.py", "import app.ui"),
        ("ui/window.py", "import app.db"),
        ("ui/window.py", "import sqlalchemy"),
        ("ui/window.py", "import sqlmodel"),
        ("ui/window.py", "import requests"),
        ("sync/__init__.py", "import PySide6.QtCore"),
        ("printing/__init__.py", "import PySide6.QtGui"),
        ("services/__init__.py", "from PySide6 import QtCore"),
        ("clock.py", "import app.models"),
        ("launching/__init__.py", "import PySide6.QtCore"),
        ("launching/__init__.py", "import app.db"),
        ("services/__init__.py", "import fastapi"),
    ],
)
def test_a_forbidden_import_is_caught(small_tree, module, line):
    (small_tree / "app" / module).write_text(line + "\n")

    done = lint_imports(small_tree)

    assert done.returncode == 1, done.stdout
    assert "BROKEN" in done.stdout


def test_the_task_runner_alone_may_know_the_database(small_tree):
    (small_tree / "app" / "ui" / "tasks.py").write_text("import app.db\n")

    assert lint_imports(small_tree).returncode == 0


def test_mypy_is_strict_over_the_whole_package():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["mypy"]

    assert settings["strict"] is True
    assert settings["files"] == ["app"]
