"""Is there a screen to open a window on? Qt itself ends the process with an abort where there is none. Linux alone."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from app.errors import ExternalError
from app.texts import _

_WITHOUT = ("offscreen", "minimal", "vnc", "linuxfb", "eglfs", "vkkhrdisplay")
_BOXES = (("zenity", "--error", "--no-markup", "--text"), ("kdialog", "--error"), ("xmessage", "-center"))
_BOX_SECONDS = 600


def has_screen(environ: Mapping[str, str] | None = None) -> bool:
    """Tell whether a person can see a window."""
    env = os.environ if environ is None else environ
    if env.get("QT_QPA_PLATFORM", "").startswith(_WITHOUT):
        return False
    return not sys.platform.startswith("linux") or bool(env.get("DISPLAY") or env.get("WAYLAND_DISPLAY"))


def check_screen(environ: Mapping[str, str] | None = None) -> None:
    """See that a window can be opened at all.

    Raises:
        ExternalError: no display.
    """
    env = os.environ if environ is None else environ
    if has_screen(env) or env.get("QT_QPA_PLATFORM", "").startswith(_WITHOUT):
        return
    text = _(
        "这里没有屏幕（DISPLAY 没有设），窗口打不开。请在电脑的桌面上打开家门口；"
        "在终端里可以用 doorstep --help 里的命令"
    )
    raise ExternalError(text, code="start.no_screen")


def check_library(plugins: Path, environ: Mapping[str, str] | None = None) -> None:
    """Load what puts windows on an X11 screen, as Qt is about to.

    Raises:
        ExternalError: a system library lacks; the sentence names it and its package.
    """
    env = os.environ if environ is None else environ
    wanted = env.get("QT_QPA_PLATFORM", "")
    if not sys.platform.startswith("linux") or (wanted and "xcb" not in wanted) or not env.get("DISPLAY"):
        return
    problem = library_trouble(plugins)
    if problem is not None and not env.get("WAYLAND_DISPLAY"):
        raise ExternalError(problem, code="start.library")


def library_trouble(plugins: Path) -> str | None:
    """Return what keeps windows from an X11 screen; None if nothing does."""
    plugin = plugins / "platforms" / "libqxcb.so"
    if not plugin.exists():
        return _("程序缺了文件，请重新安装家门口：{missing}", missing=plugin.name)
    import ctypes

    try:
        ctypes.CDLL(str(plugin))
    except OSError as problem:
        return library_words(str(problem))
    return None


def library_words(said: str) -> str:
    """Return the sentence for what the system's loader said."""
    library = said.partition(":")[0]
    return _("系统缺少 {library}，窗口打不开。请管理员安装：{package}", library=library, package=_package(library))


def _package(library: str) -> str:
    """Return Debian's package of a library: ``libxcb-cursor.so.0`` is in ``libxcb-cursor0``."""
    stem, _so, number = library.partition(".so.")
    return f"{stem}{'-' if stem[-1:].isdigit() else ''}{number}".lower()


def show_without_qt(text: str) -> None:
    """Show a sentence with whatever the desktop has for it, to who clicked an icon and sees no terminal."""
    if not has_screen() or not sys.platform.startswith("linux"):
        return
    import shutil  # neither is needed by a start that goes well
    import subprocess
    from contextlib import suppress

    box = next((box for box in _BOXES if shutil.which(box[0])), None)
    if box is not None:
        with suppress(OSError, subprocess.TimeoutExpired):
            subprocess.run([*box, text], timeout=_BOX_SECONDS, check=False, capture_output=True)
