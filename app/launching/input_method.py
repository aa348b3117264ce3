"""Chinese input: what Qt must find in the environment before it is imported.

The Qt that ships has the plugins ``ibus`` and ``compose`` and no ``fcitx``, which UOS and Kylin name in
``QT_IM_MODULE``: as it stands, nothing but Latin can be typed. fcitx5 speaks ibus too, by the portal's name on the
session bus, and the ``ibus`` plugin talks to it with ``IBUS_USE_PORTAL=1``.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, MutableMapping
from pathlib import Path

PORTAL = "org.freedesktop.portal.IBus"
CHOSEN = "DOORSTEP_IM_MODULE"
"""An administrator's own choice: the name of a Qt plugin, or ``keep`` to leave the environment as it is."""
KEEP = "keep"
COMING_UP_SECONDS = 3.0
"""How long a start waits for fcitx5 where the session asks for it and it is installed."""
_SHIPPED = frozenset({"ibus", "compose"})


def prepare(
    environ: MutableMapping[str, str] | None = None,
    *,
    owned: Callable[[], bool | None] | None = None,
    plugins: frozenset[str] | None = None,
) -> bool:
    """Set what Chinese input needs; return whether the portal was chosen. Call it before Qt is imported. Linux alone.

    What works stays: another plugin that this Qt has, ibus by its own bus, a portal that somebody set or unset by hand.
    The plugin looks for the portal once: where the session asks for a fcitx5 that is only coming up, it is waited for.
    """
    env = os.environ if environ is None else environ
    if not sys.platform.startswith("linux"):
        return False
    chosen = env.get(CHOSEN)
    if chosen:
        if chosen != KEEP:
            env["QT_IM_MODULE"] = chosen
            env.pop("QT_IM_MODULES", None)
        return False
    if "IBUS_USE_PORTAL" in env or not _reachable(env):
        return False
    here = plugins if plugins is not None else available()
    wanted = [each for each in (env.get("QT_IM_MODULES") or env.get("QT_IM_MODULE") or "").split(";") if each]
    works = next((each for each in wanted if each in here), None)
    if works not in (None, "ibus"):
        return False
    if not _come_up(owned or _portal_owned, patient=works is None and _asks_for_fcitx(env)):
        return False
    env["QT_IM_MODULE"], env["IBUS_USE_PORTAL"] = "ibus", "1"
    env.pop("QT_IM_MODULES", None)  # it outranks the other
    return True


def _reachable(env: MutableMapping[str, str]) -> bool:
    """Tell whether there is a session bus that Qt will find too: it looks at the address alone."""
    return bool(env.get("DBUS_SESSION_BUS_ADDRESS"))


def _portal_owned() -> bool | None:
    from app.launching.session_bus import has_owner

    return has_owner(PORTAL)


def _come_up(owned: Callable[[], bool | None], *, patient: bool) -> bool:
    """Tell whether the portal is there; ``patient``: whether it is worth waiting for, right after the login."""
    found = owned()
    if found is False and patient:
        from shutil import which
        from time import monotonic, sleep  # before there is a window

        end = monotonic() + COMING_UP_SECONDS
        while found is False and which("fcitx5") is not None and monotonic() < end:
            sleep(0.1)
            found = owned()
    return bool(found)


def _asks_for_fcitx(env: MutableMapping[str, str]) -> bool:
    asked = f"{env.get('QT_IM_MODULES', '')};{env.get('QT_IM_MODULE', '')};{env.get('XMODIFIERS', '')}"
    return "fcitx" in asked


def available() -> frozenset[str]:
    """Return the input plugins that this Qt can load: those it ships with, and those of ``QT_PLUGIN_PATH``."""
    from importlib.util import find_spec

    spec = find_spec("PySide6")
    roots = [Path(where) / "Qt" / "plugins" for where in (spec.submodule_search_locations or ())] if spec else []
    roots += [Path(where) for where in os.environ.get("QT_PLUGIN_PATH", "").split(os.pathsep) if where]
    found = set[str]()
    for root in roots:
        for file in (root / "platforminputcontexts").glob("lib*platforminputcontextplugin.so"):
            found.add(file.name.removeprefix("lib").removesuffix("platforminputcontextplugin.so"))
    return frozenset(found) or _SHIPPED


def describe(environ: MutableMapping[str, str] | None = None) -> str | None:
    """Return which way Chinese will be typed (``portal``, ``ibus`` or another plugin's name); None: none was found."""
    env = dict(os.environ if environ is None else environ)
    if prepare(env):
        return "portal"
    wanted = [each for each in (env.get("QT_IM_MODULES") or env.get("QT_IM_MODULE") or "").split(";") if each]
    return next((each for each in wanted if each in available() and each != "compose"), None)
