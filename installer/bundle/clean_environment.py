"""Runs before the bundled programs: what they start must not inherit where this bundle keeps its libraries.

The bundle's loader names its folder in ``LD_LIBRARY_PATH`` and keeps what stood there before; a program of the system
(or another version of this one) started with that would load our libraries instead of its own.
"""

import os

before = os.environ.pop("LD_LIBRARY_PATH_ORIG", None)
os.environ.pop("LD_LIBRARY_PATH", None)
if before:
    os.environ["LD_LIBRARY_PATH"] = before
os.environ["PYINSTALLER_RESET_ENVIRONMENT"] = "1"
