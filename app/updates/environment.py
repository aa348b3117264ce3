"""What another program is started with: without what the packed program has set up for itself.

The packed program finds its own libraries by variables that name its own folder. Inherited, they would lead another
version, or the system's ``dpkg-deb``, to libraries that are not theirs.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

_OF_THE_PACKER = ("_PYI_", "_MEIPASS")
_LIBRARIES = "LD_LIBRARY_PATH"


def clean_environment(environ: Mapping[str, str] | None = None, *, own: str | None = None) -> dict[str, str]:
    """Return the environment without any word of the packed program's folder ``own``."""
    env = dict(os.environ if environ is None else environ)
    own = own if own is not None else str(getattr(sys, "_MEIPASS", ""))
    before = env.pop(f"{_LIBRARIES}_ORIG", None)
    if before is not None:
        env[_LIBRARIES] = before
    for name, value in list(env.items()):
        if name.startswith(_OF_THE_PACKER):
            del env[name]
        elif own and own in value:
            left = [each for each in value.split(os.pathsep) if not each.startswith(own)]
            if left:
                env[name] = os.pathsep.join(left)
            else:
                del env[name]
    env["PYINSTALLER_RESET_ENVIRONMENT"] = "1"
    return env
