"""How this program starts itself anew, from a source tree and from an installed bundle alike."""

import sys
from pathlib import Path

MODULES = {"doorstep": "app", "doorstep-district": "app.district"}


def command(name: str = "doorstep") -> list[str]:
    """Return what a child process is started with; in a bundle both programs lie side by side."""
    if getattr(sys, "frozen", False):
        return [str(Path(sys.executable).with_name(f"{name}.exe" if sys.platform == "win32" else name))]
    return [sys.executable, "-m", MODULES[name]]
