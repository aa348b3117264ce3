#!/bin/sh
# What "make run" opens: the desktop with a sample station, or, where there is no screen, the demo in build/demo.
set -eu
cd "$(dirname -- "$0")/.."

has_screen() {
    [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] || return 1
    case "${QT_QPA_PLATFORM:-}" in offscreen* | minimal* | vnc*) return 1 ;; esac
    .venv/bin/python -c 'from PySide6.QtGui import QGuiApplication as App; App([])' >/dev/null 2>&1
}

if has_screen; then
    exec .venv/bin/doorstep --sample "$@"
fi
printf '%s\n' "没有可用的屏幕，改为演示一个柜台的一天 · no usable screen: playing the demo instead, see build/demo" >&2
mkdir -p build/demo
QT_QPA_PLATFORM=offscreen exec .venv/bin/doorstep demo --out build/demo
