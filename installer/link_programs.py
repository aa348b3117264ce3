"""Tie this source tree to the .venv that runs it: a .pth file, and the programs named in pyproject.toml.

Does what an editable install does, without a build, hence without fetching a build system that no lock pins.
"""

import sys
import sysconfig
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# The shell starts Python by a quoted path: a "#!" line may hold neither blanks nor more than 127 characters.
POSIX = """#!/bin/sh
'''exec' '{python}' "$0" "$@"
' '''
import sys
from {module} import {function}
sys.exit({function}())
"""
WINDOWS = '@"{python}" -c "import sys; from {module} import {function}; sys.exit({function}())" %*\r\n'


def main() -> None:
    """Write the .pth file and one program per entry of ``[project.scripts]``."""
    site = Path(sysconfig.get_path("purelib"))
    programs = Path(sysconfig.get_path("scripts"))
    (site / "doorstep.pth").write_text(f"{ROOT}\n", encoding="utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    for name, target in project["scripts"].items():
        module, function = target.split(":")
        windows = sys.platform == "win32"
        file = programs / (f"{name}.cmd" if windows else name)
        values = {"python": sys.executable, "module": module, "function": function}
        file.write_text((WINDOWS if windows else POSIX).format(**values), encoding="utf-8", newline="")
        file.chmod(0o755)


if __name__ == "__main__":
    main()
