"""Asks an X11 window manager for the front, as a pager does.

Qt asks as a program, with the time of its own last key: window managers that guard the focus then only mark the window
in the bar. The wish is the person's, who just started the program, and the message says so (EWMH, _NET_ACTIVE_WINDOW,
source 2).
"""

from __future__ import annotations

import ctypes
import logging
import re

log = logging.getLogger(__name__)

_CLIENT_MESSAGE = 33
_REDIRECT_AND_NOTIFY = (1 << 20) | (1 << 19)
_FROM_THE_PERSON = 2


class _Message(ctypes.Structure):
    """XClientMessageEvent, as long as every XEvent."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("serial", ctypes.c_ulong),
        ("send_event", ctypes.c_int),
        ("display", ctypes.c_void_p),
        ("window", ctypes.c_ulong),
        ("message_type", ctypes.c_ulong),
        ("format", ctypes.c_int),
        ("values", ctypes.c_long * 5),
        ("rest", ctypes.c_long * 16),
    )


def ask_window_manager(window: int, startup_id: str) -> bool:
    """Send the wish; tell whether it could be sent. ``startup_id`` ends in the time of the click, if there was one."""
    try:
        x = ctypes.CDLL("libX11.so.6")
    except OSError:
        return False
    x.XOpenDisplay.restype = ctypes.c_void_p
    x.XOpenDisplay.argtypes = [ctypes.c_char_p]
    x.XInternAtom.restype = ctypes.c_ulong
    x.XInternAtom.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int]
    x.XDefaultRootWindow.restype = ctypes.c_ulong
    x.XDefaultRootWindow.argtypes = [ctypes.c_void_p]
    x.XSendEvent.argtypes = [ctypes.c_void_p, ctypes.c_ulong, ctypes.c_int, ctypes.c_long, ctypes.c_void_p]
    x.XCloseDisplay.argtypes = [ctypes.c_void_p]
    display = x.XOpenDisplay(None)
    if not display:
        return False
    try:
        clicked = re.search(r"_TIME(\d+)$", startup_id)
        message = _Message(type=_CLIENT_MESSAGE, send_event=1, display=display, window=window, format=32)
        message.message_type = x.XInternAtom(display, b"_NET_ACTIVE_WINDOW", 0)
        message.values[0] = _FROM_THE_PERSON
        message.values[1] = int(clicked[1]) if clicked else 0
        root = x.XDefaultRootWindow(display)
        sent: int = x.XSendEvent(display, root, 0, _REDIRECT_AND_NOTIFY, ctypes.byref(message))
    finally:
        x.XCloseDisplay(display)  # sends what waits
    return bool(sent)
