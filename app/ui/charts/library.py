"""Brings pyqtgraph in, once and late: with numpy it takes half a second and fifty megabytes, which few need.

``load`` runs off the GUI thread; after it ``library()`` is the module. What the library changes of the program at its
import is put back: who hears of uncaught errors stays the program's affair.
"""

from __future__ import annotations

import importlib.util
import os
import sys
import threading
from types import ModuleType

_OPENGL = ("PySide6.QtOpenGL", "PySide6.QtOpenGLWidgets")
_ONE_THREAD = "OPENBLAS_NUM_THREADS"
_lock = threading.Lock()
_loaded: ModuleType | None = None


def load() -> None:
    """Import the library. *Slow the first time.*"""
    global _loaded
    with _lock:
        if _loaded is not None:
            return
        hooks = sys.excepthook, threading.excepthook
        os.environ.setdefault(_ONE_THREAD, "1")  # no pool of threads for sums of twelve figures
        _stand_in_for_opengl()
        try:
            import pyqtgraph
        finally:
            sys.excepthook, threading.excepthook = hooks
        pyqtgraph.setConfigOptions(antialias=True, crashWarning=False)
        _loaded = pyqtgraph


def _stand_in_for_opengl() -> None:
    """Give the library the names that it wants at its import where Qt's OpenGL bindings are left out of the bundle.

    They are 9 MB; our charts paint without OpenGL, as is the library's default.
    """
    for name in _OPENGL:
        if name not in sys.modules and importlib.util.find_spec(name) is None:
            stand_in = ModuleType(name)
            stand_in.__dict__["QOpenGLWidget"] = type("QOpenGLWidget", (), {})
            sys.modules[name] = stand_in


def is_loaded() -> bool:
    """Tell whether charts can be made at once."""
    return _loaded is not None


def library() -> ModuleType:
    """Return pyqtgraph; imports it here and now where nobody did before."""
    if _loaded is None:
        load()
    assert _loaded is not None
    return _loaded
