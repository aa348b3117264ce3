"""The desktop: PySide6 widgets over services; the only package that knows Qt."""

import builtins

# PySide6 puts an import function of its own in place: for ``from __feature__ import ...``, which nobody uses here, it
# reads the source of every module imported later. Kept out, the sign-in page is there 10 ms sooner, and the program
# does not hold the source of all its libraries in memory.
_plain_import = builtins.__import__
import PySide6.QtCore  # noqa: E402, F401 - to be done with it

builtins.__import__ = _plain_import
