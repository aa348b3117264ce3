"""The set-up: programs that start from any folder, also where the path holds blanks, and nothing done twice."""

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the set-up script is for the shell")


@pytest.fixture
def linked_tree(tmp_path):
    """Return a small source tree with a .venv of its own, under a path with blanks and Chinese, linked."""
    tree = tmp_path / "my folder" / "家门口"
    (tree / "app" / "district").mkdir(parents=True)
    shutil.copytree(ROOT / "installer", tree / "installer")
    shutil.copy(ROOT / "pyproject.toml", tree)
    for module, word in (
        ("__init__", ""),
        ("__main__", "counter"),
        ("district/__init__", ""),
        ("district/main", "server"),
    ):
        body = f"import sys\n\ndef main() -> int:\n    print('{word}', *sys.argv[1:])\n    return 3\n" if word else ""
        (tree / "app" / f"{module}.py").write_text(body)
    venv.create(tree / ".venv", symlinks=True)
    subprocess.run([tree / ".venv" / "bin" / "python", tree / "installer" / "link_programs.py"], check=True)
    return tree


@pytest.mark.parametrize(("program", "word"), [("doorstep", "counter"), ("doorstep-district", "server")])
def test_a_program_starts_from_any_folder_and_gives_its_status_on(linked_tree, tmp_path, program, word):
    done = subprocess.run(
        [linked_tree / ".venv" / "bin" / program, "--data", "a b"], cwd="/", capture_output=True, text=True
    )

    assert (done.stdout, done.returncode) == (f"{word} --data a b\n", 3), done.stderr


def test_a_second_set_up_ends_at_once_and_says_nothing(linked_tree):
    (linked_tree / "requirements.lock").write_text("")
    environment = {"PATH": os.environ["PATH"], "HOME": str(linked_tree), "DOORSTEP_PYTHON": sys.executable}
    stamp = linked_tree / ".venv" / ".doorstep-stamp"
    script = linked_tree / "installer" / "setup.sh"
    stamp.write_text(
        subprocess.run(
            ["sh", "-c", f"cd '{linked_tree}' && sed -n '/^stamp_of/,/^}}/p' installer/setup.sh > stamp.sh"
             f" && python='{sys.executable}' && . ./stamp.sh && stamp_of"],
            capture_output=True, text=True, check=True,
        ).stdout
    )  # fmt: skip

    done = subprocess.run([script], env=environment, capture_output=True, text=True)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_python_too_old_or_absent_is_one_sentence(linked_tree, tmp_path):
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("sh", "dirname", "cat", "id", "env"):
        (tools / name).symlink_to(shutil.which(name))
    environment = {"PATH": str(tools), "HOME": str(tmp_path), "DOORSTEP_NO_PACKAGES": "1"}
    script = (linked_tree / "installer" / "setup.sh").read_text()
    script = script.replace('PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"', "")  # only the named tools
    (linked_tree / "installer" / "setup.sh").write_text(script)

    done = subprocess.run(
        ["sh", linked_tree / "installer" / "setup.sh"], env=environment, capture_output=True, text=True
    )

    assert done.returncode == 1
    assert done.stderr == "setup: needs Python 3.11 to 3.14, and none was found; set DOORSTEP_PYTHON to one.\n"


def test_make_help_lists_every_command_of_the_readme():
    said = subprocess.run(["make", "-s", "-C", ROOT, "help"], capture_output=True, text=True, check=True).stdout

    for command in ("setup", "run", "test", "check", "shots", "bench", "soak", "migration", "clean"):
        assert f"make {command} " in said


def test_the_scripts_are_executable():
    for script in ("installer/setup.sh", "installer/run.sh", ".ci/run"):
        assert os.access(ROOT / script, os.X_OK), script
