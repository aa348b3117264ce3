"""What a server without a screen installs: enough for every command of the district, by hash, and no Qt."""

import os
import re
import subprocess
import sys

from installer.district_lock import LOCK, compose

WITHOUT = ("PySide6", "shiboken6", "numpy", "pyqtgraph", "openpyxl", "msoffcrypto", "fontTools")
RUN = """
import sys
class Away:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {without}:
            raise ImportError("not on a server: " + name)
sys.meta_path.insert(0, Away())
from app.district.main import main
folder = sys.argv[1]
for words in (
    ["certificate", "--host", "qu.example", "--cert", folder + "/c.pem", "--key", folder + "/k.pem"],
    ["enrol-code", "--data", folder, "--station", "330110001001", "--role", "clerk", "--count", "2",
     "--url", "https://qu.example:8765", "--tls-cert", folder + "/c.pem", "--out", folder + "/codes.pdf"],
    ["devices", "--data", folder], ["new-epoch", "--data", folder], ["verify", "--data", folder],
):
    assert main(words) == 0, words
"""


def test_the_districts_lock_is_that_part_of_the_lock_which_its_modules_reach():
    assert LOCK.read_text("utf-8") == compose(), "run: python installer/district_lock.py"


def test_it_brings_no_qt_and_names_no_host():
    text = LOCK.read_text("utf-8").lower()

    assert not re.search(r"pyside|shiboken|pyqtgraph|numpy", text)
    assert "://" not in text


def test_every_command_of_an_administrators_first_hour_runs_without_a_desktops_packages(tmp_path):
    env = {**os.environ, "DOORSTEP_DISTRICT_SETTINGS": str(tmp_path / "none")}

    done = subprocess.run(
        [sys.executable, "-c", RUN.replace("{without}", repr(WITHOUT)), str(tmp_path)],
        env=env, capture_output=True, text=True, timeout=100,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert (tmp_path / "codes.pdf").read_bytes().startswith(b"%PDF")
